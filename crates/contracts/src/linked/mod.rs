//! Documents that refer to each other, as descriptions of APIs do: loaded from the project, never from the network, with every
//! `$ref` followed.

mod access;
mod claims;
mod description;
mod load;
mod locate;
mod merge;

use std::collections::HashMap;

use tenon_document::Node;
use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};

pub(crate) use self::{
    access::Access,
    claims::has_top_key,
    load::load,
    locate::locate,
    merge::{MAX_MERGED, Merged},
};
use crate::json_schema::{self, is_whole};

/// The most references in a row that lead to nothing but another one.
const MAX_HOPS: usize = 32;

/// A description and all documents that it refers to, on any way.
#[derive(Debug)]
pub(crate) struct Linked {
    /// The description first.
    pub(crate) documents: Vec<Loaded>,
    /// Why documents could not be read, by their addresses.
    pub(crate) refused: HashMap<String, Report>,
    by_address: HashMap<String, usize>,
}

/// One document.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What references to it come to: its path in the project, or the whole address of what the project keeps.
    pub(crate) address: String,
    pub(crate) root: Node,
}

impl Linked {
    pub(crate) fn root(&self) -> &Node {
        &self.documents[0].root
    }

    /// The schema `name` among those with names.
    pub(crate) fn schema(&self, name: &str) -> Option<&Node> {
        let components = || self.root().get("components").and_then(|components| components.get("schemas"));
        components().or_else(|| self.root().get("definitions"))?.get(name)
    }

    /// What `node` refers to, until it is no reference; `node` itself where it is none.
    ///
    /// # Errors
    /// `C0001` for what leads nowhere, or in a circle.
    pub(crate) fn follow<'d>(&'d self, node: &'d Node) -> Result<&'d Node, Report> {
        let mut found = node;
        let mut seen: Vec<&Node> = Vec::new();
        while let Some(value) = found.get("$ref") {
            let Some(reference) = value.as_str() else {
                let message = format!("`$ref` is {}, and text is required", value.kind_name());
                return Err(Report::new(&BAD_CONTRACT, message).at(value.place()));
            };
            if seen.iter().any(|it| std::ptr::eq(*it, found)) || seen.len() >= MAX_HOPS {
                let message = "this reference leads back to itself with nothing in between";
                let hint = "refer to what is meant, or remove the reference";
                return Err(Report::new(&BAD_CONTRACT, message).at(value.place()).hint(hint));
            }
            seen.push(found);
            found = self.target(found, reference).map_err(|report| report.at(value.place()))?;
        }
        Ok(found)
    }

    /// What `reference` leads to in the document of `node`.
    ///
    /// # Errors
    /// `C0001` without a place.
    pub(crate) fn target(&self, node: &Node, reference: &str) -> Result<&Node, Report> {
        let (document, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let root = self.document(node, document).ok_or_else(|| self.lost(node, document))?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let message = format!("`{reference}` is not a JSON pointer");
            return Err(Report::new(&BAD_CONTRACT, message).hint("write a pointer: `#/components/...`"));
        }
        json_schema::resolve(root, pointer).ok_or_else(|| {
            let hint = match json_schema::meant(root, pointer) {
                Some(guess) => format!("write `{document}#{guess}`"),
                None => "correct the reference, or add what it refers to".to_owned(),
            };
            Report::new(&BAD_CONTRACT, format!("`{reference}` points to nothing")).hint(hint)
        })
    }

    fn document(&self, node: &Node, document: &str) -> Option<&Node> {
        let file = self.by_file(node);
        if document.is_empty() {
            return file.map(|position| &self.documents[position].root);
        }
        let address = self.address(node, document);
        self.by_address.get(&address).map(|position| &self.documents[*position].root)
    }

    fn by_file(&self, node: &Node) -> Option<usize> {
        self.by_address.get(&**node.file()).copied()
    }

    /// The address that `document` has where `node` names it.
    fn address(&self, node: &Node, document: &str) -> String {
        json_schema::join(node.file(), document)
    }

    fn lost(&self, node: &Node, document: &str) -> Report {
        let address = self.address(node, document);
        let report = Report::new(&BAD_CONTRACT, format!("`{document}` is not a document of this project"));
        match self.refused.get(&address) {
            Some(why) => {
                report.with_details(vec![why.clone()]).hint(why.advice().unwrap_or("correct the reference"))
            }
            None if is_whole(&address) => report.hint(NOT_FETCHED),
            None => report.hint("correct the path, or add the file"),
        }
    }
}

/// What is told of a reference into the network.
const NOT_FETCHED: &str = "nothing is fetched: keep the document in the project, and refer to its path";
