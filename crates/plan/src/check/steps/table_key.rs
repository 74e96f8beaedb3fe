//! The key of a row, as expressions: of the kinds of the table's key columns.

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        expression::{ABSENT_VALUE, TYPE_MISMATCH},
        project::BAD_VALUE,
    },
};
use tenon_mapping::Expression;
use tenon_model::Shape;

use super::Lowering;
use crate::{
    Table,
    check::{Context, expressions, kinds},
    parse::read,
};

/// What it means that a part of a key is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// There is no row.
    FindsNothing,
    /// There is no row, and waiting for one would never end.
    NeverFound,
    /// It must not be.
    Refused,
}

/// The expressions in `node`, one for each column of the key of `table`.
pub(super) fn of(
    node: &Node,
    table: &Arc<Table>,
    absent: Absent,
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
                fits(expression, part, table, &column.name, &column.shape, absent, lowering.context)
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
    absent: Absent,
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
        let hint = match kinds::conversion(shape).filter(|_| kinds::scalar(&ty.shape).is_some()) {
            Some(function) => format!("convert it: `{function}({})`", expression.text()),
            None => format!("name a value that is {}", expressions::described(shape)),
        };
        context.problem(Report::new(&TYPE_MISMATCH, message).at(node.place()).hint(hint));
        return false;
    }
    let may_be_absent = ty.optional || (!kinds::is_open(&ty.shape) && ty.shape.allows_null());
    let (why, hint) = match absent {
        Absent::FindsNothing => return true,
        Absent::NeverFound => (
            "then no retry would find a row",
            "write `missing: none` or `missing: reject`, or give the key a value in every case",
        ),
        Absent::Refused => ("a key must be present", "give the key a value in every case"),
    };
    if may_be_absent {
        let message = format!("`{}` may be absent, and {why}", expression.text());
        context.problem(Report::new(&ABSENT_VALUE, message).at(node.place()).hint(hint));
    }
    !may_be_absent
}
