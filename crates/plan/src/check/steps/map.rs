//! `map: { to, fields }`.

use tenon_contracts::validate::Validator;
use tenon_document::Node;
use tenon_errors::catalogue::expression::{MISSING_TARGET_FIELD, TARGET_MISMATCH, UNKNOWN_TARGET_FIELD};
use tenon_mapping::{Mapping, Template};
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{StepKind, check::templates, parse::Object};

const KEY: Key = Key::optional("map", Value::Object(&SPEC), "", "Makes a message of another contract.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static SPEC: Spec = Spec {
    name: "map step",
    doc: "Makes a message of another contract; it is the message from here on, under the name of that contract.",
    keys: &[
        Key::required("to", Value::Reference("contract"), "What the new message follows."),
        Key::required(
            "fields",
            Value::Fields(&Value::Template),
            "What each field is set to: an expression, `{ value: CONSTANT }`, an object, or `{ each: LIST, as: NAME, fields: ... }`. `...: order` copies the fields that are not set.",
        ),
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "map",
    summary: "Makes a message of another contract (message translator).",
    spec: &SPEC,
    guarantees: &[
        "Every required field is provably set and every value fits; constraints that types cannot prove are checked on each message.",
    ],
    codes: &[&MISSING_TARGET_FIELD, &UNKNOWN_TARGET_FIELD, &TARGET_MISMATCH],
    example: "map: { to: receipt, fields: { id: order.id, status: { value: accepted } } }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    let object = Object::new(node);
    let known = lowering.variables.are_known();
    let contract = object.get("to").and_then(|node| lowering.names.contracts.find(node, lowering.context));
    let template =
        object.entry("fields").and_then(|(key, node)| templates::record(node, key, lowering.context));
    let mapping = match (&contract, &template) {
        (Some(contract), Some(template)) if known => compile(node, template, &contract.shape, lowering),
        _ => None,
    };
    let validator = contract
        .as_ref()
        .and_then(|contract| lowering.context.take_at(node, Validator::new(&contract.shape)));
    let slot = lowering.variables.become_message(contract.clone());
    Some(StepKind::Map { mapping: mapping?, contract: contract?, validator: validator?, slot })
}

fn compile(
    node: &Node,
    template: &Template,
    target: &tenon_model::Shape,
    lowering: &mut Lowering<'_, '_>,
) -> Option<Mapping> {
    let compiled = Mapping::compile(template, target, &lowering.variables.scope);
    lowering.context.take_all_at(&node.place(), compiled)
}
