//! Work that is handed to another thread together with the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tokio::sync::oneshot;

/// Work whose type of result the thread need not know.
pub(crate) trait Task: Send {
    /// Whether anybody still waits for the answer.
    fn is_wanted(&self) -> bool;

    /// Does the work and keeps the result; returns whether it succeeded.
    fn perform(&mut self, connection: &Connection) -> bool;

    /// Answers with the kept result, or with `failure` where it came to nothing after all.
    fn answer(self: Box<Self>, failure: Option<&Report>);
}

/// Packs up `work`; the receiver gets the answer.
pub(crate) fn task<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, Report> + Send + 'static,
) -> (Box<dyn Task>, oneshot::Receiver<Result<T, Report>>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Pending { work: Some(work), result: None, reply }), answer)
}

/// What the caller is told when the thread went away before it answered.
pub(crate) fn lost() -> Report {
    Report::new(&INTERNAL, "the database's thread ended before it answered")
}

struct Pending<W, T> {
    work: Option<W>,
    result: Option<Result<T, Report>>,
    reply: oneshot::Sender<Result<T, Report>>,
}

impl<W, T> Task for Pending<W, T>
where
    W: FnOnce(&Connection) -> Result<T, Report> + Send,
    T: Send,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn perform(&mut self, connection: &Connection) -> bool {
        if let Some(work) = self.work.take() {
            // A mistake in one piece of work must not end the thread that all others need. Nothing of it is looked at
            // afterwards: its statements are reset as they are dropped, and its changes are undone.
            let result = catch_unwind(AssertUnwindSafe(|| work(connection)));
            self.result = Some(
                result.unwrap_or_else(|_| Err(Report::new(&INTERNAL, "the work for the database panicked"))),
            );
        }
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failure: Option<&Report>) {
        let result = match (self.result, failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure.clone()),
            (Some(Ok(result)), None) => Ok(result),
            (None, None) => Err(lost()),
        };
        // Nobody waits any more when the caller's future was dropped.
        let _ = self.reply.send(result);
    }
}
