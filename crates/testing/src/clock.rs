//! The `clock` fences of a case: the instant at which it starts, and the time that passes.

use std::time::Duration;

use jiff::Timestamp;
use tenon_connectors::memory::ManualClock;
use tenon_model::{Instant, units};

use crate::{
    case::Mismatch,
    document::{Case, Fence, Kind},
};

/// What a `clock` fence says.
enum Says {
    /// It is this instant.
    Now(Timestamp),
    /// This time passes.
    Advance(Duration),
}

fn says(fence: &Fence) -> Result<Says, Mismatch> {
    let text = fence.text.trim();
    let wrong = |message: String| Mismatch::hopeless(fence.line, message);
    match text.strip_prefix("advance") {
        Some(by) => {
            let by = by.trim();
            let hint = "write a whole number and `ms`, `s`, `m`, `h` or `d`, for example `advance 1h`";
            let by = units::duration(by)
                .ok_or_else(|| wrong(format!("`{by}` is not a duration with its unit; {hint}")))?;
            Ok(Says::Advance(by))
        }
        None => {
            let hint = "write one, for example `2026-01-31T12:00:00Z`, or `advance 1h`";
            text.parse().map(Says::Now).map_err(|_| match text.parse::<Instant>() {
                Ok(at) => {
                    wrong(format!("no clock shows {at}: the last instant of one is {}", Timestamp::MAX))
                }
                Err(_) => wrong(format!("`{text}` is not an instant; {hint}")),
            })
        }
    }
}

/// The clock of a case that has `clock` fences. It stands at the first instant that they name, or at the real time.
///
/// # Errors
/// A fence that says neither an instant nor how much time passes.
pub(crate) fn of(case: &Case) -> Result<Option<ManualClock>, Mismatch> {
    let mut start = None;
    let mut clocks = case.fences.iter().filter(|fence| fence.kind == Kind::Clock).peekable();
    if clocks.peek().is_none() {
        return Ok(None);
    }
    for fence in clocks {
        if let Says::Now(at) = says(fence)? {
            start = start.or(Some(at));
        }
    }
    Ok(Some(ManualClock::new(start.unwrap_or_else(Timestamp::now))))
}

/// Lets the time of one fence pass. The first instant was there from the start.
pub(crate) fn take_effect(case: &Case, fence: &Fence, clock: Option<&ManualClock>) -> Result<(), Mismatch> {
    let Some(clock) = clock else { return Ok(()) };
    match says(fence)? {
        Says::Advance(by) => clock.advance(by),
        Says::Now(at) => {
            let mut instants = case.fences.iter().filter(|it| it.kind == Kind::Clock);
            let first = instants.find(|it| matches!(says(it), Ok(Says::Now(_))));
            if first.is_none_or(|first| first.range != fence.range) {
                clock.set(at);
            }
        }
    }
    Ok(())
}
