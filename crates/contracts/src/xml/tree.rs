//! A whole document as a tree with places: for schemas, which are small and refer from one end to the other.

use std::sync::Arc;

use tenon_errors::{Code, Lines, Place, Report};

use super::{Event, Limits, Name, Reader, Scope};

/// How large a schema may be.
const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 256, attributes: 1_000 };

/// An element with all that is in it.
#[derive(Debug)]
pub(crate) struct Element {
    /// Its name.
    pub(crate) name: Name,
    /// Its attributes in order.
    pub(crate) attributes: Vec<(Name, String)>,
    /// The elements in it.
    pub(crate) children: Vec<Element>,
    /// The text in it, without that of its elements.
    pub(crate) text: String,
    /// Where it starts.
    pub(crate) place: Place,
    /// Which prefixes are bound in it.
    pub(crate) scope: Arc<Scope>,
}

impl Element {
    /// The value of the attribute `name` of no namespace.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(it, _)| it.namespace.is_none() && &*it.local == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the document `text` of `file`.
///
/// # Errors
/// Under `code`, the first thing that is not well-formed, with its place.
pub(crate) fn parse(file: &str, text: &str, code: &'static Code) -> Result<Element, Report> {
    let path: Arc<str> = Arc::from(file);
    let mut reader = Reader::new(text, Some(Arc::clone(&path)), code, LIMITS)?;
    let mut open: Vec<Element> = Vec::new();
    let lines = Lines::of(text);
    loop {
        match reader.next()? {
            Event::Start { name, attributes, at } => {
                let scope = match open.last() {
                    Some(parent) if parent.scope.count() == reader.scope().count() => {
                        Arc::clone(&parent.scope)
                    }
                    _ => Arc::new(reader.scope().clone()),
                };
                let attributes = attributes.into_iter().map(|it| (it.name, it.value.into_owned())).collect();
                let place = lines.place(Arc::clone(&path), text, at..at + 1);
                open.push(Element {
                    name,
                    attributes,
                    children: Vec::new(),
                    text: String::new(),
                    place,
                    scope,
                });
            }
            Event::End { .. } => {
                let Some(element) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => {
                        reader.next()?;
                        return Ok(element);
                    }
                }
            }
            Event::Text { text, .. } => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text);
                }
            }
            Event::Done => return Err(Report::new(code, "the document has no element")),
        }
    }
}
