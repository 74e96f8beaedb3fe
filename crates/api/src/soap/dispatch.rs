//! Which operation a message is for: the one whose action it names, or, where it names none, whose element its body has.
//!
//! A message that names the action of one operation and holds the body of another one is for neither: whoever lets requests through by
//! their action, as proxies do, must not be led past.

use tenon_contracts::wsdl::{Opened, QName, SoapVersion, Style};
use tenon_errors::{
    Report,
    catalogue::api::{BAD_SOAP, SOAP_VERSION},
    clip,
};
use tenon_plan::SoapOperation;

/// The longest name that a message shows.
const LONGEST: usize = 100;

/// The operation of `operations` that `message` is for.
///
/// # Errors
/// `A0402` for a version that none has, `A0401` if there is no such operation.
pub(super) fn find<'o>(
    operations: &'o [SoapOperation],
    message: &Opened<'_>,
    action: Option<&str>,
) -> Result<&'o SoapOperation, Report> {
    let peek = message.peek();
    let Some(version) = peek.version.filter(|version| versions(operations).contains(version)) else {
        return Err(other_version(operations, peek.version));
    };
    let of_version = || operations.iter().filter(move |it| it.envelope.version() == version);
    let has_body = |it: &&SoapOperation| body(it) == peek.body.as_ref() || is_call(it, peek.body.as_ref());
    let Some(action) = action else { return by_body(of_version().filter(has_body), peek.body.as_ref()) };
    let mut by_action = of_version().filter(|it| it.envelope.operation().action == action).peekable();
    if by_action.peek().is_some() {
        return by_body(by_action.filter(has_body), peek.body.as_ref())
            .map_err(|report| report.because(format!("the action is `{}`", clip(action, LONGEST))));
    }
    // Where the description has no action, any is as good as none: some clients make one up.
    let without = of_version().filter(|it| it.envelope.operation().action.is_empty());
    by_body(without.filter(has_body), peek.body.as_ref()).map_err(|_| {
        let message = format!("no operation has the action `{}`", clip(action, LONGEST));
        Report::new(&BAD_SOAP, message).hint("send the action that the description has for the operation")
    })
}

/// The versions that some of the operations have.
pub(super) fn versions(operations: &[SoapOperation]) -> Vec<SoapVersion> {
    let has = |version: &SoapVersion| operations.iter().any(|it| it.envelope.version() == *version);
    SoapVersion::ALL.into_iter().filter(has).collect()
}

fn body(operation: &SoapOperation) -> Option<&QName> {
    operation.envelope.operation().input.body.as_ref().map(|part| &part.element)
}

/// Whether the body calls the operation by its name, in whatever namespace: clients that do not read the one of the binding take that of the
/// description.
fn is_call(operation: &SoapOperation, called: Option<&QName>) -> bool {
    let name = body(operation).zip(called);
    operation.envelope.operation().style == Style::Rpc
        && name.is_some_and(|(own, called)| own.local == called.local)
}

fn by_body<'o>(
    mut found: impl Iterator<Item = &'o SoapOperation>,
    body: Option<&QName>,
) -> Result<&'o SoapOperation, Report> {
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            let report =
                Report::new(&BAD_SOAP, "several operations have such a body, and no action says which");
            Err(report.hint("send the action that the description has for the operation"))
        }
        (None, _) => {
            let message = match body {
                Some(name) => {
                    format!(
                        "no operation that the message could be for has the body `{}`",
                        clip(&name.to_string(), LONGEST)
                    )
                }
                None => "the body is empty, and no operation that the message could be for has an empty one"
                    .to_owned(),
            };
            Err(Report::new(&BAD_SOAP, message).hint("see the description at `?wsdl`"))
        }
    }
}

fn other_version(operations: &[SoapOperation], version: Option<SoapVersion>) -> Report {
    let found = version.map_or("of a version that is not known", SoapVersion::name);
    let served: Vec<&str> = versions(operations).into_iter().map(SoapVersion::name).collect();
    let message = match version {
        Some(_) => format!("the envelope is of {found}, and {} is served", served.join(" or ")),
        None => format!("the envelope is {found}, and {} is served", served.join(" or ")),
    };
    Report::new(&SOAP_VERSION, message).hint("send an envelope of a version that is served")
}
