//! A record as an element of a complex type: its attributes, its text.

use tenon_errors::{
    Report,
    catalogue::data::{BAD_FORMAT, UNEXPECTED_FIELD, WRONG_KIND},
};
use tenon_model::{Map, Value};

use super::Encoding;
use crate::{
    violation::{self, Path},
    xsd::{
        codec::open::name_of,
        layout::Body,
        model::{Complex, ComplexId, Content},
    },
};

impl<'m> Encoding<'_, 'm> {
    /// Writes the rest of the tag, and what is inside.
    pub(super) fn record(
        &mut self,
        of: ComplexId,
        value: &Value,
        known: &[&str],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let shapes = self.shapes;
        let (complex, layout) = (&shapes.model.complex[of], &shapes.layouts[of]);
        if let (Content::Text(simple), true) =
            (&complex.content, shapes.is_plain_text(of) && known.is_empty())
        {
            self.out.push(b'>');
            self.text(simple, value, path);
            return Ok(());
        }
        let Some(map) = value.as_map() else {
            self.out.push(b'>');
            self.violate(&WRONG_KIND, format!("expected a record, found {value}"), path);
            return Ok(());
        };
        self.unknown_fields(of, map, known, path);
        for (attribute, field) in complex.attributes.iter().zip(&layout.attributes) {
            match map.get(field) {
                Some(value) => match attribute.of.write(value) {
                    Ok(text) => {
                        self.tracker.attribute(&attribute.name, value);
                        self.link(&attribute.of, value, &path.field(field, false));
                        self.out.push(b' ');
                        self.out.extend_from_slice(self.prefixes.other(&attribute.name).as_bytes());
                        self.out.push(b'=');
                        self.quoted(&text, &path.field(field, false));
                    }
                    Err(why) => self.violate(&BAD_FORMAT, why, &path.field(field, false)),
                },
                None if attribute.is_required => self.missing(field, path),
                None => {}
            }
        }
        if let Some(field) = &layout.any_attributes {
            self.check_open_attributes(complex, map.get(field), &path.field(field, false));
            self.open_attributes(map.get(field), path);
        }
        match (&layout.body, &complex.content) {
            (Body::Text(field), Content::Text(simple)) => {
                self.out.push(b'>');
                match map.get(field) {
                    Some(value) => self.text(simple, value, &path.field(field, false)),
                    None => self.missing(field, path),
                }
            }
            (Body::Mixed(field), content) => {
                self.out.push(b'>');
                self.mixed(layout, content, map.get(field), &path.field(field, false), depth)?;
            }
            (Body::Elements, Content::Elements(particle)) => {
                self.out.push(b'>');
                self.elements(layout, particle, map, path, depth)?;
            }
            _ => self.out.push(b'>'),
        }
        Ok(())
    }

    fn unknown_fields(&mut self, of: ComplexId, map: &Map, known: &[&str], path: &Path<'_>) {
        for (key, _) in map.iter() {
            let name = key.as_str().unwrap_or_default();
            if !known.contains(&name) && !self.shapes.fields(of).any(|field| field == name) {
                let report = violation::unexpected(name, self.shapes.fields(of), path);
                self.violations.push(report);
            }
        }
    }

    /// Attributes that the type does not list are those that it lets in, and none that it lists.
    fn check_open_attributes(&mut self, complex: &Complex, attributes: Option<&Value>, path: &Path<'_>) {
        for (key, _) in attributes.and_then(Value::as_map).into_iter().flat_map(Map::iter) {
            let key = key.as_str().unwrap_or_default();
            let (namespace, local) = name_of(key);
            let is_let_in = complex.any_attribute.as_ref().is_some_and(|any| any.allows(namespace));
            let is_listed = complex
                .attributes
                .iter()
                .any(|it| it.name.namespace.as_deref() == namespace && &*it.name.local == local);
            if !is_let_in || is_listed {
                let message = format!("the attribute `{key}` is not allowed here");
                self.violate(&UNEXPECTED_FIELD, message, &path.field(key, false));
            }
        }
    }
}
