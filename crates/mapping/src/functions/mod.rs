//! The functions that expressions can call: one entry each, in ordered constant lists, one list per subject.
//!
//! An entry holds the name, the overloads that the checker chooses from, the evaluator, one sentence of documentation
//! and an example that is true, which the tests run. Adding a function is one entry.

mod aggregates;
mod calendar;
mod conversions;
mod encoders;
mod format;
mod forms;
pub(crate) mod identifiers;
mod lists;
mod local;
mod macros;
mod math;
mod network;
mod optionals;
mod overload;
mod parse;
mod regex;
mod sets;
mod strings;
mod taken;
mod time;
mod zones;

use tenon_model::Value;

pub(crate) use self::{
    conversions::scalar_text as text_of_scalar,
    identifiers::Draw,
    macros::Macro,
    overload::{Form, Overload, Style},
    parse::form_problem,
    regex::{Search, compile as compile_pattern, replacement},
    taken::never_taken,
    time::duration_text,
    zones::zone_problem,
};
use crate::evaluate::{Budget, Context, Failure, Val};

/// A function, method or macro: its name, what it does and an example that the tests run.
#[derive(Debug)]
pub struct Function {
    /// The name as it is called, with its namespace: `size`, `math.greatest`.
    pub name: &'static str,
    /// One sentence: what it gives.
    pub doc: &'static str,
    /// An expression that is true and shows its use.
    pub example: &'static str,
    pub(crate) overloads: &'static [Overload],
    pub(crate) run: Run,
}

impl Function {
    /// Its result for arguments that were evaluated; a macro has none.
    pub(crate) fn apply(&self, arguments: &[Val], context: &mut Context) -> Answer<Val> {
        match self.run {
            Run::Results(run) => run(arguments, context),
            Run::Data(_) | Run::Search(_) | Run::Now | Run::Draw | Run::Macro(_) => no_overload(),
        }
    }

    /// How it may be called, one line per overload: `text.contains(text) -> bool`.
    #[must_use]
    pub fn signatures(&self) -> Vec<String> {
        match self.run {
            Run::Macro(kind) => vec![kind.signature().to_owned()],
            _ => self.overloads.iter().map(|overload| overload.signature(self.name)).collect(),
        }
    }
}

/// How a function is evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    /// On data.
    Data(fn(&[Value], &mut Context) -> Answer<Value>),
    /// On data and on what is not data: optionals and types.
    Results(fn(&[Val], &mut Context) -> Answer<Val>),
    /// By a regular expression, which is compiled once where it is a constant.
    Search(Search),
    /// `now()`, the one function that is no function of its arguments.
    Now,
    /// An id drawn for the message.
    Draw,
    /// By the compiler: its arguments are not values but parts of the expression.
    Macro(Macro),
}

/// What a function's result comes from besides its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The clock: it is another whenever it is asked for.
    Clock,
    /// It is made anew for each message.
    Drawn,
}

impl Run {
    /// What a result comes from besides the arguments.
    pub(crate) fn origin(self) -> Option<Origin> {
        match self {
            Self::Now => Some(Origin::Clock),
            Self::Draw => Some(Origin::Drawn),
            Self::Data(_) | Self::Results(_) | Self::Search(_) | Self::Macro(_) => None,
        }
    }
}

/// What an evaluator gives.
pub(crate) type Answer<T> = Result<T, Failure>;

/// The lists, in the order of the reference.
const LISTS: &[&[Function]] = &[
    macros::ALL,
    conversions::ALL,
    strings::ALL,
    format::ALL,
    regex::ALL,
    math::ALL,
    lists::ALL,
    aggregates::ALL,
    sets::ALL,
    time::ALL,
    local::ALL,
    calendar::ALL,
    parse::ALL,
    optionals::ALL,
    encoders::ALL,
    identifiers::ALL,
    network::ALL,
];

/// Every function, in the order of the reference.
pub fn catalogue() -> impl Iterator<Item = &'static Function> {
    LISTS.iter().copied().flatten()
}

/// The entry of this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    catalogue().find(|function| function.name == name)
}

/// The value that a conversion function makes of a constant.
pub(crate) fn convert(name: &str, value: &Value) -> Answer<Value> {
    let Some(Run::Data(run)) = find(name).map(|function| function.run) else { return no_overload() };
    let budget = Budget::new(crate::evaluate::budget::FOLDING_STEPS);
    run(std::slice::from_ref(value), &mut Context { budget, now: jiff::Timestamp::UNIX_EPOCH })
}

/// How deep a function may go into nested data.
const MAX_NESTING: usize = 64;

fn no_overload<T>() -> Answer<T> {
    Err(Failure::NoOverload)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Expression, Frame, Inline, Scope};

    #[test]
    fn names_are_unique_and_everything_is_documented() {
        let mut seen = BTreeSet::new();
        for function in catalogue() {
            assert!(seen.insert(function.name), "{} is there twice", function.name);
            assert!(function.doc.len() > 10 && function.doc.ends_with('.'), "{}: doc", function.name);
            let last = function.name.rsplit('.').next().unwrap();
            assert!(function.example.contains(last), "{}: the example does not use it", function.name);
            assert!(!function.signatures().is_empty(), "{}: no signature", function.name);
        }
    }

    #[test]
    fn every_example_is_true() {
        let now = "2013-01-01T10:00:00Z".parse().unwrap();
        for function in catalogue() {
            let at = Inline::new(function.name, function.example);
            let expression = Expression::compile(function.example, &at, &Scope::new())
                .unwrap_or_else(|reports| panic!("{}: {reports:?}", function.example));
            let result = expression.evaluate(&Frame::new(Vec::new(), now));
            assert_eq!(result, Ok(Some(Value::Bool(true))), "{}", function.example);
        }
    }
}
