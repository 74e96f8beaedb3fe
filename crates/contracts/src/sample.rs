//! A value that follows a contract, as JSON, for examples in documentation: made from what the contract says, and held
//! against it before anybody sees it.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value as Json, json};
use tenon_model::{
    Kind, Shape,
    shape::{FloatRange, Format, IntRange, List, Record, Text},
};

use crate::{Contract, json::Decoder};

/// How deep a value is made; what lies deeper is left out.
const DEPTH: usize = 8;
/// Fields that may be absent are shown down to here.
const OPTIONAL_DEPTH: usize = 3;
/// The longest text that is made.
const MOST_LETTERS: usize = 256;

/// An example of a contract: the first that its author gives, or else one that is made. `None` where none can be made that
/// follows it.
#[must_use]
pub fn of(contract: &Contract) -> Option<Json> {
    match contract.examples.first() {
        Some(example) => serde_json::from_str(&crate::json::to_string(example)).ok(),
        None => made(&contract.shape),
    }
}

/// A value of `shape`.
#[must_use]
pub fn made(shape: &Shape) -> Option<Json> {
    [OPTIONAL_DEPTH, 0]
        .iter()
        .filter_map(|optional| make(shape, 0, *optional))
        .find(|value| fits(shape, value))
}

fn fits(shape: &Shape, value: &Json) -> bool {
    Decoder::new(shape).is_ok_and(|decoder| decoder.decode(value.to_string().as_bytes()).is_ok())
}

fn make(shape: &Shape, depth: usize, optional: usize) -> Option<Json> {
    if depth > DEPTH {
        return shape.nullable.then_some(Json::Null);
    }
    let shape = &*shape.resolved();
    match &shape.kind {
        Kind::Any => Some(json!("anything")),
        Kind::Bool => Some(json!(true)),
        Kind::Int(range) => first(shape, integers(range)),
        Kind::Float(range) | Kind::Decimal(range) => first(shape, numbers(range)),
        Kind::String(text) => first(shape, texts(text)),
        Kind::Bytes(_) => first(shape, [json!("aGVsbG8="), json!(""), json!("aGVsbG8sIHdvcmxk")]),
        Kind::Timestamp => first(shape, [json!("2026-01-31T12:00:00Z")]),
        Kind::Date => first(shape, [json!("2026-01-31")]),
        Kind::Time => first(shape, [json!("12:00:00")]),
        Kind::LocalDateTime => first(shape, [json!("2026-01-31T12:00:00")]),
        Kind::Duration => first(shape, [json!("PT15M")]),
        Kind::Period => first(shape, [json!("P1M")]),
        Kind::Uuid => first(shape, [json!("0190163d-8694-739b-aea5-966c26f8ad91")]),
        Kind::Enum(values) => {
            let texts = values.iter().map(crate::json::to_string);
            texts.filter_map(|text| serde_json::from_str(&text).ok()).find(|value: &Json| !value.is_null())
        }
        Kind::List(list) => items(list, depth, optional),
        Kind::Map(map) => {
            let count = map.length.min.unwrap_or(1).clamp(1, 3);
            let value = make(&map.value, depth + 1, optional)?;
            Some(Json::Object((1..=count).map(|at| (format!("key{at}"), value.clone())).collect()))
        }
        Kind::Record(record) => fields(record, depth, optional),
        Kind::Union(union) => {
            let variants =
                union.variants.iter().filter_map(|(_, variant)| make(variant, depth + 1, optional));
            first(shape, variants)
        }
        Kind::Named(_) => None,
    }
}

fn first(shape: &Shape, candidates: impl IntoIterator<Item = Json>) -> Option<Json> {
    candidates.into_iter().find(|candidate| fits(shape, candidate))
}

fn integers(range: &IntRange) -> Vec<Json> {
    let unit = range.multiple_of.unwrap_or(1).max(1);
    let up = |n: i128| n.checked_add(unit - 1).map_or(n, |n| n - n.rem_euclid(unit));
    let candidates = [Some(unit), range.min.map(up), range.max.map(|n| n - n.rem_euclid(unit)), Some(0)];
    let text = |n: i128| serde_json::from_str(&n.to_string()).ok();
    candidates.into_iter().flatten().filter_map(text).collect()
}

fn numbers(range: &FloatRange) -> Vec<Json> {
    let ends = [&range.min, &range.max].map(|end| end.as_ref().map(tenon_model::shape::Bound::nearest));
    let unit = range.multiple_of.as_ref().map(|unit| unit.nearest());
    let middle = if let [Some(min), Some(max)] = ends { Some(min / 2.0 + max / 2.0) } else { None };
    let beside = [ends[0].map(|min| min + 1.0), ends[1].map(|max| max - 1.0)];
    let candidates = [Some(12.5), unit, Some(1.0), Some(0.0), middle, ends[0], ends[1], beside[0], beside[1]];
    // A bound that no double is counts with its digits.
    let exact = [&range.min, &range.max].into_iter().flatten().map(|bound| bound.value.to_string());
    let exact = exact.filter_map(|text| serde_json::from_str(&text).ok());
    candidates.into_iter().flatten().map(|n| json!(n)).chain(exact).collect()
}

