//! Comparing what was seen with what was expected.
//!
//! Text in angle brackets stands for values that differ from run to run: `<any>` for anything, `<text>`, `<number>`,
//! `<uuid>` and `<timestamp>` for values of that form. `<more>` stands for what is not listed: as the last item of a list for
//! more items, as the last line of a fence for more lines, and as a key of an object for more fields, whose values fit its value.

use serde_json::Value;
use tenon_errors::{Report, catalogue::engine::BAD_TEST};
use tenon_model::{Decimal, Instant};

use crate::document::Kind;

/// Whether `seen` is what `expected` asks for.
#[must_use]
pub fn matches(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::String(pattern), _) if is_wildcard(pattern) => fits(pattern, seen),
        (Value::Array(expected), Value::Array(seen)) => {
            let (listed, has_more) = listed(expected);
            let is_long_enough =
                if has_more { seen.len() >= listed.len() } else { seen.len() == listed.len() };
            is_long_enough && listed.iter().zip(seen).all(|(e, s)| matches(e, s))
        }
        (Value::Object(expected), Value::Object(seen)) => {
            let named = |key: &String| key != MORE && expected.contains_key(key);
            expected.iter().all(|(key, e)| match key.as_str() {
                MORE => seen.iter().filter(|(key, _)| !named(key)).all(|(_, s)| matches(e, s)),
                _ => seen.get(key).is_some_and(|s| matches(e, s)),
            }) && (expected.contains_key(MORE) || seen.keys().all(named))
        }
        (Value::Number(expected), Value::Number(seen)) => {
            same_number(&expected.to_string(), &seen.to_string())
        }
        _ => expected == seen,
    }
}

/// What stands for more items, lines or fields than are listed.
pub(crate) const MORE: &str = "<more>";

/// The items that are listed, and whether more may follow.
fn listed(items: &[Value]) -> (&[Value], bool) {
    match items.split_last() {
        Some((Value::String(last), listed)) if last == MORE => (listed, true),
        _ => (items, false),
    }
}

/// Whether two numbers are equal in every digit: `1`, `1.0` and `1e0` are, and no two that only a double takes for one.
fn same_number(expected: &str, seen: &str) -> bool {
    match (expected.parse::<Decimal>(), seen.parse::<Decimal>()) {
        (Ok(expected), Ok(seen)) => expected == seen,
        _ => expected == seen,
    }
}

/// `seen`, with the wildcards of `expected` kept where they fit: what `UPDATE=1` writes.
#[must_use]
pub fn with_wildcards(expected: &Value, seen: &Value) -> Value {
    match (expected, seen) {
        (Value::String(pattern), _) if is_wildcard(pattern) && fits(pattern, seen) => expected.clone(),
        (Value::Array(expected), Value::Array(seen)) => {
            let (listed, has_more) = listed(expected);
            let pad = std::iter::repeat(&Value::Null);
            let count = if has_more { listed.len().min(seen.len()) } else { seen.len() };
            let merged = seen.iter().take(count).zip(listed.iter().chain(pad));
            let more = has_more.then(|| Value::from(MORE));
            merged.map(|(s, e)| with_wildcards(e, s)).chain(more).collect()
        }
        (Value::Object(expected), Value::Object(seen)) => {
            let more = expected.get(MORE);
            let is_left_out = |key: &String, s: &Value| {
                !expected.contains_key(key) && more.is_some_and(|more| matches(more, s))
            };
            let kept = seen.iter().filter(|(key, s)| !is_left_out(key, s));
            let merge = |(key, s): (&String, &Value)| {
                (key.clone(), expected.get(key).map_or_else(|| s.clone(), |e| with_wildcards(e, s)))
            };
            Value::Object(kept.map(merge).chain(more.map(|more| (MORE.to_owned(), more.clone()))).collect())
        }
        _ => seen.clone(),
    }
}

