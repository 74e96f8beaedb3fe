//! What goes wrong, as an operation answers it: problem documents (RFC 9457).

use serde_json::{Value, json};

use super::components::Components;

/// What each status means; `default` is every other one.
const PROBLEMS: &[(&str, &str)] = &[
    ("400", "The request does not follow its contract, or a parameter is not valid."),
    ("401", "The credentials are absent or not valid; `WWW-Authenticate` says what is accepted."),
    ("403", "The credentials do not allow this."),
    ("404", "There is no row with this key."),
    ("406", "The client accepts no JSON."),
    ("413", "The body is larger than allowed."),
    ("415", "The body is not JSON."),
    ("422", "The message follows its contract, but the flow does not take it in this state of things."),
    ("429", "More requests than the limit allows."),
    ("502", "A system that this needs has answered otherwise than it should."),
    ("503", "Not now."),
    ("504", "A system that this needs has not answered in time."),
    ("default", "Any other problem."),
];

/// The response of `status`.
pub(super) fn response(status: &str, components: &mut Components) -> Value {
    let description =
        PROBLEMS.iter().find(|(known, _)| *known == status).map_or("A problem.", |(_, text)| text);
    let mut response = json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let mut headers = Vec::new();
    match status {
        "401" | "403" => headers.push(("WWW-Authenticate", "The schemes that are accepted.", "string")),
        "429" => {
            headers.push(("Retry-After", "After how many seconds to try again.", "integer"));
            headers.push(("RateLimit", "What is left of the limit, and for how long.", "string"));
            headers.push(("RateLimit-Policy", "The limit.", "string"));
        }
        "503" => headers.push(("Retry-After", "After how many seconds to try again.", "integer")),
        _ => {}
    }
    for (name, description, kind) in headers {
        response["headers"][name] = components.header(name, description, kind);
    }
    response
}

/// The schema of every problem.
pub(super) fn schema() -> Value {
    let hint = json!({ "type": "string", "description": "What to do about it." });
    let code = json!({ "type": "string", "pattern": "^[A-Z][0-9]{4}$", "examples": ["D0001"] });
    json!({
        "type": "object",
        "description": "A problem (RFC 9457).",
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "description": "Leads to the page of the code." },
            "title": { "type": "string", "description": "What the code means." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What happened." },
            "instance": { "type": "string", "format": "uri-reference", "description": "The request's id." },
            "code": code,
            "hint": hint,
            "errors": {
                "type": "array",
                "description": "The single problems, where there are several or one has a place.",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {
                        "detail": { "type": "string" },
                        "code": code,
                        "pointer": { "type": "string", "description": "Where in the body, as a JSON Pointer in a URI fragment." },
                        "parameter": { "type": "string", "description": "The parameter or header that it is about." },
                        "hint": hint,
                    },
                    "required": ["detail", "code"],
                },
            },
        },
        "required": ["type", "title", "status", "detail", "code"],
    })
}
