//! Simple types: what text of an attribute or an element may be, and which value it stands for
//! ([XML Schema Part 2](https://www.w3.org/TR/xmlschema-2/)).

mod blocks;
mod builtin;
mod facets;
mod pattern;
mod primitive;
mod shape;
mod times;
mod zone;

use std::{borrow::Cow, sync::Arc};

use tenon_errors::{Place, Report};
use tenon_model::{Shape, Str, Value};

pub(super) use self::{
    builtin::{DAYS_AND_TIMES, builtin},
    facets::{Facets, Limit, Link, Variety, White, Wrong},
    pattern::Pattern,
    primitive::Primitive,
    zone::Zone,
};
use super::ways::Ways;
use crate::{validate::Validator, xml};

/// Where a simple type comes from.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// What it is called; `None` where it has no name.
    pub(super) name: Option<Str>,
    /// What it restricts; `None` for lists, unions and the first of all.
    pub(super) base: Option<Arc<Simple>>,
    /// In which ways no type is derived from it.
    pub(super) finals: Ways,
    /// Where it is declared; `None` for those of the language itself.
    pub(super) place: Option<Place>,
}

/// A simple type, ready to run.
#[derive(Debug)]
pub(super) struct Simple {
    pub(super) origin: Origin,
    pub(super) facets: Facets,
    /// What its values are.
    pub(super) shape: Shape,
    /// What only a check of the text can hold, in words.
    pub(super) residue: Vec<String>,
    validator: Validator,
}

/// Why a text is not of its type, as the rest of a sentence that begins with the text.
pub(super) type Why = String;

impl Simple {
    /// The type that `facets` describe.
    ///
    /// # Errors
    /// `C0005` for a pattern that cannot be run.
    pub(super) fn new(origin: Origin, facets: Facets) -> Result<Arc<Self>, Report> {
        let (shape, residue) = shape::of(&facets);
        let validator = Validator::new(&shape)?;
        Ok(Arc::new(Self { origin, facets, shape, residue, validator }))
    }

    /// What people call it.
    pub(super) fn title(&self) -> Str {
        self.origin.name.clone().unwrap_or_else(|| Str::from(self.shape.name()))
    }

    /// Whether it is `base`, or made from it by restrictions, or from a member of it (Part 1, section 3.14.6).
    pub(super) fn derives_from(self: &Arc<Self>, base: &Arc<Self>) -> bool {
        let is_top = |it: &Arc<Self>| builtin("anySimpleType").is_some_and(|top| Arc::ptr_eq(it, top));
        let mut at = Some(self);
        while let Some(it) = at {
            if Arc::ptr_eq(it, base) {
                return true;
            }
            at = it.origin.base.as_ref();
        }
        match &base.facets.variety {
            Variety::Union(members) => members.iter().any(|member| self.derives_from(member)),
            _ => is_top(base),
        }
    }

    /// The value that `text` stands for where `xsi:type` names `named`, which is derived from this type: it is a value of both.
    pub(super) fn read_as(&self, named: &Self, text: &str) -> Result<Value, Why> {
        let value = named.read(text)?;
        match &self.facets.variety {
            // A member says which value it is, where several could.
            Variety::Union(_) => self.check(&value, &self.facets.white.applied(text)).map(|()| value),
            _ => self.read(text),
        }
    }

    /// The value that `text` stands for.
    pub(super) fn read(&self, text: &str) -> Result<Value, Why> {
        let text = self.facets.white.applied(text);
        if let Some(pattern) = self.facets.patterns.iter().find(|pattern| !pattern.is_match(&text)) {
            return Err(format!("does not match the pattern `{}`", pattern.written));
        }
        let value = match &self.facets.variety {
            Variety::Atomic(primitive) => primitive.read(&text)?,
            Variety::List(item) => {
                let items = text.split(' ').filter(|item| !item.is_empty());
                let item = |(position, text): (usize, &str)| {
                    item.read(text)
                        .map_err(|why| format!("has the item {} (`{text}`), which {why}", position + 1))
                };
                Value::list(items.enumerate().map(item).collect::<Result<_, _>>()?)
            }
            Variety::Union(members) => {
                let mut whys = Vec::new();
                let read = members.iter().find_map(|member| match member.read(&text) {
                    Ok(value) => Some(value),
                    Err(why) => {
                        whys.push(why);
                        None
                    }
                });
                read.ok_or_else(|| whys.join(", and "))?
            }
        };
        self.check(&value, &text)?;
        Ok(value)
    }

    /// Whether a value of the kind keeps the facets; `text` is how it is written.
    fn check(&self, value: &Value, text: &str) -> Result<(), Why> {
        self.facets.check(value, text)?;
        self.validator.check(value).map_err(|report| {
            // The report begins with the value, which whoever tells it shows as it is written.
            let detail = report.details().first().unwrap_or(&report).message().to_owned();
            let shown = format!("{value} ");
            detail.strip_prefix(&shown).map_or_else(|| format!("is not allowed: {detail}"), str::to_owned)
        })
    }

    /// How `value` is written.
    pub(super) fn write(&self, value: &Value) -> Result<String, Why> {
        self.validator
            .check(value)
            .map_err(|report| report.details().first().unwrap_or(&report).message().to_owned())?;
        let text = match &self.facets.variety {
            Variety::Atomic(primitive) => primitive.write(value)?,
            Variety::List(item) => {
                let mut texts = Vec::new();
                for value in value.as_list().unwrap_or_default() {
                    let text = item.write(value)?;
                    if text.is_empty() || text.contains(xml::is_space) {
                        return Err(format!(
                            "{value} has a space or is empty, and spaces separate the items of the list"
                        ));
                    }
                    texts.push(text);
                }
                texts.join(" ")
            }
            Variety::Union(members) => {
                // The first that reads it back as the same value is the one that a reader takes.
                let written = members.iter().filter_map(|member| member.write(value).ok());
                let mut same = written.filter(|text| self.read(text).is_ok_and(|read| read == *value));
                same.next().ok_or_else(|| format!("{value} is written by none of the alternatives"))?
            }
        };
        if let Cow::Owned(changed) = self.facets.white.applied(&text) {
            return Err(format!(
                "{value} would be read back as {changed:?}, because white space is not kept"
            ));
        }
        match self.facets.patterns.iter().find(|pattern| !pattern.is_match(&text)) {
            Some(pattern) => Err(format!(
                "{value} is written as `{text}`, which does not match the pattern `{}`",
                pattern.written
            )),
            None => self.facets.check(value, &text).map(|()| text),
        }
    }
}
