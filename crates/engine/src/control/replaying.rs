//! Replays of dead letters, as they are asked for.

use std::path::Path;

use serde_json::{Value, json};
use tenon_errors::{Report, render};
use tenon_flows::{ReplayOutcome, replay::Newer};
use tenon_model::Str;

use super::{Asked, ask, broken, report};

/// Which letters are replayed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplayRequest {
    /// The dead letters, by id.
    pub(crate) ids: Vec<Str>,
    /// Whether to change nothing.
    pub(crate) dry_run: bool,
    /// What becomes of letters whose keys have moved on.
    pub(crate) newer: Newer,
}

impl ReplayRequest {
    pub(super) fn json(&self) -> Value {
        let ids: Vec<&str> = self.ids.iter().map(Str::as_str).collect();
        json!({ "ids": ids, "dry_run": self.dry_run, "newer": self.newer.word() })
    }

    pub(super) fn of_json(request: &Value) -> Option<Self> {
        let ids = request.get("ids")?.as_array()?.iter().filter_map(Value::as_str).map(Str::new).collect();
        let newer = request.get("newer").and_then(Value::as_str).and_then(Newer::of_word).unwrap_or_default();
        Some(Self { ids, dry_run: request.get("dry_run")?.as_bool()?, newer })
    }
}

/// What became of letters, as it is answered.
pub(crate) fn outcomes(outcomes: &[ReplayOutcome]) -> Value {
    let outcome = |it: &ReplayOutcome| json!({ "id": it.id.as_str(), "failure": it.failure.as_ref().map(render::json) });
    outcomes.iter().map(outcome).collect()
}

/// Asks the running project to replay; `None` if none is running.
///
/// # Errors
/// What the running project reports, or `E0003` if the connection breaks off.
pub(crate) fn replay(state: &Path, request: &ReplayRequest) -> Result<Option<Vec<ReplayOutcome>>, Report> {
    let Some(answer) = ask(state, &Asked::Replay(request.clone()))? else { return Ok(None) };
    let outcomes = answer.as_array().ok_or_else(|| broken(&"the answer is not understood"))?;
    Ok(Some(outcomes.iter().filter_map(outcome).collect()))
}

fn outcome(value: &Value) -> Option<ReplayOutcome> {
    let failure = value.get("failure").filter(|failure| !failure.is_null()).map(report);
    Some(ReplayOutcome { id: value.get("id")?.as_str()?.into(), failure })
}
