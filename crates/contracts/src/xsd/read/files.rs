//! The files of a schema: what is included, imported and redefined.

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::{contract::BAD_CONTRACT, project::BAD_SYNTAX},
};

use super::XSD;
use crate::{
    format::{Source, join},
    xml::{Element as Node, XML, parse},
};

/// The most files of a schema.
const MAX_FILES: usize = 1_000;

/// The namespace of the types for encoded messages, and the schema of them: descriptions refer to it and seldom bring it along.
const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// What its places say, of which nobody is told: it is not theirs.
pub(super) const ENCODING_FILE: &str = "(types of SOAP's encoding)";
const ENCODING_SCHEMA: &str = include_str!("encoding.xsd");

/// A file of a schema.
pub(super) struct Document {
    pub(super) root: Node,
    /// The namespace of what it declares.
    pub(super) target: Option<Arc<str>>,
    /// Whether it has none of its own and was included by one that has.
    pub(super) is_adopted: bool,
    pub(super) qualified_elements: bool,
    pub(super) qualified_attributes: bool,
}

/// A file that another one refers to.
struct Wanted {
    path: String,
    place: Place,
    /// For an import, the namespace that it says; else the one that the file has to have or takes.
    target: Option<Arc<str>>,
    is_import: bool,
}

/// Reads the schemas `roots`, each with its file, and all that they refer to; they come first.
pub(super) fn load(source: &Source<'_>, roots: Vec<(String, Node)>) -> Result<Vec<Document>, Reports> {
    let mut problems = Reports::new();
    let mut documents = Vec::new();
    let mut known: HashSet<(String, Option<Arc<str>>)> = HashSet::new();
    let mut wanted = Vec::new();
    for (file, root) in roots {
        let first = document(root, None, &mut problems);
        known.insert((file.clone(), first.target.clone()));
        wanted.extend(references(&first, &file, &mut problems));
        documents.push(first);
    }
    while let Some(next) = wanted.pop() {
        if !known.insert((next.path.clone(), next.target.clone())) {
            continue;
        }
        if documents.len() >= MAX_FILES {
            let message = format!("the schema has more than {MAX_FILES} files");
            problems.push(Report::new(&BAD_CONTRACT, message).at(next.place).hint("split the schema"));
            break;
        }
        let text = source.files.read(&next.path).map_err(|report| {
            if report.places().is_empty() { report.at(next.place.clone()) } else { report }
        });
        let root = text.and_then(|text| parse(&next.path, &text, &BAD_SYNTAX));
        let Some(root) = problems.take(root) else { continue };
        let adopted = next.target.clone().filter(|_| !next.is_import);
        let read = document(root, adopted, &mut problems);
        if read.target != next.target {
            let found = read.target.as_deref().unwrap_or("none");
            let wanted = next.target.as_deref().unwrap_or("none");
            let message = format!("`{}` has the namespace `{found}`, and `{wanted}` is expected", next.path);
            problems.push(
                Report::new(&BAD_CONTRACT, message).at(next.place).hint("refer to the file of the namespace"),
            );
            continue;
        }
        wanted.extend(references(&read, &next.path, &mut problems));
        documents.push(read);
    }
    let is_there = documents.iter().any(|it| it.target.as_deref() == Some(ENCODING));
    if !is_there && documents.iter().any(|it| names(&it.root, ENCODING)) {
        let root = problems.take(parse(ENCODING_FILE, ENCODING_SCHEMA, &BAD_SYNTAX));
        let read = root.map(|root| document(root, None, &mut problems));
        documents.extend(read);
    }
    problems.finish(documents)
}

/// Whether a schema imports the namespace, or has a prefix for it.
fn names(root: &Node, namespace: &str) -> bool {
    let imports = |node: &Node| node.name.is(XSD, "import") && node.get("namespace") == Some(namespace);
    root.scope.binds(namespace)
        || root.children.iter().any(|node| imports(node) || node.scope.binds(namespace))
}

fn document(root: Node, adopted: Option<Arc<str>>, problems: &mut Reports) -> Document {
    let mut bad = |message: String, hint: &str| {
        problems.push(Report::new(&BAD_CONTRACT, message).at(root.place.clone()).hint(hint));
    };
    if !root.name.is(XSD, "schema") {
        bad(
            format!("the document is `{}` and no schema", root.name),
            "begin it with `xs:schema` of the namespace http://www.w3.org/2001/XMLSchema",
        );
    }
    let mut qualified = |name: &str| match root.get(name) {
        None | Some("unqualified") => false,
        Some("qualified") => true,
        Some(other) => {
            bad(format!("`{name}` is {other:?}"), "write qualified or unqualified");
            false
        }
    };
    let (qualified_elements, qualified_attributes) =
        (qualified("elementFormDefault"), qualified("attributeFormDefault"));
    let own = root.get("targetNamespace").map(Arc::from);
    let is_adopted = own.is_none() && adopted.is_some();
    Document { target: own.or(adopted), root, is_adopted, qualified_elements, qualified_attributes }
}

fn references(document: &Document, file: &str, problems: &mut Reports) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for node in document.root.children.iter().filter(|node| node.name.namespace.as_deref() == Some(XSD)) {
        let is_import = match &*node.name.local {
            "import" => true,
            "include" | "redefine" => false,
            _ => continue,
        };
        let namespace: Option<Arc<str>> = node.get("namespace").map(Arc::from);
        let Some(location) = node.get("schemaLocation") else {
            if !is_import {
                let message = format!("`{}` says no file", node.name.local);
                problems.push(
                    Report::new(&BAD_CONTRACT, message)
                        .at(node.place.clone())
                        .hint("name a file of the project with `schemaLocation`"),
                );
            }
            // An import without a file lets what is read anyway be referred to.
            continue;
        };
        if is_import
            && matches!(namespace.as_deref(), Some(XML | ENCODING))
            && join(file, location.trim()).is_none()
        {
            continue;
        }
        let Some(path) = join(file, location.trim()) else {
            let message = format!("`{location}` leaves the project, and nothing is read from the network");
            let hint = "put the file into the project, and refer to it by its path from here";
            problems.push(Report::new(&BAD_CONTRACT, message).at(node.place.clone()).hint(hint));
            continue;
        };
        let target = if is_import { namespace } else { document.target.clone() };
        wanted.push(Wanted { path, place: node.place.clone(), target, is_import });
    }
    wanted.reverse();
    wanted
}
