//! The byte stream of a connection: what was read to tell the protocol apart comes again, and what moves is noted.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::{budget::Account, follow::Follower, frames::Frames, pulse::Pulse};

/// A head that gets longer than this takes room like a body: connections without a request come to many.
const SHORT_HEAD: usize = 8 << 10;

/// What HTTP/2 starts with when no TLS has negotiated it (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which HTTP a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// What heads are told from the rest by.
enum Heads {
    /// Over HTTP/1, bytes while no request is in hand belong to the next head.
    WithoutRequest(Follower),
    Frames(Frames),
}

/// A byte stream with its [`Pulse`].
pub(super) struct Wire<I> {
    inner: I,
    /// What was read before and not handed out yet.
    read_ahead: Bytes,
    pulse: Arc<Pulse>,
    account: Arc<Account>,
    /// The longest head, and how one is told from the rest.
    heads: Option<(usize, Heads)>,
    /// How many outputs of answers are among what has gone out, and whether all of it has.
    outputs: u64,
    backlog: bool,
    /// What the parser wrote by itself instead of an answer, which is left out.
    refusal: Option<Bytes>,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Wire<I> {
    pub(super) fn new(inner: I, pulse: &Arc<Pulse>, account: &Arc<Account>) -> Self {
        Self {
            inner,
            read_ahead: Bytes::new(),
            pulse: Arc::clone(pulse),
            account: Arc::clone(account),
            heads: None,
            outputs: 0,
            backlog: false,
            refusal: None,
        }
    }

    /// From now on looks at heads, which get no longer than this.
    pub(super) fn expect_heads(&mut self, protocol: Protocol, longest: usize) {
        let heads = match protocol {
            Protocol::Http1 => Heads::WithoutRequest(Follower::new()),
            Protocol::Http2 => Heads::Frames(Frames::new()),
        };
        self.heads = Some((longest, heads));
    }

    /// Reads until it is clear whether the client speaks HTTP/2 with prior knowledge. The end of the stream counts as
    /// HTTP/1, which deals with it.
    pub(super) async fn sniff(&mut self) -> io::Result<Protocol> {
        let mut seen = [0; PREFACE.len()];
        let mut length = 0;
        while length < PREFACE.len() && seen[..length] == PREFACE[..length] {
            match self.inner.read(&mut seen[length..]).await? {
                0 => break,
                read => length += read,
            }
        }
        self.read_ahead = Bytes::copy_from_slice(&seen[..length]);
        Ok(if seen[..length] == *PREFACE { Protocol::Http2 } else { Protocol::Http1 })
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> Wire<I> {
    /// Reads to the end, but no more than `most` bytes.
    pub(super) async fn discard(&mut self, most: usize) -> io::Result<()> {
        let mut left = most;
        let mut bytes = [0; 4096];
        while left > 0 {
            match self.inner.read(&mut bytes).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        Ok(())
    }

    /// Writes what the connection ends with.
    pub(super) async fn write_last(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes).await?;
        self.inner.shutdown().await
    }
}

impl<I> Wire<I> {
    /// The status of what the parser refused: it says no more than that, so its own answer was left out for a better one.
    pub(super) fn refused(&self) -> Option<StatusCode> {
        let refusal = self.refusal.as_deref()?;
        refusal.get(9..12).and_then(|digits| StatusCode::from_bytes(digits).ok())
    }

    /// Whether `bytes` are the parser's own answer to what it cannot read. Every other answer comes from a request that was
    /// in hand, and notes each time that it hands something over.
    fn is_refusal(&mut self, bytes: &[u8]) -> bool {
        let outputs = self.pulse.outputs();
        let new = outputs != self.outputs;
        self.outputs = outputs;
        !new && !self.backlog && !self.pulse.is_busy() && bytes.starts_with(b"HTTP/1.1 4")
    }

    fn noted(&mut self, of: usize, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.pulse.held_up(written.is_pending());
        self.backlog = true;
        let written = ready!(written)?;
        self.backlog = written < of;
        self.pulse.wrote(written);
        Poll::Ready(Ok(written))
    }

    /// Takes room for a head that gets long.
    fn took(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (longest, head) = match &mut self.heads {
            None => return Ok(()),
            Some((longest, Heads::WithoutRequest(follower))) => {
                follower.take(bytes, &self.pulse.found);
                (*longest, self.pulse.read(bytes.len()))
            }
            Some((longest, Heads::Frames(frames))) => (*longest, self.pulse.head_is(frames.take(bytes))),
        };
        match head {
            0 => self.account.release_head(),
            1..=SHORT_HEAD => {}
            _ if self.account.take_head(longest) => {}
            _ => return Err(io::Error::other("there is no room for a long head")),
        }
        Ok(())
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Wire<I> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.read_ahead.has_remaining() {
            let take = this.read_ahead.remaining().min(buf.remaining());
            let bytes = this.read_ahead.split_to(take);
            buf.put_slice(&bytes);
            return Poll::Ready(this.took(&bytes));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        Poll::Ready(this.took(&buf.filled()[before..]))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Wire<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.refusal.is_some() || this.is_refusal(buf) {
            this.refusal.get_or_insert_with(|| Bytes::copy_from_slice(buf));
            return Poll::Ready(Ok(buf.len()));
        }
        let written = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.noted(buf.len(), written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let length = bufs.iter().map(|buf| buf.len()).sum();
        let first = bufs.first().map_or(&[][..], |buf| buf);
        if this.refusal.is_some() || this.is_refusal(first) {
            this.refusal.get_or_insert_with(|| Bytes::copy_from_slice(first));
            return Poll::Ready(Ok(length));
        }
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.noted(length, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // TLS takes bytes that it cannot send yet, and sends them here.
        let flushed = Pin::new(&mut this.inner).poll_flush(cx);
        this.pulse.held_up(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // After a refusal the last word is still to come.
        if this.refusal.is_some() { Poll::Ready(Ok(())) } else { Pin::new(&mut this.inner).poll_shutdown(cx) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::budget::Budget;

    async fn sniffed(sent: &[u8]) -> (Protocol, Vec<u8>) {
        let (mut client, server) = tokio::io::duplex(256);
        client.write_all(sent).await.unwrap();
        drop(client);
        let account = Account::new(&Budget::new(8 << 20, 1), [127, 0, 0, 1].into());
        let mut wire = Wire::new(server, &Arc::default(), &account);
        let protocol = wire.sniff().await.unwrap();
        let mut read = Vec::new();
        wire.read_to_end(&mut read).await.unwrap();
        (protocol, read)
    }

    #[tokio::test]
    async fn the_protocol_is_told_apart_and_nothing_is_lost() {
        for (sent, protocol) in [
            (&b""[..], Protocol::Http1),
            (b"P", Protocol::Http1),
            (b"GET / HTTP/1.1\r\n\r\n", Protocol::Http1),
            (b"PRI * HTTP/1.1\r\nHost: a\r\n\r\nmore to come", Protocol::Http1),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nframes", Protocol::Http2),
        ] {
            assert_eq!(sniffed(sent).await, (protocol, sent.to_vec()));
        }
    }
}
