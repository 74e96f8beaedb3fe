//! How elements are told apart that may stand for one another, and types that one element may have.

use std::collections::HashMap;

use tenon_model::Str;

use crate::xml::Name;

/// A field that says which of several an element is, and what it says.
pub(super) type Tag = (Str, Str);

/// What the field says for each of them, by their ids: elements or types.
#[derive(Debug)]
pub(super) struct Tags {
    field: Str,
    all: Vec<(usize, Str)>,
    by_id: HashMap<usize, usize>,
    by_text: HashMap<Str, usize>,
}

impl Tags {
    /// The local name of each, with the namespace where two have the same; `otherwise` says it for what has no name.
    pub(super) fn new<'n>(
        field: Str,
        names: impl Iterator<Item = (usize, Option<&'n Name>)> + Clone,
        otherwise: impl Fn(usize) -> Str,
    ) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        names
            .clone()
            .filter_map(|(_, name)| name)
            .for_each(|name| *counts.entry(&name.local).or_default() += 1);
        let text = |(id, name): (usize, Option<&Name>)| match name {
            Some(name) if counts[&*name.local] > 1 => (id, Str::from(name.to_string())),
            Some(name) => (id, Str::new(&*name.local)),
            None => (id, otherwise(id)),
        };
        let all: Vec<(usize, Str)> = names.map(text).collect();
        let by_id = all.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
        // Of two with one text the first counts.
        let by_text = all.iter().enumerate().rev().map(|(at, (_, text))| (text.clone(), at)).collect();
        Self { field, all, by_id, by_text }
    }

    /// The field.
    pub(super) fn field(&self) -> &Str {
        &self.field
    }

    /// The tag of each, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, Tag)> {
        self.all.iter().map(|(id, text)| (*id, (self.field.clone(), text.clone())))
    }

    /// The tag of `id`; `None` if it is not one of them.
    pub(super) fn of(&self, id: usize) -> Option<Tag> {
        let at = self.by_id.get(&id)?;
        Some((self.field.clone(), self.all[*at].1.clone()))
    }

    /// What the field means by `text`.
    pub(super) fn named(&self, text: &str) -> Option<usize> {
        self.by_text.get(text).map(|at| self.all[*at].0)
    }
}
