//! Who gets in: connections are let in or closed as they are accepted, before anything is read from them or held for them.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use tenon_monitoring::metrics::HTTP_SERVER_REFUSED_CONNECTIONS;
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

use super::{Listener, connection::Shared};

/// The wait after the operating system refused to hand out a connection (most often: too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The most connections of one address where the project does not say it.
const MOST_PER_ADDRESS: usize = 1000;
/// When all places are taken, one of so many is made by connections that do nothing.
const MADE_AT_ONCE: usize = 4;
/// Refusals of one kind are logged no more often than this.
const REMARK_DISTANCE: Duration = Duration::from_secs(10);

/// Accepts connections.
pub(super) struct Door {
    listener: Arc<Listener>,
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    crowd: Arc<Crowd>,
    refusals: [Refusals; 3],
}

/// The place of a connection, until it is dropped.
pub(super) struct Place {
    _place: OwnedSemaphorePermit,
    _guest: Guest,
}

impl Door {
    pub(super) fn new(listener: Arc<Listener>, shared: Arc<Shared>) -> Self {
        let places = shared.limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        let crowd = Crowd { most: shared.limits.connections_per_address, counts: Mutex::default() };
        Self {
            listener,
            shared,
            places: Arc::new(Semaphore::new(places)),
            crowd: Arc::new(crowd),
            refusals: ["firewall", "address", "system"].map(Refusals::new),
        }
    }

    /// The next connection that may come in.
    pub(super) async fn next(&mut self) -> (TcpStream, SocketAddr, Place) {
        loop {
            let (stream, client) = match self.listener.socket.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    self.refuse(2, &error.to_string());
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let address = client.ip().to_canonical();
            if let Err(report) = self.shared.services.load().admit(address) {
                self.refuse(0, report.message());
                continue;
            }
            let Some(guest) = Crowd::enter(&self.crowd, address) else {
                self.refuse(1, &format!("the address {address} has as many connections as are allowed"));
                continue;
            };
            if let Some(place) = self.place().await {
                return (stream, client, Place { _place: place, _guest: guest });
            }
        }
    }

    /// A place; that of a connection that does nothing, if all are taken. `None` does not happen: the places are not closed.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            self.shared.places_wanted.store(0, Relaxed);
            return Some(place);
        }
        // How many more wait in the system's queue cannot be seen; connections look at this once a tick.
        let wanted = self.shared.limits.connections.div_ceil(MADE_AT_ONCE);
        self.shared.places_wanted.store(wanted, Relaxed);
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    fn refuse(&mut self, kind: usize, reason: &str) {
        let refusals = &mut self.refusals[kind];
        let service = self.shared.services.load();
        service.metrics().counter(&HTTP_SERVER_REFUSED_CONNECTIONS, &[refusals.kind]).inc();
        if let Some(count) = refusals.count(Instant::now()) {
            tracing::warn!(target: "tenon::http", reason, count, "connections were not accepted");
        }
    }
}

/// How many connections were refused for one kind of reason since that was last said.
struct Refusals {
    kind: &'static str,
    count: u64,
    said: Option<Instant>,
}

impl Refusals {
    fn new(kind: &'static str) -> Self {
        Self { kind, count: 0, said: None }
    }

    /// Counts one more; how many there are to be spoken of, if it is time for that.
    fn count(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.said.is_some_and(|said| now.duration_since(said) < REMARK_DISTANCE) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

/// How many connections each address has.
struct Crowd {
    most: Option<usize>,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

impl Crowd {
    /// Lets one more connection of `address` in, unless it has as many as it may.
    fn enter(this: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let most = match this.most {
            Some(most) => most,
            // Proxies on this machine connect for everybody.
            None if address.is_loopback() => usize::MAX,
            None => MOST_PER_ADDRESS,
        };
        let address = household(address);
        let mut counts = this.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Guest { crowd: Arc::clone(this), address })
    }
}

/// Who has an IPv6 address has its whole /64 network.
pub(super) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// One connection of an address, until it is dropped.
struct Guest {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut counts = self.crowd.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_more_connections_than_it_may() {
        let crowd = |most| Arc::new(Crowd { most, counts: Mutex::default() });
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let strict = crowd(Some(2));
        let first = Crowd::enter(&strict, at("2001:db8::1"));
        let second = Crowd::enter(&strict, at("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(Crowd::enter(&strict, at("2001:db8::3")).is_none());
        assert!(Crowd::enter(&strict, at("2001:db8:0:1::3")).is_some());
        drop(first);
        assert!(Crowd::enter(&strict, at("2001:db8::3")).is_some());
        let lenient = crowd(None);
        for (address, most) in [("192.0.2.1", MOST_PER_ADDRESS), ("127.0.0.1", MOST_PER_ADDRESS + 1)] {
            let guests: Vec<_> =
                (0..=MOST_PER_ADDRESS).filter_map(|_| Crowd::enter(&lenient, at(address))).collect();
            assert_eq!(guests.len(), most, "{address}");
        }
        assert!(lenient.counts.lock().unwrap().is_empty());
    }

    #[test]
    fn many_refusals_are_one_remark() {
        let (mut refusals, now) = (Refusals::new("firewall"), Instant::now());
        assert_eq!(refusals.count(now), Some(1));
        assert_eq!([1, 2, 9].map(|s| refusals.count(now + Duration::from_secs(s))), [None; 3]);
        assert_eq!(refusals.count(now + REMARK_DISTANCE), Some(4));
    }
}
