//! An element where it is declared: what stands for it, its type, and whether it is nil.

use std::borrow::Cow;

use tenon_errors::{
    Report,
    catalogue::data::{BAD_FORMAT, MISSING_FIELD, WRONG_KIND},
    clip,
};
use tenon_model::Value;

use super::{Decoding, MAX_NAMES, MAX_SHOWN, Start, is_instance};
use crate::{
    violation::Path,
    xsd::{
        model::{ComplexId, Element, ElementId, Type},
        simple::Simple,
        tags::Tag,
        ways::Ways,
    },
};

/// What an element is read by.
enum Reading<'m> {
    /// The record of this type, with this tag.
    Record(ComplexId, Option<Tag>),
    /// A text of the type, and of the one that `xsi:type` names.
    Text(&'m Simple, Option<&'m Simple>),
    Open,
    /// By nothing: that was told.
    Nothing,
}

impl<'t, 'm> Decoding<'t, 'm> {
    /// An element where `declared` is declared, which may stand for it.
    pub(super) fn member(
        &mut self,
        declared: ElementId,
        id: ElementId,
        start: Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        let Some(tag) = self.shapes.element_tags(declared).and_then(|tags| tags.of(id)) else {
            return self.element(id, None, start, path, depth);
        };
        if self.shapes.inlined(id).is_some() {
            return self.element(id, Some(tag), start, path, depth);
        }
        let value = self.element(id, None, start, &path.field("value", false), depth + 1)?;
        Ok(Value::record([(tag.0, Value::String(tag.1)), ("value".into(), value)]))
    }

    /// An element of this declaration; its record has the field `tag` as well.
    fn element(
        &mut self,
        id: ElementId,
        tag: Option<Tag>,
        start: Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        let element = &self.shapes.model.elements[id];
        self.tracker.start(Some(id), &start.name, start.at);
        let reading = self.reading(element, tag, &start, path);
        let value = if self.is_nil(&start, path) {
            if !element.is_nillable {
                let message = format!("`{}` cannot be nil", element.name.local);
                self.violate(&WRONG_KIND, message, None, path, start.at);
            }
            self.nil(element, &reading, &start, path)?
        } else {
            match reading {
                Reading::Open => self.open(start, path, depth)?,
                Reading::Text(simple, named) => self.simple_element(element, simple, named, &start, path)?,
                Reading::Record(of, tag) => self.record(of, Some(id), tag, &start, path, depth)?,
                Reading::Nothing => {
                    self.skip()?;
                    Value::Null
                }
            }
        };
        let troubles = self.tracker.end()?;
        self.tell(troubles, path);
        Ok(value)
    }

    fn simple_element(
        &mut self,
        element: &Element,
        simple: &Simple,
        named: Option<&Simple>,
        start: &Start<'t>,
        path: &Path<'_>,
    ) -> Result<Value, Report> {
        self.no_attributes(start, path);
        let text = self.text(path)?;
        let stand_in = element.default.as_deref().or(element.fixed.as_deref());
        let text = if text.is_empty() { stand_in.map_or(text, Cow::Borrowed) } else { text };
        let mut value = self.scalar(simple, &text, element.fixed.as_deref(), path, start.at);
        if let Some(named) = named.filter(|_| !value.is_null()) {
            match simple.read_as(named, &text) {
                Ok(read) => value = read,
                Err(why) => {
                    let message = format!("{:?} {why}", clip(&text, MAX_SHOWN));
                    self.violate(&BAD_FORMAT, message, None, path, start.at);
                }
            }
        }
        self.tracker.value(&value);
        Ok(value)
    }

