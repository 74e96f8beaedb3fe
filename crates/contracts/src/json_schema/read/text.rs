//! Text, and everything that JSON writes as text: instants, dates, UUIDs, octets.

use std::sync::Arc;

use tenon_document::Node;
use tenon_model::{
    Format, Kind, Shape, Str,
    shape::{Length, Text},
};

use super::{Reader, together::Entry};
use crate::{compiled, json_schema::evaluate::Pattern};

/// The formats of text that are kinds of their own.
const KINDS: &[(&str, Kind)] = &[
    ("date-time", Kind::Timestamp),
    ("date-time-local", Kind::LocalDateTime),
    ("date", Kind::Date),
    ("time-local", Kind::Time),
    ("duration", Kind::Duration),
    ("period", Kind::Period),
    ("uuid", Kind::Uuid),
    ("byte", Kind::Bytes(Length { min: None, max: None })),
];

/// What every text of one format is as well, so that both at once are the first.
const NARROWER: &[(&str, &str)] = &[
    ("uri", "uri-reference"),
    ("uri", "iri"),
    ("uri", "iri-reference"),
    ("uri-reference", "iri-reference"),
    ("iri", "iri-reference"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("duration", "period"),
];

/// The names of the formats of text that are enforced.
pub(super) fn formats() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(Format::ALL.iter().map(|(_, name)| *name))
}

impl<'d> Reader<'d> {
    pub(super) fn string(&mut self, plain: &[Entry<'d>]) -> Shape {
        let format = self.format(plain);
        let nodes = plain.iter().filter_map(Entry::node);
        if let Some(node) = nodes.clone().find(|node| node.get("contentEncoding").is_some_and(is_base64)) {
            return self.bytes(node, plain);
        }
        if let Some((name, kind)) = KINDS.iter().find(|(name, _)| Some(*name) == format) {
            self.only_form(plain, name);
            return Shape::of(kind.clone());
        }
        let text = Text {
            length: self.length(plain, "minLength", "maxLength"),
            pattern: self.pattern(plain),
            format: Format::ALL.iter().find(|(_, name)| Some(*name) == format).map(|(format, _)| *format),
        };
        if text.length.max.is_some_and(|max| text.length.min.is_some_and(|min| min > max)) {
            return Shape::never();
        }
        Shape::of(Kind::String(Arc::new(text)))
    }

    /// The one known format of text that all have to have. Unknown ones were noted.
    fn format(&mut self, plain: &[Entry<'d>]) -> Option<&'d str> {
        let mut found: Option<&str> = None;
        for node in plain.iter().filter_map(Entry::node) {
            let Some(value) = node.get("format") else { continue };
            let Some(format) = value.as_str().filter(|format| formats().any(|known| known == *format)) else {
                continue;
            };
            found = match found {
                Some(other) if other == format || NARROWER.contains(&(other, format)) => Some(other),
                Some(other) if !NARROWER.contains(&(format, other)) => {
                    self.is_inexact = true;
                    Some(other)
                }
                _ => Some(format),
            };
        }
        found
    }

    /// Octets in base64. The bounds of their text, in characters, become bounds of the octets: four for each three.
    fn bytes(&mut self, node: &'d Node, plain: &[Entry<'d>]) -> Shape {
        for other in plain.iter().filter_map(Entry::node) {
            for key in ["pattern", "format"] {
                let is_noted = key == "format" && other.get(key).and_then(Node::as_str) == Some("byte");
                self.is_inexact |= other.get(key).is_some() && !is_noted;
            }
        }
        let characters = self.length(plain, "minLength", "maxLength");
        let min = characters.min.filter(|min| *min > 0).map(|min| min.div_ceil(4).saturating_mul(3) - 2);
        let max = characters.max.map(|max| max / 4 * 3);
        if min.is_some_and(|min| max.is_some_and(|max| min > max)) {
            let message = "no base64 text has a length between the bounds".to_owned();
            self.bad(node, message, "correct `minLength` and `maxLength`");
        }
        Shape::of(Kind::Bytes(Length { min, max }))
    }

    /// A text that is a kind of its own has no other bounds than its form; those that it has are judged by its text.
    fn only_form(&mut self, plain: &[Entry<'d>], format: &str) {
        for node in plain.iter().filter_map(Entry::node) {
            for key in ["minLength", "maxLength", "pattern"] {
                let Some((key, value)) = node.entry(key) else { continue };
                self.is_inexact |= !is_implied(format, key.as_str().unwrap_or_default(), value);
            }
        }
    }

    fn pattern(&mut self, plain: &[Entry<'d>]) -> Option<Str> {
        let mut found: Option<&str> = None;
        for node in plain.iter().filter_map(Entry::node) {
            let Some(pattern) = self.text(node, "pattern") else { continue };
            let value = node.get("pattern").unwrap_or(node);
            if !self.runs(pattern, value) || found == Some(pattern) {
                continue;
            }
            if !is_linear(pattern) {
                self.is_inexact = true;
                continue;
            }
            self.is_inexact |= found.is_some();
            found = Some(pattern);
        }
        found.map(Str::new)
    }

    /// Whether the pattern can be run; reports one that cannot.
    pub(super) fn runs(&mut self, pattern: &str, node: &Node) -> bool {
        match Pattern::new(pattern) {
            Ok(_) => true,
            Err(report) => {
                self.push(report.at(node.place()));
                false
            }
        }
    }
}

/// Whether the pattern can be run in linear time, as those of types are.
pub(super) fn is_linear(pattern: &str) -> bool {
    compiled::compile_pattern(pattern).is_ok()
}

fn is_base64(encoding: &Node) -> bool {
    encoding.as_str() == Some("base64")
}

/// Whether every text of the format has a length within the bound anyway.
fn is_implied(format: &str, key: &str, bound: &Node) -> bool {
    let (least, most) = match format {
        "date" => (10, 10),
        "uuid" => (36, 36),
        "date-time" => (20, 35),
        "time-local" => (8, 18),
        "date-time-local" => (19, 29),
        "duration" | "period" => (3, u64::MAX),
        _ => (0, u64::MAX),
    };
    match (key, bound.as_u64()) {
        ("minLength", Some(min)) => min <= least,
        ("maxLength", Some(max)) => max >= most,
        _ => false,
    }
}
