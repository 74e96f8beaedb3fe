//! Values as XML: the content model leads, and takes from the fields what each part needs.

use tenon_errors::{
    Code, Report,
    catalogue::data::{BAD_FORMAT, MISSING_FIELD, TOO_DEEP, UNEXPECTED_FIELD, WRONG_KIND},
};
use tenon_model::{Map, Value};

use super::{matcher::Matcher, prefixes::Prefixes};
use crate::{
    violation::{self, Path, Violations},
    xml::{write_attribute, write_text},
    xsd::{
        layout::{Body, Layout},
        model::{ComplexId, Content, ElementId, Particle, Term, Type},
        shapes::Shapes,
        simple::Simple,
    },
};

/// The most levels that are written.
const MAX_DEPTH: usize = 64;

pub(super) struct Encoding<'o, 'm> {
    shapes: &'m Shapes,
    prefixes: &'m Prefixes,
    pub(super) out: &'o mut Vec<u8>,
    violations: Violations,
    is_begun: bool,
}

/// The values of a record that its content model takes, by slot.
struct Supply<'v, 'm> {
    layout: &'m Layout,
    values: Vec<&'v [Value]>,
    taken: Vec<usize>,
}

impl<'v> Supply<'v, '_> {
    fn has(&self, leaf: usize) -> bool {
        let slot = self.layout.leaves[leaf].slot;
        self.taken[slot] < self.values[slot].len()
    }

    fn take(&mut self, leaf: usize) -> Option<(usize, usize, &'v Value)> {
        let slot = self.layout.leaves[leaf].slot;
        let at = self.taken[slot];
        let value = self.values[slot].get(at)?;
        self.taken[slot] += 1;
        Some((slot, at, value))
    }

    /// Whether something is there for a leaf of `particle`.
    fn has_any(&self, particle: &Particle) -> bool {
        match &particle.term {
            Term::Element(_, leaf) | Term::Any(_, leaf) => self.has(*leaf),
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                parts.iter().any(|part| self.has_any(part))
            }
        }
    }
}

impl<'o, 'm> Encoding<'o, 'm> {
    pub(super) fn new(shapes: &'m Shapes, prefixes: &'m Prefixes, out: &'o mut Vec<u8>) -> Self {
        Self { shapes, prefixes, out, violations: Violations::default(), is_begun: false }
    }

    pub(super) fn document(mut self, root: ElementId, value: &Value) -> Result<(), Report> {
        self.member(root, value, &Path::ROOT, 0)?;
        self.violations.finish(())
    }

    /// An element where `declared` is declared: itself, or what the tag names.
    fn member(
        &mut self,
        declared: ElementId,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let shapes = self.shapes;
        let members = shapes.model.substitutes(declared);
        if members == [declared] || members.is_empty() {
            return self.element(declared, None, value, &[], path, depth);
        }
        let tag = shapes.element_tag(&members);
        let named = value.get(&tag).and_then(Value::as_str);
        let member = members.iter().find(|id| named == Some(shapes.tag_value(**id, &members).as_str()));
        match member {
            Some(id) if shapes.inlined(*id).is_some() => self.element(*id, None, value, &[&tag], path, depth),
            Some(id) => {
                let inner = value.get("value").unwrap_or(&Value::Null);
                self.element(*id, None, inner, &[], &path.field("value", false), depth + 1)
            }
            None => {
                self.violate(
                    &WRONG_KIND,
                    format!("`{tag}` names none of the elements that may stand here"),
                    path,
                );
                Ok(())
            }
        }
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

    /// Writes an element; `known` are fields that its type does not have.
    fn element(
        &mut self,
        id: ElementId,
        of: Option<ComplexId>,
        value: &Value,
        known: &[&str],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let shapes = self.shapes;
        if depth > MAX_DEPTH {
            return Err(Report::new(&TOO_DEEP, format!("the data has more than {MAX_DEPTH} levels"))
                .path(path.pointer()));
        }
        let element = &shapes.model.elements[id];
        let name = self.prefixes.element(&element.name);
        self.begin(&name);
        if value.is_null() && element.is_nillable {
            self.out.extend_from_slice(b" xsi:nil=\"true\"></");
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'>');
            return Ok(());
        }
        match (&element.of, of) {
            (Type::Any, _) => {
                let default = self.prefixes.default.clone();
                self.open_attributes(value.get("attributes"), path);
                self.open_content(value.get("content"), default.as_deref().unwrap_or_default(), path, depth);
            }
            (Type::Simple(simple), _) => {
                self.out.push(b'>');
                self.text(simple, value, path);
            }
            (Type::Complex(declared), _) => self.complex(*declared, value, known, path, depth)?,
        }
        self.end(&name);
        Ok(())
    }