    /// What the declaration and `xsi:type` say together.
    fn reading(
        &mut self,
        element: &'m Element,
        tag: Option<Tag>,
        start: &Start<'t>,
        path: &Path<'_>,
    ) -> Reading<'m> {
        match &element.of {
            Type::Any => Reading::Open,
            Type::Simple(simple) => {
                let Some(text) = start.instance("type") else { return Reading::Text(simple, None) };
                let name = self.reader.scope().resolve(text).ok();
                let model = &self.shapes.model;
                let found = name.as_ref().and_then(|name| model.simple(name));
                let is_same = found.is_some_and(|found| std::sync::Arc::ptr_eq(found, simple));
                let named = found.filter(|found| {
                    is_same || found.derives_from(simple) && !element.block.meets(Ways::RESTRICTION)
                });
                if named.is_none() {
                    let of_record = name.as_ref().and_then(|name| model.types.get(name));
                    let message = match (found, of_record) {
                        (Some(_), _) if element.block.meets(Ways::RESTRICTION) => {
                            format!("the type `{text}` is blocked here")
                        }
                        (_, Some(of @ Type::Complex(_))) if model.ways_between(of, &element.of).is_some() => {
                            format!("the type `{text}` adds attributes, for which the value has no place")
                        }
                        _ => format!("the type `{text}` is not derived from `{}`", simple.title()),
                    };
                    self.violate(&WRONG_KIND, message, None, path, start.at);
                }
                Reading::Text(simple, named.map(|named| &**named))
            }
            Type::Complex(of) => self.reading_record(element, *of, tag, start, path),
        }
    }

    fn reading_record(
        &mut self,
        element: &'m Element,
        of: ComplexId,
        tag: Option<Tag>,
        start: &Start<'t>,
        path: &Path<'_>,
    ) -> Reading<'m> {
        let shapes = self.shapes;
        let model = &shapes.model;
        let named = match start.instance("type") {
            None => Some(of),
            Some(text) => {
                let name = self.reader.scope().resolve(text).ok();
                match name.and_then(|name| model.types.get(&name)) {
                    Some(Type::Complex(found)) => Some(*found),
                    _ => None,
                }
            }
        };
        let is_blocked =
            named.and_then(|named| model.ways(named, of)).is_some_and(|ways| ways.meets(element.block));
        if !shapes.is_union(of) {
            if named != Some(of) {
                self.wrong_type(of, is_blocked, start, path);
            } else if model.complex[of].is_abstract {
                self.wrong_type(of, false, start, path);
            }
            return Reading::Record(of, tag);
        }
        let tag = |named: ComplexId| Some((named, shapes.type_tags(of)?.of(named)?));
        match named.filter(|_| !is_blocked).and_then(tag) {
            Some((variant, tag)) => Reading::Record(variant, Some(tag)),
            None => {
                self.wrong_type(of, is_blocked, start, path);
                Reading::Nothing
            }
        }
    }

    fn wrong_type(&mut self, of: ComplexId, is_blocked: bool, start: &Start<'t>, path: &Path<'_>) {
        let model = &self.shapes.model;
        let allowed = model.variants(of);
        let allowed = allowed.iter().map(|id| format!("`{}`", model.complex[*id].title));
        let allowed = allowed.take(MAX_NAMES).collect::<Vec<_>>().join(", ");
        let message = match start.instance("type") {
            Some(text) if is_blocked => format!("the type `{text}` is blocked here"),
            Some(text) => format!("the type `{text}` is not one of {allowed}"),
            None => format!(
                "the type `{}` is abstract, and no `xsi:type` names one of {allowed}",
                model.complex[of].title
            ),
        };
        self.violate(&WRONG_KIND, message, None, path, start.at);
    }

    fn is_nil(&mut self, start: &Start<'t>, path: &Path<'_>) -> bool {
        match start.instance("nil") {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(other) => {
                let message =
                    format!("`xsi:nil` is {:?}, which is neither true nor false", clip(other, MAX_SHOWN));
                self.violate(&BAD_FORMAT, message, None, path, start.at);
                false
            }
        }
    }

    /// The inside of an element that is nil: nothing. Null has no place for attributes.
    fn nil(
        &mut self,
        element: &Element,
        reading: &Reading<'m>,
        start: &Start<'t>,
        path: &Path<'_>,
    ) -> Result<Value, Report> {
        self.tracker.nil();
        if element.fixed.is_some() {
            let message = format!("`{}` is nil, and its value is fixed", element.name.local);
            self.violate(&WRONG_KIND, message, None, path, start.at);
        }
        match reading {
            Reading::Record(of, _) => {
                let complex = &self.shapes.model.complex[*of];
                for attribute in start.attributes.iter().filter(|it| !is_instance(&it.name)) {
                    let name = clip(&attribute.name.local, MAX_SHOWN);
                    let message = format!(
                        "`{}` is nil and has the attribute `{name}`, for which null has no place",
                        element.name.local
                    );
                    self.violate(&WRONG_KIND, message, None, path, attribute.at);
                }
                for attribute in complex.attributes.iter().filter(|it| it.is_required) {
                    if !start.attributes.iter().any(|it| it.name == attribute.name) {
                        let message = format!("the required attribute `{}` is missing", attribute.name.local);
                        self.violate(&MISSING_FIELD, message, None, path, start.at);
                    }
                }
            }
            _ => self.no_attributes(start, path),
        }
        let text = self.text(path)?;
        if !text.is_empty() {
            let message = format!("`{}` is nil, and has text", start.name.local);
            self.violate(&WRONG_KIND, message, None, path, start.at);
        }
        Ok(Value::Null)
    }

    fn no_attributes(&mut self, start: &Start<'t>, path: &Path<'_>) {
        for attribute in start.attributes.iter().filter(|it| !is_instance(&it.name)) {
            self.unexpected_attribute(attribute, [].into_iter(), path);
        }
    }
}
