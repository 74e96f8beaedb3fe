//! SQLite as a kind of system.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::{
    Report, Reports,
    catalogue::{
        project::BAD_NAME,
        system::{
            DATABASE_BUSY, DATABASE_DAMAGED, DATABASE_FAILED, DATABASE_UNUSABLE, ROW_REFUSED, STATE_MISMATCH,
            STATE_TAKEN_AWAY, TABLE_MISMATCH,
        },
    },
};
use tenon_model::Str;
use tenon_ports::{Connector, ConnectorDescriptor, Followed, Opened, Role, Site};

use super::{SqliteDatabase, contract, place, schema};
use crate::blocking;

static DESCRIPTOR: ConnectorDescriptor = ConnectorDescriptor {
    scheme: "sqlite",
    role: Role::Sql,
    url: "sqlite://FILE",
    summary: "An SQLite database in a file of the state folder; SQLite itself is built in.",
    page: "\
`FILE` is relative to the state folder and stays inside it; it is made at the first start. Tables are `STRICT`; decimals,
times and nested values are kept as text without loss. The file is in WAL mode, so other programs can read it at any time.

One thread writes and commits together what waits together; reads run beside it. Decimals keep every digit and compare as numbers, lengths of
time by their length: the collations `decimal`, which the `sqlite3` shell has as well, and `duration`. SQLite has no infinity
and no NaN, so such a double is refused (`D0005`). It has one zero: a negative one (`-0.0`), which is equal to it everywhere, is stored as 0.",
    guarantees: &[
        "A transaction is applied as a whole and is on disk (`synchronous=FULL`) when it is confirmed.",
        "A flow all of whose effects go to one database counts each message exactly once.",
    ],
    codes: &[&TABLE_MISMATCH, &DATABASE_FAILED, &DATABASE_BUSY, &ROW_REFUSED, &DATABASE_UNUSABLE, &DATABASE_DAMAGED, &STATE_MISMATCH, &STATE_TAKEN_AWAY],
    metrics: &[],
    example: "shopdb: { sql: { url: \"${DATABASE_URL:sqlite://shop.db}\" } }",
};

/// SQLite. A location is the path of the file in the state folder.
pub struct SqliteConnector;

#[async_trait]
impl Connector for SqliteConnector {
    fn descriptor(&self) -> &'static ConnectorDescriptor {
        &DESCRIPTOR
    }

    fn location(&self, url: &str) -> Result<Str, Report> {
        place::of(url)
    }

    fn admits(&self, schema: &TableSchema) -> Result<(), Report> {
        let name = &schema.name;
        if !name.to_ascii_lowercase().starts_with("sqlite_") {
            return Ok(());
        }
        Err(Report::new(&BAD_NAME, format!("SQLite keeps names such as `{name}` to itself"))
            .hint("choose a name that does not start with `sqlite_`"))
    }

    fn inspect(&self, location: &str, site: &Site, tables: &[Arc<TableSchema>]) -> Result<(), Reports> {
        schema::inspect(&site.state.join(location), tables)
    }

    fn holds(&self, location: &str, site: &Site, name: &str) -> bool {
        schema::holds_rows(&site.state.join(location), name)
    }

    fn followed(&self, location: &str, site: &Site, name: &str) -> Result<Option<Followed>, Report> {
        contract::look_into(&site.state.join(location), name)
    }

    async fn open(&self, location: &str, site: &Site) -> Result<Opened, Report> {
        let (path, part, parts) = (site.state.join(location), location.to_owned(), Arc::clone(&site.parts));
        let open = move || SqliteDatabase::open_among(&path, &part, &parts);
        Ok(Opened::Database(Arc::new(blocking::run(open).await??)))
    }

    async fn observe(&self, location: &str, site: &Site) -> Result<Opened, Report> {
        let (path, part, parts) = (site.state.join(location), location.to_owned(), Arc::clone(&site.parts));
        let observe = move || SqliteDatabase::observe_among(&path, &part, &parts);
        Ok(Opened::Database(Arc::new(blocking::run(observe).await??)))
    }
}
