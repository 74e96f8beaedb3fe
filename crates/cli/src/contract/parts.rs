//! The parts of a contract, one after the other, for those who read it.

use tenon_model::{
    Field, Kind, Shape,
    shape::{FloatRange, IntRange, Length, Part},
};

/// One part.
pub struct Visited<'s> {
    /// Where, as in `lines[].price`; empty for the whole.
    pub path: String,
    /// How deep.
    pub depth: usize,
    /// The field that it is the value of.
    pub field: Option<&'s Field>,
    pub shape: &'s Shape,
}

/// Goes through every part of a shape. What contains itself is entered once.
pub fn walk(shape: &Shape, visit: &mut dyn FnMut(&Visited<'_>)) {
    let mut walker = Walker { open: Vec::new(), visit };
    walker.part(&Visited { path: String::new(), depth: 0, field: None, shape });
}

struct Walker<'v> {
    open: Vec<Part>,
    visit: &'v mut dyn FnMut(&Visited<'_>),
}

impl Walker<'_> {
    fn part(&mut self, visited: &Visited<'_>) {
        (self.visit)(visited);
        let part = Part::of(visited.shape);
        if part.as_ref().is_some_and(|part| self.open.contains(part)) {
            return;
        }
        let opened = part.map(|part| self.open.push(part)).is_some();
        let resolved = visited.shape.resolved();
        let below = |step: &str, field: Option<&'_ Field>, shape: &Shape, walker: &mut Self| {
            let path = match visited.path.as_str() {
                "" => step.trim_start_matches('.').to_owned(),
                path => format!("{path}{step}"),
            };
            walker.part(&Visited { path, depth: visited.depth + 1, field, shape });
        };
        match &resolved.kind {
            Kind::List(list) => below("[]", None, &list.item, self),
            Kind::Map(map) => below(".*", None, &map.value, self),
            Kind::Record(record) => {
                for field in record.fields() {
                    below(&format!(".{}", field.name), Some(field), &field.shape, self);
                }
                if let Some(rest) = record.rest.as_ref().filter(|rest| !matches!(rest.kind, Kind::Any)) {
                    below(".*", None, rest, self);
                }
            }
            Kind::Union(union) => {
                for (name, variant) in &union.variants {
                    below(&format!("({name})"), None, variant, self);
                }
            }
            _ => {}
        }
        if opened {
            self.open.pop();
        }
    }
}

/// What a contract says of values of this kind, in a few words; empty where it says nothing.
pub fn constraints(shape: &Shape) -> String {
    let shape = shape.resolved();
    let mut words = Vec::new();
    match &shape.kind {
        Kind::Int(range) => integer(range, &mut words),
        Kind::Float(range) | Kind::Decimal(range) => number(range, &mut words),
        Kind::String(text) => {
            length(text.length, "characters", &mut words);
            words.extend(text.pattern.as_ref().map(|pattern| format!("matches {pattern}")));
        }
        Kind::Bytes(it) => length(*it, "bytes", &mut words),
        Kind::List(list) => {
            length(list.length, "items", &mut words);
            words.extend(list.unique.then(|| "no two alike".to_owned()));
        }
        Kind::Map(map) => length(map.length, "entries", &mut words),
        Kind::Record(record) => {
            length(record.length, "fields", &mut words);
            words.extend(record.rest.is_none().then(|| "no other fields".to_owned()));
            words.extend(
                record.choices.iter().map(|choice| format!("only one of {}", choice.fields.join(", "))),
            );
        }
        _ => {}
    }
    words.join(", ")
}

fn integer(range: &IntRange, words: &mut Vec<String>) {
    words.extend(range.min.map(|min| format!("at least {min}")));
    words.extend(range.max.map(|max| format!("at most {max}")));
    words.extend(range.multiple_of.map(|unit| format!("a multiple of {unit}")));
}

fn number(range: &FloatRange, words: &mut Vec<String>) {
    let least =
        range.min.as_ref().map(|min| (if min.exclusive { "greater than" } else { "at least" }, &min.value));
    let most =
        range.max.as_ref().map(|max| (if max.exclusive { "less than" } else { "at most" }, &max.value));
    words.extend(least.into_iter().chain(most).map(|(word, value)| format!("{word} {value}")));
    words.extend(range.multiple_of.as_ref().map(|unit| format!("a multiple of {unit}")));
}

fn length(length: Length, of: &str, words: &mut Vec<String>) {
    words.extend(match (length.min, length.max) {
        (Some(min), Some(max)) if min == max => Some(format!("{min} {of}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max} {of}")),
        (Some(min), None) => Some(format!("at least {min} {of}")),
        (None, Some(max)) => Some(format!("at most {max} {of}")),
        (None, None) => None,
    });
}
