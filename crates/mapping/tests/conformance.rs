//! The conformance tests of cel-spec, where they are present beside the checkout.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test runner: what is malformed here is the test data"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::Engine as _;
use serde_json::Value as Json;
use tenon_mapping::{Expression, Frame, Inline, Scope, Type};
use tenon_model::{Key, Kind, Map, Shape, Value};

/// How many cases there are in all.
const CASES: usize = 2_456;
/// How many of them need what is [`PROTOBUF`].
const SKIPPED: usize = 731;
/// What does not pass, by file and case, and why. Everything else has to.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("network_ext", "*", "there are no network addresses"),
    ("block_ext", "*", "`cel.block` is what optimizers write, not people"),
    ("optionals", "map_optional_has", HOLDS_DATA),
    ("optionals", "map_optional_select_has", HOLDS_DATA),
    ("type_deduction", "optional_none", HOLDS_DATA),
    ("type_deduction", "optional_none_2", HOLDS_DATA),
    ("type_deduction", "optional_dyn_promotion", HOLDS_DATA),
    ("type_deduction", "optional_dyn_promotion_2", HOLDS_DATA),
    ("type_deduction", "null_assignable_to_abstract_parameter_candidate", HOLDS_DATA),
    ("string_ext", "type() support for string", HOLDS_DATA),
    // An item that is an integer or a text has no remainder until a test of its type says which of them it is: the checker
    // says so, where CEL lets each message find out.
    ("macros2", "list_elem_type_exhaustive", "an operator takes every shape that its operand may have"),
    ("timestamps", "sub_time_duration_over", LONG),
    ("timestamps", "sub_time_duration_under", LONG),
];
const LONG: &str = "lengths have the range of google.protobuf.Duration, not that of 64 bits of nanoseconds";
const HOLDS_DATA: &str = "lists and maps hold data, which optionals and types are not";
/// Features that need Protobuf message types or a container, which Tenon does not have.
const PROTOBUF: &[&str] =
    &["TestAllTypes", "google.protobuf.", "NestedTestAllTypes", "GlobalEnum", "TestRequired", "cel.expr"];

#[derive(Debug, PartialEq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped,
}

#[test]
fn every_case_passes_but_for_the_named_ones() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/cel-spec");
    let folder = std::env::var_os("CEL_SPEC").map_or(folder, PathBuf::from);
    if !folder.is_dir() {
        println!("SKIPPED: {CASES} conformance cases of cel-spec are not at {}", folder.display());
        return;
    }
    let (mut passed, mut skipped, mut failed) = (0, 0, 0);
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (file, cases) in read(&folder) {
        let mut of_file = (0, 0, 0);
        for (section, case) in &cases {
            let name = case["name"].as_str().unwrap_or_default();
            let exception =
                EXCEPTIONS.iter().position(|(of, case, _)| *of == file && (*case == "*" || *case == name));
            match (run(case), exception) {
                (Outcome::Passed, _) => of_file.0 += 1,
                (Outcome::Skipped, _) => of_file.1 += 1,
                (Outcome::Failed(_), Some(exception)) => {
                    of_file.2 += 1;
                    used.insert(exception);
                }
                (Outcome::Failed(why), None) => {
                    wrong.push(format!("{file} {section} {name}: {} -> {why}", case["expr"]));
                }
            }
        }
        println!("{file}: {} passed, {} are excepted, {} need Protobuf", of_file.0, of_file.2, of_file.1);
        (passed, skipped, failed) = (passed + of_file.0, skipped + of_file.1, failed + of_file.2);
    }
    println!("cel-spec: {passed} passed, {failed} are excepted, {skipped} need Protobuf messages");
    assert!(wrong.is_empty(), "cases that passed do not pass any more:\n{}", wrong.join("\n"));
    let idle = (0..EXCEPTIONS.len()).filter(|at| !used.contains(at)).map(|at| EXCEPTIONS[at]);
    assert_eq!(idle.collect::<Vec<_>>(), [], "these pass and are no exceptions");
    assert_eq!(passed + skipped + failed, CASES);
    assert_eq!(skipped, SKIPPED, "the number of cases that need Protobuf messages");
}

