//! Shapes as Avro schemas, and what those cannot say.

mod defaults;
mod names;
mod scalar;

use std::collections::HashSet;

use tenon_errors::{Report, Reports, catalogue::contract::NOT_WRITABLE};
use tenon_model::{
    Kind, Named, Shape, Str, Value,
    shape::{self, Union},
};

use self::{defaults::Pending, names::Names};
use super::{
    MAX_DEPTH,
    schema::{self, Enum, Form, Name, NodeId, Nodes, Order},
};
use crate::{
    format::{Loss, Written},
    path,
};

/// Writes `shape` as the schema `name`.
///
/// # Errors
/// `C0008` where Avro has nothing that comes near: for what may be anything or nothing, and for types that contain themselves without
/// a record.
pub(super) fn write(name: &str, shape: &Shape) -> Result<Written, Reports> {
    let mut writer = Writer::default();
    let root = writer.shape(shape, name, "", 0);
    let root = writer.problems.take(root);
    writer.hold_defaults();
    let (nodes, losses) = (writer.nodes, writer.losses);
    match root {
        Some(root) => {
            let schema = nodes.finish(root);
            writer.problems.finish(Written { text: format!("{:#}\n", schema.to_json()), losses })
        }
        None => Err(writer.problems),
    }
}

type Result<T, E = Report> = std::result::Result<T, E>;

#[derive(Default)]
struct Writer {
    nodes: Nodes,
    names: Names,
    /// Types of an arena that were written, or are being written.
    written: Vec<(Named, Option<NodeId>)>,
    /// The defaults, which are held against their types when all of these are written.
    defaults: Vec<Pending>,
    losses: Vec<Loss>,
    problems: Reports,
    /// How many shapes were written: what has no name is written wherever it is used.
    shapes: usize,
}

/// The most shapes that are written.
const MAX_SHAPES: usize = 20_000;

impl Writer {
    fn lose(&mut self, path: &str, message: impl Into<String>) {
        self.losses.push(Loss { path: path.to_owned(), message: message.into() });
    }

    fn add(&mut self, form: Form) -> NodeId {
        self.nodes.add(form, None)
    }

    /// The type of `shape`, which is called `name` if Avro needs one for it.
    fn shape(&mut self, shape: &Shape, name: &str, path: &str, depth: usize) -> Result<NodeId> {
        if depth > MAX_DEPTH {
            return Err(nothing(path, "is nested too deep"));
        }
        self.shapes += 1;
        if self.shapes > MAX_SHAPES {
            return Err(nothing(path, "is too large"));
        }
        let id = self.non_null(shape, name, path, depth)?;
        Ok(if shape.nullable { self.with_null(id, false) } else { id })
    }

    /// The union of `null` and the type `id`, which may be a union already.
    fn with_null(&mut self, id: NodeId, is_last: bool) -> NodeId {
        let mut branches = match &self.nodes.get(id).form {
            Form::Null => return id,
            Form::Union(branches) => branches.clone(),
            _ => vec![id],
        };
        if branches.iter().any(|branch| self.nodes.get(*branch).form == Form::Null) {
            return id;
        }
        let null = self.add(Form::Null);
        branches.insert(if is_last { branches.len() } else { 0 }, null);
        self.add(Form::Union(branches))
    }

    fn non_null(&mut self, shape: &Shape, name: &str, path: &str, depth: usize) -> Result<NodeId> {
        match &shape.kind {
            Kind::Any => Err(nothing(path, "may be anything")),
            Kind::Named(named) => self.named(named, path, depth),
            Kind::List(list) => {
                self.lose_length(&list.length, "items", path);
                if list.unique {
                    self.lose(path, "has items of which no two are equal, which Avro cannot say");
                }
                let item = self.shape(&list.item, &format!("{name}_item"), &path::item(path), depth + 1)?;
                Ok(self.add(Form::Array(item)))
            }
            Kind::Map(map) => {
                self.lose_length(&map.length, "entries", path);
                if map.key != shape::KeyKind::Text {
                    self.lose(path, format!("has keys that are {}, and text there", map.key.name()));
                }
                let value =
                    self.shape(&map.value, &format!("{name}_value"), &path::entry(path), depth + 1)?;
                Ok(self.add(Form::Map(value)))
            }
            Kind::Record(record) => self.record(record, name, None, path, depth),
            Kind::Union(union) => self.union(union, name, path, depth),
            Kind::Enum(values) => self.enumeration(values, name, None, path),
            kind => self.scalar(kind, name, path),
        }
    }

