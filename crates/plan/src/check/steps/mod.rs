//! The steps of a flow. A step is one file here and one entry in [`STEPS`].

mod aggregate;
mod filter;
mod let_values;
mod lookup;
mod map;
mod publish;
mod upsert;

use tenon_contracts::Contract;
use tenon_document::Node;
use tenon_errors::{Report, catalogue::expression::TARGET_MISMATCH};
use tenon_ports::{Descriptor, Key, Spec};

use super::{Context, Names, variables::Variables};
use crate::{Step, StepKind};

/// One kind of step.
pub(crate) struct Kind {
    /// Its description; the name is the word that a project uses.
    pub(crate) descriptor: &'static Descriptor,
    key: Key,
    lower: fn(&Node, &mut Lowering<'_, '_>) -> Option<StepKind>,
}

/// Every kind of step.
pub(crate) const STEPS: &[Kind] =
    &[lookup::KIND, let_values::KIND, map::KIND, filter::KIND, publish::KIND, upsert::KIND, aggregate::KIND];

/// A step: exactly one of the kinds.
pub(crate) static STEP: Spec =
    Spec { name: "step", doc: "What a message goes through: one of these kinds.", keys: &KEYS };

static KEYS: [Key; STEPS.len()] = {
    let mut keys = [STEPS[0].key; STEPS.len()];
    let mut at = 0;
    while at < keys.len() {
        keys[at] = STEPS[at].key;
        at += 1;
    }
    keys
};

/// What a step is lowered with: what names refer to, and the variables, which it may add to.
pub(crate) struct Lowering<'l, 'a> {
    pub(crate) names: &'l Names,
    pub(crate) variables: &'l mut Variables,
    pub(crate) context: &'l mut Context<'a>,
}

/// The steps of a flow, if they are whole.
pub(crate) fn lower(nodes: &[Node], lowering: &mut Lowering<'_, '_>) -> Option<Vec<Step>> {
    let mut steps = Some(Vec::with_capacity(nodes.len()));
    for (at, node) in nodes.iter().enumerate() {
        let step = step(at, node, lowering);
        steps = steps.zip(step).map(|(mut steps, step)| {
            steps.push(step);
            steps
        });
    }
    steps
}

fn step(at: usize, node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<Step> {
    let [(key, value)] = node.entries()? else { return None };
    let word = key.as_str()?;
    let kind = STEPS.iter().find(|kind| kind.descriptor.name == word)?;
    let kind = (kind.lower)(value, lowering)?;
    Some(Step { label: format!("{}:{word}", at + 1).into(), kind })
}

/// A problem unless the current message follows `wanted`, which `what` (a topic, a table) takes.
fn require_message(
    node: &Node,
    what: &str,
    wanted: &Contract,
    variables: &Variables,
    context: &mut Context<'_>,
) -> Option<usize> {
    let current = variables.contract.as_ref()?;
    if current.reference == wanted.reference {
        return Some(variables.slot);
    }
    let message = format!(
        "the message follows `{}` here, and the {what} takes `{}`",
        current.reference, wanted.reference
    );
    let hint = format!("add a step before this one: `map: {{ to: {}, fields: ... }}`", wanted.reference.name);
    context.problem(Report::new(&TARGET_MISMATCH, message).at(node.place()).hint(hint));
    None
}
