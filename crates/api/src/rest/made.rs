//! Bodies of answers, made away from the threads that serve connections where they are long.

use http::HeaderValue;
use tenon_compute::{SHORT_BYTES, sized};
use tenon_contracts::json;
use tenon_errors::Report;
use tenon_model::Value;
use tenon_ports::Page;

use super::form::{Form, unwritable};
use crate::http::conditional::{etag, of_form};

/// A body and its entity tag.
pub(super) struct Made {
    pub(super) text: Vec<u8>,
    pub(super) tag: HeaderValue,
}

impl Made {
    /// The body of a row.
    pub(super) async fn row(row: Value, form: &Form) -> Result<Self, Report> {
        let form = form.clone();
        // With the closure, the row goes away where the work is done.
        sized(row.weight(), move || {
            let plain = Self::of(value(&row));
            match form {
                Form::Json => Ok(plain),
                form => plain.in_form(|text| form.write(&row, text)),
            }
        })
        .await
    }

    /// The body of a page, in JSON with the cursor of the next one.
    pub(super) async fn page(page: Page, next: Option<&str>, form: &Form) -> Result<Self, Report> {
        let mut weight = 0;
        for row in &page.rows {
            weight += row.weight();
            if weight > SHORT_BYTES {
                break;
            }
        }
        let form = form.clone();
        sized(weight, move || {
            let plain = Self::of(rows(&page.rows, next));
            match form {
                Form::Rows(csv) => plain.in_form(|text| csv.write_rows(&page.rows, text).map_err(unwritable)),
                Form::Json | Form::Coded(_) => Ok(plain),
            }
        })
        .await
    }

    /// The body of a reply.
    pub(super) async fn reply(reply: Value, form: &Form) -> Result<Self, Report> {
        let form = form.clone();
        sized(reply.weight(), move || {
            let mut text = Vec::with_capacity(512);
            form.write(&reply, &mut text).map(|()| Self::of(text))
        })
        .await
    }

    fn of(text: Vec<u8>) -> Self {
        Self { tag: etag(&text), text }
    }

    /// The same in another form. Its tag tells it from the others, and says that it is the same state as they are.
    fn in_form(mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), Report>) -> Result<Self, Report> {
        self.text.clear();
        write(&mut self.text)?;
        Ok(Self { tag: of_form(&self.tag, &self.text), text: self.text })
    }
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
