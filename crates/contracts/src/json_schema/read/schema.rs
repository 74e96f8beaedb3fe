//! One schema: which keywords it has, what kind of value it describes, and what it says to people.

use std::sync::Arc;

use tenon_document::{Node, Tree};
use tenon_errors::{Report, catalogue::contract::UNSUPPORTED_KEYWORD, nearest};
use tenon_model::{Kind, Sensitivity, Shape, Str, Value, shape::Union};

use super::{MAX_DEPTH, MAX_PARTS, Pending, Reader, Schema};
use crate::json_schema::keywords::{self, Group};

/// The types of JSON Schema, with the groups of keywords that say something about them.
const TYPES: &[(&str, &[Group])] = &[
    ("null", &[]),
    ("boolean", &[]),
    ("integer", &[Group::Number, Group::Format]),
    ("number", &[Group::Number, Group::Format]),
    ("string", &[Group::Text, Group::Format]),
    ("array", &[Group::List]),
    ("object", &[Group::Object]),
];

/// The drafts whose keywords mean what they mean here.
const DRAFTS: &[&str] =
    &["draft/2020-12/schema", "draft/2019-09/schema", "draft-07/schema", "draft-06/schema"];

impl<'d> Reader<'d> {
    /// Reads the schema at the top, and every definition, used or not.
    pub(super) fn top(&mut self) -> Schema {
        if let Some(draft) = self.text(self.root, "$schema") {
            let known = DRAFTS.iter().any(|known| draft.trim_end_matches('#').ends_with(known));
            if let (false, Some(node)) = (known, self.root.get("$schema")) {
                let message = format!("`$schema` names {draft}, which is no draft that is supported");
                self.unsupported(
                    node,
                    message,
                    "write the contract in https://json-schema.org/draft/2020-12/schema",
                );
            }
        }
        let schema = self.definition("", self.root, None);
        for key in ["$defs", "definitions"] {
            self.unused_definitions(key);
        }
        if schema.sensitivity.is_some() {
            let node = self.root.get("x-sensitivity").unwrap_or(self.root);
            let message = "`x-sensitivity` stands at the top, and only fields can be sensitive".to_owned();
            self.unsupported(node, message, "move `x-sensitivity` to the fields that are sensitive");
        }
        schema
    }

    /// Reads `node`. `name` is what the type is called where it has no title.
    pub(super) fn schema(&mut self, node: &'d Node, name: Option<&str>) -> Schema {
        self.parts = self.parts.saturating_add(1);
        if self.parts > MAX_PARTS || self.depth >= MAX_DEPTH {
            if !std::mem::replace(&mut self.is_exhausted, true) {
                let message = format!(
                    "the schema has more than {MAX_PARTS} parts or {MAX_DEPTH} levels with its references followed"
                );
                self.bad(node, message, "split the contract, or refer to fewer definitions");
            }
            return Schema::unknown();
        }
        match node.tree() {
            Tree::Map(_) => {
                self.depth += 1;
                let schema = self.object_schema(node, name);
                self.depth -= 1;
                schema
            }
            Tree::Bool(true) => Schema::of(Shape::ANY),
            Tree::Bool(false) => {
                self.unsupported(
                    node,
                    "the schema `false` allows no value at all".to_owned(),
                    "remove what can never be there",
                );
                Schema::unknown()
            }
            _ => {
                let message = format!("a schema is an object, and this is {}", node.kind_name());
                self.bad(node, message, "write an object such as { \"type\": \"string\" }");
                Schema::unknown()
            }
        }
    }

    fn object_schema(&mut self, node: &'d Node, name: Option<&str>) -> Schema {
        self.check_keywords(node);
        let title = self.text(node, "title").map(Str::new);
        let doc = self.text(node, "description").map(Str::new);
        let name = title.as_deref().or(name);
        let mut schema = if node.get("$ref").is_some() {
            self.only_beside(node, "$ref", &[]);
            self.reference(node)
        } else if node.get("enum").is_some() || node.get("const").is_some() {
            self.enumeration(node)
        } else if node.get("oneOf").is_some() || node.get("anyOf").is_some() {
            self.union(node)
        } else {
            self.typed(node, name)
        };
        schema.title = title.or(schema.title);
        schema.doc = doc.or(schema.doc);
        self.annotations(node, &mut schema);
        schema
    }

