//! One test: compiled, evaluated, and held against what it wants.

use serde_json::Value as Json;
use tenon_errors::{Report, Reports};
use tenon_mapping::{Expression, Frame, Inline, Scope, Type, messages::Natural};
use tenon_model::{Shape, Str, Value};

use super::{
    failures, types,
    types::Lent,
    values::{are_same, value_of},
};

/// Why a test does not pass.
pub(super) type Outcome = Result<(), String>;

/// Runs a test with the message types that it may name.
pub(super) fn run(case: &Json, lent: &std::sync::Arc<Lent>) -> Outcome {
    let text = case["expr"].as_str().ok_or("no expression")?;
    let (scope, values) = variables(case, lent)?;
    let at = Inline::new("case", text);
    let frame = Frame::new(values, "2024-01-01T00:00:00Z".parse().map_err(|error| format!("{error}"))?);
    let unchecked = || Expression::compile_unchecked(text, &at, &scope);
    let is_checked = case["disable_check"].as_bool() != Some(true);
    let compiled = if is_checked { Expression::compile(text, &at, &scope) } else { unchecked() };
    if let Some(wanted) = case.get("eval_error") {
        return fails(wanted, compiled.err(), unchecked(), &frame);
    }
    let expression = compiled.map_err(|reports| format!("it is refused: {}", said(&reports)))?;
    if let Some(wanted) = case["typed_result"].get("deduced_type") {
        let (wanted, ty) = (types::rendered(wanted), expression.cel_type());
        if wanted != ty {
            return Err(format!("its type is {ty}, not {wanted}"));
        }
    }
    if case["check_only"].as_bool() == Some(true) {
        return Ok(());
    }
    let result = expression.evaluate(&frame);
    let result = result.map_err(|report| format!("it fails: {}", report.message()))?;
    let wanted = case.get("value").or_else(|| case["typed_result"].get("result"));
    let Some(wanted) = wanted else { return is(result, &Value::Bool(true)) };
    is_of_kind(wanted, &expression.cel_type())?;
    is(result, &value_of(lent, wanted)?)
}

fn is(result: Option<Value>, wanted: &Value) -> Outcome {
    match result {
        Some(value) if are_same(&value, wanted) => Ok(()),
        other => Err(format!("it gives {other:?}, not {wanted:?}")),
    }
}

/// What data cannot tell of a result, the checker's type does.
fn is_of_kind(wanted: &Json, ty: &str) -> Outcome {
    let name = match (&wanted["enum_value"]["type"], wanted.get("type_value")) {
        (Json::String(name), _) => name.as_str(),
        (_, Some(_)) => "type",
        _ => return Ok(()),
    };
    if ty == name { Ok(()) } else { Err(format!("its type is {ty}, not {name}")) }
}

/// It has to fail when it is evaluated, whether or not it was refused before, and for the reason that is wanted.
fn fails(
    wanted: &Json,
    refused: Option<Reports>,
    unchecked: Result<Expression, Reports>,
    frame: &Frame,
) -> Outcome {
    let mut reports: Vec<Report> =
        refused.into_iter().flat_map(|reports| reports.iter().cloned().collect::<Vec<_>>()).collect();
    match unchecked.map(|expression| expression.evaluate(frame)) {
        Ok(Ok(value)) => return Err(format!("it gives {value:?} and should fail")),
        Ok(Err(report)) => reports.push(report),
        Err(others) => reports.extend(others.iter().cloned()),
    }
    let messages = wanted["errors"].as_array().into_iter().flatten();
    let messages: Vec<&str> = messages.filter_map(|error| error["message"].as_str()).collect();
    if reports.iter().any(|report| messages.iter().any(|wanted| failures::is(wanted, report))) {
        return Ok(());
    }
    let shown: Vec<String> =
        reports.iter().map(|report| format!("{}: {}", report.code().id, report.message())).collect();
    Err(format!("it fails by {}, not by {messages:?}", shown.join("; ")))
}

fn said(reports: &Reports) -> String {
    reports
        .iter()
        .map(|report| format!("{}: {}", report.code().id, report.message()))
        .collect::<Vec<_>>()
        .join("; ")
}

fn variables(case: &Json, lent: &std::sync::Arc<Lent>) -> Result<(Scope, Vec<Value>), String> {
    let container = case["container"].as_str().unwrap_or_default();
    let mut scope = Scope::new().with_types(lent.clone()).within(container);
    let mut values = Vec::new();
    let mut names: Vec<Str> = Vec::new();
    for variable in case["type_env"].as_array().into_iter().flatten() {
        let name = variable["name"].as_str().ok_or("a variable without a name")?;
        let Some(ty) = variable["ident"].get("type") else {
            return Err(format!("the function `{name}` would be the host's"));
        };
        scope = match ty["message_type"].as_str().filter(|name| Natural::of_name(name).is_none()) {
            Some(message) => scope.with_message(name, message),
            None => scope.with(name, Type::of(shape_of(ty))),
        };
        values.push(Value::Null);
        names.push(name.into());
    }
    for (name, binding) in case["bindings"].as_object().into_iter().flatten() {
        let value = value_of(lent, &binding["value"])?;
        match names.iter().position(|known| known == name) {
            Some(at) => values[at] = value,
            None => {
                scope = scope.with(name.as_str(), Type::of(Shape::ANY));
                values.push(value);
            }
        }
    }
    Ok((scope, values))
}

/// The shape of a variable; what shapes cannot say is left open.
fn shape_of(ty: &Json) -> Shape {
    let Some((kind, inner)) = ty.as_object().and_then(|ty| ty.iter().next()) else { return Shape::ANY };
    match (kind.as_str(), inner.as_str().unwrap_or_default()) {
        ("primitive", "BOOL") => Shape::BOOL,
        ("primitive", "INT64") => Shape::INT,
        ("primitive", "DOUBLE") => Shape::FLOAT,
        ("primitive", "STRING") => Shape::string(),
        ("primitive", "BYTES") => Shape::BYTES,
        ("message_type", "google.protobuf.Timestamp") => Shape::TIMESTAMP,
        ("message_type", "google.protobuf.Duration") => Shape::DURATION,
        ("list_type", _) => Shape::list(shape_of(&inner["elem_type"])),
        _ => Shape::ANY,
    }
}
