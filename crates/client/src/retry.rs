//! When a request is sent again.
//!
//! What may be repeated is sent again after every failure that can pass, and after the statuses that its request names. What acts
//! is sent again only where it certainly has not acted:
//!
//! | what happened | why it has not acted |
//! |---|---|
//! | no connection, no TLS, a proxy that refuses | nothing was sent |
//! | the connection of HTTP/1.1 ended before a byte of the request was written | nothing was sent |
//! | `GOAWAY` that leaves the stream out, `REFUSED_STREAM` | RFC 9113, sections 6.8 and 8.7: the server says that it has not processed it |
//! | 401, once, with new credentials | RFC 9110, section 15.5.2: "the request has not been applied" |
//! | 429 | RFC 6585, section 4: the request was counted and turned away; with or without `Retry-After` |
//! | what the protocol over HTTP says of it ([`Protocol`](crate::Protocol)): a status of gRPC with the time to come again | the call was turned away before it began |
//! | 503 with `Retry-After` | RFC 9110, section 15.6.4: the server turns requests away for a while, and says when to come back |
//!
//! A 503 without `Retry-After` is also what proxies make of a server that broke in the middle of a request, as are 502 and 504:
//! after these, what acts is not sent again.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use tenon_ports::{
    Effect,
    remote::{Again, Standing},
};

use crate::{
    Request, Retry,
    failure::{Passes, Trouble},
};

/// The longest wait that is read from a server's word: an answer of which more is asked is not waited for anyway.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether the request is sent again after an answer of this status; `is_told` says whether the server said when.
pub(crate) fn after_answer(request: &Request, status: StatusCode, is_told: bool) -> bool {
    match request.effect {
        Effect::Safe | Effect::Idempotent => request.retried.contains(&status),
        Effect::Acts => {
            status == StatusCode::TOO_MANY_REQUESTS || (status == StatusCode::SERVICE_UNAVAILABLE && is_told)
        }
    }
}

/// The wait that the server asks for, if the request is sent again after an answer whose protocol says what it means.
pub(crate) fn after_standing(request: &Request, standing: &Standing) -> Option<Duration> {
    let may_be = match request.effect {
        Effect::Safe | Effect::Idempotent => request.retried.contains(&standing.status),
        Effect::Acts => standing.is_untouched && request.retried.contains(&standing.status),
    };
    match standing.again {
        Again::Never => None,
        Again::Unsaid => may_be.then_some(Duration::ZERO),
        Again::After(wait) => may_be.then(|| wait.min(LONGEST)),
    }
}

/// Whether the request is sent again after a failure; `is_alone` says whether there is no other endpoint.
pub(crate) fn after_trouble(effect: Effect, trouble: &Trouble, is_alone: bool) -> bool {
    let passes = match trouble.passes {
        Passes::Anywhere => true,
        Passes::Elsewhere => !is_alone,
        Passes::Nowhere => false,
    };
    passes && (effect != Effect::Acts || !trouble.may_have_acted)
}

/// How long to wait after so many attempts: by chance, up to a bound that doubles ("full jitter"), so that those who failed together
/// do not come back together. `chance` is from 0 to 1.
pub(crate) fn wait(retry: &Retry, attempts: u32, chance: f64) -> Duration {
    let doubled = retry.wait.start.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    doubled.min(retry.wait.end).mul_f64(chance.clamp(0.0, 1.0))
}

