//! The objects of a project that are neither systems nor steps, described with an example of each.

use tenon_errors::catalogue::{
    api::{BAD_ROUTE, OPEN_OPERATION, OPEN_REFERENCE, ROUTE_COLLISION, UNSENT_FIELD},
    contract::NOT_STORABLE,
    delivery::DEAD_LETTERS_FULL,
    project::BAD_ADDRESS,
    security::{BAD_HASH, BAD_KEY_SET, MISSING_SECRET, SECRET_IN_PROJECT},
};
use tenon_ports::Descriptor;

use crate::check::{
    apis::{API, AUTH, CORS, OPERATION},
    flows::FLOW,
    server::SERVER,
    tables::TABLE,
    topics::TOPIC,
};

/// Every such object.
pub(crate) static ALL: &[&Descriptor] = &[
    &Descriptor {
        name: "server",
        summary: "Where and how the APIs are served.",
        spec: &SERVER,
        guarantees: &[
            "It binds to loopback unless told otherwise; bodies, heads, connections and waits are bounded.",
        ],
        codes: &[&BAD_ADDRESS],
        example: "server: { listen: \"${LISTEN:127.0.0.1:8080}\", tls: { development: true }, limits: { body: 1MiB } }",
    },
    &Descriptor {
        name: "table",
        summary: "A table in a database, whose columns come from its contract.",
        spec: &TABLE,
        guarantees: &["It is created at the first start; one that differs is refused, never changed."],
        codes: &[&NOT_STORABLE],
        example: "archive: { in: db, contract: order, key: id, index: [customer], references: { owner: { table: customers, by: customer } } }",
    },
    &Descriptor {
        name: "topic",
        summary: "A durable, ordered sequence of messages.",
        spec: &TOPIC,
        guarantees: &["Messages of one key are delivered in order."],
        codes: &[],
        example: "returns: { in: bus, contract: order, key: order.customer, keep: { age: 30d, size: 1GiB } }",
    },
    &Descriptor {
        name: "flow",
        summary: "Where messages come from, the steps that each goes through, and what happens when one fails.",
        spec: &FLOW,
        guarantees: &[
            "Each message is processed at least once, or kept as a dead letter with its original bytes.",
            "No dead letter is dropped unless the project says so: a flow that has no room for one stands still.",
        ],
        codes: &[&DEAD_LETTERS_FULL],
        example: "keep-orders: { from: orders, steps: [{ upsert: orders }], retry: { attempts: 5, backoff: 100ms..10s }, dead_letters: { keep: { age: 30d }, full: drop_oldest } }",
    },
    &Descriptor {
        name: "api",
        summary: "Operations that are served together as REST and GraphQL.",
        spec: &API,
        guarantees: &["No operation and no row is open unless the project says so."],
        codes: &[&ROUTE_COLLISION, &OPEN_OPERATION, &OPEN_REFERENCE],
        example: "extra: { auth: none, expose: { rest: /v2 }, operations: { all: { rest: GET /customers, table: customers } } }",
    },
    &Descriptor {
        name: "auth",
        summary: "How callers of an API prove who they are.",
        spec: &AUTH,
        guarantees: &[
            "Keys and passwords are stored as hashes and compared in constant time; tokens without a signature or with a shared secret are refused.",
        ],
        codes: &[&BAD_KEY_SET, &BAD_HASH, &MISSING_SECRET, &SECRET_IN_PROJECT],
        example: "auth: { api_keys: { reader: { key: \"${secret:READER_KEY}\", scopes: [orders:read] } } }",
    },
    &Descriptor {
        name: "cors",
        summary: "Which pages of other origins may call an API from a browser.",
        spec: &CORS,
        guarantees: &["No page of another origin may unless it is named; cookies are never used."],
        codes: &[],
        example: "cors: { origins: [\"https://app.example\"], max_age: 1h }",
    },
    &Descriptor {
        name: "operation",
        summary: "Reads a table, or sends a message through a flow.",
        spec: &OPERATION,
        guarantees: &["The same checks and errors on every protocol."],
        codes: &[&BAD_ROUTE, &OPEN_OPERATION, &UNSENT_FIELD],
        example: "customer: { rest: \"GET /customers/{id}\", table: customers, scope: orders:read, limit: 100/s per client, cache: 30s }",
    },
];
