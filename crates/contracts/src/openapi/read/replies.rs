//! Replies: bodies, headers and links by status.

use tenon_document::Node;
use tenon_model::Str;

use super::Reader;
use crate::{
    json_schema::Side,
    openapi::{
        model::{Link, Reply},
        version::Version,
    },
};

impl<'d> Reader<'d> {
    pub(super) fn replies(&mut self, node: &'d Node, operation: &str) -> Vec<Reply> {
        if node.get("responses").is_none() {
            if self.version <= Version::V3_0 {
                let message = "the operation has no `responses`, so nothing is known of what it answers";
                self.access.note(node, message, "add `responses`");
            }
            return Vec::new();
        }
        let mut replies = Vec::new();
        for (key, status, value) in self.access.map(node, "responses") {
            if !is_status(status, self.version) {
                let message = format!("`{status}` is not a status of HTTP");
                self.access.bad(
                    key,
                    message,
                    "write a status such as `200`, a range such as `4XX`, or `default`",
                );
                continue;
            }
            let Some(value) = self.access.follow(value) else { continue };
            if !self.access.is_object(value, "a reply") {
                continue;
            }
            let known: &[&str] = match self.version {
                Version::V2_0 => &["description", "schema", "headers", "examples", "$ref"],
                Version::V3_2 => &["summary", "description", "headers", "content", "links", "$ref"],
                _ => &["description", "headers", "content", "links", "$ref"],
            };
            self.access.only(value, known, "a reply");
            let name = format!("{operation}Reply{status}");
            let content = match self.version {
                Version::V2_0 => self.swagger_content(node, value, &name),
                _ => self.content(value, &name, Side::Reply),
            };
            replies.push(Reply {
                status: Str::from(status.to_uppercase().replace("DEFAULT", "default")),
                doc: self.access.doc(value),
                headers: self.headers(value, Side::Reply),
                content,
                links: self.links(value),
                place: key.place(),
            });
        }
        replies
    }

    fn links(&mut self, node: &'d Node) -> Vec<Link> {
        if self.version == Version::V2_0 {
            return Vec::new();
        }
        let mut links = Vec::new();
        for (key, name, node) in self.access.map(node, "links") {
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "a link") {
                continue;
            }
            let known = ["operationRef", "operationId", "parameters", "requestBody", "description", "server"];
            self.access.only(node, &known, "a link");
            let reference = self.access.text(node, "operationRef");
            let named = (reference, self.access.text(node, "operationId"));
            let ((Some(operation), None) | (None, Some(operation))) = named else {
                let message = format!("the link `{name}` needs one of `operationRef` and `operationId`");
                self.access.bad(key, message, "name the operation that it leads to");
                continue;
            };
            let value =
                |node: &Node| node.as_str().map_or_else(|| crate::json_schema::written(node), str::to_owned);
            let parameters = self.access.map(node, "parameters").into_iter();
            links.push(Link {
                name: Str::new(name),
                operation: Str::new(operation),
                parameters: parameters
                    .map(|(_, name, node)| (Str::new(name), Str::from(value(node))))
                    .collect(),
                body: node.get("requestBody").map(|node| Str::from(value(node))),
                doc: self.access.doc(node),
            });
        }
        links
    }
}

fn is_status(text: &str, version: Version) -> bool {
    let mut bytes = text.bytes();
    let is_first = bytes.next().is_some_and(|first| (b'1'..=b'5').contains(&first));
    let rest: Vec<u8> = bytes.collect();
    let is_range = version > Version::V2_0 && matches!(rest[..], [b'X' | b'x', b'X' | b'x']);
    text == "default" || (is_first && (is_range || (rest.len() == 2 && rest.iter().all(u8::is_ascii_digit))))
}
