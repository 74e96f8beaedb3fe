//! Tables in an SQLite file.
//!
//! Writes go through one thread that commits what waits together; reads run beside them on connections of their own.
//! Start reading at [`SqliteDatabase`], then `store` (threads), `table` (statements), `query` (lists).

mod average;
mod change;
pub(crate) mod connection;
mod connector;
mod contract;
pub(crate) mod failure;
mod form;
mod key;
pub(crate) mod ledger;
mod merge;
pub(crate) mod once;
mod order;
pub(crate) mod place;
pub(crate) mod position;
mod query;
mod readers;
mod rebuild;
mod schema;
pub(crate) mod store;
mod table;
mod task;
mod value;
mod writer;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::{Report, catalogue::system::DATABASE_FAILED};
use tenon_model::{Str, Value};
use tenon_ports::{Change, Commits, Database, Followed, Page, Part, Parts, Position, Query, Transaction};

pub use self::connector::SqliteConnector;
use self::{
    ledger::{Missing, Notes, Place},
    store::Store,
    table::Table,
};
use crate::{
    mark,
    parts::{self, Own},
};

/// A database in an SQLite file, by WAL with a sync at every commit.
///
/// Beyond the port's protocol:
/// * Filters: an absent value is equal to nothing; it differs from everything, and is neither less nor greater.
/// * Orders and equality: those of the values, also where they are stored as text; texts by code points, absent values first
///   in ascending order.
/// * A negative zero is stored as zero, to which it is equal: SQLite has one zero.
/// * Aggregates: an absent side counts as nothing in every merge. Fields that are neither key nor measure are written
///   when a row is inserted and then stay.
/// * A table may have more columns than its contract, as long as they need not be filled.
pub struct SqliteDatabase {
    store: Store,
    tables: RwLock<HashMap<Str, Arc<Table>>>,
    /// Opened for looking: what is absent is seen as empty, and nothing is changed.
    observed: bool,
}

impl SqliteDatabase {
    /// Opens the file, creating it and its folder where they are missing.
    ///
    /// # Errors
    /// `E0003` if the folder cannot be made, `Y0106` if the file is no database, `Y0103` if another process locks it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Report> {
        Self::open_among(path.as_ref(), "", &Parts::default())
    }

    /// Opens the file as part of a state folder: under the name `part`, as the folder remembers it.
    ///
    /// # Errors
    /// As [`SqliteDatabase::open`]; `Y0205` and `Y0206` if it does not belong to the rest of the folder.
    pub fn open_among(path: &Path, part: &str, parts: &Parts) -> Result<Self, Report> {
        if !path.exists() {
            parts::fit(parts, part, None, None)?;
        }
        let name = if part.is_empty() { path.to_string_lossy() } else { part.into() };
        let apart = parts.mark_of(part);
        let place = Place { path, name: &name, missing: Missing::Refused, apart: apart.as_deref() };
        let store = Store::open(place, |_| Ok(()))?;
        if let Some(ledger) = store.ledger() {
            let (own, commits) = ledger.own();
            parts::fit(parts, part, Some(own), None)?;
            parts::reaches(parts, part, commits)?;
        }
        Ok(Self::of(store, false))
    }

    /// A database in memory for tests: the same code on one connection, gone when it is dropped.
    ///
    /// # Errors
    /// `Y0103` if SQLite has no memory for it.
    pub fn in_memory() -> Result<Self, Report> {
        Ok(Self::of(Store::in_memory(|_| Ok(()))?, false))
    }

    /// Opens the file to look at it, also while another process uses it. Nothing is created or changed: a file, a table or a
    /// position that is absent is seen as empty, and so are the tables that [`Database::prepare`] makes known.
    ///
    /// # Errors
    /// `Y0106` if the file is no database, `Y0103` if another process locks it.
    pub fn observe(path: impl AsRef<Path>) -> Result<Self, Report> {
        let path = path.as_ref();
        let store = if path.exists() { Store::observe(path)? } else { Store::in_memory(|_| Ok(()))? };
        Ok(Self::of(store, true))
    }

    /// Opens the file to look at it as part of a state folder: under the name `part`, as the folder remembers it. Blocks.
    ///
    /// # Errors
    /// As [`SqliteDatabase::observe`]; `Y0205` if it is missing, or does not belong to the rest of the folder.
    pub(crate) fn observe_among(path: &Path, part: &str, parts: &Parts) -> Result<Self, Report> {
        // Before the file is looked at, since both grow while somebody writes.
        let notes = Notes::read(path, parts.mark_of(part).as_deref())?;
        if !ledger::is_there(path, part, Missing::Refused, notes)? {
            parts::fit(parts, part, None, notes.apart)?;
            return Self::observe(path);
        }
        let found = ledger::look(&connection::inspector(path)?)?;
        notes.admit(part, found, Missing::Refused)?;
        if let Some((identity, commits)) = found {
            let note = notes.beside.unwrap_or_default();
            let own = Own { identity, folder: note.folder, seen: note.seen };
            parts::fit(parts, part, Some(own), None)?;
            parts::reaches(parts, part, commits)?;
        }
        Self::observe(path)
    }

    fn of(store: Store, observed: bool) -> Self {
        Self { store, tables: RwLock::default(), observed }
    }

    /// Reads from a table; `absent` is what one that is not there holds.
    async fn read<T: Send + 'static>(
        &self,
        table: Arc<Table>,
        absent: T,
        work: impl FnOnce(&Table, &rusqlite::Connection) -> Result<T, Report> + Send + 'static,
    ) -> Result<T, Report> {
        let observed = self.observed;
        let work = move |connection: &rusqlite::Connection| {
            if observed && !schema::has_table(connection, &table.schema.name)? {
                return Ok(absent);
            }
            work(&table, connection)
        };
        self.store.read(work).await
    }

    fn table(&self, name: &str) -> Result<Arc<Table>, Report> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.get(name).cloned().ok_or_else(|| {
            Report::new(&DATABASE_FAILED, format!("table `{name}` was not prepared"))
                .hint("prepare the tables of the plan before using them")
        })
    }

    /// The changes with their tables, which are then known to exist.
    fn resolved(&self, changes: Vec<Change>) -> Result<Vec<(Arc<Table>, Change)>, Report> {
        let resolve = |change: Change| {
            let (Change::Upsert { table, .. }
            | Change::Aggregate { table, .. }
            | Change::Delete { table, .. }) = &change;
            Ok((self.table(table)?, change))
        };
        changes.into_iter().map(resolve).collect()
    }
}

