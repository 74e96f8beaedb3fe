//! Cursors: where a page ended, as opaque text that is bound to the list that it came from.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tenon_contracts::{json, text};
use tenon_errors::{Report, catalogue::api::BAD_CURSOR};
use tenon_model::{Shape, Value};
use tenon_ports::{Predicate, Query};

/// A longer cursor is none of ours.
const LONGEST: usize = 4 << 10;
/// The bytes of the fingerprint.
const FINGERPRINT: usize = 8;

/// Identifies the list, filter and sort that a cursor belongs to; the order of filters does not matter.
pub(crate) fn fingerprint(list: &str, query: &Query) -> u64 {
    let mut hasher = DefaultHasher::new();
    list.hash(&mut hasher);
    for sort in &query.sort {
        (sort.column.as_str(), sort.descending).hash(&mut hasher);
    }
    let one = |filter: &tenon_ports::Filter| {
        let mut hasher = DefaultHasher::new();
        (filter.column.as_str(), predicate(&filter.predicate)).hash(&mut hasher);
        hasher.finish()
    };
    let filters = query.filters.iter().map(one).fold(0, u64::wrapping_add);
    filters.hash(&mut hasher);
    hasher.finish()
}

/// The text of a cursor at `values`.
pub(crate) fn encode(fingerprint: u64, values: &[Value]) -> String {
    let mut bytes = fingerprint.to_be_bytes().to_vec();
    json::encode(&Value::list(values.to_vec()), &mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The values of a cursor of this list, in the shapes of the columns that it is ordered by.
pub(crate) fn decode(cursor: &str, fingerprint: u64, order: &[&Shape]) -> Result<Vec<Value>, Report> {
    values(cursor, fingerprint, order).ok_or_else(|| {
        Report::new(&BAD_CURSOR, "the cursor is not one that this list gave out with this filter and sort")
            .path("/cursor")
            .hint("take the cursor from `next` of the page before, or start without one")
    })
}

fn values(cursor: &str, fingerprint: u64, order: &[&Shape]) -> Option<Vec<Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor.as_bytes().get(..cursor.len().min(LONGEST))?).ok()?;
    let (given, values) = bytes.split_at_checked(FINGERPRINT)?;
    if given != fingerprint.to_be_bytes() {
        return None;
    }
    let values = json::Decoder::open().decode(values).ok()?;
    let values = values.as_list().filter(|values| values.len() == order.len())?;
    values.iter().zip(order).map(|(value, shape)| typed(value, shape)).collect()
}

/// What JSON has no kind for comes back as text or plain number, and is read again by its shape.
fn typed(value: &Value, shape: &Shape) -> Option<Value> {
    match value {
        Value::Null => Some(Value::Null),
        Value::String(text) => text::scalar(text, shape).ok(),
        other => text::scalar(&json::to_string(other), shape).ok(),
    }
}

fn predicate(predicate: &Predicate) -> String {
    format!("{} {:?}", predicate.comparison().word(), predicate.values())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenon_ports::{Filter, Sort};

    use super::*;

    fn query(column: &str, descending: bool) -> Query {
        Query {
            filters: vec![Filter { column: column.into(), predicate: Predicate::Equal(Value::Int(1)) }],
            sort: vec![Sort { column: "at".into(), descending }],
            ..Query::default()
        }
    }

    #[test]
    fn values_of_every_kind_come_back() {
        let values = vec![
            Value::Timestamp(tenon_model::Instant::MAX),
            Value::Null,
            Value::Int(-3),
            Value::Float(2.0),
            Value::from("ü/+"),
        ];
        let shapes = [Shape::TIMESTAMP, Shape::INT.nullable(), Shape::INT, Shape::FLOAT, Shape::string()];
        let order: Vec<_> = shapes.iter().collect();
        let text = encode(7, &values);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
        assert_eq!(decode(&text, 7, &order).unwrap(), values);
        assert_eq!(decode(&text, 8, &order).unwrap_err().code().id, "A0105");
        assert!(decode(&text, 7, &order[1..]).is_err());
    }

    #[test]
    fn another_filter_or_sort_has_another_fingerprint() {
        let base = fingerprint("flights", &query("a", false));
        assert_eq!(base, fingerprint("flights", &query("a", false)));
        assert_ne!(base, fingerprint("flights", &query("a", true)));
        assert_ne!(base, fingerprint("flights", &query("b", false)));
        assert_ne!(base, fingerprint("airports", &query("a", false)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            prop_assert!(decode(&text, 7, &[&Shape::INT]).is_err());
        }
    }
}
