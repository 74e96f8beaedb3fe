//! `from`: a topic, a file, or requests.

use std::sync::Arc;

use tenon_contracts::Contract;
use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::UNUSED_DEFINITION};
use tenon_model::Name;
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::file;
use crate::{
    Input,
    check::{Context, Names, apis::Demands},
    parse::Object,
};

/// `flows.NAME.from`, where it is not a topic.
pub(crate) static FROM: Spec = Spec {
    name: "source",
    doc: "Where messages come from, unless it is a topic.",
    keys: &[Key::optional("file", Value::Object(&file::FILE), "", "The rows or lines of a file.")],
};

/// The input of a flow and the contract of its messages.
pub(super) fn check(
    name: &Name,
    key: &Node,
    object: Object<'_>,
    names: &Names,
    demands: &Demands,
    context: &mut Context<'_>,
) -> (Option<Input>, Option<Arc<Contract>>) {
    let Some(from) = object.get("from") else { return requests(name, key, names, demands, context) };
    if from.entries().is_some() {
        return from
            .get("file")
            .filter(|node| node.entries().is_some())
            .map_or((None, None), |node| file::check(Object::new(node), names, context));
    }
    let topic = names.topics.find(from, context);
    let contract = topic.as_ref().map(|topic| Arc::clone(&topic.contract));
    (topic.map(Input::Topic), contract)
}

fn requests(
    name: &Name,
    key: &Node,
    names: &Names,
    demands: &Demands,
    context: &mut Context<'_>,
) -> (Option<Input>, Option<Arc<Contract>>) {
    if !demands.has(name) {
        if demands.are_uncertain() {
            return (None, None);
        }
        let message =
            format!("no operation names the flow `{name}`, which has no `from`, so it would never run");
        let hint = format!("add `from`, or an operation with `flow: {name}`");
        context.problem(Report::new(&UNUSED_DEFINITION, message).at(key.place()).hint(hint));
        return (None, None);
    }
    let contract = demands.input(name);
    let reader =
        contract.as_ref().and_then(|contract| context.take_at(key, names.contracts.reader(contract)));
    (reader.map(|reader| Input::Request(Arc::new(reader))), contract)
}
