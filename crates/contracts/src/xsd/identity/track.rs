//! The walk over one document: which values were found for which constraint, and what is wrong with them.

use std::collections::{HashMap, HashSet};

use tenon_errors::{Report, catalogue::data::TOO_LARGE, clip};
use tenon_model::Value;

use super::{Identity, Path, Rule};
use crate::{
    canonical,
    xml::Name,
    xsd::model::{ElementId, Model},
};

/// The most bytes of values that are kept for one document.
const MAX_BYTES: usize = 64 << 20;
/// The most characters of a value that a message shows.
const MAX_SHOWN: usize = 80;

/// What is wrong, and where in the text that is.
pub(in crate::xsd) struct Trouble {
    pub(in crate::xsd) message: String,
    pub(in crate::xsd) at: usize,
}

/// The values of one constraint below one element: where each was found, and whether several elements have it.
type Table = HashMap<Vec<u8>, bool>;

/// An element that has begun.
struct Open<'m> {
    name: Name,
    at: usize,
    /// Its value, where it is a simple one.
    value: Option<Value>,
    is_nil: bool,
    /// What is known of constraints that are referred to, of its own and of elements inside of it.
    tables: HashMap<usize, Table>,
    scopes: Vec<Scope<'m>>,
    /// Fields that are this element itself: positions in `selected`, and of the field.
    waiting: Vec<(usize, usize)>,
}

/// A constraint of an element that has begun.
struct Scope<'m> {
    number: usize,
    identity: &'m Identity,
    found: HashSet<Vec<u8>>,
    /// What refers to others: the values, as they are shown, and where.
    refers: Vec<(Vec<u8>, String, usize)>,
}

/// An element that a constraint is about.
struct Selected<'m> {
    /// How deep it is, and how deep the element with the constraint is, and which of its constraints that is.
    depth: usize,
    scope: (usize, usize),
    identity: &'m Identity,
    values: Vec<Field>,
}

#[derive(Clone)]
enum Field {
    Missing,
    Nil,
    Found(Value),
    /// Several, or what has no simple value.
    Wrong(&'static str),
}

/// The walk over one document.
pub(in crate::xsd) struct Tracker<'m> {
    model: &'m Model,
    open: Vec<Open<'m>>,
    selected: Vec<Selected<'m>>,
    bytes: usize,
    ids: HashSet<String>,
    id_references: Vec<(String, usize)>,
}

impl<'m> Tracker<'m> {
    pub(in crate::xsd) fn new(model: &'m Model) -> Self {
        Self {
            model,
            open: Vec::new(),
            selected: Vec::new(),
            bytes: 0,
            ids: HashSet::new(),
            id_references: Vec::new(),
        }
    }

    fn is_idle(&self) -> bool {
        self.model.identities.is_empty()
    }

    /// An element begins, which is declared as `id` where it is.
    pub(in crate::xsd) fn start(&mut self, id: Option<ElementId>, name: &Name, at: usize) {
        if self.is_idle() {
            return;
        }
        let model = self.model;
        let own = id.map_or(&[][..], |id| &model.elements[id].identities);
        let scope = |number: &usize| Scope {
            number: *number,
            identity: &model.identities[*number],
            found: HashSet::new(),
            refers: Vec::new(),
        };
        self.open.push(Open {
            name: name.clone(),
            at,
            value: None,
            is_nil: false,
            tables: HashMap::new(),
            scopes: own.iter().map(scope).collect(),
            waiting: Vec::new(),
        });
        let depth = self.open.len() - 1;
        for (above, open) in self.open.iter().enumerate() {
            for (position, scope) in open.scopes.iter().enumerate() {
                if leads(&self.open, above, &scope.identity.selector, |_| true) {
                    self.selected.push(Selected {
                        depth,
                        scope: (above, position),
                        identity: scope.identity,
                        values: vec![Field::Missing; scope.identity.fields.len()],
                    });
                }
            }
        }
        let mut waiting = Vec::new();
        for (position, selected) in self.selected.iter().enumerate() {
            for (field, paths) in selected.identity.fields.iter().enumerate() {
                if leads(&self.open, selected.depth, paths, |path| !path.is_of_attribute()) {
                    waiting.push((position, field));
                }
            }
        }
        if let Some(open) = self.open.last_mut() {
            open.waiting = waiting;
        }
    }

    /// The element that began last has this attribute.
    pub(in crate::xsd) fn attribute(&mut self, name: &Name, value: &Value) {
        for selected in &mut self.selected {
            for (field, paths) in selected.identity.fields.iter().enumerate() {
                if leads(&self.open, selected.depth, paths, |path| path.ends_in(name)) {
                    selected.values[field] = joined(&selected.values[field], Field::Found(value.clone()));
                }
            }
        }
    }

    /// The element that began last has this simple value.
    pub(in crate::xsd) fn value(&mut self, value: &Value) {
        if let Some(open) = self.open.last_mut().filter(|open| !open.waiting.is_empty()) {
            open.value = Some(value.clone());
        }
    }

