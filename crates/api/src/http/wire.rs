//! The byte stream of a connection: what was read to tell the protocol apart comes again, and what moves is noted.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::pulse::Pulse;

/// What HTTP/2 starts with when no TLS has negotiated it (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which HTTP a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// A byte stream with its [`Pulse`].
pub(super) struct Wire<I> {
    inner: I,
    /// What was read before and not handed out yet.
    read_ahead: Bytes,
    pulse: Arc<Pulse>,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Wire<I> {
    pub(super) fn new(inner: I, pulse: Arc<Pulse>) -> Self {
        Self { inner, read_ahead: Bytes::new(), pulse }
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
            self.pulse.read();
        }
        self.read_ahead = Bytes::copy_from_slice(&seen[..length]);
        Ok(if seen[..length] == *PREFACE { Protocol::Http2 } else { Protocol::Http1 })
    }
}

impl<I> Wire<I> {
    fn noted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.pulse.held_up(written.is_pending());
        let written = ready!(written)?;
        self.pulse.wrote();
        Poll::Ready(Ok(written))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Wire<I> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.read_ahead.has_remaining() {
            let take = this.read_ahead.remaining().min(buf.remaining());
            buf.put_slice(&this.read_ahead.split_to(take));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.pulse.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Wire<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.noted(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.noted(written)
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
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn sniffed(sent: &[u8]) -> (Protocol, Vec<u8>) {
        let (mut client, server) = tokio::io::duplex(256);
        client.write_all(sent).await.unwrap();
        drop(client);
        let mut wire = Wire::new(server, Arc::default());
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
