//! `topics`: their broker, contract, key and retention.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::{
    Contract, Reader, Writer,
    format::{Encoding, encoding},
    reader::{SchemaId, SchemaIds},
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, DUPLICATE_KEY},
};
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
            "encoding",
            Value::Word(encoding::OF_MESSAGES),
            "json",
            "How messages are written; one that is read says itself what it is, or is this. `avro`, `protobuf` and `xml` need a contract in that format.",
        ),
        Key::optional(
            "schema_ids",
            Value::Fields(&Value::Either(&[Value::Integer(0, 0xffff_ffff), Value::Text])),
            "",
            "The ids that a schema registry has for versions of the contract, as in `{ order@1: 101, order@2: 205 }`: messages carry them in Confluent's wire format. A number stands before the data, a GUID in the header `__value_schema_id`.",
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
        let messages =
            contract.as_ref().and_then(|contract| messages(key, object, contract, contracts, context));
        let parts = system.zip(contract).zip(messages);
        let topic = parts.and_then(|((system, contract), (reader, writer))| {
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
                reader: Arc::new(reader),
                writer: Arc::new(writer),
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

/// What reads and writes its messages.
fn messages(
    key: &Node,
    object: Object<'_>,
    contract: &Arc<Contract>,
    contracts: &Contracts,
    context: &mut Context<'_>,
) -> Option<(Reader, Writer)> {
    let encoding = encoding(object, contract, context);
    let ids = schema_ids(object, contract, contracts, context)?;
    let reader = context.take_at(key, contracts.reader(contract))?;
    let encoding = encoding?;
    let writer = Writer::new(contract, encoding, &ids)?;
    Some((reader.with_encoding(encoding).with_schema_ids(ids), writer))
}

/// The encoding, which the contract has to have.
fn encoding(object: Object<'_>, contract: &Contract, context: &mut Context<'_>) -> Option<&'static Encoding> {
    let Some(node) = object.get("encoding") else { return Some(&encoding::JSON) };
    let encoding = encoding::of_name(node.as_str()?)?;
    if contract.encodings().any(|known| known == encoding) {
        return Some(encoding);
    }
    let known: Vec<_> = contract.encodings().map(|known| format!("`{}`", known.name)).collect();
    let message = format!(
        "`encoding` is `{}`, and `{}`, which is `{}`, has {} alone",
        encoding.name,
        contract.reference,
        contract.file,
        known.join(" and ")
    );
    context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(format!("write {}", known[0])));
    None
}

/// The ids of versions of the contract, each of which is that of one version.
fn schema_ids(
    object: Object<'_>,
    contract: &Contract,
    contracts: &Contracts,
    context: &mut Context<'_>,
) -> Option<SchemaIds> {
    let entries = object.get("schema_ids").and_then(Node::entries).unwrap_or_default();
    let mut ids: Vec<(u32, SchemaId)> = Vec::new();
    let mut is_whole = true;
    let name = &contract.reference.name;
    for (key, node) in entries {
        let Some(version) = contracts.find(key, context) else {
            is_whole = false;
            continue;
        };
        let text = node.scalar_text().unwrap_or_default();
        let id = text.parse().map(SchemaId::Number).ok().or_else(|| text.parse().map(SchemaId::Guid).ok());
        let problem = match id {
            _ if version.reference.name != *name => {
                Some(format!("`{}` is not a version of `{name}`, which the topic holds", version.reference))
            }
            None => Some(format!("`{text}` is neither the number nor the GUID of a schema")),
            Some(id) if ids.iter().any(|(_, other)| *other == id) => {
                Some(format!("the id `{id}` stands for two versions"))
            }
            Some(_) if ids.iter().any(|(other, _)| *other == version.reference.version) => {
                Some(format!("`{}` appears twice", version.reference))
            }
            Some(id) => {
                ids.push((version.reference.version, id));
                None
            }
        };
        if let Some(message) = problem {
            let report = Report::new(&BAD_VALUE, message).at(node.place());
            context.problem(
                report.hint("write the id that the registry shows for each version: `order@1: 101`"),
            );
            is_whole = false;
        }
    }
    let version = contract.reference.version;
    let ids = SchemaIds::new(ids);
    if let (true, Some(node)) =
        (is_whole && !ids.is_empty() && ids.of(version).is_none(), object.get("schema_ids"))
    {
        let message = format!("`schema_ids` has no id for `{}`, which the topic writes", contract.reference);
        let hint = format!("add `{}: ` and its id", contract.reference);
        context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(hint));
        return None;
    }
    is_whole.then_some(ids)
}

fn retention(object: Object<'_>) -> Retention {
    match object.object("keep") {
        Some(bounds) => Retention { age: bounds.duration("age"), size: bounds.size("size") },
        None => Retention { age: object.duration("keep"), size: None },
    }
}
