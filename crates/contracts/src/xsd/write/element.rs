//! Elements and complex types.

use tenon_model::{
    Field, Kind, Record, Sensitivity, Shape,
    shape::{Length, List, MapOf, Union},
};

use super::{MAX_DEPTH, Writer, is_scalar, names::Elements};
use crate::path;

impl Writer {
    /// Writes the element `name` of `shape`, with further attributes.
    pub(super) fn element(
        &mut self,
        name: &str,
        shape: &Shape,
        more: &[(&str, &str)],
        doc: Option<&str>,
        path: &str,
        depth: usize,
    ) {
        let mut attributes = vec![("name", name)];
        let is_open = matches!(shape.kind, Kind::Any);
        if is_open {
            self.lose(path, "may be anything, and is an element of any name, attributes and content there");
        }
        let named = match &shape.kind {
            Kind::Named(named) if named.get().is_some() => Some(self.type_name(named, path)),
            _ => None,
        };
        let builtin = if named.is_none() && is_scalar(shape) { self.builtin(shape, path) } else { None };
        let of = named.as_deref().or(builtin).or(is_open.then_some("xs:anyType"));
        attributes.extend(of.map(|of| ("type", of)));
        attributes.extend_from_slice(more);
        if shape.allows_null() && !is_open {
            attributes.push(("nillable", "true"));
        }
        if of.is_some() && doc.is_none() {
            return self.out.empty("xs:element", &attributes);
        }
        self.out.open("xs:element", &attributes);
        self.out.doc(doc);
        if of.is_none() {
            if is_scalar(shape) {
                self.simple(None, shape, None, path);
            } else {
                self.complex(None, shape, None, path, depth + 1);
            }
        }
        self.out.close("xs:element");
    }

    /// Writes a type at the top.
    pub(super) fn definition(&mut self, name: &str, shape: &Shape, doc: Option<&str>, path: &str) {
        if is_scalar(shape) {
            self.simple(Some(name), shape, doc, path);
        } else {
            self.complex(Some(name), shape, doc, path, 0);
        }
    }

    fn complex(&mut self, name: Option<&str>, shape: &Shape, doc: Option<&str>, path: &str, depth: usize) {
        let attributes: Vec<(&str, &str)> = name.map(|name| ("name", name)).into_iter().collect();
        self.out.open("xs:complexType", &attributes);
        match &shape.kind {
            Kind::Record(record) => self.out.doc(doc.or(record.doc.as_deref())),
            _ => self.out.doc(doc),
        }
        self.out.open("xs:sequence", &[]);
        if depth > MAX_DEPTH {
            self.lose(path, format!("is deeper than {MAX_DEPTH} levels, and becomes anything"));
            self.any(&[]);
        } else {
            self.content(&shape.kind, path, depth);
        }
        self.out.close("xs:sequence");
        self.out.close("xs:complexType");
    }

    fn any(&mut self, more: &[(&str, &str)]) {
        let often = [("processContents", "skip"), ("minOccurs", "0"), ("maxOccurs", "unbounded")];
        self.out.empty("xs:any", &[more, &often].concat());
    }

    fn content(&mut self, kind: &Kind, path: &str, depth: usize) {
        match kind {
            Kind::Record(record) => self.record(record, path, depth),
            Kind::List(list) => {
                self.lose(path, "is a list inside of a list or at the top, and becomes elements `item`");
                self.repeated("item", &list.item, &list.length, None, &path::item(path), depth);
            }
            Kind::Map(map) => self.map(map, path, depth),
            Kind::Union(union) => self.union(union, path, depth),
            Kind::Named(named) => {
                if let Some(shape) = named.get() {
                    self.content(&shape.kind, path, depth + 1);
                }
            }
            _ => self.any(&[]),
        }
    }

    fn record(&mut self, record: &Record, path: &str, depth: usize) {
        let mut open_choice = None;
        let mut names = Elements::default();
        for field in record.fields() {
            let choice = record.choices.iter().position(|choice| choice.fields.contains(&field.name));
            if choice != open_choice {
                if open_choice.is_some() {
                    self.out.close("xs:choice");
                }
                if let Some(choice) = choice {
                    let min = if record.choices[choice].is_required { "1" } else { "0" };
                    self.out.open("xs:choice", &[("minOccurs", min)]);
                }
                open_choice = choice;
            }
            self.field(field, choice.is_some(), &mut names, path, depth);
        }
        if open_choice.is_some() {
            self.out.close("xs:choice");
        }
        if record.rest.is_some() || record.names.is_some() {
            self.lose(path, "has fields beyond the listed ones, which may be elements of other namespaces");
            // Those of none are the fields: what may be either belongs to two parts.
            self.any(&[("namespace", "##other")]);
        }
        if record.length != Length::default() {
            self.lose(path, "has a number of fields, which XML Schema cannot say");
        }
    }

