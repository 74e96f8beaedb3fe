//! The parts of a type, one after the other, with their paths.

use std::collections::HashSet;

use tenon_model::{Field, Kind, Shape, shape::Part};

use crate::path;

/// One part.
#[derive(Debug)]
pub struct Visited<'s> {
    /// Where, as in `lines[].price`; empty for the whole.
    pub path: String,
    /// How deep.
    pub depth: usize,
    /// The field that it is the value of.
    pub field: Option<&'s Field>,
    /// What it may be.
    pub shape: &'s Shape,
}

/// After so many parts, types that were entered before are not entered again: the types of a large schema lead to each other in
/// more ways than anyone could read.
const MOST_PARTS: usize = 2_000;

/// Goes through every part of a shape. What contains itself is entered once.
pub fn walk(shape: &Shape, visit: &mut dyn FnMut(&Visited<'_>)) {
    let mut walker = Walker { open: Vec::new(), entered: HashSet::new(), parts: 0, visit };
    walker.part(&Visited { path: String::new(), depth: 0, field: None, shape });
}

struct Walker<'v> {
    open: Vec<Part>,
    entered: HashSet<Part>,
    parts: usize,
    visit: &'v mut dyn FnMut(&Visited<'_>),
}

impl Walker<'_> {
    fn part(&mut self, visited: &Visited<'_>) {
        (self.visit)(visited);
        let part = Part::of(visited.shape);
        self.parts += 1;
        let is_new = part.clone().is_none_or(|part| self.entered.insert(part));
        if !is_new && self.parts > MOST_PARTS {
            return;
        }
        if part.as_ref().is_some_and(|part| self.open.contains(part)) {
            return;
        }
        let opened = part.map(|part| self.open.push(part)).is_some();
        let resolved = visited.shape.resolved();
        let at = visited.path.as_str();
        let below = |path: String, field: Option<&'_ Field>, shape: &Shape, walker: &mut Self| {
            walker.part(&Visited { path, depth: visited.depth + 1, field, shape });
        };
        match &resolved.kind {
            Kind::List(list) => below(path::item(at), None, &list.item, self),
            Kind::Map(map) => below(path::entry(at), None, &map.value, self),
            Kind::Record(record) => {
                for field in record.fields() {
                    below(path::field(at, &field.name), Some(field), &field.shape, self);
                }
                let named = record
                    .names
                    .iter()
                    .flat_map(|names| names.patterns.iter().map(|(_, shape)| shape).chain(&names.others));
                for rest in named.chain(&record.rest).filter(|rest| !matches!(rest.kind, Kind::Any)) {
                    below(path::entry(at), None, rest, self);
                }
            }
            Kind::Union(union) => {
                for (name, variant) in &union.variants {
                    below(format!("{at}({name})"), None, variant, self);
                }
            }
            _ => {}
        }
        if opened {
            self.open.pop();
        }
    }
}
