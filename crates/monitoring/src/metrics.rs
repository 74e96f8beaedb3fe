//! Every metric that Tenon emits.
//!
//! Names follow OpenTelemetry's semantic conventions, translated to Prometheus, where those have one; `tenon_` otherwise.
//! Adding a metric is one `static` and one line in [`ALL`].

use crate::{Family, Kind};

/// The bucket bounds that OpenTelemetry advises for HTTP.
const HTTP: Kind =
    Kind::Histogram(&[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]);
/// The bucket bounds that OpenTelemetry advises for databases, and smaller ones for those that run in the process.
const DATABASE: Kind =
    Kind::Histogram(&[0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0]);
/// A step of a flow takes from less than a microsecond (a mapping) to seconds (a call).
const STEP: Kind =
    Kind::Histogram(&[0.000_001, 0.000_01, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0]);
/// Flushing to a disk takes from tenths of a millisecond to, on a bad day, a second.
const DISK: Kind =
    Kind::Histogram(&[0.000_1, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0]);

/// Durations of requests to the APIs.
pub static HTTP_SERVER_REQUEST_DURATION: Family = Family {
    name: "http_server_request_duration_seconds",
    help: "How long HTTP requests took, by method, route template and status.",
    unit: "s",
    labels: &["http_request_method", "http_route", "http_response_status_code"],
    kind: HTTP,
};

/// Requests in hand.
pub static HTTP_SERVER_ACTIVE_REQUESTS: Family = Family {
    name: "http_server_active_requests",
    help: "HTTP requests in hand.",
    unit: "{request}",
    labels: &[],
    kind: Kind::Gauge,
};

/// Connections that were closed as they came.
pub static HTTP_SERVER_REFUSED_CONNECTIONS: Family = Family {
    name: "tenon_http_server_refused_connections_total",
    help: "Connections closed before anything was read, by reason: firewall, address (it has as many as it may) or system.",
    unit: "{connection}",
    labels: &["reason"],
    kind: Kind::Counter,
};

/// When credentials were used.
pub static CREDENTIAL_LAST_USED: Family = Family {
    name: "tenon_credential_last_used_timestamp_seconds",
    help: "When an API key or a password of the project was last accepted, in seconds since 1970, by API, kind and name; 0 if not since the start.",
    unit: "s",
    labels: &["api", "kind", "credential"],
    kind: Kind::Gauge,
};

/// Messages published to topics.
pub static MESSAGING_CLIENT_SENT_MESSAGES: Family = Family {
    name: "messaging_client_sent_messages_total",
    help: "Messages published, by topic.",
    unit: "{message}",
    labels: &["messaging_destination_name"],
    kind: Kind::Counter,
};

/// Messages taken from topics.
pub static MESSAGING_CLIENT_CONSUMED_MESSAGES: Family = Family {
    name: "messaging_client_consumed_messages_total",
    help: "Messages taken, by topic and consumer group.",
    unit: "{message}",
    labels: &["messaging_destination_name", "messaging_consumer_group_name"],
    kind: Kind::Counter,
};

/// Durations of database operations.
pub static DB_CLIENT_OPERATION_DURATION: Family = Family {
    name: "db_client_operation_duration_seconds",
    help: "How long database operations took, by database, operation and table.",
    unit: "s",
    labels: &["db_system_name", "db_operation_name", "db_collection_name"],
    kind: DATABASE,
};

/// Durations of the steps of flows.
pub static FLOW_STEP_DURATION: Family = Family {
    name: "tenon_flow_step_duration_seconds",
    help: "How long a step took per message, by flow and step.",
    unit: "s",
    labels: &["flow", "step"],
    kind: STEP,
};

/// What became of messages.
pub static FLOW_MESSAGES: Family = Family {
    name: "tenon_flow_messages_total",
    help: "Messages by flow and by what became of them: done, dead, filtered (ended at a filter) or retried.",
    unit: "{message}",
    labels: &["flow", "outcome"],
    kind: Kind::Counter,
};

/// Messages that became dead letters.
pub static DEAD_LETTERED: Family = Family {
    name: "tenon_dead_letters_total",
    help: "Messages that became dead letters, by flow and code.",
    unit: "{message}",
    labels: &["flow", "code"],
    kind: Kind::Counter,
};

/// Dead letters that wait for somebody.
pub static DEAD_LETTERS: Family = Family {
    name: "tenon_dead_letters",
    help: "Dead letters that are kept, by flow.",
    unit: "{message}",
    labels: &["flow"],
    kind: Kind::Gauge,
};

