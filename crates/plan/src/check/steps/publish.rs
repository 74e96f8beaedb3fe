//! `publish: TOPIC`.

use tenon_document::Node;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering, require_message};
use crate::StepKind;

const KEY: Key = Key::optional("publish", Value::Reference("topic"), "", "Publishes the message to a topic.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static DESCRIPTOR: Descriptor = Descriptor {
    name: "publish",
    summary: "Publishes the message to a topic, whose contract it has to follow.",
    spec: &Spec { name: "publish step", doc: "Publishes the message to a topic.", keys: &[KEY] },
    guarantees: &[
        "The message is durable before its source is acknowledged.",
        "After a crash a message that is in the topic already is not published again.",
    ],
    codes: &[],
    example: "publish: orders",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    let topic = lowering.names.topics.find(node, lowering.context)?;
    let what = format!("topic `{}`", topic.name);
    let slot = require_message(node, &what, &topic.contract, lowering.variables, lowering.context)?;
    Some(StepKind::Publish { topic, slot })
}
