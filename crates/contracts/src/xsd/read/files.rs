//! The files of a schema: what is included, imported and redefined.
//!
//! What is included has to be there. What is imported may be missing (XML Schema Part 1, section 4.2.3): then nothing of it can be
//! referred to.

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::{contract::BAD_CONTRACT, project::BAD_SYNTAX},
};

use super::{
    XSD,
    catalogue::{self, Known},
};
use crate::{
    format::{Source, join},
    xml::{Element as Node, XML, parse},
};

/// The most files of a schema.
const MAX_FILES: usize = 1_000;
/// What to do about a file that is elsewhere.
pub(super) const PUT_INTO_PROJECT: &str =
    "put the file into the project, and refer to it by its path from here";

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

/// What was read.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) documents: Vec<Document>,
    pub(super) unread: Vec<Unread>,
    problems: Reports,
}

/// An import of what is not there.
pub(super) struct Unread {
    pub(super) namespace: Option<Arc<str>>,
    pub(super) location: String,
    /// Why it is not read.
    pub(super) why: String,
    pub(super) place: Place,
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
pub(super) fn load(source: &Source<'_>, roots: Vec<(String, Node)>) -> Result<Loaded, Reports> {
    let mut loaded = Loaded::default();
    let mut known: HashSet<(String, Option<Arc<str>>)> = HashSet::new();
    let mut wanted = Vec::new();
    for (file, root) in roots {
        let first = document(root, None, &mut loaded.problems);
        known.insert((file.clone(), first.target.clone()));
        wanted.extend(loaded.references(&first, &file));
        loaded.documents.push(first);
    }
    while let Some(next) = wanted.pop() {
        if !known.insert((next.path.clone(), next.target.clone())) {
            continue;
        }
        if loaded.documents.len() >= MAX_FILES {
            let message = format!("the schema has more than {MAX_FILES} files");
            loaded.problems.push(Report::new(&BAD_CONTRACT, message).at(next.place).hint("split the schema"));
            break;
        }
        let path = next.path.clone();
        if let Some(read) = loaded.file(source, next) {
            wanted.extend(loaded.references(&read, &path));
            loaded.documents.push(read);
        }
    }
    catalogue::ALL.iter().for_each(|known| loaded.add_known(known));
    let has = |unread: &Unread| loaded.documents.iter().any(|it| it.target == unread.namespace);
    let unread = std::mem::take(&mut loaded.unread).into_iter().filter(|it| !has(it)).collect();
    let Loaded { documents, problems, .. } = loaded;
    problems.finish(Loaded { documents, unread, problems: Reports::new() })
}

impl Loaded {
    /// The file that is wanted; `None` where it is told why not.
    fn file(&mut self, source: &Source<'_>, wanted: Wanted) -> Option<Document> {
        let text = match source.files.read(&wanted.path) {
            Ok(text) => text,
            Err(report) if wanted.is_import => {
                let Wanted { path, place, target, .. } = wanted;
                let why = report.message().to_owned();
                self.unread.push(Unread { namespace: target, location: path, why, place });
                return None;
            }
            Err(report) if report.places().is_empty() => {
                self.problems.push(report.at(wanted.place));
                return None;
            }
            Err(report) => {
                self.problems.push(report);
                return None;
            }
        };
        let root = self.problems.take(parse(&wanted.path, &text, &BAD_SYNTAX))?;
        let adopted = wanted.target.clone().filter(|_| !wanted.is_import);
        let read = document(root, adopted, &mut self.problems);
        if read.target == wanted.target {
            return Some(read);
        }
        let found = read.target.as_deref().unwrap_or("none");
        let expected = wanted.target.as_deref().unwrap_or("none");
        let message = format!("`{}` has the namespace `{found}`, and `{expected}` is expected", wanted.path);
        self.problems.push(
            Report::new(&BAD_CONTRACT, message).at(wanted.place).hint("refer to the file of the namespace"),
        );
        None
    }

    /// Adds what everybody knows of a namespace, where it is named and no file of the project describes it.
    fn add_known(&mut self, known: &Known) {
        let is_there = self.documents.iter().any(|it| it.target.as_deref() == Some(known.namespace));
        if is_there || !self.documents.iter().any(|it| names(&it.root, known.namespace)) {
            return;
        }
        let root = self.problems.take(parse(known.file, known.text, &BAD_SYNTAX));
        let read = root.map(|root| document(root, None, &mut self.problems));
        self.documents.extend(read);
    }

    /// The files that a document refers to.
    fn references(&mut self, document: &Document, file: &str) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        let parts = document.root.children.iter();
        for node in parts.filter(|node| node.name.namespace.as_deref() == Some(XSD)) {
            let is_import = match &*node.name.local {
                "import" => true,
                "include" | "redefine" => false,
                _ => continue,
            };
            let namespace: Option<Arc<str>> = node.get("namespace").map(Arc::from);
            let Some(location) = node.get("schemaLocation").map(str::trim) else {
                if !is_import {
                    let message = format!("`{}` says no file", node.name.local);
                    let report = Report::new(&BAD_CONTRACT, message).at(node.place.clone());
                    self.problems.push(report.hint("name a file of the project with `schemaLocation`"));
                }
                // An import without a file lets what is read anyway be referred to.
                continue;
            };
            let target = if is_import { namespace } else { document.target.clone() };
            let place = node.place.clone();
            match join(file, location) {
                Some(path) => wanted.push(Wanted { path, place, target, is_import }),
                None if is_import => {
                    let why = "it leaves the project, and nothing is read from the network".to_owned();
                    self.unread.push(Unread { namespace: target, location: location.to_owned(), why, place });
                }
                None => {
                    let message =
                        format!("`{location}` leaves the project, and nothing is read from the network");
                    let report = Report::new(&BAD_CONTRACT, message).at(place);
                    self.problems.push(report.hint(PUT_INTO_PROJECT));
                }
            }
        }
        wanted.reverse();
        wanted
    }
}

/// Whether a schema imports the namespace, or has a prefix for it. Every document has one for that of `xml`.
fn names(root: &Node, namespace: &str) -> bool {
    let imports = |node: &Node| node.name.is(XSD, "import") && node.get("namespace") == Some(namespace);
    namespace == XML
        || root.scope.binds(namespace)
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
