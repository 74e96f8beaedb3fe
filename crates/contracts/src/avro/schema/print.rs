//! Schemas as text: in the parsing canonical form, and in full.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};
use tenon_model::Str;

use super::{Field, Form, Logical, Name, NodeId, Order, Schema};
use crate::avro::codec;

impl Schema {
    /// The parsing canonical form (section "Parsing Canonical Form for Schemas"): equal for schemas that read data alike.
    #[must_use]
    pub fn canonical(&self) -> String {
        Printer { schema: self, is_canonical: true, printed: HashSet::new() }.node(self.root).to_string()
    }

    /// The whole schema with what it says to people, as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        Printer { schema: self, is_canonical: false, printed: HashSet::new() }.node(self.root)
    }
}

struct Printer<'s> {
    schema: &'s Schema,
    is_canonical: bool,
    printed: HashSet<NodeId>,
}

impl Printer<'_> {
    fn node(&mut self, id: NodeId) -> Json {
        let node = self.schema.node(id);
        if let Some(name) = node.form.name()
            && !self.printed.insert(id)
        {
            return json!(name.full.as_str());
        }
        let mut object = match &node.form {
            Form::Union(branches) => return branches.iter().map(|branch| self.node(*branch)).collect(),
            Form::Array(item) => plain("array", "items", self.node(*item)),
            Form::Map(value) => plain("map", "values", self.node(*value)),
            Form::Record(record) => {
                let mut object = self.named("record", &record.name);
                let fields = record.fields.iter().map(|field| self.field(field)).collect();
                object.insert("fields".to_owned(), fields);
                object
            }
            Form::Enum(symbols) => {
                let mut object = self.named("enum", &symbols.name);
                object.insert("symbols".to_owned(), texts(&symbols.symbols));
                if let Some(default) = symbols.default.as_ref().filter(|_| !self.is_canonical) {
                    object.insert("default".to_owned(), json!(default.as_str()));
                }
                object
            }
            Form::Fixed(fixed) => {
                let mut object = self.named("fixed", &fixed.name);
                object.insert("size".to_owned(), json!(fixed.size));
                object
            }
            primitive => match node.logical {
                Some(_) if !self.is_canonical => object("type", json!(primitive.word())),
                _ => return json!(primitive.word()),
            },
        };
        if let Some(logical) = node.logical.filter(|_| !self.is_canonical) {
            logical.print(&mut object);
        }
        Json::Object(object)
    }

    /// The canonical form has the name first, without what it says to people.
    fn named(&self, word: &str, name: &Name) -> Map<String, Json> {
        if self.is_canonical {
            let mut object = object("name", json!(name.full.as_str()));
            object.insert("type".to_owned(), json!(word));
            return object;
        }
        let mut object = object("type", json!(word));
        match name.full.rsplit_once('.') {
            Some((namespace, simple)) => {
                object.insert("name".to_owned(), json!(simple));
                object.insert("namespace".to_owned(), json!(namespace));
            }
            None => {
                object.insert("name".to_owned(), json!(name.full.as_str()));
                object.insert("namespace".to_owned(), json!(""));
            }
        }
        describe(&mut object, &name.aliases, name.doc.as_ref());
        object
    }

    fn field(&mut self, field: &Field) -> Json {
        let mut object = object("name", json!(field.name.as_str()));
        object.insert("type".to_owned(), self.node(field.node));
        if self.is_canonical {
            return Json::Object(object);
        }
        describe(&mut object, &field.aliases, field.doc.as_ref());
        if let Some(default) = &field.default
            && let Some(json) = codec::json::default_of(self.schema, field.node, default)
        {
            object.insert("default".to_owned(), json);
        }
        if let Some((_, word)) = Order::ALL.iter().find(|(order, _)| *order == field.order)
            && field.order != Order::default()
        {
            object.insert("order".to_owned(), json!(word));
        }
        Json::Object(object)
    }
}

impl Logical {
    fn print(self, object: &mut Map<String, Json>) {
        object.insert("logicalType".to_owned(), json!(self.word()));
        if let Self::Decimal { precision, scale } = self {
            object.insert("precision".to_owned(), json!(precision));
            object.insert("scale".to_owned(), json!(scale));
        }
    }

    /// The name that `logicalType` has.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Decimal { .. } => "decimal".to_owned(),
            Self::Uuid => "uuid".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Time(unit) => format!("time-{}", unit.name()),
            Self::Timestamp(unit) => format!("timestamp-{}", unit.name()),
            Self::LocalTimestamp(unit) => format!("local-timestamp-{}", unit.name()),
            Self::Duration => "duration".to_owned(),
        }
    }
}

fn object(key: &str, value: Json) -> Map<String, Json> {
    Map::from_iter([(key.to_owned(), value)])
}

fn plain(word: &str, key: &str, part: Json) -> Map<String, Json> {
    let mut object = object("type", json!(word));
    object.insert(key.to_owned(), part);
    object
}

fn texts(texts: &[Str]) -> Json {
    texts.iter().map(|text| json!(text.as_str())).collect()
}

fn describe(object: &mut Map<String, Json>, aliases: &[Str], doc: Option<&Str>) {
    if !aliases.is_empty() {
        object.insert("aliases".to_owned(), texts(aliases));
    }
    if let Some(doc) = doc {
        object.insert("doc".to_owned(), json!(doc.as_str()));
    }
}
