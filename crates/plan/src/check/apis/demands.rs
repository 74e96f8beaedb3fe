//! What operations ask of the flows that they send requests through; flows without `from` take their contracts from it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_contracts::Contract;
use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_model::Name;
use tenon_security::jwt::DeclaredClaim;

use super::auth;

use crate::{
    check::{Context, Names},
    parse::{Object, Project, read},
};

/// What operations ask of each flow, by its name.
#[derive(Default)]
pub(crate) struct Demands {
    by_flow: HashMap<String, Demand>,
    uncertain: bool,
}

struct Demand {
    input: Asked,
    output: Asked,
    claims: Vec<DeclaredClaim>,
}

/// A contract that the first operation asks for; `None` inside if it is not known which.
type Asked = Option<(Arc<Contract>, Node)>;

/// Reads `input` and `output` of every operation that names a flow.
pub(crate) fn read(project: &Project, names: &Names, context: &mut Context<'_>) -> Demands {
    let mut demands = Demands::default();
    let flows: HashSet<Name> = project.section("flows").map(|(name, _, _)| name).collect();
    for (_, _, api) in project.section("apis") {
        let claims = auth::declared(Object::new(api));
        for (_, _, node) in Object::new(api).named("operations") {
            let object = Object::new(node);
            let Some(flow) = object.get("flow").and_then(read::text) else {
                demands.uncertain |= object.get("table").is_none() && object.get("call").is_none();
                continue;
            };
            demands.uncertain |= !flows.contains(flow.as_str());
            let mut contract = |key| {
                let node = object.get(key)?;
                Some((names.contracts.find(node, context)?, node.clone()))
            };
            let (input, output) = (contract("input"), contract("output"));
            match demands.by_flow.get_mut(flow.as_str()) {
                None => {
                    let mut demand = Demand { input, output, claims: Vec::new() };
                    join(&mut demand.claims, &claims, &named(&flow), node, context);
                    demands.by_flow.insert(flow.to_string(), demand);
                }
                Some(first) => {
                    compare("sends", &flow, &first.input, input.as_ref(), context);
                    compare("gets", &flow, &first.output, output.as_ref(), context);
                    join(&mut first.claims, &claims, &named(&flow), node, context);
                }
            }
        }
    }
    demands
}

impl Demands {
    /// Whether an operation names the flow.
    pub(crate) fn has(&self, flow: &Name) -> bool {
        self.by_flow.contains_key(flow.as_str())
    }

    /// Whether an operation may be meant to name a flow that none names: it names no flow that there is.
    pub(crate) fn are_uncertain(&self) -> bool {
        self.uncertain
    }

    /// What the requests follow.
    pub(crate) fn input(&self, flow: &Name) -> Option<Arc<Contract>> {
        self.by_flow.get(flow.as_str())?.input.as_ref().map(|(contract, _)| Arc::clone(contract))
    }

    /// The claims that callers of the flow may have.
    pub(crate) fn claims(&self, flow: &Name) -> &[DeclaredClaim] {
        self.by_flow.get(flow.as_str()).map_or(&[], |demand| &demand.claims)
    }

    /// What the replies follow.
    pub(crate) fn output(&self, flow: &Name) -> Option<Arc<Contract>> {
        self.by_flow.get(flow.as_str())?.output.as_ref().map(|(contract, _)| Arc::clone(contract))
    }
}

fn named(flow: &str) -> String {
    format!("the flow `{flow}`")
}

/// Adds the claims of one more API to those that callers of `what` may have.
pub(super) fn join(
    all: &mut Vec<DeclaredClaim>,
    more: &[DeclaredClaim],
    what: &str,
    node: &Node,
    context: &mut Context<'_>,
) {
    for claim in more {
        match all.iter().find(|other| other.name == claim.name) {
            None => all.push(claim.clone()),
            Some(other) if other.kind == claim.kind => {}
            Some(_) => {
                let message = format!(
                    "the claim `{}` is declared with two types by issuers whose callers use {what}",
                    claim.name
                );
                let report = Report::new(&BAD_VALUE, message).at(node.place());
                context.problem(report.hint("declare it with the same `type` everywhere"));
            }
        }
    }
}

fn compare(
    verb: &str,
    flow: &str,
    first: &Asked,
    second: Option<&(Arc<Contract>, Node)>,
    context: &mut Context<'_>,
) {
    let (Some((first, first_node)), Some((second, node))) = (first, second) else { return };
    if first.reference != second.reference {
        let message = format!(
            "this operation {verb} `{}` through the flow `{flow}`, and another one {verb} `{}`",
            second.reference, first.reference
        );
        let report = Report::new(&BAD_VALUE, message)
            .at(node.place())
            .at(first_node.place().labelled("the other one"));
        context.problem(report.hint("use one contract for both, or give each operation a flow of its own"));
    }
}
