//! Names that XML allows, and what fields are called by them.

use std::collections::HashSet;

use crate::{
    xml::{is_name_character, is_name_start},
    xsd::layout::field_name,
};

/// `name` as one that XML allows.
pub(super) fn plain(name: &str) -> String {
    let mut plain: String = name.chars().map(|c| if is_name_character(c) { c } else { '_' }).collect();
    if !plain.starts_with(is_name_start) {
        plain.insert(0, '_');
    }
    plain
}

/// The names of the elements of one type, each once.
#[derive(Default)]
pub(super) struct Elements {
    names: HashSet<String>,
    fields: HashSet<String>,
}

impl Elements {
    /// The name of the element for the field `name`, and that of the field which the schema is read as.
    pub(super) fn take(&mut self, name: &str) -> (String, String) {
        let element = free(&plain(name), &mut self.names);
        let field = free(&field_name(&element), &mut self.fields);
        (element, field)
    }
}

/// `name`, or with a number behind it where it is taken.
pub(super) fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}_{number}");
        number += 1;
    }
    free
}
