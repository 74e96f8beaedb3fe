//! `topics`: their broker, contract, key and retention.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::{Contract, json::Decoder};
use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::DUPLICATE_KEY};
use tenon_mapping::{Expression, Scope, Type};
use tenon_model::Name;
use tenon_ports::{Key, Retention, Role, Spec, SpecValue as Value};

use super::{Context, contracts::Contracts, expressions, names::Defined, systems};
use crate::{
    System, Topic,
    parse::{Object, Project},
};

/// `topics.NAME`.
pub(crate) static TOPIC: Spec = Spec {
    name: "topic",
    doc: "A durable, ordered sequence of messages.",
    keys: &[
        Key::required("in", Value::Reference("system"), "The `broker` system that holds it."),
        Key::required("contract", Value::Reference("contract"), "What its messages follow."),
        Key::optional(
            "key",
            Value::Expression,
            "",
            "The key of a message, as in `order.id`: messages of equal key stay in order. Without it all are independent.",
        ),
        Key::optional(
            "keep",
            Value::Either(&[Value::Duration, Value::Object(&RETENTION)]),
            "",
            "How long messages are kept: an age, or an age and a size. For ever without it.",
        ),
    ],
};

/// `topics.NAME.keep`.
pub(crate) static RETENTION: Spec = Spec {
    name: "retention",
    doc: "How long messages are kept; the stricter bound counts.",
    keys: &[
        Key::optional("age", Value::Duration, "", "Older messages go."),
        Key::optional("size", Value::Size, "", "The oldest messages go when there is more than this."),
    ],
};

/// Reads `topics`.
pub(crate) fn check(
    project: &Project,
    systems: &Defined<System>,
    contracts: &Contracts,
    context: &mut Context<'_>,
) -> Defined<Topic> {
    let mut topics = Defined::new("topic");
    let mut folded: BTreeMap<String, Name> = BTreeMap::new();
    for (name, key, node) in project.section("topics") {
        if let Some(other) = folded.insert(name.to_ascii_lowercase(), name.clone()) {
            let message = format!(
                "the topics `{other}` and `{name}` differ only in capitals, which some file systems ignore"
            );
            context.problem(Report::new(&DUPLICATE_KEY, message).at(key.place()).hint("rename one of them"));
        }
        let object = Object::new(node);
        let system = object.get("in").and_then(|node| systems::of_role(node, Role::Broker, systems, context));
        let contract = object.get("contract").and_then(|node| contracts.find(node, context));
        let message_key = match (object.get("key"), &contract) {
            (Some(node), Some(contract)) => Some(self::key(node, contract, context)),
            (Some(_), None) => Some(None),
            (None, _) => None,
        };
        let decoder =
            contract.as_ref().and_then(|contract| context.take_at(key, Decoder::new(&contract.shape)));
        let parts = system.zip(contract).zip(decoder);
        let topic = parts.and_then(|((system, contract), decoder)| {
            let key = match message_key {
                Some(key) => Some(key?),
                None => None,
            };
            Some(Arc::new(Topic {
                name: name.clone(),
                system,
                contract,
                key,
                retention: retention(object),
                decoder: Arc::new(decoder),
            }))
        });
        topics.define(name, key, topic);
    }
    topics
}

/// The expression that gives the key; its only variable is the message.
fn key(node: &Node, contract: &Contract, context: &mut Context<'_>) -> Option<Expression> {
    let scope = Scope::new().with(contract.reference.name.identifier(), Type::of(contract.shape.clone()));
    let key = expressions::compile(node, &scope, context)?;
    expressions::require_present(&key, node, "the key of a message", context)?;
    expressions::require_scalar(&key, node, "the key of a message", context)?;
    Some(key)
}

fn retention(object: Object<'_>) -> Retention {
    match object.object("keep") {
        Some(bounds) => Retention { age: bounds.duration("age"), size: bounds.size("size") },
        None => Retention { age: object.duration("keep"), size: None },
    }
}
