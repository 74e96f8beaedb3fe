//! Messages of gRPC: replies as whoever asks reads them, statuses and their details, and requests as whoever is asked does.

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tenon_contracts::{
    format::{Answer, Exchange, Exchanges, Incoming, NoFiles, Source},
    protobuf::{self, GrpcExchanges},
};

use super::{asked::asked, outcome};
use crate::Target;

pub(super) const GRPC: Target = Target { name: "grpc", seeds: of_messages, run: messages };

const DESCRIPTION: &str = r#"syntax = "proto3";
package shop;
message Level { string sku = 1; sint64 left = 2; map<string, double> prices = 3; repeated Level parts = 4; optional bytes more = 5; }
service Stock { rpc Get(Level) returns (Level); rpc Watch(Level) returns (stream Level); }
"#;
const STATUSES: [u16; 4] = [200, 200, 404, 503];
const ENCODINGS: [Option<&str>; 2] = [None, Some("gzip")];

/// A method that answers one message, and one that answers many.
static EXCHANGES: LazyLock<Vec<Arc<dyn Exchange>>> = LazyLock::new(|| {
    let read = protobuf::read(&Source { file: "stock.proto", text: DESCRIPTION, files: &NoFiles });
    let exchanges = GrpcExchanges::of_all(&read.expect("the description is read").definitions);
    (0..2).filter_map(|at| exchanges.exchange(at).expect("it can be called")).collect()
});

fn of_messages() -> Vec<Vec<u8>> {
    let level = b"\0\0\0\0\x07\x0a\x01a\x10\x05\x2a\0".to_vec();
    let gzip = [&b"\x01\0\0\0\x17"[..], &GZIP].concat();
    // `google.rpc.Status` with an `ErrorInfo`, and one with a `RetryInfo`.
    let details: [&[u8]; 2] = [
        b"14\nwhy%20so%\nCAkaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLkVycm9ySW5mbxIKCgZDTE9TRUQSAA",
        b"8\n\nCAgaLwopdHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxICCgA",
    ];
    let bodies =
        [Vec::new(), level.clone(), [level.clone(), level.clone()].concat(), level[..8].to_vec(), gzip];
    let firsts = [0, 1, 4, 5, 8, 16, 32, 33];
    let mut seeds: Vec<Vec<u8>> =
        bodies.iter().flat_map(|body| firsts.map(|first| [&[first], &body[..]].concat())).collect();
    seeds.extend(details.map(|details| [&[64], details].concat()));
    seeds.extend([b"\x400\n\n".to_vec(), b"\x40soon\n\n!".to_vec()]);
    seeds
}

/// `{ "sku": "a" }`, compressed.
const GZIP: [u8; 23] = [31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 227, 98, 76, 4, 0, 75, 60, 120, 209, 3, 0, 0, 0];

/// The first byte chooses the method, the status of HTTP, the encoding, where the call is said to have ended, and whether the rest is
/// a body, or a status of gRPC with its message and its details.
fn messages(bytes: &[u8]) -> u64 {
    let Some((first, rest)) = bytes.split_first() else { return 2 };
    let first = usize::from(*first);
    let exchange = &EXCHANGES[first % 2];
    let answering = exchange.answering().expect("it has both sides");
    let (mut headers, mut trailers) = (HeaderMap::new(), HeaderMap::new());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    if let Some(encoding) = ENCODINGS[(first >> 3) % 2] {
        headers.insert("grpc-encoding", HeaderValue::from_static(encoding));
    }
    let body = if first & 64 == 0 {
        let fields = if first & 16 == 0 { &mut trailers } else { &mut headers };
        if first & 32 == 0 {
            fields.insert("grpc-status", HeaderValue::from_static("0"));
        }
        rest
    } else {
        let names = ["grpc-status", "grpc-message", "grpc-status-details-bin"];
        for (name, value) in names.into_iter().zip(rest.split(|byte| *byte == b'\n')) {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                trailers.insert(HeaderName::from_static(name), value);
            }
        }
        b""
    };
    let status = StatusCode::from_u16(STATUSES[(first >> 1) % 4]).expect("it is a status");
    let reply = Incoming { status, headers: &headers, body, trailers: &trailers };
    let answer = exchange.answer(&reply);
    let standing = exchange.standing(&reply);
    match &answer {
        Ok(Answer::Done(value)) => {
            assert_eq!(standing, None, "what is done stands for nothing else");
            let again = answering.done(value).expect("what was read is written");
            assert_eq!(exchange.answer(&again.incoming()).expect("and read"), Answer::Done(value.clone()));
        }
        Ok(Answer::Failed(refusal)) => {
            let standing = standing.expect("a refusal stands for a status");
            assert!(standing.status != StatusCode::OK && exchange.may_refuse_as(&refusal.name));
            assert!(!(standing.is_untouched && refusal.may_have_acted), "it has acted, or has not begun");
        }
        Err(_) => {}
    }
    outcome(&answer) ^ asked(&**exchange, answering, body)
}
