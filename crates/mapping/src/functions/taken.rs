//! Arguments that a function takes from nobody, whatever the others are.

use tenon_model::{Instant, Value};

use super::{Function, Run, format::template_problem};
use crate::evaluate::{Budget, Context, Failure, budget};

/// Makes the arguments of a call.
type Arguments = fn() -> Vec<Value>;

/// Calls, each with arguments that any other argument goes well with if it is taken at all.
const TAKEN: &[(&str, Arguments)] = &[
    ("round", || vec![Value::Float(0.0), Value::Int(0)]),
    ("math.bitShiftLeft", || vec![Value::Int(0), Value::Int(0)]),
    ("math.bitShiftRight", || vec![Value::Int(0), Value::Int(0)]),
    ("flatten", || vec![Value::list(Vec::new()), Value::Int(0)]),
    ("uuid5", || vec![Value::from("dns"), Value::from("")]),
    ("localTimestamp", || vec![Value::from("2000-01-01"), Value::Int(0), Value::from("UTC")]),
    ("nextLocalTime", || vec![Value::Timestamp(epoch()), Value::Int(0), Value::from("UTC")]),
];

/// Calls with positions in what comes first.
const WITH_POSITIONS: &[(&str, &[usize])] =
    &[("charAt", &[1]), ("indexOf", &[2]), ("lastIndexOf", &[2]), ("substring", &[1, 2]), ("slice", &[1, 2])];

fn epoch() -> Instant {
    Instant::from_second(0).unwrap_or(Instant::MIN)
}

/// Which of the arguments fails whatever those are that are not known, and why.
///
/// `items` is how many items the last argument has, where that is known.
pub(crate) fn never_taken(
    function: &Function,
    arguments: &[Option<&Value>],
    items: Option<usize>,
) -> Option<(usize, String)> {
    if let Some((_, good)) = TAKEN.iter().find(|(name, _)| *name == function.name) {
        return refused(function, &good(), arguments);
    }
    if function.name == "format" {
        let Some(Value::String(template)) = arguments.first().copied().flatten() else { return None };
        return template_problem(template, items).map(|message| (0, message));
    }
    let (_, positions) = WITH_POSITIONS.iter().find(|(name, _)| *name == function.name)?;
    let position = |at: usize| match arguments.get(at) {
        Some(Some(Value::Int(n))) => Some((at, *n)),
        _ => None,
    };
    let known: Vec<(usize, i64)> = positions.iter().copied().filter_map(position).collect();
    if let Some((at, n)) = known.iter().find(|(_, n)| *n < 0) {
        return Some((*at, format!("position {n} is before the start")));
    }
    match known[..] {
        [(_, start), (at, end)] if start > end => Some((at, "the end is before the start".to_owned())),
        _ => None,
    }
}

/// The first argument with which the call fails though all others are good.
fn refused(function: &Function, good: &[Value], arguments: &[Option<&Value>]) -> Option<(usize, String)> {
    let Run::Data(run) = function.run else { return None };
    arguments.iter().enumerate().find_map(|(at, argument)| {
        let mut all = good.to_vec();
        *all.get_mut(at)? = Value::clone((*argument)?);
        let budget = Budget::new(budget::FOLDING_STEPS);
        match run(&all, &mut Context { budget, now: jiff::Timestamp::UNIX_EPOCH }) {
            Err(Failure::Because(message)) => Some((at, message)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::find;

    #[test]
    fn the_calls_are_calls_that_go_well() {
        for (name, good) in TAKEN {
            let function = find(name).unwrap();
            let Run::Data(run) = function.run else { panic!("{name}") };
            let budget = Budget::new(budget::FOLDING_STEPS);
            let result = run(&good(), &mut Context { budget, now: jiff::Timestamp::UNIX_EPOCH });
            assert!(result.is_ok(), "{name}");
        }
        for (name, positions) in WITH_POSITIONS {
            let overloads = find(name).unwrap().overloads;
            let takes = |at: usize| (at + 1..4).any(|count| overloads.iter().any(|it| it.takes_count(count)));
            assert!(positions.iter().all(|at| takes(*at)), "{name}");
        }
    }
}
