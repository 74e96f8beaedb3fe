//! The `sets` extension: lists as sets, where order and repetition do not count.

use tenon_model::Value;

use super::{
    Answer,
    Form::{A, Bool, List},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, compare::equal};

const TWO_LISTS: &[Overload] = &[Overload::function(&[List(&A), List(&A)], Bool)];

pub(super) const ALL: &[Function] = &[
    Function {
        name: "sets.contains",
        doc: "Whether the first list has every item of the second.",
        example: "sets.contains([1, 2, 3], [3, 1])",
        overloads: TWO_LISTS,
        run: Run::Data(|args, context| compare(args, context, contains)),
    },
    Function {
        name: "sets.equivalent",
        doc: "Whether two lists have the same items.",
        example: "sets.equivalent([1, 2, 2], [2, 1])",
        overloads: TWO_LISTS,
        run: Run::Data(|args, context| compare(args, context, |a, b| contains(a, b) && contains(b, a))),
    },
    Function {
        name: "sets.intersects",
        doc: "Whether two lists share an item.",
        example: "sets.intersects([1, 2], [2, 3])",
        overloads: TWO_LISTS,
        run: Run::Data(|args, context| {
            compare(args, context, |a, b| b.iter().any(|item| a.iter().any(|other| equal(item, other))))
        }),
    },
];

fn compare(args: &[Value], context: &mut Context, holds: fn(&[Value], &[Value]) -> bool) -> Answer<Value> {
    let [Value::List(a), Value::List(b)] = args else { return no_overload() };
    context.budget.spend((a.len() + 1).saturating_mul(b.len() + 1))?;
    Ok(Value::Bool(holds(a, b)))
}

fn contains(a: &[Value], b: &[Value]) -> bool {
    b.iter().all(|item| a.iter().any(|other| equal(item, other)))
}
