//! `filter: EXPRESSION`.

use tenon_document::Node;
use tenon_errors::catalogue::delivery::FILTERED;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{StepKind, check::expressions};

const KEY: Key =
    Key::optional("filter", Value::Expression, "", "Lets only messages pass for which this is true.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static DESCRIPTOR: Descriptor = Descriptor {
    name: "filter",
    summary: "Lets only messages pass for which an expression is true (message filter).",
    spec: &Spec {
        name: "filter step",
        doc: "Lets only messages pass for which an expression is true.",
        keys: &[KEY],
    },
    guarantees: &[
        "A message that does not pass ends here: it is counted and acknowledged, and what the steps before did stays done.",
        "The steps that follow know that the expression is true: after `filter: order.note != null`, `order.note` is there.",
        "A request that does not pass is refused and has no effect: `check` refuses an effect before a filter there.",
    ],
    codes: &[&FILTERED],
    example: "filter: order.total > 100.0",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    if !lowering.variables.are_known() {
        return None;
    }
    let expression = expressions::compile(node, &lowering.variables.scope, lowering.context)?;
    expressions::require_bool(&expression, node, lowering.context)?;
    expressions::require_present(&expression, node, "what a filter decides by", lowering.context)?;
    lowering.variables.learn(&expression, true);
    Some(StepKind::Filter(expression))
}
