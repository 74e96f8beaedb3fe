//! `call: { operation, fields, as, failures }`.

use std::sync::Arc;

use tenon_contracts::validate::Validator;
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        project::BAD_VALUE,
        system::{CALL_FAILED, CALL_FOUND_NOTHING, CALL_IN_DOUBT, CALL_REFUSED, UNEXPECTED_REPLY},
    },
    nearest::nearest,
};
use tenon_mapping::{Mapping, Scope, Template, Type};
use tenon_model::{Field, Shape, Str};
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering, reject};
use crate::{
    Call, Called, OnRefusal, StepKind,
    check::{expressions, remotes, sensitive, templates, variables},
    parse::Object,
};

const KEY: Key = Key::optional(
    "call",
    Value::Object(&SPEC),
    "",
    "Asks another system for something and adds its answer under a name.",
);

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

/// What expressions call the answer of a call that has failed.
const FAILURE: &str = "failure";

pub(crate) static SPEC: Spec = Spec {
    name: "call step",
    doc: "Asks another system for something and adds its answer under a name.",
    keys: &[
        Key::required(
            "operation",
            Value::Text,
            "The operation: a system and what it offers, as in `crm.getCustomer`.",
        ),
        Key::optional(
            "fields",
            Value::Fields(&Value::Template),
            "",
            "What each field of its input is set to, as in `map`. Of a system that OpenAPI describes, the input has `path`, `query`, `header`, `cookie` and `body`, as far as the request has them.",
        ),
        Key::optional("as", Value::Text, "", "The name of the answer for the steps that follow."),
        Key::optional(
            "failures",
            Value::Fields(&Value::Either(&[Value::Word(&["retry", "none"]), Value::Variant(&RULE)])),
            "",
            "What happens where the system refuses, by what it says: a status (`404`, of gRPC `NOT_FOUND`), a range (`4XX`) or the name of a fault. The closest one counts. `none` makes the answer null; `retry` tries the message again: use it only where repeating the call is harmless.",
        ),
    ],
};

