//! Values as XML: the content model leads, and takes from the fields what each part needs.

mod content;
mod element;
mod record;

use tenon_errors::{
    Code, Report,
    catalogue::data::{BAD_FORMAT, OUT_OF_BOUNDS, WRONG_KIND},
    clip,
};
use tenon_model::Value;

use super::prefixes::Prefixes;
use crate::{
    violation::{self, Path, Violations},
    xml::{is_allowed, write_attribute, write_text},
    xsd::{
        identity::{Tracker, Trouble},
        model::ElementId,
        shapes::Shapes,
        simple::{Link, Simple, Variety},
    },
};

/// The most levels that are written.
const MAX_DEPTH: usize = 64;
/// The most characters of a text that a message shows.
const MAX_SHOWN: usize = 80;

pub(crate) struct Encoding<'o, 'm> {
    shapes: &'m Shapes,
    prefixes: &'m Prefixes,
    pub(super) out: &'o mut Vec<u8>,
    violations: Violations,
    pub(super) tracker: Tracker<'m>,
    is_begun: bool,
}

impl<'o, 'm> Encoding<'o, 'm> {
    pub(in crate::xsd) fn new(shapes: &'m Shapes, prefixes: &'m Prefixes, out: &'o mut Vec<u8>) -> Self {
        let tracker = Tracker::new(&shapes.model);
        Self { shapes, prefixes, out, violations: Violations::default(), tracker, is_begun: false }
    }

    /// Writes `value` as `root`, at `path` of what is told of it.
    pub(in crate::xsd) fn document(
        mut self,
        root: ElementId,
        value: &Value,
        path: &Path<'_>,
    ) -> Result<(), Report> {
        self.member(root, value, path, 0)?;
        let troubles = self.tracker.finish();
        self.tell(troubles, path);
        self.violations.finish(())
    }

    fn begin(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if !std::mem::replace(&mut self.is_begun, true) {
            self.prefixes.declare(self.out);
        }
    }

    fn end(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    fn text(&mut self, simple: &Simple, value: &Value, path: &Path<'_>) {
        match simple.write(value) {
            Ok(text) => {
                self.characters(&text, path);
                self.tracker.value(value);
                self.link(simple, value, path);
            }
            Err(why) => self.violate(&BAD_FORMAT, why, path),
        }
    }

    /// Writes text between tags.
    pub(super) fn characters(&mut self, text: &str, path: &Path<'_>) {
        self.check_characters(text, path);
        write_text(text, self.out);
    }

    /// Writes the value of an attribute, in quotes.
    pub(super) fn quoted(&mut self, text: &str, path: &Path<'_>) {
        self.check_characters(text, path);
        write_attribute(text, self.out);
    }

    /// XML has no way to write some characters, not even by a reference.
    fn check_characters(&mut self, text: &str, path: &Path<'_>) {
        if let Some(odd) = text.chars().find(|c| !is_allowed(*c)) {
            let (text, code) = (clip(text, MAX_SHOWN), u32::from(odd));
            let message = format!("{text:?} has the character U+{code:04X}, which XML cannot hold");
            self.violate(&BAD_FORMAT, message, path);
        }
    }

    /// Tells the document's IDs, and what refers to them.
    fn link(&mut self, simple: &Simple, value: &Value, path: &Path<'_>) {
        if let (Variety::List(item), Value::List(values)) = (&simple.facets.variety, value) {
            return values.iter().for_each(|value| self.link(item, value, path));
        }
        match (simple.facets.link, value.as_str()) {
            (Some(Link::Id), Some(id)) if !self.tracker.is_first_id(id) => {
                let message = format!("the ID {:?} appears twice in the document", clip(id, MAX_SHOWN));
                self.violate(&OUT_OF_BOUNDS, message, path);
            }
            (Some(Link::Reference), Some(id)) => self.tracker.refers_to_id(id, 0),
            _ => {}
        }
    }

    /// Reports what is wrong with keys.
    pub(super) fn tell(&mut self, troubles: Vec<Trouble>, path: &Path<'_>) {
        for trouble in troubles {
            self.violate(&OUT_OF_BOUNDS, trouble.message, path);
        }
    }

    fn missing(&mut self, field: &str, path: &Path<'_>) {
        self.violations.push(violation::missing(field, path));
    }

    pub(super) fn push(&mut self, report: Report) {
        self.violations.push(report);
    }

    pub(super) fn violate_open(&mut self, message: &str, value: &Value, path: &Path<'_>) {
        self.violate(&WRONG_KIND, format!("{message}; found {value}"), path);
    }

    fn violate(&mut self, code: &'static Code, message: String, path: &Path<'_>) {
        self.violations.push(Report::new(code, message).path(path.pointer()));
    }
}
