//! Parameters: where they stand, and how they are written.

use std::collections::{HashMap, HashSet};

use tenon_document::Node;
use tenon_errors::nearest;
use tenon_model::{Shape, Str};

use super::Reader;
use crate::{
    json_schema::Side,
    openapi::{
        model::{Header, Location, Parameter, Serialization},
        style::{Form, Style},
        version::Version,
    },
};

/// What the parameters of a path or an operation come to. In OpenAPI 2.0, some of them are the body.
#[derive(Default)]
pub(super) struct Parameters<'d> {
    pub(super) parameters: Vec<Parameter>,
    /// The names that each place has.
    names: HashMap<Location, HashSet<Str>>,
    pub(super) body: Option<&'d Node>,
    pub(super) form: Vec<&'d Node>,
}

const LOCATIONS: &[(&str, Location, Version)] = &[
    ("path", Location::Path, Version::V2_0),
    ("query", Location::Query, Version::V2_0),
    ("header", Location::Header, Version::V2_0),
    ("cookie", Location::Cookie, Version::V3_0),
    ("querystring", Location::QueryString, Version::V3_2),
];

impl<'d> Reader<'d> {
    pub(super) fn parameters_of(&mut self, node: &'d Node) -> Parameters<'d> {
        let mut found = Parameters::default();
        for node in self.access.list(node, "parameters") {
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "a parameter") {
                continue;
            }
            let place = node.get("in").unwrap_or(node);
            match self.access.needed_text(node, "in", "a parameter") {
                None => {}
                Some("body") if self.version == Version::V2_0 => {
                    let before = found.body.replace(node);
                    if before.is_some() {
                        let hint = "keep one parameter with `in: body`";
                        self.access.bad(node, "the request has two bodies", hint);
                    }
                }
                Some("formData") if self.version == Version::V2_0 => found.form.push(node),
                Some(name) => {
                    let version = self.version;
                    let known = || LOCATIONS.iter().filter(|(.., since)| *since <= version);
                    match known().find(|(known, ..)| *known == name) {
                        Some((_, location, _)) => {
                            if let Some(parameter) = self.parameter(node, *location) {
                                self.add(node, parameter, &mut found);
                            }
                        }
                        None => {
                            let all: Vec<&str> = known().map(|(name, ..)| *name).collect();
                            let hint = match nearest(name, all.iter().copied()) {
                                Some(meant) => format!("write `{meant}`"),
                                None => format!("write one of `{}`", all.join("`, `")),
                            };
                            self.access.bad(place, format!("a parameter cannot be in `{name}`"), hint);
                        }
                    }
                }
            }
        }
        found
    }

