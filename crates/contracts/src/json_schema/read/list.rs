//! Lists: `array` and its items.

use std::sync::Arc;

use tenon_document::Node;
use tenon_model::{Kind, Shape, shape::List};

use super::{Reader, Schema};

impl<'d> Reader<'d> {
    pub(super) fn list(&mut self, node: &'d Node) -> Schema {
        let item = match node.get("items") {
            None => Schema::of(Shape::ANY),
            Some(items) if items.as_list().is_some() => {
                let message = "`items` is a list, which describes a tuple".to_owned();
                self.unsupported(items, message, "describe all items by one schema, or use an object");
                Schema::unknown()
            }
            Some(items) => self.schema(items, None),
        };
        let list = List {
            item: item.shape,
            length: self.length(node, "minItems", "maxItems"),
            unique: self.flag(node, "uniqueItems"),
        };
        Schema { sensitivity: item.sensitivity, ..Schema::of(Shape::of(Kind::List(Arc::new(list)))) }
    }
}
