//! Protocols: their types, and their messages, which are what can be asked (section "Protocol Declaration" of the specification).

use tenon_document::Node as Json;
use tenon_errors::Place;
use tenon_model::Str;

use super::Reader;
use crate::avro::schema::{Form, Name, NodeId, Record};

/// A message of a protocol.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it is called, with the protocol: `shop.Orders.place`.
    pub name: Str,
    /// What it is for.
    pub doc: Option<Str>,
    /// A record of its parameters.
    pub request: NodeId,
    /// What it answers; `None` where nothing is answered, not even that it arrived.
    pub response: Option<NodeId>,
    /// The errors that it declares, beside texts of its system.
    pub errors: Vec<NodeId>,
    /// Where it is declared.
    pub place: Place,
}

impl<'d> Reader<'d> {
    /// The types and the messages of a protocol.
    pub(super) fn protocol(&mut self, node: &'d Json) -> (Vec<NodeId>, Vec<Message>) {
        self.attributes(node, &["protocol", "namespace", "doc", "types", "messages"]);
        let Some(name) = self.text(node, "protocol") else {
            self.wrong_with(node, "the protocol has no name", "add `protocol` with its name");
            return (Vec::new(), Vec::new());
        };
        let own = name.rsplit_once('.').map(|(namespace, _)| namespace);
        let namespace = self.text(node, "namespace").or(own).unwrap_or_default();
        let full = super::names::full(name, namespace);
        let types = node.get("types").and_then(Json::as_list).unwrap_or_default();
        let types = types.iter().filter_map(|it| self.schema(it, namespace)).collect();
        let mut messages = Vec::new();
        if let Some(list) = node.get("messages") {
            match list.entries() {
                Some(entries) => {
                    let read =
                        entries.iter().filter_map(|(key, json)| self.message(&full, namespace, key, json));
                    messages.extend(read);
                }
                None => {
                    self.wrong(list, format!("`messages` is an object, and this is {}", list.kind_name()));
                }
            }
        }
        (types, messages)
    }

    fn message(&mut self, protocol: &Str, namespace: &str, key: &'d Json, node: &'d Json) -> Option<Message> {
        let name = key.as_str().unwrap_or_default();
        if node.entries().is_none() {
            self.wrong(node, format!("a message is an object, and this is {}", node.kind_name()));
            return None;
        }
        self.attributes(node, &["doc", "request", "response", "errors", "one-way"]);
        let full = Str::from(format!("{protocol}.{name}"));
        let doc = self.doc(node);
        let Some(list) = node.get("request").and_then(Json::as_list) else {
            self.wrong_with(
                node,
                format!("the message `{name}` has no list `request`"),
                "list its parameters",
            );
            return None;
        };
        let record =
            |fields| Form::Record(Record { name: Name { full: full.clone(), ..Name::default() }, fields });
        let request = self.nodes.add(record(Vec::new()), None);
        let fields = self.fields(request, name, list, namespace);
        if let Some(node) = self.nodes.get_mut(request) {
            node.form = record(fields);
        }
        let response = match node.get("response") {
            Some(response) => Some(self.schema(response, namespace)?),
            None => {
                self.wrong_with(
                    node,
                    format!("the message `{name}` has no `response`"),
                    "write null for none",
                );
                return None;
            }
        };
        let mut errors = Vec::new();
        if let Some(list) = node.get("errors") {
            let Some(items) = list.as_list() else {
                self.wrong(list, format!("`errors` is a list, and this is {}", list.kind_name()));
                return None;
            };
            errors = items.iter().filter_map(|item| self.schema(item, namespace)).collect();
        }
        let is_null = response.is_some_and(|id| self.nodes.get(id).form == Form::Null);
        let is_one_way = match node.get("one-way") {
            None => false,
            Some(flag) => match flag.as_bool() {
                Some(flag) => flag,
                None => {
                    self.wrong(flag, "`one-way` is true or false");
                    false
                }
            },
        };
        if is_one_way && !(is_null && errors.is_empty()) {
            self.wrong_with(
                node,
                format!("the message `{name}` goes one way, and answers"),
                "answer null and no errors, or remove `one-way`",
            );
        }
        let response = response.filter(|_| !is_one_way);
        Some(Message { name: full, doc, request, response, errors, place: key.place() })
    }
}