    fn complex(
        &mut self,
        declared: ComplexId,
        value: &Value,
        known: &[&str],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let shapes = self.shapes;
        if !shapes.is_union(declared) {
            return self.record(declared, value, known, path, depth);
        }
        let variants = shapes.model.variants(declared);
        let tag = shapes.type_tag(&variants);
        let named = value.get(&tag).and_then(Value::as_str);
        let variant =
            variants.iter().find(|id| named == Some(shapes.type_tag_value(**id, &variants).as_str()));
        let Some(variant) = variant else {
            self.out.push(b'>');
            self.violate(&WRONG_KIND, format!("`{tag}` names none of the types that may stand here"), path);
            return Ok(());
        };
        if let Some(name) = shapes.model.complex[*variant].name.as_ref().filter(|_| *variant != declared) {
            self.out.extend_from_slice(b" xsi:type=");
            write_attribute(&self.prefixes.other(name), self.out);
        }
        let known: Vec<&str> = known.iter().copied().chain([tag.as_str()]).collect();
        self.record(*variant, value, &known, path, depth)
    }

    /// Writes the rest of the tag, and what is inside.
    fn record(
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
                        self.out.push(b' ');
                        self.out.extend_from_slice(self.prefixes.other(&attribute.name).as_bytes());
                        self.out.push(b'=');
                        write_attribute(&text, self.out);
                    }
                    Err(why) => self.violate(&BAD_FORMAT, why, &path.field(field, false)),
                },
                None if attribute.is_required => self.missing(field, path),
                None => {}
            }
        }
        if let Some(field) = &layout.any_attributes {
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

    fn text(&mut self, simple: &Simple, value: &Value, path: &Path<'_>) {
        match simple.write(value) {
            Ok(text) => write_text(&text, self.out),
            Err(why) => self.violate(&BAD_FORMAT, why, path),
        }
    }

    fn elements(
        &mut self,
        layout: &'m Layout,
        particle: &'m Particle,
        map: &Map,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let mut values: Vec<&[Value]> = Vec::with_capacity(layout.slots.len());
        for slot in &layout.slots {
            values.push(match map.get(&slot.field) {
                None => &[],
                Some(Value::List(items)) if slot.is_list() => items,
                Some(value) if slot.is_list() => {
                    self.violate(
                        &WRONG_KIND,
                        format!("expected a list, found {value}"),
                        &path.field(&slot.field, false),
                    );
                    &[]
                }
                Some(value) => std::slice::from_ref(value),
            });
        }
        let taken = vec![0; values.len()];
        let mut supply = Supply { layout, values, taken };
        self.part(particle, &mut supply, path, depth)?;
        for (slot, (values, taken)) in layout.slots.iter().zip(supply.values.iter().zip(&supply.taken)) {
            if *taken < values.len() {
                let message =
                    format!("`{}` cannot stand beside the other elements, or not so often", slot.field);
                self.violate(&UNEXPECTED_FIELD, message, &path.field(&slot.field, false));
            }
        }
        Ok(())
    }

    /// Writes a part as often as there is something for it, and as often as it has to come.
    fn part(
        &mut self,
        particle: &'m Particle,
        supply: &mut Supply<'_, 'm>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let mut count = 0;
        while particle.max.is_none_or(|max| count < max) {
            if !supply.has_any(particle) {
                if count < particle.min && !particle.is_emptiable() {
                    self.missing_part(particle, supply.layout, path);
                }
                return Ok(());
            }
            self.round(particle, supply, path, depth)?;
            count += 1;
        }
        Ok(())
    }

    fn round(
        &mut self,
        particle: &'m Particle,
        supply: &mut Supply<'_, 'm>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match &particle.term {
            Term::Sequence(parts) | Term::All(parts) => {
                parts.iter().try_for_each(|part| self.part(part, supply, path, depth))
            }
            Term::Choice(parts) => match parts.iter().find(|part| supply.has_any(part)) {
                Some(part) => self.part(part, supply, path, depth),
                None => Ok(()),
            },
            Term::Element(_, leaf) | Term::Any(_, leaf) => {
                let Some((slot, at, value)) = supply.take(*leaf) else { return Ok(()) };
                let slot = &supply.layout.slots[slot];
                let field = path.field(&slot.field, false);
                let item = field.item(at);
                let path = if slot.is_list() { &item } else { &field };
                self.at_slot(slot.element, value, path, depth + 1)
            }
        }
    }

    fn at_slot(
        &mut self,
        element: Option<ElementId>,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match element {
            Some(id) => self.member(id, value, path, depth),
            None => {
                let default = self.prefixes.default.clone();
                self.open(value, default.as_deref().unwrap_or_default(), path, depth);
                Ok(())
            }
        }
    }

    fn missing_part(&mut self, particle: &Particle, layout: &Layout, path: &Path<'_>) {
        match &particle.term {
            Term::Element(_, leaf) | Term::Any(_, leaf) => {
                self.missing(&layout.slots[layout.leaves[*leaf].slot].field, path);
            }
            Term::Choice(parts) => {
                let mut fields = Vec::new();
                parts.iter().for_each(|part| {
                    part.for_each_leaf(&mut |leaf| {
                        if let Term::Element(_, leaf) | Term::Any(_, leaf) = leaf.term {
                            fields.push(format!("`{}`", layout.slots[layout.leaves[leaf].slot].field));
                        }
                    });
                });
                self.violate(&MISSING_FIELD, format!("one of {} has to be there", fields.join(", ")), path);
            }
            Term::Sequence(parts) | Term::All(parts) => {
                parts
                    .iter()
                    .filter(|part| !part.is_emptiable())
                    .for_each(|part| self.missing_part(part, layout, path));
            }
        }
    }

    fn mixed(
        &mut self,
        layout: &'m Layout,
        content: &'m Content,
        items: Option<&Value>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let mut matcher = match content {
            Content::Elements(particle) => Some(Matcher::new(particle, layout)),
            _ => None,
        };
        for (at, item) in items.and_then(Value::as_list).unwrap_or_default().iter().enumerate() {
            let path = path.item(at);
            if let Value::String(text) = item {
                write_text(text, self.out);
                continue;
            }
            let entry = item.as_map().and_then(|map| map.iter().next());
            let slot = entry.and_then(|(key, value)| {
                let slot = layout.slots.iter().find(|slot| Some(slot.field.as_str()) == key.as_str())?;
                Some((slot, value))
            });
            let Some((slot, value)) = slot else {
                self.violate(
                    &WRONG_KIND,
                    format!("expected text or a record of one element, found {item}"),
                    &path,
                );
                continue;
            };
            if let (Some(matcher), Some(id)) = (&mut matcher, slot.element)
                && !self
                    .shapes
                    .model
                    .substitutes(id)
                    .iter()
                    .any(|id| matcher.take(&self.shapes.model.elements[*id].name).is_some())
            {
                self.violate(
                    &UNEXPECTED_FIELD,
                    format!("the element `{}` cannot stand here", slot.field),
                    &path,
                );
            }
            self.at_slot(slot.element, value, &path.field(&slot.field, false), depth + 2)?;
        }
        if let Some(matcher) = matcher.filter(|matcher| !matcher.is_complete()) {
            let names: Vec<String> =
                matcher.missing().iter().map(|name| format!("`{}`", name.local)).collect();
            self.violate(&MISSING_FIELD, format!("an element is missing: {}", names.join(", ")), path);
        }
        Ok(())
    }

    fn missing(&mut self, field: &str, path: &Path<'_>) {
        self.violations.push(violation::missing(field, path));
    }

    pub(super) fn violate_open(&mut self, message: &str, value: &Value, path: &Path<'_>) {
        self.violate(&WRONG_KIND, format!("{message}; found {value}"), path);
    }

    fn violate(&mut self, code: &'static Code, message: String, path: &Path<'_>) {
        self.violations.push(Report::new(code, message).path(path.pointer()));
    }
}
