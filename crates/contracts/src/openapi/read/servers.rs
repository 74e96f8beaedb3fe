//! Where an API is served.

use tenon_document::Node;
use tenon_model::Str;

use super::Reader;
use crate::openapi::{
    model::{Server, Variable},
    version::Version,
};

impl<'d> Reader<'d> {
    pub(super) fn top_servers(&mut self) -> Vec<Server> {
        let root = self.root;
        if self.version == Version::V2_0 {
            return self.host();
        }
        match self.servers_of(root) {
            Some(servers) if !servers.is_empty() => servers,
            _ => vec![server("/".into())],
        }
    }

    /// The servers that `node` names instead of those around it.
    pub(super) fn servers_of(&mut self, node: &'d Node) -> Option<Vec<Server>> {
        node.get("servers")?;
        let mut servers = Vec::new();
        for node in self.access.list(node, "servers") {
            if !self.access.is_object(node, "a server") {
                continue;
            }
            let Some(url) = self.access.needed_text(node, "url", "a server") else { continue };
            let variables = self.variables(node, url);
            let (name, doc) = (self.access.text(node, "name").map(Str::new), self.access.doc(node));
            servers.push(Server { url: Str::new(url), name, doc, variables });
        }
        Some(servers)
    }

    fn variables(&mut self, node: &'d Node, url: &str) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (key, name, node) in self.access.map(node, "variables") {
            if !self.access.is_object(node, "a variable") {
                continue;
            }
            let default = match node.get("default").map(Node::scalar_text) {
                Some(Some(default)) => Str::from(default),
                _ => {
                    self.access.bad(node, format!("the variable `{name}` has no `default`"), "add `default`");
                    continue;
                }
            };
            let members = self.access.list(node, "enum").iter().filter_map(Node::scalar_text);
            let members: Vec<Str> = members.map(Str::from).collect();
            if !members.is_empty() && !members.contains(&default) {
                let message =
                    format!("the default of `{name}` is `{default}`, which its `enum` does not have");
                self.access.note(node, message, "add it to `enum`");
            }
            if !url.contains(&format!("{{{name}}}")) {
                self.access.note(key, format!("`{name}` does not stand in the `url`"), "remove it");
            }
            variables.push(Variable { name: Str::new(name), default, members, doc: self.access.doc(node) });
        }
        let mut rest = url;
        while let Some((name, after)) = rest.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
            if !variables.iter().any(|variable| variable.name == name) {
                let place = node.get("url").unwrap_or(node);
                let message = format!("the `url` names `{{{name}}}`, which is not among the `variables`");
                self.access.bad(place, message, format!("add `{name}` to `variables`"));
            }
            rest = after;
        }
        variables
    }
}

pub(super) fn server(url: Str) -> Server {
    Server { url, name: None, doc: None, variables: Vec::new() }
}
