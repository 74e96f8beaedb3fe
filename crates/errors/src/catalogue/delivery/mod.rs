//! Codes about flows: steps that fail on a message, retries, dead letters, replay.

mod counting;
mod letters;
mod messages;
mod rejected;
mod requests;

use crate::Code;

pub use self::counting::{AVERAGE_CHANGED, CANNOT_REBUILD, NEW_TO_FLOW, WOULD_COUNT_AGAIN};
pub use self::letters::{DEAD_LETTER_NOT_FOUND, DEAD_LETTERS_FULL, LETTER_CLIPPED, MOVED_ON, REPLAY_FAILED};
pub use self::messages::{
    FILTERED, LOOKUP_MISSED, MESSAGES_GONE, MESSAGES_LOST, RETRIES_EXHAUSTED, ROW_WENT_ON,
};
pub use self::rejected::{
    REJECTED, REJECTED_CONFLICT, REJECTED_DENIED, REJECTED_INVALID, REJECTED_NOT_FOUND,
};
pub use self::requests::{
    BAD_REPLY, KEY_REUSED, REPLY_UNREADABLE, REQUEST_IN_HAND, REQUEST_UNFINISHED, REQUESTS_UNFINISHED,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &LOOKUP_MISSED,
    &RETRIES_EXHAUSTED,
    &DEAD_LETTER_NOT_FOUND,
    &REPLAY_FAILED,
    &FILTERED,
    &MESSAGES_GONE,
    &LETTER_CLIPPED,
    &BAD_REPLY,
    &REQUEST_IN_HAND,
    &KEY_REUSED,
    &MESSAGES_LOST,
    &WOULD_COUNT_AGAIN,
    &CANNOT_REBUILD,
    &MOVED_ON,
    &DEAD_LETTERS_FULL,
    &AVERAGE_CHANGED,
    &NEW_TO_FLOW,
    &ROW_WENT_ON,
    &REQUEST_UNFINISHED,
    &REQUESTS_UNFINISHED,
    &REPLY_UNREADABLE,
    &REJECTED,
    &REJECTED_INVALID,
    &REJECTED_NOT_FOUND,
    &REJECTED_CONFLICT,
    &REJECTED_DENIED,
];
