//! `apis.NAME.expose.grpc`: the service of a `.proto` by whose methods operations are served.
//!
//! The file is the contract: its numbers and names stay as they are whatever the operations become. Each method is the operation of its
//! name, and what it takes and answers has to hold what the operation does.

mod fit;

use std::sync::Arc;

use tenon_contracts::{
    format::{Operation as Method, Source},
    protobuf::{self, Described, GrpcExchange, Read},
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        expression::TARGET_MISMATCH,
        project::{BAD_VALUE, UNKNOWN_NAME},
    },
    nearest::nearest,
};
use tenon_model::{Kind, Name, Shape, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::routes::Taken;
use crate::{
    GrpcExposure, GrpcMethod, Operation, OperationKind, Route, Segment,
    check::{Context, contracts::InProject, remotes},
    listing::{NEXT_PAGE_TOKEN, ORDER_BY, PAGE_SIZE, PAGE_TOKEN},
    parse::Object,
};

/// `apis.NAME.expose.grpc`.
pub(super) const KEY: Key = Key::optional(
    "grpc",
    Value::Object(&GRPC),
    "",
    "The service by whose methods operations are served as gRPC, each by its name: `get-order` as `GetOrder`.",
);

/// What stands under it.
pub(crate) static GRPC: Spec = Spec {
    name: "gRPC exposure",
    doc: "How an API is served as gRPC.",
    keys: &[
        Key::required("proto", Value::Path, "The file that describes the service, in Protobuf."),
        Key::optional(
            "service",
            Value::Text,
            "",
            "The service, by its name. Without it there is only one to choose.",
        ),
    ],
};

/// What the project says of it, before the operations are known.
pub(super) struct Said<'n> {
    node: &'n Node,
    read: Read,
    service: usize,
    text: Arc<str>,
    files: Arc<[Described]>,
}

impl Said<'_> {
    /// Whether the method that is the operation `name` answers one row: a list has pages.
    pub(super) fn reads_one(&self, name: &Name) -> bool {
        let services = &self.read.definitions.services;
        let before: usize = services[..self.service].iter().map(|it| it.methods.len()).sum();
        let methods =
            services[self.service].methods.iter().zip(self.read.schema.operations.iter().skip(before));
        let mut found = methods.filter(|(method, _)| plain(&method.name) == plain(name));
        found.any(|(_, described)| {
            let has_pages = described.input.field(PAGE_SIZE).or_else(|| described.input.field(PAGE_TOKEN));
            has_pages.or_else(|| described.output.field(NEXT_PAGE_TOKEN)).is_none()
        })
    }
}

/// Reads what stands in `node`.
pub(super) fn said<'n>(node: &'n Node, context: &mut Context<'_>) -> Option<Said<'n>> {
    node.entries()?;
    let object = Object::new(node);
    let (read, service) = remotes::service(object, context)?;
    let path = object.get("proto")?.as_str()?;
    let text = context.text(path)?;
    let described = {
        let files = InProject::new(context.folder);
        protobuf::descriptors(&Source { file: path, text: &text, files: &files })
    };
    let files = context.take_all_at(&node.place(), described)?.into();
    Some(Said { node, read, service, text, files })
}

/// The methods with their operations: those of `api` that hold.
pub(super) fn check(
    said: &Said<'_>,
    (api, operations): (Object<'_>, &[Arc<Operation>]),
    taken: &mut Taken,
    context: &mut Context<'_>,
) -> Option<GrpcExposure> {
    let definitions = &said.read.definitions;
    let service = &definitions.services[said.service];
    let before: usize = definitions.services[..said.service].iter().map(|it| it.methods.len()).sum();
    let mut methods = Some(Vec::new());
    for (at, method) in service.methods.iter().enumerate() {
        let described = said.read.schema.operations.get(before + at)?;
        let found = operation(said, &method.name, described, (api, operations), context);
        let exchange = context.take_at(said.node, GrpcExchange::new(definitions, said.service, at)).flatten();
        let rows = found.map(|operation| {
            occupy(&service.name, &method.name, &operation.name, said.node, taken);
            rows(said, described, operation, context)
        });
        let made = found.zip(exchange).zip(rows.flatten()).map(|((operation, exchange), rows)| GrpcMethod {
            name: method.name.clone(),
            operation: operation.name.clone(),
            exchange: Arc::new(exchange),
            rows,
        });
        methods = methods.zip(made).map(|(mut methods, made)| {
            methods.push(made);
            methods
        });
    }
    let (service, text) = (service.name.clone(), Str::from(&*said.text));
    Some(GrpcExposure { service, text, files: Arc::clone(&said.files), methods: methods? })
}

/// No other route may answer there.
fn occupy(service: &str, method: &str, operation: &Name, node: &Node, taken: &mut Taken) {
    let segments = [service, method].map(|text| Segment::Literal(Str::new(text))).to_vec();
    let path = Str::from(format!("/{service}/{method}"));
    taken.route(operation, "", &Route { method: Str::new_static("POST"), path, segments }, node);
}

/// The operation that a method is.
fn operation<'o>(
    said: &Said<'_>,
    method: &str,
    described: &Method,
    (api, operations): (Object<'_>, &'o [Arc<Operation>]),
    context: &mut Context<'_>,
) -> Option<&'o Arc<Operation>> {
    if described.streams_input || described.streams_output {
        let message = format!("the method `{method}` streams, and operations take and answer one message");
        let report = Report::new(&BAD_VALUE, message).at(said.node.place()).at(described.place.clone());
        context.problem(report.hint("leave `stream` out, or put the method into another service"));
        return None;
    }
    let found = operations.iter().find(|operation| plain(&operation.name) == plain(method));
    // What is wrong with one that does not hold was reported.
    let is_known = api.named("operations").any(|(name, ..)| plain(&name) == plain(method));
    if found.is_none() && !is_known {
        let message = format!("the API has no operation for the method `{method}`");
        let report = Report::new(&UNKNOWN_NAME, message).at(said.node.place()).at(described.place.clone());
        let meant = nearest(method, operations.iter().map(|operation| operation.name.as_str()));
        context.problem(report.hint(match meant {
            Some(meant) => format!("call one of them by the other's name: there is `{meant}`"),
            None => format!("add the operation `{}`, or remove the method", kebab(method)),
        }));
    }
    found
}

