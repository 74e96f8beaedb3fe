//! References: what they lead to is read once, and put in place; only what contains itself is referred to by its name.

use tenon_document::Node;
use tenon_errors::Reports;
use tenon_model::{Named, Str};

use super::{Reader, Schema};
use crate::json_schema::{address::unescaped, draft::Draft, resources::Lost};

/// How far a schema is read.
pub(super) enum State {
    /// It is being read: whoever refers to it now is inside it, and has declared it as a type.
    Open { name: Str, nullable: bool, named: Option<Named> },
    /// It is read, and has so many parts. Where its shape does not say all, whatever is around it has to.
    Read { schema: Schema, parts: usize, is_inexact: bool },
}

impl<'d> Reader<'d> {
    /// The draft that the schema is written in.
    pub(super) fn draft(&self, node: &Node) -> Draft {
        self.resources.list()[self.resources.home(node)].draft
    }

    /// What the `$ref` of `node` leads to.
    pub(super) fn target(&mut self, node: &'d Node) -> Option<&'d Node> {
        let text = self.text(node, "$ref")?;
        let lost = match self.resources.target(node, text) {
            Ok(target) => return Some(target),
            Err(lost) => lost,
        };
        let lost = match lost {
            // Of very many, no pointers are looked for that may be meant.
            Lost::Pointer(start, _) if self.problems.len() >= Reports::MOST_HINTED => {
                Lost::Pointer(start, String::new())
            }
            lost => lost,
        };
        let mut report = lost.report(node.get("$ref").unwrap_or(node));
        if let Lost::Resource(address) = &lost
            && let Some(why) = self.refused.get(address)
        {
            report = report.with_details(vec![why.clone()]);
        }
        self.push(report);
        None
    }
}

/// The name of the definition that a reference leads to: the last part of its pointer.
pub(super) fn name_of(reference: &Node) -> Option<String> {
    let text = reference.get("$ref")?.as_str()?;
    let last = text.rsplit(['/', '#']).next().filter(|last| !last.is_empty())?;
    Some(unescaped(last))
}