fn read(folder: &Path) -> BTreeMap<String, Vec<(String, Json)>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let mut cases = Vec::new();
        for section in file["section"].as_array().into_iter().flatten() {
            let name = section["name"].as_str().unwrap_or_default().to_owned();
            cases.extend(
                section["test"].as_array().into_iter().flatten().map(|case| (name.clone(), case.clone())),
            );
        }
        files.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), cases);
    }
    files
}

fn run(case: &Json) -> Outcome {
    let text = case["expr"].as_str().unwrap();
    if needs_protobuf(case, text) {
        return Outcome::Skipped;
    }
    let Some((scope, values)) = variables(case) else { return Outcome::Skipped };
    let at = Inline::new("case", text);
    let unchecked = case["disable_check"].as_bool() == Some(true);
    let compiled = if unchecked {
        Expression::compile_unchecked(text, &at, &scope)
    } else {
        Expression::compile(text, &at, &scope)
    };
    let fails = case.get("eval_error").is_some();
    let expression = match compiled {
        Ok(expression) => expression,
        Err(reports) => {
            // What is unknown to the parser or the catalogue was not rejected for the right reason.
            let missing = ["M0001", "M0002", "M0004"];
            let wrong = reports.iter().all(|report| missing.contains(&report.code().id));
            return if fails && !wrong { Outcome::Passed } else { Outcome::Failed(format!("{reports:?}")) };
        }
    };
    if let Some(deduced) = case["typed_result"].get("deduced_type")
        && !is_deduced(expression.ty(), deduced)
    {
        return Outcome::Failed(format!("the type is {:?}, not {deduced}", expression.ty()));
    }
    if case["check_only"].as_bool() == Some(true) {
        return Outcome::Passed;
    }
    let result = expression.evaluate(&Frame::new(values, "2024-01-01T00:00:00Z".parse().unwrap()));
    if fails {
        return if result.is_err() {
            Outcome::Passed
        } else {
            Outcome::Failed(format!("no error but {result:?}"))
        };
    }
    let wanted = case.get("value").or_else(|| case["typed_result"].get("result"));
    let wanted = wanted.map_or(Some(Value::Bool(true)), value_of);
    match (result, wanted) {
        (_, None) => Outcome::Skipped,
        (Ok(Some(value)), Some(wanted)) if same(&value, &wanted) => Outcome::Passed,
        (result, Some(wanted)) => Outcome::Failed(format!("{result:?}, not {wanted:?}")),
    }
}

fn needs_protobuf(case: &Json, text: &str) -> bool {
    let known = ["google.protobuf.Timestamp", "google.protobuf.Duration"];
    let text = known.iter().fold(text.to_owned(), |text, known| text.replace(known, ""));
    case.get("container").is_some() || PROTOBUF.iter().any(|word| text.contains(word))
}

fn variables(case: &Json) -> Option<(Scope, Vec<Value>)> {
    let mut scope = Scope::new();
    let mut values = Vec::new();
    let mut names = Vec::new();
    for variable in case["type_env"].as_array().into_iter().flatten() {
        let name = variable["name"].as_str()?;
        let shape = shape_of(variable["ident"].get("type")?)?;
        scope = scope.with(name, Type::of(shape));
        values.push(Value::Null);
        names.push(name.to_owned());
    }
    for (name, binding) in case["bindings"].as_object().into_iter().flatten() {
        let value = value_of(binding.get("value")?)?;
        match names.iter().position(|known| known == name) {
            Some(at) => values[at] = value,
            None => {
                scope = scope.with(name.as_str(), Type::of(Shape::ANY));
                values.push(value);
            }
        }
    }
    Some((scope, values))
}

fn shape_of(ty: &Json) -> Option<Shape> {
    let (kind, inner) = ty.as_object()?.iter().next()?;
    Some(match (kind.as_str(), inner.as_str()) {
        ("primitive", Some("BOOL")) => Shape::BOOL,
        ("primitive", Some("INT64")) => Shape::INT,
        ("primitive", Some("DOUBLE")) => Shape::FLOAT,
        ("primitive", Some("STRING")) => Shape::string(),
        ("primitive", Some("BYTES")) => Shape::BYTES,
        ("message_type", Some("google.protobuf.Timestamp")) => Shape::TIMESTAMP,
        ("message_type", Some("google.protobuf.Duration")) => Shape::DURATION,
        ("message_type", _) => return None,
        ("list_type", _) => Shape::list(shape_of(&inner["elem_type"])?),
        // What shapes cannot say is left open.
        _ => Shape::ANY,
    })
}

