//! The files that a contract needs beside its own: where they go, so that it finds them in the project.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use tenon_contracts::{
    format::{Files, NoFiles, join},
    protobuf, xsd,
};
use tenon_errors::Report;

/// The text of a contract, and the files that it refers to, by their paths from where the command runs.
pub struct Together {
    pub text: String,
    pub others: BTreeMap<String, Arc<str>>,
}

/// Protobuf finds imports below each folder around a file: what is imported as `common/money.proto` goes there, from the
/// top of the project.
pub fn protobuf(
    (file, text): (&str, &str),
    read: &BTreeMap<String, Arc<str>>,
    into: &Path,
) -> Option<Together> {
    let texts = std::iter::once((file, text)).chain(read.iter().map(|(path, text)| (path.as_str(), &**text)));
    let imports: Vec<String> = texts.flat_map(|(path, text)| protobuf::imports(path, text)).collect();
    let others = read.iter().map(|(path, text)| {
        let is_it = |import: &&String| path == *import || path.ends_with(&format!("/{import}"));
        let import = imports.iter().filter(is_it).max_by_key(|import| import.len())?;
        Some((top(into)? + import, Arc::clone(text)))
    });
    Some(Together { text: text.to_owned(), others: others.collect::<Option<_>>()? })
}

/// The other files of a schema keep their places to each other, in `schemas/NAME`; the contract refers to them there.
pub fn xsd(
    (file, text): (&str, &str),
    read: &BTreeMap<String, Arc<str>>,
    into: &Path,
    name: &str,
) -> Option<Together> {
    // Files that refer back to the schema would find it under another name.
    if read.contains_key(file) {
        return None;
    }
    let shared = read.keys().map(|path| folder(path)).reduce(|one, other| common(one, other))?;
    let inside = |path: &str| path.get(shared.len()..).map(|rest| rest.trim_start_matches('/').to_owned());
    let mut others = BTreeMap::new();
    for (path, text) in read {
        others.insert(format!("{}schemas/{name}/{}", top(into)?, inside(path)?), Arc::clone(text));
    }
    let text = xsd::relocated(text, &|location| {
        let path = join(file, location).filter(|path| read.contains_key(path))?;
        Some(format!("../../schemas/{name}/{}", inside(&path)?))
    });
    Some(Together { text, others })
}

/// The file and all that it refers to as the files of one folder, and the path of the file there: those of Protobuf lie where they are
/// imported from, others keep their places to each other.
pub fn alone(
    format: &str,
    (file, text): (&str, &Arc<str>),
    read: &BTreeMap<String, Arc<str>>,
) -> (String, BTreeMap<String, Arc<str>>) {
    let together =
        (format == "Protobuf").then(|| protobuf((file, text), read, Path::new("contracts"))).flatten();
    if let Some(Together { mut others, .. }) = together {
        let own = file.rsplit('/').next().unwrap_or(file).to_owned();
        if !others.contains_key(&own) {
            others.insert(own.clone(), Arc::clone(text));
            return (own, others);
        }
    }
    let shared = read.keys().map(|path| folder(path)).fold(folder(file), common);
    let inside = |path: &str| path.get(shared.len()..).unwrap_or(path).trim_start_matches('/').to_owned();
    let mut all: BTreeMap<_, _> = read.iter().map(|(path, text)| (inside(path), Arc::clone(text))).collect();
    all.insert(inside(file), Arc::clone(text));
    (inside(file), all)
}

/// The files of a contract that are not written yet.
pub struct Unwritten<'o>(pub &'o BTreeMap<String, Arc<str>>);

impl Files for Unwritten<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        self.0.get(path).cloned().map_or_else(|| NoFiles.read(path), Ok)
    }
}

/// The project around the folder of the contracts, with a `/` at its end; empty for the current one.
fn top(into: &Path) -> Option<String> {
    let around = into.parent()?.to_string_lossy().replace('\\', "/");
    Some(if around.is_empty() || around.ends_with('/') { around } else { around + "/" })
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder around both.
fn common<'p>(one: &'p str, other: &str) -> &'p str {
    let same = one.split('/').zip(other.split('/')).take_while(|(a, b)| a == b);
    let length: usize = same.map(|(part, _)| part.len() + 1).sum();
    &one[..length.saturating_sub(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_their_places_to_each_other() {
        assert_eq!(common("a/b/c", "a/b/d"), "a/b");
        assert_eq!((common("a/b", "c"), common("", "a"), common("a/b", "a/bc")), ("", "", "a"));
        let read = ["common/types.xsd", "common/more/a.xsd"].map(|path| (path.to_owned(), Arc::from("x")));
        let text =
            r#"<s><include schemaLocation = "../common/types.xsd"/><import schemaLocation='else.xsd'/></s>"#;
        let together = xsd(("shop/order.xsd", text), &read.into(), Path::new("contracts"), "order").unwrap();
        let others: Vec<_> = together.others.into_keys().collect();
        assert_eq!(others, ["schemas/order/more/a.xsd", "schemas/order/types.xsd"]);
        let expected = r#"<s><include schemaLocation = "../../schemas/order/types.xsd"/><import schemaLocation='else.xsd'/></s>"#;
        assert_eq!(together.text, expected);
    }

    #[test]
    fn an_import_goes_to_where_it_is_looked_for() {
        let read = BTreeMap::from([("api/common/money.proto".to_owned(), Arc::from("syntax = \"proto3\";"))]);
        let text = "syntax = \"proto3\"; import \"common/money.proto\";";
        let together = protobuf(("api/shop.proto", text), &read, Path::new("p/contracts")).unwrap();
        assert_eq!(together.others.into_keys().collect::<Vec<_>>(), ["p/common/money.proto"]);
    }
}
