//! What the editions of Protobuf made a choice of each file, message and field; proto2 and proto3 are two such choices.

use super::ast::{Constant, Opt, Syntax};

/// How absence is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Explicit,
    Implicit,
    Required,
}

/// The choices that hold at one place of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Features {
    pub(super) presence: Presence,
    pub(super) is_closed: bool,
    pub(super) is_packed: bool,
    pub(super) is_delimited: bool,
    /// Whether JSON has to be able to tell the fields apart.
    pub(super) has_json: bool,
}

/// A feature that does not exist, or has no such value; with its option.
pub(super) struct Unknown<'o> {
    pub(super) option: &'o Opt,
    pub(super) message: String,
}

impl Features {
    pub(super) fn of(syntax: Syntax) -> Self {
        let edition = Self {
            presence: Presence::Explicit,
            is_closed: false,
            is_packed: true,
            is_delimited: false,
            has_json: true,
        };
        match syntax {
            Syntax::Proto2 => Self { is_closed: true, is_packed: false, has_json: false, ..edition },
            Syntax::Proto3 => Self { presence: Presence::Implicit, ..edition },
            Syntax::Edition2023 | Syntax::Edition2024 => edition,
        }
    }

    /// These, as far as `options` do not say otherwise.
    pub(super) fn with<'o>(mut self, options: &'o [Opt], unknown: &mut Vec<Unknown<'o>>) -> Self {
        for option in options {
            let mut set = |name: &str, value: &Constant| {
                if let Err(message) = self.set(name, value) {
                    unknown.push(Unknown { option, message });
                }
            };
            match (option.feature(), &option.value) {
                (Some(name), value) => set(name, value),
                (None, Constant::Message(fields)) if option.is("features") => {
                    fields.iter().for_each(|(name, value)| set(name, value));
                }
                _ => {}
            }
        }
        self
    }

    fn set(&mut self, name: &str, value: &Constant) -> Result<(), String> {
        // Features of one language, such as `[pb.cpp]`, say nothing about data.
        if name.starts_with('[') {
            return Ok(());
        }
        let Constant::Word(word) = value else { return Err(format!("the feature `{name}` needs a name")) };
        match (name, &**word) {
            ("field_presence", "EXPLICIT") => self.presence = Presence::Explicit,
            ("field_presence", "IMPLICIT") => self.presence = Presence::Implicit,
            ("field_presence", "LEGACY_REQUIRED") => self.presence = Presence::Required,
            ("enum_type", "OPEN") => self.is_closed = false,
            ("enum_type", "CLOSED") => self.is_closed = true,
            ("repeated_field_encoding", "PACKED") => self.is_packed = true,
            ("repeated_field_encoding", "EXPANDED") => self.is_packed = false,
            // Text is UTF-8 everywhere: other octets are no text.
            ("utf8_validation", "VERIFY" | "NONE") => {}
            ("message_encoding", "LENGTH_PREFIXED") => self.is_delimited = false,
            ("message_encoding", "DELIMITED") => self.is_delimited = true,
            ("json_format", "ALLOW") => self.has_json = true,
            ("json_format", "LEGACY_BEST_EFFORT") => self.has_json = false,
            // They say how names are written, and which other files may use a type: nothing about data.
            ("enforce_naming_style" | "default_symbol_visibility", _) => {}
            (
                "field_presence"
                | "enum_type"
                | "repeated_field_encoding"
                | "utf8_validation"
                | "message_encoding"
                | "json_format",
                word,
            ) => return Err(format!("the feature `{name}` has no value `{word}`")),
            _ => return Err(format!("there is no feature `{name}`")),
        }
        Ok(())
    }
}
