//! What is remembered of calls that act, so that a message which is processed again does not act again.

use bytes::Bytes;
use jiff::Timestamp;
use tenon_model::Str;

/// Names one call of one message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId {
    /// The message: the id of the dead letter that it is or would be.
    pub message: Str,
    /// Which call of it.
    pub call: Str,
}

/// What is remembered of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// It was begun, and nothing is known of what came of it.
    Begun,
    /// It was begun, nothing is known of what came of it, and a report has said so.
    Doubted,
    /// It was answered with this.
    Answered(Bytes),
}

/// What came of a call that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It has not acted, and may be made again.
    Undone,
    /// It may have acted, and a report says so.
    Doubted,
    /// It has acted, and was answered with this.
    Answered(Bytes),
}

/// Calls that need not be remembered any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallsDone {
    /// Those of this message.
    Of(Str),
    /// Those of messages whose id begins with `prefix` and comes before `before`, but for dead letters.
    Before {
        /// What the ids begin with.
        prefix: Str,
        /// The first one that is not done.
        before: Str,
    },
    /// Those that were noted before this time, of messages whose id begins with `prefix`.
    Older {
        /// What the ids begin with.
        prefix: Str,
        /// The time.
        before: Timestamp,
    },
}
