//! Connectors: the kinds of systems that can be reached, each as data that `check` reads and as code that opens it.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::{Code, Report, Reports};
use tenon_model::Str;
use tenon_monitoring::{Metrics, family::Family};

use crate::{Broker, Clock, Database, FileFormat, Files, Followed, Parts};

/// What a system is used for. Connectors of one role can stand in for each other by another URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Files that flows read.
    Files,
    /// A database with tables.
    Sql,
    /// A broker with topics.
    Broker,
}

impl Role {
    /// The word that a project uses for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Sql => "sql",
            Self::Broker => "broker",
        }
    }
}

/// What a connector is, as data: its reference page and `tenon explain` derive from it.
#[derive(Debug)]
pub struct ConnectorDescriptor {
    /// The scheme of the URLs that choose it; unique.
    pub scheme: &'static str,
    /// What its systems are used for.
    pub role: Role,
    /// How its URL is written, as in `sqlite://FILE`.
    pub url: &'static str,
    /// What it connects to, in one line.
    pub summary: &'static str,
    /// How the parts of its URL are read, its limits, and what an operator should know: Markdown.
    pub page: &'static str,
    /// What it promises, one sentence each: durability, order, duplicates.
    pub guarantees: &'static [&'static str],
    /// The codes that it can report beyond the general ones.
    pub codes: &'static [&'static Code],
    /// The metrics that it emits beyond those of flows.
    pub metrics: &'static [&'static Family],
    /// A system of a project that uses it, as YAML; it is checked by the tests.
    pub example: &'static str,
}

/// What a run gives every connector.
#[derive(Clone)]
pub struct Site {
    /// The project folder.
    pub project: PathBuf,
    /// The folder for everything that a run writes.
    pub state: PathBuf,
    /// What that folder remembers of its parts.
    pub parts: Arc<Parts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where it counts.
    pub metrics: Metrics,
}

/// An open system, by its role.
#[derive(Clone)]
pub enum Opened {
    /// Of [`Role::Files`].
    Files(Arc<dyn Files>),
    /// Of [`Role::Sql`].
    Database(Arc<dyn Database>),
    /// Of [`Role::Broker`].
    Broker(Arc<dyn Broker>),
}

/// A kind of system.
///
/// # Protocol
/// * `location` and `admits` are pure and are called by `check`; what they accept can be opened later.
/// * `open` is called once for each location of a plan and may take locks; the variant of what it returns is that of
///   the role. The system closes when the last part of it is dropped.
/// * `observe` is for looking from outside, also while another process has the same location open: it keeps no locks, it
///   creates and changes nothing, neither then nor when what it returns is used, and what is absent (a folder, a file, a
///   table, a topic, a position) is seen as empty. The caller only reads; `Database::prepare` then only makes tables known.
/// * A transient error of either means that trying again later can help.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What it is.
    fn descriptor(&self) -> &'static ConnectorDescriptor;

    /// The place that `url` names, in the one spelling by which equal places are recognised. For [`Role::Files`] the
    /// URL is the folder.
    ///
    /// # Errors
    /// What cannot be understood, without a place and without repeating a password.
    fn location(&self, url: &str) -> Result<Str, Report>;

    /// Whether a table of this schema can be kept.
    ///
    /// # Errors
    /// What the system has no way to hold, such as a reserved name.
    fn admits(&self, schema: &TableSchema) -> Result<(), Report> {
        let _ = schema;
        Ok(())
    }

    /// What opening `location` with `tables` would meet on this machine, found out without changing anything.
    ///
    /// # Errors
    /// Every problem that would keep it from starting.
    fn inspect(&self, location: &str, site: &Site, tables: &[Arc<TableSchema>]) -> Result<(), Reports> {
        let _ = (location, site, tables);
        Ok(())
    }

    /// The beginning of the text of a file that begins with `head`, for a connector of [`Role::Files`]: decompressed, as
    /// UTF-8, as much as can be told.
    ///
    /// # Errors
    /// Why it is not what `format` says.
    fn preview(&self, head: &[u8], name: &str, format: &FileFormat) -> Result<Vec<u8>, Report> {
        let _ = (name, format);
        Ok(head.to_vec())
    }

    /// Whether a topic or a table of this name holds anything, found out without opening the system; `true` where that
    /// cannot be told.
    fn holds(&self, location: &str, site: &Site, name: &str) -> bool {
        let _ = (location, site, name);
        true
    }

    /// What a topic or a table of this name says itself about the contract that its data follows, found out without opening
    /// the system: this is kept with the data, and so is not lost apart from it. `None` where it says nothing.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn followed(&self, location: &str, site: &Site, name: &str) -> Result<Option<Followed>, Report> {
        let _ = (location, site, name);
        Ok(None)
    }

    /// Opens the system for use.
    async fn open(&self, location: &str, site: &Site) -> Result<Opened, Report>;

    /// Opens the system for looking at it.
    async fn observe(&self, location: &str, site: &Site) -> Result<Opened, Report>;
}

impl fmt::Debug for dyn Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connector({})", self.descriptor().scheme)
    }
}

/// The connector of `role` that `url` chooses: by its scheme, or by its whole text where it has none.
#[must_use]
pub fn choose(
    connectors: &[&'static dyn Connector],
    role: Role,
    url: &str,
) -> Option<&'static dyn Connector> {
    let scheme = url.split_once("://").map_or(url, |(scheme, _)| scheme);
    of_role(connectors, role).find(|it| it.descriptor().scheme == scheme)
}

/// The connectors of `role`, in order.
pub fn of_role<'c>(
    connectors: &'c [&'static dyn Connector],
    role: Role,
) -> impl Iterator<Item = &'static dyn Connector> + 'c {
    connectors.iter().copied().filter(move |it| it.descriptor().role == role)
}