fn texts(text: &Text) -> Vec<Json> {
    let mut candidates = Vec::new();
    if let Some(format) = text.format {
        candidates.push(json!(of_format(format)));
    }
    if let Some(pattern) = &text.pattern {
        let parsed = regex_syntax::Parser::new().parse(pattern).ok();
        let mut made = String::new();
        if parsed.is_some_and(|hir| matching(&hir, &mut made)) {
            candidates.push(json!(made));
        }
    }
    let (min, max) = (text.length.min.unwrap_or(0), text.length.max.unwrap_or(u64::MAX));
    let length = usize::try_from(4.max(min).min(max)).unwrap_or(MOST_LETTERS).min(MOST_LETTERS);
    candidates.push(json!("text".chars().cycle().take(length).collect::<String>()));
    candidates
}

fn of_format(format: Format) -> &'static str {
    match format {
        Format::Email | Format::IdnEmail => "ann@example.com",
        Format::Hostname | Format::IdnHostname => "example.com",
        Format::Ipv4 => "192.0.2.1",
        Format::Ipv6 => "2001:db8::1",
        Format::Uri | Format::UriReference | Format::Iri | Format::IriReference => "https://example.com/",
        Format::UriTemplate => "https://example.com/{id}",
        Format::JsonPointer => "/items/0",
        Format::RelativeJsonPointer => "0/id",
        Format::Regex => "^[a-z]+$",
        Format::Time => "12:00:00Z",
        Format::Decimal => "1.50",
    }
}

/// Adds a text that the expression matches; false if none is found.
fn matching(hir: &Hir, out: &mut String) -> bool {
    if out.len() > MOST_LETTERS {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                out.push_str(text);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(Class::Unicode(class)) => {
            // A letter or digit where the class has one, since a control character makes a poor example.
            let has = |c: &char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(c));
            let good = ('a'..='z').chain('A'..='Z').chain('0'..='9').find(has);
            let chosen =
                good.or_else(|| class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start));
            out.extend(chosen);
            chosen.is_some()
        }
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Repetition(repetition) => {
            let times = match (repetition.min, repetition.max) {
                (0, Some(0)) => 0,
                (0, _) => 1,
                (min, _) => min,
            };
            (0..times).all(|_| matching(&repetition.sub, out))
        }
        HirKind::Capture(capture) => matching(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().all(|part| matching(part, out)),
        HirKind::Alternation(choices) => choices.first().is_some_and(|choice| matching(choice, out)),
    }
}

fn items(list: &List, depth: usize, optional: usize) -> Option<Json> {
    let wanted = usize::try_from(list.length.min.unwrap_or(1).clamp(1, 16)).unwrap_or(1);
    let wanted = if list.length.max == Some(0) { 0 } else { wanted };
    let item = if wanted > 0 { make(&list.item, depth + 1, optional) } else { None };
    match item {
        Some(item) => Some(Json::Array(vec![item; wanted])),
        None if list.length.min.unwrap_or(0) == 0 => Some(json!([])),
        None => None,
    }
}

fn fields(record: &Record, depth: usize, optional: usize) -> Option<Json> {
    let mut object = Map::new();
    for field in record.fields() {
        let shown = field.required || depth < optional && !field.deprecated;
        if !shown {
            continue;
        }
        let default =
            field.default.as_ref().and_then(|it| serde_json::from_str(&crate::json::to_string(it)).ok());
        match default.or_else(|| make(&field.shape, depth + 1, optional)) {
            Some(value) => drop(object.insert(field.name.to_string(), value)),
            None if field.required => return None,
            None => {}
        }
    }
    Some(Json::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &Json, expected: Option<&Json>) {
        let root = tenon_document::parse("sample.json", &schema.to_string()).unwrap();
        let shape = crate::json_schema::read(&root).unwrap().into_only().unwrap().shape;
        assert_eq!(made(&shape).as_ref(), expected, "{schema}");
    }

    #[test]
    fn values_are_made_from_what_a_contract_says() {
        for (schema, expected) in [
            (json!({ "type": "integer", "minimum": 7, "multipleOf": 5 }), json!(10)),
            (json!({ "type": "integer", "maximum": -3 }), json!(-3)),
            (json!({ "type": "number", "exclusiveMinimum": 20, "maximum": 21 }), json!(20.5)),
            (json!({ "type": "string", "pattern": "^[A-Z]{3}-\\d+$" }), json!("AAA-0")),
            (json!({ "type": "string", "minLength": 6 }), json!("textte")),
            (json!({ "type": "string", "format": "email" }), json!("ann@example.com")),
            (json!({ "type": "string", "format": "date-time" }), json!("2026-01-31T12:00:00Z")),
            (json!({ "enum": ["open", "paid"] }), json!("open")),
            (json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 2 }), json!([true, true])),
            (
                json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" }, "note": { "type": "string" } } }),
                json!({ "id": 1, "note": "text" }),
            ),
        ] {
            check(&schema, Some(&expected));
        }
    }

    #[test]
    fn nothing_is_made_that_does_not_follow_the_contract() {
        let schema =
            json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 3, "uniqueItems": true });
        check(&schema, None);
    }
}
