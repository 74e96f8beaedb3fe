//! The fields of a record as the elements inside of an element.

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::data::{MISSING_FIELD, UNEXPECTED_FIELD, WRONG_KIND},
};
use tenon_model::{Map, Value};

use super::Encoding;
use crate::{
    violation::Path,
    xml::Name,
    xsd::{
        codec::matcher::Matcher,
        layout::Layout,
        model::{Content, ElementId, Particle, Term, Wildcard},
    },
};

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

impl<'m> Encoding<'_, 'm> {
    pub(super) fn elements(
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
                    format!("`{}` is not allowed beside the other elements, or not that often", slot.field);
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
                if let Term::Any(wildcard, _) = &particle.term {
                    self.check_open_element(wildcard, value, path);
                }
                self.at_slot(slot.element, value, path, depth + 1)
            }
        }
    }

    /// An element that the schema leaves open is of a namespace that it lets in.
    fn check_open_element(&mut self, wildcard: &Wildcard, value: &Value, path: &Path<'_>) {
        let namespace = value.get("namespace").and_then(Value::as_str).filter(|it| !it.is_empty());
        if !wildcard.allows(namespace) {
            let message = format!(
                "an element of the namespace `{}` is not allowed here",
                namespace.unwrap_or("(none)")
            );
            self.violate(&UNEXPECTED_FIELD, message, path);
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
                self.violate(&MISSING_FIELD, format!("one of {} is required", fields.join(", ")), path);
            }
            Term::Sequence(parts) | Term::All(parts) => {
                parts
                    .iter()
                    .filter(|part| !part.is_emptiable())
                    .for_each(|part| self.missing_part(part, layout, path));
            }
        }
    }

    pub(super) fn mixed(
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
                self.characters(text, &path);
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
                    format!("the element `{}` is not allowed here", slot.field),
                    &path,
                );
            }
            if slot.element.is_none() {
                self.check_mixed_open(&mut matcher, value, &path);
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

    /// An element that the schema leaves open, among text.
    fn check_mixed_open(&mut self, matcher: &mut Option<Matcher<'m>>, value: &Value, path: &Path<'_>) {
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|it| !it.is_empty());
        let name = Name {
            namespace: text("namespace").map(Arc::from),
            local: Arc::from(text("name").unwrap_or_default()),
        };
        if let Some(matcher) = matcher
            && matcher.take(&name).is_none()
        {
            self.violate(&UNEXPECTED_FIELD, format!("the element `{name}` is not allowed here"), path);
        }
    }
}
