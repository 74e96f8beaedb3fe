//! Payloads in the formats that describe them.

use tenon_document::Node;
use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT};
use tenon_model::Shape;

use super::Reader;
use crate::{
    avro::Avro,
    format::{Format, Schema, Source},
    json_schema::{Side, written},
    protobuf::Protobuf,
};

/// A language of its own that payloads are described in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Language {
    Avro,
    Protobuf,
}

impl Language {
    /// The one of a media type; `None` for what is described in JSON Schema, and for all others.
    pub(super) fn of(media_type: &str) -> Option<Self> {
        match bare(media_type) {
            "application/vnd.apache.avro"
            | "application/vnd.apache.avro+json"
            | "application/vnd.apache.avro+yaml" => Some(Self::Avro),
            "application/vnd.google.protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }

    pub(super) fn format(self) -> &'static dyn Format {
        match self {
            Self::Avro => &Avro,
            Self::Protobuf => &Protobuf,
        }
    }

    /// The file that a schema at `node` is taken for, and its text; `None` for what is no text where that is asked for.
    pub(super) fn text(self, node: &Node) -> Option<(String, String)> {
        match self {
            Self::Avro => Some(("payload.avsc".to_owned(), written(node))),
            Self::Protobuf => Some((node.file().to_string(), node.as_str()?.to_owned())),
        }
    }
}

/// The media type without its parameters.
fn bare(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Whether the schema says what it is written in.
pub(super) fn is_multi_format(node: &Node) -> bool {
    node.get("schemaFormat").is_some() && node.get("schema").is_some()
}

impl<'d> Reader<'d> {
    /// The shape of a schema in `format`, a media type that stands at `place`.
    pub(super) fn in_format(&mut self, node: &'d Node, format: &str, place: &'d Node, name: &str) -> Shape {
        if let Some(language) = Language::of(format) {
            let Some(target) = self.access.follow(node) else { return Shape::ANY };
            let Some((file, text)) = language.text(target) else {
                let message = format!("a schema of Protobuf is text, and this is {}", target.kind_name());
                self.access.bad(target, message, "write the `.proto` as a block of text");
                return Shape::ANY;
            };
            let source = Source { file: &file, text: &text, files: self.files };
            return self.embedded(target, name, language.format().read(&source));
        }
        match bare(format) {
            ""
            | "application/vnd.aai.asyncapi"
            | "application/vnd.aai.asyncapi+json"
            | "application/vnd.aai.asyncapi+yaml"
            | "application/schema+json"
            | "application/schema+yaml"
            | "application/vnd.oai.openapi"
            | "application/vnd.oai.openapi+json"
            | "application/vnd.oai.openapi+yaml" => self.schemas.read(node, Some(name), Side::Both).shape,
            _ => {
                let message = format!("schemas in `{format}` are not supported");
                let hint = "describe the payload in AsyncAPI, JSON Schema, OpenAPI, Avro or Protobuf";
                self.access.unsupported(place, message, hint);
                Shape::ANY
            }
        }
    }

    /// The type that is meant of a schema in another format. Its problems have places in a text of their own, so they are told where it
    /// stands.
    fn embedded(&mut self, node: &'d Node, name: &str, read: Result<Schema, Reports>) -> Shape {
        let schema = match read {
            Ok(schema) => schema,
            Err(reports) => {
                for report in reports {
                    let line = report.places().first().map_or(1, |place| place.line);
                    let message = format!("in line {line} of the schema: {}", report.message());
                    let hint = report.advice().unwrap_or("correct the schema").to_owned();
                    self.access.push(Report::new(report.code(), message).at(node.place()).hint(hint));
                }
                return Shape::ANY;
            }
        };
        let found = schema.of_name(name).ok().or(schema.types.first()).map(|found| found.shape.clone());
        if found.is_none() {
            let report = Report::new(&BAD_CONTRACT, "the schema defines no type").at(node.place());
            self.access.push(report.hint("define the type of the payload"));
        } else if schema.types.len() > 1 && schema.of_name(name).is_err() {
            let message =
                format!("the schema defines none that is called `{name}`, so its first type is meant");
            self.access.note(node, message, "name the message after the type");
        }
        found.unwrap_or(Shape::ANY)
    }
}
