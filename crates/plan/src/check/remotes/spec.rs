//! What a project writes of a system whose operations are called.

use tenon_errors::{
    Code,
    catalogue::system::{
        CALL_FAILED, CALL_FOUND_NOTHING, CALL_IN_DOUBT, CALL_REFUSED, CALL_UNAUTHORIZED, CANNOT_CONNECT,
        UNEXPECTED_REPLY,
    },
};
use tenon_ports::{Key, SpecValue as Value};

use super::{
    CALLABLE,
    addresses::PROXY,
    auth::AUTH,
    certificates::TLS,
    resilience::{BALANCE, BREAKER, EJECTION, HEALTH, REDIRECTS, RETRY},
};

/// The kinds that the keys of [`BESIDE`] stand beside.
const CALLED: &[&str] = &{
    let mut names = [""; CALLABLE.len()];
    let mut at = 0;
    while at < CALLABLE.len() {
        names[at] = CALLABLE[at].descriptor.name;
        at += 1;
    }
    names
};

/// What calls of every kind may come to.
pub(super) const CODES: &[&Code] = &[
    &CANNOT_CONNECT,
    &UNEXPECTED_REPLY,
    &CALL_REFUSED,
    &CALL_FOUND_NOTHING,
    &CALL_UNAUTHORIZED,
    &CALL_FAILED,
    &CALL_IN_DOUBT,
];
/// What holds for calls of every kind.
pub(super) const GUARANTEES: &[&str] = &[
    "What is sent and what comes back is held against the description.",
    "A call that acts is not made twice: one whose answer did not come is reported as in doubt.",
    "Only the addresses that the project names are reached; redirects lead nowhere else.",
];

/// What stands beside the kind of a system whose operations are called.
pub(crate) const BESIDE: &[Key] = &[
    Key::beside("auth", CALLED, Value::Variant(&AUTH), "How it is proved who is calling."),
    Key::beside(
        "timeout",
        CALLED,
        Value::Duration,
        "The longest wait for an answer, with everything that is tried again; 30 seconds without it.",
    ),
    Key::beside(
        "connect_timeout",
        CALLED,
        Value::Duration,
        "The longest wait for a connection; 5 seconds without it.",
    ),
    Key::beside(
        "read_timeout",
        CALLED,
        Value::Duration,
        "The longest silence of an instance that was asked, after which the call is tried again where that may be; `timeout` without it.",
    ),
    Key::beside(
        "retry",
        CALLED,
        Value::Object(&RETRY),
        "How calls that cannot act twice are tried again: exponential backoff with full jitter.",
    ),
    Key::beside(
        "hedge",
        CALLED,
        Value::Duration,
        "After how long without an answer what only reads is asked once more, of another instance where there is one; the first answer counts.",
    ),
    Key::beside("breaker", CALLED, BREAKER, "When calls are kept from an instance that fails."),
    Key::beside(
        "ejection",
        CALLED,
        EJECTION,
        "When an instance that fails is left out, while others do not fail.",
    ),
    Key::beside(
        "health",
        CALLED,
        HEALTH,
        "The path by which instances are asked whether they are well, or how; without it, calls alone show it.",
    ),
    Key::beside(
        "balance",
        CALLED,
        BALANCE,
        "Which of several instances a call goes to; `least_loaded` without it. By `hash`, the same request goes to the same instance.",
    ),
    Key::beside(
        "at_most",
        CALLED,
        Value::Integer(1, 10_000),
        "How many calls are under way at the same time; 64 without it.",
    ),
    Key::beside(
        "queue",
        CALLED,
        Value::Integer(0, 1_000_000),
        "How many more calls wait for their turn; what comes beyond is refused. 256 without it.",
    ),
    Key::beside(
        "effects",
        CALLED,
        Value::Fields(&Value::Word(&["safe", "idempotent", "acts"])),
        "What operations do, by their names, where the description does not say it: `safe` only reads, `idempotent` may be repeated, and `acts` is not done twice. Without it, the method says it in HTTP, its `idempotency_level` in gRPC, and every operation of SOAP acts.",
    ),
    Key::beside("max_reply", CALLED, Value::Size, "The largest answer; 16 MiB without it."),
    Key::beside(
        "idempotency_key",
        CALLED,
        Value::Text,
        "The header in which the system takes the key of a request, such as `Idempotency-Key`: a call that acts is then made again with the same key.",
    ),
    Key::beside(
        "private",
        CALLED,
        Value::Bool,
        "Whether the name of the system may lead to a private address. It may not without it, so that no name can turn calls against the inside; an address or `localhost` that is written out may.",
    ),
    Key::beside("tls", CALLED, Value::Object(&TLS), "Which certificates are trusted and shown."),
    Key::beside(
        "redirects",
        CALLED,
        REDIRECTS,
        "Whether what only reads follows a redirect to the same scheme, host and port; `none` without it: a redirect is an answer.",
    ),
    Key::beside("proxy", CALLED, PROXY, "The proxy that calls go through, as `http://HOST:PORT`."),
];
