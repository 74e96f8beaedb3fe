//! Channels, with their parameters and messages.

use std::sync::Arc;

use tenon_document::Node;
use tenon_model::{Kind, Shape, Str, Value};

use super::{Reader, reference_name};
use crate::{
    asyncapi::{
        model::{Channel, Parameter},
        version::Version,
    },
    json_schema::Side,
    linked::Access,
};

impl<'d> Reader<'d> {
    pub(super) fn read_channels(&mut self) {
        if self.version == Version::V2 && self.root.get("channels").is_none() {
            self.access.bad(self.root, "the description has no `channels`", "add `channels`");
        }
        for (key, name, node) in self.access.map(self.root, "channels") {
            let Some(node) = self.access.follow(node) else { continue };
            if self.access.is_object(node, "a channel") {
                let channel = self.channel(node, name, key);
                self.channels.push(channel);
                self.channel_nodes.push(node);
            }
        }
    }

    fn channel(&mut self, node: &'d Node, name: &str, key: &Node) -> Channel {
        let known: &[&str] = match self.version {
            Version::V2 => {
                &["$ref", "description", "servers", "subscribe", "publish", "parameters", "bindings"]
            }
            Version::V3 => &[
                "address",
                "messages",
                "title",
                "summary",
                "description",
                "servers",
                "parameters",
                "tags",
                "externalDocs",
                "bindings",
            ],
        };
        self.access.only(node, known, "a channel");
        let address = match (self.version, node.get("address")) {
            (Version::V2, _) => Some(Str::new(name)),
            (Version::V3, Some(address)) if address.is_null() => None,
            (Version::V3, _) => self.access.text(node, "address").map(Str::new),
        };
        let parameters = self.parameters(node, address.as_deref().unwrap_or_default());
        let mut messages = Vec::new();
        if self.version == Version::V3 {
            for (_, name, node) in self.access.map(node, "messages") {
                messages.extend(self.message(node, name));
            }
        }
        let servers = self.access.list(node, "servers").iter();
        let servers =
            servers.filter_map(|node| reference_name(node).or_else(|| node.as_str().map(str::to_owned)));
        Channel {
            name: Str::new(name),
            address,
            doc: self.access.doc(node),
            parameters,
            messages,
            servers: servers.map(Str::from).collect(),
            bindings: self.bindings(node),
            place: key.place(),
        }
    }

    fn parameters(&mut self, node: &'d Node, address: &str) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for (key, name, node) in self.access.map(node, "parameters") {
            let Some(node) = self.access.follow(node) else { continue };
            if !address.contains(&format!("{{{name}}}")) {
                let message = format!("the parameter `{name}` does not stand in the address of the channel");
                self.access.note(
                    key,
                    message,
                    format!("write `{{{name}}}` in the address, or remove the parameter"),
                );
            }
            let members: Vec<Value> =
                self.access.texts(node, "enum").into_iter().map(Value::String).collect();
            let shape = match (self.version, node.get("schema")) {
                (Version::V2, Some(schema)) => self.schemas.read(schema, Some(name), Side::Both).shape,
                _ if members.is_empty() => Shape::string(),
                _ => Shape::of(Kind::Enum(Arc::from(members))),
            };
            parameters.push(Parameter {
                name: Str::new(name),
                shape,
                default: self.access.text(node, "default").map(Str::new),
                location: self.access.text(node, "location").map(Str::new),
                doc: self.access.doc(node),
            });
        }
        let mut rest = address;
        while let Some((name, after)) = rest.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
            if !parameters.iter().any(|it| it.name == name) {
                let message = format!(
                    "the address names `{{{name}}}`, which no parameter describes, so it is any text"
                );
                self.access.note(node, message, format!("add `{name}` to `parameters`"));
                parameters.push(Parameter {
                    name: Str::new(name),
                    shape: Shape::string(),
                    default: None,
                    location: None,
                    doc: None,
                });
            }
            rest = after;
        }
        parameters
    }

    /// The position of the channel that `node` refers to.
    pub(super) fn channel_of(&mut self, node: &'d Node) -> Option<usize> {
        let target = self.access.follow(node)?;
        let found = self.channel_nodes.iter().position(|known| std::ptr::eq(*known, target));
        if found.is_some() {
            return found;
        }
        // One that is only among the components is a channel as well.
        let name = reference_name(node).unwrap_or_default();
        if !self.access.is_object(target, "a channel") || Access::named(target).next().is_none() {
            return None;
        }
        let channel = self.channel(target, &name, target);
        self.channels.push(channel);
        self.channel_nodes.push(target);
        Some(self.channels.len() - 1)
    }
}
