//! What a system offers, as the project says itself.

use std::sync::Arc;

use tenon_contracts::{
    format::{Exchange, Exchanges, Operation},
    openapi::by_hand,
};
use tenon_document::Node;
use tenon_errors::Reports;
use tenon_model::{Kind, Shape, Str, Value};

use super::Offered;
use crate::{
    check::{Context, apis::routes, contracts::Contracts},
    parse::{Object, read::named},
};

/// Requests that are written in the project.
#[derive(Debug)]
struct Written(Vec<Arc<dyn Exchange>>);

impl Exchanges for Written {
    fn exchange(&self, position: usize) -> Result<Option<Arc<dyn Exchange>>, Reports> {
        Ok(self.0.get(position).cloned())
    }
}

/// Reads `operations`.
pub(super) fn read(node: &Node, contracts: &Contracts, context: &mut Context<'_>) -> Option<Offered> {
    let mut operations = Some(Vec::new());
    let mut exchanges = Vec::new();
    for (name, key, node) in named(node) {
        let read = operation(Str::new(name.as_str()), key, Object::new(node), contracts, context);
        operations = operations.zip(read).map(|(mut operations, (operation, exchange))| {
            operations.push(operation);
            exchanges.push(exchange);
            operations
        });
    }
    let exchanges = Arc::new(Written(exchanges));
    Some(Offered { operations: operations?, exchanges, servers: Vec::new(), left_out: Vec::new() })
}

fn operation(
    name: Str,
    key: &Node,
    object: Object<'_>,
    contracts: &Contracts,
    context: &mut Context<'_>,
) -> Option<(Operation, Arc<dyn Exchange>)> {
    let node = object.get("request")?;
    let route = context.take_at(node, routes::parse(node.as_str()?));
    let shape = |said: Option<&Node>, context: &mut Context<'_>| match said {
        Some(node) => contracts.find(node, context).map(|contract| Some(contract.shape.clone())),
        None => Some(None),
    };
    let input = shape(object.get("input"), context);
    let output = shape(object.get("output"), context);
    let (route, input, output) = (route?, input?, output?);
    let exchange = by_hand(&route.method, &route.path, input.as_ref(), output.as_ref());
    let exchange = context.take_all_at(&node.place(), exchange)?;
    let operation = Operation {
        name,
        address: Str::from(format!("{} {}", route.method, route.path)),
        doc: None,
        deprecated: false,
        input: input.unwrap_or_else(|| Shape::record(Vec::new())),
        output: output.unwrap_or_else(|| Shape::of(Kind::Enum(Arc::from([Value::Null])))),
        errors: Vec::new(),
        streams_input: false,
        streams_output: false,
        place: key.place(),
    };
    Some((operation, exchange))
}
