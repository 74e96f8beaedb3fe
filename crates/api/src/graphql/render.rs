//! The answer to a request: `data` in the order of the selections, and `errors`.

use apollo_compiler::{
    parser::{SourceMap, SourceSpan},
    response::JsonMap,
};
use serde_json::Value as Json;
use tenon_contracts::json;
use tenon_errors::{
    Report,
    catalogue::{api::ANSWER_TOO_LARGE, engine::INTERNAL},
};
use tenon_model::{Value, map::Hint};

use super::{
    execute::{Child, Fetched, Outcome},
    faults::{MOST, field_error},
    select::{Selected, SelectedField, SelectedRoot, SelectedRootKind, Source},
};

/// The whole answer, of at most `most` bytes. `meta` holds what introspection answered, by name in the answer.
///
/// # Errors
/// `A0202` if it is larger.
pub(super) fn render(
    roots: &[SelectedRoot<'_>],
    fetched: &Fetched<'_>,
    meta: &JsonMap,
    sources: &SourceMap,
    most: usize,
) -> Result<Vec<u8>, Report> {
    let mut answer = Rendering {
        fetched,
        sources,
        out: Vec::with_capacity(1024),
        path: Vec::new(),
        errors: Vec::new(),
        most,
    };
    answer.out.extend_from_slice(b"{\"data\":{");
    for (position, (root, outcome)) in roots.iter().zip(&fetched.roots).enumerate() {
        answer.key(position, &root.key);
        answer.path.push(root.key.as_str().into());
        answer.root(root, outcome, meta)?;
        answer.path.pop();
    }
    answer.out.push(b'}');
    let errors = std::mem::take(&mut answer.errors);
    if !errors.is_empty() {
        answer.out.extend_from_slice(b",\"errors\":");
        answer.out.extend_from_slice(Json::Array(errors).to_string().as_bytes());
    }
    answer.out.push(b'}');
    answer.within()?;
    Ok(answer.out)
}

/// Why something is not written.
enum Stop {
    /// A value that must not be null is null: the object that holds it becomes null (GraphQL, section 6.4.4).
    Missing,
    /// The answer is too large.
    Excess(Report),
}

impl From<Report> for Stop {
    fn from(report: Report) -> Self {
        Self::Excess(report)
    }
}

struct Rendering<'a> {
    fetched: &'a Fetched<'a>,
    sources: &'a SourceMap,
    out: Vec<u8>,
    path: Vec<Json>,
    errors: Vec<Json>,
    most: usize,
}

