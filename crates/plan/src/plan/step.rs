//! The steps of a flow: what each message goes through.

use std::sync::Arc;

use tenon_contracts::{
    Contract,
    format::{Effect, Refusal},
    validate::Validator,
};
use tenon_errors::Code;
use tenon_mapping::{Expression, Mapping};
use tenon_model::Str;
use tenon_ports::Merge;

use super::{Called, Table, Topic};

/// One step of a flow.
#[derive(Debug)]
pub struct Step {
    /// Position and kind, as in `2:lookup`; the label of metrics and dead letters.
    pub label: Str,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Debug)]
pub enum StepKind {
    /// Adds the row of a table to the frame (content enricher).
    Lookup(Lookup),
    /// Adds the answer of another system to the frame (content enricher, request-reply).
    Call(Box<Call>),
    /// Adds the values of expressions to the frame: slot and expression, in order.
    Let(Vec<(usize, Expression)>),
    /// Makes a message of another contract (message translator).
    Map {
        /// The template.
        mapping: Mapping,
        /// What the result follows.
        contract: Arc<Contract>,
        /// Checks the constraints that types cannot prove.
        validator: Validator,
        /// Where the result goes; it is the current message from here on.
        slot: usize,
    },
    /// Lets only messages pass for which this is true (message filter).
    Filter(Expression),
    /// Fails messages that a rule of the project does not accept.
    Reject(Reject),
    /// Takes the steps that follow once for each item of a list (splitter).
    Each {
        /// The list.
        list: Expression,
        /// Where the item goes.
        slot: usize,
    },
    /// Publishes the message in `slot` to a topic.
    Publish {
        /// The topic.
        topic: Arc<Topic>,
        /// The slot of the message.
        slot: usize,
    },
    /// Writes the message in `slot` as a row.
    Upsert {
        /// The table.
        table: Arc<Table>,
        /// The slot of the message.
        slot: usize,
    },
    /// Merges measures into a row (aggregator).
    Aggregate(Aggregate),
    /// Removes the row of a key.
    Delete(Delete),
    /// Writes a line to the log.
    Log(Log),
}

impl StepKind {
    /// The word that the project uses for this kind.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Lookup(_) => "lookup",
            Self::Call(_) => "call",
            Self::Let(_) => "let",
            Self::Map { .. } => "map",
            Self::Filter(_) => "filter",
            Self::Reject(_) => "reject",
            Self::Each { .. } => "each",
            Self::Publish { .. } => "publish",
            Self::Upsert { .. } => "upsert",
            Self::Aggregate(_) => "aggregate",
            Self::Delete(_) => "delete",
            Self::Log(_) => "log",
        }
    }

    /// The table that it reads.
    #[must_use]
    pub fn reads(&self) -> Option<&Arc<Table>> {
        match self {
            Self::Lookup(lookup) => Some(&lookup.table),
            _ => None,
        }
    }

    /// The table that it writes.
    #[must_use]
    pub fn writes(&self) -> Option<&Arc<Table>> {
        match self {
            Self::Upsert { table, .. } => Some(table),
            Self::Aggregate(aggregate) => Some(&aggregate.table),
            Self::Delete(delete) => Some(&delete.table),
            _ => None,
        }
    }

    /// The topic that it publishes to.
    #[must_use]
    pub fn publishes(&self) -> Option<&Arc<Topic>> {
        match self {
            Self::Publish { topic, .. } => Some(topic),
            _ => None,
        }
    }

    /// The operation of another system that it calls.
    #[must_use]
    pub fn calls(&self) -> Option<&Arc<Called>> {
        match self {
            Self::Call(call) => Some(&call.called),
            _ => None,
        }
    }

    /// Whether it changes something outside of the message.
    #[must_use]
    pub fn is_effect(&self) -> bool {
        let acts = self.calls().is_some_and(|called| called.effect != Effect::Safe);
        acts || self.writes().is_some() || self.publishes().is_some() || matches!(self, Self::Log(_))
    }
}

/// Looks up a row by key.
#[derive(Debug)]
pub struct Lookup {
    /// The table.
    pub table: Arc<Table>,
    /// One expression per key column, in the order of the table's key. A key with an absent part finds nothing.
    pub key: Vec<Expression>,
    /// Where the row goes.
    pub slot: usize,
    /// What happens when there is no such row.
    pub missing: Missing,
    /// The code of the report about it, which says what kind of refusal it is.
    pub code: &'static Code,
}

/// Asks another system for something.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub called: Arc<Called>,
    /// Makes the input.
    pub mapping: Mapping,
    /// Checks the constraints of the input that types cannot prove.
    pub validator: Validator,
    /// Where the answer goes.
    pub slot: Option<usize>,
    /// Where what is known of a refusal goes: a record of `name`, `detail` and `value`, or null.
    pub failure: Option<usize>,
    /// What happens where the system refuses, by what it says.
    pub failures: Vec<(Str, OnRefusal)>,
}

impl Call {
    /// What happens where the system refuses so: the rule for the closest of its names.
    #[must_use]
    pub fn rule(&self, refusal: &Refusal) -> Option<&OnRefusal> {
        let of = |said: &str| self.failures.iter().find(|(known, _)| known == said).map(|(_, rule)| rule);
        refusal.names().find_map(of)
    }
}

/// What happens where a system refuses what it is asked.
#[derive(Debug)]
pub enum OnRefusal {
    /// The message is tried again.
    Retry,
    /// The answer is null.
    Nothing,
    /// The message is rejected.
    Reject {
        /// The code of the report, which says what kind of refusal it is.
        code: &'static Code,
        /// What is said; what the system says without it.
        message: Option<Expression>,
    },
}

/// What a lookup does when there is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The message fails permanently.
    Reject,
    /// The variable is null.
    None,
    /// The message is retried: the row may still come.
    Retry,
}

/// Merges measures into a row by key.
#[derive(Debug)]
pub struct Aggregate {
    /// The table.
    pub table: Arc<Table>,
    /// Makes the row: key fields and measures.
    pub row: Mapping,
    /// How each measure merges.
    pub merges: Arc<[(Str, Merge)]>,
    /// Each measure as the project says it, by the name of its field: `count: true`.
    pub said: Arc<[(Str, Str)]>,
}

/// Fails a message by a rule of the project, with words of its own.
#[derive(Debug)]
pub struct Reject {
    /// The rule: the message is rejected where this is true.
    pub when: Expression,
    /// What callers and dead letters are told.
    pub message: Expression,
    /// The code of the report, which says what kind of refusal it is.
    pub code: &'static Code,
}

/// Removes the row of a key.
#[derive(Debug)]
pub struct Delete {
    /// The table.
    pub table: Arc<Table>,
    /// One expression per key column, in the order of the table's key.
    pub key: Vec<Expression>,
}

/// Writes a line to the log.
#[derive(Debug)]
pub struct Log {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: Expression,
    /// Values beside it, by name: none is called like a member of [`Log::OWN`].
    pub fields: Vec<(Str, Expression)>,
}

impl Log {
    /// What every line of a structured log has itself, so that no field can be called so.
    pub const OWN: &[&str] =
        &["timestamp", "level", "target", "message", "flow", "step", "origin", "trace_id"];
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of every log")]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}
