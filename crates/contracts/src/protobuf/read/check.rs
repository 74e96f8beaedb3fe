//! The rules about numbers and names of fields and members.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use tenon_errors::{Report, catalogue::contract::ASSERTS_NOTHING};

use super::{
    ast::{self, Numbers, Syntax, Ty},
    build::{Builder, is_set},
    field::lower_camel,
    names::{EnumAt, MessageAt},
    parse_types::MAX_FIELD,
};
use crate::protobuf::definitions::{Field, Message};

/// Numbers that Protobuf keeps for itself.
const OWN: std::ops::RangeInclusive<i64> = 19_000..=19_999;

impl Builder<'_, '_> {
    pub(super) fn check_numbers(&mut self, at: &MessageAt<'_>) {
        let file = at.file;
        let mut seen: HashMap<i64, &str> = HashMap::new();
        let (reserved, extensions) = (sorted(&at.ast.reserved), sorted(&at.ast.extensions));
        let names: HashSet<&str> = at.ast.reserved_names.iter().map(|name| name.text.as_str()).collect();
        for field in &at.ast.fields {
            let (number, name) = (field.number, &field.name.text);
            self.check_number(file, field);
            match seen.entry(number) {
                Entry::Occupied(first) => {
                    let message = format!("`{name}` has the number {number}, which `{}` has", first.get());
                    self.problem(file, &field.number_span, message, "give it a number that was never used");
                }
                Entry::Vacant(place) => drop(place.insert(name)),
            }
            if let Some(range) = holding(&reserved, number) {
                let message = format!("the number {number} is reserved ({} to {})", range.first, range.last);
                self.problem(file, &field.number_span, message, "give it a number that was never used");
            }
            if holding(&extensions, number).is_some() {
                let message = format!("the number {number} is left to extensions");
                self.problem(file, &field.number_span, message, "give it a number outside of `extensions`");
            }
            if names.contains(name.as_str()) {
                let message = format!("the name `{name}` is reserved");
                self.problem(file, &field.name.span, message, "give it a name that was never used");
            }
        }
        let is_proto3 = self.names.files[file].file.syntax == Syntax::Proto3;
        if let Some(range) = at.ast.extensions.first().filter(|_| is_proto3) {
            let message = "proto3 leaves no numbers to extensions".to_owned();
            self.problem(file, &range.span, message, "remove `extensions`, or use proto2 or an edition");
        }
        let mut ranges = [reserved, extensions].concat();
        ranges.sort_by_key(|range| range.first);
        self.check_ranges(file, &ranges, 1..=MAX_FIELD);
    }

    /// Ranges, which are in their order, lie within what numbers can be, and apart.
    fn check_ranges(&mut self, file: usize, sorted: &[&Numbers], allowed: std::ops::RangeInclusive<i64>) {
        for range in sorted {
            if !(allowed.contains(&range.first) && allowed.contains(&range.last)) {
                let message = format!("numbers are from {} to {}", allowed.start(), allowed.end());
                self.problem(file, &range.span, message, "write a range of such numbers");
            }
        }
        for pair in sorted.windows(2) {
            if pair[1].first <= pair[0].last {
                let message = format!("the number {} is in two ranges", pair[1].first);
                self.problem(file, &pair[1].span, message, "write each number once");
            }
        }
    }

    fn check_number(&mut self, file: usize, field: &ast::Field) {
        if !(1..=MAX_FIELD).contains(&field.number) {
            let message = format!("a field has no number {}", field.number);
            self.problem(file, &field.number_span, message, "write a number from 1 to 536870911");
        } else if OWN.contains(&field.number) {
            let message = format!("the number {} is kept for Protobuf itself", field.number);
            self.problem(file, &field.number_span, message, "write a number outside of 19000 to 19999");
        }
    }

    pub(super) fn check_extension(
        &mut self,
        file: usize,
        field: &ast::Field,
        target: usize,
        message: &Message,
    ) {
        let target = &self.names.messages[target];
        self.check_number(file, field);
        if self.names.files[file].file.syntax == Syntax::Proto3 && !is_of_options(&message.name) {
            let text = format!("proto3 extends the options of Protobuf alone, and not `{}`", message.name);
            return self.problem(
                file,
                &field.name.span,
                text,
                "add a field to the message, or use proto2 or an edition",
            );
        }
        if field.oneof.is_some() || matches!(field.ty, Ty::Map(..)) {
            self.problem(
                file,
                &field.name.span,
                "an extension cannot be a map".to_owned(),
                "use a repeated message",
            );
        }
        if !target.ast.extensions.iter().any(|range| (range.first..=range.last).contains(&field.number)) {
            let text = format!("`{}` leaves no number {} to extensions", message.name, field.number);
            self.problem(file, &field.number_span, text, "write a number of its `extensions`");
        }
        let known = message.fields.iter().find(|known| i64::from(known.number) == field.number);
        if let Some(known) = known {
            let text = format!("`{}` has the number {} already", known.name, field.number);
            self.problem(file, &field.number_span, text, "write a number that no other extension has");
        }
    }

