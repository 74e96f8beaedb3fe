//! Media types: the forms that bodies have.

use std::sync::Arc;

use tenon_document::Node;
use tenon_model::{Kind, Shape, Str, shape::List};

use super::Reader;
use crate::{
    json_schema::Side,
    openapi::{
        media::{self, Family},
        model::{Encoding, MediaType},
        version::Version,
    },
};

impl<'d> Reader<'d> {
    /// The forms that the `content` of `node` names.
    pub(super) fn content(&mut self, node: &'d Node, name: &str, side: Side) -> Vec<MediaType> {
        let mut content = Vec::new();
        for (key, media_type, value) in self.access.map(node, "content") {
            if !media::is_range(media_type) {
                let message = format!("`{media_type}` is not a media type");
                self.access.bad(key, message, "write a type and a subtype: `application/json`");
                continue;
            }
            content.extend(self.media_type(value, media_type, name, side));
        }
        content
    }

    pub(super) fn media_type(
        &mut self,
        node: &'d Node,
        name: &str,
        of: &str,
        side: Side,
    ) -> Option<MediaType> {
        let node = self.access.follow(node)?;
        if !self.access.is_object(node, "a media type") {
            return None;
        }
        let known: &[&str] = match self.version {
            Version::V3_2 => &[
                "schema",
                "itemSchema",
                "example",
                "examples",
                "encoding",
                "prefixEncoding",
                "itemEncoding",
                "$ref",
            ],
            _ => &["schema", "example", "examples", "encoding"],
        };
        self.access.only(node, known, "a media type");
        let item = match node.get("itemSchema") {
            Some(schema) if self.version >= Version::V3_2 => {
                if media::family(name) != Family::Stream {
                    let message =
                        format!("`itemSchema` is used with `{name}`, which is not a stream of values");
                    self.access.note(schema, message, "use `application/jsonl` or `text/event-stream`");
                }
                Some(self.schemas.read(schema, Some(of), side).shape)
            }
            _ => None,
        };
        let shape = match node.get("schema") {
            Some(schema) => self.body_shape(schema, name, of, side),
            None => match (&item, media::family(name)) {
                (Some(item), _) => Shape::list(item.clone()),
                (None, Family::Text) => Shape::string(),
                (None, Family::Json | Family::Form | Family::Xml | Family::Stream) => Shape::ANY,
                (None, Family::Other) => Shape::BYTES,
            },
        };
        let mut encodings = Vec::new();
        for (key, property, node) in self.access.map(node, "encoding") {
            let is_there =
                shape.field(property).is_some() || !matches!(shape.resolved().kind, Kind::Record(_));
            if !is_there {
                self.access.note(
                    key,
                    format!("`encoding` names `{property}`, which the body does not have"),
                    "remove it",
                );
            }
            encodings.extend(self.encoding(node, property, side));
        }
        if self.version >= Version::V3_2 {
            for node in self.access.list(node, "prefixEncoding").iter().chain(node.get("itemEncoding")) {
                encodings.extend(self.encoding(node, "", side));
            }
        }
        Some(MediaType { name: Str::new(name), shape, item, encodings, place: node.place() })
    }

    /// What a body is: octets where the schema says that it is binary and the media type has no form of its own.
    pub(super) fn body_shape(&mut self, schema: &'d Node, media_type: &str, of: &str, side: Side) -> Shape {
        let target = self.access.linked.follow(schema).unwrap_or(schema);
        let text = |key: &str| target.get(key).and_then(Node::as_str);
        // OpenAPI 2.0 calls a body of octets a file.
        if text("type") == Some("file") {
            return Shape::BYTES;
        }
        let is_opaque = media::family(media_type) == Family::Other;
        let is_binary = text("type").is_none_or(|kind| kind == "string")
            && (text("format") == Some("binary") || (text("format").is_none() && is_opaque));
        let has_keywords =
            ["$ref", "allOf", "oneOf", "anyOf", "enum", "const", "properties", "items", "pattern"]
                .iter()
                .any(|key| target.get(key).is_some());
        if is_opaque && is_binary && !has_keywords {
            return Shape::BYTES;
        }
        let shape = self.schemas.read(schema, Some(of), side).shape;
        if media::family(media_type) == Family::Form { self.with_files(target, shape) } else { shape }
    }

    /// The form with octets where its properties are `binary`: in a form, each part has a media type of its own.
    fn with_files(&self, schema: &'d Node, shape: Shape) -> Shape {
        let Some(record) = shape.as_record() else { return shape };
        let followed = |node: &'d Node| self.access.linked.follow(node).unwrap_or(node);
        let is_binary = |node: &'d Node| node.get("format").and_then(Node::as_str) == Some("binary");
        let mut fields = record.fields().to_vec();
        for field in &mut fields {
            let property = schema.get("properties").and_then(|properties| properties.get(&field.name));
            let Some(property) = property.map(followed) else { continue };
            if is_binary(property) {
                field.shape = Shape { nullable: field.shape.nullable, ..Shape::BYTES };
            } else if property.get("items").map(followed).is_some_and(is_binary)
                && let Kind::List(list) = &field.shape.kind
            {
                let list = List { item: Shape::BYTES, ..(**list).clone() };
                field.shape = Shape { kind: Kind::List(Arc::new(list)), ..field.shape.clone() };
            }
        }
        Shape { kind: Kind::Record(Arc::new(record.with_new_fields(fields))), ..shape }
    }

    fn encoding(&mut self, node: &'d Node, property: &str, side: Side) -> Option<Encoding> {
        if !self.access.is_object(node, "an encoding") {
            return None;
        }
        let known = [
            "contentType",
            "headers",
            "style",
            "explode",
            "allowReserved",
            "encoding",
            "prefixEncoding",
            "itemEncoding",
        ];
        self.access.only(node, &known, "an encoding");
        for key in ["encoding", "prefixEncoding", "itemEncoding"] {
            if let Some((key_node, _)) = node.entry(key) {
                let message = format!(
                    "`{key}` inside of an encoding is kept for nobody: parts of parts are not described"
                );
                self.access.note(key_node, message, "describe the part by its schema");
            }
        }
        Some(Encoding {
            property: Str::new(property),
            content_type: self.access.text(node, "contentType").map(Str::new),
            style: self.form_style(node),
            headers: self.headers(node, side),
        })
    }
}
