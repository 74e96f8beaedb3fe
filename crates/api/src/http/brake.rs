//! A brake on wrong credentials: an address that has sent too many is refused before the next ones are verified, which
//! costs more than anything else that a stranger can ask for.
//!
//! Credentials that held lately are let through, so that nobody is shut out by others behind the same address.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use tenon_errors::{Report, catalogue::security::TOO_MANY_WRONG_CREDENTIALS};

use super::{door::household, exchange::Failure, gate::API_KEY};

/// So many wrong credentials an address may send at once, and one more in this time.
const BURST: u32 = 50;
const REFILL: Duration = Duration::from_secs(1);
/// The most addresses that are remembered.
const MOST_ADDRESSES: usize = 10_000;
/// Places for credentials that held.
const HELD: usize = 1 << 12;

/// Counts wrong credentials by address.
pub(super) struct Brake {
    hasher: RandomState,
    /// What held lately, each at the place that its hash says.
    held: Vec<AtomicU64>,
    addresses: Mutex<HashMap<IpAddr, Count>>,
    /// How many addresses are remembered, to be read without the lock.
    remembered: AtomicUsize,
}

/// How many wrong credentials are not forgiven yet, as of a time.
#[derive(Debug, Clone, Copy)]
struct Count {
    wrong: u32,
    since: Timestamp,
}

impl Count {
    fn forgive(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.since).unsigned_abs();
        let forgiven = u32::try_from(passed.as_millis() / REFILL.as_millis()).unwrap_or(u32::MAX);
        if forgiven > 0 {
            self.wrong = self.wrong.saturating_sub(forgiven);
            self.since = now;
        }
    }
}

/// The hash of the credentials of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown(u64);

impl Brake {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            held: (0..HELD).map(|_| AtomicU64::new(0)).collect(),
            addresses: Mutex::default(),
            remembered: AtomicUsize::new(0),
        }
    }

    /// The credentials of a request, if it carries any.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Option<Shown> {
        let (authorization, key) = (headers.get(header::AUTHORIZATION), headers.get(API_KEY));
        if authorization.is_none() && key.is_none() {
            return None;
        }
        // A key is the same in both headers.
        let (authorization, key) = (authorization.map(secret), key.map(HeaderValue::as_bytes));
        Some(Shown(match (authorization, key) {
            (Some(one), None) | (None, Some(one)) => self.hasher.hash_one(one),
            both => self.hasher.hash_one(both),
        }))
    }

    /// Whether credentials from `address` are to be verified. `S0006` if too many of it were wrong.
    pub(super) fn admit(&self, address: IpAddr, shown: Shown, now: Timestamp) -> Result<(), Failure> {
        if self.remembered.load(Relaxed) == 0 || self.place(shown).load(Relaxed) == shown.0 {
            return Ok(());
        }
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = addresses.get_mut(&household(address)) else { return Ok(()) };
        count.forgive(now);
        if count.wrong < BURST {
            return Ok(());
        }
        let report =
            Report::new(&TOO_MANY_WRONG_CREDENTIALS, "too many credentials from this address were not valid");
        Err(report.retry_after(REFILL).hint("correct the credentials, and try again later").into())
    }

    /// Notes that credentials were not valid.
    pub(super) fn was_wrong(&self, address: IpAddr, now: Timestamp) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= MOST_ADDRESSES {
            addresses.retain(|_, count| {
                count.forgive(now);
                count.wrong > 0
            });
            // More addresses than can be remembered: those that are go on to be braked.
            if addresses.len() >= MOST_ADDRESSES {
                return;
            }
        }
        let count = addresses.entry(household(address)).or_insert(Count { wrong: 0, since: now });
        count.forgive(now);
        count.wrong = count.wrong.saturating_add(1).min(BURST);
        self.remembered.store(addresses.len(), Relaxed);
    }

    /// Notes that credentials held.
    pub(super) fn held(&self, shown: Shown) {
        let place = self.place(shown);
        if place.load(Relaxed) != shown.0 {
            place.store(shown.0, Relaxed);
        }
    }

    fn place(&self, shown: Shown) -> &AtomicU64 {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        &self.held[shown.0 as usize % HELD]
    }
}

/// What stands after `Bearer`; all of what is of another scheme.
fn secret(authorization: &HeaderValue) -> &[u8] {
    let text = authorization.as_bytes();
    match text.split_at_checked("bearer ".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer ") => rest.trim_ascii(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(brake: &Brake, key: &'static str) -> Shown {
        let headers: HeaderMap = [(API_KEY, HeaderValue::from_static(key))].into_iter().collect();
        brake.shown(&headers).unwrap()
    }

    #[test]
    fn too_many_wrong_credentials_brake_their_address_but_not_what_held() {
        let (brake, start) = (Brake::new(), Timestamp::from_second(1_000).unwrap());
        let [attacker, other] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let (good, bad) = (shown(&brake, "good"), shown(&brake, "bad"));
        brake.held(good);
        for _ in 0..BURST {
            assert!(brake.admit(attacker, bad, start).is_ok());
            brake.was_wrong(attacker, start);
        }
        let failure = brake.admit(attacker, bad, start).unwrap_err();
        assert_eq!((failure.status.as_u16(), failure.report.code().id), (429, "S0006"));
        assert_eq!(failure.report.wait(), Some(REFILL));
        assert!(brake.admit(attacker, good, start).is_ok());
        assert!(brake.admit(other, bad, start).is_ok());
        assert!(brake.admit(attacker, bad, start + REFILL).is_ok());
    }

    #[test]
    fn a_key_is_the_same_in_either_header_and_two_are_another_thing() {
        let brake = Brake::new();
        let with = |pairs: &[(http::HeaderName, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            brake.shown(&pairs.collect()).unwrap()
        };
        let key = with(&[(API_KEY, "good")]);
        for authorization in ["Bearer good", "bearer  good "] {
            assert_eq!(with(&[(header::AUTHORIZATION, authorization)]), key);
            assert_ne!(with(&[(header::AUTHORIZATION, authorization), (API_KEY, "good")]), key);
        }
        for authorization in ["Bearer bad", "Basic good", "Bearer", "Bearergood"] {
            assert_ne!(with(&[(header::AUTHORIZATION, authorization)]), key, "{authorization}");
        }
    }

    #[test]
    fn requests_without_credentials_show_none() {
        assert_eq!(Brake::new().shown(&HeaderMap::new()), None);
    }

    #[test]
    fn no_more_addresses_are_remembered_than_may_be() {
        let (brake, now) = (Brake::new(), Timestamp::UNIX_EPOCH);
        for number in 0..MOST_ADDRESSES as u32 + 10 {
            brake.was_wrong(IpAddr::V4(number.into()), now);
        }
        assert_eq!(brake.remembered.load(Relaxed), MOST_ADDRESSES);
        brake.was_wrong(IpAddr::V4(7.into()), now + REFILL);
        assert_eq!(brake.remembered.load(Relaxed), 1);
    }
}
