//! What a project writes of a system whose operations are called.

use tenon_errors::{
    Code,
    catalogue::system::{
        CALL_FAILED, CALL_FOUND_NOTHING, CALL_IN_DOUBT, CALL_REFUSED, CALL_UNAUTHORIZED, CANNOT_CONNECT,
        UNEXPECTED_REPLY,
    },
};
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{
    addresses::{PROXY, URL},
    auth::AUTH,
    certificates::TLS,
    resilience::{BALANCE, BREAKER, EJECTION, HEALTH, REDIRECTS, RETRY},
};

/// The kinds that the keys of [`BESIDE`] stand beside.
const CALLED: &[&str] = &["http", "soap", "grpc"];

/// What calls of every kind may come to.
const CODES: &[&Code] = &[
    &CANNOT_CONNECT,
    &UNEXPECTED_REPLY,
    &CALL_REFUSED,
    &CALL_FOUND_NOTHING,
    &CALL_UNAUTHORIZED,
    &CALL_FAILED,
    &CALL_IN_DOUBT,
];
/// What holds for calls of every kind.
const GUARANTEES: &[&str] = &[
    "What is sent and what comes back is held against the description.",
    "A call that acts is not made twice: one whose answer did not come is reported as in doubt.",
    "Only the addresses that the project names are reached; redirects lead nowhere else.",
];

/// `systems.NAME.http`.
pub(crate) static HTTP: Descriptor = Descriptor {
    name: "http",
    summary: "An HTTP API whose operations are called.",
    spec: &Spec {
        name: "http system",
        doc: "An HTTP API whose operations are called: described by OpenAPI, or by hand.",
        keys: &[
            Key::optional(
                "openapi",
                Value::Path,
                "",
                "Its description in OpenAPI 2.0 to 3.2, a file of the project. Each request with an `operationId` is an operation.",
            ),
            Key::optional(
                "operations",
                Value::Map(&Value::Object(&OPERATION)),
                "",
                "Its operations by name, for an API without a description.",
            ),
            Key::optional(
                "url",
                URL,
                "",
                "Where it is; of several instances, calls are balanced. The server of its description without it.",
            ),
        ],
    },
    guarantees: GUARANTEES,
    codes: CODES,
    example: "geo: { http: { url: \"${GEO_URL:http://127.0.0.1:9000}\", operations: { ping: { request: GET /ping } } }, timeout: 5s }",
};

/// `systems.NAME.soap`.
pub(crate) static SOAP: Descriptor = Descriptor {
    name: "soap",
    summary: "A SOAP service whose operations are called.",
    spec: &Spec {
        name: "soap system",
        doc: "A SOAP service whose operations are called, in SOAP 1.1 or 1.2 as its description says.",
        keys: &[
            Key::required(
                "wsdl",
                Value::Path,
                "Its description in WSDL 1.1, a file of the project. What it imports belongs to the project as well.",
            ),
            Key::optional(
                "port",
                Value::Text,
                "",
                "The port that is called, by its name. Without it there is only one to choose.",
            ),
            Key::optional(
                "binding",
                Value::Text,
                "",
                "The binding that is called, by its name, where the description has no port for it.",
            ),
            Key::optional(
                "url",
                URL,
                "",
                "Where it is; of several instances, calls are balanced. The address of the port without it.",
            ),
        ],
    },
    guarantees: GUARANTEES,
    codes: CODES,
    example: "erp: { soap: { wsdl: systems/erp.wsdl, url: \"${ERP_URL:http://127.0.0.1:9000/orders}\" }, timeout: 5s }",
};

/// `systems.NAME.grpc`.
pub(crate) static GRPC: Descriptor = Descriptor {
    name: "grpc",
    summary: "A gRPC service whose methods are called.",
    spec: &Spec {
        name: "grpc system",
        doc: "A gRPC service whose methods are called, over HTTP/2: without TLS by prior knowledge.",
        keys: &[
            Key::required(
                "proto",
                Value::Path,
                "Its description in Protobuf, a file of the project. What it imports belongs to the project as well.",
            ),
            Key::optional(
                "service",
                Value::Text,
                "",
                "The service that is called, by its name. Without it there is only one to choose.",
            ),
            Key::required(
                "url",
                Value::Either(&[Value::Setting, Value::List(&Value::Setting)]),
                "Where it is; of several instances, calls are balanced.",
            ),
        ],
    },
    guarantees: GUARANTEES,
    codes: CODES,
    example: "stock: { grpc: { proto: systems/stock.proto, url: \"${STOCK_URL:http://127.0.0.1:9000}\" }, timeout: 5s }",
};

/// `systems.NAME.http.operations.NAME`.
static OPERATION: Spec = Spec {
    name: "called operation",
    doc: "A request that the system answers.",
    keys: &[
        Key::required(
            "request",
            Value::Text,
            "Method and path: `GET /places/{id}`. Parameters are fields of the input; its other fields are the query of a `GET` or `DELETE`, and the JSON body of the others.",
        ),
        Key::optional("input", Value::Reference("contract"), "", "What it takes; nothing without it."),
        Key::optional("output", Value::Reference("contract"), "", "What it answers; nothing without it."),
    ],
};

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
