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
    let mut walker = Walker { open: HashSet::new(), entered: HashSet::new(), parts: 0, waiting: Vec::new() };
    walker.waiting.push(Waiting::Part(Box::new(Inner {
        path: String::new(),
        depth: 0,
        field: None,
        shape: shape.clone(),
    })));
    while let Some(waiting) = walker.waiting.pop() {
        match waiting {
            Waiting::Part(inner) => {
                let Inner { path, depth, field, shape } = &*inner;
                visit(&Visited { path: path.clone(), depth: *depth, field: field.as_ref(), shape });
                walker.enter(&inner);
            }
            Waiting::End(part) => drop(walker.open.remove(&part)),
        }
    }
}

/// A part that is still to be visited.
struct Inner {
    path: String,
    depth: usize,
    field: Option<Field>,
    shape: Shape,
}

/// What is still to be done, the next last: no deep stack, however long a chain of types is.
enum Waiting {
    Part(Box<Inner>),
    /// All of a part that others refer to was visited.
    End(Part),
}

struct Walker {
    open: HashSet<Part>,
    entered: HashSet<Part>,
    parts: usize,
    waiting: Vec<Waiting>,
}

impl Walker {
    /// Lets what is in a part be visited next.
    fn enter(&mut self, around: &Inner) {
        let part = Part::of(&around.shape);
        self.parts += 1;
        let is_new = part.clone().is_none_or(|part| self.entered.insert(part));
        if !is_new && self.parts > MOST_PARTS {
            return;
        }
        if let Some(part) = part {
            if !self.open.insert(part.clone()) {
                return;
            }
            self.waiting.push(Waiting::End(part));
        }
        let before = self.waiting.len();
        let at = around.path.as_str();
        let mut below = |path: String, field: Option<&Field>, shape: &Shape| {
            let (field, shape) = (field.cloned(), shape.clone());
            let inner = Inner { path, depth: around.depth + 1, field, shape };
            self.waiting.push(Waiting::Part(Box::new(inner)));
        };
        match &around.shape.resolved().kind {
            Kind::List(list) => below(path::item(at), None, &list.item),
            Kind::Map(map) => below(path::entry(at), None, &map.value),
            Kind::Record(record) => {
                for field in record.fields() {
                    below(path::field(at, &field.name), Some(field), &field.shape);
                }
                let named = record
                    .names
                    .iter()
                    .flat_map(|names| names.patterns.iter().map(|(_, shape)| shape).chain(&names.others));
                for rest in named.chain(&record.rest).filter(|rest| !matches!(rest.kind, Kind::Any)) {
                    below(path::entry(at), None, rest);
                }
            }
            Kind::Union(union) => {
                for (name, variant) in &union.variants {
                    below(format!("{at}({name})"), None, variant);
                }
            }
            _ => {}
        }
        self.waiting[before..].reverse();
    }
}
