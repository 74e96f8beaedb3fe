//! How a call ended: the status in the fields after the body, or in the head of a reply that has nothing else (Trailers-Only), and what a
//! reply without a status means.

use std::{borrow::Cow, time::Duration};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{HeaderMap, HeaderName, StatusCode};

use super::code::Code;
use crate::format::{Again, Incoming, Standing, certainly_not, may_have_acted, told};

pub(super) const STATUS: HeaderName = HeaderName::from_static("grpc-status");
pub(super) const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
pub(super) const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
/// When to come again (<https://github.com/grpc/proposal/blob/master/A6-client-retries.md>, Pushback).
const PUSHBACK: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");

/// Values of fields that end with `-bin`: with and without padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How a call ended.
#[derive(Debug)]
pub(super) enum Ending<'r> {
    /// All is well.
    Done,
    /// The system says that it was not done, in these fields.
    Failed(Code, &'r HeaderMap),
    /// What answers does not speak gRPC, and says that it failed.
    Foreign(Code),
    /// Nothing says how it ended.
    Unsaid,
}

impl<'r> Ending<'r> {
    pub(super) fn of(reply: &Incoming<'r>) -> Self {
        let fields = [reply.trailers, reply.headers].into_iter().find(|fields| fields.contains_key(STATUS));
        let Some(fields) = fields else {
            return match reply.status {
                StatusCode::OK => Self::Unsaid,
                status => Self::Foreign(Code::of_http(status)),
            };
        };
        // What is no number says that it failed, and nothing else.
        let number = text(fields, &STATUS).and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
        Code::of_number(number).map_or(Self::Done, |code| Self::Failed(code, fields))
    }

    /// What the reply stands for, to whoever sends requests; `delay` is the wait that its details ask for.
    pub(super) fn standing(&self, reply: &Incoming<'_>, delay: Option<Duration>) -> Option<Standing> {
        let (status, is_untouched, again) = match self {
            Self::Done => return None,
            Self::Failed(code, fields) => {
                let again = again(fields, delay);
                (code.http(), !may_have_acted_by(*code, again), again)
            }
            Self::Foreign(_) => {
                let again = told(reply.headers).map_or(Again::Unsaid, Again::After);
                // Only what says so has turned the call away.
                (reply.status, certainly_not(reply.status, reply.headers), again)
            }
            // It broke on its way, as a gateway would say.
            Self::Unsaid => (StatusCode::BAD_GATEWAY, false, Again::Unsaid),
        };
        Some(Standing { status, is_untouched, again })
    }
}

/// Whether a system may have acted that ended with `code`, and says this about being asked again.
pub(super) fn may_have_acted_by(code: Code, again: Again) -> bool {
    let is_turned_away = code.can_turn_away() && matches!(again, Again::After(_));
    code.may_have_acted() && !is_turned_away
}

/// Whether something that does not speak gRPC and answers so may have done what it was asked.
pub(super) fn may_have_acted_behind(reply: &Incoming<'_>) -> bool {
    may_have_acted(reply.status, reply.headers)
}

/// What `fields` say about being asked again.
pub(super) fn again(fields: &HeaderMap, delay: Option<Duration>) -> Again {
    match text(fields, &PUSHBACK) {
        // What is no number is as a negative one.
        Some(text) => text.parse().map_or(Again::Never, |wait| Again::After(Duration::from_millis(wait))),
        None => delay.map_or(Again::Unsaid, Again::After),
    }
}

/// What `fields` say of the reason, in words.
pub(super) fn message(fields: &HeaderMap) -> String {
    let coded = fields.get(MESSAGE).map(http::HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(&unescaped(coded)).into_owned()
}

/// The bytes of `google.rpc.Status` in `fields`.
pub(super) fn details(fields: &HeaderMap) -> Option<Result<Vec<u8>, String>> {
    let coded = fields.get(DETAILS)?.as_bytes();
    Some(BASE64.decode(coded.trim_ascii()).map_err(|error| format!("they are not base64: {error}")))
}

fn text<'f>(fields: &'f HeaderMap, name: &HeaderName) -> Option<&'f str> {
    Some(fields.get(name)?.to_str().unwrap_or_default().trim())
}

/// Percent-decoded; what is no escape stays as it is.
fn unescaped(coded: &[u8]) -> Cow<'_, [u8]> {
    if !coded.contains(&b'%') {
        return Cow::Borrowed(coded);
    }
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded;
    while let [first, after @ ..] = rest {
        let is_escape = |digits: &&[u8; 2]| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit);
        let digits = after.first_chunk::<2>().filter(is_escape);
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    Cow::Owned(bytes)
}

/// Percent-encoded: what is not printable in ASCII, and `%`.
pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write;
    let mut coded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => coded.push(char::from(byte)),
            _ => drop(write!(coded, "%{byte:02X}")),
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_escaped_and_come_back() {
        for (text, coded) in
            [("none left", "none left"), ("100 %\n", "100 %25%0A"), ("für 3 €", "f%C3%BCr 3 %E2%82%AC")]
        {
            assert_eq!(escaped(text), coded);
            assert_eq!(String::from_utf8_lossy(&unescaped(coded.as_bytes())), text);
        }
        for (coded, text) in [("%", "%"), ("%4", "%4"), ("%+1", "%+1"), ("%zz%41", "%zzA"), ("%c3%BC", "ü")]
        {
            assert_eq!(String::from_utf8_lossy(&unescaped(coded.as_bytes())), text, "{coded}");
        }
    }
}
