//! One connection, from its first byte to its end.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tenon_plan::Limits;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Service,
    budget::{Account, Budget},
    held::{After, Held, PIECE},
    peer::Peer,
    pulse::{End, Need, Patience, Pulse, Watch},
    refused::Refused,
    wire::{Protocol, Wire},
};

/// HTTP/2 streams of one connection at a time. The requests in hand are bounded for the server as a whole as well.
const STREAMS: u32 = 100;
/// Streams that the client has reset before they were looked at, after which the connection ends (rapid reset).
const MOST_RESETS: usize = 20;
/// What an HTTP/2 client may send before somebody reads it, for a stream and for the connection.
const STREAM_WINDOW: u32 = 128 << 10;
const CONNECTION_WINDOW: u32 = 256 << 10;
/// What HTTP/2 takes of a head beyond the limit, at least, and otherwise as much again: the refusal of a larger one is an answer
/// like any other. What is larger still the library refuses with a bare 431 of which nobody is told.
const HEAD_MARGIN: usize = 64 << 10;
/// Headers of one request.
const HEADERS: usize = 128;
/// The longest that a connection takes to close; over HTTP/2, how long after a drain began a client that owes nothing more
/// may keep it open.
const FAREWELL: Duration = Duration::from_secs(1);
/// What is read and thrown away after the last answer.
const MOST_DISCARDED: usize = 256 << 10;
/// The least buffer that HTTP/1 can work with.
const LEAST_HEAD: usize = 8 << 10;

/// What all connections of a server share.
pub(super) struct Shared {
    pub(super) services: Arc<ArcSwap<Service>>,
    pub(super) limits: Limits,
    pub(super) budget: Arc<Budget>,
    pub(super) patience: Patience,
    /// How many connections are to make place for others that wait.
    pub(super) places_wanted: AtomicUsize,
    /// Finish what is in hand and close.
    pub(super) drain: CancellationToken,
}

impl Shared {
    /// Looks at a connection once a tick: whether it has to end.
    fn look(&self, watch: &mut Watch, pulse: &Pulse, draining: bool) -> Option<End> {
        match watch.tick(pulse, self.need(draining)) {
            Some(End::MakePlace) => self.makes_place().then_some(End::Idle),
            end => end,
        }
    }

    /// Whether a place is wanted; then one less is from now on.
    fn makes_place(&self) -> bool {
        self.places_wanted.fetch_update(Relaxed, Relaxed, |wanted| wanted.checked_sub(1)).is_ok()
    }

    fn ticker(&self) -> Interval {
        let mut ticker = interval_at(Instant::now() + self.patience.tick, self.patience.tick);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticker
    }

    /// What a client has to begin with, unless it takes too long, another connection needs the place of one that has not
    /// begun, or the server drains.
    pub(super) async fn beginning<T>(&self, work: impl Future<Output = T>) -> Result<T, &'static str> {
        let (mut work, mut ticker, mut ticks) = (pin!(work), self.ticker(), 0);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = self.drain.cancelled() => return Err("the server stops"),
                _ = ticker.tick() => ticks += 1,
            }
            if ticks > self.patience.slow {
                return Err("the client did not begin in time");
            }
            if ticks > 1 && self.makes_place() {
                return Err("another connection needs the place of one that has not begun");
            }
        }
    }

    /// A drain waits only for clients that take their answers.
    fn need(&self, draining: bool) -> Need {
        Need { room: draining || self.budget.is_pressed(), place: self.places_wanted.load(Relaxed) > 0 }
    }
}

/// One connection as its parts see it.
struct Link<'a> {
    client: SocketAddr,
    peer: Peer,
    pulse: Arc<Pulse>,
    account: Arc<Account>,
    shared: &'a Shared,
}

/// Serves `stream` until the client or a limit ends it, or the server drains. `protocol` is what TLS has negotiated.
pub(super) async fn run<I>(stream: I, peer: Peer, protocol: Option<Protocol>, shared: &Shared)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let client = peer.address;
    let (pulse, account) = (Arc::new(Pulse::default()), Account::new(&shared.budget, client.ip()));
    let mut wire = Wire::new(stream, &pulse, &account);
    let link = Link { client, peer, pulse, account, shared };
    let protocol = match protocol {
        Some(protocol) => protocol,
        None => match shared.beginning(wire.sniff()).await {
            Ok(Ok(protocol)) => protocol,
            Ok(Err(error)) => return ended(client, &error.to_string()),
            Err(reason) => return ended(client, reason),
        },
    };
    match protocol {
        Protocol::Http1 => http1(wire, &link).await,
        Protocol::Http2 => http2(wire, &link).await,
    }
}

