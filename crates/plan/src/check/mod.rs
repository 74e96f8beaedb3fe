//! From objects with places to the checked plan: names resolved, expressions typed, contracts compared.
//!
//! One file per subject. What is wrong is collected; what depends on something wrong is passed over in silence, so that
//! each mistake is reported once, where it was made.

pub(crate) mod apis;
pub(crate) mod context;
pub(crate) mod contracts;
pub(crate) mod expressions;
pub(crate) mod files;
pub(crate) mod flows;
pub(crate) mod kinds;
pub(crate) mod names;
pub(crate) mod remotes;
pub(crate) mod sensitive;
pub(crate) mod server;
pub(crate) mod steps;
pub(crate) mod systems;
pub(crate) mod tables;
pub(crate) mod templates;
pub(crate) mod topics;
pub(crate) mod unused;
pub(crate) mod variables;

pub(crate) use context::Context;
use contracts::Contracts;
use names::Defined;

use crate::{Plan, Remote, System, Table, Topic, parse::Project};

/// What references of a project find.
pub(crate) struct Names {
    pub(crate) systems: Defined<System>,
    pub(crate) remotes: Defined<Remote>,
    pub(crate) contracts: Contracts,
    pub(crate) tables: Defined<Table>,
    pub(crate) topics: Defined<Topic>,
}

/// Checks a project as a whole. The plan is complete only if the context holds no problems.
pub(crate) fn check(project: &Project, context: &mut Context<'_>) -> Option<Plan> {
    let server = server::check(project.server.as_ref(), context);
    let systems = systems::check(project, context);
    let contracts = contracts::check(context);
    let remotes = remotes::check(project, &contracts, context);
    let tables = tables::check(project, &systems, &contracts, context);
    let topics = topics::check(project, &systems, &contracts, context);
    let names = Names { systems, remotes, contracts, tables, topics };
    let demands = apis::demands(project, &names, context);
    let flows = flows::check(project, &names, &demands, context);
    let apis = apis::check(project, &names, &flows, &server, context);
    server::require_apis(project, &server, &apis, context);
    if !context.problems.is_empty() {
        return None;
    }
    // With problems, what seems unused may be used by what could not be read.
    unused::warn(&names, context);
    Some(Plan {
        name: project.name.clone()?,
        version: project.version.clone().unwrap_or(Plan::UNVERSIONED),
        server,
        contracts: names.contracts.into_map(),
        systems: names.systems.into_map(),
        remotes: names.remotes.into_map(),
        tables: names.tables.into_map(),
        topics: names.topics.into_map(),
        flows: flows.ordered,
        apis,
    })
}