    /// Reads what says something to people about the schema.
    fn annotations(&mut self, node: &'d Node, schema: &mut Schema) {
        schema.deprecated |= self.flag(node, "deprecated");
        schema.sensitivity = schema.sensitivity.max(self.sensitivity(node));
        if let Some(default) = node.get("default") {
            schema.default = self.default(default, &schema.shape);
        }
        if node.get("examples").is_some() {
            self.pending.push(Pending::Examples { node, shape: schema.shape.clone() });
        }
    }

    fn sensitivity(&mut self, node: &'d Node) -> Option<Sensitivity> {
        match self.text(node, "x-sensitivity")? {
            "personal" => Some(Sensitivity::Personal),
            "secret" => Some(Sensitivity::Secret),
            other => {
                let message = format!("`x-sensitivity` is `{other}`, and `personal` or `secret` is required");
                let hint = nearest(other, ["personal", "secret"]).unwrap_or("personal");
                self.bad(node.get("x-sensitivity").unwrap_or(node), message, &format!("write `{hint}`"));
                None
            }
        }
    }

    /// Reports keywords that are unknown, or known and not enforced.
    fn check_keywords(&mut self, node: &'d Node) {
        let is_top = std::ptr::eq(node, self.root);
        for (key, _) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            match keywords::group(name) {
                Some(Group::Unsupported) => {
                    let message = format!("the keyword `{name}` cannot be enforced");
                    self.unsupported(key, message, "say the same with supported keywords, or remove it");
                }
                Some(Group::Top) if !is_top => {
                    let message = format!(
                        "`{name}` stands inside a schema, and only its meaning at the top is supported"
                    );
                    self.unsupported(key, message, &format!("move `{name}` to the top of the file"));
                }
                Some(_) => {}
                None => self.unknown_keyword(key, name),
            }
        }
    }

    fn unknown_keyword(&mut self, key: &Node, name: &str) {
        let report =
            Report::new(&UNSUPPORTED_KEYWORD, format!("JSON Schema has no keyword `{name}`")).at(key.place());
        let guess = nearest(name, keywords::ALL.iter().map(|keyword| keyword.name));
        let hint = match (name, guess) {
            ("nullable", _) => "write the type as a list, such as [\"string\", \"null\"]".to_owned(),
            (_, Some(guess)) => format!("write `{guess}`"),
            (_, None) => format!("remove it, or write `x-{name}` if it is a note of your own"),
        };
        self.problems.push(report.hint(hint));
    }

    /// Reports keywords that stand beside `main` and would have to be enforced with it. `allowed` are those that are.
    pub(super) fn only_beside(&mut self, node: &'d Node, main: &str, allowed: &[&str]) {
        for (key, _) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            let is_free = matches!(
                keywords::group(name),
                None | Some(Group::Annotation | Group::Top | Group::Unsupported)
            );
            if !is_free && name != main && !allowed.contains(&name) {
                let message = format!("`{name}` stands beside `{main}`, and both at once cannot be enforced");
                self.unsupported(
                    key,
                    message,
                    &format!("remove `{name}`, or say it inside what `{main}` names"),
                );
            }
        }
    }

    /// Reads a schema by its `type`.
    pub(super) fn typed(&mut self, node: &'d Node, name: Option<&str>) -> Schema {
        let Some(types) = self.types(node) else { return self.untyped(node) };
        self.check_applicable(node, &types);
        let nullable = types.contains(&"null");
        let mut schemas: Vec<(&str, Schema)> = types
            .iter()
            .filter(|kind| **kind != "null")
            .map(|kind| (*kind, self.of_type(kind, node, name)))
            .collect();
        let mut schema = match schemas.len() {
            0 => Schema::of(Shape::of(Kind::Enum(Arc::from([Value::Null])))),
            1 => schemas.remove(0).1,
            _ => {
                let sensitivity = schemas.iter().filter_map(|(_, schema)| schema.sensitivity).max();
                let variants =
                    schemas.into_iter().map(|(kind, schema)| (Str::new(kind), schema.shape)).collect();
                let union = Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })));
                Schema { sensitivity, ..Schema::of(union) }
            }
        };
        schema.shape.nullable |= nullable;
        schema
    }

    fn of_type(&mut self, kind: &str, node: &'d Node, name: Option<&str>) -> Schema {
        match kind {
            "boolean" => Schema::of(Shape::BOOL),
            "integer" => Schema::of(self.integer(node)),
            "number" => Schema::of(self.float(node)),
            "string" => Schema::of(self.string(node)),
            "array" => self.list(node),
            _ => self.record(node, name),
        }
    }

    /// The types that `type` names; `None` if there is no `type`.
    fn types(&mut self, node: &'d Node) -> Option<Vec<&'d str>> {
        let value = node.get("type")?;
        let nodes = match value.as_list() {
            Some(nodes) => nodes,
            None => std::slice::from_ref(value),
        };
        let mut types: Vec<&str> = Vec::new();
        for node in nodes {
            match node.as_str() {
                Some(name) if types.contains(&name) => {
                    self.bad(node, format!("`type` names `{name}` twice"), "name each type once");
                }
                Some(name) if TYPES.iter().any(|(known, _)| *known == name) => types.push(name),
                Some(name) => {
                    let guess = nearest(name, TYPES.iter().map(|(known, _)| *known)).unwrap_or("string");
                    self.bad(node, format!("there is no type `{name}`"), &format!("write `{guess}`"));
                }
                None => self.wrong_kind(node, "type", "text or a list of texts"),
            }
        }
        // Every integer is a number.
        if types.contains(&"number") {
            types.retain(|name| *name != "integer");
        }
        if types.is_empty() && nodes.is_empty() {
            self.bad(value, "`type` names no type".to_owned(), "name at least one type");
        }
        // A bad type was reported; the rest of the schema is not judged by it.
        (!types.is_empty()).then_some(types)
    }

    /// A schema without `type` says nothing about the kind, and keywords that need one would do nothing for the others.
    fn untyped(&mut self, node: &'d Node) -> Schema {
        if node.get("type").is_some() {
            return Schema::unknown();
        }
        for (key, _) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            let group = keywords::group(name);
            let of_type =
                TYPES.iter().rev().find(|(_, groups)| group.is_some_and(|group| groups.contains(&group)));
            if let Some((kind, _)) = of_type {
                let message =
                    format!("`{name}` stands without `type`, so values of every other type would pass");
                self.bad(key, message, &format!("add \"type\": \"{kind}\""));
                return Schema::unknown();
            }
        }
        if let Some((key, _)) = node.entry("discriminator") {
            self.unsupported(
                key,
                "`discriminator` stands without `oneOf`".to_owned(),
                "add `oneOf` with the variants",
            );
        }
        Schema::of(Shape::ANY)
    }

    /// Reports keywords that say nothing about any of the types.
    fn check_applicable(&mut self, node: &'d Node, types: &[&str]) {
        for (key, _) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            let Some(group) = keywords::group(name) else { continue };
            let is_bound = TYPES.iter().any(|(_, groups)| groups.contains(&group));
            let applies = TYPES.iter().any(|(kind, groups)| types.contains(kind) && groups.contains(&group));
            if is_bound && !applies {
                let message = format!("`{name}` says nothing about {}", types.join(" or "));
                self.unsupported(key, message, &format!("remove `{name}`, or correct the type"));
            }
        }
        if let Some((key, _)) = node.entry("discriminator") {
            self.unsupported(
                key,
                "`discriminator` stands without `oneOf`".to_owned(),
                "add `oneOf` with the variants",
            );
        }
    }
}
