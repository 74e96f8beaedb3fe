//! What is sent and received.

use std::collections::HashSet;

use tenon_document::Node;
use tenon_model::Str;

use super::{MAX_MESSAGES, Reader, reference_name};
use crate::asyncapi::{
    model::{Action, Exchange, Message, Reply},
    version::Version,
};

impl<'d> Reader<'d> {
    pub(super) fn operations(&mut self) -> Vec<Exchange> {
        let exchanges = match self.version {
            Version::V2 => self.of_channels(),
            Version::V3 => self.of_operations(),
        };
        let mut seen = HashSet::new();
        for exchange in &exchanges {
            if !seen.insert(exchange.name.clone()) {
                let message = format!("two operations are called `{}`", exchange.name);
                self.access.note(self.root, message, "give each operation a name of its own");
            }
        }
        exchanges
    }

    /// The operations of 2.x stand in their channels, and are named from the view of others.
    fn of_channels(&mut self) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        for position in 0..self.channels.len() {
            let channel = self.channel_nodes[position];
            for (key, action) in [("publish", Action::Receive), ("subscribe", Action::Send)] {
                let Some((key_node, node)) = channel.entry(key) else { continue };
                if !self.access.is_object(node, "an operation") {
                    continue;
                }
                let message =
                    format!("`{key}` says what others do, so the application {}s here", action.name());
                self.access.note(key_node, message, "describe it with `action` in AsyncAPI 3");
                let node = self.merged.with_traits(node);
                let known = [
                    "operationId",
                    "summary",
                    "description",
                    "security",
                    "tags",
                    "externalDocs",
                    "bindings",
                    "traits",
                    "message",
                ];
                self.access.only(node, &known, "an operation");
                self.check_traits(node);
                let address = self.channels[position].name.clone();
                let id = self.access.text(node, "operationId").map(Str::new);
                let name = id.clone().unwrap_or_else(|| derived(action, &address));
                let messages = self.messages_of_v2(node, &name);
                for message in &messages {
                    let known = &mut self.channels[position].messages;
                    if !known.iter().any(|it| it.name == message.name) {
                        known.push(message.clone());
                    }
                }
                exchanges.push(self.exchange(node, (name, id.is_some()), action, position, messages, None));
            }
        }
        exchanges
    }

    fn messages_of_v2(&mut self, node: &'d Node, operation: &str) -> Vec<Message> {
        let Some(message) = node.get("message") else {
            self.access.note(
                node,
                "the operation has no `message`, so nothing is known of it",
                "add `message`",
            );
            return Vec::new();
        };
        match message.get("oneOf") {
            Some(_) => {
                let nodes = self.access.list(message, "oneOf").iter().enumerate();
                nodes
                    .filter_map(|(at, node)| self.message(node, &format!("{operation}Message{}", at + 1)))
                    .collect()
            }
            None => self.message(message, &format!("{operation}Message")).into_iter().collect(),
        }
    }

    fn of_operations(&mut self) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        for (_, name, node) in self.access.map(self.root, "operations") {
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "an operation") {
                continue;
            }
            let node = self.merged.with_traits(node);
            let known = [
                "action",
                "channel",
                "title",
                "summary",
                "description",
                "security",
                "tags",
                "externalDocs",
                "bindings",
                "traits",
                "messages",
                "reply",
            ];
            self.access.only(node, &known, "an operation");
            self.check_traits(node);
            let action = match self.access.needed_text(node, "action", "an operation") {
                Some("send") => Action::Send,
                Some("receive") => Action::Receive,
                Some(other) => {
                    let place = node.get("action").unwrap_or(node);
                    self.access.bad(
                        place,
                        format!("there is no action `{other}`"),
                        "write `send` or `receive`",
                    );
                    continue;
                }
                None => continue,
            };
            let Some(channel) = node.get("channel") else {
                self.access.bad(node, "the operation has no `channel`", "add a reference to a channel");
                continue;
            };
            let Some(channel) = self.channel_of(channel) else { continue };
            let messages = self.messages_of(node, Some(channel));
            let reply = self.reply(node);
            exchanges.push(self.exchange(node, (Str::new(name), true), action, channel, messages, reply));
        }
        exchanges
    }

    /// The messages that `node` lists, or all of its channel.
    fn messages_of(&mut self, node: &'d Node, channel: Option<usize>) -> Vec<Message> {
        if node.get("messages").is_none() {
            let Some(position) = channel else { return Vec::new() };
            let before = self.messages;
            self.messages += self.channels[position].messages.len();
            if self.messages <= MAX_MESSAGES {
                return self.channels[position].messages.clone();
            }
            if before <= MAX_MESSAGES {
                let message = format!("the operations have more than {MAX_MESSAGES} messages");
                self.access.bad(node, message, "list the messages of each operation");
            }
            return Vec::new();
        }
        let nodes = self.access.list(node, "messages");
        nodes
            .iter()
            .filter_map(|node| self.message(node, &reference_name(node).unwrap_or_default()))
            .collect()
    }

    fn reply(&mut self, node: &'d Node) -> Option<Reply> {
        let node = self.access.follow(node.get("reply")?)?;
        if !self.access.is_object(node, "a reply") {
            return None;
        }
        self.access.only(node, &["address", "channel", "messages"], "a reply");
        let address = node.get("address").and_then(|node| self.access.follow(node));
        let address =
            address.and_then(|node| self.access.needed_text(node, "location", "the address of a reply"));
        let channel = node.get("channel").and_then(|node| self.channel_of(node));
        let messages = self.messages_of(node, channel);
        Some(Reply { address: address.map(Str::new), channel, messages })
    }

    fn exchange(
        &mut self,
        node: &'d Node,
        (name, is_named): (Str, bool),
        action: Action,
        channel: usize,
        messages: Vec<Message>,
        reply: Option<Reply>,
    ) -> Exchange {
        Exchange {
            name,
            is_named,
            action,
            channel,
            messages,
            summary: self.access.text(node, "summary").map(Str::new),
            doc: self.access.doc(node),
            security: self.security(node),
            reply,
            bindings: self.bindings(node),
            place: node.place(),
        }
    }

    /// Reports traits that lead nowhere.
    pub(super) fn check_traits(&mut self, node: &'d Node) {
        for node in self.access.list(node, "traits") {
            if let Some(found) = self.access.follow(node) {
                self.access.is_object(found, "a trait");
            }
        }
    }
}

/// What an operation is called that the description gives no name.
fn derived(action: Action, address: &str) -> Str {
    let mut name = action.name().to_owned();
    for word in address.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut characters = word.chars();
        name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(characters.as_str());
    }
    Str::from(name)
}