    /// The parameters of OpenAPI 2.0 that are the body, of the path around an operation.
    pub(super) fn forms_of(&mut self, item: &'d Node) -> Parameters<'d> {
        if self.version > Version::V2_0 {
            return Parameters::default();
        }
        // What is wrong with them was reported when the path was read.
        let nodes = item.get("parameters").and_then(Node::as_list).unwrap_or_default();
        let mut found = Parameters::default();
        for node in nodes.iter().filter_map(|node| self.access.linked.follow(node).ok()) {
            match node.get("in").and_then(Node::as_str) {
                Some("body") => found.body = Some(node),
                Some("formData") => found.form.push(node),
                _ => {}
            }
        }
        found
    }

    fn add(&mut self, node: &'d Node, parameter: Parameter, all: &mut Parameters<'d>) {
        // OpenAPI gives these no meaning as parameters (3.2.0, Parameter Object, name).
        let is_other = parameter.location == Location::Header
            && ["accept", "content-type", "authorization"]
                .iter()
                .any(|it| parameter.name.eq_ignore_ascii_case(it));
        if is_other && self.version > Version::V2_0 {
            let message = format!(
                "the header `{}` is not described by a parameter, so it has no effect",
                parameter.name
            );
            self.access.note(node, message, "describe it with `content` or `security`");
            return;
        }
        let Parameter { location, name, .. } = &parameter;
        if !all.names.entry(*location).or_default().insert(name.clone()) {
            let message =
                format!("the parameter `{}` in {} appears twice", parameter.name, parameter.location.name());
            return self.access.bad(node, message, "name each parameter once");
        }
        let is_query = matches!(location, Location::Query | Location::QueryString);
        let has = |location| all.names.contains_key(&location);
        if is_query && has(Location::Query) && has(Location::QueryString) {
            self.access.bad(node, "`querystring` is used beside parameters in `query`", "use one of them");
        }
        all.parameters.push(parameter);
    }

    fn parameter(&mut self, node: &'d Node, location: Location) -> Option<Parameter> {
        let name = Str::new(self.access.needed_text(node, "name", "a parameter")?);
        if self.version > Version::V2_0 {
            let known = [
                "name",
                "in",
                "description",
                "required",
                "deprecated",
                "allowEmptyValue",
                "style",
                "explode",
                "allowReserved",
                "schema",
                "example",
                "examples",
                "content",
            ];
            self.access.only(node, &known, "a parameter");
        }
        let is_required = self.access.flag(node, "required", false);
        if location == Location::Path && !is_required {
            let message = format!(
                "the parameter `{name}` is in the path and not `required`, but a path has all of its parts"
            );
            self.access.note(node, message, "add `required: true`");
        }
        let (serialization, shape, default) = if self.version == Version::V2_0 {
            let definition = self.schemas.read_parameter(node, Some(&name));
            let default = self.schemas.default(node, &definition.shape);
            (Serialization::Style(self.collection_format(node, location)), definition.shape, default)
        } else {
            let (serialization, shape, schema) = self.value_of(node, location, &name, Side::Request)?;
            let default = schema.and_then(|schema| self.schemas.default(schema, &shape));
            (serialization, shape, default)
        };
        Some(Parameter {
            location,
            required: is_required || location == Location::Path,
            deprecated: self.access.flag(node, "deprecated", false),
            allow_empty: self.access.flag(node, "allowEmptyValue", false),
            doc: self.access.doc(node),
            serialization,
            shape,
            default,
            place: node.place(),
            name,
        })
    }

    /// How a parameter or header is written and what it may be, with the schema that says so.
    fn value_of(
        &mut self,
        node: &'d Node,
        location: Location,
        name: &str,
        side: Side,
    ) -> Option<(Serialization, Shape, Option<&'d Node>)> {
        match (node.get("schema"), node.get("content")) {
            (Some(_), Some(_)) => {
                let message = format!("`{name}` has both `schema` and `content`");
                self.access.bad(node, message, "keep one of them");
                None
            }
            (_, Some(_)) => {
                let content = self.access.map(node, "content");
                let [(_, media_type, value)] = content[..] else {
                    let message = format!("the `content` of `{name}` has to name one media type");
                    self.access.bad(node, message, "keep one media type");
                    return None;
                };
                let read = self.media_type(value, media_type, name, side);
                Some((Serialization::Content(Str::new(media_type)), read?.shape, None))
            }
            (None, None) => {
                let message = format!("`{name}` has neither `schema` nor `content`, so it may be anything");
                self.access.note(node, message, "add a `schema`");
                Some((Serialization::Style(self.style(node, location)?), Shape::ANY, None))
            }
            (Some(schema), None) if location == Location::QueryString => {
                let message = "a parameter in `querystring` is described by `content`";
                self.access.bad(
                    schema,
                    message,
                    "write `content: { application/x-www-form-urlencoded: ... }`",
                );
                None
            }
            (Some(schema), None) => {
                let style = self.style(node, location)?;
                let shape = self.schemas.read(schema, Some(name), side).shape;
                Some((Serialization::Style(style), shape, Some(schema)))
            }
        }
    }

    fn style(&mut self, node: &'d Node, location: Location) -> Option<Style> {
        let usual = match location {
            Location::Path | Location::Header => Form::Simple,
            _ => Form::Form,
        };
        let form = match self.access.text(node, "style") {
            None => usual,
            Some(name) => {
                let place = node.get("style").unwrap_or(node);
                let allowed = self.styles(location);
                match Form::named(name).filter(|form| allowed.contains(form)) {
                    Some(form) => form,
                    None => {
                        let names: Vec<&str> = allowed.iter().map(|form| form.name()).collect();
                        let message = format!("the style of a {} cannot be `{name}`", location.name());
                        self.access.bad(place, message, format!("write one of `{}`", names.join("`, `")));
                        return None;
                    }
                }
            }
        };
        let explode = self.access.flag(node, "explode", matches!(form, Form::Form | Form::Cookie));
        if form == Form::DeepObject && !explode && node.get("explode").is_some() {
            self.access.note(node, "`deepObject` is always exploded", "write `explode: true`");
        }
        let allow_reserved = self.access.flag(node, "allowReserved", false);
        Some(Style { form, explode: explode || form == Form::DeepObject, allow_reserved })
    }

    fn styles(&self, location: Location) -> &'static [Form] {
        match location {
            Location::Path => &[Form::Simple, Form::Label, Form::Matrix],
            Location::Header => &[Form::Simple],
            Location::Cookie if self.version >= Version::V3_2 => &[Form::Form, Form::Cookie],
            Location::Cookie => &[Form::Form],
            _ => &[Form::Form, Form::SpaceDelimited, Form::PipeDelimited, Form::DeepObject],
        }
    }

    /// The style of one property of a form.
    pub(super) fn form_style(&mut self, node: &'d Node) -> Option<Style> {
        let is_set = ["style", "explode", "allowReserved"].iter().any(|key| node.get(key).is_some());
        if is_set { self.style(node, Location::Query) } else { None }
    }

    /// The headers that `node` lists.
    pub(super) fn headers(&mut self, node: &'d Node, side: Side) -> Vec<Header> {
        let mut headers = Vec::new();
        for (key, name, node) in self.access.map(node, "headers") {
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "a header") {
                continue;
            }
            if name.eq_ignore_ascii_case("content-type") && self.version > Version::V2_0 {
                let message = "the header `Content-Type` is described by `content`, so it has no effect here";
                self.access.note(key, message, "remove it");
                continue;
            }
            let value = if self.version == Version::V2_0 {
                let shape = self.schemas.read_parameter(node, Some(name)).shape;
                Some((Serialization::Style(self.collection_format(node, Location::Header)), shape))
            } else {
                self.value_of(node, Location::Header, name, side).map(|(how, shape, _)| (how, shape))
            };
            let Some((serialization, shape)) = value else { continue };
            headers.push(Header {
                name: Str::new(name),
                required: self.version > Version::V2_0 && self.access.flag(node, "required", false),
                deprecated: self.access.flag(node, "deprecated", false),
                doc: self.access.doc(node),
                serialization,
                shape,
                place: key.place(),
            });
        }
        headers
    }
}