    /// A type of an arena, which is written once if it has a name in Avro, and can contain itself then.
    fn named(&mut self, named: &Named, path: &str, depth: usize) -> Result<NodeId> {
        let Some(shape) = named.get() else { return Err(nothing(path, "is not defined")) };
        let id = match self.written.iter().find(|(known, _)| known.is_same(named)) {
            Some((_, Some(id))) => *id,
            Some((_, None)) => return Err(nothing(path, "contains itself without a record")),
            None => self.definition(named, &shape, path, depth)?,
        };
        Ok(if shape.nullable { self.with_null(id, false) } else { id })
    }

    fn definition(&mut self, named: &Named, shape: &Shape, path: &str, depth: usize) -> Result<NodeId> {
        let name = named.name().clone();
        self.written.push((named.clone(), None));
        let id = match &shape.kind {
            Kind::Record(record) => self.record(record, &name, Some(named), path, depth)?,
            Kind::Enum(values) => self.enumeration(values, &name, Some(named), path)?,
            _ => self.non_null(shape, &name, path, depth + 1)?,
        };
        self.remember(named, id);
        if !self.is_reusable(id) {
            self.written.retain(|(known, _)| !known.is_same(named));
        }
        Ok(id)
    }

    /// What has no name is written where it is used.
    fn is_reusable(&self, id: NodeId) -> bool {
        self.nodes.get(id).form.name().is_some()
    }

    fn remember(&mut self, named: &Named, id: NodeId) {
        if let Some((_, known)) = self.written.iter_mut().find(|(known, _)| known.is_same(named)) {
            *known = Some(id);
        }
    }

    fn name(&mut self, wanted: &str, named: Option<&Named>, doc: Option<&Str>, path: &str) -> Name {
        let (full, loss) = self.names.unique(wanted);
        if let Some(loss) = loss {
            self.lose(path, loss);
        }
        let about = named.map(Named::about).unwrap_or_default();
        let aliases = about.aliases.iter().filter(|alias| names::is_full(alias)).cloned().collect();
        Name { full, aliases, doc: doc.or(about.doc.as_ref()).cloned() }
    }

    fn record(
        &mut self,
        record: &shape::Record,
        name: &str,
        named: Option<&Named>,
        path: &str,
        depth: usize,
    ) -> Result<NodeId> {
        let wanted = if named.is_some() { name } else { record.name.as_deref().unwrap_or(name) };
        let name = self.name(wanted, named, record.doc.as_ref(), path);
        if record.rest.is_some() || record.names.is_some() {
            self.lose(path, "may have further fields, which records of Avro do not have");
        }
        self.lose_length(&record.length, "fields", path);
        for choice in &record.choices {
            self.lose(path, format!("has only one of {}, which Avro cannot say", choice.fields.join(", ")));
        }
        let id = self.add(Form::Record(schema::Record { name: name.clone(), fields: Vec::new() }));
        if let Some(named) = named {
            self.remember(named, id);
        }
        let mut taken = HashSet::new();
        let mut fields = Vec::with_capacity(record.fields().len());
        for field in record.fields() {
            let at = (id, fields.len());
            let path = path::field(path, &field.name);
            fields.extend(self.field(field, at, &name, &mut taken, &path, depth));
        }
        if let Some(node) = self.nodes.get_mut(id) {
            node.form = Form::Record(schema::Record { name, fields });
        }
        Ok(id)
    }

