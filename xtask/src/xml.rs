//! How XML documents are judged by their schemas, compared to the test cases of the Python package `xmlschema`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tenon_contracts::{format::Codec, xsd};

use crate::wild::xml::first;
use crate::{
    folder::{Folder, files},
    packages,
    wild::xml,
};

/// The package, pinned so that two runs can be compared.
pub(crate) const XMLSCHEMA: &str = "xmlschema==4.3.2";

/// What is read of the wild, and how documents are judged.
pub(crate) fn run(_: Option<String>) -> Result<(), String> {
    xml::run()?;
    suite()
}

/// Runs the test cases of `xmlschema` for version 1.0: schemas and documents, each of which is right or wrong.
///
/// # Errors
/// What cannot be fetched.
#[expect(clippy::print_stdout, reason = "a command line tool")]
fn suite() -> Result<(), String> {
    let folder = packages::sources(XMLSCHEMA)?;
    let lists =
        files(&folder, &[""])?.into_iter().filter(|path| path.ends_with("tests/test_cases/testfiles"));
    let list = lists.into_iter().next().ok_or("the package has no list of test cases")?;
    let cases = list.parent().unwrap_or(&folder).to_owned();
    let text = fs::read_to_string(&list).map_err(|error| error.to_string())?;
    let (mut total, mut right, mut differences) = (0, 0, Vec::new());
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        let Some(case) = Case::of(line, &cases) else { continue };
        total += 1;
        let found = case.run(&cases);
        match (&found, case.is_valid) {
            (Ok(()), true) | (Err(_), false) => right += 1,
            (Ok(()), false) => differences.push(format!("{}: accepted", case.name)),
            (Err(why), true) => differences.push(format!("{}: {why}", case.name)),
        }
    }
    println!("xmlschema: {right} of {total} as its authors say");
    differences.iter().for_each(|difference| println!("  {difference}"));
    Ok(())
}

/// A schema or a document, and whether it is right.
struct Case {
    name: String,
    path: PathBuf,
    is_valid: bool,
}

impl Case {
    /// The case of a line; `None` for those of version 1.1, of locations of their own, and of files that are not there.
    fn of(line: &str, folder: &Path) -> Option<Self> {
        let (name, options) = line.split_once(' ').unwrap_or((line, ""));
        let path = folder.join(name);
        if name.is_empty() || options.contains("1.1") || options.contains("-L") || !path.is_file() {
            return None;
        }
        let errors = options.split("--errors").nth(1).unwrap_or("0");
        let errors: String =
            errors.trim_start_matches(['=', ' ']).chars().take_while(char::is_ascii_digit).collect();
        Some(Self { name: name.to_owned(), path, is_valid: errors.is_empty() || errors == "0" })
    }

    fn run(&self, folder: &Path) -> Result<(), String> {
        let files = Folder(folder.to_owned());
        if self.path.extension().is_some_and(|it| it == "xsd") {
            return files
                .read_file(&self.path, xsd::Document::read)
                .map(drop)
                .map_err(|problems| first(&problems));
        }
        let bytes = fs::read(&self.path).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes);
        let locations =
            attribute(&text, "noNamespaceSchemaLocation").or_else(|| attribute(&text, "schemaLocation"));
        let locations = locations.ok_or("the document names no schema")?;
        let beside = self.path.parent().unwrap_or(folder);
        let schema = locations.split_whitespace().map(|it| beside.join(it)).find(|path| path.is_file());
        let schema = schema.ok_or("the schema of the document is not there")?;
        let document = files
            .read_file(&schema, xsd::Document::read)
            .map_err(|problems| format!("its schema: {}", first(&problems)))?;
        let codec = document.codec(root(&text)).map_err(|report| report.message().to_owned())?;
        codec
            .decode(&bytes)
            .map(drop)
            .map_err(|report| report.details().first().unwrap_or(&report).message().to_owned())
    }
}

/// The value of the first attribute with this local name.
fn attribute<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let after = text.split(&format!(":{name}=")).nth(1)?;
    let quote = after.chars().next()?;
    after[1..].split(quote).next()
}

/// The local name of the first element.
pub(crate) fn root(text: &str) -> &str {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = rest.split_once("-->").map_or("", |(_, rest)| rest);
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            rest = &rest[1..];
        } else {
            let name = rest[1..]
                .split(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
                .next()
                .unwrap_or_default();
            return name.rsplit(':').next().unwrap_or_default();
        }
    }
    ""
}
