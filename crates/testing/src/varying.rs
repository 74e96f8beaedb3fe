//! What differs between two runs of a case, so that `UPDATE=1` writes a placeholder for it in place of a value that the next run
//! would not find again.

use serde_json::Value;
use tenon_model::Instant;

use crate::{document::Kind, expect::is_uuid};

/// When the runs took place, for values that are the same in both but not tomorrow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: jiff::Timestamp,
    pub(crate) to: jiff::Timestamp,
}

impl Span {
    fn holds(self, text: &str) -> bool {
        text.parse::<Instant>().is_ok() && text.parse().is_ok_and(|at| self.from <= at && at <= self.to)
    }
}

/// The text of an expectation in two runs as one, with placeholders for what varies.
pub(crate) fn merged(kind: &Kind, first: &str, second: &str, span: Span) -> String {
    match kind {
        Kind::Response => response(first, second, span),
        Kind::Topic(_) | Kind::Table(_) => lines(first, second, span),
        _ => first.to_owned(),
    }
}

fn response(first: &str, second: &str, span: Span) -> String {
    let parts = |text: &str| {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        (head.to_owned(), body.trim_end().to_owned())
    };
    let ((head, body), (other_head, other_body)) = (parts(first), parts(second));
    let mut text: Vec<String> = Vec::new();
    for (at, line) in head.lines().enumerate() {
        let name = line.split_once(':').map_or("", |(name, _)| name);
        let is_same = other_head.lines().nth(at) == Some(line);
        text.push(if is_same || at == 0 { line.to_owned() } else { format!("{name}: <any>") });
    }
    let mut text = text.join("\n");
    if !body.is_empty() {
        let merged = match (serde_json::from_str::<Value>(&body), serde_json::from_str::<Value>(&other_body))
        {
            (Ok(one), Ok(other)) => serde_json::to_string_pretty(&value(&one, &other, span)).unwrap_or(body),
            _ => body,
        };
        text.push_str("\n\n");
        text.push_str(&merged);
    }
    text + "\n"
}

fn lines(first: &str, second: &str, span: Span) -> String {
    if first.lines().count() != second.lines().count() {
        return first.to_owned();
    }
    let merged = first.lines().zip(second.lines()).map(|(one, other)| {
        match (serde_json::from_str::<Value>(one), serde_json::from_str::<Value>(other)) {
            (Ok(value), Ok(second)) => {
                let merged = self::value(&value, &second, span);
                // A line in which nothing varies stays as it is written.
                if merged == value { one.to_owned() } else { merged.to_string() }
            }
            _ => one.to_owned(),
        }
    });
    merged.map(|line| line + "\n").collect()
}

/// One value of two runs: what is the same in both as it is, what differs as a placeholder of its form.
fn value(first: &Value, second: &Value, span: Span) -> Value {
    match (first, second) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            let merge =
                |((key, one), other): ((&String, &Value), &Value)| (key.clone(), value(one, other, span));
            Value::Object(one.iter().zip(other.values()).map(merge).collect())
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).map(|(one, other)| value(one, other, span)).collect()
        }
        (Value::String(text), _) if span.holds(text) => Value::from("<timestamp>"),
        _ if first == second => first.clone(),
        (Value::String(one), Value::String(other)) => Value::from(if is_uuid(one) && is_uuid(other) {
            "<uuid>"
        } else if one.parse::<Instant>().is_ok() && other.parse::<Instant>().is_ok() {
            "<timestamp>"
        } else {
            "<text>"
        }),
        (Value::Number(_), Value::Number(_)) => Value::from("<number>"),
        _ => Value::from("<any>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span() -> Span {
        Span { from: "2026-03-01T10:00:00Z".parse().unwrap(), to: "2026-03-01T10:01:00Z".parse().unwrap() }
    }

    #[test]
    fn what_differs_between_two_runs_becomes_a_placeholder_of_its_form() {
        let one = r#"{"id":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","n":1,"at":"2025-01-01T00:00:00Z","who":"a","all":[1],"same":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","day":"2013-01-01T00:00:00Z"}"#;
        let other = r#"{"id":"018d4fae-7dec-11d0-a765-00a0c91e6bf6","n":2,"at":"2025-01-02T00:00:00Z","who":"b","all":[1,2],"same":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","day":"2013-01-01T00:00:00Z"}"#;
        let merged = lines(&format!("{one}\n"), &format!("{other}\n"), span());
        let expected = r#"{"id":"<uuid>","n":"<number>","at":"<timestamp>","who":"<text>","all":"<any>","same":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","day":"2013-01-01T00:00:00Z"}"#;
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&merged), read(expected));
    }

    #[test]
    fn a_time_of_the_run_is_not_that_of_the_next() {
        let line = "{\"at\":\"2026-03-01T10:00:30Z\"}\n";
        assert_eq!(lines(line, line, span()), "{\"at\":\"<timestamp>\"}\n");
    }

    #[test]
    fn headers_and_bodies_of_responses_are_told_apart() {
        let response = |etag: &str, n: u32| format!("200\netag: {etag}\nx: y\n\n{{\n  \"n\": {n}\n}}\n");
        let merged = merged(&Kind::Response, &response("a", 1), &response("b", 1), span());
        assert_eq!(merged, "200\netag: <any>\nx: y\n\n{\n  \"n\": 1\n}\n");
    }
}
