//! Elements that no schema describes: records of `name`, `namespace`, `attributes` and `content`.

use std::sync::Arc;

use tenon_errors::{Report, catalogue::data::TOO_DEEP};
use tenon_model::{Key, Map, Value};

use super::{
    decode::{Decoding, Start},
    encode::Encoding,
};
use crate::{
    violation::Path,
    xml::{Event, Name, is_name},
};

impl<'t> Decoding<'t, '_> {
    /// The element that has begun, with all that is in it.
    #[allow(clippy::needless_pass_by_value, reason = "an element is read once")]
    pub(crate) fn open(&mut self, start: Start<'t>, path: &Path<'_>, depth: usize) -> Result<Value, Report> {
        if depth >= self.limits.depth {
            let message = format!("the data has more than {} levels", self.limits.depth);
            return Err(Report::new(&TOO_DEEP, message).path(path.pointer()));
        }
        self.tracker.start(None, &start.name, start.at);
        let mut map = Map::with_capacity(4);
        map.insert(Key::from("name"), Value::from(&*start.name.local));
        if let Some(namespace) = &start.name.namespace {
            map.insert(Key::from("namespace"), Value::from(&**namespace));
        }
        let mut attributes = Map::with_capacity(start.attributes.len());
        for attribute in &start.attributes {
            let value = Value::from(&*attribute.value);
            self.tracker.attribute(&attribute.name, &value);
            attributes.insert(Key::from(attribute.name.to_string()), value);
        }
        map.insert(Key::from("attributes"), Value::Map(attributes.into()));
        let mut items = Vec::new();
        let mut text = String::new();
        loop {
            match self.reader.next()? {
                Event::Text { text: more, .. } => text.push_str(&more),
                Event::Start { name, attributes, at } => {
                    if !text.is_empty() {
                        items.push(Value::from(std::mem::take(&mut text)));
                    }
                    items.push(self.open(Start { name, attributes, at }, path, depth + 2)?);
                }
                Event::End { .. } | Event::Done => break,
            }
        }
        if items.is_empty() {
            self.tracker.value(&Value::from(text.as_str()));
        }
        let troubles = self.tracker.end()?;
        self.tell(troubles, path);
        if !text.is_empty() {
            items.push(Value::from(text));
        }
        map.insert(Key::from("content"), Value::list(items));
        Ok(Value::Map(map.into()))
    }
}

impl Encoding<'_, '_> {
    /// Writes what [`Decoding::open`] reads. Inside, `default` is the namespace of names without a prefix. `fixed_name` is the name of the
    /// element where the schema has one.
    pub(super) fn open(&mut self, value: &Value, default: &str, path: &Path<'_>, depth: usize) {
        let name = value.get("name").and_then(Value::as_str).filter(|name| is_name(name));
        let Some(name) = name.filter(|_| depth <= 64) else {
            let message = "an element that the contract leaves open is a record with a `name` that is one in XML, and at most 64 levels";
            return self.violate_open(message, value, path);
        };
        let namespace = value.get("namespace").and_then(Value::as_str).unwrap_or_default();
        let named = Some(namespace).filter(|it| !it.is_empty()).map(Arc::from);
        self.tracker.start(None, &Name { namespace: named, local: Arc::from(name) }, 0);
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if namespace != default {
            self.out.extend_from_slice(b" xmlns=");
            self.quoted(namespace, path);
        }
        self.open_attributes(value.get("attributes"), path);
        self.open_content(value.get("content"), namespace, path, depth);
        match self.tracker.end() {
            Ok(troubles) => self.tell(troubles, path),
            Err(report) => self.push(report),
        }
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    pub(super) fn open_attributes(&mut self, attributes: Option<&Value>, path: &Path<'_>) {
        let Some(attributes) = attributes.and_then(Value::as_map) else { return };
        for (number, (key, value)) in attributes.iter().enumerate() {
            let key = key.as_str().unwrap_or_default();
            let (namespace, local) = name_of(key);
            let (Some(text), true) = (value.as_str(), is_name(local) && local != "xmlns") else {
                self.violate_open(
                    "an attribute that the contract leaves open has a name that is one in XML, and text",
                    value,
                    path,
                );
                continue;
            };
            let name = Name { namespace: namespace.map(Arc::from), local: Arc::from(local) };
            self.tracker.attribute(&name, value);
            self.out.push(b' ');
            let prefix = match namespace {
                None => String::new(),
                Some(crate::xml::XML) => "xml:".to_owned(),
                Some(namespace) => {
                    let prefix = format!("a{number}");
                    self.out.extend_from_slice(format!("xmlns:{prefix}=").as_bytes());
                    self.quoted(namespace, path);
                    self.out.push(b' ');
                    format!("{prefix}:")
                }
            };
            self.out.extend_from_slice(format!("{prefix}{local}=").as_bytes());
            self.quoted(text, path);
        }
    }

    /// Writes the end of the tag, and what is inside.
    pub(super) fn open_content(
        &mut self,
        content: Option<&Value>,
        default: &str,
        path: &Path<'_>,
        depth: usize,
    ) {
        self.out.push(b'>');
        let content = content.and_then(Value::as_list).unwrap_or_default();
        match content {
            [] => self.tracker.value(&Value::from("")),
            [text @ Value::String(_)] => self.tracker.value(text),
            _ => {}
        }
        for item in content {
            match item {
                Value::String(text) => self.characters(text, path),
                item => self.open(item, default, path, depth + 1),
            }
        }
    }
}

/// The namespace and the local name of `{namespace}name`, which is how attributes are called that no schema lists.
pub(super) fn name_of(key: &str) -> (Option<&str>, &str) {
    match key.strip_prefix('{').and_then(|key| key.split_once('}')) {
        Some((namespace, local)) => (Some(namespace), local),
        None => (None, key),
    }
}
