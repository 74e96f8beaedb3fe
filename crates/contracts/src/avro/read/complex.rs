//! Records, enumerations, fixed and unions.

use std::collections::HashSet;

use tenon_document::Node as Json;
use tenon_model::Str;

use super::{Reader, default::Pending, names};
use crate::avro::schema::{Enum, Field, Fixed, Form, Name, NodeId, Order, Record};

const NAMED: &[&str] = &["type", "name", "namespace", "aliases", "doc"];
/// The most bytes of a fixed type: no message is larger.
const MAX_FIXED: u64 = 16 << 20;

impl<'d> Reader<'d> {
    pub(super) fn record(&mut self, node: &'d Json, namespace: &str) -> Option<NodeId> {
        self.attributes(node, &[NAMED, &["fields"]].concat());
        let name = self.name(node, namespace)?;
        let space = names::namespace(&name.full).to_owned();
        let form = Form::Record(Record { name: name.clone(), fields: Vec::new() });
        let id = self.define(node, &name, form)?;
        let Some(list) = node.get("fields").and_then(Json::as_list) else {
            self.wrong_with(
                node,
                format!("the record `{}` has no list `fields`", name.full),
                "add its `fields`",
            );
            return None;
        };
        let fields = self.fields(id, &name.full, list, &space);
        self.complete(id, Form::Record(Record { name, fields }))
    }

    /// The fields of the record `id`, which is called `owner`.
    pub(super) fn fields(&mut self, id: NodeId, owner: &str, list: &'d [Json], space: &str) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::with_capacity(list.len());
        let mut seen = HashSet::new();
        for item in list {
            let Some(field) = self.field(item, space) else { continue };
            if !seen.insert(field.name.clone()) {
                let at = item.get("name").unwrap_or(item);
                self.wrong(at, format!("`{owner}` has two fields `{}`", field.name));
            }
            if let Some(json) = item.get("default") {
                self.defaults.push(Pending { record: id, field: fields.len(), json });
            }
            fields.push(field);
        }
        fields
    }

    fn field(&mut self, node: &'d Json, namespace: &str) -> Option<Field> {
        if node.entries().is_none() {
            self.wrong(node, format!("a field is an object, and this is {}", node.kind_name()));
            return None;
        }
        self.attributes(node, &["name", "type", "doc", "default", "order", "aliases"]);
        let (name, kind) = (self.text(node, "name"), node.get("type"));
        for (key, is_there) in [("name", node.get("name").is_some()), ("type", kind.is_some())] {
            if !is_there {
                self.wrong_with(node, format!("the field has no `{key}`"), format!("add its `{key}`"));
            }
        }
        let (name, kind) = (name?, kind?);
        self.check_simple(node.get("name").unwrap_or(node), name);
        let aliases = self.texts(node, "aliases");
        for (at, alias) in &aliases {
            self.check_simple(at, alias);
        }
        let order = self.order(node);
        let doc = self.doc(node);
        let part = self.schema(kind, namespace)?;
        Some(Field {
            name: name.into(),
            aliases: aliases.iter().map(|(_, alias)| Str::new(alias)).collect(),
            doc,
            node: part,
            default: None,
            order,
        })
    }

    fn order(&mut self, node: &'d Json) -> Order {
        let Some(word) = self.text(node, "order") else { return Order::default() };
        match Order::ALL.iter().find(|(_, name)| *name == word) {
            Some((order, _)) => *order,
            None => {
                let at = node.get("order").unwrap_or(node);
                self.wrong_with(
                    at,
                    format!("`{word}` is not an order"),
                    "write `ascending`, `descending` or `ignore`",
                );
                Order::default()
            }
        }
    }

    pub(super) fn enumeration(&mut self, node: &'d Json, namespace: &str) -> Option<NodeId> {
        self.attributes(node, &[NAMED, &["symbols", "default"]].concat());
        let name = self.name(node, namespace)?;
        if node.get("symbols").is_none() {
            self.wrong_with(node, format!("the enum `{}` has no `symbols`", name.full), "add its `symbols`");
        }
        let mut symbols: Vec<Str> = Vec::new();
        let mut seen = HashSet::new();
        for (at, symbol) in self.texts(node, "symbols") {
            self.check_simple(at, symbol);
            if !seen.insert(symbol) {
                self.wrong(at, format!("the symbol `{symbol}` appears twice"));
            }
            symbols.push(symbol.into());
        }
        let default = self.text(node, "default");
        if let Some(word) = default.filter(|word| !seen.contains(word)) {
            let at = node.get("default").unwrap_or(node);
            self.wrong_with(
                at,
                format!("the default `{word}` is not one of the symbols"),
                "name one of them",
            );
        }
        let form = Form::Enum(Enum { name: name.clone(), symbols, default: default.map(Str::new) });
        self.define(node, &name, form)
    }

    pub(super) fn fixed(&mut self, node: &'d Json, namespace: &str) -> Option<NodeId> {
        self.attributes(node, &[NAMED, &["size", "logicalType", "precision", "scale"]].concat());
        let name = self.name(node, namespace)?;
        let size = node.get("size").and_then(Json::as_u64).filter(|size| *size <= MAX_FIXED);
        let Some(size) = size.and_then(|size| usize::try_from(size).ok()) else {
            let at = node.get("size").unwrap_or(node);
            let message = format!("the fixed `{}` needs a `size` from 0 to {MAX_FIXED} bytes", name.full);
            self.wrong_with(at, message, "add its `size`");
            return None;
        };
        let form = Form::Fixed(Fixed { name: name.clone(), size });
        let logical = self.logical(node, &form);
        let id = self.define(node, &name, form)?;
        if let Some(node) = self.nodes.get_mut(id) {
            node.logical = logical;
        }
        Some(id)
    }

    fn complete(&mut self, id: NodeId, form: Form) -> Option<NodeId> {
        self.nodes.get_mut(id)?.form = form;
        Some(id)
    }

    pub(super) fn union(&mut self, node: &'d Json, branches: &'d [Json], namespace: &str) -> Option<NodeId> {
        let mut ids = Vec::with_capacity(branches.len());
        let mut tags: HashSet<Str> = HashSet::new();
        for branch in branches {
            let Some(id) = self.schema(branch, namespace) else { continue };
            let form = self.nodes.get(id).form.clone();
            if matches!(form, Form::Union(_)) {
                self.wrong_with(
                    branch,
                    "a union directly holds another one",
                    "write the branches of both in one",
                );
            }
            if !tags.insert(form.tag().into()) {
                self.wrong(branch, format!("the union has two branches of type `{}`", form.tag()));
            }
            ids.push(id);
        }
        if ids.len() < branches.len() {
            return None;
        }
        if ids.is_empty() {
            self.note(node, "the union has no branches, so that no value follows it");
        }
        Some(self.nodes.add(Form::Union(ids), None))
    }
}

impl Name {
    /// A name outside of all namespaces.
    #[must_use]
    pub fn plain(full: impl Into<Str>) -> Self {
        Self { full: full.into(), ..Self::default() }
    }
}
