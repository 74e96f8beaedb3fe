//! Which certificates a system is trusted by, and which one it is shown.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Str;
use tenon_ports::{Key, Spec, SpecValue as Value};

use crate::{
    check::{Context, files},
    parse::Object,
};

/// `systems.NAME.tls`.
pub(super) static TLS: Spec = Spec {
    name: "system TLS",
    doc: "Which certificates are trusted, and which one is shown. Those of the machine are trusted without it.",
    keys: &[
        Key::optional("ca", Value::Path, "", "The certificates of the authorities that are trusted, in PEM."),
        Key::optional(
            "certificate",
            Value::Path,
            "",
            "The certificate that is shown, with its chain, in PEM.",
        ),
        Key::optional("key", Value::Secret, "", "The secret with the private key of `certificate`, in PEM."),
    ],
};

/// The file of a certificate, and the secret with its key.
pub(super) fn own(object: Object<'_>, context: &mut Context<'_>) -> Option<Option<(Str, Str)>> {
    match (object.entry("certificate"), object.entry("key")) {
        (None, None) => Some(None),
        (Some((_, file)), Some((_, key))) => {
            let (file, key) = (pem(file, context), context.secret(key));
            Some(Some((file?, key?)))
        }
        (Some((lone, _)), None) | (None, Some((lone, _))) => {
            let message = "`certificate` and `key` belong together";
            context
                .problem(Report::new(&MISSING_KEY, message).at(lone.place()).hint("write both, or neither"));
            None
        }
    }
}

/// A file of the project.
pub(super) fn pem(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let path = node.as_str()?;
    if !files::require(path, node, context) {
        return None;
    }
    let is_pem = context.folder.read(path).is_ok_and(|text| text.contains("-----BEGIN CERTIFICATE-----"));
    if !is_pem {
        let report = Report::new(&BAD_VALUE, format!("`{path}` has no certificate in PEM")).at(node.place());
        context.problem(report.hint("name a file with `-----BEGIN CERTIFICATE-----`"));
        return None;
    }
    Some(Str::new(path))
}
