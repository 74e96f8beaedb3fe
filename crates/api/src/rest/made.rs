//! Bodies of answers, made away from the threads that serve connections where they are long.

use http::HeaderValue;
use tenon_compute::{SHORT_BYTES, sized};
use tenon_contracts::json;
use tenon_model::Value;
use tenon_ports::Page;

use crate::http::conditional::etag;

/// A body and its entity tag.
pub(super) struct Made {
    pub(super) text: Vec<u8>,
    pub(super) tag: HeaderValue,
}

impl Made {
    /// The body of a row.
    pub(super) async fn row(row: Value) -> Self {
        // With the closure, the row goes away where the work is done.
        sized(row.weight(), move || Self::of(value(&row))).await
    }

    /// The body of a page, with the cursor of the next one.
    pub(super) async fn page(page: Page, next: Option<&str>) -> Self {
        let mut weight = 0;
        for row in &page.rows {
            weight += row.weight();
            if weight > SHORT_BYTES {
                break;
            }
        }
        sized(weight, move || Self::of(rows(&page.rows, next))).await
    }

    fn of(text: Vec<u8>) -> Self {
        Self { tag: etag(&text), text }
    }
}

/// The body of a reply.
pub(super) async fn reply(reply: Value) -> Vec<u8> {
    sized(reply.weight(), move || value(&reply)).await
}

fn value(value: &Value) -> Vec<u8> {
    let mut text = Vec::with_capacity(512);
    json::encode(value, &mut text);
    text
}

fn rows(rows: &[Value], next: Option<&str>) -> Vec<u8> {
    let mut text = Vec::with_capacity(64 + 512 * rows.len());
    text.extend_from_slice(b"{\"items\":[");
    for (position, row) in rows.iter().enumerate() {
        if position > 0 {
            text.push(b',');
        }
        json::encode(row, &mut text);
    }
    text.push(b']');
    if let Some(next) = next {
        // A cursor is base64url, which needs no escapes.
        text.extend_from_slice(b",\"next\":\"");
        text.extend_from_slice(next.as_bytes());
        text.push(b'"');
    }
    text.push(b'}');
    text
}
