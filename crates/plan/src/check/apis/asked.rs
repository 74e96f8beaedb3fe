//! Operations that ask one of another system: a flow of one call, which is named like the operation and is none of the project.
//!
//! So all holds for them that holds for requests to flows: deadlines, keys that make a request one, what is noted of calls that act,
//! and what a refusal means.

use std::{ops::Range, sync::Arc};

use tenon_contracts::{Contract, Reader, format::Effect};
use tenon_document::Node;
use tenon_errors::{
    Place, Report,
    catalogue::{expression::TARGET_MISMATCH, project::BAD_VALUE},
};
use tenon_mapping::{Locate, Located, Path, Source, Template};
use tenon_model::{ContractRef, Field, Kind, Name, Shape, Str, Value};
use tenon_ports::LetterRetention;

use super::{Surroundings, auth, demands, operation::check_route};
use crate::{
    Called, Effects, Flow, FlowReply, Input, OnFailure, OperationKind, Retry, Route, Step, StepKind,
    check::{
        Context,
        flows::{self, fingerprint, wanted},
        remotes,
        steps::{Lowering, call},
        templates, variables,
        variables::Variables,
    },
    parse::Object,
};

/// What expressions call the request, where no contract of the project names it.
const INPUT: &str = "input";
/// What they call the answer, where the project does not say it.
const ANSWER: &str = "answer";

/// The part of a request that is its body.
const BODY: &str = "body";
/// The part of a request that is its headers, whose names know no case (RFC 9110, section 5.1).
const HEADER: &str = "header";

