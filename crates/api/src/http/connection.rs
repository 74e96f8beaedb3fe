//! One connection, from its first byte to its end.

use std::{convert::Infallible, future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tenon_plan::Limits;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Service,
    pulse::{End, Pulse, TICKS, Watch},
    wire::{Protocol, Wire},
};

/// HTTP/2 streams of one connection at a time. The requests in hand are bounded for the server as a whole as well.
const STREAMS: u32 = 128;
/// Headers of one request.
const HEADERS: usize = 128;
/// The longest that a connection takes to close; over HTTP/2, how long after a drain began a client that owes nothing more
/// may keep it open.
const FAREWELL: Duration = Duration::from_secs(1);
/// The least buffer that HTTP/1 can work with.
const LEAST_HEAD: usize = 8 << 10;

/// What all connections of a server share.
pub(super) struct Shared {
    pub(super) services: Arc<ArcSwap<Service>>,
    pub(super) limits: Limits,
    /// How long a connection may stay open without a request.
    pub(super) keep_alive: Duration,
    /// Finish what is in hand and close.
    pub(super) drain: CancellationToken,
}

impl Shared {
    fn tick(&self) -> Duration {
        (self.limits.read_timeout / TICKS).max(Duration::from_millis(1))
    }

    fn ticker(&self) -> Interval {
        let mut ticker = interval_at(Instant::now() + self.tick(), self.tick());
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticker
    }

    fn watch(&self, heads: bool) -> Watch {
        let ticks = self.keep_alive.as_nanos() / self.tick().as_nanos().max(1);
        Watch::new(heads, u32::try_from(ticks).unwrap_or(u32::MAX))
    }
}

/// Serves `stream` until the client or a limit ends it, or the server drains. `protocol` is what TLS has negotiated.
pub(super) async fn run<I>(stream: I, client: SocketAddr, protocol: Option<Protocol>, shared: &Shared)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pulse = Arc::new(Pulse::default());
    let mut wire = Wire::new(stream, Arc::clone(&pulse));
    let protocol = match protocol {
        Some(protocol) => protocol,
        None => {
            let sniffed = tokio::select! {
                sniffed = timeout(shared.limits.read_timeout, wire.sniff()) => sniffed,
                () = shared.drain.cancelled() => return,
            };
            match sniffed {
                Ok(Ok(protocol)) => protocol,
                Ok(Err(error)) => return ended(client, &error.to_string()),
                Err(_) => return ended(client, "nothing was sent in time"),
            }
        }
    };
    match protocol {
        Protocol::Http1 => http1(wire, client, &pulse, shared).await,
        Protocol::Http2 => http2(wire, client, &pulse, shared).await,
    }
}

type Handled = Result<http::Response<Full<Bytes>>, Infallible>;

/// Hands requests to the service that is current when they come, so that a reload drops no connection.
fn handler(
    client: SocketAddr,
    pulse: &Arc<Pulse>,
    shared: &Shared,
) -> impl Fn(http::Request<Incoming>) -> Pin<Box<dyn Future<Output = Handled> + Send>> + Clone + use<> {
    let (services, pulse) = (Arc::clone(&shared.services), Arc::clone(pulse));
    move |request| {
        let in_hand = pulse.begin();
        let service = services.load_full();
        Box::pin(async move {
            let response = service.answer(request, client).await;
            drop(in_hand);
            Ok(response)
        })
    }
}

async fn http1<I>(wire: Wire<I>, client: SocketAddr, pulse: &Arc<Pulse>, shared: &Shared)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // The watch does this, and tells a slow head from an idle connection.
        .header_read_timeout(None)
        // A client that has sent its request and closed its side still gets the answer.
        .half_close(true)
        .max_headers(HEADERS)
        .max_buf_size(shared.limits.head.max(LEAST_HEAD));
    let mut connection =
        builder.serve_connection(TokioIo::new(wire), service_fn(handler(client, pulse, shared)));
    let (mut watch, mut ticker, mut draining) = (shared.watch(true), shared.ticker(), false);
    let end = loop {
        tokio::select! {
            biased;
            result = &mut connection => {
                if let Err(error) = result {
                    ended(client, &error.to_string());
                }
                return;
            }
            () = shared.drain.cancelled(), if !draining => {
                // The connection was polled just now: every request that has come is in hand.
                if pulse.at_rest() {
                    break None;
                }
                draining = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            _ = ticker.tick() => if let Some(end) = watch.tick(pulse) { break Some(end) },
        }
    };
    let farewell: &[u8] = match end {
        Some(End::SlowHead) => &super::log::slow_head(),
        Some(End::Idle) | None => &[],
    };
    let mut wire = connection.into_parts().io.into_inner();
    let farewell = async {
        wire.write_all(farewell).await?;
        wire.shutdown().await
    };
    // Whether the answer arrives is up to a client that has not been able to send its request.
    let _ = timeout(shared.tick().min(FAREWELL), farewell).await;
}

async fn http2<I>(wire: Wire<I>, client: SocketAddr, pulse: &Arc<Pulse>, shared: &Shared)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(shared.limits.head).unwrap_or(u32::MAX));
    let mut connection =
        builder.serve_connection(TokioIo::new(wire), service_fn(handler(client, pulse, shared)));
    let (mut watch, mut ticker, mut draining) = (shared.watch(false), shared.ticker(), false);
    loop {
        tokio::select! {
            biased;
            result = &mut connection => {
                if let Err(error) = result {
                    ended(client, &error.to_string());
                }
                return;
            }
            () = shared.drain.cancelled(), if !draining => {
                draining = true;
                ticker = interval_at(Instant::now() + FAREWELL, FAREWELL);
                Pin::new(&mut connection).graceful_shutdown();
            }
            _ = ticker.tick() => match watch.tick(pulse) {
                // It was told, and has let a whole tick pass in which nothing moved.
                _ if draining && pulse.at_rest() && watch.is_still() => return,
                // The client is told (GOAWAY), and has one more tick to finish.
                Some(_) if !draining => {
                    draining = true;
                    Pin::new(&mut connection).graceful_shutdown();
                }
                Some(_) => return,
                None => {}
            },
        }
    }
}

fn ended(client: SocketAddr, reason: &str) {
    tracing::debug!(target: "tenon::http", %client, reason, "a connection ended early");
}
