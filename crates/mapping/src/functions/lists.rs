//! The `lists` extension.

use tenon_model::Value;

use super::{
    Answer,
    Form::{A, Any, Int, List, Optional},
    Function, MAX_NESTING, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Failure, Val, compare, loops};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "distinct",
        doc: "The items without repetitions, in order of first occurrence.",
        example: "[1, 2, 1].distinct() == [1, 2]",
        overloads: &[Overload::method(&[List(&A)], List(&A))],
        run: Run::Data(distinct),
    },
    Function {
        name: "flatten",
        doc: "The items, with those of lists in it in their place, one level or so many.",
        example: "[1, [2, [3]]].flatten() == [1, 2, [3]] && [1, [2, [3]]].flatten(2) == [1, 2, 3]",
        overloads: &[
            Overload::method(&[List(&Any)], List(&Any)),
            Overload::method(&[List(&Any), Int], List(&Any)),
        ],
        run: Run::Data(flatten),
    },
    Function {
        name: "slice",
        doc: "The items from a position up to but without another.",
        example: "[1, 2, 3, 4].slice(1, 3) == [2, 3]",
        overloads: &[Overload::method(&[List(&A), Int, Int], List(&A))],
        run: Run::Data(slice),
    },
    Function {
        name: "sort",
        doc: "The items in ascending order.",
        example: "[3, 1, 2].sort() == [1, 2, 3]",
        overloads: &[Overload::method(&[List(&A)], List(&A))],
        run: Run::Data(sort),
    },
    Function {
        name: "lists.range",
        doc: "The integers from 0 up to but without a number.",
        example: "lists.range(3) == [0, 1, 2]",
        overloads: &[Overload::function(&[Int], List(&Int))],
        run: Run::Data(range),
    },
    Function {
        name: "first",
        doc: "An optional of the first item.",
        example: "[1, 2].first().value() == 1",
        overloads: &[Overload::method(&[List(&A)], Optional(&A))],
        run: Run::Results(|args, _| end(args, <[Value]>::first)),
    },
    Function {
        name: "last",
        doc: "An optional of the last item.",
        example: "[1, 2].last().value() == 2",
        overloads: &[Overload::method(&[List(&A)], Optional(&A))],
        run: Run::Results(|args, _| end(args, <[Value]>::last)),
    },
];

fn distinct(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::List(items)] = args else { return no_overload() };
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        context.budget.spend(kept.len() + 1)?;
        if !compare::has(&kept, item, &mut context.budget)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn flatten(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (items, levels) = match args {
        [Value::List(items)] => (items, 1),
        [Value::List(items), Value::Int(levels)] => {
            let levels = usize::try_from(*levels)
                .map_err(|_| Failure::because(format!("flatten takes 0 levels or more, not {levels}")))?;
            (items, levels.min(MAX_NESTING))
        }
        _ => return no_overload(),
    };
    let mut flat = Vec::new();
    open(items, levels, &mut flat, context)?;
    Ok(Value::list(flat))
}

fn open(items: &[Value], levels: usize, flat: &mut Vec<Value>, context: &mut Context) -> Result<(), Failure> {
    context.budget.spend(items.len())?;
    for item in items {
        match item {
            Value::List(inner) if levels > 0 => open(inner, levels - 1, flat, context)?,
            other => flat.push(other.clone()),
        }
    }
    Ok(())
}

fn slice(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::List(items), Value::Int(start), Value::Int(end)] = args else { return no_overload() };
    let bounds = usize::try_from(*start).ok().zip(usize::try_from(*end).ok());
    let part = bounds.and_then(|(start, end)| items.get(start..end)).ok_or_else(|| {
        Failure::because(format!("there is no part from {start} to {end} in a list of {}", items.len()))
    })?;
    context.budget.spend(part.len())?;
    Ok(Value::list(part.to_vec()))
}

fn sort(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::List(items)] = args else { return no_overload() };
    context.budget.spend(items.len().saturating_mul(4))?;
    loops::sort_by(items.to_vec(), items)
}

fn range(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::Int(end)] = args else { return no_overload() };
    context.budget.spend(usize::try_from(*end).unwrap_or(0).saturating_mul(4))?;
    Ok(Value::list((0..*end).map(Value::Int).collect()))
}

fn end(args: &[Val], pick: fn(&[Value]) -> Option<&Value>) -> Answer<Val> {
    let [Val::Data(Value::List(items))] = args else { return no_overload() };
    Ok(pick(items).map_or(Val::Absent, |item| Val::Present(item.clone())))
}
