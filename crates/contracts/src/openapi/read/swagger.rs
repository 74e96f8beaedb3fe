//! What only OpenAPI 2.0 has: bodies among the parameters, media types beside them, one host.

use std::sync::Arc;

use tenon_document::Node;
use tenon_model::{Field, Kind, Record, Shape, Str};

use super::{Reader, servers::server};
use crate::{
    json_schema::Side,
    openapi::{
        model::{Body, Encoding, Location, MediaType, Server},
        style::{Form, Style},
        version::Version,
    },
};

impl<'d> Reader<'d> {
    /// How lists are written: `collectionFormat` says it in one word.
    pub(super) fn collection_format(&mut self, node: &'d Node, location: Location) -> Style {
        let usual = match location {
            Location::Path | Location::Header => Form::Simple,
            _ => Form::Form,
        };
        let style = |form, explode| Style { form, explode, allow_reserved: false };
        match self.access.text(node, "collectionFormat") {
            None | Some("csv") => style(usual, false),
            Some("ssv") => style(Form::SpaceDelimited, false),
            Some("tsv") => style(Form::TabDelimited, false),
            Some("pipes") => style(Form::PipeDelimited, false),
            Some("multi") if matches!(location, Location::Query) => style(Form::Form, true),
            Some(other) => {
                let place = node.get("collectionFormat").unwrap_or(node);
                let message = format!("the `collectionFormat` of a {} cannot be `{other}`", location.name());
                self.access.bad(place, message, "write one of `csv`, `ssv`, `tsv`, `pipes`");
                style(usual, false)
            }
        }
    }

    /// The media types of an operation, or those at the top.
    fn media_types(&mut self, node: &'d Node, key: &str) -> Vec<Str> {
        let holder = if node.get(key).is_some() { node } else { self.root };
        self.access.texts(holder, key)
    }

    /// The body of an operation: the parameter that is one, or the fields of a form.
    pub(super) fn swagger_body(
        &mut self,
        node: &'d Node,
        body: Option<&'d Node>,
        inherited: &[&'d Node],
        mut form: Vec<&'d Node>,
        operation: &str,
    ) -> Option<Body> {
        let mut consumes = self.media_types(node, "consumes");
        let name = format!("{operation}Request");
        let own: Vec<_> = form.iter().filter_map(|node| node.get("name")?.as_str()).collect();
        let rest: Vec<&'d Node> = inherited
            .iter()
            .copied()
            .filter(|node| node.get("name").and_then(Node::as_str).is_none_or(|name| !own.contains(&name)))
            .collect();
        form.extend(rest);
        let Some(body) = body else {
            return if form.is_empty() { None } else { Some(self.form(&form, consumes, &name)) };
        };
        if !form.is_empty() {
            self.access.bad(body, "the request has a body and fields of a form", "keep one of them");
        }
        if consumes.is_empty() {
            consumes.push(Str::new("application/json"));
        }
        let place = body.place();
        let Some(schema) = body.get("schema") else {
            self.access.bad(body, "the body has no `schema`", "add `schema`");
            return None;
        };
        let mut content = Vec::new();
        for media_type in consumes {
            let shape = self.body_shape(schema, &media_type, &name, Side::Request);
            content.push(MediaType {
                name: media_type,
                shape,
                item: None,
                encodings: Vec::new(),
                place: place.clone(),
            });
        }
        Some(Body {
            required: self.access.flag(body, "required", false),
            doc: self.access.doc(body),
            content,
            place,
        })
    }

    fn form(&mut self, nodes: &[&'d Node], consumes: Vec<Str>, name: &str) -> Body {
        let mut fields = Vec::new();
        let mut encodings = Vec::new();
        let mut has_file = false;
        for node in nodes {
            let Some(name) = self.access.needed_text(node, "name", "a parameter") else { continue };
            let is_file = node.get("type").and_then(Node::as_str) == Some("file");
            has_file |= is_file;
            let shape = match is_file {
                true => Shape::BYTES,
                false => self.schemas.read_parameter(node, Some(name)).shape,
            };
            if !is_file && node.get("collectionFormat").is_some() {
                let style = Some(self.collection_format(node, Location::Query));
                let property = Str::new(name);
                encodings.push(Encoding { property, content_type: None, style, headers: Vec::new() });
            }
            let default = if is_file { None } else { self.schemas.default(node, &shape) };
            fields.push(Field {
                required: self.access.flag(node, "required", false),
                doc: self.access.doc(node),
                default,
                ..Field::required(name, shape)
            });
        }
        let is_form = |name: &Str| {
            name.starts_with("multipart/form-data") || name.starts_with("application/x-www-form-urlencoded")
        };
        let mut names: Vec<Str> = consumes.into_iter().filter(is_form).collect();
        if names.is_empty() {
            names.push(Str::new(if has_file {
                "multipart/form-data"
            } else {
                "application/x-www-form-urlencoded"
            }));
        }
        let required = fields.iter().any(|field| field.required);
        let mut record = Record::new(fields);
        record.name = Some(Str::new(name));
        let shape = Shape::of(Kind::Record(Arc::new(record)));
        let place = nodes[0].place();
        let content = names.into_iter().map(|name| MediaType {
            name,
            shape: shape.clone(),
            item: None,
            encodings: encodings.clone(),
            place: place.clone(),
        });
        Body { required, doc: None, content: content.collect(), place: place.clone() }
    }

    /// What a reply holds: one schema in every form that the operation produces.
    pub(super) fn swagger_content(
        &mut self,
        operation: &'d Node,
        reply: &'d Node,
        name: &str,
    ) -> Vec<MediaType> {
        let Some(schema) = reply.get("schema") else { return Vec::new() };
        let mut produces = self.media_types(operation, "produces");
        if produces.is_empty() {
            produces.push(Str::new("application/json"));
        }
        let mut content = Vec::new();
        for media_type in produces {
            let shape = self.body_shape(schema, &media_type, name, Side::Reply);
            let place = schema.place();
            content.push(MediaType { name: media_type, shape, item: None, encodings: Vec::new(), place });
        }
        content
    }

    /// The one host, by its schemes.
    pub(super) fn host(&mut self) -> Vec<Server> {
        let schemes = self.access.texts(self.root, "schemes");
        self.hosts(&schemes)
    }

    fn hosts(&mut self, schemes: &[Str]) -> Vec<Server> {
        let root = self.root;
        let base = self.access.text(root, "basePath").unwrap_or_default().trim_end_matches('/');
        let Some(host) = self.access.text(root, "host") else {
            return vec![server(Str::new(if base.is_empty() { "/" } else { base }))];
        };
        if schemes.is_empty() {
            return vec![server(Str::from(format!("//{host}{base}")))];
        }
        schemes.iter().map(|scheme| server(Str::from(format!("{scheme}://{host}{base}")))).collect()
    }

    pub(super) fn swagger_servers(&mut self, operation: &'d Node) -> Vec<Server> {
        debug_assert_eq!(self.version, Version::V2_0);
        if operation.get("schemes").is_none() {
            return self.servers.clone();
        }
        let schemes = self.access.texts(operation, "schemes");
        self.hosts(&schemes)
    }
}
