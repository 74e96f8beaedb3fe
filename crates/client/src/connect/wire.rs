//! Bytes that go to a server and back.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use rustls::{AlertDescription, Error as TlsError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::failure::find;

/// A connection of any make.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// What has happened on a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    written: AtomicU64,
    read: AtomicU64,
    /// Why the other side has ended TLS. HTTP/2 keeps no more of it than its text.
    alert: OnceLock<AlertDescription>,
}

impl Watch {
    /// How many bytes HTTP has handed to the connection: where it is none of a request, the server has certainly not seen it.
    pub(crate) fn written(&self) -> u64 {
        self.0.written.load(Relaxed)
    }

    /// Whether anything came from the server.
    pub(crate) fn has_read(&self) -> bool {
        self.0.read.load(Relaxed) > 0
    }

    /// Why the server has ended TLS.
    pub(crate) fn alert(&self) -> Option<AlertDescription> {
        self.0.alert.get().copied()
    }

    fn fail(&self, error: &io::Error) {
        if let Some(TlsError::AlertReceived(alert)) = find::<TlsError>(error) {
            // The first one is the reason.
            let _ = self.0.alert.set(*alert);
        }
    }
}

/// A connection that is watched.
pub(crate) struct Watched {
    wire: Box<dyn Wire>,
    watch: Watch,
}

impl Watched {
    pub(crate) fn new(wire: Box<dyn Wire>) -> (Self, Watch) {
        let watch = Watch::default();
        (Self { wire, watch: watch.clone() }, watch)
    }

    fn wrote(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &outcome {
            Poll::Ready(Ok(bytes)) => drop(self.watch.0.written.fetch_add(*bytes as u64, Relaxed)),
            Poll::Ready(Err(error)) => self.watch.fail(error),
            Poll::Pending => {}
        }
        outcome
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let outcome = Pin::new(&mut self.wire).poll_read(context, into);
        match &outcome {
            Poll::Ready(Ok(())) => {
                let bytes = into.filled().len() - before;
                self.watch.0.read.fetch_add(bytes as u64, Relaxed);
            }
            Poll::Ready(Err(error)) => self.watch.fail(error),
            Poll::Pending => {}
        }
        outcome
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.wire).poll_write(context, bytes);
        self.wrote(outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.wire).poll_write_vectored(context, parts);
        self.wrote(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }
}
