//! Brokers and servers.

use tenon_document::Node;
use tenon_model::Str;

use super::Reader;
use crate::{
    asyncapi::{model::Server, version::Version},
    openapi::Variable,
};

impl<'d> Reader<'d> {
    pub(super) fn servers(&mut self) -> Vec<Server> {
        let mut servers = Vec::new();
        for (_, name, node) in self.access.map(self.root, "servers") {
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "a server") {
                continue;
            }
            let key = if self.version == Version::V2 { "url" } else { "host" };
            let (Some(host), Some(protocol)) = (
                self.access.needed_text(node, key, "a server"),
                self.access.needed_text(node, "protocol", "a server"),
            ) else {
                continue;
            };
            let path = self.access.text(node, "pathname").unwrap_or_default();
            let variables = self.variables(node);
            servers.push(Server {
                name: Str::new(name),
                url: Str::from(format!("{host}{path}")),
                protocol: Str::new(protocol),
                protocol_version: node.get("protocolVersion").and_then(Node::scalar_text).map(Str::from),
                doc: self.access.doc(node),
                variables,
                security: self.security(node),
                bindings: self.bindings(node),
            });
        }
        servers
    }

    fn variables(&mut self, node: &'d Node) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (_, name, node) in self.access.map(node, "variables") {
            let Some(node) = self.access.follow(node) else { continue };
            let members = self.access.list(node, "enum").iter().filter_map(Node::scalar_text);
            variables.push(Variable {
                name: Str::new(name),
                default: node.get("default").and_then(Node::scalar_text).map(Str::from).unwrap_or_default(),
                members: members.map(Str::from).collect(),
                doc: self.access.doc(node),
            });
        }
        variables
    }
}
