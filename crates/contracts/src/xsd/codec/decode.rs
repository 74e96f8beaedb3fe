//! XML as values: one walk over document and schema together.

use std::borrow::Cow;

use tenon_errors::{
    Code, Report,
    catalogue::data::{
        BAD_FORMAT, BAD_XML, MISSING_FIELD, OUT_OF_BOUNDS, TOO_DEEP, UNEXPECTED_FIELD, WRONG_KIND,
    },
    clip, nearest,
};
use tenon_model::{Key, Map, Str, Value};

use super::matcher::Matcher;
use crate::{
    violation::{Path, Violations},
    xml::{Attribute, Event, INSTANCE, Limits, Name, Reader, is_space},
    xsd::{
        layout::{Body, Layout},
        model::{ComplexId, Content, ElementId, Type},
        shapes::{Shapes, Tag},
        simple::Simple,
    },
};

/// The most characters of a text that a message shows.
const MAX_SHOWN: usize = 80;
/// The most names of elements that a message lists.
const MAX_NAMES: usize = 10;

pub(super) struct Decoding<'t, 'm> {
    pub(super) reader: Reader<'t>,
    shapes: &'m Shapes,
    violations: Violations,
    pub(super) limits: Limits,
}

/// The start of an element, and where.
pub(super) struct Start<'t> {
    pub(super) name: Name,
    pub(super) attributes: Vec<Attribute<'t>>,
    pub(super) at: usize,
}

impl Start<'_> {
    /// The value of an attribute of the namespace of instances.
    fn instance(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.name.is(INSTANCE, local)).map(|it| it.value.trim())
    }

    fn is_nil(&self) -> bool {
        matches!(self.instance("nil"), Some("true" | "1"))
    }
}

impl<'t, 'm> Decoding<'t, 'm> {
    pub(super) fn new(text: &'t str, shapes: &'m Shapes, limits: Limits) -> Result<Self, Report> {
        let reader = Reader::new(text, None, &BAD_XML, limits)?;
        Ok(Self { reader, shapes, violations: Violations::default(), limits })
    }

    /// The document, whose element is `root` or stands for it.
    pub(super) fn document(mut self, root: ElementId) -> Result<Value, Report> {
        let start = loop {
            match self.reader.next()? {
                Event::Start { name, attributes, at } => break Start { name, attributes, at },
                Event::Done => return self.violations.finish(Value::Null),
                _ => {}
            }
        };
        let members = self.shapes.model.substitutes(root);
        let model = &self.shapes.model;
        let value = match members.iter().find(|id| model.elements[**id].name == start.name) {
            Some(id) => self.member(root, *id, start, &Path::ROOT, 0)?,
            None => {
                let message = format!(
                    "the document is `{}`, and `{}` is expected",
                    start.name, model.elements[root].name
                );
                self.violate(&WRONG_KIND, message, None, &Path::ROOT, start.at);
                self.skip()?;
                Value::Null
            }
        };
        loop {
            if let Event::Done = self.reader.next()? {
                return self.violations.finish(value);
            }
        }
    }

    /// An element where `declared` is declared, which may stand for it.
    fn member(
        &mut self,
        declared: ElementId,
        id: ElementId,
        start: Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        if !self.shapes.model.substitutes.contains_key(&declared) {
            return self.element(id, start, path, depth);
        }
        let members = self.shapes.model.substitutes(declared);
        if members == [declared] {
            return self.element(id, start, path, depth);
        }
        let tag = (self.shapes.element_tag(&members), self.shapes.tag_value(id, &members));
        match self.shapes.inlined(id) {
            Some(of) => self.record(of, Some(id), Some(tag), &start, path, depth),
            None => {
                let value = self.element(id, start, &path.field("value", false), depth + 1)?;
                Ok(Value::record([(tag.0, Value::String(tag.1)), ("value".into(), value)]))
            }
        }
    }

    fn element(
        &mut self,
        id: ElementId,
        start: Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        let shapes = self.shapes;
        let element = &shapes.model.elements[id];
        if start.is_nil() {
            if !element.is_nillable {
                let message = format!("`{}` cannot be nil", element.name.local);
                self.violate(&WRONG_KIND, message, None, path, start.at);
            }
            return self.nil(&start, path);
        }
        match &element.of {
            Type::Any => self.open(start, path, depth),
            Type::Simple(simple) => {
                self.no_attributes(&start, path);
                let text = self.text(path)?;
                let text = if text.is_empty() {
                    element.default.as_deref().or(element.fixed.as_deref()).map_or(text, Cow::Borrowed)
                } else {
                    text
                };
                Ok(self.scalar(simple, &text, element.fixed.as_deref(), path, start.at))
            }
            Type::Complex(of) => self.complex(*of, id, &start, path, depth),
        }
    }

