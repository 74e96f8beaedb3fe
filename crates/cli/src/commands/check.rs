//! `tenon check`: prove the project.

use serde_json::json;
use tenon_errors::Reports;

use super::{options, plan};
use crate::{
    args::Project,
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(project: Project, output: &Output) -> Result<Exit, Reports> {
    let options = options(project);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    if output.is_json() {
        output.json(&json!([]));
    } else {
        output.line(format!(
            "{}: {} contracts, {} tables, {} topics, {} flows, {} operations hold",
            plan.name,
            plan.contracts.len(),
            plan.tables.len(),
            plan.topics.len(),
            plan.flows.len(),
            plan.apis.iter().map(|api| api.operations.len()).sum::<usize>(),
        ));
    }
    Ok(SUCCESS)
}
