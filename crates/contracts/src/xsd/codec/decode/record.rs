//! An element of a complex type as a record: its attributes, its text.

use std::borrow::Cow;

use tenon_errors::{
    Report,
    catalogue::data::{BAD_FORMAT, MISSING_FIELD, OUT_OF_BOUNDS, TOO_DEEP, WRONG_KIND},
    clip,
};
use tenon_model::{Key, Map, Value};

use super::{Decoding, MAX_SHOWN, Start, is_instance};
use crate::{
    builder::{InOrder, Planned},
    violation::Path,
    xml::is_space,
    xsd::{
        layout::Body,
        model::{ComplexId, Content, ElementId},
        simple::{Link, Simple, Variety},
        tags::Tag,
    },
};

impl<'t> Decoding<'t, '_> {
    /// The element as a record, or as its text alone where the type is no more than that.
    pub(super) fn record(
        &mut self,
        of: ComplexId,
        id: Option<ElementId>,
        tag: Option<Tag>,
        start: &Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        let shapes = self.shapes;
        if depth >= self.limits.depth {
            let message = format!("the data has more than {} levels", self.limits.depth);
            return Err(Report::new(&TOO_DEEP, message));
        }
        let (complex, layout) = (&shapes.model.complex[of], &shapes.layouts[of]);
        let element = id.map(|id| &shapes.model.elements[id]);
        let is_plain = tag.is_none() && shapes.is_plain_text(of);
        let (fields, body) = (&layout.fields, layout.body_at());
        let tag = tag.map(|(name, value)| (Key::String(name), Value::String(value)));
        let mut record = InOrder::after(tag, fields.len());
        let others = self.attributes(of, start, &mut record, path);
        match (&layout.body, &complex.content) {
            (Body::Text(field), Content::Text(simple)) => {
                let text = self.text(path)?;
                let stand_in = element.and_then(|it| it.default.as_deref().or(it.fixed.as_deref()));
                let text = if text.is_empty() { stand_in.map_or(text, Cow::Borrowed) } else { text };
                let fixed = element.and_then(|it| it.fixed.as_deref());
                if is_plain {
                    let value = self.scalar(simple, &text, fixed, path, start.at);
                    self.tracker.value(&value);
                    return Ok(value);
                }
                let value = self.scalar(simple, &text, fixed, &path.field(field, false), start.at);
                self.tracker.value(&value);
                record.set(&mut self.builder, fields, body, value);
            }
            (Body::Mixed(field), content) => {
                let items = self.mixed(layout, content, start, &path.field(field, false), depth + 2)?;
                record.set(&mut self.builder, fields, body, Value::list(items));
            }
            (Body::Elements, content) => {
                self.elements(layout, content, start, &mut record, path, depth + 1)?;
            }
            _ => {
                let text = self.text(path)?;
                if !text.chars().all(is_space) {
                    self.violate(
                        &WRONG_KIND,
                        format!("`{}` is empty, and has text", start.name.local),
                        None,
                        path,
                        start.at,
                    );
                }
            }
        }
        if !others.is_empty() {
            record.set(&mut self.builder, fields, fields.len() - 1, Value::Map(others.into()));
        }
        Ok(Value::Map(record.finish(&mut self.builder, fields)?.into()))
    }

    /// Reads the attributes into `record`; the result is those that are let in without being listed.
    fn attributes(&mut self, of: ComplexId, start: &Start<'t>, record: &mut InOrder, path: &Path<'_>) -> Map {
        let shapes = self.shapes;
        let (complex, layout) = (&shapes.model.complex[of], &shapes.layouts[of]);
        let mut used = 0;
        for (position, declared) in complex.attributes.iter().enumerate() {
            let field = &layout.fields[position];
            let path = path.field(field.name(), false);
            let found = start.attributes.iter().find(|it| it.name == declared.name);
            if let Some(found) = found {
                used += 1;
                let fixed = declared.fixed.as_deref();
                let value = self.scalar(&declared.of, &found.value, fixed, &path, found.at);
                self.tracker.attribute(&declared.name, &value);
                record.set(&mut self.builder, &layout.fields, position, value);
            } else if let Some(default) = field.default() {
                // What stands in for it is one of the document's values, too.
                self.link(&declared.of, default, &path, start.at);
                self.tracker.attribute(&declared.name, default);
            } else if field.is_demanded() {
                let message = format!("the required attribute `{}` is missing", declared.name.local);
                self.violate(&MISSING_FIELD, message, None, &path, start.at);
            }
        }
        let mut others = Map::new();
        if used == start.attributes.len() {
            return others;
        }
        for attribute in &start.attributes {
            if is_instance(&attribute.name) || complex.attributes.iter().any(|it| it.name == attribute.name) {
                continue;
            }
            match &complex.any_attribute {
                Some(any) if any.allows(attribute.name.namespace.as_deref()) => {
                    others.insert(Key::from(attribute.name.to_string()), Value::from(&*attribute.value));
                }
                _ => {
                    let known = complex.attributes.iter().map(|it| &*it.name.local);
                    self.unexpected_attribute(attribute, known, path);
                }
            }
        }
        others
    }

    pub(super) fn scalar(
        &mut self,
        simple: &Simple,
        text: &str,
        fixed: Option<&str>,
        path: &Path<'_>,
        at: usize,
    ) -> Value {
        let value = match simple.read(text) {
            Ok(value) => value,
            Err(why) => {
                self.violate(&BAD_FORMAT, format!("{:?} {why}", clip(text, MAX_SHOWN)), None, path, at);
                return Value::Null;
            }
        };
        if let Some(fixed) = fixed
            && simple.read(fixed).is_ok_and(|fixed| fixed != value)
        {
            self.violate(
                &OUT_OF_BOUNDS,
                format!("{:?} is not {fixed:?}, which is fixed", clip(text, MAX_SHOWN)),
                None,
                path,
                at,
            );
        }
        self.link(simple, &value, path, at);
        value
    }

    /// Tells the document's IDs, and what refers to them.
    fn link(&mut self, simple: &Simple, value: &Value, path: &Path<'_>, at: usize) {
        if let (Variety::List(item), Value::List(values)) = (&simple.facets.variety, value) {
            return values.iter().for_each(|value| self.link(item, value, path, at));
        }
        match (simple.facets.link, value.as_str()) {
            (Some(Link::Id), Some(id)) if !self.tracker.is_first_id(id) => {
                let message = format!("the ID {:?} appears twice in the document", clip(id, MAX_SHOWN));
                self.violate(&OUT_OF_BOUNDS, message, None, path, at);
            }
            (Some(Link::Reference), Some(id)) => self.tracker.refers_to_id(id, at),
            _ => {}
        }
    }
}