/// Dead letters that were let go.
pub static DEAD_LETTERS_DROPPED: Family = Family {
    name: "tenon_dead_letters_dropped_total",
    help: "Dead letters that were let go because the flow keeps no more of them, or none so old, by flow.",
    unit: "{message}",
    labels: &["flow"],
    kind: Kind::Counter,
};

/// Rows and records read from sources.
pub static SOURCE_ROWS: Family = Family {
    name: "tenon_source_rows_total",
    help: "Rows and records read from the source, by flow.",
    unit: "{row}",
    labels: &["flow"],
    kind: Kind::Counter,
};

/// Messages that were removed before a flow came to them.
pub static FLOW_SKIPPED: Family = Family {
    name: "tenon_flow_skipped_messages_total",
    help: "Messages that a topic had removed before the flow came to them, by flow.",
    unit: "{message}",
    labels: &["flow"],
    kind: Kind::Counter,
};

/// Durations of flushing the embedded broker's log to disk.
pub static LOG_FSYNC_DURATION: Family = Family {
    name: "tenon_log_fsync_duration_seconds",
    help: "How long flushing the log to disk took, by topic.",
    unit: "s",
    labels: &["topic"],
    kind: DISK,
};

/// Records that are skipped as damaged.
pub static TOPIC_SKIPPED: Family = Family {
    name: "tenon_topic_skipped_messages",
    help: "Messages of a topic that were damaged and are skipped because `tenon state skip` was told to, by topic.",
    unit: "{message}",
    labels: &["topic"],
    kind: Kind::Gauge,
};

/// Look-ups in the response cache.
pub static CACHE_REQUESTS: Family = Family {
    name: "tenon_cache_requests_total",
    help: "Requests to cached operations, by API, operation and result: hit or miss.",
    unit: "{request}",
    labels: &["api", "operation", "result"],
    kind: Kind::Counter,
};

/// Requests beyond a rate limit.
pub static RATE_LIMITED: Family = Family {
    name: "tenon_rate_limited_total",
    help: "Requests refused for being beyond the rate limit, by API and operation.",
    unit: "{request}",
    labels: &["api", "operation"],
    kind: Kind::Counter,
};

/// How long operations took, whatever protocol they were called by.
pub static OPERATION_DURATION: Family = Family {
    name: "tenon_operation_duration_seconds",
    help: "How long operations took, by API, operation and outcome: OK or the kind of the failure.",
    unit: "s",
    labels: &["api", "operation", "outcome"],
    kind: HTTP,
};

/// Durations of attempts at requests to other systems.
pub static HTTP_CLIENT_REQUEST_DURATION: Family = Family {
    name: "http_client_request_duration_seconds",
    help: "How long requests to other systems took, each attempt by itself, by system, method, status, and code of the problem where there was no answer.",
    unit: "s",
    labels: &["system", "http_request_method", "http_response_status_code", "error_type"],
    kind: HTTP,
};

/// Requests to other systems in hand.
pub static HTTP_CLIENT_ACTIVE_REQUESTS: Family = Family {
    name: "http_client_active_requests",
    help: "Calls of other systems in hand, by system.",
    unit: "{request}",
    labels: &["system"],
    kind: Kind::Gauge,
};

/// Durations of calls of other systems.
pub static CALL_DURATION: Family = Family {
    name: "tenon_call_duration_seconds",
    help: "How long calls of other systems took with waits and repeats, by system and outcome: the status, or the code of the problem.",
    unit: "s",
    labels: &["system", "outcome"],
    kind: HTTP,
};

/// Calls that wait for their turn.
pub static CALLS_WAITING: Family = Family {
    name: "tenon_calls_waiting",
    help: "Calls of other systems that wait because as many as may be are in hand, by system.",
    unit: "{call}",
    labels: &["system"],
    kind: Kind::Gauge,
};

/// Requests that were sent again.
pub static CALL_REPEATS: Family = Family {
    name: "tenon_call_repeats_total",
    help: "Requests that were sent again, by system and reason: the status, the code of the problem, or hedge (the first one was slow).",
    unit: "{request}",
    labels: &["system", "reason"],
    kind: Kind::Counter,
};

/// Whether endpoints of other systems get calls.
pub static ENDPOINT_STATE: Family = Family {
    name: "tenon_endpoint_state",
    help: "1 for the state that an endpoint of a system was last seen in, 0 for the others: up, ejected, open or half_open.",
    unit: "1",
    labels: &["system", "endpoint", "state"],
    kind: Kind::Gauge,
};

