//! The body of a request.

use tenon_document::Node;

use super::Reader;
use crate::{json_schema::Side, openapi::model::Body};

impl<'d> Reader<'d> {
    /// The body that `requestBody` describes.
    pub(super) fn body_of(&mut self, node: &'d Node, operation: &str) -> Option<Body> {
        let node = self.access.follow(node.get("requestBody")?)?;
        if !self.access.is_object(node, "a body") {
            return None;
        }
        self.access.only(node, &["description", "content", "required", "$ref"], "a body");
        if node.get("content").is_none() {
            self.access.bad(node, "the body has no `content`", "add `content` with a media type");
        }
        let content = self.content(node, &format!("{operation}Request"), Side::Request);
        Some(Body {
            required: self.access.flag(node, "required", false),
            doc: self.access.doc(node),
            content,
            place: node.place(),
        })
    }
}