    fn field(&mut self, field: &Field, is_chosen: bool, names: &mut Elements, path: &str, depth: usize) {
        let path = path::field(path, &field.name);
        if field.default.as_ref().is_some_and(|value| value.as_list().is_none_or(|items| !items.is_empty())) {
            self.lose(
                &path,
                "has a default for where it is absent, which XML Schema has for empty elements alone",
            );
        }
        if let Some(sensitivity) = field.sensitivity {
            let word = if sensitivity == Sensitivity::Secret { "secret" } else { "personal" };
            self.lose(&path, format!("is {word}, which XML Schema cannot say"));
        }
        if field.deprecated {
            self.lose(&path, "is deprecated, which XML Schema cannot say");
        }
        let (name, read) = names.take(&field.name);
        if name != *field.name {
            self.lose(&path, format!("is the element `{name}` there, as XML does not have its name"));
        }
        if read != *field.name {
            self.lose(&path, format!("is called `{read}` where the schema is read"));
        }
        let doc = field.doc.as_deref();
        let is_required = field.required || is_chosen;
        let list = match &field.shape.kind {
            Kind::List(list) if !field.shape.nullable => Some(list),
            _ => None,
        };
        match list {
            Some(list) => {
                self.lose_of_list(field, list, is_chosen, &path);
                let least = u64::from(is_chosen);
                let min = if is_required { list.length.min.unwrap_or(0).max(least) } else { 0 };
                let length = Length { min: Some(min), max: list.length.max };
                self.repeated(&name, &list.item, &length, doc, &path::item(&path), depth);
            }
            None => {
                let more: &[(&str, &str)] = if is_required { &[] } else { &[("minOccurs", "0")] };
                self.element(&name, &field.shape, more, doc, &path, depth);
            }
        }
    }

    /// What is not said of a list that is an element which comes several times.
    fn lose_of_list(&mut self, field: &Field, list: &List, is_chosen: bool, path: &str) {
        let min = list.length.min.unwrap_or(0);
        if list.unique {
            self.lose(path, "has no two equal items, which XML Schema cannot say");
        }
        match list.length.max {
            Some(0) => self.lose(path, "is an empty list, and is left out there"),
            Some(1) => self.lose(path, "is a list of one item at most, and that item there"),
            _ => {}
        }
        if is_chosen && min == 0 {
            self.lose(path, "may be empty, and has one item at least there");
        } else if field.required && min == 0 {
            self.lose(path, "has to be there, which XML Schema cannot tell from an empty list");
        } else if !field.required && !is_chosen {
            if field.default.is_none() {
                self.lose(path, "may be absent, which XML Schema says as an empty list");
            }
            if min > 0 {
                let message =
                    "has a least number of items only where it is there, which XML Schema cannot say";
                self.lose(path, message);
            }
        }
    }

    fn repeated(
        &mut self,
        name: &str,
        item: &Shape,
        length: &Length,
        doc: Option<&str>,
        path: &str,
        depth: usize,
    ) {
        let min = length.min.unwrap_or(0).to_string();
        let max = length.max.map_or_else(|| "unbounded".to_owned(), |max| max.to_string());
        self.element(name, item, &[("minOccurs", &min), ("maxOccurs", &max)], doc, path, depth);
    }

    fn map(&mut self, map: &MapOf, path: &str, depth: usize) {
        self.lose(path, "is a map, and becomes elements `entry` with `key` and `value`");
        let key = Field::required("key", Shape::string());
        let entry = Shape::record(vec![key, Field::required("value", map.value.clone())]);
        self.repeated("entry", &entry, &map.length, None, path, depth);
    }

    fn union(&mut self, union: &Union, path: &str, depth: usize) {
        self.lose(path, "has alternatives, and becomes a choice of elements");
        self.out.open("xs:choice", &[]);
        let mut names = Elements::default();
        for (name, variant) in &union.variants {
            let (name, _) = names.take(name);
            if matches!(variant.resolved().kind, Kind::List(_)) {
                // The elements of a choice stand beside the others of its parent.
                self.lose(
                    &beside(path, &name),
                    "is a list among alternatives, and becomes repeated elements",
                );
            }
            self.element(&name, variant, &[], None, path, depth);
        }
        self.out.close("xs:choice");
    }
}

/// The path of an element `name` in the same parent as what is at `path`.
fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once('.') {
        Some((parent, _)) => format!("{parent}.{name}"),
        None => name.to_owned(),
    }
}