    fn complex(
        &mut self,
        of: ComplexId,
        id: ElementId,
        start: &Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        let shapes = self.shapes;
        let named = match start.instance("type") {
            None => Some(of),
            Some(text) => {
                let name = self.reader.scope().resolve(text).ok();
                match name.and_then(|name| shapes.model.types.get(&name)) {
                    Some(Type::Complex(found)) => Some(*found),
                    _ => None,
                }
            }
        };
        if !shapes.is_union(of) {
            if named != Some(of) {
                self.wrong_type(of, start, path);
            }
            return self.record(of, Some(id), None, start, path, depth);
        }
        let variants = shapes.model.variants(of);
        match named.filter(|named| variants.contains(named)) {
            Some(variant) => {
                let tag = (shapes.type_tag(&variants), shapes.type_tag_value(variant, &variants));
                self.record(variant, Some(id), Some(tag), start, path, depth)
            }
            None => {
                self.wrong_type(of, start, path);
                self.skip()?;
                Ok(Value::Null)
            }
        }
    }

    fn wrong_type(&mut self, of: ComplexId, start: &Start<'t>, path: &Path<'_>) {
        let model = &self.shapes.model;
        let allowed = model.variants(of).into_iter().map(|id| format!("`{}`", model.complex[id].title));
        let allowed = allowed.take(MAX_NAMES).collect::<Vec<_>>().join(", ");
        let message = match start.instance("type") {
            Some(text) => format!("the type `{text}` is none of {allowed}"),
            None => format!(
                "the type `{}` is abstract, and no `xsi:type` names one of {allowed}",
                model.complex[of].title
            ),
        };
        self.violate(&WRONG_KIND, message, None, path, start.at);
    }

    /// The inside of an element that is nil: nothing.
    fn nil(&mut self, start: &Start<'t>, path: &Path<'_>) -> Result<Value, Report> {
        self.no_attributes(start, path);
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

    fn unexpected_attribute<'n>(
        &mut self,
        attribute: &Attribute<'_>,
        known: impl Iterator<Item = &'n str>,
        path: &Path<'_>,
    ) {
        let name = clip(&attribute.name.local, MAX_SHOWN);
        let hint = nearest(&name, known)
            .map(|meant| format!("use `{meant}`, the nearest attribute of the contract"));
        let message = format!("the contract has no attribute `{name}` here");
        self.violate(&UNEXPECTED_FIELD, message, hint, &path.field(&name, false), attribute.at);
    }

