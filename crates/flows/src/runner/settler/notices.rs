//! A line in the log for each message that becomes a dead letter, as many as can be read.

use jiff::{SignedDuration, Timestamp};
use tenon_errors::Report;
use tenon_model::TraceContext;
use tenon_ports::{DeadLetter, LetGo};

/// The most lines of one flow in a second. What is beyond is counted, in the log and in `tenon_dead_letters_total`.
const MOST: u32 = 10;
/// How many reasons of one letter are told.
const REASONS: usize = 3;
const WINDOW: SignedDuration = SignedDuration::from_secs(1);

/// Writes the lines of one flow.
#[derive(Debug, Default)]
pub(super) struct Notices {
    since: Option<Timestamp>,
    written: u32,
    suppressed: u64,
    dropped_since: Option<Timestamp>,
    dropped: LetGo,
}

impl Notices {
    /// These dead letters were recorded at `now`, for these reasons in the same order.
    pub(super) fn tell(&mut self, letters: &[DeadLetter], reports: &[&Report], now: Timestamp) {
        let Some(first) = letters.first() else { return };
        let suppressed = self.opens(now);
        tell_suppressed(&first.flow, suppressed);
        for (letter, report) in letters.iter().zip(reports).take(self.admits(letters.len())) {
            let trace = letter.headers.get("traceparent").and_then(TraceContext::parse);
            tracing::warn!(
                flow = %letter.flow,
                code = %letter.code,
                dead_letter = %letter.id,
                step = %letter.step,
                origin = %letter.origin,
                trace_id = trace.map(|trace| format!("{:032x}", trace.trace_id)),
                hint = report.advice(),
                "a message became a dead letter: {}",
                told(report)
            );
        }
    }

    /// These dead letters of the flow `name` were let go at `now`; a line is written once in a second.
    pub(super) fn tell_dropped(&mut self, name: &str, gone: LetGo, now: Timestamp) {
        self.dropped.absorb(gone);
        if self.dropped_since.is_none_or(|since| now.duration_since(since).abs() >= WINDOW) {
            self.dropped_since = Some(now);
            tell_dropped(name, &std::mem::take(&mut self.dropped));
        }
    }

    /// The flow `name` has ended.
    pub(super) fn end(&mut self, name: &str) {
        tell_dropped(name, &std::mem::take(&mut self.dropped));
        tell_suppressed(name, std::mem::take(&mut self.suppressed));
    }

    /// Begins a new second if the last one is over; returns how many lines that one went without.
    fn opens(&mut self, now: Timestamp) -> u64 {
        if self.since.is_some_and(|since| now.duration_since(since).abs() < WINDOW) {
            return 0;
        }
        (self.since, self.written) = (Some(now), 0);
        std::mem::take(&mut self.suppressed)
    }

    /// How many of so many lines are written in this second.
    fn admits(&mut self, lines: usize) -> usize {
        let admitted = usize::try_from(MOST - self.written).unwrap_or(0).min(lines);
        self.written += u32::try_from(admitted).unwrap_or(MOST);
        self.suppressed += (lines - admitted) as u64;
        admitted
    }
}

/// Why a letter failed, with the first reasons and where in the data they are. Reports hold nothing that contracts call
/// sensitive.
fn told(report: &Report) -> String {
    let mut text = report.message().to_owned() + &at(report);
    let details = report.details();
    for detail in details.iter().take(REASONS) {
        text += &format!("; {}{}", detail.message(), at(detail));
    }
    if details.len() > REASONS {
        text += &format!("; and {} more", details.len() - REASONS);
    }
    text
}

fn at(report: &Report) -> String {
    report.part().map(|path| format!(" (at {path})")).unwrap_or_default()
}

/// Writes the line about dead letters of a flow that were let go.
pub(crate) fn tell_dropped(flow: &str, gone: &LetGo) {
    if gone.count > 0 {
        let (dropped, ids) = (gone.count, gone.to_string());
        tracing::warn!(%flow, dropped, %ids, "the oldest dead letters are dropped, as `dead_letters` of the flow says");
    }
}

fn tell_suppressed(flow: &str, suppressed: u64) {
    if suppressed > 0 {
        tracing::warn!(%flow, suppressed, "more messages became dead letters; see `tenon dead list`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_lines_are_written_in_a_second_and_the_others_counted() {
        let mut notices = Notices::default();
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        assert_eq!((notices.opens(at(0)), notices.admits(3)), (0, 3));
        assert_eq!((notices.opens(at(900)), notices.admits(30)), (0, 7));
        assert_eq!((notices.opens(at(999)), notices.admits(5)), (0, 0));
        assert_eq!((notices.opens(at(1_000)), notices.admits(1)), (28, 1));
        assert_eq!((notices.opens(at(9_000)), notices.suppressed), (0, 0));
    }
}
