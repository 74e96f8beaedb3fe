//! `tenon check`: prove the project.

use serde_json::json;
use tenon_engine::Options;
use tenon_errors::{Reports, Sources, counted};

use super::{Failed, options, plan, runtime};
use crate::{
    args::Project,
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(project: Project, output: &Output) -> Result<Exit, Reports> {
    let options = Options { only_looks: true, ..options(project) };
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let findings = runtime()?.block_on(tenon_engine::reading::check(&plan, &options));
    if !output.is_json() {
        let sources = Sources::new();
        findings.warnings.iter().for_each(|warning| output.warning(warning, &sources));
    }
    if !findings.problems.is_empty() {
        let reports = findings.problems.into_iter().collect();
        return Ok(Failed { reports, sources: Box::default() }.show(output));
    }
    if output.is_json() {
        output.json(&json!([]));
    } else {
        let operations: usize = plan.apis.iter().map(|api| api.operations.len()).sum();
        let parts = [
            counted(plan.contracts.len(), "contract"),
            counted(plan.tables.len(), "table"),
            counted(plan.topics.len(), "topic"),
            counted(plan.flows.len(), "flow"),
            counted(operations, "operation"),
        ];
        output.line(format!("{}: ok ({})", plan.name, parts.join(", ")));
    }
    Ok(SUCCESS)
}