    /// The element as a record, or as its text alone where the type is no more than that.
    fn record(
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
        let mut map = Map::with_capacity(layout.attributes.len() + layout.slots.len() + 2);
        if let Some((name, value)) = tag {
            map.insert(Key::String(name), Value::String(value));
        }
        let others = self.attributes(of, start, &mut map, path);
        match (&layout.body, &complex.content) {
            (Body::Text(field), Content::Text(simple)) => {
                let text = self.text(path)?;
                let stand_in = element.and_then(|it| it.default.as_deref().or(it.fixed.as_deref()));
                let text = if text.is_empty() { stand_in.map_or(text, Cow::Borrowed) } else { text };
                let fixed = element.and_then(|it| it.fixed.as_deref());
                if is_plain {
                    return Ok(self.scalar(simple, &text, fixed, path, start.at));
                }
                let value = self.scalar(simple, &text, fixed, &path.field(field, false), start.at);
                map.insert(Key::String(field.clone()), value);
            }
            (Body::Mixed(field), content) => {
                let items = self.mixed(layout, content, start, &path.field(field, false), depth + 2)?;
                map.insert(Key::String(field.clone()), Value::list(items));
            }
            (Body::Elements, content) => {
                self.elements(of, layout, content, start, &mut map, path, depth + 1)?;
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
        if let Some(field) = &layout.any_attributes {
            map.insert(Key::String(field.clone()), Value::Map(others.into()));
        }
        Ok(Value::Map(map.into()))
    }

    /// Reads the attributes into `map`; the result is those that are let in without being listed.
    fn attributes(&mut self, of: ComplexId, start: &Start<'t>, map: &mut Map, path: &Path<'_>) -> Map {
        let shapes = self.shapes;
        let (complex, layout) = (&shapes.model.complex[of], &shapes.layouts[of]);
        let mut used = 0;
        for (declared, field) in complex.attributes.iter().zip(&layout.attributes) {
            let path = path.field(field, false);
            let found = start.attributes.iter().find(|it| it.name == declared.name);
            let (text, at) = match (found, declared.default.as_ref().or(declared.fixed.as_ref())) {
                (Some(found), _) => {
                    used += 1;
                    (found.value.as_ref(), found.at)
                }
                (None, _) if declared.is_required => {
                    let message = format!("the required attribute `{}` is missing", declared.name.local);
                    self.violate(&MISSING_FIELD, message, None, &path, start.at);
                    continue;
                }
                (None, Some(text)) => (text.as_str(), start.at),
                (None, None) => continue,
            };
            let value = self.scalar(&declared.of, text, declared.fixed.as_deref(), &path, at);
            map.insert(Key::String(field.clone()), value);
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

    fn scalar(
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
        value
    }

    /// The text up to the end of the element. Elements inside are violations.
    pub(super) fn text(&mut self, path: &Path<'_>) -> Result<Cow<'t, str>, Report> {
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

    /// Reads elements into the fields of `map`.
    #[allow(clippy::too_many_arguments, reason = "an element, its type, and where it is")]
    fn elements(
        &mut self,
        of: ComplexId,
        layout: &'m Layout,
        content: &'m Content,
        start: &Start<'t>,
        map: &mut Map,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let Content::Elements(particle) = content else { return Ok(()) };
        let mut matcher = Matcher::new(particle, layout);
        let mut is_lost = false;
        let mut slots: Vec<Vec<Value>> = layout.slots.iter().map(|_| Vec::new()).collect();
        let end = loop {
            match self.reader.next()? {
                Event::Start { name, attributes, at } => {
                    let leaf = self.leaf(&mut matcher, &mut is_lost, layout, &name, path, at);
                    let Some(leaf) = leaf else {
                        self.skip()?;
                        continue;
                    };
                    let slot = layout.leaves[leaf].slot;
                    let field = path.field(&layout.slots[slot].field, false);
                    let start = Start { name, attributes, at };
                    let value = if layout.slots[slot].is_list() {
                        self.at_leaf(layout, leaf, start, &field.item(slots[slot].len()), depth + 1)?
                    } else {
                        self.at_leaf(layout, leaf, start, &field, depth)?
                    };
                    slots[slot].push(value);
                }
                Event::Text { text, at } if !text.chars().all(is_space) => {
                    let message = format!("text {:?} stands among elements", clip(text.trim(), MAX_SHOWN));
                    self.violate(&WRONG_KIND, message, None, path, at);
                }
                Event::Text { .. } => {}
                Event::End { at } => break at,
                Event::Done => break start.at,
            }
        };
        if !is_lost {
            self.check_end(&matcher, layout, path, end);
        }
        let chosen = |field: &Str| self.shapes.is_chosen(of, field);
        for (slot, mut values) in layout.slots.iter().zip(slots) {
            let value = if slot.is_list() {
                // An alternative that is not taken is absent.
                if values.is_empty() && chosen(&slot.field) {
                    continue;
                }
                Value::list(values)
            } else {
                match values.pop() {
                    Some(value) => value,
                    None => continue,
                }
            };
            map.insert(Key::String(slot.field.clone()), value);
        }
        Ok(())
    }

    /// The leaf of an element. One that comes at the wrong point is told once; from then on the names alone decide.
    fn leaf(
        &mut self,
        matcher: &mut Matcher<'m>,
        is_lost: &mut bool,
        layout: &'m Layout,
        name: &Name,
        path: &Path<'_>,
        at: usize,
    ) -> Option<usize> {
        if !*is_lost {
            if let Some(leaf) = matcher.take(name) {
                return Some(leaf);
            }
            self.unexpected_element(name, &matcher.expected(), path, at);
        }
        let known = layout.leaves.iter().position(|leaf| leaf.accepts(name));
        *is_lost |= known.is_some();
        known
    }

    fn unexpected_element(&mut self, name: &Name, expected: &[&Name], path: &Path<'_>, at: usize) {
        let local = clip(&name.local, MAX_SHOWN);
        let guess = nearest(&local, expected.iter().map(|name| &*name.local));
        let namespace = |name: &Name| name.namespace.as_deref().unwrap_or("no").to_owned();
        let same = expected.iter().find(|other| other.local == name.local);
        let hint = match (same, guess) {
            (Some(same), _) if same.namespace != name.namespace => Some(format!(
                "put it into the namespace `{}`; it is in `{}`",
                namespace(same),
                namespace(name)
            )),
            (_, guess) => {
                guess.map(|meant| format!("use `{meant}`, the nearest element that may stand here"))
            }
        };
        let message = format!("the element `{local}` cannot stand here: {}", listed(expected));
        self.violate(&UNEXPECTED_FIELD, message, hint, &path.field(&local, false), at);
    }

    fn check_end(&mut self, matcher: &Matcher<'m>, layout: &Layout, path: &Path<'_>, at: usize) {
        if matcher.is_complete() {
            return;
        }
        let names = matcher.missing();
        let message = match names[..] {
            [name] => format!("the required element `{}` is missing", name.local),
            _ => format!("an element is missing: {}", listed(&names)),
        };
        let field = names.first().and_then(|first| {
            let leaf = layout.leaves.iter().find(|leaf| leaf.accepts(first))?;
            Some(&layout.slots[leaf.slot].field)
        });
        match field {
            Some(field) => self.violate(&MISSING_FIELD, message, None, &path.field(field, false), at),
            None => self.violate(&MISSING_FIELD, message, None, path, at),
        }
    }

    fn at_leaf(
        &mut self,
        layout: &'m Layout,
        leaf: usize,
        start: Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        let found = layout.leaves[leaf].names.iter().find(|(name, _)| *name == start.name);
        let declared = layout.slots[layout.leaves[leaf].slot].element;
        match (found, declared) {
            (Some((_, id)), Some(declared)) => self.member(declared, *id, start, path, depth),
            _ => self.open(start, path, depth),
        }
    }

    /// Texts and elements, in order.
    fn mixed(
        &mut self,
        layout: &'m Layout,
        content: &'m Content,
        start: &Start<'t>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Vec<Value>, Report> {
        let mut items: Vec<Value> = Vec::new();
        let mut text = String::new();
        let mut matcher = match content {
            Content::Elements(particle) => Some(Matcher::new(particle, layout)),
            _ => None,
        };
        let mut is_lost = false;
        let end = loop {
            match self.reader.next()? {
                Event::Text { text: more, .. } => text.push_str(&more),
                Event::Start { name, attributes, at } => {
                    if !text.is_empty() {
                        items.push(Value::from(std::mem::take(&mut text)));
                    }
                    let leaf = match &mut matcher {
                        Some(matcher) => self.leaf(matcher, &mut is_lost, layout, &name, path, at),
                        None => {
                            self.unexpected_element(&name, &[], path, at);
                            None
                        }
                    };
                    let Some(leaf) = leaf else {
                        self.skip()?;
                        continue;
                    };
                    let field = layout.slots[layout.leaves[leaf].slot].field.clone();
                    let start = Start { name, attributes, at };
                    let value = self.at_leaf(
                        layout,
                        leaf,
                        start,
                        &path.item(items.len()).field(&field, false),
                        depth + 1,
                    )?;
                    items.push(Value::record([(field, value)]));
                }
                Event::End { at } => break at,
                Event::Done => break start.at,
            }
        };
        if !text.is_empty() {
            items.push(Value::from(text));
        }
        if let Some(matcher) = matcher.filter(|_| !is_lost) {
            self.check_end(&matcher, layout, path, end);
        }
        Ok(items)
    }

    /// Goes to the end of the element that has begun.
    fn skip(&mut self) -> Result<(), Report> {
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

    #[allow(clippy::needless_pass_by_value, reason = "callers make the message for this alone")]
    fn violate(
        &mut self,
        code: &'static Code,
        message: String,
        hint: Option<String>,
        path: &Path<'_>,
        at: usize,
    ) {
        if !self.violations.wanted() {
            return self.violations.count();
        }
        let place = self.reader.place(at);
        let message = format!("{message} (line {}, column {})", place.line, place.column);
        let report = Report::new(code, message).path(path.pointer());
        self.violations.push(match hint {
            Some(hint) => report.hint(hint),
            None => report,
        });
    }
}

/// What every document may say of its schema.
fn is_instance(name: &Name) -> bool {
    name.namespace.as_deref() == Some(INSTANCE)
        && matches!(&*name.local, "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation")
}

fn listed(names: &[&Name]) -> String {
    match names {
        [] => "no element may".to_owned(),
        [name] => format!("`{}` is expected", name.local),
        names => {
            let all: Vec<_> = names.iter().take(MAX_NAMES).map(|name| format!("`{}`", name.local)).collect();
            format!("one of {} is expected", all.join(", "))
        }
    }
}
