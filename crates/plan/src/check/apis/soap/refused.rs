//! `soap.faults`: which refusals become faults that the description declares.

use tenon_document::Node;
use tenon_errors::{
    Kind, Report,
    catalogue::project::{BAD_VALUE, UNKNOWN_NAME},
    nearest::nearest,
};
use tenon_mapping::{Mapping, Scope, Type};
use tenon_model::{Field, Shape, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::mapped::Place;
use crate::{
    SoapFaultRule,
    check::{Context, templates},
    parse::Object,
};

/// The words for what callers can mend, as those of `reject`.
const KINDS: &[&str] = &["refused", "invalid", "not_found", "conflict", "denied"];

/// `apis.NAME.operations.NAME.soap.faults.NAME`.
pub(super) static FAULT: Spec = Spec {
    name: "declared fault",
    doc: "Which refusals become a fault that the description declares.",
    keys: &[
        Key::required(
            "on",
            Value::Either(&[Value::Word(KINDS), Value::List(&Value::Word(KINDS))]),
            "The kinds of refusal, as `reject` has them.",
        ),
        Key::required(
            "detail",
            Value::Template,
            "Its detail, of `request` and of `failure`, which has `code`, `title` and `detail`.",
        ),
    ],
};

/// What expressions call what has gone wrong.
const FAILURE: &str = "failure";

fn failure() -> Shape {
    let text = |name: &'static str| Field::required(name, Shape::string());
    Shape::record(vec![text("code"), text("title"), text("detail")])
}

/// The rules under `faults`, in their order.
pub(super) fn rules(
    soap: Option<Object<'_>>,
    place: &Place<'_>,
    scope: &Scope,
    context: &mut Context<'_>,
) -> Option<Vec<SoapFaultRule>> {
    let Some(node) = soap.and_then(|soap| soap.get("faults")) else { return Some(Vec::new()) };
    let scope = scope.with(FAILURE, Type::of(failure()));
    let mut rules = Some(Vec::new());
    for (key, value) in node.entries()? {
        let rule = rule(key, value, place, &scope, context);
        rules = rules.zip(rule).map(|(mut rules, rule)| {
            rules.push(rule);
            rules
        });
    }
    rules
}

fn rule(
    key: &Node,
    node: &Node,
    place: &Place<'_>,
    scope: &Scope,
    context: &mut Context<'_>,
) -> Option<SoapFaultRule> {
    let name = key.as_str()?;
    let declared = &place.declared.errors;
    let Some(fault) = declared.iter().find(|fault| fault.name == name) else {
        let message = format!("`{}` declares no fault `{name}`", place.name);
        let report = Report::new(&UNKNOWN_NAME, message).at(key.place());
        context.problem(match nearest(name, declared.iter().map(|fault| fault.name.as_str())) {
            Some(meant) => report.hint(format!("write `{meant}`")),
            None => report.hint("declare it in the description, or remove the rule"),
        });
        return None;
    };
    let object = Object::new(node);
    let on = object.get("on")?;
    let words: Vec<&str> = match on.as_list() {
        Some(items) => items.iter().filter_map(Node::as_str).collect(),
        None => on.as_str().into_iter().collect(),
    };
    if words.is_empty() {
        let report = Report::new(&BAD_VALUE, "the fault stands for no refusal").at(on.place());
        context.problem(report.hint(format!("name some of `{}`", KINDS.join("`, `"))));
        return None;
    }
    let (entry, detail) = object.entry("detail")?;
    let template = templates::lower(detail, entry, context)?;
    let detail = context.take_all_at(&detail.place(), Mapping::compile(&template, &fault.shape, scope))?;
    let on = words.iter().flat_map(|word| kinds(word)).copied().collect();
    Some(SoapFaultRule { name: Str::new(name), on, detail })
}

fn kinds(word: &str) -> &'static [Kind] {
    match word {
        "refused" => &[Kind::FailedPrecondition],
        "invalid" => &[Kind::InvalidArgument, Kind::OutOfRange],
        "not_found" => &[Kind::NotFound],
        "conflict" => &[Kind::AlreadyExists, Kind::Aborted],
        "denied" => &[Kind::PermissionDenied],
        _ => &[],
    }
}
