//! `delete: { from, key }`.

use tenon_document::Node;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering, table_key};
use crate::{Delete, StepKind, parse::Object};

const KEY: Key = Key::optional("delete", Value::Object(&SPEC), "", "Removes the row of a key from a table.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static SPEC: Spec = Spec {
    name: "delete step",
    doc: "Removes the row of a key from a table.",
    keys: &[
        Key::required("from", Value::Reference("table"), "The table."),
        Key::required(
            "key",
            Value::Either(&[Value::Expression, Value::List(&Value::Expression)]),
            "The key of the row: one expression, or a list with one for each column of the table's key.",
        ),
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "delete",
    summary: "Removes the row of a key from a table.",
    spec: &SPEC,
    guarantees: &[
        "The row is gone, durably, before the message's source is acknowledged.",
        "Where there is no such row, nothing happens.",
    ],
    codes: &[],
    example: "delete: { from: orders, key: order.id }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    node.entries()?;
    let object = Object::new(node);
    let table = object.get("from").and_then(|node| lowering.names.tables.find(node, lowering.context))?;
    let key = table_key::of(object.get("key")?, &table, table_key::Absent::Refused, lowering)?;
    Some(StepKind::Delete(Delete { table, key }))
}
