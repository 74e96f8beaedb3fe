//! Messages: payload, headers and what ties them together.

use tenon_document::Node;
use tenon_model::{Shape, Str};

use super::{Reader, payloads, reference_name};
use crate::{
    asyncapi::{model::Message, version::Version},
    format::Definition,
    json_schema::Side,
};

impl<'d> Reader<'d> {
    /// Reads a message; `fallback` is what it is called where nothing gives it a name.
    pub(super) fn message(&mut self, node: &'d Node, fallback: &str) -> Option<Message> {
        let target = self.access.follow(node)?;
        if !self.access.is_object(target, "a message") {
            return None;
        }
        let target = self.merged.with_traits(target);
        let known: &[&str] = match self.version {
            Version::V2 => &[
                "messageId",
                "headers",
                "payload",
                "correlationId",
                "schemaFormat",
                "contentType",
                "name",
                "title",
                "summary",
                "description",
                "tags",
                "externalDocs",
                "bindings",
                "examples",
                "traits",
                "deprecated",
            ],
            Version::V3 => &[
                "headers",
                "payload",
                "correlationId",
                "contentType",
                "name",
                "title",
                "summary",
                "description",
                "tags",
                "externalDocs",
                "bindings",
                "examples",
                "traits",
                "deprecated",
            ],
        };
        self.access.only(target, known, "a message");
        self.check_traits(target);
        let given =
            self.access.text(target, "messageId").or(self.access.text(target, "name")).map(str::to_owned);
        let name = match self.version {
            // The key that a channel has for it is its name.
            Version::V3 => {
                reference_name(node).filter(|_| fallback.is_empty()).unwrap_or_else(|| fallback.to_owned())
            }
            Version::V2 => given.or_else(|| reference_name(node)).unwrap_or_else(|| fallback.to_owned()),
        };
        let (payload, schema_format) = self.payload(target, &name);
        let headers = target.get("headers").map(|node| match payloads::is_multi_format(node) {
            true => self.multi_format(node, &format!("{name}Headers")).0,
            false => self.schemas.read(node, Some(&format!("{name}Headers")), Side::Both).shape,
        });
        let correlation = target.get("correlationId").and_then(|node| self.access.follow(node));
        let correlation =
            correlation.and_then(|node| self.access.needed_text(node, "location", "a correlation id"));
        let content_type = self.access.text(target, "contentType").map(Str::new);
        let message = Message {
            title: self.access.text(target, "title").map(Str::new),
            doc: self.access.text(target, "summary").map(Str::new).or_else(|| self.access.doc(target)),
            content_type: content_type.or_else(|| self.default_content_type.clone()),
            schema_format,
            payload,
            headers,
            correlation: correlation.map(Str::new),
            deprecated: self.access.flag(target, "deprecated", false),
            bindings: self.bindings(target),
            place: target.place(),
            name: Str::from(name),
        };
        self.add_type(&message);
        Some(message)
    }

    /// The payload of a message is a type of the file, unless that name is taken.
    fn add_type(&mut self, message: &Message) {
        if message.name.is_empty() || !self.names.insert(message.name.clone()) {
            return;
        }
        self.types.push(Definition {
            name: message.name.clone(),
            shape: message.payload.clone(),
            title: message.title.clone(),
            doc: message.doc.clone(),
            examples: Vec::new(),
        });
    }

    /// Messages that nothing sends or receives are types all the same.
    pub(super) fn read_messages_of_components(&mut self) {
        let Some(components) = self.components() else { return };
        for (_, name, node) in self.access.map(components, "messages") {
            if !self.names.contains(name) {
                self.message(node, name);
            }
        }
    }

    fn payload(&mut self, node: &'d Node, name: &str) -> (Shape, Str) {
        let Some(payload) = node.get("payload") else {
            return (Shape::ANY, Str::default());
        };
        match self.version {
            Version::V3 if payloads::is_multi_format(payload) => self.multi_format(payload, name),
            Version::V2 => {
                let format = self.access.text(node, "schemaFormat").unwrap_or_default();
                let place = node.get("schemaFormat").unwrap_or(node);
                (self.in_format(payload, format, place, name), Str::new(format))
            }
            Version::V3 => (self.in_format(payload, "", payload, name), Str::default()),
        }
    }

    /// A schema that says what it is written in (3.x, Multi Format Schema Object).
    pub(super) fn multi_format(&mut self, node: &'d Node, name: &str) -> (Shape, Str) {
        let format = self.access.text(node, "schemaFormat").unwrap_or_default();
        let place = node.get("schemaFormat").unwrap_or(node);
        let shape =
            node.get("schema").map_or(Shape::ANY, |schema| self.in_format(schema, format, place, name));
        (shape, Str::new(format))
    }
}
