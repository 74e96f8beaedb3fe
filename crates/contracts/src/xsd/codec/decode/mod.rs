//! XML as values: one walk over document and schema together.

mod content;
mod element;
mod record;
mod tell;

use std::borrow::Cow;

use tenon_errors::{
    Report,
    catalogue::data::{BAD_XML, WRONG_KIND},
};
use tenon_model::Value;

use crate::{
    builder::Builder,
    violation::{Path, Violations},
    xml::{Attribute, Event, INSTANCE, Limits, Name, Reader},
    xsd::{identity::Tracker, model::ElementId, shapes::Shapes},
};

/// The most characters of a text that a message shows.
const MAX_SHOWN: usize = 80;
/// The most names of elements that a message lists.
const MAX_NAMES: usize = 10;

pub(crate) struct Decoding<'t, 'm> {
    pub(crate) reader: Reader<'t>,
    shapes: &'m Shapes,
    builder: Builder,
    violations: Violations,
    pub(super) tracker: Tracker<'m>,
    pub(super) limits: Limits,
}

/// The start of an element, and where.
pub(crate) struct Start<'t> {
    pub(crate) name: Name,
    pub(crate) attributes: Vec<Attribute<'t>>,
    pub(crate) at: usize,
}

impl Start<'_> {
    /// The value of an attribute of the namespace of instances.
    fn instance(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.name.is(INSTANCE, local)).map(|it| it.value.trim())
    }
}

impl<'t, 'm> Decoding<'t, 'm> {
    pub(in crate::xsd) fn new(text: &'t str, shapes: &'m Shapes, limits: Limits) -> Result<Self, Report> {
        let reader = Reader::new(text, None, &BAD_XML, limits)?;
        let tracker = Tracker::new(&shapes.model);
        Ok(Self {
            reader,
            shapes,
            builder: Builder::default(),
            violations: Violations::default(),
            tracker,
            limits,
        })
    }

    /// The document, whose element is `root` or stands for it.
    pub(super) fn document(mut self, root: ElementId) -> Result<Value, Report> {
        let Some(start) = self.next_start()? else { return self.finish(Value::Null) };
        let value = self.top(root, start, &Path::ROOT)?;
        loop {
            if let Event::Done = self.reader.next()? {
                return self.finish(value);
            }
        }
    }

    /// Goes to the next start of an element; `None` at the end of the element around.
    pub(crate) fn next_start(&mut self) -> Result<Option<Start<'t>>, Report> {
        loop {
            match self.reader.next()? {
                Event::Start { name, attributes, at } => return Ok(Some(Start { name, attributes, at })),
                Event::End { .. } | Event::Done => return Ok(None),
                Event::Text { .. } => {}
            }
        }
    }

    /// The element that has begun, which is `root` or stands for it.
    pub(in crate::xsd) fn top(
        &mut self,
        root: ElementId,
        start: Start<'t>,
        path: &Path<'_>,
    ) -> Result<Value, Report> {
        let model = &self.shapes.model;
        let members = model.substitutes(root);
        if let Some(id) = members.iter().find(|id| model.elements[**id].name == start.name) {
            return self.member(root, *id, start, path, 0);
        }
        let message =
            format!("the document is `{}`, and `{}` is expected", start.name, model.elements[root].name);
        self.violate(&WRONG_KIND, message, None, path, start.at);
        self.skip()?;
        Ok(Value::Null)
    }

    /// `value` if nothing was wrong.
    pub(crate) fn finish(mut self, value: Value) -> Result<Value, Report> {
        let troubles = self.tracker.finish();
        self.tell(troubles, &Path::ROOT);
        self.violations.finish(value)
    }

    /// The text up to the end of the element. Elements inside are violations.
    pub(crate) fn text(&mut self, path: &Path<'_>) -> Result<Cow<'t, str>, Report> {
        let mut whole: Cow<'t, str> = Cow::Borrowed("");
        loop {
            match self.reader.next()? {
                Event::Text { text, .. } if whole.is_empty() => whole = text,
                Event::Text { text, .. } => whole.to_mut().push_str(&text),
                Event::Start { name, at, .. } => {
                    self.unexpected_element(&name, &[], path, at);
                    self.skip()?;
                }
                Event::End { .. } | Event::Done => return Ok(whole),
            }
        }
    }

    /// Goes to the end of the element that has begun.
    pub(crate) fn skip(&mut self) -> Result<(), Report> {
        let mut depth = 0usize;
        loop {
            match self.reader.next()? {
                Event::Start { .. } => depth += 1,
                Event::End { .. } if depth == 0 => return Ok(()),
                Event::End { .. } => depth -= 1,
                Event::Text { .. } => {}
                Event::Done => return Ok(()),
            }
        }
    }
}

/// What every document may say of its schema.
fn is_instance(name: &Name) -> bool {
    name.namespace.as_deref() == Some(INSTANCE)
        && matches!(&*name.local, "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation")
}
