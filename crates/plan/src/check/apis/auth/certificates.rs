//! `apis.NAME.auth.certificates`: whom the names in client certificates mean.

use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::certificate::CertificateName;

use super::{EXPIRES, expires, scopes};
use crate::{CertificateUser, check::Context, parse::Object};

/// `apis.NAME.auth.certificates.NAME`.
pub(crate) static CERTIFICATE: Spec = Spec {
    name: "certificate",
    doc: "Somebody whose certificate has one of these names; it is shown in the handshake of TLS, for which `server.tls.clients` names the authorities.",
    keys: &[
        Key::optional(
            "subject",
            Value::Setting,
            "",
            "The distinguished name as RFC 4514 writes it: `CN=ann,O=Shop`, as `openssl x509 -subject -nameopt RFC2253` shows it.",
        ),
        Key::optional("dns", Value::Setting, "", "A DNS name among the alternative names."),
        Key::optional("uri", Value::Setting, "", "A URI among the alternative names, such as a SPIFFE id."),
        Key::optional("email", Value::Setting, "", "An email address among the alternative names."),
        Key::required("scopes", Value::List(&Value::Text), "What the certificate allows."),
        EXPIRES,
    ],
};

pub(super) fn users(auth: Object<'_>, context: &mut Context<'_>) -> Vec<CertificateUser> {
    let mut users: Vec<CertificateUser> = Vec::new();
    for (name, _, node) in auth.named("certificates") {
        let object = Object::new(node);
        let (scopes, expires) = (scopes(object, context), expires(object, context));
        let mut given =
            CertificateName::KINDS.iter().filter_map(|(kind, make)| Some((object.get(kind)?, *make)));
        let (Some((value, make)), None) = (given.next(), given.next()) else {
            let kinds = CertificateName::KINDS.iter().map(|(kind, _)| *kind).collect::<Vec<_>>().join("`, `");
            let report =
                Report::new(&MISSING_KEY, format!("`{name}` is not known by one name in a certificate"));
            context.problem(report.at(node.place()).hint(format!("write one of `{kinds}`")));
            continue;
        };
        let Some(text) = context.setting(value) else { continue };
        let of = make(text);
        if let Some(other) = users.iter().find(|user| user.of == of) {
            let message = format!("`{}` and `{name}` have the same name in certificates", other.name);
            let report = Report::new(&BAD_VALUE, message).at(value.place());
            context.problem(report.hint("give each caller a certificate of its own"));
            continue;
        }
        users.push(CertificateUser { name, of, scopes, expires });
    }
    users
}
