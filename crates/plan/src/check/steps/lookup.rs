//! `lookup: { table, key, as, missing }`.

use tenon_document::Node;
use tenon_errors::catalogue::delivery::LOOKUP_MISSED;
use tenon_mapping::Type;
use tenon_model::Shape;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{
    Kind, Lowering, reject,
    table_key::{self, Absent},
};
use crate::{Lookup, Missing, StepKind, check::variables, parse::Object};

const KEY: Key = Key::optional("lookup", Value::Object(&SPEC), "", "Adds the row of a table under a name.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static SPEC: Spec = Spec {
    name: "lookup step",
    doc: "Adds the row of a table, found by its key, under a name.",
    keys: &[
        Key::required("table", Value::Reference("table"), "The table."),
        Key::required(
            "key",
            Value::Either(&[Value::Expression, Value::List(&Value::Expression)]),
            "The key of the row: one expression, or a list with one for each column of the table's key.",
        ),
        Key::required("as", Value::Text, "The name of the row for the steps that follow."),
        Key::optional(
            "missing",
            Value::Either(&[Value::Word(&["reject", "none", "retry"]), Value::Variant(&MISSING)]),
            "reject",
            "What happens when there is no such row: the message is rejected, the name stands for null, or the message is retried because the row may still come.",
        ),
    ],
};

static MISSING: Spec = Spec {
    name: "missing object",
    doc: "What happens when there is no such row, with the kind of refusal.",
    keys: &[Key::optional(
        "reject",
        Value::Word(reject::KINDS),
        "",
        "The message is rejected as this kind of refusal, as by a `reject` step.",
    )],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "lookup",
    summary: "Adds the row of a table, found by its key, under a name (content enricher).",
    spec: &SPEC,
    guarantees: &["The rows of many messages are fetched at once."],
    codes: &[&LOOKUP_MISSED],
    example: "lookup: { table: customers, key: order.customer, as: customer, missing: reject }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    node.entries()?;
    let object = Object::new(node);
    let table = object.get("table").and_then(|node| lowering.names.tables.find(node, lowering.context));
    let kind = object.object("missing").and_then(|missing| missing.text("reject"));
    let missing = match object.text("missing").as_deref() {
        Some("none") => Missing::None,
        Some("retry") => Missing::Retry,
        _ => Missing::Reject,
    };
    let code = if kind.is_some() { reject::code(kind.as_deref()) } else { &LOOKUP_MISSED };
    let absent = match missing {
        Missing::Retry => Absent::NeverFound,
        Missing::Reject | Missing::None => Absent::FindsNothing,
    };
    let key = match (&table, object.get("key")) {
        (Some(table), Some(node)) => table_key::of(node, table, absent, lowering),
        _ => None,
    };
    let name = object.get("as").and_then(|node| variables::name(node, lowering.context))?;
    let row = table.as_ref().map_or_else(variables::unknown, |table| {
        let shape = Shape::clone(&table.contract.shape);
        Type::of(if missing == Missing::None { shape.nullable() } else { shape })
    });
    let slot = lowering.variables.add(name, row);
    Some(StepKind::Lookup(Lookup { table: table?, key: key?, slot, missing, code }))
}
