//! The `sets` extension: lists as sets, where order and repetition do not count.

use tenon_model::Value;

use super::{
    Answer,
    Form::{A, Bool, List},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{
    Budget, Context,
    compare::{all, has},
};

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
        run: Run::Data(|args, context| {
            compare(args, context, |a, b, budget| Ok(contains(a, b, budget)? && contains(b, a, budget)?))
        }),
    },
    Function {
        name: "sets.intersects",
        doc: "Whether two lists share an item.",
        example: "sets.intersects([1, 2], [2, 3])",
        overloads: TWO_LISTS,
        run: Run::Data(|args, context| {
            compare(args, context, |a, b, budget| {
                all(b, |item| has(a, item, budget).map(|has| !has)).map(|none| !none)
            })
        }),
    },
];

type Relation = fn(&[Value], &[Value], &mut Budget) -> Answer<bool>;

fn compare(args: &[Value], context: &mut Context, holds: Relation) -> Answer<Value> {
    let [Value::List(a), Value::List(b)] = args else { return no_overload() };
    context.budget.spend((a.len() + 1).saturating_mul(b.len() + 1))?;
    holds(a, b, &mut context.budget).map(Value::Bool)
}

fn contains(a: &[Value], b: &[Value], budget: &mut Budget) -> Answer<bool> {
    all(b, |item| has(a, item, budget))
}
