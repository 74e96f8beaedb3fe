//! The body of an answer: it holds its room, and is owed to the client, until the last byte is handed to the system.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use http::{Extensions, HeaderMap};
use hyper::body::{Body, Frame, SizeHint};

use super::{budget::Permit, pulse::Pulse};

/// The largest piece that is handed over at once: what a client takes in the time that it has is counted in these.
pub(super) const PIECE: usize = 16 << 10;

/// Fields that follow the body of an answer (RFC 9110, section 6.5): one of the extensions of the answer.
#[derive(Clone)]
pub(crate) struct Trailers(pub(crate) HeaderMap);

/// What is answered bit by bit after the body of an answer, which is complete otherwise: one of the extensions of the answer. It ends by
/// itself, and is bounded by whoever makes it.
#[derive(Clone)]
pub(crate) struct Streamed(Arc<Mutex<Option<BoxStream<'static, Bytes>>>>);

impl Streamed {
    pub(crate) fn new(stream: BoxStream<'static, Bytes>) -> Self {
        Self(Arc::new(Mutex::new(Some(stream))))
    }
}

/// What follows the body of an answer.
#[derive(Default)]
pub(super) struct After {
    stream: Option<BoxStream<'static, Bytes>>,
    trailers: Option<HeaderMap>,
}

impl After {
    pub(super) fn of(extensions: &mut Extensions) -> Self {
        let streamed: Option<Streamed> = extensions.remove();
        let trailers: Option<Trailers> = extensions.remove();
        let stream = streamed.and_then(|it| it.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        Self { stream, trailers: trailers.map(|it| it.0) }
    }
}

/// A body that goes out piece by piece, and what follows it.
pub(super) struct Held {
    rest: Bytes,
    after: After,
    pulse: Arc<Pulse>,
}

/// The bytes of a body, with what has to live as long as the last of them.
struct Owed {
    body: Bytes,
    pulse: Arc<Pulse>,
    _room: Option<Permit>,
}

impl AsRef<[u8]> for Owed {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        self.pulse.settle(self.body.len());
    }
}

fn owed(body: Bytes, room: Option<Permit>, pulse: &Arc<Pulse>) -> Bytes {
    if body.is_empty() {
        return body;
    }
    pulse.owe(body.len());
    Bytes::from_owner(Owed { body, pulse: Arc::clone(pulse), _room: room })
}

impl Held {
    pub(super) fn new(body: Bytes, after: After, room: Option<Permit>, pulse: &Arc<Pulse>) -> Self {
        Self { rest: owed(body, room, pulse), after, pulse: Arc::clone(pulse) }
    }
}

impl Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        while let (true, Some(stream)) = (this.rest.is_empty(), &mut this.after.stream) {
            match ready!(stream.poll_next_unpin(context)) {
                Some(more) => this.rest = owed(more, None, &this.pulse),
                None => this.after.stream = None,
            }
        }
        if this.rest.is_empty() {
            return Poll::Ready(this.after.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
        }
        let piece =
            if this.rest.len() <= PIECE { std::mem::take(&mut this.rest) } else { this.rest.split_to(PIECE) };
        this.pulse.hand_over(piece.len());
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.after.stream.is_none() && self.after.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.after.stream {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(self.rest.len() as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::http::budget::{Account, Budget, Purpose};

    #[tokio::test]
    async fn the_room_of_a_body_is_held_until_its_last_piece_is_gone() {
        let budget = Budget::new(8 << 20, 1);
        let account = Account::new(&budget, [127, 0, 0, 1].into());
        let room = account.try_take(Purpose::Answer, 1 << 20);
        let pulse = Arc::new(Pulse::default());
        let mut body = Held::new(Bytes::from(vec![7; PIECE + 1]), After::default(), room, &pulse);
        assert_eq!(body.size_hint().exact(), Some(PIECE as u64 + 1));
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        let last = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(body.is_end_stream() && body.frame().await.is_none());
        assert_eq!((first.len(), last.len()), (PIECE, 1));
        drop((body, first));
        assert!(account.try_take(Purpose::Answer, 1 << 20).is_none() && !pulse.at_rest());
        drop(last);
        assert!(account.try_take(Purpose::Answer, 1 << 20).is_some() && pulse.at_rest());
    }

    #[tokio::test]
    async fn fields_follow_the_last_piece() {
        let pulse = Arc::new(Pulse::default());
        let trailers = HeaderMap::from_iter([(http::header::AGE, http::HeaderValue::from(7))]);
        let stream =
            || futures_util::stream::iter([Bytes::from_static(b"a"), Bytes::new(), Bytes::from_static(b"b")]);
        for (length, is_streamed) in [(0, false), (1, false), (0, true), (1, true)] {
            let mut extensions = Extensions::new();
            extensions.insert(Trailers(trailers.clone()));
            if is_streamed {
                extensions.insert(Streamed::new(stream().boxed()));
            }
            let mut body = Held::new(Bytes::from(vec![7; length]), After::of(&mut extensions), None, &pulse);
            assert_eq!(body.size_hint().exact().is_none(), is_streamed);
            let length = length + if is_streamed { 2 } else { 0 };
            for _ in 0..length {
                assert!(!body.is_end_stream() && body.frame().await.unwrap().unwrap().is_data());
            }
            assert!(!body.is_end_stream());
            assert_eq!(body.frame().await.unwrap().unwrap().into_trailers().unwrap(), trailers);
            assert!(body.is_end_stream() && body.frame().await.is_none());
        }
    }
}