/// Letters and digits alone: `get-order` is `GetOrder`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn kebab(method: &str) -> String {
    let mut name = String::new();
    for c in method.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// Whether the messages hold what the operation takes and answers: the field of the reply that has the rows, where it lists some.
#[allow(clippy::option_option, reason = "nothing fits, and there is no such field")]
fn rows(
    said: &Said<'_>,
    described: &Method,
    operation: &Operation,
    context: &mut Context<'_>,
) -> Option<Option<Str>> {
    let mut misfits = Vec::new();
    let rows = match &operation.kind {
        OperationKind::Send { input, output, .. } => {
            fit::takes(&described.input, &input.shape, &mut misfits);
            fit::holds(&output.shape, &described.output, &mut misfits);
            None
        }
        OperationKind::Get { table } => {
            let columns = table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at));
            let key =
                columns.map(|column| tenon_model::Field::required(column.name.clone(), column.shape.clone()));
            fit::takes(&described.input, &Shape::record(key.collect()), &mut misfits);
            fit::holds(&table.contract.shape, &described.output, &mut misfits);
            None
        }
        OperationKind::List { table, filter, .. } => {
            asks_for_a_list(&described.input, filter, &mut misfits);
            let rows = rows_of(&described.output, &mut misfits);
            if let Some((_, row)) = &rows {
                fit::holds(&table.contract.shape, row, &mut misfits);
            }
            rows.map(|(name, _)| name)
        }
    };
    if misfits.is_empty() {
        return Some(rows);
    }
    let message = format!(
        "the messages of `{}` do not hold what `{}` takes and answers",
        described.name, operation.name
    );
    let details = misfits.into_iter().map(|misfit| Report::new(&TARGET_MISMATCH, misfit));
    let report = Report::new(&TARGET_MISMATCH, message).at(said.node.place()).at(described.place.clone());
    context
        .problem(report.with_details(details).hint("change the messages, or the contracts of the operation"));
    None
}

/// Whether a request is one for a list: its fields are what every list may be asked, and columns to filter by.
fn asks_for_a_list(input: &Shape, filter: &[Str], misfits: &mut Vec<String>) {
    let Some(record) = input.as_record() else {
        return misfits.push("the request is not a message".to_owned());
    };
    for field in record.fields().iter().filter(|field| !fit::is_unknown(field)) {
        let kind = &field.shape.resolved().kind;
        let is_own = match field.name.as_str() {
            PAGE_SIZE => matches!(kind, Kind::Int(_)),
            PAGE_TOKEN | ORDER_BY => matches!(kind, Kind::String(_)),
            _ => false,
        };
        let is_filter = filter.contains(&field.name);
        if !is_own && !is_filter {
            misfits.push(format!(
                "the request has `{}`, which is neither `{PAGE_SIZE}`, `{PAGE_TOKEN}` nor `{ORDER_BY}`, nor a column that may be filtered by",
                field.name
            ));
        } else if is_filter && field.default.is_some() {
            misfits.push(format!("`{}` of the request is always there: make it `optional`", field.name));
        }
    }
}

/// The rows of a reply, and what each is.
fn rows_of(output: &Shape, misfits: &mut Vec<String>) -> Option<(Str, Shape)> {
    let record = output.as_record()?;
    let mut rows = None;
    for field in record.fields().iter().filter(|field| !fit::is_unknown(field)) {
        match (&field.shape.resolved().kind, field.name.as_str()) {
            (Kind::List(list), _) if rows.is_none() => rows = Some((field.name.clone(), list.item.clone())),
            (Kind::String(_), NEXT_PAGE_TOKEN) => {}
            (_, name) => misfits.push(format!("the reply has `{name}`, which is not filled")),
        }
    }
    let has_next = record.field(NEXT_PAGE_TOKEN).is_some();
    if rows.is_none() || !has_next {
        misfits.push(format!(
            "the reply needs one `repeated` message with the rows, and the text `{NEXT_PAGE_TOKEN}`"
        ));
    }
    rows
}
