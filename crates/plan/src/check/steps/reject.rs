//! `reject: { when, message, kind }`.

use tenon_document::Node;
use tenon_errors::{
    Code,
    catalogue::delivery::{
        REJECTED, REJECTED_CONFLICT, REJECTED_DENIED, REJECTED_INVALID, REJECTED_NOT_FOUND,
    },
};
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{
    Reject, StepKind,
    check::{expressions, sensitive},
    parse::Object,
};

const KEY: Key = Key::optional(
    "reject",
    Value::Object(&SPEC),
    "",
    "Fails messages that a rule of the project does not accept, with a message of its own.",
);

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

/// The words for the kinds of refusal.
pub(super) const KINDS: &[&str] = &["refused", "invalid", "not_found", "conflict", "denied"];

static SPEC: Spec = Spec {
    name: "reject step",
    doc: "Fails messages that a rule of the project does not accept.",
    keys: &[
        Key::required("when", Value::Expression, "The message is rejected where this is true."),
        Key::required("message", Value::Expression, "What callers and dead letters are told: a text."),
        Key::optional(
            "kind",
            Value::Word(KINDS),
            "refused",
            "What kind of refusal it is, which protocols map; over REST: 422, 400, 404, 409, 403.",
        ),
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "reject",
    summary: "Fails messages that a rule of the project does not accept, with a reason that callers see.",
    spec: &SPEC,
    guarantees: &[
        "A rejected message has no effect. A caller gets the reason; other messages become dead letters with it.",
        "The steps that follow know that the rule does not hold: after `when: customer == null`, `customer` is there.",
        "The reason cannot show what a contract calls personal or secret: `check` refuses that.",
    ],
    codes: &[&REJECTED, &REJECTED_INVALID, &REJECTED_NOT_FOUND, &REJECTED_CONFLICT, &REJECTED_DENIED],
    example: "reject: { when: order.total > 1000.0, message: '\"too much: \" + string(order.total)', kind: conflict }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    node.entries()?;
    let object = Object::new(node);
    let (when, message) = (object.get("when"), object.get("message"));
    if !lowering.variables.are_known() {
        return None;
    }
    let scope = &lowering.variables.scope;
    let condition = when.and_then(|node| {
        let expression = expressions::compile(node, scope, lowering.context)?;
        expressions::require_bool(&expression, node, lowering.context)?;
        expressions::require_present(&expression, node, "what a message is rejected by", lowering.context)?;
        Some(expression)
    });
    let text = message.and_then(|node| {
        let expression = expressions::compile(node, scope, lowering.context)?;
        expressions::require_text(&expression, node, lowering.context)?;
        expressions::require_present(&expression, node, "the reason", lowering.context)?;
        sensitive::refuse(&expression, node, "the reason of `reject`", lowering.variables, lowering.context)?;
        Some(expression)
    });
    if let Some(condition) = &condition {
        lowering.variables.learn(condition, false);
    }
    Some(StepKind::Reject(Reject {
        when: condition?,
        message: text?,
        code: code(object.text("kind").as_deref()),
    }))
}

/// The code of a kind of refusal; none said is the plain one.
pub(super) fn code(kind: Option<&str>) -> &'static Code {
    match kind {
        Some("invalid") => &REJECTED_INVALID,
        Some("not_found") => &REJECTED_NOT_FOUND,
        Some("conflict") => &REJECTED_CONFLICT,
        Some("denied") => &REJECTED_DENIED,
        _ => &REJECTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_refusal_has_a_code_of_its_own() {
        let codes = [&REJECTED, &REJECTED_INVALID, &REJECTED_NOT_FOUND, &REJECTED_CONFLICT, &REJECTED_DENIED];
        for (kind, expected) in KINDS.iter().zip(codes) {
            assert_eq!(code(Some(kind)), expected, "{kind}");
        }
        assert_eq!((code(None), KINDS.len()), (codes[0], codes.len()));
    }
}
