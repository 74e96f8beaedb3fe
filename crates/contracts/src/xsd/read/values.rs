//! Values of attributes of schemas.

use super::{At, Reader};
use crate::{xml::Element as Node, xsd::ways::Ways};

impl Reader<'_> {
    /// The bool of attribute `name`; false if it is not there.
    pub(super) fn flag(&mut self, node: &Node, name: &str) -> bool {
        match node.get(name).map(str::trim) {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(other) => {
                self.bad(node, format!("`{name}` is {other:?}"), "write true or false");
                false
            }
        }
    }

    /// The ways that the attribute `name` (`block`, `final`) of `node` lists, of those that may be; the schema may say it for all.
    pub(super) fn ways(&mut self, node: &Node, name: &str, may_be: Ways, at: At) -> Ways {
        let own = node.get(name);
        let of_all = || self.documents[at.document].root.get(&format!("{name}Default"));
        let Some(text) = own.or_else(of_all) else { return Ways::NONE };
        let mut ways = Ways::NONE;
        for word in text.split_ascii_whitespace() {
            match Ways::of_name(word) {
                Some(way) if own.is_none() || may_be.meets(way) => ways = ways | way.within(may_be),
                None if word == "#all" => ways = may_be,
                _ => self.bad(
                    node,
                    format!("`{name}` has the word {word:?}"),
                    "write #all, or names of ways of derivation",
                ),
            }
        }
        ways
    }
}
