//! The body of an answer: it holds its room, and is owed to the client, until the last byte is handed to the system.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::{budget::Permit, pulse::Pulse};

/// The largest piece that is handed over at once: what a client takes in the time that it has is counted in these.
pub(super) const PIECE: usize = 16 << 10;

/// A complete body that goes out piece by piece.
pub(super) struct Held {
    rest: Bytes,
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

impl Held {
    pub(super) fn new(body: Bytes, room: Option<Permit>, pulse: &Arc<Pulse>) -> Self {
        let rest = if body.is_empty() {
            body
        } else {
            pulse.owe(body.len());
            Bytes::from_owner(Owed { body, pulse: Arc::clone(pulse), _room: room })
        };
        Self { rest, pulse: Arc::clone(pulse) }
    }
}

impl Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece =
            if this.rest.len() <= PIECE { std::mem::take(&mut this.rest) } else { this.rest.split_to(PIECE) };
        this.pulse.hand_over(piece.len());
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
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
        let mut body = Held::new(Bytes::from(vec![7; PIECE + 1]), room, &pulse);
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
}