    pub(super) fn check_members(&mut self, at: &EnumAt<'_>, is_closed: bool) {
        let file = at.file;
        let allows_alias = is_set(&at.ast.options, "allow_alias");
        let mut seen: HashMap<i64, &str> = HashMap::new();
        let reserved = sorted(&at.ast.reserved);
        let names: HashSet<&str> = at.ast.reserved_names.iter().map(|name| name.text.as_str()).collect();
        match at.ast.members.first() {
            None => {
                let message = format!("the enumeration `{}` has no members", at.name);
                self.problem(file, &at.ast.name.span, message, "add a member");
            }
            Some(first) if !is_closed && first.number != 0 => {
                let message = "the first member of an open enumeration has the number 0".to_owned();
                self.problem(
                    file,
                    &first.number_span,
                    message,
                    "put a member such as `UNSPECIFIED = 0` first",
                );
            }
            Some(_) => {}
        }
        for member in &at.ast.members {
            let (number, name) = (member.number, &member.name.text);
            if i32::try_from(number).is_err() {
                let message = format!("{number} is beyond 32 bits");
                self.problem(file, &member.number_span, message, "write a smaller number");
            }
            match seen.entry(number) {
                Entry::Occupied(first) if !allows_alias => {
                    let message = format!("`{name}` has the number {number}, which `{}` has", first.get());
                    let hint = "give it another number, or write `option allow_alias = true;`";
                    self.problem(file, &member.number_span, message, hint);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => drop(place.insert(name)),
            }
            if holding(&reserved, number).is_some() {
                let message = format!("the number {number} is reserved");
                self.problem(file, &member.number_span, message, "give it a number that was never used");
            }
            if names.contains(name.as_str()) {
                let message = format!("the name `{name}` is reserved");
                self.problem(file, &member.name.span, message, "give it a name that was never used");
            }
        }
        self.check_ranges(file, &reserved, i32::MIN.into()..=i32::MAX.into());
    }

    /// No two fields have one name in JSON. Where the file does not promise JSON, that is only noted.
    pub(super) fn check_json_names(&mut self, id: usize, at: &MessageAt<'_>, fields: &[Field]) {
        let is_promised = self.message_features[id].has_json
            && !is_set(&at.ast.options, "deprecated_legacy_json_field_conflicts");
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for field in fields {
            let Some(first) = seen.insert(&field.json_name, &field.name) else { continue };
            let written = at.ast.fields.iter().find(|written| written.name.text == *field.name);
            let Some(span) = written.map(|written| written.name.span.clone()) else { continue };
            let message = format!("`{first}` and `{}` are both `{}` in JSON", field.name, field.json_name);
            let is_chosen = lower_camel(&field.name) != *field.json_name;
            let hint = "give one of them another name, or a `json_name`";
            if is_promised || is_chosen {
                self.problem(at.file, &span, message, hint);
            } else {
                let place = self.names.files[at.file].place(&span);
                self.notes.push(Report::new(&ASSERTS_NOTHING, message).at(place).hint(hint));
            }
        }
    }
}

/// Whether the message is one of those that options are made of.
fn is_of_options(message: &str) -> bool {
    message.strip_prefix("google.protobuf.").is_some_and(|name| name.ends_with("Options"))
}

/// Ranges in their order. Where two meet, which is reported, the later one counts.
fn sorted(ranges: &[Numbers]) -> Vec<&Numbers> {
    let mut sorted: Vec<&Numbers> = ranges.iter().collect();
    sorted.sort_by_key(|range| range.first);
    sorted
}

/// The one of `ranges`, which are in their order, that `number` lies in.
fn holding<'n>(ranges: &[&'n Numbers], number: i64) -> Option<&'n Numbers> {
    let at = ranges.partition_point(|range| range.first <= number).checked_sub(1)?;
    Some(ranges[at]).filter(|range| number <= range.last)
}
