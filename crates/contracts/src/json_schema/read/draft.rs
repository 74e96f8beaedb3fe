//! The `$schema` of a schema: which draft it is written in.

use tenon_document::Node;

use super::Reader;
use crate::json_schema::draft::Draft;

impl<'d> Reader<'d> {
    /// Reports a `$schema` that is no draft that can be read.
    pub(super) fn check_draft(&mut self, node: &'d Node) {
        let Some(address) = self.text(node, "$schema") else { return };
        let value = node.get("$schema").unwrap_or(node);
        match Draft::named(address) {
            Some(Draft::Draft3) => {
                let message = format!("`$schema` names {address}, which is not a supported draft");
                let hint = "write the contract in https://json-schema.org/draft/2020-12/schema";
                self.unsupported(value, message, hint);
            }
            None if self.resources.by_address(address.trim_end_matches('#')).is_none() => {
                let message = format!(
                    "`$schema` names {address}, which is not known, so the schema is read as draft 2020-12"
                );
                self.notes.add(value, message, "name https://json-schema.org/draft/2020-12/schema");
            }
            _ => {}
        }
    }
}