impl Rendering<'_> {
    fn root(&mut self, root: &SelectedRoot<'_>, outcome: &Outcome, meta: &JsonMap) -> Result<(), Report> {
        match outcome {
            Outcome::Meta => {
                let value = meta.get(root.key.as_str()).and_then(|value| serde_json::to_vec(value).ok());
                self.out.extend_from_slice(value.as_deref().unwrap_or(b"null"));
                self.within()
            }
            Outcome::Null => {
                self.null();
                Ok(())
            }
            Outcome::Failed(report) => {
                self.fail(report, root.location);
                self.null();
                Ok(())
            }
            Outcome::Row(row) => self.or_null(|this| this.row(*row)),
            Outcome::Page { items, count, next } => {
                let SelectedRootKind::Call { selected: Some(selected), .. } = &root.kind else {
                    self.null();
                    return Ok(());
                };
                let mark = self.mark();
                let page = self.page(selected, items, *count, next.as_deref());
                self.settle(mark, page)
            }
            Outcome::Reply(value) => {
                let SelectedRootKind::Call { selected, .. } = &root.kind else {
                    self.null();
                    return Ok(());
                };
                self.or_null(|this| this.value(value, selected.as_ref()))
            }
        }
    }

    fn page(
        &mut self,
        selected: &Selected,
        items: &[usize],
        count: usize,
        next: Option<&str>,
    ) -> Result<(), Stop> {
        let mut items = items.iter();
        self.out.push(b'{');
        for (position, field) in selected.fields.iter().enumerate() {
            self.key(position, &field.key);
            match &field.source {
                Source::Items(_) => {
                    let first = items.next().copied().unwrap_or(0);
                    self.path.push(field.key.as_str().into());
                    self.out.push(b'[');
                    for position in 0..count {
                        self.comma(position);
                        self.path.push(position.into());
                        self.row(first + position)?;
                        self.path.pop();
                    }
                    self.out.push(b']');
                    self.path.pop();
                }
                Source::Next => match next {
                    Some(next) => self.text(next),
                    None => self.null(),
                },
                _ => self.text(&selected.type_name),
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// An error once the answer is larger than allowed.
    fn within(&self) -> Result<(), Report> {
        if self.out.len() <= self.most {
            return Ok(());
        }
        let message = format!("the answer is larger than {} bytes", self.most);
        Err(Report::new(&ANSWER_TOO_LARGE, message)
            .hint("ask for fewer rows with `first`, for fewer fields, or in several requests"))
    }

    fn row(&mut self, row: usize) -> Result<(), Stop> {
        let Some(row) = self.fetched.rows.get(row) else { return Err(Stop::Missing) };
        self.object(&row.value, row.selected, &row.children)
    }

    fn object(&mut self, value: &Value, selected: &Selected, children: &[Child]) -> Result<(), Stop> {
        let mut children = children.iter();
        self.out.push(b'{');
        for (position, field) in selected.fields.iter().enumerate() {
            self.key(position, &field.key);
            self.path.push(field.key.as_str().into());
            match &field.source {
                Source::Reference { .. } => match children.next() {
                    Some(Child::Row(row)) => self.or_null(|this| this.row(*row))?,
                    Some(Child::Failed(report)) => {
                        self.fail(report, field.location);
                        self.null();
                    }
                    Some(Child::Null) | None => self.null(),
                },
                Source::Field { .. } => self.field(value, field)?,
                _ => self.text(&selected.type_name),
            }
            self.path.pop();
        }
        self.out.push(b'}');
        Ok(())
    }

    fn field(&mut self, value: &Value, field: &SelectedField) -> Result<(), Stop> {
        let Source::Field { name, position, required, selected } = &field.source else { return Ok(()) };
        let held = value
            .as_map()
            .and_then(|map| map.get_near(&Hint::new(*position), name))
            .filter(|value| !value.is_null());
        match held {
            Some(value) if *required => self.value(value, selected.as_deref()),
            Some(value) => Ok(self.or_null(|this| this.value(value, selected.as_deref()))?),
            None if *required => {
                let report =
                    Report::new(&INTERNAL, format!("`{name}` is required by the contract and absent"));
                self.fail(&report, field.location);
                Err(Stop::Missing)
            }
            None => {
                self.null();
                Ok(())
            }
        }
    }

    fn value(&mut self, value: &Value, selected: Option<&Selected>) -> Result<(), Stop> {
        match (value, selected) {
            (Value::List(values), Some(_)) => {
                self.out.push(b'[');
                for (position, value) in values.iter().enumerate() {
                    self.comma(position);
                    self.path.push(position.into());
                    self.value(value, selected)?;
                    self.path.pop();
                }
                self.out.push(b']');
                Ok(())
            }
            (Value::Map(_), Some(selected)) => self.object(value, selected, &[]),
            _ => {
                json::encode(value, &mut self.out);
                Ok(self.within()?)
            }
        }
    }

    /// Writes something, or null where something in it is missing.
    fn or_null(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Report> {
        let mark = self.mark();
        let written = write(self);
        self.settle(mark, written)
    }

    /// Where the answer and the path end.
    fn mark(&self) -> (usize, usize) {
        (self.out.len(), self.path.len())
    }

    /// Null in place of what was written since `mark`, where something in it is missing.
    fn settle(&mut self, (length, depth): (usize, usize), written: Result<(), Stop>) -> Result<(), Report> {
        match written {
            Ok(()) => self.within(),
            Err(Stop::Excess(report)) => Err(report),
            Err(Stop::Missing) => {
                self.out.truncate(length);
                self.path.truncate(depth);
                self.null();
                Ok(())
            }
        }
    }

    fn fail(&mut self, report: &Report, location: Option<SourceSpan>) {
        if self.errors.len() < MOST {
            self.errors.push(field_error(report, self.path.clone(), location, self.sources));
        }
    }

    fn comma(&mut self, position: usize) {
        if position > 0 {
            self.out.push(b',');
        }
    }

    /// A name in the answer, which GraphQL allows nothing in that JSON would have to escape.
    fn key(&mut self, position: usize, key: &str) {
        self.comma(position);
        self.text(key);
        self.out.push(b':');
    }

    /// Text that needs no escapes: names and cursors.
    fn text(&mut self, text: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
    }

    fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }
}
