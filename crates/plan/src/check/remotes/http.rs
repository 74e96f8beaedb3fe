//! What an HTTP API offers: the requests of its description, or those that the project writes.

use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_ports::{
    Descriptor, Key, Spec, SpecValue as Value,
    remote::{Credential, Versions},
};

use super::{
    Callable, Offered, Offering,
    addresses::URL,
    by_hand, described,
    spec::{CODES, GUARANTEES},
};
use crate::check::Context;

/// The kind.
pub(super) const KIND: Callable = Callable {
    descriptor: &Descriptor {
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
                    OPERATIONS,
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
    },
    is_whole: false,
    versions: Versions::Agreed,
    misplaced: no_messages,
    read,
};

/// `systems.NAME.http.operations`.
const OPERATIONS: Value = Value::Map(&Value::Object(&OPERATION));

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

/// WS-Security stands in messages of SOAP alone.
pub(super) fn no_messages(credential: &Credential) -> Option<(&'static str, &'static str)> {
    matches!(credential, Credential::WsSecurity { .. }).then_some((
        "`ws_security` stands in the messages of SOAP, and the system has none",
        "use another way, such as `basic`",
    ))
}

/// What an HTTP API offers.
fn read(offering: &Offering<'_>, context: &mut Context<'_>) -> Option<Offered> {
    let Offering { name, key, object, contracts } = offering;
    match (object.entry("openapi"), object.entry("operations")) {
        (Some((_, file)), None) => described::read(file, context),
        (None, Some((_, operations))) => by_hand::read(operations, contracts, context),
        (Some(_), Some((second, _))) => {
            let message = "`openapi` and `operations` both say what the system offers";
            context.problem(Report::new(&BAD_VALUE, message).at(second.place()).hint("remove one of them"));
            None
        }
        (None, None) => {
            let message = format!("nothing says what `{name}` offers");
            let report = Report::new(&MISSING_KEY, message).at(key.place());
            context.problem(report.hint("add `openapi`: its description; or `operations`, by hand"));
            None
        }
    }
}
