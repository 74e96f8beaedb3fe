//! The steps of a flow. A step is one file here and one entry in [`STEPS`].

mod aggregate;
pub(super) mod call;
mod delete;
mod each;
mod filter;
mod let_values;
mod log;
mod lookup;
mod map;
mod publish;
mod reject;
mod table_key;
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
    /// A key that stands beside the one of this kind.
    beside: Option<Key>,
}

/// Every kind of step.
pub(crate) const STEPS: &[Kind] = &[
    lookup::KIND,
    call::KIND,
    let_values::KIND,
    map::KIND,
    filter::KIND,
    reject::KIND,
    each::KIND,
    publish::KIND,
    upsert::KIND,
    aggregate::KIND,
    delete::KIND,
    log::KIND,
];

/// A step: exactly one of the kinds.
pub(crate) static STEP: Spec =
    Spec { name: "step", doc: "What a message goes through: one of these kinds.", keys: &KEYS };

static KEYS: [Key; count()] = {
    let mut keys = [STEPS[0].key; count()];
    let (mut at, mut step) = (0, 0);
    while step < STEPS.len() {
        keys[at] = STEPS[step].key;
        at += 1;
        if let Some(beside) = STEPS[step].beside {
            keys[at] = beside;
            at += 1;
        }
        step += 1;
    }
    keys
};

/// How many keys there are.
const fn count() -> usize {
    let (mut count, mut step) = (STEPS.len(), 0);
    while step < STEPS.len() {
        count += STEPS[step].beside.is_some() as usize;
        step += 1;
    }
    count
}

/// What a step is lowered with: what names refer to, and the variables, which it may add to.
pub(crate) struct Lowering<'l, 'a> {
    pub(crate) names: &'l Names,
    pub(crate) variables: &'l mut Variables,
    pub(crate) context: &'l mut Context<'a>,
    /// What stands beside the key of the step's kind.
    pub(crate) beside: Option<Node>,
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

fn step<'n>(at: usize, node: &'n Node, lowering: &mut Lowering<'_, '_>) -> Option<Step> {
    let kind_of = |(key, value): &'n (Node, Node)| {
        let kind = STEPS.iter().find(|kind| Some(kind.descriptor.name) == key.as_str());
        kind.map(|kind| (kind, value))
    };
    let mut kinds = node.entries()?.iter().filter_map(kind_of);
    let ((kind, value), None) = (kinds.next()?, kinds.next()) else { return None };
    lowering.beside = kind.beside.and_then(|key| node.get(key.name)).cloned();
    let lowered = (kind.lower)(value, lowering)?;
    Some(Step { label: format!("{}:{}", at + 1, kind.descriptor.name).into(), kind: lowered })
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
    let hint = format!("add a step before this one: `map: {{ to: {}, fields: ... }}`", wanted.reference);
    context.problem(Report::new(&TARGET_MISMATCH, message).at(node.place()).hint(hint));
    None
}
