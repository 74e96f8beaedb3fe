//! What a gRPC service offers: the methods of one service of its `.proto`.

use std::sync::Arc;

use tenon_contracts::{
    format::Operation,
    protobuf::{self, Definitions, GrpcExchanges, Protobuf, definitions::Service},
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        contract::BAD_CONTRACT,
        project::{MISSING_KEY, UNKNOWN_NAME},
    },
};
use tenon_model::{Shape, Str};
use tenon_ports::{
    Descriptor, Key, Spec, SpecValue as Value,
    remote::{Credential, Versions},
};

use super::{
    Callable, Offered, Offering,
    addresses::URL,
    described::document,
    http::no_messages,
    meant,
    spec::{CODES, GUARANTEES},
};
use crate::{check::Context, parse::Object};

/// The kind.
pub(super) const KIND: Callable = Callable {
    descriptor: &Descriptor {
        name: "grpc",
        summary: "A gRPC service whose methods are called.",
        spec: &Spec {
            name: "grpc system",
            doc: "A gRPC service whose methods are called, over HTTP/2: without TLS by prior knowledge.",
            keys: &[
                Key::required(
                    "proto",
                    Value::Path,
                    "Its description in Protobuf, a file of the project. What it imports belongs to the project as well.",
                ),
                Key::optional(
                    "service",
                    Value::Text,
                    "",
                    "The service that is called, by its name. Without it there is only one to choose.",
                ),
                Key::required("url", URL, "Where it is; of several instances, calls are balanced."),
            ],
        },
        guarantees: GUARANTEES,
        codes: CODES,
        example: "stock: { grpc: { proto: systems/stock.proto, url: \"${STOCK_URL:http://127.0.0.1:9000}\" }, timeout: 5s }",
    },
    is_whole: false,
    versions: Versions::Two,
    misplaced,
    read,
};

/// Addresses of gRPC have no query.
fn misplaced(credential: &Credential) -> Option<(&'static str, &'static str)> {
    match credential {
        Credential::Query { .. } => Some((
            "a key in the query is not read by gRPC, whose addresses have none",
            "write the `header` that takes the key",
        )),
        other => no_messages(other),
    }
}

/// Reads what stands under `grpc`.
fn read(offering: &Offering<'_>, context: &mut Context<'_>) -> Option<Offered> {
    let (read, service) = service(offering.object, context)?;
    Some(offered(&read, service))
}

/// The file under `proto`, and the position of the service that `service` names in it.
pub(crate) fn service(object: Object<'_>, context: &mut Context<'_>) -> Option<(protobuf::Read, usize)> {
    let file = object.get("proto")?;
    let hint = "name a `.proto` file, which has a `service`";
    let read = document(file, &Protobuf, hint, protobuf::read, context)?;
    read.schema.notes.iter().cloned().for_each(|note| context.warning(note));
    let chosen = chosen(&read.definitions, file, object, context)?;
    Some((read, chosen))
}

/// The methods of the service at this position that can be called, under their own names.
fn offered(read: &protobuf::Read, service: usize) -> Offered {
    let definitions: &Arc<Definitions> = &read.definitions;
    let before: usize = definitions.services[..service].iter().map(|service| service.methods.len()).sum();
    let (mut operations, mut methods, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (at, method) in definitions.services[service].methods.iter().enumerate() {
        if let Some(report) = protobuf::uncallable(method) {
            left_out.push(report);
            continue;
        }
        let Some(declared) = read.schema.operations.get(before + at) else { continue };
        operations.push(called(declared, &method.name));
        methods.push((service, at));
    }
    let exchanges = Arc::new(GrpcExchanges::of(definitions, methods));
    Offered { operations, exchanges, servers: Vec::new(), left_out }
}

/// A method as it is called: what it streams is read whole.
fn called(declared: &Operation, name: &Str) -> Operation {
    let output = match declared.streams_output {
        true => Shape::list(declared.output.clone()),
        false => declared.output.clone(),
    };
    Operation { name: name.clone(), output, streams_output: false, ..declared.clone() }
}

/// The service that is meant, by its position.
fn chosen(
    definitions: &Definitions,
    file: &Node,
    object: Object<'_>,
    context: &mut Context<'_>,
) -> Option<usize> {
    let services = &definitions.services;
    let names = || services.iter().map(|service| service.name.as_str());
    let Some((_, node)) = object.entry("service") else {
        return match &services[..] {
            [_] => Some(0),
            [] => {
                let report = Report::new(&BAD_CONTRACT, "the description has no service").at(file.place());
                context.problem(report.hint("name the file that has the `service`"));
                None
            }
            [first, ..] => {
                let listed: Vec<_> = names().map(|name| format!("`{name}`")).collect();
                let message = format!("the description has several services: {}", listed.join(", "));
                let report = Report::new(&MISSING_KEY, message).at(file.place());
                context.problem(
                    report.hint(format!("say which one is meant, for example `service: {}`", first.name)),
                );
                None
            }
        };
    };
    let name = node.as_str()?;
    let is_meant = |service: &Service| service.name == name || last(&service.name) == name;
    let found = services.iter().position(is_meant);
    if found.is_none() {
        let report = Report::new(&UNKNOWN_NAME, format!("the description has no service `{name}`"));
        context.problem(report.at(node.place()).hint(meant(name, names())));
    }
    found
}

/// The name without its package.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