type Handled = Result<http::Response<Held>, Infallible>;

impl Link<'_> {
    /// Hands requests to the service that is current when they come, so that a reload drops no connection.
    fn handler(
        &self,
    ) -> impl Fn(http::Request<Incoming>) -> Pin<Box<dyn Future<Output = Handled> + Send>> + Clone + use<>
    {
        let (peer, services) = (self.peer.clone(), Arc::clone(&self.shared.services));
        let (pulse, account) = (Arc::clone(&self.pulse), Arc::clone(&self.account));
        move |request| {
            let (in_hand, flaw) = (pulse.begin(), pulse.found.next());
            account.release_head();
            let (service, pulse, account) = (services.load_full(), Arc::clone(&pulse), Arc::clone(&account));
            let peer = peer.clone();
            Box::pin(async move {
                let (mut answer, room) = service.answer(request, flaw, &peer, &account).await;
                let after = After::of(answer.extensions_mut());
                let answer = answer.map(|body| Held::new(body, after, room, &pulse));
                drop(in_hand);
                Ok(answer)
            })
        }
    }
}

async fn http1<I>(mut wire: Wire<I>, link: &Link<'_>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Link { client, pulse, shared, .. } = link;
    let longest = shared.limits.head.max(LEAST_HEAD);
    wire.expect_heads(Protocol::Http1, longest);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // The watch does this, and tells a slow head from an idle connection.
        .header_read_timeout(None)
        // A client that has sent its request and closed its side still gets the answer.
        .half_close(true)
        .max_headers(HEADERS)
        .max_buf_size(longest);
    let mut connection = builder.serve_connection(TokioIo::new(wire), service_fn(link.handler()));
    let (mut watch, mut ticker, mut draining) = (Watch::new(true, shared.patience), shared.ticker(), false);
    let (end, error) = loop {
        tokio::select! {
            biased;
            result = &mut connection => break (None, result.err()),
            () = shared.drain.cancelled(), if !draining => {
                // The connection was polled just now: every request that has come is in hand.
                if pulse.at_rest() {
                    break (None, None);
                }
                draining = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            _ = ticker.tick() => if let Some(end) = shared.look(&mut watch, pulse, draining) {
                break (Some(end), None);
            },
        }
    };
    let mut wire = connection.into_parts().io.into_inner();
    let farewell = match (end, wire.refused()) {
        (Some(End::SlowHead), _) => shared.services.load().refuse(&Refused::slow(), *client),
        (None, Some(status)) => {
            let reason = error.as_ref().map(ToString::to_string).unwrap_or_default();
            let refused = match pulse.found.next() {
                Some(flaw) => Refused::flawed(flaw),
                None => Refused::unreadable(status, &reason),
            };
            shared.services.load().refuse(&refused, *client)
        }
        (Some(End::Stalled), _) => return ended(*client, "the client does not take its answer"),
        (Some(End::Idle | End::MakePlace) | None, _) => {
            if let Some(error) = error {
                return ended(*client, &error.to_string());
            }
            Vec::new()
        }
    };
    let farewell = async {
        wire.write_last(&farewell).await?;
        // Closing while bytes are unread would take the answer away from the client.
        wire.discard(MOST_DISCARDED).await
    };
    // Whether the answer arrives is up to a client that has not been able to send its request.
    let _ = timeout(shared.patience.tick.min(FAREWELL), farewell).await;
}

async fn http2<I>(mut wire: Wire<I>, link: &Link<'_>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Link { client, pulse, shared, .. } = link;
    let head = shared.limits.head.saturating_add(shared.limits.head.max(HEAD_MARGIN));
    wire.expect_heads(Protocol::Http2, head);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(MOST_RESETS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(PIECE)
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX));
    let mut connection = builder.serve_connection(TokioIo::new(wire), service_fn(link.handler()));
    let (mut watch, mut ticker, mut draining) = (Watch::new(false, shared.patience), shared.ticker(), false);
    loop {
        tokio::select! {
            biased;
            result = &mut connection => {
                if let Err(error) = result {
                    ended(*client, &error.to_string());
                }
                return;
            }
            () = shared.drain.cancelled(), if !draining => {
                draining = true;
                ticker = interval_at(Instant::now() + FAREWELL, FAREWELL);
                Pin::new(&mut connection).graceful_shutdown();
            }
            _ = ticker.tick() => match shared.look(&mut watch, pulse, draining) {
                Some(End::Stalled) => return ended(*client, "the client does not take its answers"),
                Some(End::SlowHead) => return ended(*client, "the client does not finish the head of a request"),
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
