//! Tenon's aggregates over lists.

use std::cmp::Ordering;

use tenon_model::Value;

use super::{
    Answer,
    Form::{A, Decimal, Duration, Float, Int, List, Uint},
    Function, Overload, Run, no_overload,
};
use crate::{
    evaluate::{Context, Failure, arithmetic::arithmetic, compare},
    syntax::Binary,
};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "sum",
        doc: "The sum of numbers or durations; zero of an empty list.",
        example: "[1, 2, 3].sum() == 6 && [0.5, 0.25].sum() == 0.75",
        overloads: &[
            Overload::method(&[List(&Int)], Int),
            Overload::method(&[List(&Float)], Float),
            Overload::method(&[List(&Decimal)], Decimal),
            Overload::method(&[List(&Duration)], Duration),
            Overload::method(&[List(&Uint)], Uint),
        ],
        run: Run::Data(sum),
    },
    Function {
        name: "avg",
        doc: "The mean of numbers, a double (of decimals a decimal); fails on an empty list.",
        example: "[1, 2].avg() == 1.5",
        overloads: &[
            Overload::method(&[List(&Int)], Float),
            Overload::method(&[List(&Float)], Float),
            Overload::method(&[List(&Decimal)], Decimal),
        ],
        run: Run::Data(average),
    },
    Function {
        name: "min",
        doc: "The smallest item of a list; fails on an empty one.",
        example: "['b', 'a'].min() == 'a'",
        overloads: &[Overload::method(&[List(&A)], A)],
        run: Run::Data(|args, context| extreme(args, context, Ordering::Less)),
    },
    Function {
        name: "max",
        doc: "The greatest item of a list; fails on an empty one.",
        example: "[1, 3, 2].max() == 3",
        overloads: &[Overload::method(&[List(&A)], A)],
        run: Run::Data(|args, context| extreme(args, context, Ordering::Greater)),
    },
];

/// The items are followed by the zero that the checker chose, so that an empty list of doubles gives a double.
fn sum(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (items, zero) = match args {
        [Value::List(items)] => (items, None),
        [Value::List(items), zero] => (items, Some(zero)),
        _ => return no_overload(),
    };
    context.budget.spend(items.len())?;
    let Some((first, rest)) = items.split_first() else { return Ok(zero.cloned().unwrap_or(Value::Int(0))) };
    if !matches!(first, Value::Duration(_)) && !compare::is_number(first) {
        return no_overload();
    }
    rest.iter().try_fold(first.clone(), |sum, item| arithmetic(Binary::Add, &sum, item, context))
}

fn average(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::List(items)] = args else { return no_overload() };
    if items.is_empty() {
        return Err(Failure::because("an empty list has no mean"));
    }
    let total = sum(args, context)?;
    #[allow(clippy::cast_precision_loss, reason = "a mean is a double")]
    let (total, count) = match total {
        Value::Int(n) => (Value::Float(n as f64), Value::Float(items.len() as f64)),
        Value::Float(n) => (Value::Float(n), Value::Float(items.len() as f64)),
        Value::Decimal(_) => (total, Value::Int(i64::try_from(items.len()).unwrap_or(i64::MAX))),
        _ => return no_overload(),
    };
    arithmetic(Binary::Divide, &total, &count, context)
}

fn extreme(args: &[Value], context: &mut Context, wanted: Ordering) -> Answer<Value> {
    let [Value::List(items)] = args else { return no_overload() };
    context.budget.spend(items.len())?;
    let Some((first, rest)) = items.split_first() else {
        return Err(Failure::because("an empty list has no smallest or greatest item"));
    };
    let mut best = first;
    for item in rest {
        let order = compare::compare(item, best)
            .ok_or_else(|| Failure::because(format!("{item} and {best} have no order")))?;
        if order == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}
