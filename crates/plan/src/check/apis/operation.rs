//! `apis.NAME.operations.NAME`: what an operation does, its route, and who may call it.

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        api::{BAD_ROUTE, OPEN_OPERATION, UNSENT_FIELD},
        project::{BAD_VALUE, MISSING_KEY},
    },
};
use tenon_model::{Field, Name, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::authorize::Access;

use super::{Surroundings, asked, auth, routes, routes::Taken, soap, table_operation};
use crate::{
    Flow, Input, Operation, OperationKind, RateLimit, Route, Segment,
    check::{Context, kinds, steps::call},
    parse::{Object, read, scalar},
};

/// `apis.NAME.operations.NAME`.
pub(crate) static OPERATION: Spec = Spec {
    name: "operation",
    doc: "Reads a table, sends a message through a flow, or asks an operation of another system. It says who may call it: `scope`, or `auth: none`.",
    keys: &[
        Key::optional(
            "doc",
            Value::Text,
            "",
            "What it is for; shown in OpenAPI, GraphQL and the documentation.",
        ),
        Key::optional(
            "rest",
            Value::Text,
            "",
            "Its REST route: a method and a path below the API's base, as in `GET /orders/{id}`.",
        ),
        soap::OPERATION_KEY,
        Key::optional(
            "table",
            Value::Reference("table"),
            "",
            "The table that it reads: one row if the parameters of the route are the key, pages of rows otherwise. Without a route, a method of gRPC that answers a single row reads it by the key.",
        ),
        Key::optional("filter", Value::List(&Value::Text), "", "The columns that a list may be filtered by."),
        Key::optional(
            "sort",
            Value::List(&Value::Text),
            "",
            "The columns that a list may be sorted by; the first is the default order.",
        ),
        Key::optional(
            "page_size",
            Value::Integer(1, 10_000),
            "50",
            "The page size unless the caller says otherwise.",
        ),
        Key::optional("max_page_size", Value::Integer(1, 10_000), "500", "The largest page."),
        Key::optional("flow", Value::Reference("flow"), "", "The flow that it sends a message through."),
        Key::optional(
            "call",
            Value::Either(&[Value::Text, Value::Object(&call::SPEC)]),
            "",
            "The operation of another system that it asks: a system and what that offers, as in `crm.getCustomer`; or what the step `call` \
             says, where its input is not made of equal fields of the request.",
        ),
        Key::optional(
            "input",
            Value::Reference("contract"),
            "",
            "What the request follows. With `flow`; with `call`, what the other system takes without it.",
        ),
        Key::optional(
            "output",
            Value::Reference("contract"),
            "",
            "What the reply follows. With `flow`; with `call`, what the other system answers without it.",
        ),
        Key::optional(
            "reply",
            Value::Template,
            "",
            "What a caller gets back, as in a flow; with `call`. The answer as it is without it.",
        ),
        Key::optional(
            "status",
            Value::Integer(200, 299),
            "200",
            "The HTTP status of success; with `flow` or `call`. What another system answers nothing to has 204 without it.",
        ),
        Key::optional("scope", Value::Text, "", "The scope that a caller needs."),
        Key::optional("auth", auth::OPEN, "", "`none`: everybody may call it."),
        Key::optional("limit", Value::Rate, "", "How often it may be called, in all or `per client`."),
        Key::optional(
            "cache",
            Value::Duration,
            "",
            "How long an answer may be served again, unless this project changes what it holds; with `table`, and with `call` where that only reads.",
        ),
        Key::optional(
            "timeout",
            Value::Duration,
            "",
            "The longest wait for it; `server.limits.timeout` without it.",
        ),
    ],
};

/// Keys that say something only beside `table`, and only beside `flow` or `call`.
const OF_TABLES: &[&str] = &["filter", "sort", "page_size", "max_page_size"];
const OF_FLOWS: &[&str] = &["input", "output", "status"];
/// The one that says something only beside `call`.
const OF_CALLS: &[&str] = &["reply"];

/// Reads one operation.
pub(super) fn check(
    name: Name,
    key: &Node,
    node: &Node,
    surroundings: &Surroundings<'_>,
    taken: &mut Taken,
    context: &mut Context<'_>,
) -> Option<Operation> {
    node.entries()?;
    let object = Object::new(node);
    let access = access(&name, key, object, surroundings.is_open, context);
    let route = route(&name, key, object, surroundings, taken, context);
    let kind = kind(&name, key, (node, object), route.as_ref(), surroundings, context);
    let limit = object.text("limit").and_then(|text| scalar::rate(&text));
    let status = object.integer("status").and_then(|status| u16::try_from(status).ok());
    let kind = kind?;
    Some(Operation {
        name,
        doc: object.text("doc"),
        route,
        access: access?,
        status: status.unwrap_or(if asked::answers_nothing(&kind) { 204 } else { 200 }),
        kind,
        limit: limit.map(|(rate, per_client)| RateLimit { rate, per_client }),
        cache: object.duration("cache"),
        timeout: object.duration("timeout").unwrap_or(surroundings.server.limits.timeout),
    })
}

fn access(
    name: &Name,
    key: &Node,
    object: Object<'_>,
    is_open: bool,
    context: &mut Context<'_>,
) -> Option<Access> {
    match (object.get("scope"), object.entry("auth")) {
        (Some(_), Some((auth, _))) => {
            let message = format!("`{name}` has a scope, and `auth: none` says that nobody needs one");
            context
                .problem(Report::new(&BAD_VALUE, message).at(auth.place()).hint("remove `scope` or `auth`"));
            None
        }
        (Some(node), None) => auth::scope(node, context).map(|scope| Access::Scope(scope.into())),
        (None, Some(_)) => Some(Access::Open),
        (None, None) if is_open => Some(Access::Open),
        (None, None) => {
            let report =
                Report::new(&OPEN_OPERATION, format!("the operation `{name}` does not say who may call it"));
            context.problem(
                report.at(key.place()).hint("add `scope: NAME`, or `auth: none` if everybody may call it"),
            );
            None
        }
    }
}

fn route(
    name: &Name,
    key: &Node,
    object: Object<'_>,
    surroundings: &Surroundings<'_>,
    taken: &mut Taken,
    context: &mut Context<'_>,
) -> Option<Route> {
    let exposure = surroundings.exposure;
    let Some((rest, node)) = object.entry("rest") else {
        if exposure.is_only("rest") {
            let report = Report::new(
                &MISSING_KEY,
                format!("the operation `{name}` has no route, and its API is served as REST only"),
            );
            context.problem(report.at(key.place()).hint("add `rest`, for example `rest: GET /orders`"));
        }
        return None;
    };
    if exposure.is_without_rest() {
        let report = Report::new(
            &BAD_VALUE,
            format!("the operation `{name}` has a route, and its API is not served as REST"),
        );
        context.problem(
            report.at(rest.place()).hint("add `rest` to `expose`, for example `expose: { rest: /v1 }`"),
        );
    }
    let route = context.take_at(node, routes::parse(&read::text(node)?))?;
    if let Some(base) = &exposure.rest {
        taken.route(name, base, &route, node);
    }
    Some(route)
}

fn kind(
    name: &Name,
    key: &Node,
    (whole, object): (&Node, Object<'_>),
    route: Option<&Route>,
    surroundings: &Surroundings<'_>,
    context: &mut Context<'_>,
) -> Option<OperationKind> {
    match (object.get("table"), object.get("flow"), object.entry("call")) {
        (Some(node), None, None) => {
            refuse(object, OF_FLOWS, "flow", context);
            refuse(object, OF_CALLS, "call", context);
            let table = surroundings.names.tables.find(node, context)?;
            if object.get("rest").is_some() && route.is_none() {
                return None;
            }
            let method = surroundings.exposure.grpc.as_ref();
            let is_by_key = method.is_some_and(|said| said.reads_one(name));
            table_operation::check(object, table, (route, is_by_key), context)
        }
        (None, Some(node), None) => {
            refuse(object, OF_TABLES, "table", context);
            refuse(object, &["cache"], "table", context);
            refuse(object, OF_CALLS, "call", context);
            send(name, key, node, object, route, surroundings, context)
        }
        (None, None, Some((_, call))) => {
            refuse(object, OF_TABLES, "table", context);
            asked::check(name, (whole, object), call, route, surroundings, context)
        }
        (table, _, Some((call, _))) => {
            let other = if table.is_some() { "reads a table" } else { "sends through a flow" };
            let message = format!("the operation `{name}` {other} and asks another system");
            let hint = match table {
                Some(_) => "make two operations of it",
                None => "remove `call`: a flow has a step for it",
            };
            context.problem(Report::new(&BAD_VALUE, message).at(call.place()).hint(hint));
            None
        }
        (Some(_), Some(flow), None) => {
            let message = format!("the operation `{name}` reads a table and sends through a flow");
            context
                .problem(Report::new(&BAD_VALUE, message).at(flow.place()).hint("make two operations of it"));
            None
        }
        (None, None, None) => {
            let message = format!("the operation `{name}` does nothing: it has no `table`, `flow` or `call`");
            let hint = "add `table: NAME`, `flow: NAME` or `call: SYSTEM.OPERATION`";
            context.problem(Report::new(&MISSING_KEY, message).at(key.place()).hint(hint));
            None
        }
    }
}

/// Problems for keys that say nothing here.
fn refuse(object: Object<'_>, keys: &[&str], of: &str, context: &mut Context<'_>) {
    for (node, _) in keys.iter().filter_map(|key| object.entry(key)) {
        let message =
            format!("`{}` has no effect on an operation without `{of}`", node.as_str().unwrap_or_default());
        context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint("remove it"));
    }
}

fn send(
    name: &Name,
    key: &Node,
    node: &Node,
    object: Object<'_>,
    route: Option<&Route>,
    surroundings: &Surroundings<'_>,
    context: &mut Context<'_>,
) -> Option<OperationKind> {
    for (wanted, what) in [("input", "the contract of the request"), ("output", "the contract of the reply")]
    {
        if object.get(wanted).is_none() {
            let report = Report::new(
                &MISSING_KEY,
                format!("the operation `{name}` sends through a flow and has no `{wanted}`"),
            );
            context.problem(report.at(key.place()).hint(format!("add `{wanted}`: {what}")));
        }
    }
    let flow = surroundings.flows.defined.find(node, context)?;
    if !matches!(flow.input, Input::Request(_)) {
        let message = format!("the flow `{}` has a `from`, so it takes no requests", flow.name);
        context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint("name a flow without `from`"));
        return None;
    }
    // Unknown contracts were reported when the demands on flows were read; those of this operation may differ from the
    // flow's only where that was reported, too.
    let contracts = &surroundings.names.contracts;
    let input = contracts.known(object.get("input")?)?;
    let output = contracts.known(object.get("output")?)?;
    if let (Some(route), Some((_, rest))) = (route, object.entry("rest")) {
        check_route(route, rest, &input, &flow, context);
    }
    Some(OperationKind::Send { flow, input, output })
}

