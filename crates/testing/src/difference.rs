//! What differs between an expectation and what was seen, told in the places that differ.

use serde_json::Value;
use similar::{DiffOp, TextDiff};
use tenon_errors::clip;

use crate::{
    document::Kind,
    expect::{MORE, matches},
};

/// The most letters of a value that are shown.
const WIDEST: usize = 60;
/// The most places that are shown.
const MOST: usize = 20;
/// What stands for a value that is not there.
const NOTHING: &str = "(nothing)";

/// A place that differs, with what is expected there and what was seen.
struct Row {
    place: String,
    expected: String,
    seen: String,
}

/// What differs between the text of a fence of this kind and what was seen: a table of places where both are data, and a
/// unified diff of the lines otherwise. `seen` has the wildcards of `expected` where they fit.
#[must_use]
pub fn difference(kind: &Kind, expected: &str, seen: &str) -> String {
    let rows = match kind {
        Kind::Response => response(expected, seen),
        Kind::Topic(_) | Kind::Table(_) | Kind::Dead => lines(expected, seen),
        _ => None,
    };
    match rows.filter(|rows| !rows.is_empty()) {
        Some(rows) => table(&rows),
        None => unified(expected, seen),
    }
}

fn unified(expected: &str, seen: &str) -> String {
    let diff = TextDiff::from_lines(expected, seen);
    diff.unified_diff().context_radius(3).header("expected", "got").to_string()
}

/// Status, headers and fields of the body that differ; `None` where a body that differs is not JSON.
fn response(expected: &str, seen: &str) -> Option<Vec<Row>> {
    let parts = |text: &'_ str| -> (Vec<String>, String) {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let head = head.lines().map(str::trim).filter(|line| !line.is_empty());
        (head.map(str::to_owned).collect(), body.trim().to_owned())
    };
    let ((head, body), (seen_head, seen_body)) = (parts(expected), parts(seen));
    let mut rows = Vec::new();
    for (at, (expected, seen)) in head.iter().zip(&seen_head).enumerate() {
        if at == 0 {
            differs(&mut rows, "status", expected, seen);
        } else {
            let (name, expected) = expected.split_once(':').unwrap_or((expected, ""));
            let (_, seen) = seen.split_once(':').unwrap_or((seen, ""));
            differs(&mut rows, name.trim(), expected.trim(), seen.trim());
        }
    }
    if body != seen_body {
        fields(&mut rows, "", &serde_json::from_str(&body).ok()?, &serde_json::from_str(&seen_body).ok()?);
    }
    Some(rows)
}

fn differs(rows: &mut Vec<Row>, place: &str, expected: &str, seen: &str) {
    if expected != seen {
        rows.push(Row { place: place.to_owned(), expected: expected.to_owned(), seen: seen.to_owned() });
    }
}

/// Fields of values that differ, one value in each line, and lines that are missing or too many.
fn lines(expected: &str, seen: &str) -> Option<Vec<Row>> {
    let listed = |text| str::lines(text).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let (expected, seen) = (listed(expected), listed(seen));
    let mut rows = Vec::new();
    for op in TextDiff::from_slices(&expected, &seen).ops() {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        for at in 0..old.len().max(new.len()) {
            let (wanted, found) = (old.clone().nth(at), new.clone().nth(at));
            let place = format!("line {}", wanted.or(found).unwrap_or_default() + 1);
            match (wanted.map(|at| expected[at]), found.map(|at| seen[at])) {
                (Some(wanted), Some(found)) => {
                    match (serde_json::from_str(wanted), serde_json::from_str(found)) {
                        (Ok(wanted), Ok(found)) => fields(&mut rows, &place, &wanted, &found),
                        _ => differs(&mut rows, &place, wanted, found),
                    }
                }
                (wanted, found) => {
                    differs(&mut rows, &place, wanted.unwrap_or(NOTHING), found.unwrap_or(NOTHING));
                }
            }
        }
    }
    Some(rows)
}