/// When the server wants to be asked again (RFC 9110, section 10.2.3): a number of seconds, or a date.
pub(crate) fn told(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large is one that is too long.
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = SystemTime::UNIX_EPOCH + Duration::try_from(now.as_duration()).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method};
    use tenon_errors::{Report, catalogue::system::CONNECTION_BROKE};

    use super::*;

    fn request(effect: Effect) -> Request {
        Request::new(Method::GET, "/", effect)
    }

    #[test]
    fn after_an_answer_what_may_be_repeated_is_and_what_acts_only_where_it_did_not() {
        let table = [
            (429, false, [true, true, true]),
            (429, true, [true, true, true]),
            (503, false, [true, true, false]),
            (503, true, [true, true, true]),
            (502, true, [true, true, false]),
            (504, true, [true, true, false]),
            (500, true, [false, false, false]),
            (200, true, [false, false, false]),
            (404, true, [false, false, false]),
        ];
        for (status, is_told, expected) in table {
            let status = StatusCode::from_u16(status).unwrap();
            let again = [Effect::Safe, Effect::Idempotent, Effect::Acts]
                .map(|effect| after_answer(&request(effect), status, is_told));
            assert_eq!(again, expected, "{status} {is_told}");
        }
    }

    #[test]
    fn after_what_a_protocol_says_what_acts_is_repeated_only_where_it_was_turned_away() {
        let after = Again::After(Duration::from_secs(1));
        for (status, is_untouched, again, expected) in [
            (503, false, Again::Unsaid, [Some(0), Some(0), None]),
            (503, true, after, [Some(1), Some(1), Some(1)]),
            (503, true, Again::Never, [None, None, None]),
            (429, false, Again::Unsaid, [Some(0), Some(0), None]),
            // It has not acted, and would not the next time, either.
            (404, true, Again::Unsaid, [None, None, None]),
            (500, false, after, [None, None, None]),
        ] {
            let standing = Standing { status: StatusCode::from_u16(status).unwrap(), is_untouched, again };
            let waits = [Effect::Safe, Effect::Idempotent, Effect::Acts]
                .map(|effect| after_standing(&request(effect), &standing).map(|wait| wait.as_secs()));
            assert_eq!(waits, expected, "{standing:?}");
        }
    }

    #[test]
    fn a_request_names_the_statuses_after_which_it_may_be_repeated() {
        let request = Request { retried: vec![StatusCode::NOT_FOUND], ..request(Effect::Safe) };
        assert!(after_answer(&request, StatusCode::NOT_FOUND, false));
        assert!(!after_answer(&request, StatusCode::TOO_MANY_REQUESTS, true));
        let request = Request { effect: Effect::Acts, ..request };
        assert!(!after_answer(&request, StatusCode::NOT_FOUND, true));
    }

    #[test]
    fn after_a_failure_what_acts_is_sent_again_only_if_it_did_not_act() {
        let report = || Report::new(&CONNECTION_BROKE, "x");
        let (unsent, sent) = (Trouble::unsent(report()), Trouble::sent(report()));
        let (here, lasting) = (Trouble::unsent(report()).here(), Trouble::unsent(report()).lasting());
        for (effect, expected) in [
            (Effect::Safe, [true, true, true, false]),
            (Effect::Idempotent, [true, true, true, false]),
            (Effect::Acts, [true, false, true, false]),
        ] {
            let again =
                [&unsent, &sent, &here, &lasting].map(|trouble| after_trouble(effect, trouble, false));
            assert_eq!(again, expected, "{effect:?}");
        }
        assert!(!after_trouble(Effect::Safe, &here, true) && after_trouble(Effect::Safe, &sent, true));
    }

    #[test]
    fn waits_double_up_to_a_bound() {
        let retry = Retry::default();
        let longest = |attempts| wait(&retry, attempts, 1.0).as_millis();
        assert_eq!([1, 2, 3, 6, 7, 99].map(longest), [100, 200, 400, 3_200, 5_000, 5_000]);
        assert_eq!(wait(&retry, 3, 0.25).as_millis(), 100);
    }

    #[test]
    fn a_server_says_when_to_come_back_by_seconds_or_by_date() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let table = [
            ("0", Some(0)),
            ("120", Some(120)),
            ("99999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(37)),
            ("Sun Nov  6 08:48:37 1994", Some(0)),
            ("Sat, 06 Nov 2094 08:49:37 GMT", Some(86_400)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ];
        for (text, expected) in table {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(told(&headers, now), expected.map(Duration::from_secs), "{text}");
        }
        assert_eq!(told(&HeaderMap::new(), now), None);
    }
}
