//! Transactions of requests that a process had no time to have forgotten before it ended.
//!
//! A database is told with later requests which transactions never come again. What the last ones left would stay until its time is
//! over, which is two days.

use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Claim, Database, State};

use crate::World;

/// How many are looked at together.
const PAGE: usize = 1_000;

/// Has every database forget the transactions of requests that nobody carries out any more. Has to be called after
/// [`finish_requests`](super::finish_requests) and before requests are taken. What a database cannot forget now it forgets later,
/// and the log says so.
///
/// # Errors
/// What the state reports.
pub async fn forget_transactions(world: &World) -> Result<(), Report> {
    for (system, database) in &world.databases {
        if database.is_open().is_err() {
            continue;
        }
        match forget(database.as_ref(), world.state.as_ref()).await? {
            Ok(0) => {}
            Ok(forgotten) => {
                tracing::debug!(%system, forgotten, "transactions of earlier requests are forgotten");
            }
            Err(report) => {
                let code = report.code().id;
                tracing::warn!(code, %system, %report, "transactions of earlier requests are kept for now");
            }
        }
    }
    Ok(())
}

/// How many were forgotten, or what the database reports. The newest stays: it says how far an older copy of the database goes.
async fn forget(database: &dyn Database, state: &dyn State) -> Result<Result<u64, Report>, Report> {
    let (mut after, mut forgotten) = (None, 0);
    let mut newest: Option<(u64, Str)> = None;
    loop {
        let noted = match database.noted(after, PAGE).await {
            Ok(noted) => noted,
            Err(report) => return Ok(Err(report)),
        };
        let Some(last) = noted.last() else { return Ok(Ok(forgotten)) };
        after = Some(last.clone());
        // One of another form is of somebody else.
        let mut numbered: Vec<(u64, Str)> = noted
            .into_iter()
            .filter_map(|id| Some((Claim::number_of(&id)?, id)))
            .chain(newest.take())
            .collect();
        let over = state.over(numbered.iter().map(|(number, _)| *number).collect()).await?;
        let last = numbered.iter().enumerate().max_by_key(|(_, (number, _))| *number).map(|(at, _)| at);
        newest = last.map(|at| numbered.swap_remove(at));
        numbered.retain(|(number, _)| over.contains(number));
        let ids: Vec<Str> = numbered.into_iter().map(|(_, id)| id).collect();
        if ids.is_empty() {
            continue;
        }
        forgotten += ids.len() as u64;
        if let Err(report) = database.forget_noted(ids).await {
            return Ok(Err(report));
        }
    }
}
