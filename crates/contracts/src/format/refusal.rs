//! Answers that what was asked for was not done: what they are called, and what that means.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use tenon_errors::{
    Kind, Report,
    catalogue::system::{CALL_FAILED, CALL_FOUND_NOTHING, CALL_REFUSED, CALL_UNAUTHORIZED},
};
use tenon_model::{Str, Value};

use super::Incoming;

/// How much of a reply is shown to people, in characters.
const SHOWN: usize = 200;

/// An answer that what was asked for was not done.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What the system says: `404`, or the name of a fault.
    pub name: Str,
    /// What it is called less closely, the closest first: `4XX`, the code of a fault.
    pub broader: Vec<Str>,
    /// Which of the failures of the operation it is, by its position; `None` for one that is not described.
    pub declared: Option<usize>,
    /// What that means to whoever asked.
    pub kind: Kind,
    /// Whether the system may have done what it was asked, nevertheless.
    pub may_have_acted: bool,
    /// How long to wait before it is asked again, where the system says that.
    pub wait: Option<Duration>,
    /// What the system answers beside it, by the shape of the failure; `None` where it answers nothing, or not what is described.
    pub value: Option<Value>,
    /// The beginning of what it answers, for people.
    pub detail: String,
    /// What else it says, for whoever looks into it.
    pub notes: Vec<String>,
}

impl Refusal {
    /// What a reply means by its status alone, with the failure that is described for it and what it answers by that.
    pub(crate) fn by_status(reply: &Incoming<'_>, declared: Option<usize>, value: Option<Value>) -> Self {
        let name = Str::new(reply.status.as_str());
        // What says "later", or that the credentials are refused, is no part of a range: that is not about one message.
        let is_of_all = matches!(reply.status.as_u16(), 401 | 407 | 408 | 425 | 429);
        let range = Str::from(format!("{}XX", &name[..1]));
        Self {
            broader: if is_of_all { Vec::new() } else { vec![range, Str::new_static("default")] },
            name,
            declared,
            kind: kind(reply.status),
            may_have_acted: may_have_acted(reply.status, reply.headers),
            wait: told(reply.headers),
            value,
            detail: beginning(reply.body),
            notes: Vec::new(),
        }
    }

    /// All that it is called, the closest first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.broader).map(Str::as_str)
    }

    /// Whether the system itself fails, and not only what it was asked for.
    #[must_use]
    pub fn is_of_system(&self) -> bool {
        matches!(self.kind, Kind::Internal | Kind::Unavailable | Kind::DeadlineExceeded)
    }

    /// The report of it, where the project says nothing else: `operation` has refused.
    #[must_use]
    pub fn report(&self, operation: &str) -> Report {
        let code = match self.kind {
            Kind::Unauthenticated => &CALL_UNAUTHORIZED,
            Kind::NotFound => &CALL_FOUND_NOTHING,
            Kind::ResourceExhausted | Kind::Unavailable | Kind::DeadlineExceeded | Kind::Internal => {
                &CALL_FAILED
            }
            _ => &CALL_REFUSED,
        };
        let said = (!self.detail.is_empty()).then(|| format!("it says: {}", self.detail));
        let details = said.into_iter().chain(self.notes.iter().cloned());
        Report::new(code, format!("`{operation}` answered {}", self.name))
            .with_details(details.map(|detail| Report::new(code, detail)))
    }
}

/// Whether it names a status of HTTP that is no success, or a range of them.
pub(crate) fn is_of_statuses(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() == 3
        && bytes.next().is_some_and(|first| (b'3'..=b'5').contains(&first))
        && (name.bytes().skip(1).all(|b| b.is_ascii_digit()) || name.ends_with("XX"))
}

/// Whether a system that answers so may have done what it was asked. One that says 501, or when to come again with 503, has not begun (RFC
/// 9110, sections 15.6.2 and 15.6.4); any other failure of a server may be one on the way, and a redirection is also what follows on something
/// that was done (section 15.4.4).
pub(crate) fn may_have_acted(status: StatusCode, headers: &HeaderMap) -> bool {
    match status.as_u16() {
        301..=303 => true,
        _ => status.is_server_error() && !certainly_not(status, headers),
    }
}

/// Whether a system that answers so has certainly not begun, whatever it says beside.
pub(crate) fn certainly_not(status: StatusCode, headers: &HeaderMap) -> bool {
    let says_when =
        headers.get(header::RETRY_AFTER).is_some_and(|value| !value.as_bytes().trim_ascii().is_empty());
    matches!(status.as_u16(), 401 | 407 | 429 | 501) || (status.as_u16() == 503 && says_when)
}

/// The wait that a system asks for (RFC 9110, section 10.2.3), where it is one in seconds.
pub(crate) fn told(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What a status means to whoever asked (RFC 9110, section 15; RFC 6585 for 428, 429 and 431).
pub(crate) fn kind(status: StatusCode) -> Kind {
    match status.as_u16() {
        400 | 413..=415 | 422 => Kind::InvalidArgument,
        401 | 407 => Kind::Unauthenticated,
        403 | 451 => Kind::PermissionDenied,
        404 | 410 => Kind::NotFound,
        408 | 504 => Kind::DeadlineExceeded,
        409 => Kind::Aborted,
        429 => Kind::ResourceExhausted,
        405 | 501 => Kind::Unimplemented,
        502 | 503 => Kind::Unavailable,
        500..=599 => Kind::Internal,
        400..=499 => Kind::FailedPrecondition,
        _ => Kind::Unknown,
    }
}

/// The beginning of a body, on one line, as far as it is text.
pub(crate) fn beginning(body: &[u8]) -> String {
    shown(&String::from_utf8_lossy(&body[..body.len().min(4 * SHOWN)]))
}

/// The beginning of a text, on one line.
pub(crate) fn shown(text: &str) -> String {
    let head: String = text.chars().take(4 * SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    head.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_that_refuse_and_their_ranges_are_names() {
        for name in ["301", "404", "4XX", "5XX", "599"] {
            assert!(is_of_statuses(name), "{name}");
        }
        for name in ["200", "2XX", "4X4", "40", "4040", "Client", "", "€"] {
            assert!(!is_of_statuses(name), "{name}");
        }
    }
}
