//! Values that stand in a schema: the members of an enumeration, defaults and examples.

use std::sync::Arc;

use tenon_document::{Node, Tree};
use tenon_errors::{
    Code, Report,
    catalogue::contract::{BAD_CONTRACT, BAD_DEFAULT},
};
use tenon_model::{Kind, Shape, Value};

use super::{Pending, Reader, Schema, number};
use crate::{canonical, json, json::Decoder, validate::Validator};

impl<'d> Reader<'d> {
    /// Reads `enum` or `const`.
    pub(super) fn enumeration(&mut self, node: &'d Node) -> Schema {
        let key = if node.get("const").is_some() { "const" } else { "enum" };
        self.only_beside(node, key, &["type", "format"]);
        let base = if node.get("type").is_some() { self.typed(node, None).shape } else { Shape::ANY };
        let nodes = match node.get(key) {
            Some(value) if key == "const" => std::slice::from_ref(value),
            Some(value) => match value.as_list() {
                Some(values) if !values.is_empty() => values,
                Some(_) => {
                    self.bad(
                        value,
                        "`enum` has no members, so no value would be allowed".to_owned(),
                        "add a member",
                    );
                    return Schema::unknown();
                }
                None => {
                    self.wrong_kind(value, "enum", "a list of values");
                    return Schema::unknown();
                }
            },
            None => &[],
        };
        self.members(nodes, &base)
    }

    fn members(&mut self, nodes: &'d [Node], base: &Shape) -> Schema {
        // A base with a problem of its own was reported, and every member fits what stands for it.
        let decoder = Decoder::unfinished(base).unwrap_or_else(|_| Decoder::open());
        let mut values: Vec<Value> = Vec::with_capacity(nodes.len());
        for node in nodes {
            match decode(node, &decoder) {
                Ok(value) => values.push(value),
                Err(report) => self.does_not_fit(&BAD_CONTRACT, "the member", node, &report),
            }
        }
        if let Some(position) = canonical::first_repeat(&values)
            && values.len() == nodes.len()
        {
            self.bad(
                &nodes[position],
                format!("{} stands twice in `enum`", values[position]),
                "name each value once",
            );
        }
        let nullable = values.iter().any(Value::is_null);
        if values.len() > 1 {
            values.retain(|value| !value.is_null());
        }
        if values.is_empty() {
            return Schema::unknown();
        }
        Schema::of(Shape { kind: Kind::Enum(Arc::from(values)), nullable })
    }

    /// Reads a default. Whether it fits is checked when the shape is complete.
    pub(super) fn default(&mut self, node: &'d Node, shape: &Shape) -> Option<Value> {
        let decoder = Decoder::unfinished(shape).ok()?;
        match decode(node, &decoder) {
            Ok(value) => {
                self.pending.push(Pending::Default { node, shape: shape.clone(), value: value.clone() });
                Some(value)
            }
            Err(report) => {
                self.does_not_fit(&BAD_DEFAULT, "the default", node, &report);
                None
            }
        }
    }

    pub(super) fn check_default(&mut self, node: &'d Node, shape: &Shape, value: &Value) {
        if let Err(report) = Validator::new(shape).and_then(|validator| validator.check(value)) {
            self.does_not_fit(&BAD_DEFAULT, "the default", node, &report);
        }
    }

    /// The values of `examples`.
    pub(super) fn examples(&mut self, node: &'d Node, shape: &Shape) -> Vec<Value> {
        let Some(list) = node.get("examples") else { return Vec::new() };
        let Some(nodes) = list.as_list() else {
            self.wrong_kind(list, "examples", "a list of values");
            return Vec::new();
        };
        let Ok(decoder) = Decoder::new(shape) else { return Vec::new() };
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            match decode(node, &decoder) {
                Ok(value) => values.push(value),
                Err(report) => self.does_not_fit(&BAD_DEFAULT, "the example", node, &report),
            }
        }
        values
    }

    fn does_not_fit(&mut self, code: &'static Code, what: &str, node: &Node, report: &Report) {
        let reason = report.details().first().unwrap_or(report);
        let inside = reason.data_path().filter(|path| !path.is_empty());
        let at = inside.map(|path| format!(" at {path}")).unwrap_or_default();
        let message = format!("{what} does not fit its own schema: {}{at}", reason.message());
        self.report(code, node, message, &format!("correct {what}, or the schema around it"));
    }
}

fn decode(node: &Node, decoder: &Decoder) -> Result<Value, Report> {
    let mut bytes = Vec::new();
    write(node, &mut bytes)?;
    decoder.decode(&bytes)
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
                let message = format!("`{text}` is not a number of JSON");
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
