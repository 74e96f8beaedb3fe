//! `unique`, `key` and `keyref` as they are written.

use std::sync::Arc;

use super::{At, Reader, XSD};
use crate::{
    xml::{Element as Node, Name},
    xsd::identity::{Identity, Path, Rule},
};

/// The most constraints of a schema, since each is looked at for each element inside of its own.
const MAX_IDENTITIES: usize = 1_000;

impl<'d> Reader<'d> {
    /// The position of what `node` demands; `None` after a problem.
    pub(super) fn identity(&mut self, node: &'d Node, at: At) -> Option<usize> {
        if let Some(known) = self.identity_nodes.get(&std::ptr::from_ref(node)) {
            return Some(*known);
        }
        let Some(name) = node.get("name").filter(|name| crate::xml::is_name(name)) else {
            self.bad(node, format!("the `{}` has no valid `name`", node.name.local), "give it a name");
            return None;
        };
        let name = Name { namespace: self.documents[at.document].target.clone(), local: Arc::from(name) };
        let parts = self.parts(node, &["selector", "field"]);
        let (selectors, fields): (Vec<&Node>, Vec<&Node>) =
            parts.into_iter().partition(|part| part.name.is(XSD, "selector"));
        let ([selector], false) = (&selectors[..], fields.is_empty()) else {
            let message = format!("the `{}` has one `selector` and at least one `field`", node.name.local);
            self.bad(node, message, "write both");
            return None;
        };
        let selector = self.paths(selector, false)?;
        let fields = fields.into_iter().map(|field| self.paths(field, true)).collect::<Option<Vec<_>>>()?;
        let position = self.model.identities.len();
        if position >= MAX_IDENTITIES {
            self.bad(node, format!("the schema has more than {MAX_IDENTITIES} keys"), "split the schema");
            return None;
        }
        let rule = match &*node.name.local {
            "unique" => Rule::Unique,
            "key" => Rule::Key,
            _ => {
                let Some(refer) = node.get("refer") else {
                    self.bad(
                        node,
                        "the `keyref` has no `refer`".to_owned(),
                        "name the key that it refers to",
                    );
                    return None;
                };
                let refer = self.name(node, refer, at)?;
                self.referring.push((position, refer, node));
                // Until every key is known.
                Rule::Refers(position)
            }
        };
        self.identity_nodes.insert(std::ptr::from_ref(node), position);
        if self.identities.insert(name.clone(), position).is_some() {
            self.bad(
                node,
                format!("there are two keys of the name `{name}`"),
                "give one of them another name",
            );
        }
        self.model.identities.push(Identity { rule, name, selector, fields, is_referred: false });
        let message = format!(
            "`{}` (`{}`) is checked where XML is read and written, and nowhere else",
            node.name.local,
            node.get("name").unwrap_or_default()
        );
        self.note(node, message, "check it where the data is kept as well, such as by the key of a table");
        Some(position)
    }

    fn paths(&mut self, node: &'d Node, may_end_in_attribute: bool) -> Option<Vec<Path>> {
        let text = node.get("xpath").unwrap_or_default();
        match Path::read(text, &node.scope, may_end_in_attribute) {
            Ok(paths) => Some(paths),
            Err(why) => {
                self.bad(
                    node,
                    format!("the path `{text}` {why}"),
                    "write steps such as `a/b`, `.//a` or `a/@b`",
                );
                None
            }
        }
    }

    /// Finds what each `keyref` refers to, when every key is known.
    pub(super) fn resolve_references(&mut self) {
        for (position, refer, node) in std::mem::take(&mut self.referring) {
            let identities = &mut self.model.identities;
            let fields = identities[position].fields.len();
            let key = self.identities.get(&refer).copied();
            let message = match key {
                None => format!("there is no key `{refer}`"),
                Some(key) if matches!(identities[key].rule, Rule::Refers(_)) => {
                    format!("`{refer}` is a `keyref` itself")
                }
                Some(key) if identities[key].fields.len() != fields => {
                    format!(
                        "`{refer}` has {} fields, and the `keyref` {fields}",
                        identities[key].fields.len()
                    )
                }
                Some(key) => {
                    identities[key].is_referred = true;
                    identities[position].rule = Rule::Refers(key);
                    continue;
                }
            };
            self.bad(node, message, "refer to a `key` or `unique` with as many fields");
        }
    }
}
