//! How calls of a system are spread, timed, repeated, and kept from instances that fail.

use std::time::Duration;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_ports::{
    Key, Spec, SpecValue as Value,
    remote::{Balance, Breaker, Ejection, FailedShare, HealthCheck, Redirects, Resilience, Retry, Timeouts},
};

use crate::{
    check::Context,
    parse::{Object, scalar},
};

/// What turns a rule off.
const NONE: Value = Value::Word(&["none"]);
/// `systems.NAME.breaker`.
pub(super) const BREAKER: Value = Value::Either(&[NONE, Value::Object(&BREAKERS)]);
/// `systems.NAME.ejection`.
pub(super) const EJECTION: Value = Value::Either(&[NONE, Value::Object(&EJECTIONS)]);
/// `systems.NAME.health`.
pub(super) const HEALTH: Value = Value::Either(&[Value::Text, Value::Object(&CHECK)]);
/// `systems.NAME.balance`.
pub(super) const BALANCE: Value = Value::Word(&["least_loaded", "round_robin", "hash"]);
/// `systems.NAME.redirects`.
pub(super) const REDIRECTS: Value = Value::Word(&["none", "same_host"]);

/// `systems.NAME.retry`.
pub(super) static RETRY: Spec = Spec {
    name: "call retry",
    doc: "How calls that cannot act twice are tried again.",
    keys: &[
        Key::optional("attempts", Value::Integer(1, 100), "3", "How many times a call is tried in total."),
        Key::optional(
            "backoff",
            Value::DurationRange,
            "100ms..5s",
            "The wait after the first failure, and the longest one; it doubles.",
        ),
        Key::optional(
            "budget",
            Value::Share,
            "20%",
            "How many repeats there may be for the calls of the system, so that one in need does not get a multiple of its load.",
        ),
    ],
};

static BREAKERS: Spec = Spec {
    name: "breaker",
    doc: "When calls are kept from an instance that fails, so that it can recover (circuit breaker). Of `failures` and `share`, what is written holds; both hold where neither is.",
    keys: &[
        Key::optional("failures", Value::Integer(1, 1_000_000), "5", "How many failures in a row open it."),
        Key::optional(
            "share",
            Value::Share,
            "50%",
            "Which share of the calls of a while fails when it opens.",
        ),
        Key::optional(
            "calls",
            Value::Integer(1, 1_000_000),
            "20",
            "Of fewer calls, their share says nothing.",
        ),
        Key::optional("window", Value::Duration, "10s", "How far back calls count for their share."),
        Key::optional(
            "wait",
            Value::Duration,
            "10s",
            "How long until a call may try whether the instance works again.",
        ),
    ],
};

static EJECTIONS: Spec = Spec {
    name: "ejection",
    doc: "When an instance that fails is left out while others do not fail (outlier ejection). The last one never is.",
    keys: &[
        Key::optional(
            "failures",
            Value::Integer(1, 1_000_000),
            "3",
            "How many failures in a row put it out.",
        ),
        Key::optional("wait", Value::Duration, "30s", "For how long; for as much longer each time."),
    ],
};

static CHECK: Spec = Spec {
    name: "health check",
    doc: "How instances are asked whether they are well. One that is not gets no calls as long as there is another.",
    keys: &[
        Key::required(
            "path",
            Value::Text,
            "What is asked for by `GET`, without credentials: a path below the address of the instance. A status below 400 is good.",
        ),
        Key::optional("every", Value::Duration, "10s", "How often."),
        Key::optional("timeout", Value::Duration, "2s", "The longest wait for an answer."),
        Key::optional(
            "bad",
            Value::Integer(1, 1_000),
            "2",
            "After so many bad answers in a row it is not well.",
        ),
        Key::optional("good", Value::Integer(1, 1_000), "2", "After so many good ones it is well again."),
    ],
};

/// Reads what stands beside the kind of a system.
pub(super) fn check(system: Object<'_>, context: &mut Context<'_>) -> Option<Resilience> {
    for key in ["timeout", "connect_timeout", "read_timeout", "hedge"] {
        require_time(system, key, context);
    }
    let breaker = breaker(system, context);
    let health = system.get("health").map(|node| health(node, context));
    Some(Resilience {
        balance: match system.text("balance").as_deref() {
            Some("round_robin") => Balance::RoundRobin,
            Some("hash") => Balance::Hash,
            _ => Balance::LeastLoaded,
        },
        timeouts: timeouts(system),
        retry: retry(system),
        hedge: system.duration("hedge"),
        breaker: breaker?,
        ejection: ejection(system),
        health: health.map_or(Some(None), |health| health.map(Some))?,
        redirects: match system.text("redirects").as_deref() {
            Some("same_host") => Redirects::SameHost,
            _ => Redirects::Answer,
        },
    })
}

