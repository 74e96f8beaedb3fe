//! `lookup: { table, key, as, missing }`.

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        delivery::LOOKUP_MISSED,
        expression::{ABSENT_VALUE, TYPE_MISMATCH},
        project::BAD_VALUE,
    },
};
use tenon_mapping::{Expression, Type};
use tenon_model::Shape;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{
    Lookup, Missing, StepKind, Table,
    check::{Context, expressions, kinds, variables},
    parse::{Object, read},
};

const KEY: Key = Key::optional("lookup", Value::Object(&SPEC), "", "Adds the row of a table under a name.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower };

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
            Value::Word(&["reject", "none", "retry"]),
            "reject",
            "What happens when there is no such row: the message is rejected, the name stands for null, or the message is retried because the row may still come.",
        ),
    ],
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
    let missing = match object.text("missing").as_deref() {
        Some("none") => Missing::None,
        Some("retry") => Missing::Retry,
        _ => Missing::Reject,
    };
    let key = match (&table, object.get("key")) {
        (Some(table), Some(node)) => key(node, table, missing, lowering),
        _ => None,
    };
    let name = object.get("as").and_then(|node| variables::name(node, lowering.context))?;
    let row = table.as_ref().map_or_else(variables::unknown, |table| {
        let shape = Shape::clone(&table.contract.shape);
        Type::of(if missing == Missing::None { shape.nullable() } else { shape })
    });
    let slot = lowering.variables.add(name, row);
    Some(StepKind::Lookup(Lookup { table: table?, key: key?, slot, missing }))
}

fn key(
    node: &Node,
    table: &Arc<Table>,
    missing: Missing,
    lowering: &mut Lowering<'_, '_>,
) -> Option<Vec<Expression>> {
    let columns: Vec<_> = table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at)).collect();
    let parts = read::items(node);
    if parts.len() != columns.len() {
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        let given =
            if parts.len() == 1 { "1 part is".to_owned() } else { format!("{} parts are", parts.len()) };
        let message = format!("the key of `{}` is [{}], and {given} given", table.name, names.join(", "));
        let hint = format!("write one expression for each of [{}], in that order", names.join(", "));
        lowering.context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(hint));
        return None;
    }
    if !lowering.variables.are_known() {
        return None;
    }
    let mut key = Some(Vec::with_capacity(parts.len()));
    for (part, column) in parts.iter().zip(columns) {
        let expression =
            expressions::compile(part, &lowering.variables.scope, lowering.context).filter(|expression| {
                fits(expression, part, table, &column.name, &column.shape, missing, lowering.context)
            });
        key = key.zip(expression).map(|(mut key, expression)| {
            key.push(expression);
            key
        });
    }
    key
}

/// Whether the value of an expression can be a key: of the column's kind, and there unless its absence finds nothing.
fn fits(
    expression: &Expression,
    node: &Node,
    table: &Table,
    column: &str,
    shape: &Shape,
    missing: Missing,
    context: &mut Context<'_>,
) -> bool {
    let ty = expression.ty();
    if !kinds::comparable(&ty.shape, shape) {
        let message = format!(
            "`{}` is {}, and the key column `{column}` of `{}` is {}",
            expression.text(),
            expressions::described(&ty.shape),
            table.name,
            expressions::described(shape),
        );
        let hint = match kinds::conversion(shape) {
            Some(function) => format!("convert it: `{function}({})`", expression.text()),
            None => format!("name a value that is {}", expressions::described(shape)),
        };
        context.problem(Report::new(&TYPE_MISMATCH, message).at(node.place()).hint(hint));
        return false;
    }
    let absent = ty.optional || (!kinds::is_open(&ty.shape) && kinds::nullable(&ty.shape));
    if absent && missing == Missing::Retry {
        let message = format!("`{}` may be absent, and then no retry would find a row", expression.text());
        let report = Report::new(&ABSENT_VALUE, message).at(node.place());
        context.problem(
            report.hint("write `missing: none` or `missing: reject`, or give the key a value in every case"),
        );
        return false;
    }
    true
}
