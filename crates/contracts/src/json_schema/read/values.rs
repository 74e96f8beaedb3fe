//! Values that stand in a schema: the members of an enumeration, defaults and examples.

use std::sync::Arc;

use tenon_document::{Node, Tree};
use tenon_errors::{
    Report,
    catalogue::contract::{BAD_CONTRACT, BAD_DEFAULT},
};
use tenon_model::{Kind, Shape, Value};

use super::{Pending, Reader, Schema, number, together::Entry, types};
use crate::{canonical, json, json::Decoder, validate::Validator};

impl<'d> Reader<'d> {
    /// The members that every `enum` and `const` of `plain` has, of those that `base` allows.
    pub(super) fn enumeration(&mut self, plain: &[Entry<'d>], base: &Schema) -> Schema {
        let mut candidates: Option<Vec<(&'d Node, Vec<u8>)>> = None;
        let mut spares_null = true;
        for entry in plain {
            let Some(node) = entry.node() else { continue };
            for key in ["const", "enum"] {
                let Some(nodes) = self.members(node, key) else { continue };
                spares_null &= entry.spares_null;
                let forms: Vec<(&'d Node, Vec<u8>)> =
                    nodes.iter().filter_map(|node| Some((node, form(node)?))).collect();
                candidates = Some(match candidates {
                    None => forms,
                    Some(mut known) => {
                        known.retain(|(_, form)| forms.iter().any(|(_, other)| other == form));
                        known
                    }
                });
            }
        }
        let mut schema = self.fitting(&candidates.unwrap_or_default(), base);
        if spares_null && base.shape.nullable {
            schema.shape = types::or_null(schema.shape);
        }
        schema
    }

    /// The values that `enum` or `const` lists, if it is there.
    fn members(&mut self, node: &'d Node, key: &str) -> Option<&'d [Node]> {
        let value = node.get(key)?;
        if key == "const" {
            return Some(std::slice::from_ref(value));
        }
        match value.as_list() {
            Some(values) => {
                if values.is_empty() {
                    self.notes.add(value, "`enum` has no members, so no value is allowed", "add a member");
                }
                Some(values)
            }
            None => {
                self.wrong_kind(value, "enum", "a list of values");
                None
            }
        }
    }

    fn fitting(&mut self, nodes: &[(&'d Node, Vec<u8>)], base: &Schema) -> Schema {
        // A base with a problem of its own was reported, and every member fits what stands for it.
        let decoder = Decoder::unfinished(&base.shape).unwrap_or_else(|_| Decoder::open());
        let mut values: Vec<Value> = Vec::with_capacity(nodes.len());
        let mut seen = std::collections::HashSet::new();
        for (node, form) in nodes {
            match decode(node, &decoder) {
                Ok(value) if seen.insert(form) => values.push(value),
                Ok(value) => {
                    self.notes.add(node, format!("{value} appears twice in `enum`"), "name each value once");
                }
                // Beside `nullable`, null is often named without its type: it is what it says.
                Err(_) if node.is_null() => {
                    let message = "`enum` has null, which `type` does not allow, so null is refused";
                    self.notes.add(node, message, "add \"null\" to `type`");
                }
                Err(report) => {
                    let reason = report.details().first().unwrap_or(&report);
                    let message = format!(
                        "a member of `enum` does not fit the rest of its schema, so it is refused: {}",
                        reason.message()
                    );
                    self.notes.add(node, message, "correct the member, or the schema around it");
                }
            }
        }
        let nullable = values.iter().any(Value::is_null);
        if values.len() > 1 {
            values.retain(|value| !value.is_null());
            return Schema::of(Shape { nullable, ..Shape::of(Kind::Enum(Arc::from(values))) });
        }
        Schema::of(Shape { nullable, ..Shape::of(Kind::Enum(Arc::from(values))) })
    }

    /// The shape without some of its values.
    pub(super) fn excluding(&mut self, shape: Shape, nodes: &'d [Node]) -> Shape {
        let excluded: Vec<Vec<u8>> = nodes.iter().filter_map(form).collect();
        let is_excluded = |value: &Value| excluded.contains(&form_of(value));
        let nullable = shape.nullable && !is_excluded(&Value::Null);
        let members: Vec<Value> = match &shape.kind {
            Kind::Enum(values) => values.to_vec(),
            Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
            _ => {
                let rest = shape.clone().non_null();
                let decoder = Decoder::unfinished(&rest);
                let is_out =
                    |node: &Node| decoder.as_ref().is_ok_and(|decoder| decode(node, decoder).is_err());
                self.is_inexact |= !nodes.iter().all(is_out);
                return Shape { nullable, ..shape };
            }
        };
        let kept = members.into_iter().filter(|value| !is_excluded(value)).collect();
        Shape { nullable, ..Shape::of(Kind::Enum(kept)) }
    }

    /// Reads a default. Whether it fits is checked when the shape is complete.
    pub(super) fn default(&mut self, node: &'d Node, shape: &Shape) -> Option<Value> {
        if let Some(report) = self.unfit.why(node) {
            self.is_unused("the default", node, &report);
            return None;
        }
        let decoder = Decoder::unfinished(shape).ok()?;
        match decode(node, &decoder) {
            Ok(value) => {
                self.pending.push(Pending::Default { node, shape: shape.clone(), value: value.clone() });
                Some(value)
            }
            Err(report) => {
                self.is_unused("the default", node, &report);
                None
            }
        }
    }

    pub(super) fn check_default(&self, node: &'d Node, shape: &Shape, value: &Value) {
        if let Err(report) = Validator::new(shape).and_then(|validator| validator.check(value)) {
            self.unfit.add(node, report);
        }
    }

    /// The values of `examples`, and of the `example` of descriptions, that fit `shape`. The others are noted, since they are
    /// for people.
    pub(super) fn examples(&mut self, node: &'d Node, shape: &Shape) -> Vec<Value> {
        let is_embedded = self.is_embedded();
        let several = node.get("examples").map_or(&[][..], |list| {
            list.as_list().unwrap_or_else(|| {
                if !is_embedded {
                    self.wrong_kind(list, "examples", "a list of values");
                }
                &[]
            })
        });
        let one = node.get("example").filter(|_| is_embedded);
        let nodes: Vec<&'d Node> = one.into_iter().chain(several).collect();
        if nodes.is_empty() {
            return Vec::new();
        }
        let Ok(decoder) = Decoder::new(shape) else { return Vec::new() };
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            match decode(node, &decoder) {
                Ok(value) => values.push(value),
                Err(report) => self.is_unused("the example", node, &report),
            }
        }
        values
    }

    /// Notes a default or an example that its schema does not allow: the standard has them as a hint only.
    fn is_unused(&mut self, what: &str, node: &Node, report: &Report) {
        let message = format!("{}, and is not used", misfit(what, report));
        self.notes.add_as(&BAD_DEFAULT, node, message, format!("correct {what}, or the schema around it"));
    }
}

/// What is wrong with a default or an example.
fn misfit(what: &str, report: &Report) -> String {
    let reason = report.details().first().unwrap_or(report);
    let inside = reason.part();
    let at = inside.map(|path| format!(" at {path}")).unwrap_or_default();
    format!("{what} does not fit its own schema: {}{at}", reason.message())
}

/// A form that equal values share, whatever contract they follow.
pub(in crate::json_schema) fn form(node: &Node) -> Option<Vec<u8>> {
    decode(node, &Decoder::open()).ok().map(|value| canonical::canonical(&value))
}

fn form_of(value: &Value) -> Vec<u8> {
    let written = Decoder::open().decode_value(value);
    canonical::canonical(written.as_ref().unwrap_or(value))
}

fn decode(node: &Node, decoder: &Decoder) -> Result<Value, Report> {
    let mut bytes = Vec::new();
    write(node, &mut bytes)?;
    decoder.decode(&bytes)
}

/// The node as JSON; what is no JSON as nothing.
pub(crate) fn written(node: &Node) -> String {
    let mut bytes = Vec::new();
    if write(node, &mut bytes).is_err() {
        bytes.clear();
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Writes the node as JSON. As deep as the document is, which is bounded.
fn write(node: &Node, out: &mut Vec<u8>) -> Result<(), Report> {
    match node.tree() {
        Tree::Null => out.extend_from_slice(b"null"),
        Tree::Bool(b) => json::encode(&Value::Bool(*b), out),
        Tree::String(text) => json::encode(&Value::from(text.as_str()), out),
        Tree::Number(text) => match number::scan(node) {
            Some(_) => out.extend_from_slice(text.as_bytes()),
            None => {
                let message = format!("`{text}` is not a JSON number");
                return Err(Report::new(&BAD_CONTRACT, message));
            }
        },
        Tree::List(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Tree::Map(entries) => {
            out.push(b'{');
            for (position, (key, value)) in entries.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write(key, out)?;
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}
