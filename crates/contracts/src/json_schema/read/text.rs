//! Text, and everything that JSON writes as text: instants, dates, UUIDs, octets, decimals.

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::nearest;
use tenon_model::{
    Format, Kind, Shape, Str,
    shape::{FloatRange, Length, Text},
};

use super::Reader;
use crate::compiled;

/// The formats of text that are kinds of their own.
const KINDS: &[(&str, Kind)] = &[
    ("date-time", Kind::Timestamp),
    ("date", Kind::Date),
    ("time", Kind::Time),
    ("duration", Kind::Duration),
    ("uuid", Kind::Uuid),
    ("decimal", Kind::Decimal(FloatRange { min: None, max: None, multiple_of: None })),
    ("byte", Kind::Bytes(Length { min: None, max: None })),
];

/// The names of the formats of text that are enforced.
pub(super) fn formats() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(Format::ALL.iter().map(|(_, name)| *name))
}

impl<'d> Reader<'d> {
    pub(super) fn string(&mut self, node: &'d Node) -> Shape {
        let known: Vec<&str> = formats().collect();
        let format = self.format(node, &known);
        if let Some(encoding) = self.text(node, "contentEncoding") {
            return self.bytes(node, encoding);
        }
        if let Some((name, kind)) = KINDS.iter().find(|(name, _)| Some(*name) == format) {
            self.only_form(node, name);
            return Shape::of(kind.clone());
        }
        let text = Text {
            length: self.length(node, "minLength", "maxLength"),
            pattern: self.pattern(node),
            format: Format::ALL.iter().find(|(_, name)| Some(*name) == format).map(|(format, _)| *format),
        };
        Shape::of(Kind::String(Arc::new(text)))
    }

    /// The `format`, if it is one of `known`. Others are reported.
    pub(super) fn format(&mut self, node: &'d Node, known: &[&str]) -> Option<&'d str> {
        let format = self.text(node, "format")?;
        if known.contains(&format) {
            return Some(format);
        }
        // A union of types shares the keyword: the format may be meant for another of them.
        if node.get("type").is_some_and(|types| types.as_list().is_some_and(|types| types.len() > 2)) {
            return None;
        }
        let value = node.get("format").unwrap_or(node);
        let hint = match nearest(format, known.iter().copied()) {
            Some(guess) => format!("write `{guess}`"),
            None => "say the same with `pattern`, or remove the format".to_owned(),
        };
        self.unsupported(value, format!("the format `{format}` cannot be enforced here"), &hint);
        None
    }

    /// Octets in base64. The bounds of their text, in characters, become bounds of the octets: four for each three.
    fn bytes(&mut self, node: &'d Node, encoding: &str) -> Shape {
        if encoding != "base64" {
            let value = node.get("contentEncoding").unwrap_or(node);
            self.unsupported(
                value,
                format!("the encoding `{encoding}` cannot be enforced"),
                "write `base64`",
            );
        }
        for key in ["pattern", "format"] {
            if let Some((key, _)) = node.entry(key) {
                let message =
                    format!("`{}` stands beside `contentEncoding`", key.as_str().unwrap_or_default());
                self.unsupported(key, message, "remove one of them");
            }
        }
        let characters = self.length(node, "minLength", "maxLength");
        let min = characters.min.filter(|min| *min > 0).map(|min| min.div_ceil(4).saturating_mul(3) - 2);
        let max = characters.max.map(|max| max / 4 * 3);
        Shape::of(Kind::Bytes(Length { min, max }))
    }

    /// A text that is a kind of its own has no other bounds than its form.
    fn only_form(&mut self, node: &'d Node, format: &str) {
        for key in ["minLength", "maxLength", "pattern"] {
            if let Some((key, _)) = node.entry(key) {
                let name = key.as_str().unwrap_or_default();
                let message = format!(
                    "`{name}` stands beside the format `{format}`, and both at once cannot be enforced"
                );
                self.unsupported(key, message, &format!("remove `{name}`"));
            }
        }
    }

    fn pattern(&mut self, node: &'d Node) -> Option<Str> {
        let pattern = self.text(node, "pattern")?;
        let value = node.get("pattern").unwrap_or(node);
        let compiled = compiled::compile_pattern(pattern).map_err(|report| report.at(value.place()));
        self.problems.take(compiled).map(|_| Str::new(pattern))
    }
}