/// The places below `place` at which the values differ.
fn fields(rows: &mut Vec<Row>, place: &str, expected: &Value, seen: &Value) {
    if matches(expected, seen) {
        return;
    }
    match (expected, seen) {
        (Value::Object(expected), Value::Object(seen)) => {
            let of_seen = seen.iter().filter(|(name, _)| !expected.contains_key(*name) && *name != MORE);
            let names = expected.keys().filter(|name| *name != MORE);
            for name in names.chain(of_seen.map(|(name, _)| name)) {
                below(rows, place, &escaped(name), expected.get(name), seen.get(name));
            }
        }
        (Value::Array(expected), Value::Array(seen)) => {
            for at in 0..expected.len().max(seen.len()) {
                below(rows, place, &at.to_string(), expected.get(at), seen.get(at));
            }
        }
        _ => differs(rows, whole(place), &expected.to_string(), &seen.to_string()),
    }
}

fn below(rows: &mut Vec<Row>, place: &str, name: &str, expected: Option<&Value>, seen: Option<&Value>) {
    let separator = if place.starts_with("line") && !place.contains('/') { " /" } else { "/" };
    let place = format!("{place}{separator}{name}");
    match (expected, seen) {
        (Some(expected), Some(seen)) => fields(rows, &place, expected, seen),
        (expected, seen) => {
            let shown = |value: Option<&Value>| value.map_or_else(|| NOTHING.to_owned(), Value::to_string);
            differs(rows, &place, &shown(expected), &shown(seen));
        }
    }
}

fn whole(place: &str) -> &str {
    if place.is_empty() { "the body" } else { place }
}

/// A name as part of a JSON Pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The rows in aligned columns.
fn table(rows: &[Row]) -> String {
    let more = rows.len().saturating_sub(MOST);
    let head = ["".to_owned(), "expected".to_owned(), "got".to_owned()];
    let short = |text: &str| clip(text, WIDEST).into_owned();
    let cells = rows.iter().take(MOST).map(|row| [row.place.clone(), short(&row.expected), short(&row.seen)]);
    let cells: Vec<[String; 3]> = std::iter::once(head).chain(cells).collect();
    let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let (places, values) = (width(0), width(1));
    let line = |[place, expected, seen]: &[String; 3]| {
        format!("{place:<places$}  {expected:<values$}  {seen}").trim_end().to_owned() + "\n"
    };
    let mut text: String = cells.iter().map(line).collect();
    if more > 0 {
        text += &format!("… ({more} more)\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &Kind, expected: &str, seen: &str, told: &str) {
        assert_eq!(difference(kind, expected, seen), told);
    }

    #[test]
    fn a_response_is_told_by_the_places_that_differ() {
        check(
            &Kind::Response,
            "200\netag: \"a\"\n\n{ \"id\": \"<any>\", \"lines\": [{ \"price\": 1.0 }, { \"price\": 2 }], \"note\": \"x\" }\n",
            "201\netag: (absent)\n\n{ \"id\": \"<any>\", \"lines\": [{ \"price\": 1 }, { \"price\": 3 }], \"more\": [1] }\n",
            "                expected   got
status          200        201
etag            \"a\"        (absent)
/lines/1/price  2          3
/note           \"x\"        (nothing)
/more           (nothing)  [1]
",
        );
    }

    #[test]
    fn lines_are_told_by_their_number_and_what_is_missing_or_too_many() {
        check(
            &Kind::Table("t".to_owned()),
            "{ \"id\": 1, \"n\": \"a\" }\n{ \"id\": 2 }\n{ \"id\": 3 }\n",
            "{ \"id\": 1, \"n\": \"b\" }\n{ \"id\": 2 }\n",
            "           expected     got
line 1 /n  \"a\"          \"b\"
line 3     { \"id\": 3 }  (nothing)
",
        );
    }

    #[test]
    fn what_is_no_data_is_told_as_a_diff_of_its_lines() {
        let told = difference(&Kind::Response, "200\n\nabc\n", "200\n\nabd\n");
        assert!(told.contains("-abc\n+abd\n"), "{told}");
        let told = difference(&Kind::Reports, "a\nb\n", "a\nc\n");
        assert!(told.contains("-b\n+c\n"), "{told}");
    }

    #[test]
    fn long_values_and_many_places_are_clipped() {
        let long = "x".repeat(100);
        let told = difference(&Kind::Response, "200\n\n\"a\"\n", &format!("200\n\n\"{long}\"\n"));
        assert!(told.contains("the body  \"a\"") && told.ends_with("x… (42 more)\n"), "{told}");
        let many = |n: usize| format!("200\n\n{}\n", serde_json::json!(vec![n; 30]));
        assert!(difference(&Kind::Response, &many(1), &many(2)).ends_with("… (10 more)\n"));
    }
}