/// Parameters are scalar fields of the input, and a GET neither has a body nor changes anything (RFC 9110, 9.2.1, 9.3.1):
/// what its path does not hold stands in its query.
pub(super) fn check_route(
    route: &Route,
    node: &Node,
    input: &tenon_contracts::Contract,
    flow: &Arc<Flow>,
    context: &mut Context<'_>,
) {
    let Some(record) = input.shape.as_record() else { return };
    let parameters: Vec<&Str> = parameters(route).collect();
    for name in &parameters {
        let problem = match record.field(name) {
            None => format!("`{}` has no field `{name}` for the parameter of the route", input.reference),
            Some((_, field)) if kinds::scalar(&field.shape).is_none() => {
                format!("the parameter `{name}` is {}, which a path cannot hold", field.shape.name())
            }
            Some(_) => continue,
        };
        let held = record.fields().iter().filter(|field| kinds::scalar(&field.shape).is_some());
        let held: Vec<_> = held.map(|field| field.name.as_str()).collect();
        let report = Report::new(&BAD_ROUTE, problem).at(node.place());
        let meant = tenon_errors::nearest::nearest(name, held.iter().copied());
        context.problem(match meant {
            Some(meant) if meant != name.as_str() => report.hint(format!("write `{{{meant}}}`")),
            _ if held.is_empty() => {
                report.hint("remove the parameter: the input has no field that a path can hold")
            }
            _ => report.hint(format!("use a field that a path can hold: `{}`", held.join("`, `"))),
        });
    }
    if route.method != "GET" {
        return;
    }
    if flow.steps.iter().any(|step| step.kind.is_effect()) {
        let (message, hint) = match &flow.stands_for {
            Some(called) => (
                format!("a GET changes nothing, and `{}` acts", called.name),
                "use `POST`; or say under `effects` of the system that the operation is `safe`, if it only reads",
            ),
            None => (
                format!("a GET changes nothing, and the flow `{}` writes or publishes", flow.name),
                "use `POST`",
            ),
        };
        context.problem(Report::new(&BAD_ROUTE, message).at(node.place()).hint(hint));
        return;
    }
    let in_query = route.in_query(&input.shape);
    let is_given = |field: &&Field| {
        parameters.iter().any(|name| **name == field.name)
            || in_query.iter().any(|given| given.name == field.name)
    };
    for field in record.fields().iter().filter(|field| !is_given(field)) {
        let message = format!(
            "a GET has no body, so `{}` of `{}`, which is {}, cannot be sent",
            field.name,
            input.reference,
            field.shape.name()
        );
        match field.required {
            true => context.problem(Report::new(&BAD_ROUTE, message).at(node.place()).hint("use `POST`")),
            false => {
                let report = Report::new(&UNSENT_FIELD, message).at(node.place());
                context.warning(report.hint("use `POST`, or `input` with a contract without it"));
            }
        }
    }
}

/// The names of a route's parameters, in order.
pub(super) fn parameters(route: &Route) -> impl Iterator<Item = &Str> {
    route.segments.iter().filter_map(|segment| match segment {
        Segment::Parameter(name) => Some(name),
        Segment::Literal(_) => None,
    })
}
