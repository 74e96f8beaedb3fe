//! What is wrong with a value by the refinement of its shape, as reports.

use tenon_errors::{
    Report,
    catalogue::data::{OUT_OF_BOUNDS, TOO_LARGE},
};
use tenon_model::shape::{Refinement, Step};

use crate::violation::{MAX_DETAILS, Path};

/// What is wrong with the value at `path`, which is written as `json`.
///
/// # Errors
/// `D0103` where that cannot be decided in bounded time.
pub(crate) fn breaches(refinement: &Refinement, json: &str, path: &Path<'_>) -> Result<Vec<Report>, Report> {
    let breaches = refinement.rule().check(json, MAX_DETAILS).map_err(|why| {
        Report::new(&TOO_LARGE, format!("the rules of the contract cannot be checked: {why}"))
            .path(path.pointer())
            .hint("simplify the contract, or send less data at once")
    })?;
    let around = path.pointer();
    let report = |breach: tenon_model::shape::Breach| {
        let mut pointer = around.clone();
        for step in &breach.path {
            pointer.push_str(&match step {
                Step::Name(name) => Path::ROOT.field(name, false).pointer(),
                Step::Index(index) => Path::ROOT.item(*index).pointer(),
            });
        }
        Report::new(&OUT_OF_BOUNDS, format!("the value {}", breach.message)).path(pointer)
    };
    Ok(breaches.into_iter().map(report).collect())
}