/// A problem for a time in which nothing can be answered.
fn require_time(object: Object<'_>, key: &str, context: &mut Context<'_>) {
    if let (Some(node), Some(Duration::ZERO)) = (object.get(key), object.duration(key)) {
        let report = Report::new(&BAD_VALUE, format!("within a `{key}` of no time nothing is answered"));
        context.problem(report.at(node.place()).hint("write how long to wait, for example `5s`"));
    }
}

fn timeouts(system: Object<'_>) -> Timeouts {
    let usual = Timeouts::default();
    let total = system.duration("timeout").unwrap_or(usual.total);
    Timeouts {
        connect: system.duration("connect_timeout").unwrap_or(usual.connect),
        read: system.duration("read_timeout").unwrap_or(total),
        total,
    }
}

fn retry(system: Object<'_>) -> Retry {
    let usual = Retry::default();
    let Some(retry) = system.object("retry") else { return usual };
    let wait = retry.text("backoff").and_then(|text| scalar::duration_range(&text));
    Retry {
        attempts: number(retry, "attempts").unwrap_or(usual.attempts),
        wait: wait.map_or(usual.wait, |(first, longest)| first..longest),
        budget: share(retry, "budget").unwrap_or(usual.budget),
    }
}

fn breaker(system: Object<'_>, context: &mut Context<'_>) -> Option<Breaker> {
    let usual = Breaker::default();
    if is_off(system, "breaker") {
        return Some(Breaker::OFF);
    }
    let Some(object) = system.object("breaker") else { return Some(usual) };
    let (failures, said) = (number(object, "failures"), share(object, "share"));
    let count = FailedShare::default();
    let of_share = |share| FailedShare {
        share,
        calls: number(object, "calls").unwrap_or(count.calls),
        window: object.duration("window").unwrap_or(count.window),
    };
    let is_by_share = said.is_some() || failures.is_none();
    let lone = ["calls", "window"].into_iter().find_map(|key| object.entry(key)).filter(|_| !is_by_share);
    if let Some((key, _)) = lone {
        let name = key.as_str().unwrap_or_default();
        let message = format!("`{name}` is about a share of calls, and only `failures` opens this breaker");
        let report = Report::new(&MISSING_KEY, message).at(key.place());
        context.problem(report.hint(format!("add `share: 50%`, or remove `{name}`")));
        return None;
    }
    require_time(object, "window", context);
    Some(Breaker {
        failures: failures.or(usual.failures.filter(|_| said.is_none())),
        share: is_by_share.then(|| of_share(said.unwrap_or(count.share))),
        wait: object.duration("wait").unwrap_or(usual.wait),
    })
}

fn ejection(system: Object<'_>) -> Ejection {
    if is_off(system, "ejection") {
        return Ejection::OFF;
    }
    let usual = Ejection::default();
    let Some(object) = system.object("ejection") else { return usual };
    Ejection {
        failures: number(object, "failures").or(usual.failures),
        wait: object.duration("wait").unwrap_or(usual.wait),
    }
}

fn health(node: &Node, context: &mut Context<'_>) -> Option<HealthCheck> {
    let object = node.entries().map(|_| Object::new(node));
    let path = object.map_or(Some(node), |object| object.get("path"))?;
    let text = path.scalar_text()?;
    let is_target =
        text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic() && !b"#\\".contains(&b));
    if !is_target {
        let report = Report::new(&BAD_VALUE, format!("`{text}` is not a path that can be asked for"));
        context.problem(report.at(path.place()).hint("begin with `/`, for example `/health`"));
        return None;
    }
    let usual = HealthCheck::new(&*text);
    let Some(object) = object else { return Some(usual) };
    for key in ["every", "timeout"] {
        require_time(object, key, context);
    }
    Some(HealthCheck {
        every: object.duration("every").unwrap_or(usual.every),
        timeout: object.duration("timeout").unwrap_or(usual.timeout),
        bad: number(object, "bad").unwrap_or(usual.bad),
        good: number(object, "good").unwrap_or(usual.good),
        ..usual
    })
}

fn is_off(system: Object<'_>, key: &str) -> bool {
    system.text(key).as_deref() == Some("none")
}

fn number(object: Object<'_>, key: &str) -> Option<u32> {
    object.integer(key).and_then(|it| u32::try_from(it).ok())
}

fn share(object: Object<'_>, key: &str) -> Option<f64> {
    object.text(key).and_then(|text| tenon_model::units::share(&text))
}
