//! Whose turn it is to change a table: a request with a precondition changes it alone, so that what the precondition was held
//! against stays as it is until the request is done.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use tenon_model::Name;
use tenon_plan::Flow;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The tables that requests change, whatever protocol, path, flow and generation of the plan they come by. Its copies are
/// the same.
#[derive(Debug, Clone, Default)]
pub struct Tables(Arc<Mutex<HashMap<Name, Arc<RwLock<()>>>>>);

/// The turn of one request, until it is dropped.
pub(super) struct Turn {
    _shared: Vec<OwnedRwLockReadGuard<()>>,
    _alone: Option<OwnedRwLockWriteGuard<()>>,
}

impl Tables {
    /// Waits until a request may change the tables that `flow` writes: beside others, and `alone` by itself.
    ///
    /// The whole table is the unit, not the row: a precondition may be about a list, and a flow may write other rows than
    /// the path names. All requests take tables in the order of their names, so none waits for another in a circle.
    pub(super) async fn turn(&self, flow: &Flow, alone: Option<&Name>) -> Turn {
        let written =
            flow.steps.iter().filter_map(|step| step.kind.writes()).map(|table| (&table.name, false));
        let mut wanted: BTreeMap<&Name, bool> = written.collect();
        wanted.extend(alone.map(|table| (table, true)));
        let mut turn = Turn { _shared: Vec::with_capacity(wanted.len()), _alone: None };
        for (table, alone) in wanted {
            let lock = self.of(table);
            if alone {
                turn._alone = Some(lock.write_owned().await);
            } else {
                turn._shared.push(lock.read_owned().await);
            }
        }
        turn
    }

    fn of(&self, table: &Name) -> Arc<RwLock<()>> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tables.get(table) {
            Some(lock) => Arc::clone(lock),
            None => Arc::clone(tables.entry(table.clone()).or_default()),
        }
    }
}
