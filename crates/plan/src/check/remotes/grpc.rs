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

use super::{Offered, described::document, meant};
use crate::{check::Context, parse::Object};

/// Reads what stands under `grpc`.
pub(super) fn read(object: Object<'_>, context: &mut Context<'_>) -> Option<Offered> {
    let file = object.get("proto")?;
    let hint = "name a `.proto` file, which has a `service`";
    let read = document(file, &Protobuf, hint, protobuf::read, context)?;
    read.schema.notes.iter().cloned().for_each(|note| context.warning(note));
    let chosen = chosen(&read.definitions, file, object, context)?;
    Some(offered(&read, chosen))
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

/// The service that is called, by its position.
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
                    report.hint(format!("say which one is called, for example `service: {}`", first.name)),
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