static RULE: Spec = Spec {
    name: "refusal rule",
    doc: "What happens where the system refuses.",
    keys: &[
        Key::optional(
            "reject",
            Value::Word(reject::KINDS),
            "",
            "The message is rejected as this kind of refusal, as by a `reject` step.",
        ),
        Key::beside(
            "message",
            &["reject"],
            Value::Expression,
            "What callers and dead letters are told: a text. `failure.name` is what the system says, `failure.detail` the beginning of its answer, and `failure.value` what it answers by its description.",
        ),
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "call",
    summary: "Asks another system for something and adds its answer under a name (content enricher, request-reply).",
    spec: &SPEC,
    guarantees: &[
        "Every required field of the input is provably set and every value fits; the answer is held against the description before it is used.",
        "A call that acts is not made twice for one message: its answer is kept until the message is done, and one whose answer did not come makes a dead letter that says so, unless the system recognises repeats.",
        "Messages of equal key call in order; others at the same time, as many as the system takes.",
    ],
    codes: &[&UNEXPECTED_REPLY, &CALL_REFUSED, &CALL_FOUND_NOTHING, &CALL_FAILED, &CALL_IN_DOUBT],
    example: "call: { operation: geo.ping, failures: { \"404\": none } }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    node.entries()?;
    let operation = Object::new(node).get("operation");
    let called = operation.and_then(|node| remotes::operation(node, lowering.names, lowering.context));
    call(node, called, None, lowering).map(|call| StepKind::Call(Box::new(call)))
}

/// What stands in a call where the project does not say it.
pub(crate) struct Otherwise {
    /// What makes the input.
    pub(crate) input: Template,
    /// The name of the answer.
    pub(crate) answer: &'static str,
}

/// The call in `node` of what is `called`.
pub(crate) fn call(
    node: &Node,
    called: Option<Arc<Called>>,
    otherwise: Option<Otherwise>,
    lowering: &mut Lowering<'_, '_>,
) -> Option<Call> {
    let object = Object::new(node);
    let (whole, answer) = otherwise.map_or((None, None), |it| (Some(it.input), Some(it.answer)));
    let mapping = called.as_ref().and_then(|called| input(node, object, (called, whole), lowering));
    let validator =
        called.as_ref().and_then(|called| lowering.context.take_at(node, Validator::new(&called.input)));
    let before = lowering.variables.scope.clone();
    let failure = object.get("failures").map(|_| {
        let shape = called.as_ref().map_or(Shape::ANY, |_| failure_shape(Shape::ANY));
        lowering.variables.add(FAILURE, Type::of(shape.nullable()))
    });
    let failures = failures(object, called.as_deref(), &before, lowering);
    let none = failures.iter().flatten().any(|(_, rule)| matches!(rule, OnRefusal::Nothing));
    let name = object.get("as").map(|node| variables::name(node, lowering.context));
    let name = name.or_else(|| answer.map(|answer| Some(Str::new_static(answer))));
    let slot = name.map(|name| {
        let answer = called.as_ref().map_or_else(variables::unknown, |called| {
            Type::of(if none { called.output.clone().nullable() } else { called.output.clone() })
        });
        name.map(|name| lowering.variables.add(name, answer))
    });
    Some(Call {
        called: called?,
        mapping: mapping?,
        validator: validator?,
        slot: slot.map_or(Some(None), |slot| slot.map(Some))?,
        failure,
        failures: failures?,
    })
}

/// What makes the input of the call.
fn input(
    node: &Node,
    object: Object<'_>,
    (called, whole): (&Called, Option<Template>),
    lowering: &mut Lowering<'_, '_>,
) -> Option<Mapping> {
    let none = || Template::Record { fields: Vec::new(), remaining: None, place: node.place() };
    let template = match object.entry("fields") {
        Some((key, fields)) => templates::record(fields, key, lowering.context)?,
        None => whole.unwrap_or_else(none),
    };
    if !lowering.variables.are_known() {
        return None;
    }
    let compiled = Mapping::compile(&template, &called.input, &lowering.variables.scope);
    lowering.context.take_all_at(&node.place(), compiled)
}

/// What is known of a refusal with such a value.
fn failure_shape(value: Shape) -> Shape {
    Shape::record(vec![
        Field::required("name", Shape::string()),
        Field::required("detail", Shape::string()),
        Field::required("value", value),
    ])
}

fn failures(
    object: Object<'_>,
    called: Option<&Called>,
    before: &Scope,
    lowering: &mut Lowering<'_, '_>,
) -> Option<Vec<(Str, OnRefusal)>> {
    let Some(node) = object.get("failures") else { return Some(Vec::new()) };
    let mut rules = Some(Vec::new());
    for (key, value) in node.entries()? {
        let name = key.scalar_text().map(Str::from);
        let is_known = name.as_ref().is_none_or(|name| called.is_none_or(|called| may_say(called, name)));
        if let (false, Some(called), Some(name)) = (is_known, called, &name) {
            lowering.context.problem(unsaid(called, name).at(key.place()));
        }
        // Where the message is told, there is a refusal, and what it says is known if it is one that is declared.
        let declared = name.as_ref().zip(called).and_then(|(name, called)| value_of(called, name));
        let known = failure_shape(declared.unwrap_or(Shape::ANY));
        let rule = rule(value, called, &before.with(FAILURE, Type::of(known)), lowering);
        rules = rules.zip(name.filter(|_| is_known).zip(rule)).map(|(mut rules, rule)| {
            rules.push(rule);
            rules
        });
    }
    rules
}

/// The report for a name by which the system does not refuse.
fn unsaid(called: &Called, name: &str) -> Report {
    let refuses = called.exchange.refuses_by();
    let message = match refuses.names.is_empty() {
        true => format!("`{name}` is not a status, a range of statuses, or a declared fault"),
        false => format!("`{name}` is not {}", refuses.kinds),
    };
    let report = Report::new(&BAD_VALUE, message);
    let declared = called.failures.iter().map(|failure| failure.name.as_str());
    match nearest(name, declared.clone().chain(refuses.names.iter().copied())) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None => {
            let mut known: Vec<_> = declared.map(|name| format!("`{name}`")).collect();
            known.push(refuses.kinds.to_owned());
            report.hint(format!("write one that it can refuse by: {}", known.join(", ")))
        }
    }
}

/// Whether the system can refuse by this name: one that is declared, or one that its protocol has.
fn may_say(called: &Called, name: &str) -> bool {
    called.failures.iter().any(|known| known.name == name) || called.exchange.may_refuse_as(name)
}

/// What an answer that refuses by this name says for certain.
fn value_of(called: &Called, name: &str) -> Option<Shape> {
    let declared = called.failures.iter().find(|failure| failure.name == name)?;
    called.exchange.refuses_with_values().then(|| declared.shape.clone())
}

/// The rule in `node`, whose expressions see `scope`.
fn rule(
    node: &Node,
    called: Option<&Called>,
    scope: &Scope,
    lowering: &mut Lowering<'_, '_>,
) -> Option<OnRefusal> {
    match node.as_str() {
        Some("none") => return Some(OnRefusal::Nothing),
        Some("retry") => return Some(OnRefusal::Retry),
        _ => {}
    }
    let object = Object::new(node);
    let code = reject::code(object.text("reject").as_deref());
    let Some(message) = object.get("message") else { return Some(OnRefusal::Reject { code, message: None }) };
    if !lowering.variables.are_known() || called.is_none() {
        return None;
    }
    let expression = expressions::compile(message, scope, lowering.context)?;
    expressions::require_text(&expression, message, lowering.context)?;
    expressions::require_present(&expression, message, "the reason", lowering.context)?;
    sensitive::refuse(&expression, message, "the reason of a refusal", lowering.variables, lowering.context)?;
    Some(OnRefusal::Reject { code, message: Some(expression) })
}