/// Compares values, one per line of `expected`, with the lines `seen`. `Err` holds the text that would have matched:
/// lines that hold stay as they are written, the others keep the wildcards that still fit.
///
/// # Errors
/// What `UPDATE=1` writes.
pub fn lines(expected: &str, seen: &[String]) -> Result<(), String> {
    let mut wanted: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    let has_more = wanted.pop_if(|last| last.trim() == MORE).is_some();
    let counts = if has_more { wanted.len() <= seen.len() } else { wanted.len() == seen.len() };
    if counts && wanted.iter().zip(seen).all(|(wanted, seen)| same_line(wanted, seen)) {
        return Ok(());
    }
    let seen = &seen[..if has_more { wanted.len().min(seen.len()) } else { seen.len() }];
    let mut left = wanted;
    let held: Vec<Option<&str>> = seen
        .iter()
        .map(|seen| Some(left.remove(left.iter().position(|wanted| same_line(wanted, seen))?)))
        .collect();
    let mut left = left.into_iter();
    let mut text = String::new();
    for (seen, held) in seen.iter().zip(held) {
        match held {
            Some(line) => text.push_str(line),
            None => text.push_str(&left.next().map_or_else(|| seen.clone(), |old| updated_line(old, seen))),
        }
        text.push('\n');
    }
    if has_more {
        text.push_str(MORE);
        text.push('\n');
    }
    Err(text)
}

/// The first part of the text of a fence that should be JSON, as what was seen is, and is not: its byte, and why.
#[must_use]
pub(crate) fn unreadable(kind: &Kind, text: &str, seen: &str) -> Option<(usize, Report)> {
    let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    match kind {
        Kind::Topic(_) | Kind::Table(_) => {
            let mut at = 0;
            text.split_inclusive('\n').find_map(|line| {
                let start = at;
                at += line.len();
                let is_value = !line.trim().is_empty() && line.trim() != MORE;
                let hint = "write one JSON value on each line, and names and texts in double quotes";
                is_value
                    .then(|| not_json(line, hint))
                    .flatten()
                    .map(|(within, report)| (start + within, report))
            })
        }
        Kind::Response => {
            let body = |text: &str| text.split_once("\n\n").map_or(text.len(), |(head, _)| head.len() + 2);
            let (start, seen) = (body(text), seen.get(body(seen)..)?);
            let body = text.get(start..).filter(|body| !body.trim().is_empty() && is_json(seen))?;
            let (within, report) = not_json(body, "write the body as JSON, as the response has it")?;
            Some((start + within, report))
        }
        _ => None,
    }
}

