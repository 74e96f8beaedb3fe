//! Requests as whoever is asked reads them.

use bytes::Bytes;
use http::{HeaderMap, Method};
use tenon_contracts::format::{Answering, Exchange, Outgoing};

use super::outcome;

/// What is read of a request with this body is asked for again by the same.
pub(super) fn asked(exchange: &dyn Exchange, answering: &dyn Answering, body: &[u8]) -> u64 {
    let request = Outgoing {
        method: Method::POST,
        target: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
    };
    let read = answering.asked(&request);
    if let Ok(value) = &read {
        let sent = exchange.request(value).expect("what was read is written");
        assert_eq!(&answering.asked(&sent).expect("and read"), value, "another value comes back");
    }
    outcome(&read)
}
