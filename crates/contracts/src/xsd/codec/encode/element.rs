//! An element where it is declared: what stands for it, and its type.

use tenon_errors::{
    Report,
    catalogue::data::{TOO_DEEP, WRONG_KIND},
};
use tenon_model::Value;

use super::{Encoding, MAX_DEPTH};
use crate::{
    violation::Path,
    xml::write_attribute,
    xsd::model::{ComplexId, Element, ElementId, Type},
};

impl Encoding<'_, '_> {
    /// An element where `declared` is declared: itself, or what the tag names.
    pub(super) fn member(
        &mut self,
        declared: ElementId,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let shapes = self.shapes;
        let Some(tags) = shapes.element_tags(declared) else {
            return self.element(declared, value, &[], path, depth);
        };
        let tag = tags.field();
        match value.get(tag).and_then(Value::as_str).and_then(|named| tags.named(named)) {
            Some(id) if shapes.inlined(id).is_some() => self.element(id, value, &[tag], path, depth),
            Some(id) => {
                let inner = value.get("value").unwrap_or(&Value::Null);
                self.element(id, inner, &[], &path.field("value", false), depth + 1)
            }
            None => {
                self.violate(
                    &WRONG_KIND,
                    format!("`{tag}` names none of the elements that are allowed here"),
                    path,
                );
                Ok(())
            }
        }
    }

    /// Writes an element; `known` are fields that its type does not have.
    fn element(
        &mut self,
        id: ElementId,
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
        self.tracker.start(Some(id), &element.name, 0);
        if value.is_null() && element.is_nillable {
            self.check_nil(element, path);
            self.tracker.nil();
            let troubles = self.tracker.end()?;
            self.tell(troubles, path);
            self.out.extend_from_slice(b" xsi:nil=\"true\"></");
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'>');
            return Ok(());
        }
        match &element.of {
            Type::Any => {
                let default = self.prefixes.default.clone();
                self.open_attributes(value.get("attributes"), path);
                self.open_content(value.get("content"), default.as_deref().unwrap_or_default(), path, depth);
            }
            Type::Simple(simple) => {
                self.out.push(b'>');
                self.text(simple, value, path);
            }
            Type::Complex(declared) => self.complex(*declared, element, value, known, path, depth)?,
        }
        let troubles = self.tracker.end()?;
        self.tell(troubles, path);
        self.end(&name);
        Ok(())
    }

    /// What an element that is nil may be: not one whose value is fixed, nor one that has to have attributes.
    fn check_nil(&mut self, element: &Element, path: &Path<'_>) {
        let required = match element.of {
            Type::Complex(of) => self.shapes.model.complex[of].attributes.iter().find(|it| it.is_required),
            _ => None,
        };
        let why = match required {
            Some(attribute) => format!("has to have the attribute `{}`", attribute.name.local),
            None if element.fixed.is_some() => "has a fixed value".to_owned(),
            None => return,
        };
        self.violate(&WRONG_KIND, format!("`{}` cannot be null, because it {why}", element.name.local), path);
    }

    fn complex(
        &mut self,
        declared: ComplexId,
        element: &Element,
        value: &Value,
        known: &[&str],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let shapes = self.shapes;
        let Some(tags) = shapes.type_tags(declared) else {
            return self.record(declared, value, known, path, depth);
        };
        let tag = tags.field();
        let Some(variant) = value.get(tag).and_then(Value::as_str).and_then(|named| tags.named(named)) else {
            self.out.push(b'>');
            self.violate(&WRONG_KIND, format!("`{tag}` names none of the types that are allowed here"), path);
            return Ok(());
        };
        if shapes.model.ways(variant, declared).is_some_and(|ways| ways.meets(element.block)) {
            let message = format!("the type `{}` is blocked here", shapes.model.complex[variant].title);
            self.violate(&WRONG_KIND, message, path);
        }
        if let Some(name) = shapes.model.complex[variant].name.as_ref().filter(|_| variant != declared) {
            self.out.extend_from_slice(b" xsi:type=");
            write_attribute(&self.prefixes.other(name), self.out);
        }
        let known: Vec<&str> = known.iter().copied().chain([tag.as_str()]).collect();
        self.record(variant, value, &known, path, depth)
    }
}