/// Endpoints that were left alone.
pub static ENDPOINT_LEFT_ALONE: Family = Family {
    name: "tenon_endpoint_left_alone_total",
    help: "How often an endpoint of a system was left alone after failures, by reason: breaker (it opened), ejection (others did not fail) or health (it says that it is not well).",
    unit: "1",
    labels: &["system", "endpoint", "reason"],
    kind: Kind::Counter,
};

/// How far flows are behind.
pub static FLOW_LAG: Family = Family {
    name: "tenon_flow_lag_messages",
    help: "Messages of its topic that a flow has not settled.",
    unit: "{message}",
    labels: &["flow"],
    kind: Kind::Gauge,
};

/// Reloads of the project.
pub static RELOADS: Family = Family {
    name: "tenon_reloads_total",
    help: "Reloads of the project by result: done, or refused because the project no longer checks.",
    unit: "{reload}",
    labels: &["result"],
    kind: Kind::Counter,
};

/// Whether what runs is what the project folder says.
pub static RELOAD_SUCCESSFUL: Family = Family {
    name: "tenon_last_reload_successful",
    help: "1 if the last reload was done, 0 if it was refused and an older plan runs.",
    unit: "1",
    labels: &[],
    kind: Kind::Gauge,
};

/// The version that runs.
pub static BUILD_INFO: Family = Family {
    name: "tenon_build_info",
    help: "Always 1; the label says which version runs.",
    unit: "1",
    labels: &["version"],
    kind: Kind::Gauge,
};

/// Memory of the process.
pub static PROCESS_RESIDENT_MEMORY: Family = Family {
    name: "process_resident_memory_bytes",
    help: "Resident memory of the process.",
    unit: "By",
    labels: &[],
    kind: Kind::Gauge,
};

/// When the process started.
pub static PROCESS_START_TIME: Family = Family {
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970.",
    unit: "s",
    labels: &[],
    kind: Kind::Gauge,
};

/// Open files and sockets of the process.
pub static PROCESS_OPEN_FDS: Family = Family {
    name: "process_open_fds",
    help: "Files and sockets that the process holds open.",
    unit: "{file}",
    labels: &[],
    kind: Kind::Gauge,
};

/// Every family, in the order of the reference page.
pub static ALL: &[&Family] = &[
    &HTTP_SERVER_REQUEST_DURATION,
    &HTTP_SERVER_ACTIVE_REQUESTS,
    &HTTP_SERVER_REFUSED_CONNECTIONS,
    &CREDENTIAL_LAST_USED,
    &MESSAGING_CLIENT_SENT_MESSAGES,
    &MESSAGING_CLIENT_CONSUMED_MESSAGES,
    &DB_CLIENT_OPERATION_DURATION,
    &FLOW_STEP_DURATION,
    &FLOW_MESSAGES,
    &DEAD_LETTERED,
    &DEAD_LETTERS,
    &DEAD_LETTERS_DROPPED,
    &SOURCE_ROWS,
    &FLOW_SKIPPED,
    &LOG_FSYNC_DURATION,
    &TOPIC_SKIPPED,
    &CACHE_REQUESTS,
    &RATE_LIMITED,
    &OPERATION_DURATION,
    &HTTP_CLIENT_REQUEST_DURATION,
    &HTTP_CLIENT_ACTIVE_REQUESTS,
    &CALL_DURATION,
    &CALLS_WAITING,
    &CALL_REPEATS,
    &ENDPOINT_STATE,
    &ENDPOINT_LEFT_ALONE,
    &FLOW_LAG,
    &RELOADS,
    &RELOAD_SUCCESSFUL,
    &BUILD_INFO,
    &PROCESS_RESIDENT_MEMORY,
    &PROCESS_START_TIME,
    &PROCESS_OPEN_FDS,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_of_prometheus_form() {
        let mut seen = BTreeSet::new();
        for family in ALL {
            assert!(seen.insert(family.name), "{} is declared twice", family.name);
            for name in family.labels.iter().chain([&family.name]) {
                let form = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                assert!(form && !name.starts_with("__") && *name != "le", "{}: {name}", family.name);
            }
        }
    }

    #[test]
    fn names_say_the_unit_and_the_kind() {
        for family in ALL {
            let counter = family.kind == Kind::Counter;
            assert_eq!(family.name.ends_with("_total"), counter, "{}", family.name);
            assert_eq!(family.name.ends_with("_seconds"), family.unit == "s", "{}", family.name);
            assert_eq!(family.name.ends_with("_bytes"), family.unit == "By", "{}", family.name);
            assert!(family.help.ends_with('.'), "{}", family.name);
            if let Kind::Histogram(bounds) = family.kind {
                assert!(bounds.is_sorted() && bounds.iter().all(|bound| *bound > 0.0), "{}", family.name);
            }
        }
    }
}
