//! Flows: where messages come from, the steps they go through, and what happens when one fails.

use std::{sync::Arc, time::Duration};

use tenon_contracts::{Contract, json::Decoder, validate::Validator};
use tenon_mapping::{Expression, Mapping};
use tenon_model::{Name, Str};
use tenon_ports::{FileFormat, Merge, folder};

use super::{System, Table, Topic};

/// A flow.
///
/// Its expressions share one frame: slot 0 is the message as it came in, and each step that brings a new value (`lookup`,
/// `let`, `map`) has a slot of its own. `variables` names them in order.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: Name,
    /// Flows that have to be drained before this one starts.
    pub after: Vec<Name>,
    /// Where its messages come from.
    pub input: Input,
    /// What its incoming messages follow.
    pub contract: Arc<Contract>,
    /// The names of the slots of its frame.
    pub variables: Vec<Str>,
    /// What each message goes through.
    pub steps: Vec<Step>,
    /// What a caller gets back; only where the input is [`Input::Request`].
    pub reply: Option<FlowReply>,
    /// How transient failures are retried.
    pub retry: Retry,
    /// What happens to a message that failed permanently.
    pub on_failure: OnFailure,
    /// Where its effects go, which decides where its position is kept.
    pub effects: Effects,
    /// Changes whenever the flow, its mappings or its contracts change; dead letters keep it.
    pub fingerprint: Str,
}

/// Where the messages of a flow come from.
#[derive(Debug)]
pub enum Input {
    /// The rows or lines of a file.
    File(FileInput),
    /// A topic, as the consumer group named like the flow.
    Topic(Arc<Topic>),
    /// Requests to the operations that name this flow.
    Request(Arc<Decoder>),
}

/// A file as input.
#[derive(Debug)]
pub struct FileInput {
    /// The place that holds it.
    pub system: Arc<System>,
    /// The path in that place.
    pub path: Str,
    /// How it is read.
    pub format: FileFormat,
}

impl FileInput {
    /// The path as reports and origins name it: relative to the project.
    #[must_use]
    pub fn shown(&self) -> String {
        folder::join(&self.system.location, &self.path)
    }
}

/// What a flow replies to a request.
#[derive(Debug)]
pub struct FlowReply {
    /// Makes it.
    pub mapping: Mapping,
    /// Checks the constraints of its contract that types cannot prove.
    pub validator: Validator,
    /// Reads one that was remembered.
    pub decoder: Decoder,
}

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
}

impl StepKind {
    /// The word that the project uses for this kind.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Lookup(_) => "lookup",
            Self::Let(_) => "let",
            Self::Map { .. } => "map",
            Self::Filter(_) => "filter",
            Self::Publish { .. } => "publish",
            Self::Upsert { .. } => "upsert",
            Self::Aggregate(_) => "aggregate",
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

    /// Whether it changes something outside of the message.
    #[must_use]
    pub fn is_effect(&self) -> bool {
        self.writes().is_some() || self.publishes().is_some()
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
}

/// What a lookup does when there is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The message fails permanently (`F0001`).
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
}

/// How transient failures are retried: exponential backoff with full jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often a message is tried in all, at least 1.
    pub attempts: u32,
    /// The wait after the first failure; it doubles.
    pub backoff: Duration,
    /// The longest wait.
    pub max_backoff: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 8, backoff: Duration::from_millis(200), max_backoff: Duration::from_secs(60) }
    }
}

/// What happens to a message that failed permanently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// It is kept with its original bytes and its report.
    #[default]
    DeadLetter,
    /// The flow stops at it; nothing after it is processed.
    Stop,
}

/// Where a flow's effects go.
#[derive(Debug, Clone)]
pub enum Effects {
    /// All into this one database: effects and position commit in one transaction, so each message counts exactly once.
    Database(Arc<System>),
    /// Elsewhere too: the position follows the effects, so a crash may repeat some; publishing recognises repeats.
    Mixed,
}
