//! The body of a request on its way: a server that still takes it is not late with its answer.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Instant;

/// So many bytes are handed on at once.
const PART: usize = 64 << 10;

/// A body, and when a part of it was last taken.
pub(crate) struct Upload {
    left: Bytes,
    taken: Taken,
}

/// When a part of a body was last taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    start: Instant,
    /// In nanoseconds after the start.
    last: Arc<AtomicU64>,
}

impl Upload {
    /// `body` as a whole, from now.
    pub(crate) fn new(body: Bytes) -> (Self, Taken) {
        let taken = Taken { start: Instant::now(), last: Arc::default() };
        (Self { left: body, taken: taken.clone() }, taken)
    }
}

impl Taken {
    /// When that was; when the request was handed on, until a part of it was taken.
    pub(crate) fn last(&self) -> Instant {
        self.start + Duration::from_nanos(self.last.load(Relaxed))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let passed = u64::try_from(self.taken.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.taken.last.store(passed, Relaxed);
        let length = self.left.len().min(PART);
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
