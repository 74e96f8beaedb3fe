//! Regular expressions, in the linear-time syntax of RE2.

use regex::{Regex, RegexBuilder};
use tenon_model::Value;

use super::{
    Answer,
    Form::{Bool, Text},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Failure};

/// The most bytes of a compiled pattern.
const MAX_PATTERN: usize = 1 << 20;
/// What compiling a pattern at run time costs, in steps.
const COMPILING: usize = 2_000;

pub(super) const ALL: &[Function] = &[Function {
    name: "matches",
    doc: "Whether a regular expression (RE2 syntax) matches somewhere in a text.",
    example: "'EWR'.matches('^[A-Z]{3}$')",
    overloads: &[Overload::method(&[Text, Text], Bool), Overload::function(&[Text, Text], Bool)],
    run: Run::Data(matches),
}];

/// Compiles a pattern.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN).build().map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or("it is too large");
        format!("`{pattern}` is not a regular expression: {}", last.trim_start_matches("error: "))
    })
}

fn matches(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::String(text), Value::String(pattern)] = args else { return no_overload() };
    context.budget.spend(COMPILING + pattern.len() * 16 + text.len())?;
    let pattern = compile(pattern).map_err(Failure::Because)?;
    Ok(Value::Bool(pattern.is_match(text)))
}
