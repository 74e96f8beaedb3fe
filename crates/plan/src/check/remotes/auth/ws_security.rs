//! `systems.NAME.auth.ws_security`: a header in each message of SOAP.

use std::time::Duration;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_ports::{
    Key, Spec, SpecValue as Value,
    remote::{Credential, UsernameToken},
};

use crate::{
    check::{Context, remotes::certificates},
    parse::Object,
};

pub(super) static SPEC: Spec = Spec {
    name: "WS-Security header",
    doc: "What each message says of who is calling, and of when: a name with a password, a time stamp, a signature of these and of the body, or several of them.",
    keys: &[
        Key::optional("user", Value::Setting, "", "The name (UsernameToken)."),
        Key::optional("password", Value::Secret, "", "The secret with the password."),
        Key::optional(
            "send_password",
            Value::Word(&["text", "digest"]),
            "text",
            "How the password is sent: as it is, or as a digest with a number that is used once and the time.",
        ),
        Key::optional(
            "timestamp",
            Value::Duration,
            "",
            "How long a message holds (Timestamp); without it, no message says it.",
        ),
        Key::optional(
            "certificate",
            Value::Path,
            "",
            "The certificate that signs messages, in PEM: its key is RSA, P-256 or P-384.",
        ),
        Key::optional("key", Value::Secret, "", "The secret with the private key of `certificate`, in PEM."),
    ],
};

/// Reads it: `kind` and what is under it.
pub(super) fn check(kind: &Node, object: Object<'_>, context: &mut Context<'_>) -> Option<Credential> {
    let timestamp = object.duration("timestamp");
    if let (Some(node), Some(Duration::ZERO)) = (object.get("timestamp"), timestamp) {
        let report = Report::new(&BAD_VALUE, "a message that holds for no time is refused").at(node.place());
        context.problem(report.hint("write how long it may be on its way, for example `5m`"));
        return None;
    }
    let user = match (object.entry("user"), object.entry("password")) {
        (Some((_, user)), Some((_, password))) => {
            let (user, password) = (context.setting(user), context.secret(password));
            let is_digest = object.text("send_password").as_deref() == Some("digest");
            Some(UsernameToken { user: user?, password: password?, is_digest })
        }
        (None, None) => None,
        (Some((lone, _)), None) | (None, Some((lone, _))) => {
            let report = Report::new(&MISSING_KEY, "`user` and `password` belong together").at(lone.place());
            context.problem(report.hint("write both, or neither"));
            return None;
        }
    };
    let signature = certificates::own(object, context)?;
    if user.is_none() && timestamp.is_none() && signature.is_none() {
        let report = Report::new(&MISSING_KEY, "the header says nothing").at(kind.place());
        context.problem(report.hint("add `user` and `password`, `timestamp`, or `certificate` and `key`"));
        return None;
    }
    Some(Credential::WsSecurity { user, timestamp, signature })
}
