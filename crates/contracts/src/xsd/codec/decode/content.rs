//! The elements inside of an element.

use tenon_errors::{
    Report,
    catalogue::data::{MISSING_FIELD, WRONG_KIND},
    clip,
};
use tenon_model::Value;

use super::{Decoding, MAX_SHOWN, Start, tell::listed};
use crate::{
    builder::{InOrder, Planned},
    violation::Path,
    xml::{Event, Name, is_space},
    xsd::{
        codec::matcher::Matcher,
        layout::{self, Layout},
        model::Content,
    },
};

/// What came of the elements of one name.
enum Slot {
    One(Option<Value>),
    Many(Vec<Value>),
}

impl Slot {
    fn new(slot: &layout::Slot) -> Self {
        if slot.is_list() { Self::Many(Vec::new()) } else { Self::One(None) }
    }
}

impl<'t, 'm> Decoding<'t, 'm> {
    /// Reads elements into the fields of `record`.
    pub(super) fn elements(
        &mut self,
        layout: &'m Layout,
        content: &'m Content,
        start: &Start<'t>,
        record: &mut InOrder,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let Content::Elements(particle) = content else { return Ok(()) };
        let mut matcher = Matcher::new(particle, layout);
        let mut is_lost = false;
        let mut slots: Vec<Slot> = layout.slots.iter().map(Slot::new).collect();
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
                    match &mut slots[slot] {
                        Slot::One(one) => *one = Some(self.at_leaf(layout, leaf, start, &field, depth)?),
                        Slot::Many(items) => {
                            let path = field.item(items.len());
                            items.push(self.at_leaf(layout, leaf, start, &path, depth + 1)?);
                        }
                    }
                }
                Event::Text { text, at } if !text.chars().all(is_space) => {
                    let message = format!("text {:?} stands between elements", clip(text.trim(), MAX_SHOWN));
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
        for (slot, values) in slots.into_iter().enumerate() {
            let value = match values {
                Slot::One(None) => continue,
                Slot::One(Some(value)) => value,
                Slot::Many(items) if items.is_empty() => continue,
                Slot::Many(items) => Value::list(items),
            };
            record.set(&mut self.builder, &layout.fields, layout.body_at() + slot, value);
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
    pub(super) fn mixed(
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
}
