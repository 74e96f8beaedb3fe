//! `flows`: where messages come from, the steps they go through, and what happens when one fails.

mod dead_letters;
mod effects;
mod file;
pub(super) mod fingerprint;
mod format;
mod input;
mod order;
pub(super) mod wanted;

use std::sync::Arc;

use tenon_contracts::{
    Contract, Part, Writer, format::encoding::JSON, reader::SchemaIds, validate::Validator,
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_mapping::{Mapping, Scope, Template};
use tenon_model::Name;
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::{
    Context, Names,
    apis::Demands,
    names::Defined,
    steps::{self, Lowering},
    templates,
    variables::Variables,
};
use crate::{
    Flow, FlowReply, Input, OnFailure, Retry, Step,
    parse::{Object, Project, scalar},
};

/// `flows.NAME`.
pub(crate) static FLOW: Spec = Spec {
    name: "flow",
    doc: "Where messages come from, the steps that each goes through, and what happens when one fails.",
    keys: &[
        Key::optional(
            "from",
            Value::Either(&[Value::Reference("topic"), Value::Variant(&input::FROM)]),
            "",
            "Where messages come from: a topic, or a file. Without it they are the requests to the operations that name the flow.",
        ),
        Key::optional(
            "after",
            Value::List(&Value::Reference("flow")),
            "",
            "Flows that read files and have to finish before this one starts.",
        ),
        Key::required(
            "steps",
            Value::List(&Value::Variant(&steps::STEP)),
            "What each message goes through, in order.",
        ),
        Key::optional(
            "reply",
            Value::Template,
            "",
            "What a caller gets back; only where there is no `from`.",
        ),
        Key::optional("retry", Value::Object(&RETRY), "", "How transient failures are retried."),
        Key::optional(
            "on_failure",
            Value::Word(&["dead_letter", "stop"]),
            "dead_letter",
            "What happens to a message that failed permanently: it is kept as a dead letter, or the flow stops at it.",
        ),
        Key::optional(
            "dead_letters",
            Value::Object(&dead_letters::DEAD_LETTERS),
            "",
            "How many dead letters are kept, and what happens when there are that many.",
        ),
    ],
};

/// `flows.NAME.retry`.
pub(crate) static RETRY: Spec = Spec {
    name: "retry object",
    doc: "How transient failures are retried: exponential backoff with full jitter.",
    keys: &[
        Key::optional(
            "attempts",
            Value::Integer(1, 1000),
            "8",
            "How many times a message is tried in total.",
        ),
        Key::optional(
            "backoff",
            Value::DurationRange,
            "200ms..1m",
            "The wait after the first failure, and the longest one; it doubles.",
        ),
    ],
};

/// The flows of a project.
pub(crate) struct Flows {
    /// By name, for references.
    pub(crate) defined: Defined<Flow>,
    /// Each after those that it runs after, otherwise in the order of the project.
    pub(crate) ordered: Vec<Arc<Flow>>,
}

/// Reads `flows`. `demands` says which operations send requests through them.
pub(crate) fn check(project: &Project, names: &Names, demands: &Demands, context: &mut Context<'_>) -> Flows {
    let mut defined = Defined::new("flow");
    let order = order::check(project, context);
    for (name, key, node) in project.section("flows") {
        let after = order.after.get(&name).cloned().unwrap_or_default();
        let flow = flow(&name, key, node, after, names, demands, context).map(Arc::new);
        defined.define(name, key, flow);
    }
    let ordered = order.sorted.iter().filter_map(|name| defined.get(name)).cloned().collect();
    Flows { defined, ordered }
}

fn flow(
    name: &Name,
    key: &Node,
    node: &Node,
    after: Vec<Name>,
    names: &Names,
    demands: &Demands,
    context: &mut Context<'_>,
) -> Option<Flow> {
    node.entries()?;
    let object = Object::new(node);
    let (input, contract) = input::check(name, key, object, names, demands, context);
    let mut variables = Variables::new(contract.clone(), names.contracts.in_expressions());
    let has_caller = matches!(input, Some(Input::Request(_)));
    let caller = has_caller.then(|| variables.add_caller(demands.claims(name))).flatten();
    let nodes = object.get("steps").and_then(Node::as_list);
    let mut lowering = Lowering { names, variables: &mut variables, context, beside: None };
    let steps = nodes.and_then(|nodes| steps::lower(nodes, &mut lowering));
    let takes_requests = object.get("from").is_none();
    let reply = reply(name, key, object, takes_requests, (names, demands), &variables, context);
    let (contract, mut input, steps, reply) = (contract?, input?, steps?, reply?);
    let part = part(&mut input, &steps, key, context);
    let effects = effects::of(&steps, matches!(input, Input::Request(_)));
    effects::check_around_filters((nodes.unwrap_or_default(), &steps), takes_requests, context);
    if !takes_requests {
        effects::warn_if_none(name, key, &steps, context);
    }
    let on_failure = on_failure(object, takes_requests, context);
    let dead_letters = dead_letters::check(object, takes_requests, on_failure, context);
    Some(Flow {
        name: name.clone(),
        stands_for: None,
        after,
        fingerprint: fingerprint::of(node, &[&contract], &steps),
        input,
        contract,
        part,
        variables: variables.scope.names().cloned().collect(),
        caller,
        steps,
        reply,
        retry: retry(object),
        on_failure,
        dead_letters,
        effects,
    })
}

/// Lets the input read no more of its messages than the steps do.
fn part(input: &mut Input, steps: &[Step], key: &Node, context: &mut Context<'_>) -> Option<Part> {
    let ways = wanted::of(steps)?;
    match input {
        Input::File(file) => {
            file.format.part = Some(ways.into());
            None
        }
        Input::Topic(topic) => context.take_at(key, topic.reader.part(&ways)),
        Input::Request(_) => None,
    }
}

/// The reply, where there is a caller to reply to; the outer option is `None` if it is broken.
fn reply(
    name: &Name,
    key: &Node,
    object: Object<'_>,
    takes_requests: bool,
    (names, demands): (&Names, &Demands),
    variables: &Variables,
    context: &mut Context<'_>,
) -> Option<Option<FlowReply>> {
    let entry = object.entry("reply");
    if !takes_requests {
        let Some((reply, _)) = entry else { return Some(None) };
        let message = format!("the flow `{name}` has a `from`, so there is no caller to reply to");
        context.problem(Report::new(&BAD_VALUE, message).at(reply.place()).hint("remove `reply`, or `from`"));
        return None;
    }
    let output: Option<Arc<Contract>> = demands.output(name);
    let Some((reply, node)) = entry else {
        if demands.has(name) {
            let message = format!("the flow `{name}` takes requests and has no `reply`");
            context.problem(
                Report::new(&MISSING_KEY, message)
                    .at(key.place())
                    .hint("add `reply`: what the caller gets back"),
            );
        }
        return None;
    };
    let template = templates::lower(node, reply, context);
    let (template, output) = (template?, output?);
    if !variables.are_known() {
        return None;
    }
    compile_reply(&template, node, &output, (names, &variables.of_whole()), context).map(Some)
}

/// The reply that `template` makes of what is in scope, and reports at `node` what is wrong with it.
pub(super) fn compile_reply(
    template: &Template,
    node: &Node,
    output: &Arc<Contract>,
    (names, scope): (&Names, &Scope),
    context: &mut Context<'_>,
) -> Option<FlowReply> {
    let compiled = Mapping::compile(template, &output.shape, scope);
    let mapping = context.take_all_at(&node.place(), compiled)?;
    let validator = context.take_at(node, Validator::new(&output.shape))?;
    let reader = context.take_at(node, names.contracts.reader(output))?;
    let writer = Writer::new(output, &JSON, &SchemaIds::default())?;
    Some(FlowReply { mapping, validator, writer, reader, is_answer: false })
}

fn retry(object: Object<'_>) -> Retry {
    let default = Retry::default();
    let Some(retry) = object.object("retry") else { return default };
    let attempts = retry.integer("attempts").and_then(|attempts| u32::try_from(attempts).ok());
    let range = retry.text("backoff").and_then(|text| scalar::duration_range(&text));
    let (backoff, max_backoff) = range.unwrap_or((default.backoff, default.max_backoff));
    Retry { attempts: attempts.unwrap_or(default.attempts), backoff, max_backoff }
}

fn on_failure(object: Object<'_>, takes_requests: bool, context: &mut Context<'_>) -> OnFailure {
    let Some((key, _)) = object.entry("on_failure") else { return OnFailure::default() };
    if takes_requests {
        let report = Report::new(
            &BAD_VALUE,
            "a request that fails is reported to its caller, so `on_failure` has no effect here",
        );
        context.problem(report.at(key.place()).hint("remove `on_failure`"));
    }
    if object.text("on_failure").as_deref() == Some("stop") { OnFailure::Stop } else { OnFailure::DeadLetter }
}