/// Reads an operation whose `call` is in `node`.
pub(super) fn check(
    name: &Name,
    (whole, object): (&Node, Object<'_>),
    node: &Node,
    route: Option<&Route>,
    surroundings: &Surroundings<'_>,
    context: &mut Context<'_>,
) -> Option<OperationKind> {
    let names = surroundings.names;
    let said = if node.entries().is_some() { Object::new(node).get("operation")? } else { node };
    let called = remotes::operation(said, names, context);
    let mut contract = |key: &str| object.get(key).map(|node| names.contracts.find(node, context));
    let (input, output) = (contract("input"), contract("output"));
    let called = called?;
    let parts = Parts::of(&called);
    let is_named = input.is_some();
    let input = match input {
        Some(input) => input?,
        None => Arc::new(contract_of(&called, "request", parts.shape(&called))),
    };
    let output = match output {
        Some(output) => output?,
        None => Arc::new(contract_of(&called, "reply", called.output.clone())),
    };

    let known = names.contracts.in_expressions();
    let mut variables = match is_named {
        true => Variables::new(Some(Arc::clone(&input)), known),
        false => Variables::called(INPUT, Arc::clone(&input), known),
    };
    let message = variables.scope.names().next().cloned()?;
    let mut claims = Vec::new();
    let declared = auth::declared(surroundings.api);
    demands::join(&mut claims, &declared, &format!("the operation `{name}`"), whole, context);
    let caller = variables.add_caller(&claims);
    let at = object.get("input").unwrap_or(node);
    if node.get("fields").is_none() {
        require_sent(&parts, &input, &called, at, context);
    }
    let otherwise = call::Otherwise { input: parts.template(&message, &input, at), answer: ANSWER };
    let mut lowering = Lowering { names, variables: &mut variables, context, beside: None };
    let call = call::call(node, Some(Arc::clone(&called)), Some(otherwise), &mut lowering)?;
    let answer = call.slot.and_then(|slot| variables.scope.names().nth(slot)).cloned()?;
    let reply = reply(object, node, (&output, &answer), (names, &variables), context)?;
    let reader = match is_named {
        true => names.contracts.reader(&input),
        false => Reader::new(&input, &[]),
    };
    let reader = context.take_at(node, reader)?;
    let steps = vec![Step { label: Str::new_static("1:call"), kind: StepKind::Call(Box::new(call)) }];
    let flow = Arc::new(Flow {
        name: surroundings.name.part(name),
        stands_for: Some(called),
        after: Vec::new(),
        fingerprint: fingerprint::of(whole, &[&input, &output], &steps),
        input: Input::Request(Arc::new(reader)),
        contract: Arc::clone(&input),
        part: None,
        variables: variables.scope.names().cloned().collect(),
        caller,
        steps,
        reply: Some(reply),
        // The system that is asked says how often and how long it is.
        retry: Retry { attempts: 1, ..Retry::default() },
        on_failure: OnFailure::default(),
        dead_letters: LetterRetention::default(),
        effects: Effects::Mixed,
    });
    if let (Some(route), Some((_, rest))) = (route, object.entry("rest")) {
        check_route(route, rest, &input, &flow, context);
    }
    check_cache(object, &flow, context)?;
    Some(OperationKind::Send { flow, input, output })
}

/// Whether the other system answers nothing when it has done what it was asked, and the reply is that.
pub(super) fn answers_nothing(kind: &OperationKind) -> bool {
    let OperationKind::Send { flow, output, .. } = kind else { return false };
    let is_nothing =
        matches!(&output.shape.resolved().kind, Kind::Enum(values) if values[..] == [Value::Null]);
    is_nothing && flow.stands_for.is_some()
}

/// Answers that are served again are those of something that only reads, for whoever asks.
fn check_cache(object: Object<'_>, flow: &Flow, context: &mut Context<'_>) -> Option<()> {
    let Some((key, _)) = object.entry("cache") else { return Some(()) };
    let called = flow.stands_for.as_ref()?;
    let reply = flow.reply.iter().flat_map(|reply| reply.mapping.lineage()).flat_map(|it| it.sources);
    let mut reads = flow.steps.iter().flat_map(|step| wanted::reads(&step.kind)).chain(reply);
    let of_caller = |path: &Path| path.variable.as_ref().is_some_and(|(slot, _)| Some(*slot) == flow.caller);
    let message = if called.effect != Effect::Safe {
        format!("`{}` acts, so its answers cannot be served again", called.name)
    } else if reads.any(|path| of_caller(&path)) {
        "what is asked or answered depends on the caller, so it cannot be served to others".to_owned()
    } else {
        return Some(());
    };
    context.problem(Report::new(&BAD_VALUE, message).at(key.place()).hint("remove `cache`"));
    None
}

/// What the caller gets back: what the project says, or the answer.
fn reply(
    object: Object<'_>,
    call: &Node,
    (output, answer): (&Arc<Contract>, &str),
    (names, variables): (&crate::check::Names, &Variables),
    context: &mut Context<'_>,
) -> Option<FlowReply> {
    let scope = variables.of_whole();
    if let Some((key, node)) = object.entry("reply") {
        let template = templates::lower(node, key, context)?;
        return flows::compile_reply(&template, node, output, (names, &scope), context);
    }
    let at = object.get("output").unwrap_or(call);
    let template = copy(answer.to_owned(), at);
    let reply = flows::compile_reply(&template, at, output, (names, &scope), context)?;
    Some(FlowReply { is_answer: true, ..reply })
}

/// What the operation takes or answers, as a contract that no project can name.
fn contract_of(called: &Called, part: &str, shape: Shape) -> Contract {
    let operation = called.name.split_once('.').map_or(called.name.as_str(), |(_, operation)| operation);
    let name = called.system.part(&plain(operation)).part(part);
    let doc =
        Str::from(format!("What `{}` {}.", called.name, if part == "reply" { "answers" } else { "takes" }));
    Contract::of_operation(ContractRef { name, version: 1 }, shape, Some(doc), &called.name)
}

/// The name of an operation with nothing that names of types in OpenAPI or anchors of pages cannot have.
fn plain(operation: &str) -> String {
    let mut name = String::with_capacity(operation.len());
    for c in operation.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => name.push(c),
            other => name.push_str(&format!("-{:x}-", u32::from(other))),
        }
    }
    name
}

/// How the input of an operation is made of the request, so that whoever asks need not know where what they say goes.
enum Parts {
    /// It is the request.
    None,
    /// It has a body alone, which is the request.
    Body(Shape),
    /// It has several parts (path, query, header, body), each with what the request has for it.
    Several(Vec<Part>),
}

struct Part {
    field: Field,
    /// What it holds, where its fields stand beside those of the other parts.
    spread: Option<Vec<Said>>,
}

/// A field of a part, as whoever asks says it.
struct Said {
    /// Named as expressions can name it: `page-size` is `page_size`, and the header `X-Tenant` is `x_tenant`.
    field: Field,
    /// Its name in the part.
    name: Str,
}

impl Said {
    fn of(field: &Field, part: &str) -> Self {
        let mut name = field.name.replace('-', "_");
        if part == HEADER {
            name.make_ascii_lowercase();
        }
        Self { field: Field { name: Str::from(name), ..field.clone() }, name: field.name.clone() }
    }
}

