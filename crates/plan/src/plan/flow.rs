//! Flows: where messages come from, and what happens when one fails.

use std::{sync::Arc, time::Duration};

use tenon_contracts::{Contract, Part, Reader, Writer, validate::Validator};
use tenon_mapping::Mapping;
use tenon_model::{Name, Str};
use tenon_ports::{FileFormat, LetterRetention, folder};

use super::{Called, Step, System, Topic};

/// A flow.
///
/// Its expressions share one frame: slot 0 is the message as it came in, and each step that brings a new value (`lookup`,
/// `let`, `map`) has a slot of its own. `variables` names them in order.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: Name,
    /// The operation of another system that it asks, where it is no flow of the project, but what an operation of an API does.
    pub stands_for: Option<Arc<Called>>,
    /// Flows that have to be drained before this one starts.
    pub after: Vec<Name>,
    /// Where its messages come from.
    pub input: Input,
    /// What its incoming messages follow.
    pub contract: Arc<Contract>,
    /// Reads of a message only what the steps read, and holds the rest against the contract; only where the input is
    /// [`Input::Topic`], and no step hands the whole message on.
    pub part: Option<Part>,
    /// The names of the slots of its frame.
    pub variables: Vec<Str>,
    /// The slot of who calls; only where the input is [`Input::Request`].
    pub caller: Option<usize>,
    /// What each message goes through.
    pub steps: Vec<Step>,
    /// What a caller gets back; only where the input is [`Input::Request`].
    pub reply: Option<FlowReply>,
    /// How transient failures are retried.
    pub retry: Retry,
    /// What happens to a message that failed permanently.
    pub on_failure: OnFailure,
    /// How many dead letters it keeps.
    pub dead_letters: LetterRetention,
    /// Where its effects go, which decides where its position is kept.
    pub effects: Effects,
    /// Changes whenever the flow, its mappings or its contracts change; dead letters keep it.
    pub fingerprint: Str,
}

impl Flow {
    /// What it is, for people: the flow of this name, or the operation of an API.
    #[must_use]
    pub fn described(&self) -> String {
        let kind = if self.stands_for.is_some() { "operation" } else { "flow" };
        format!("{kind} `{}`", self.name)
    }
}

/// Where the messages of a flow come from.
#[derive(Debug)]
pub enum Input {
    /// The rows or lines of a file.
    File(FileInput),
    /// A topic, as the consumer group named like the flow.
    Topic(Arc<Topic>),
    /// Requests to the operations that name this flow.
    Request(Arc<Reader>),
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
    /// Writes one that is remembered.
    pub writer: Writer,
    /// Reads one that was remembered, of whatever version of its contract.
    pub reader: Reader,
    /// Whether it is what another system has answered, as it came: what is wrong with it is not for the project to mend.
    pub is_answer: bool,
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
