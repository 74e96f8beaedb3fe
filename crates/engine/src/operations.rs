//! Operations on tables.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_flows::World;
use tenon_model::Name;
use tenon_plan::Table;
use tenon_ports::{Call, Database, Operation, Reply, operation::Request};

/// Reads a table by key and by query.
pub(crate) struct TableOperation {
    table: Name,
    database: Result<Arc<dyn Database>, Report>,
}

impl TableOperation {
    /// Reads `table` in the database that `world` holds for it.
    pub(crate) fn new(table: &Table, world: &World) -> Self {
        let database = world.databases.get(&table.system.name).cloned().ok_or_else(|| {
            Report::new(&INTERNAL, format!("the database of the table {} is not open", table.name))
        });
        Self { table: table.name.clone(), database }
    }
}

#[async_trait]
impl Operation for TableOperation {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        let database = self.database.as_ref().map_err(Clone::clone)?;
        match call.request {
            Request::Get(keys) => Ok(Reply::Rows(database.get(&self.table, keys).await?)),
            Request::List(query) => Ok(Reply::Page(database.list(&self.table, query).await?)),
            Request::Send(_) => {
                Err(Report::new(&INTERNAL, format!("a message was sent to the table {}", self.table)))
            }
        }
    }
}