#[async_trait]
impl Database for SqliteDatabase {
    async fn prepare(&self, tables: &[Arc<TableSchema>]) -> Result<(), Report> {
        let compiled: Vec<_> = tables
            .iter()
            .map(|schema| Table::new(Arc::clone(schema)).map(Arc::new))
            .collect::<Result<_, _>>()?;
        let schemas = tables.to_vec();
        if !self.observed {
            self.store.write(move |connection| schema::prepare(connection, &schemas)).await?;
        }
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        // Tables of a plan that is still being drained stay usable.
        tables.extend(compiled.into_iter().map(|table| (table.schema.name.clone(), table)));
        Ok(())
    }

    async fn get(&self, table: &str, keys: Vec<Vec<Value>>) -> Result<Vec<Option<Value>>, Report> {
        let table = self.table(table)?;
        if let [_] = keys.as_slice()
            && let Some(rows) = self.store.read_here(|connection| table.get(connection, &keys))
        {
            return rows;
        }
        let absent = vec![None; keys.len()];
        self.read(table, absent, move |table, connection| table.get(connection, &keys)).await
    }

    async fn list(&self, table: &str, query: Query) -> Result<Page, Report> {
        let table = self.table(table)?;
        self.read(table, Page::default(), move |table, connection| query::list(table, connection, &query))
            .await
    }

    async fn count(&self, table: &str) -> Result<u64, Report> {
        let table = self.table(table)?;
        self.read(table, 0, Table::count).await
    }

    async fn apply(&self, transaction: Transaction) -> Result<(), Report> {
        if self.observed {
            return Err(Report::new(&DATABASE_FAILED, "a database that is only looked at is not written"));
        }
        let Transaction { changes, position, once } = transaction;
        let changes = self.resolved(changes)?;
        let work = move |connection: &rusqlite::Connection| {
            if let Some(once) = &once
                && !once::note(connection, once)?
            {
                return Ok(());
            }
            for (at, (table, change)) in changes.iter().enumerate() {
                change::make(table, connection, change).map_err(|report| {
                    let path = format!("/changes/{at}{}", report.data_path().unwrap_or_default());
                    report.path(path)
                })?;
            }
            match &position {
                Some((consumer, position)) => position::store(connection, consumer, *position),
                None => Ok(()),
            }
        };
        self.store.write(work).await
    }

    async fn clear(&self, tables: Vec<Str>, flow: &str) -> Result<(), Report> {
        if self.observed {
            return Err(Report::new(&DATABASE_FAILED, "a database that is only looked at is not written"));
        }
        let tables = tables.iter().map(|name| self.table(name)).collect::<Result<Vec<_>, _>>()?;
        let flow = Str::new(flow);
        let work = move |connection: &rusqlite::Connection| {
            tables.iter().try_for_each(|table| table.clear(connection))?;
            position::forget(connection, &flow)
        };
        self.store.write(work).await
    }

    async fn position(&self, consumer: &str) -> Result<Option<Position>, Report> {
        let consumer = Str::new(consumer);
        let load = if self.observed { position::look } else { position::load };
        self.store.read(move |connection| load(connection, &consumer)).await
    }

    async fn consumers(&self) -> Result<Vec<Str>, Report> {
        self.store.read(position::consumers).await
    }

    async fn noted(&self, after: Option<Str>, limit: usize) -> Result<Vec<Str>, Report> {
        if self.observed {
            return Ok(Vec::new());
        }
        self.store.read(move |connection| once::list(connection, &after.unwrap_or_default(), limit)).await
    }

    async fn forget_noted(&self, ids: Vec<Str>) -> Result<(), Report> {
        self.store.write(move |connection| once::forget(connection, &ids)).await
    }

    fn is_open(&self) -> Result<(), Report> {
        self.store.ledger().map_or(Ok(()), ledger::Ledger::still_there)
    }

    async fn follow(&self, followed: Vec<Followed>) -> Result<(), Report> {
        let known = move |connection: &rusqlite::Connection| {
            let is_new = |it: &Followed| Ok(contract::look(connection, &it.name)?.as_ref() != Some(it));
            followed.into_iter().map(|it| Ok(is_new(&it)?.then_some(it))).collect::<Result<Vec<_>, Report>>()
        };
        let new: Vec<Followed> = self.store.read(known).await?.into_iter().flatten().collect();
        if new.is_empty() || self.observed {
            return Ok(());
        }
        self.store.write(move |connection| contract::store(connection, &new)).await
    }

    async fn close(&self) {
        self.store.close().await;
    }

    fn part(&self, folder: &str, seen: &Commits) -> Option<Part> {
        Some(self.store.ledger()?.join(mark::number(folder), seen))
    }
}
