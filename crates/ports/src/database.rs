//! Tables in a database: reading by key and by query, and writing in transactions that carry positions.

use std::{borrow::Cow, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_contracts::sql::TableSchema;
use tenon_errors::Report;
use tenon_model::{Str, Value};

use crate::{Commits, Comparison, Followed, Merge, Part, Position};

/// A question to a table. Columns are named as in the schema; unknown ones were refused before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// The order; the key columns are appended so that it is total.
    pub sort: Vec<Sort>,
    /// The sort columns and key of the last row of the page before; rows after it are wanted.
    pub after: Option<Vec<Value>>,
    /// At most this many rows. A page may have fewer though more follow, where rows are large: only [`Page::next`] says
    /// whether it is the last one.
    pub limit: usize,
    /// The page ends with the row that takes it to about this many bytes; without it, where the database ends pages.
    pub bytes: Option<usize>,
}

/// A condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The column.
    pub column: Str,
    /// What must hold.
    pub predicate: Predicate,
}

/// What a [`Filter`] asks of a column.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Predicate {
    Equal(Value),
    NotEqual(Value),
    Less(Value),
    LessOrEqual(Value),
    Greater(Value),
    GreaterOrEqual(Value),
    In(Vec<Value>),
    IsNull(bool),
}

impl Predicate {
    /// How it compares.
    #[must_use]
    pub fn comparison(&self) -> Comparison {
        match self {
            Self::Equal(_) => Comparison::Equal,
            Self::NotEqual(_) => Comparison::NotEqual,
            Self::Less(_) => Comparison::Less,
            Self::LessOrEqual(_) => Comparison::LessOrEqual,
            Self::Greater(_) => Comparison::Greater,
            Self::GreaterOrEqual(_) => Comparison::GreaterOrEqual,
            Self::In(_) => Comparison::In,
            Self::IsNull(_) => Comparison::Null,
        }
    }

    /// What it compares with; for [`Predicate::IsNull`] whether there is to be no value.
    #[must_use]
    pub fn values(&self) -> Cow<'_, [Value]> {
        match self {
            Self::Equal(value)
            | Self::NotEqual(value)
            | Self::Less(value)
            | Self::LessOrEqual(value)
            | Self::Greater(value)
            | Self::GreaterOrEqual(value) => Cow::Borrowed(std::slice::from_ref(value)),
            Self::In(values) => Cow::Borrowed(values),
            Self::IsNull(is_null) => Cow::Owned(vec![Value::Bool(*is_null)]),
        }
    }
}

/// One column of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Str,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Some rows of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The rows, as records of the table's contract; absent fields were null in the database.
    pub rows: Vec<Value>,
    /// What [`Query::after`] has to be for the next page; `None` on the last one.
    pub next: Option<Vec<Value>>,
}

/// One change of one table.
#[derive(Debug, Clone)]
pub enum Change {
    /// Rows are inserted, or replace those of equal key.
    Upsert {
        /// The table.
        table: Str,
        /// Records of its contract.
        rows: Vec<Value>,
    },
    /// Rows are inserted, or merged measure by measure into those of equal key.
    Aggregate {
        /// The table.
        table: Str,
        /// Records of its contract: key fields and measures.
        rows: Vec<Value>,
        /// How each measure merges; fields that are not listed are the key.
        merges: Arc<[(Str, Merge)]>,
    },
    /// Rows of these keys are removed.
    Delete {
        /// The table.
        table: Str,
        /// Key values in the order of the schema's key.
        keys: Vec<Vec<Value>>,
    },
}

/// Changes that happen together or not at all, with the positions that they take their flows to.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// A consumer (flow) and the position up to which its input is part of this transaction.
    pub position: Option<(Str, Position)>,
    /// By what the transaction is recognised when it comes again.
    pub once: Option<Once>,
}

/// By what a transaction is recognised when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Names the transaction in this database for ever.
    pub id: Str,
    /// What time it is.
    pub at: Timestamp,
    /// It does not come again after this time, and can be forgotten.
    pub until: Timestamp,
    /// Ids of transactions that are known not to come again, which are forgotten with this one.
    pub settled: Vec<Str>,
}

/// A database with the tables of a plan.
///
/// # Protocol
/// * `prepare` is called once before anything else: it creates what is missing and refuses (`Y0101`) tables whose
///   columns or key differ from their schema.
/// * `apply` is atomic and durable when it returns. On a transient error nothing was applied and the caller tries again
///   with the same transaction.
/// * A transaction that is to happen once is noted by its name with its changes, and does nothing if it is noted already.
/// * Reads see every transaction that `apply` has returned for.
#[async_trait]
pub trait Database: Send + Sync {
    /// Creates missing tables and checks existing ones.
    async fn prepare(&self, tables: &[Arc<TableSchema>]) -> Result<(), Report>;

    /// The row of each key, in the order asked; the key's values are in the order of the schema's key.
    async fn get(&self, table: &str, keys: Vec<Vec<Value>>) -> Result<Vec<Option<Value>>, Report>;

    /// A page of rows.
    async fn list(&self, table: &str, query: Query) -> Result<Page, Report>;

    /// How many rows there are.
    async fn count(&self, table: &str) -> Result<u64, Report>;

    /// Applies the changes and stores the position, atomically and durably.
    async fn apply(&self, transaction: Transaction) -> Result<(), Report>;

    /// Removes every row of these tables and what is known of `flow` as a consumer, whatever it consumed, atomically and
    /// durably. Consumers are named as their flow, or begin with its name and `@` or a space.
    async fn clear(&self, tables: Vec<Str>, flow: &str) -> Result<(), Report>;

    /// The position that was last stored for `consumer`.
    async fn position(&self, consumer: &str) -> Result<Option<Position>, Report>;

    /// Everybody that a position was stored for.
    async fn consumers(&self) -> Result<Vec<Str>, Report> {
        Ok(Vec::new())
    }

    /// The names of the transactions that are noted because they happen once, in order from above `after` on, at most `limit`.
    async fn noted(&self, after: Option<Str>, limit: usize) -> Result<Vec<Str>, Report> {
        let _ = (after, limit);
        Ok(Vec::new())
    }

    /// Forgets that these transactions have happened: they never come again.
    async fn forget_noted(&self, ids: Vec<Str>) -> Result<(), Report> {
        let _ = ids;
        Ok(())
    }

    /// Keeps with the tables which contracts the rows follow that are written from now on, durably.
    ///
    /// # Errors
    /// What writing it reports.
    async fn follow(&self, followed: Vec<Followed>) -> Result<(), Report> {
        let _ = followed;
        Ok(())
    }

    /// Finishes what is being written and closes everything. Nothing may be asked of it after that. One that is dropped without
    /// this closes by itself, and nobody waits for it.
    async fn close(&self) {}

    /// That it could be opened, and is still in its place: what stands in for one that could not be opened says why. Asked where it
    /// would be used without being touched, so it is cheap.
    ///
    /// # Errors
    /// Why it cannot be used.
    fn is_open(&self) -> Result<(), Report> {
        Ok(())
    }

    /// What the state folder remembers it by, if it is part of one. Takes note that this is the folder named `folder`, and
    /// that the engine's own state has come to `seen` commits, now and whenever it notes how far it is itself, so that an
    /// older copy of that is recognised.
    fn part(&self, folder: &str, seen: &Commits) -> Option<Part> {
        let _ = (folder, seen);
        None
    }
}