    /// The element that began last is nil.
    pub(in crate::xsd) fn nil(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.is_nil = true;
        }
    }

    /// A value of the type `ID`; whether it is the first of this text.
    pub(in crate::xsd) fn is_first_id(&mut self, id: &str) -> bool {
        self.ids.insert(id.to_owned())
    }

    /// A value of the type `IDREF`, at this place.
    pub(in crate::xsd) fn refers_to_id(&mut self, id: &str, at: usize) {
        self.id_references.push((id.to_owned(), at));
    }

    /// At the end of the document: what refers to nothing.
    pub(in crate::xsd) fn finish(&mut self) -> Vec<Trouble> {
        let references = std::mem::take(&mut self.id_references);
        let lost = references.into_iter().filter(|(id, _)| !self.ids.contains(id));
        lost.map(|(id, at)| Trouble {
            message: format!("the document has no ID `{}` to refer to", clip(&id, MAX_SHOWN)),
            at,
        })
        .collect()
    }

    /// The element that began last ends: what is wrong with its values, or with those inside of it.
    ///
    /// # Errors
    /// `D0104` where more values would have to be kept than is allowed.
    pub(in crate::xsd) fn end(&mut self) -> Result<Vec<Trouble>, Report> {
        let mut troubles = Vec::new();
        let Some(mut open) = self.open.pop() else { return Ok(troubles) };
        let depth = self.open.len();
        for (position, field) in std::mem::take(&mut open.waiting) {
            let values = &mut self.selected[position].values;
            let found = match &open.value {
                _ if open.is_nil => Field::Nil,
                Some(value) => Field::Found(value.clone()),
                None => Field::Wrong("is not a simple value"),
            };
            values[field] = joined(&values[field], found);
        }
        self.open.push(open);
        while let Some(selected) = self.selected.pop_if(|selected| selected.depth == depth) {
            self.take(&selected, &mut troubles)?;
        }
        let Some(mut open) = self.open.pop() else { return Ok(troubles) };
        let (keys, references): (Vec<_>, Vec<_>) = std::mem::take(&mut open.scopes)
            .into_iter()
            .partition(|scope| !matches!(scope.identity.rule, Rule::Refers(_)));
        for scope in keys.into_iter().filter(|scope| scope.identity.is_referred) {
            let table = open.tables.entry(scope.number).or_default();
            // What the element has itself counts before what is inside of it.
            table.extend(scope.found.into_iter().map(|key| (key, false)));
        }
        for scope in references {
            let Rule::Refers(key) = scope.identity.rule else { continue };
            let table = open.tables.get(&key);
            let is_there = |key: &Vec<u8>| table.and_then(|table| table.get(key)) == Some(&false);
            for (_, shown, at) in scope.refers.into_iter().filter(|(key, ..)| !is_there(key)) {
                let (name, key) = (&scope.identity.name.local, &self.model.identities[key].name.local);
                let message = format!("{shown} of the keyref `{name}` is not a value of `{key}`");
                troubles.push(Trouble { message, at });
            }
        }
        if let Some(parent) = self.open.last_mut() {
            for (number, table) in open.tables {
                merge(parent.tables.entry(number).or_default(), table);
            }
        }
        Ok(troubles)
    }

    /// Takes the values of an element that has ended into the table of its constraint.
    fn take(&mut self, selected: &Selected<'m>, troubles: &mut Vec<Trouble>) -> Result<(), Report> {
        let identity = selected.identity;
        let at = self.open[selected.depth].at;
        let name = &identity.name.local;
        let mut key = Vec::new();
        let mut shown = Vec::new();
        for (number, value) in selected.values.iter().enumerate() {
            match value {
                Field::Found(value) => {
                    // Doubles and decimals are of different value spaces, and never equal.
                    key.push(if matches!(value, Value::Float(_)) { b'F' } else { b'V' });
                    key.extend(canonical::canonical(value));
                    shown.push(clip(&value.to_string(), MAX_SHOWN).into_owned());
                }
                Field::Wrong(why) => {
                    let message = format!("field {} of `{name}` {why}", number + 1);
                    troubles.push(Trouble { message, at });
                    return Ok(());
                }
                Field::Missing | Field::Nil if identity.rule == Rule::Key => {
                    let message = format!("field {} of the key `{name}` is missing", number + 1);
                    troubles.push(Trouble { message, at });
                    return Ok(());
                }
                Field::Missing | Field::Nil => return Ok(()),
            }
        }
        self.bytes += key.len() + shown.iter().map(String::len).sum::<usize>();
        if self.bytes > MAX_BYTES {
            let message = format!("the keys of the document have more than {MAX_BYTES} bytes");
            return Err(Report::new(&TOO_LARGE, message).hint("send less data at once"));
        }
        let shown = if shown.len() == 1 { shown.concat() } else { format!("({})", shown.join(", ")) };
        let (above, position) = selected.scope;
        let scope = &mut self.open[above].scopes[position];
        match identity.rule {
            Rule::Refers(_) => scope.refers.push((key, shown, at)),
            _ if !scope.found.insert(key) => {
                troubles.push(Trouble { message: format!("{shown} of `{name}` appears twice"), at });
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether one of `paths` leads from the element at `above` to the one that began last.
fn leads(open: &[Open<'_>], above: usize, paths: &[Path], is_meant: impl Fn(&Path) -> bool) -> bool {
    let Some(below) = open.get(above + 1..) else { return false };
    paths.iter().any(|path| is_meant(path) && path.leads_to(below.iter().map(|open| &open.name)))
}

fn joined(known: &Field, found: Field) -> Field {
    match known {
        Field::Missing => found,
        _ => Field::Wrong("has several values"),
    }
}

/// Adds what was found in one element to what was found in others. What several have refers to none of them.
fn merge(into: &mut Table, mut from: Table) {
    if into.len() < from.len() {
        std::mem::swap(into, &mut from);
    }
    for (key, is_ambiguous) in from {
        into.entry(key).and_modify(|known| *known = true).or_insert(is_ambiguous);
    }
}
