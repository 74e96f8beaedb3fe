//! Names that Avro allows, each once.

use std::collections::HashSet;

use tenon_model::Str;

pub(super) use crate::avro::read::is_simple;

/// The names of types that were given.
#[derive(Default)]
pub(super) struct Names(HashSet<Str>);

impl Names {
    /// A full name near to `wanted` that no other type has, and what is lost by it.
    pub(super) fn unique(&mut self, wanted: &str) -> (Str, Option<String>) {
        let parts: Vec<String> = wanted.split('.').map(valid).collect();
        let mut name = unique_in(&parts.join("."), &mut HashSet::new());
        let mut number = 1;
        while !self.0.insert(name.clone()) {
            number += 1;
            name = format!("{}_{number}", parts.join(".")).into();
        }
        // What has no name of its own loses none.
        let is_derived = wanted.contains('_') && name == parts.join(".");
        let loss = (name != wanted && !is_derived)
            .then(|| format!("is the type `{name}` there, and not `{wanted}`"));
        (name, loss)
    }
}

/// A name without namespace near to `wanted` that is not among `taken`.
pub(super) fn unique_in(wanted: &str, taken: &mut HashSet<Str>) -> Str {
    let base: Str = if is_full(wanted) { wanted.into() } else { valid(wanted).into() };
    let mut name = base.clone();
    let mut number = 1;
    while !taken.insert(name.clone()) {
        number += 1;
        name = format!("{base}_{number}").into();
    }
    name
}

pub(super) fn is_full(text: &str) -> bool {
    text.split('.').all(is_simple)
}

/// A valid name: what is not allowed is `_`.
fn valid(text: &str) -> String {
    let mut name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !is_simple(&name) {
        name.insert(0, '_');
    }
    name
}