/// Where and why a text is not JSON.
fn not_json(text: &str, hint: &str) -> Option<(usize, Report)> {
    let error = serde_json::from_str::<Value>(text).err()?;
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (before + error.column().saturating_sub(1)).min(text.trim_end().len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    Some((at, Report::new(&BAD_TEST, format!("this is not JSON: {why}")).hint(hint)))
}

fn same_line(wanted: &str, seen: &str) -> bool {
    match (serde_json::from_str(wanted), serde_json::from_str(seen)) {
        (Ok(wanted), Ok(seen)) => matches(&wanted, &seen),
        _ => wanted.trim() == seen.trim(),
    }
}

/// `seen`, with the wildcards of the line that stood in its place.
fn updated_line(old: &str, seen: &str) -> String {
    match (serde_json::from_str::<Value>(old), serde_json::from_str::<Value>(seen)) {
        (Ok(old), Ok(value)) => {
            let merged = with_wildcards(&old, &value);
            if merged == value { seen.to_owned() } else { merged.to_string() }
        }
        _ => seen.to_owned(),
    }
}

fn is_wildcard(text: &str) -> bool {
    matches!(text, "<any>" | "<text>" | "<number>" | "<uuid>" | "<timestamp>")
}

fn fits(pattern: &str, seen: &Value) -> bool {
    match pattern {
        "<any>" => true,
        "<text>" => seen.is_string(),
        "<number>" => seen.is_number(),
        "<uuid>" => seen.as_str().is_some_and(is_uuid),
        _ => seen.as_str().is_some_and(|text| text.parse::<Instant>().is_ok()),
    }
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wildcards_stand_for_values_of_their_form() {
        let check = |pattern: &str, seen: Value, expected: bool| {
            assert_eq!(matches(&json!({ "a": pattern }), &json!({ "a": seen })), expected, "{pattern}");
        };
        check("<any>", json!([1]), true);
        check("<number>", json!(1.5), true);
        check("<number>", json!("1"), false);
        check("<timestamp>", json!("2013-01-01T10:00:00Z"), true);
        check("<timestamp>", json!("yesterday"), false);
        check("<uuid>", json!("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), true);
        check("plain", json!("plain"), true);
    }

    #[test]
    fn a_missing_or_additional_field_is_a_difference() {
        assert!(!matches(&json!({ "a": 1 }), &json!({ "a": 1, "b": 2 })));
        assert!(!matches(&json!({ "a": 1, "b": 2 }), &json!({ "a": 1 })));
        assert!(matches(&json!({ "a": 1.0 }), &json!({ "a": 1 })));
    }

    #[test]
    fn what_is_not_listed_may_follow_where_more_stands() {
        let check = |expected: Value, seen: Value, same: bool| {
            assert_eq!(matches(&expected, &seen), same, "{expected} {seen}");
        };
        check(json!({ "a": 1, "<more>": "<any>" }), json!({ "a": 1, "b": 2, "c": [] }), true);
        check(json!({ "a": 1, "<more>": "<any>" }), json!({ "a": 1 }), true);
        check(json!({ "a": 1, "<more>": "<any>" }), json!({ "b": 2 }), false);
        check(json!({ "a": 1, "<more>": "<text>" }), json!({ "a": 1, "b": 2 }), false);
        check(json!(["a", "<more>"]), json!(["a", "b", "c"]), true);
        check(json!(["a", "<more>"]), json!(["a"]), true);
        check(json!(["a", "<more>"]), json!(["b", "a"]), false);
        check(json!(["a", "<more>", "c"]), json!(["a", "b", "c"]), false);
        let seen = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        let wanted = "{ \"n\": 1 }\n<more>\n";
        assert_eq!(lines(wanted, &seen(&[r#"{"n":1}"#, r#"{"n":2}"#])), Ok(()));
        assert_eq!(lines(wanted, &seen(&[])), Err("<more>\n".to_owned()));
        assert_eq!(
            lines(wanted, &seen(&[r#"{"n":3}"#, r#"{"n":2}"#])),
            Err("{\"n\":3}\n<more>\n".to_owned())
        );
    }

    #[test]
    fn updating_keeps_that_more_may_follow() {
        let expected = json!({ "a": 1, "b": [1, "<more>"], "<more>": "<any>" });
        let seen = json!({ "a": 2, "b": [3, 4, 5], "c": 6 });
        assert_eq!(
            with_wildcards(&expected, &seen),
            json!({ "a": 2, "b": [3, "<more>"], "<more>": "<any>" })
        );
    }

    #[test]
    fn numbers_are_equal_in_every_digit() {
        let check = |expected: &str, seen: &str, same: bool| {
            let line = |number: &str| format!(r#"{{"n":{number}}}"#);
            assert_eq!(lines(&line(expected), &[line(seen)]).is_ok(), same, "{expected} {seen}");
        };
        check("12345678901234567.12", "12345678901234567.89", false);
        check("9007199254740993", "9007199254740992", false);
        check("0.1", "0.1000000000000000055511151231257827", false);
        check("1e400", "2e400", false);
        check("1", "1.0", true);
        check("1e2", "100.00", true);
        check("-0.0", "0", true);
        check("12345678901234567.890", "12345678901234567.89", true);
        let wanted = serde_json::from_str::<Value>(r#"{"n":1}"#).unwrap();
        let seen = serde_json::from_str::<Value>(r#"{"n":12345678901234567.890}"#).unwrap();
        assert_eq!(with_wildcards(&wanted, &seen).to_string(), r#"{"n":12345678901234567.890}"#);
    }

    #[test]
    fn updating_keeps_wildcards_that_still_fit() {
        let expected = json!({ "id": "<uuid>", "n": 1, "at": "<number>" });
        let seen = json!({ "id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "n": 2, "at": "x" });
        assert_eq!(with_wildcards(&expected, &seen), json!({ "id": "<uuid>", "n": 2, "at": "x" }));
    }

    #[test]
    fn updating_lines_keeps_what_holds_and_the_wildcards_of_what_does_not() {
        let wanted = "{ \"id\": \"<any>\", \"n\": 1 }\n{ \"id\": \"<text>\", \"n\": 2 }\n";
        let seen = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        let check = |lines: &[&str], expected: Result<(), &str>| {
            assert_eq!(super::lines(wanted, &seen(lines)), expected.map_err(str::to_owned));
        };
        check(&[r#"{"id":"a","n":1}"#, r#"{"id":"b","n":2}"#], Ok(()));
        check(
            &[r#"{"id":"a","n":1}"#, r#"{"id":"b","n":3}"#, r#"{"id":"c","n":4}"#],
            Err("{ \"id\": \"<any>\", \"n\": 1 }\n{\"id\":\"<text>\",\"n\":3}\n{\"id\":\"c\",\"n\":4}\n"),
        );
        check(&[r#"{"id":"b","n":2}"#], Err("{ \"id\": \"<text>\", \"n\": 2 }\n"));
    }
}
