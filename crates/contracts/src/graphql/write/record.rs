//! Records as object and input types.

use std::collections::HashSet;

use tenon_model::{Field, Record, shape::Choice};

use super::{Position, Writer, constant, names, text};
use crate::path;

impl Writer {
    pub(super) fn record(&mut self, record: &Record, name: &str, path: &str) {
        if record.rest.is_some() || record.names.is_some() {
            self.lose(path, "may have further fields, which types of GraphQL do not have");
        }
        self.lose_length(record.length, "fields", path);
        let is_one_of = self.position == Position::Input && is_one_of(record);
        for choice in record.choices.iter().filter(|_| !is_one_of) {
            self.lose(
                path,
                format!("has only one of {}, which GraphQL cannot say here", choice.fields.join(", ")),
            );
        }
        let (word, directive) = match self.position {
            Position::Input => ("input", if is_one_of { " @oneOf" } else { "" }),
            Position::Output => ("type", ""),
        };
        if record.fields().is_empty() {
            self.lose(path, "has no fields, and types of GraphQL have one at least: `_` is added");
            self.out.line(0, &format!("{word} {name} {{"));
            self.out.line(1, "_: Boolean");
            self.out.line(0, "}");
            return;
        }
        self.out.line(0, &format!("{word} {name}{directive} {{"));
        let mut taken = HashSet::new();
        for field in record.fields() {
            self.field(field, name, &mut taken, is_one_of, &path::field(path, &field.name));
        }
        self.out.line(0, "}");
    }

    fn field(
        &mut self,
        field: &Field,
        owner: &str,
        taken: &mut HashSet<String>,
        is_one_of: bool,
        path: &str,
    ) {
        let plain = names::plain(&field.name);
        let mut name = plain.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain}{number}");
            number += 1;
        }
        if name != field.name {
            self.lose(path, format!("is called `{name}` there, as its name is not one of GraphQL"));
        }
        if field.sensitivity.is_some() {
            self.lose(path, "is sensitive, which GraphQL cannot say");
        }
        let reference =
            self.reference(&field.shape, &format!("{owner}{}", names::pascal(&field.name)), path, 0);
        let stands_in = self.position == Position::Input && field.stand_in().is_some();
        let reference = match reference.strip_suffix('!') {
            Some(nullable) if field.may_be_absent() || is_one_of || (!field.required && !stands_in) => {
                if !is_one_of {
                    self.lose(path, "may be absent and is not null, and may be null there");
                }
                nullable.to_owned()
            }
            _ => reference,
        };
        if field.required && field.shape.allows_null() {
            self.lose(path, "has to be there, though it may be null, and may be left out there");
        }
        let default = self.default(field, path);
        self.out.doc(1, field.doc.as_deref().map(text::without_reason).filter(|doc| !doc.is_empty()));
        let deprecated = self.deprecated(field, &reference, default.is_empty(), path);
        self.out.line(1, &format!("{name}: {reference}{default}{deprecated}"));
    }

    fn deprecated(&mut self, field: &Field, reference: &str, has_no_default: bool, path: &str) -> String {
        if !field.deprecated {
            return String::new();
        }
        if self.position == Position::Input && reference.ends_with('!') && has_no_default {
            self.lose(path, "is deprecated and required, which GraphQL cannot say together");
            return String::new();
        }
        text::deprecated(field.doc.as_deref())
    }

    fn default(&mut self, field: &Field, path: &str) -> String {
        let Some(value) = &field.default else { return String::new() };
        if self.position == Position::Output {
            self.lose(path, "has a default, which fields of answers do not have");
            return String::new();
        }
        // What has a default may be left out.
        if field.required {
            self.lose(path, "has a default and is required, which GraphQL cannot say together");
            return String::new();
        }
        match constant::written(value, &field.shape) {
            Some(written) => format!(" = {written}"),
            None => {
                self.lose(path, "has a default that GraphQL cannot write");
                String::new()
            }
        }
    }
}

/// Exactly one field is given, and none may be null.
fn is_one_of(record: &Record) -> bool {
    let all = |choice: &Choice| choice.is_required && choice.fields.len() == record.fields().len();
    let are_plain = |field: &Field| field.default.is_none() && !field.shape.allows_null();
    record.choices.len() == 1 && record.choices.iter().all(all) && record.fields().iter().all(are_plain)
}
