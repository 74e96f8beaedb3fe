//! What share of the descriptions of APIs and of messages in the wild is read, with their types and operations, and why the others are not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tenon_contracts::format::{self, Files, Source, Text};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};

use crate::wild::{REASONS, cache, npm, reason};

/// The packages, pinned so that two runs can be compared.
const PACKAGES: &[(&str, &str)] = &[
    ("GitHub OpenAPI", "@octokit/openapi@23.0.2"),
    ("GitHub OpenAPI of webhooks", "@octokit/openapi-webhooks@12.1.0"),
    ("ReadMe's OpenAPI examples", "@readme/oas-examples@8.2.2"),
    ("Blockfrost OpenAPI", "@blockfrost/openapi@0.1.93"),
    ("AsyncAPI generator", "@asyncapi/generator@2.11.0"),
    ("AsyncAPI studio", "@asyncapi/studio@1.4.2"),
];

/// The files beside a description.
struct Beside(PathBuf);

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Text, Report> {
        let text = fs::read_to_string(self.0.join(path));
        text.map(Text::from).map_err(|error| Report::new(&IO_FAILED, format!("`{path}`: {error}")))
    }
}

/// What was read of a collection.
#[derive(Default)]
struct Count {
    documents: usize,
    read: usize,
    types: usize,
    operations: usize,
    reasons: BTreeMap<String, (usize, String)>,
}

/// Reads the descriptions of every package, and prints what was found.
pub(crate) fn run() -> Result<(), String> {
    for (title, package) in PACKAGES {
        let mut files = Vec::new();
        find(&npm(&cache(), package)?, &mut files)?;
        files.sort();
        let mut count = Count::default();
        files.iter().for_each(|path| describe(path, &mut count));
        report(title, &count);
    }
    Ok(())
}

fn describe(path: &Path, count: &mut Count) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    // Files of other kinds lie beside them.
    let Some(format) = format::of(&file, &text).filter(|it| matches!(it.name(), "OpenAPI" | "AsyncAPI"))
    else {
        return;
    };
    count.documents += 1;
    let files = Beside(path.parent().unwrap_or(Path::new(".")).to_owned());
    match format.read(&Source { file: &file, text: &text, files: &files }) {
        Ok(schema) => {
            count.read += 1;
            count.types += schema.types.len();
            count.operations += schema.operations.len();
        }
        Err(problems) => {
            let all: BTreeSet<String> =
                problems.iter().map(|report| reason(report.code().id, report.message())).collect();
            for reason in all {
                count.reasons.entry(reason).or_insert_with(|| (0, file.to_string())).0 += 1;
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command line tool")]
fn report(title: &str, count: &Count) {
    let Count { documents, read, types, operations, reasons } = count;
    println!(
        "{title}: {read} of {documents} descriptions are read, with {types} types and {operations} operations"
    );
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (reason, (count, example)) in reasons.iter().take(REASONS) {
        println!("  {count:>4}  {reason}  (as in {example})");
    }
}

/// Every file of JSON and YAML in the folder. As deep as the folder, in which links are not followed.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        let kind = entry.file_type().map_err(|error| error.to_string())?;
        let path = entry.path();
        if kind.is_dir() {
            find(&path, found)?;
        } else if kind.is_file()
            && path.extension().is_some_and(|it| it == "json" || it == "yaml" || it == "yml")
        {
            found.push(path);
        }
    }
    Ok(())
}
