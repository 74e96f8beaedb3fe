//! The parts of the state folder: what the engine's own state remembers of them, and finding out when that was lost.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tenon_connectors::{lock::FolderLock, state::SqliteState};
use tenon_errors::{Report, catalogue::system::STATE_MISMATCH};
use tenon_flows::{Salvaged, World, salvage};
use tenon_model::Str;
use tenon_plan::Plan;
use tenon_ports::{Holder, Part, Parts};
use tokio::sync::Mutex;

use crate::{
    followed,
    measured::{Health, STATE_PART},
    sources,
    systems::part_of,
    unopened::Unopened,
};

/// How often it is remembered how far the parts have come. In between, an older part that is put back after the process was
/// killed is told by the mark that it has apart from itself.
const EVERY: Duration = Duration::from_millis(100);
/// Each so many times it is made durable, and is looked whether effects that failed would succeed.
const SYNCED_EVERY: usize = 50;
/// Each so many times dead letters that are too old are looked for.
const LETTERS_EVERY: usize = 600;

/// The engine's own state as the keeper of the folder.
pub(crate) struct Folder {
    state: Arc<SqliteState>,
    remembered: Mutex<BTreeMap<Str, Part>>,
}

impl Folder {
    /// The folder whose own state this is.
    pub(crate) fn new(state: Arc<SqliteState>) -> Self {
        Self { state, remembered: Mutex::default() }
    }

    /// Closes the engine's own state.
    pub(crate) async fn close(&self) {
        self.state.close().await;
    }

    /// What is remembered of its parts.
    pub(crate) async fn parts(&self) -> Result<Parts, Report> {
        self.state.parts().await
    }

    /// Remembers what the data follows that is stored from now on: here, and with the data. What cannot be opened is not
    /// written, and keeps what it says.
    ///
    /// # Errors
    /// What writing it reports.
    pub(crate) async fn follow(&self, plan: &Plan, world: &World) -> Result<(), Report> {
        let all = followed::of(plan);
        for (name, topic) in &world.topics {
            let own = all.iter().find(|it| it.holder == Holder::Topic && it.name == name.as_str());
            let Some(own) = own else { continue };
            match topic.follow(own.clone()).await {
                // The engine's own state remembers it as well.
                Err(report) if Unopened::concerns_a_part(&report) => {
                    let (code, hint) = (report.code().id, report.advice());
                    tracing::warn!(code, %report, topic = %name, hint, "which contract a topic follows is not noted with it");
                }
                followed => followed?,
            }
        }
        for (system, database) in &world.databases {
            let is_in = |name: &str| plan.tables.get(name).is_some_and(|table| table.system.name == *system);
            let own = all.iter().filter(|it| it.holder == Holder::Table && is_in(&it.name));
            database.follow(own.cloned().collect()).await?;
        }
        self.state.remember_followed(all).await
    }

    /// Remembers how far the open parts have come, and has them take note of how far this state is.
    ///
    /// # Errors
    /// What writing it reports.
    pub(crate) async fn remember(&self, plan: &Plan, world: &World) -> Result<(), Report> {
        self.remember_as(plan, world, true).await
    }

    /// As [`Folder::remember`]; what is not synced survives the end of the process, and not the loss of power.
    async fn remember_as(&self, plan: &Plan, world: &World, synced: bool) -> Result<(), Report> {
        let (folder, seen) = (self.state.part().identity, self.state.commits());
        let topics = world.topics.iter().filter_map(|(name, topic)| {
            Some((Str::from(format!("topics/{name}")), topic.part(&folder, &seen)?))
        });
        let databases = world.databases.iter().filter_map(|(name, database)| {
            Some((part_of(plan.systems.get(name)?), database.part(&folder, &seen)?))
        });
        let found: BTreeMap<Str, Part> = topics.chain(databases).collect();
        let mut remembered = self.remembered.lock().await;
        let changed: Vec<_> = found
            .iter()
            .filter(|(name, part)| remembered.get(*name) != Some(*part))
            .map(|(name, part)| (name.clone(), part.clone()))
            .collect();
        if changed.is_empty() && !remembered.is_empty() {
            return Ok(());
        }
        self.state.remember_parts(changed, synced).await?;
        remembered.extend(found);
        Ok(())
    }
}

/// Finds out how far flows have come when the engine's own state is new though they have run before.
///
/// # Errors
/// `Y0205` if that cannot be found out for some flow.
pub(crate) async fn salvage_positions(plan: &Plan, world: &World, accepted: bool) -> Result<(), Report> {
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for flow in &plan.flows {
        match salvage(flow, world, &sources::factory(flow, world), accepted).await {
            Ok(Salvaged::Nothing) => {}
            Ok(Salvaged::Position) => found.push(flow.name.as_str()),
            Ok(Salvaged::Lost) => lost.push(flow.name.as_str()),
            // The flow says so itself when it starts.
            Err(report) if Unopened::concerns_a_part(&report) => {}
            Err(report) if lost.is_empty() => return Err(report),
            Err(_) => {}
        }
    }
    if !lost.is_empty() {
        let flows = lost.join("`, `");
        let message = format!(
            "`tenon.db` is missing in the state folder: nothing says how far `{flows}` came, and reading again would count twice"
        );
        return Err(Report::new(&STATE_MISMATCH, message).hint(
            "restore the state folder from a copy, or remove the whole folder to start from nothing; `tenon state accept tenon.db` \
             goes on, and does again what cannot be recognised",
        ));
    }
    if !found.is_empty() {
        tracing::warn!(
            code = STATE_MISMATCH.id,
            flows = %found.join(", "),
            "`tenon.db` was missing: these flows go on where the topics and databases say that they were; dead letters and the \
             replies to requests that may be sent again are lost"
        );
    }
    Ok(())
}

/// Remembers from time to time how far the parts have come, looks whether effects that failed would succeed now, and lets go of
/// dead letters that are too old.
pub(crate) async fn keep_remembering(
    folder: Arc<Folder>,
    (health, lock): (Arc<Health>, Arc<FolderLock>),
    current: impl Fn() -> (Arc<Plan>, World),
) {
    for round in 0_usize.. {
        tokio::time::sleep(EVERY).await;
        let synced = round.is_multiple_of(SYNCED_EVERY);
        if synced {
            let (looked, lock) = (Arc::clone(&health), Arc::clone(&lock));
            let _ = tokio::task::spawn_blocking(move || looked.look(&lock)).await;
        }
        let (plan, world) = current();
        let remembered = folder.remember_as(&plan, &world, synced).await;
        if let Err(report) = health.note_failure(STATE_PART, remembered) {
            tracing::debug!(%report, "cannot remember how far the parts of the state have come");
        }
        if round.is_multiple_of(LETTERS_EVERY) {
            for flow in &plan.flows {
                if let Err(report) = tenon_flows::expire_dead_letters(flow, &world).await {
                    tracing::warn!(flow = %flow.name, %report, "old dead letters could not be dropped");
                }
            }
        }
    }
}