/// Whether the checker's type is the wanted one, as far as shapes can say it.
fn is_deduced(ty: &Type, wanted: &Json) -> bool {
    if let Some(parameters) = wanted["abstract_type"]["parameter_types"].as_array() {
        return ty.optional && parameters.iter().all(|wanted| is_shape(&ty.shape, wanted));
    }
    !ty.optional && is_shape(&ty.shape, wanted)
}

fn is_shape(shape: &Shape, wanted: &Json) -> bool {
    let Some((kind, inner)) = wanted.as_object().and_then(|wanted| wanted.iter().next()) else {
        return false;
    };
    match (kind.as_str(), inner.as_str(), &shape.kind) {
        ("primitive", Some("BOOL"), Kind::Bool)
        | ("primitive", Some("INT64" | "UINT64"), Kind::Int(_))
        | ("primitive", Some("DOUBLE"), Kind::Float(_))
        | ("primitive", Some("STRING"), Kind::String(_) | Kind::Enum(_))
        | ("primitive", Some("BYTES"), Kind::Bytes(_))
        | ("null" | "dyn", _, Kind::Any)
        | ("map_type", _, Kind::Record(_)) => true,
        ("list_type", _, Kind::List(list)) => is_shape(&list.item, &inner["elem_type"]),
        ("map_type", _, Kind::Map(map)) => is_shape(&map.value, &inner["value_type"]),
        _ => false,
    }
}

fn value_of(json: &Json) -> Option<Value> {
    let (kind, inner) = json.as_object()?.iter().next()?;
    let text = || inner.as_str().map(str::to_owned);
    Some(match kind.as_str() {
        "null_value" => Value::Null,
        "bool_value" => Value::Bool(inner.as_bool()?),
        "int64_value" => Value::Int(text()?.parse().ok()?),
        "uint64_value" => Value::Uint(text()?.parse().ok()?),
        "double_value" => Value::Float(inner.as_f64().or_else(|| text()?.parse().ok())?),
        "string_value" | "type_value" => Value::from(text()?),
        "bytes_value" => {
            Value::Bytes(Arc::from(base64::engine::general_purpose::STANDARD.decode(text()?).ok()?))
        }
        "list_value" => Value::list(
            inner["values"].as_array().into_iter().flatten().map(value_of).collect::<Option<_>>()?,
        ),
        "map_value" => {
            let mut map = Map::new();
            for entry in inner["entries"].as_array().into_iter().flatten() {
                map.insert(key_of(&value_of(&entry["key"])?)?, value_of(&entry["value"])?);
            }
            Value::Map(Arc::new(map))
        }
        "object_value" => object_of(inner)?,
        _ => return None,
    })
}

fn object_of(json: &Json) -> Option<Value> {
    let text = json["value"].as_str()?;
    let function = match json["@type"].as_str()? {
        "type.googleapis.com/google.protobuf.Timestamp" => "timestamp",
        "type.googleapis.com/google.protobuf.Duration" => "duration",
        _ => return None,
    };
    let text = format!("{function}('{text}')");
    let expression = Expression::compile(&text, &Inline::new("value", text.as_str()), &Scope::new()).ok()?;
    expression.evaluate(&Frame::new(Vec::new(), jiff::Timestamp::UNIX_EPOCH)).ok()?
}

fn key_of(value: &Value) -> Option<Key> {
    Some(match value {
        Value::Bool(b) => Key::Bool(*b),
        Value::Int(n) => Key::Int(*n),
        Value::Uint(n) => Key::Uint(*n),
        Value::String(text) => Key::String(text.clone()),
        _ => return None,
    })
}

/// Equal, and of the same kind; NaN is itself.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // The runner's JSON parser may be off by the last digit.
        (Value::Float(a), Value::Float(b)) => {
            (a - b).abs() <= a.abs() * 4e-16 || a == b || (a.is_nan() && b.is_nan())
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get_key(key).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}
