//! What a status means to whoever asked: its name, what the system says beside it, and whether it may have acted.

use std::{sync::Arc, time::Duration};

use http::HeaderMap;
use tenon_errors::Report;
use tenon_model::{Str, Value};

use super::{
    code::Code,
    details,
    ending::{self, again, may_have_acted_behind, may_have_acted_by},
};
use crate::{
    format::{Again, Incoming, Refusal, beginning, shown, told},
    json,
    protobuf::Definitions,
};

/// The refusal that a status is, in these fields.
pub(super) fn of_status(code: Code, fields: &HeaderMap, own: &Arc<Definitions>) -> Refusal {
    let (value, misfit) = match status(fields, own) {
        Some(Ok(value)) => (Some(value), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let again = again(fields, value.as_ref().and_then(details::delay));
    let said = value.as_ref().map(|value| format!("with {}", shown(&json::to_string(value))));
    let misfit = misfit.map(|why| format!("its details cannot be read: {why}"));
    Refusal {
        name: Str::new_static(code.name()),
        broader: Vec::new(),
        declared: None,
        kind: code.kind(),
        may_have_acted: may_have_acted_by(code, again),
        wait: match again {
            Again::After(wait) => Some(wait),
            Again::Unsaid | Again::Never => None,
        },
        value,
        detail: shown(&ending::message(fields)),
        notes: said.into_iter().chain(misfit).collect(),
    }
}

/// The refusal that the reply of something is that does not speak gRPC.
pub(super) fn of_http(code: Code, reply: &Incoming<'_>) -> Refusal {
    Refusal {
        name: Str::new_static(code.name()),
        broader: Vec::new(),
        declared: None,
        kind: code.kind(),
        may_have_acted: may_have_acted_behind(reply),
        wait: told(reply.headers),
        value: None,
        detail: beginning(reply.body),
        notes: vec![format!("it is not of gRPC, and has the status {} of HTTP", reply.status.as_str())],
    }
}

/// The wait that the details in `fields` ask for.
pub(super) fn delay(fields: &HeaderMap, own: &Arc<Definitions>) -> Option<Duration> {
    details::delay(&status(fields, own)?.ok()?)
}

/// What the details in `fields` say, or why they cannot be read.
fn status(fields: &HeaderMap, own: &Arc<Definitions>) -> Option<Result<Value, String>> {
    let read = |bytes: Vec<u8>| details::read(&bytes, own).map_err(|report| why(&report));
    Some(ending::details(fields)?.and_then(read))
}

fn why(report: &Report) -> String {
    report.details().first().unwrap_or(report).message().to_owned()
}
