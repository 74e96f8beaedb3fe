//! Loads a description, and what it refers to on any way.

use std::collections::{HashMap, HashSet};

use tenon_document::{Limits, Node, Tree, parse_within};
use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT};

use super::{Linked, Loaded, NOT_FETCHED};
use crate::{
    format::{self, Files, Source},
    json_schema::{self, is_whole},
};

/// The most documents that one description refers to.
const MAX_DOCUMENTS: usize = 1_000;
/// The most bytes that all of them have.
const MAX_BYTES: usize = 64 << 20;

/// A document that is referred to: its address, and the path that it has in the project.
type Wanted = (String, Option<String>);

/// Loads the description in `source` with all that it refers to.
///
/// # Errors
/// What is wrong with the text of any of them. What is not there is reported where it is used.
pub(crate) fn load(source: &Source<'_>) -> Result<Linked, Reports> {
    let root = parse_within(source.file, source.text, Limits::DESCRIPTION)?;
    let mut linked = Linked { documents: Vec::new(), refused: HashMap::new(), by_address: HashMap::new() };
    let mut problems = Reports::new();
    let mut asked: HashSet<String> = HashSet::from([source.file.to_owned()]);
    let mut bytes = source.text.len();
    let mut wanted = add(&mut linked, source.file.to_owned(), root);
    if let Some(own) = linked.root().get("$self").and_then(Node::as_str).map(str::to_owned) {
        asked.insert(own.clone());
        linked.by_address.insert(own, 0);
    }
    while let Some((address, path)) = wanted.pop() {
        if !asked.insert(address.clone()) {
            continue;
        }
        let read = if linked.documents.len() >= MAX_DOCUMENTS {
            Err(too_many(format!("the description refers to more than {MAX_DOCUMENTS} documents")))
        } else {
            text(source.files, &address, path.as_deref(), &mut bytes)
        };
        match read.map(|(name, text)| parse_within(&name, &text, Limits::DESCRIPTION)) {
            Ok(Ok(root)) => wanted.extend(add(&mut linked, address, root)),
            Ok(Err(reports)) => problems.extend(reports),
            Err(report) => drop(linked.refused.insert(address, report)),
        }
    }
    problems.finish(linked)
}

fn too_many(message: String) -> Report {
    Report::new(&BAD_CONTRACT, message).hint("split the description")
}

/// The name and the text of a document: a metaschema, one that the project keeps, or a file.
fn text(
    files: &dyn Files,
    address: &str,
    path: Option<&str>,
    bytes: &mut usize,
) -> Result<(String, format::Text), Report> {
    if let Some(text) = json_schema::metaschema(address) {
        return Ok((address.to_owned(), text.into()));
    }
    let (name, text) = match (files.kept(address), path) {
        (Some(text), _) => (address.to_owned(), text),
        (None, Some(path)) => (path.to_owned(), files.read(path)?),
        (None, None) if is_whole(address) => {
            let message = format!("`{address}` is an address of the network");
            return Err(Report::new(&BAD_CONTRACT, message).hint(NOT_FETCHED));
        }
        (None, None) => {
            let message = format!("`{address}` leads out of the project");
            return Err(Report::new(&BAD_CONTRACT, message).hint("move the file into the project"));
        }
    };
    *bytes = bytes.saturating_add(text.len());
    if *bytes > MAX_BYTES {
        return Err(too_many(format!(
            "the description and what it refers to have more than {MAX_BYTES} bytes"
        )));
    }
    Ok((name, text))
}

/// Adds a document; what it refers to outside of itself.
fn add(linked: &mut Linked, address: String, root: Node) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    references(&root, &mut |node, reference| {
        let document = reference.split('#').next().unwrap_or_default();
        if !document.is_empty() {
            wanted.push((json_schema::join(node.file(), document), format::join(node.file(), document)));
        }
    });
    let position = linked.documents.len();
    linked.by_address.insert(address.clone(), position);
    linked.by_address.entry(root.file().to_string()).or_insert(position);
    linked.documents.push(Loaded { address, root });
    wanted
}

/// Every reference in the document. As deep as the document is, which is bounded.
fn references(node: &Node, found: &mut impl FnMut(&Node, &str)) {
    match node.tree() {
        Tree::Map(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value.as_str()) {
                    (Some("$ref"), Some(reference)) => found(node, reference),
                    _ => references(value, found),
                }
            }
        }
        Tree::List(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
