//! The traits that the world is reached through, and the description of what implements them.
//!
//! Flows, APIs and the engine know databases, brokers, files, clocks and secrets only by these traits; the crates above
//! implement them. Each trait's comment is the protocol between caller and implementation: order, repetition,
//! cancellation, and what each error makes the caller do.
//!
//! This crate knows no system and no project. Start reading at [`source`] and [`topic`], then [`connector`].

pub mod average;
pub mod changes;
pub mod clock;
pub mod comparison;
pub mod connector;
pub mod database;
pub mod dead_letter;
pub mod descriptor;
pub mod files;
pub mod folder;
pub mod followed;
pub mod input;
pub mod journal;
pub mod merge;
pub mod operation;
pub mod parts;
pub mod remote;
pub mod secrets;
pub mod source;
pub mod spec;
pub mod state;
pub mod topic;

pub use average::Average;
pub use changes::{Changed, Changes};
pub use clock::Clock;
pub use comparison::Comparison;
pub use connector::{Connector, ConnectorDescriptor, Opened, Role, Site};
pub use database::{Change, Database, Filter, Once, Page, Predicate, Query, Sort, Transaction};
pub use dead_letter::{Cause, DeadLetter, DeadLetterQuery, LetGo, LetterRetention, Origin, WhenFull};
pub use descriptor::Descriptor;
pub use files::{
    Compression, CsvFormat, ENCODINGS, FileFormat, Files, OpenedSource, ROW, RowFormat, XmlFormat,
};
pub use folder::Folder;
pub use followed::{Followed, Holder};
pub use journal::{CallId, CallsDone, Noted, Settled};
pub use merge::Merge;
pub use operation::{Call, Effect, IdempotencyKey, Operation, Reply};
pub use parts::{Commits, Part, Parts};
pub use remote::{Asking, Received, Remote, Unanswered};
pub use secrets::Secrets;
pub use source::{Arrival, Batch, Gone, Position, Source};
pub use spec::{Key, Spec, Value as SpecValue};
pub use state::{Checkpoint, Claim, ClaimId, ClaimPlace, Moved, Moves, State};
pub use topic::{Broker, Record, Retention, Topic, TopicStatus};
