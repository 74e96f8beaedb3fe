//! The ids of a request: its span in the trace that it belongs to, and its own.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use http::HeaderMap;
use jiff::Timestamp;
use smol_str::SmolStr;
use tenon_model::{Str, TraceContext, trace_state};
use uuid::Builder;

/// Makes ids that no other process makes, without a system call for each.
#[derive(Debug)]
pub(crate) struct Identities {
    /// Counts in steps of the golden ratio (SplitMix64), from a random start.
    state: AtomicU64,
}

impl Identities {
    pub(crate) fn new() -> Self {
        Self { state: AtomicU64::new(RandomState::new().hash_one(0)) }
    }

    /// A span of the trace that `traceparent` names, or of a new one.
    pub(crate) fn trace(&self, headers: &HeaderMap) -> TraceContext {
        let parent = parent(headers);
        let span_id = self.next().max(1);
        match parent {
            Some(parent) => parent.child(span_id),
            None => {
                let trace_id = (u128::from(self.next()) << 64 | u128::from(self.next())).max(1);
                TraceContext { trace_id, span_id, flags: 1 }
            }
        }
    }

    /// What comes with the trace that is continued; nothing with a new one (W3C Trace Context, section 4.3).
    pub(crate) fn trace_state(headers: &HeaderMap) -> Option<Str> {
        let mut states = headers.get_all("tracestate").iter().peekable();
        states.peek()?;
        parent(headers)?;
        trace_state(states.map(|value| value.to_str().unwrap_or("malformed")))
    }

    /// A UUID of version 7 (RFC 9562, section 5.7): later ones sort after earlier ones.
    pub(crate) fn request(&self, now: Timestamp) -> SmolStr {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next().to_be_bytes());
        random[8..].copy_from_slice(&self.next().to_be_bytes()[..2]);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        SmolStr::from(&*id.hyphenated().encode_lower(&mut [0; 36]))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.state.fetch_add(STEP, Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn parent(headers: &HeaderMap) -> Option<TraceContext> {
    headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(TraceContext::parse)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_traceparent_is_continued_and_a_malformed_one_is_not() {
        let identities = Identities::new();
        let mut headers = HeaderMap::new();
        headers.insert(
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00".parse().unwrap(),
        );
        let child = identities.trace(&headers);
        assert_eq!(format!("{:x}", child.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(child.span_id, 0x00f0_67aa_0ba9_02b7);
        assert_eq!(child.flags, 0);
        headers.insert("traceparent", "nonsense".parse().unwrap());
        assert_ne!(identities.trace(&headers).trace_id, identities.trace(&headers).trace_id);
    }

    #[test]
    fn request_ids_are_distinct_and_carry_the_time() {
        let (identities, now) = (Identities::new(), Timestamp::from_millisecond(0x0123_4567_89ab).unwrap());
        let ids: HashSet<_> = (0..1000).map(|_| identities.request(now)).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.starts_with("01234567-89ab-7") && id.len() == 36));
    }
}
