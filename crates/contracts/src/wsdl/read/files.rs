//! The files of a description: other descriptions, and the schemas inside of each.

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::{contract::BAD_CONTRACT, project::BAD_SYNTAX},
};

use super::{Definitions, WSDL};
use crate::{
    format::{Source, join},
    xml::{Element as Node, parse},
};

/// The most files of a description, without those of schemas.
const MAX_FILES: usize = 100;
/// The namespace of schemas.
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// What was read.
pub(super) struct Loaded {
    pub(super) definitions: Vec<Definitions>,
    /// The schemas, each with its file.
    pub(super) schemas: Vec<(String, Node)>,
    pub(super) problems: Reports,
}

/// Reads the file and all descriptions that it imports; it comes first.
pub(super) fn load(source: &Source<'_>) -> Result<Loaded, Reports> {
    let mut loaded = Loaded { definitions: Vec::new(), schemas: Vec::new(), problems: Reports::new() };
    let root = parse(source.file, source.text, &BAD_SYNTAX)?;
    if !root.name.is(WSDL, "definitions") {
        let report =
            Report::new(&BAD_CONTRACT, format!("the document is `{}` and no description", root.name));
        let hint = if &*root.name.local == "description" {
            "write it as WSDL 1.1: version 2.0 is not read"
        } else {
            "begin it with `definitions` of the namespace http://schemas.xmlsoap.org/wsdl/"
        };
        return Err(report.at(root.place.clone()).hint(hint).into());
    }
    let mut known = HashSet::from([source.file.to_owned()]);
    let mut wanted = loaded.add(source.file, root);
    while let Some((path, place)) = wanted.pop() {
        if !known.insert(path.clone()) {
            continue;
        }
        if known.len() > MAX_FILES {
            let message = format!("the description has more than {MAX_FILES} files");
            loaded.problems.push(Report::new(&BAD_CONTRACT, message).at(place).hint("join some of them"));
            break;
        }
        let text = source
            .files
            .read(&path)
            .map_err(|report| if report.places().is_empty() { report.at(place.clone()) } else { report });
        let root = text.and_then(|text| parse(&path, &text, &BAD_SYNTAX));
        let Some(root) = loaded.problems.take(root) else { continue };
        if root.name.is(WSDL, "definitions") {
            wanted.extend(loaded.add(&path, root));
        } else if root.name.is(XSD, "schema") {
            // The Basic Profile (R2001) wants schemas imported by schemas, and many import them so all the same.
            loaded.schemas.push((path, root));
        } else {
            let message = format!("`{path}` is `{}`, and neither a description nor a schema", root.name);
            loaded.problems.push(Report::new(&BAD_CONTRACT, message).at(place).hint("import another file"));
        }
    }
    Ok(loaded)
}

impl Loaded {
    /// Adds a description; the result is what it imports, with the places.
    fn add(&mut self, file: &str, mut root: Node) -> Vec<(String, Place)> {
        let mut wanted = Vec::new();
        for node in root.children.iter_mut().filter(|node| node.name.namespace.as_deref() == Some(WSDL)) {
            match &*node.name.local {
                "types" => {
                    for child in std::mem::take(&mut node.children) {
                        if child.name.is(XSD, "schema") {
                            self.schemas.push((file.to_owned(), child));
                        } else if !child.name.is(WSDL, "documentation") {
                            let message = format!("`{}` is not a schema", child.name);
                            let report = Report::new(&BAD_CONTRACT, message).at(child.place);
                            self.problems.push(report.hint("describe the types in XML Schema"));
                        }
                    }
                }
                "import" => {
                    let location = node.get("location").unwrap_or_default().trim();
                    match join(file, location) {
                        Some(path) if !location.is_empty() => wanted.push((path, node.place.clone())),
                        _ => {
                            let message = format!(
                                "`{location}` is not a file of the project, and nothing is fetched from the network"
                            );
                            let hint = "put the file into the project, and refer to it by its path from here";
                            self.problems
                                .push(Report::new(&BAD_CONTRACT, message).at(node.place.clone()).hint(hint));
                        }
                    }
                }
                _ => {}
            }
        }
        let target = root.get("targetNamespace").map(Arc::from);
        self.definitions.push(Definitions { root, target });
        wanted.reverse();
        wanted
    }
}