    /// The field of a record at a position in it; after a problem, which is collected, none.
    fn field(
        &mut self,
        field: &shape::Field,
        at: (NodeId, usize),
        record: &Name,
        taken: &mut HashSet<Str>,
        path: &str,
        depth: usize,
    ) -> Option<schema::Field> {
        let name = names::unique_in(&field.name, taken);
        if name != field.name {
            self.lose(path, format!("is called `{name}` there, as its name is not one of Avro"));
        }
        if field.deprecated {
            self.lose(path, "is deprecated, which Avro cannot say");
        }
        if field.sensitivity.is_some() {
            self.lose(path, "is sensitive, which Avro cannot say");
        }
        let inner = format!("{}_{name}", record.full);
        let node = self.shape(&field.shape, &inner, path, depth + 1);
        let mut node = self.problems.take(node)?;
        let mut default = field.default.clone();
        if field.required && default.take().is_some() {
            self.lose(path, "has a default and is required, which Avro cannot say together");
        }
        if field.may_be_absent() {
            let is_null = if field.shape.allows_null() { "which is null there" } else { "and is null there" };
            self.lose(path, format!("may be absent, {is_null}"));
            node = self.with_null(node, false);
            default = Some(Value::Null);
        } else if default.is_some() {
            self.defaults.push(Pending { record: at.0, field: at.1, path: path.to_owned() });
        }
        Some(schema::Field {
            name,
            aliases: Vec::new(),
            doc: field.doc.clone(),
            node,
            default,
            order: Order::default(),
        })
    }

    /// Branches that Avro would not tell apart are one.
    fn union(&mut self, union: &Union, name: &str, path: &str, depth: usize) -> Result<NodeId> {
        if let Some(tag) = &union.tag {
            self.lose(path, format!("is told apart by `{tag}`, and by the names of its types there"));
        }
        let mut branches: Vec<NodeId> = Vec::new();
        for (variant, shape) in &union.variants {
            let id = self.shape(shape, &format!("{name}_{variant}"), path, depth + 1)?;
            let parts = match &self.nodes.get(id).form {
                Form::Union(parts) => parts.clone(),
                _ => vec![id],
            };
            for part in parts {
                let tag = self.nodes.get(part).form.tag().to_owned();
                if branches.iter().all(|branch| self.nodes.get(*branch).form.tag() != tag) {
                    branches.push(part);
                } else if tag != "null" {
                    self.lose(
                        path,
                        format!("has two alternatives that are `{tag}` there, of which the first is kept"),
                    );
                }
            }
        }
        Ok(self.add(Form::Union(branches)))
    }

    fn enumeration(
        &mut self,
        values: &[Value],
        name: &str,
        named: Option<&Named>,
        path: &str,
    ) -> Result<NodeId> {
        let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        let mut seen = HashSet::new();
        let are_symbols = texts.iter().all(|text| names::is_simple(text) && seen.insert(*text));
        let others: Vec<&Value> = values.iter().filter(|value| value.as_str().is_none()).collect();
        let has_null = others.iter().any(|value| value.is_null());
        let id = match (texts.is_empty(), others.iter().find(|value| !value.is_null())) {
            (true, None) if has_null => return Ok(self.add(Form::Null)),
            (true, None) => return Err(nothing(path, "has no values")),
            (false, None) if are_symbols => {
                let name = self.name(name, named, None, path);
                let symbols = texts.into_iter().map(Str::new).collect();
                self.add(Form::Enum(Enum { name, symbols, default: None }))
            }
            (false, None) => {
                self.lose(path, "is an enumeration whose values are not names, and becomes any text there");
                self.add(Form::String)
            }
            (_, Some(one)) => {
                let shape = Shape::of(scalar::kind_of(one));
                if others.iter().any(|value| value.kind_name() != one.kind_name() && !value.is_null())
                    || !texts.is_empty()
                {
                    return Err(nothing(path, "is an enumeration of values of several kinds"));
                }
                self.lose(path, format!("is an enumeration, and any {} there", one.kind_name()));
                self.non_null(&shape, name, path, MAX_DEPTH)?
            }
        };
        Ok(if has_null { self.with_null(id, false) } else { id })
    }
}

fn nothing(path: &str, what: &str) -> Report {
    let place = if path.is_empty() { "the contract" } else { path };
    Report::new(&NOT_WRITABLE, format!("{place} {what}, which Avro has no type for"))
        .hint("leave it out, or write the contract in another format")
}
