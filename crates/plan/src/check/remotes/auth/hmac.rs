//! `systems.NAME.auth.hmac`: requests that are signed with a shared key.

use http::HeaderName;
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_ports::{
    Key, Spec, SpecValue as Value,
    remote::{Credential, DateForm, Encoding, Hash, Signature, SignedPart},
};

use super::secret;
use crate::{check::Context, parse::Object};

/// What is signed that needs nothing said of it.
const PARTS: &[(&str, SignedPart)] = &[
    ("method", SignedPart::Method),
    ("host", SignedPart::Host),
    ("path", SignedPart::Path),
    ("query", SignedPart::Query),
    ("date", SignedPart::Date),
    ("body", SignedPart::Body),
    ("body_hash", SignedPart::BodyHash),
];

pub(super) static SPEC: Spec = Spec {
    name: "HMAC signature",
    doc: "What of each request is signed, and where the signature stands.",
    keys: &[
        Key::required("key", Value::Secret, "The secret with the shared key."),
        Key::required("header", Value::Text, "The header with the signature, such as `X-Signature`."),
        Key::required(
            "signed",
            Value::List(&Value::Either(&[
                Value::Word(&["method", "host", "path", "query", "date", "body", "body_hash"]),
                Value::Variant(&PART),
            ])),
            "What is signed, one after the other. `host`, `path` and `query` are as they are sent, and `body_hash` is the SHA-256 of the body in the encoding of the signature.",
        ),
        Key::optional("hash", Value::Word(&["sha256", "sha384", "sha512"]), "sha256", "The hash function."),
        Key::optional("encoding", Value::Word(&["hex", "base64"]), "hex", "How the signature is written."),
        Key::optional("prefix", Value::Text, "", "What stands before the signature, such as `sha256=`."),
        Key::optional("date", Value::Object(&DATE), "", "The header with the time of the request."),
    ],
};

static PART: Spec = Spec {
    name: "signed part",
    doc: "A part of what is signed.",
    keys: &[
        Key::optional(
            "text",
            Value::Text,
            "",
            "Always the same: what separates the others, such as `\"\\n\"`.",
        ),
        Key::optional("header", Value::Text, "", "The value of a header; nothing where it is missing."),
    ],
};

static DATE: Spec = Spec {
    name: "signed date",
    doc: "Where the time of a request stands, and how it is written.",
    keys: &[
        Key::required("header", Value::Text, "The header, such as `X-Date`."),
        Key::optional(
            "form",
            Value::Word(&["seconds", "milliseconds", "iso", "http"]),
            "seconds",
            "How it is written: since 1970, as `2026-11-30T09:39:39Z`, or as the header `date` has it.",
        ),
    ],
};

/// Reads it.
pub(super) fn check(object: Object<'_>, context: &mut Context<'_>) -> Option<Credential> {
    let key = secret(object, "key", context);
    let name = object.get("header").and_then(|node| header(node, context));
    let date = object.object("date").map(|date| {
        let name = date.get("header").and_then(|node| header(node, context));
        Some((name?, date_form(date)))
    });
    let parts: Vec<_> = object.items("signed").iter().map(|node| part(node, context)).collect();
    let signed: Vec<_> = parts.into_iter().collect::<Option<_>>()?;
    let date = date.map_or(Some(None), |date| date.map(Some))?;
    let place = object.get("signed")?.place();
    if signed.is_empty() {
        let report = Report::new(&BAD_VALUE, "nothing is signed").at(place);
        context.problem(report.hint("write what the system signs, for example `[method, path, body]`"));
        return None;
    }
    if signed.contains(&SignedPart::Date) && date.is_none() {
        let report = Report::new(&MISSING_KEY, "the time is signed, and no header has it").at(place);
        context.problem(report.hint("add `date: { header: X-Date }`"));
        return None;
    }
    Some(Credential::Hmac(Signature {
        key: key?,
        hash: match object.text("hash").as_deref() {
            Some("sha384") => Hash::Sha384,
            Some("sha512") => Hash::Sha512,
            _ => Hash::Sha256,
        },
        signed,
        header: name?,
        prefix: object.text("prefix").unwrap_or_default(),
        encoding: match object.text("encoding").as_deref() {
            Some("base64") => Encoding::Base64,
            _ => Encoding::Hex,
        },
        date,
    }))
}

/// The name of a header.
fn header(node: &Node, context: &mut Context<'_>) -> Option<HeaderName> {
    HeaderName::try_from(super::header(node, context)?.as_str()).ok()
}

fn date_form(date: Object<'_>) -> DateForm {
    match date.text("form").as_deref() {
        Some("milliseconds") => DateForm::Milliseconds,
        Some("iso") => DateForm::Iso,
        Some("http") => DateForm::Http,
        _ => DateForm::Seconds,
    }
}

fn part(node: &Node, context: &mut Context<'_>) -> Option<SignedPart> {
    if let Some(word) = node.as_str() {
        return PARTS.iter().find(|(name, _)| *name == word).map(|(_, part)| part.clone());
    }
    let object = Object::new(node);
    match object.text("text") {
        Some(text) => Some(SignedPart::Text(text)),
        None => Some(SignedPart::Header(object.get("header").and_then(|node| header(node, context))?)),
    }
}