impl Parts {
    fn of(called: &Called) -> Self {
        let Some(record) = called.input.as_record().filter(|_| called.exchange.takes_parts()) else {
            return Self::None;
        };
        if let [body] = record.fields()
            && body.required
            && body.name == BODY
        {
            return Self::Body(body.shape.clone());
        }
        let mut taken: Vec<Str> = record.fields().iter().map(|field| field.name.clone()).collect();
        let mut parts = Vec::new();
        for field in record.fields() {
            let spread = fields_of(field).filter(|fields| {
                let mut names: Vec<_> = fields.iter().map(|said| &said.field.name).collect();
                let are_free = names.iter().all(|name| is_identifier(name) && !taken.contains(name));
                names.sort_unstable();
                are_free && names.windows(2).all(|pair| pair[0] != pair[1])
            });
            taken.extend(spread.iter().flatten().map(|said| said.field.name.clone()));
            parts.push(Part { field: field.clone(), spread });
        }
        Self::Several(parts)
    }

    /// What whoever asks sends.
    fn shape(&self, called: &Called) -> Shape {
        let fields = |part: &Part| match &part.spread {
            Some(fields) => fields.iter().map(|said| said.field.clone()).collect(),
            None => vec![part.field.clone()],
        };
        match self {
            Self::None => called.input.clone(),
            Self::Body(shape) => shape.clone(),
            Self::Several(parts) => Shape::record(parts.iter().flat_map(fields).collect()),
        }
    }

    /// Makes the input of the message called so, which follows `input`; what does not fit is reported at `node`. What need not be sent and
    /// the message does not have is not.
    fn template(&self, message: &str, input: &Contract, node: &Node) -> Template {
        let record = |fields| Template::Record { fields, remaining: None, place: node.place() };
        let whole = || copy(message.to_owned(), node);
        let made = |field: &Field, name: &Str| {
            let is_sent = field.required || input.shape.field(&field.name).is_some();
            is_sent.then(|| (named(name, node), copy(format!("{message}.{}", field.name), node)))
        };
        let spread = |said: &Said| made(&said.field, &said.name);
        let part = |part: &Part| match &part.spread {
            Some(fields) => {
                Some((named(&part.field.name, node), record(fields.iter().filter_map(spread).collect())))
            }
            None => made(&part.field, &part.field.name),
        };
        match self {
            Self::None => whole(),
            Self::Body(_) => record(vec![(named(BODY, node), whole())]),
            Self::Several(parts) => record(parts.iter().filter_map(part).collect()),
        }
    }

    /// Fields of `input` that no part takes.
    fn unsent(&self, input: &Contract) -> Vec<Str> {
        let (Self::Several(parts), Some(record)) = (self, input.shape.as_record()) else { return Vec::new() };
        let takes = |part: &Part, name: &str| match &part.spread {
            Some(fields) => fields.iter().any(|said| said.field.name == name),
            None => part.field.name == name,
        };
        let names = record.fields().iter().map(|field| field.name.clone());
        names.filter(|name| !parts.iter().any(|part| takes(part, name))).collect()
    }
}

fn named(name: &str, node: &Node) -> Located<Str> {
    Located::new(Str::new(name), node.place())
}

/// A problem for fields of the request that would get lost.
fn require_sent(parts: &Parts, input: &Contract, called: &Called, node: &Node, context: &mut Context<'_>) {
    for name in parts.unsent(input) {
        let message = format!("`{}` takes no `{name}`, which `{}` has", called.name, input.reference);
        let hint = "say under `fields` of the call what is sent, or name another contract";
        context.problem(Report::new(&TARGET_MISMATCH, message).at(node.place()).hint(hint));
    }
}

/// The fields of a part that is a record of them and no more. A body that may be left out is left out as a whole.
fn fields_of(part: &Field) -> Option<Vec<Said>> {
    let record = part.shape.as_record().filter(|_| !part.shape.nullable)?;
    let may_be_empty = part.required || part.name != BODY;
    let said = |field: &Field| Said::of(field, &part.name);
    (may_be_empty && record.choices.is_empty()).then(|| record.fields().iter().map(said).collect())
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !variables::is_reserved(name)
}

/// An expression that the project does not write: all of it is at `node`.
pub(super) fn copy(text: String, node: &Node) -> Template {
    Template::Expression(Source::new(text, Whole(node.clone())))
}

struct Whole(Node);

impl Locate for Whole {
    fn place(&self, _: Range<usize>) -> Place {
        self.0.place()
    }
}
