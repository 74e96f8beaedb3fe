//! Operations on tables.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Name;
use tenon_ports::{Call, Database, Operation, Reply, operation::Request};

/// Reads a table by key and by query.
pub(crate) struct TableOperation {
    /// The table's name in the database.
    pub(crate) table: Name,
    /// The database.
    pub(crate) database: Arc<dyn Database>,
}

#[async_trait]
impl Operation for TableOperation {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        match call.request {
            Request::Get(keys) => Ok(Reply::Rows(self.database.get(&self.table, keys).await?)),
            Request::List(query) => Ok(Reply::Page(self.database.list(&self.table, query).await?)),
            Request::Send(_) => {
                Err(Report::new(&INTERNAL, format!("a message was sent to the table {}", self.table)))
            }
        }
    }
}
