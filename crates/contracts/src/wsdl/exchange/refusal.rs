//! What a fault means to whoever asked: its names, and whether the system may have acted (SOAP 1.1, section 4.4.1; SOAP 1.2 Part 1,
//! section 5.4.6).
//!
//! A fault of the sender refuses the message, and says that it should not be sent again as it is. One of the receiver says that it could not
//! be processed, which may pass. A fault that the operation declares refuses whatever its code is: most toolkits send them as `Server`.

use tenon_errors::{Kind, Report};
use tenon_model::{Str, Value};

use crate::{
    format::{Incoming, Refusal, certainly_not, kind, shown, told},
    json,
    wsdl::{
        BoundOperation, Detail, Fault, FaultCode, QName, SoapVersion,
        envelope::{CODES, refuses_credentials},
    },
};

/// The refusal that `fault` is, which came in an envelope of `version`; `misfit` is what is wrong with its details.
pub(super) fn of_fault(
    fault: &Fault,
    version: SoapVersion,
    misfit: Option<&Report>,
    operation: &BoundOperation,
    reply: &Incoming<'_>,
) -> Refusal {
    let (declared, value) = match &fault.detail {
        Some(Detail::Declared { name, value }) => (Some(name), Some(value.clone())),
        _ => (None, None),
    };
    let position = declared.and_then(|name| operation.faults.iter().position(|it| it.name == *name));
    let codes = codes(fault, version);
    let mut names = declared.cloned().into_iter().chain(codes.iter().cloned());
    let refuses = refuses_who_is_calling(fault);
    let is_of_sender = matches!(
        fault.code,
        FaultCode::Sender
            | FaultCode::VersionMismatch
            | FaultCode::MustUnderstand
            | FaultCode::DataEncodingUnknown
    );
    Refusal {
        name: names.next().unwrap_or_default(),
        broader: names.collect(),
        declared: position,
        kind: if refuses { Kind::Unauthenticated } else { meaning(fault, position.is_some(), reply) },
        may_have_acted: !(is_of_sender || refuses || certainly_not(reply.status, reply.headers)),
        wait: told(reply.headers),
        value,
        detail: fault.reason().map(|reason| shown(&reason.text)).unwrap_or_default(),
        notes: notes(fault, &codes, misfit),
    }
}

fn meaning(fault: &Fault, is_declared: bool, reply: &Incoming<'_>) -> Kind {
    let by_status = kind(reply.status);
    if matches!(by_status, Kind::Unauthenticated | Kind::ResourceExhausted) {
        return by_status;
    }
    match fault.code {
        _ if is_declared => Kind::FailedPrecondition,
        FaultCode::Sender | FaultCode::DataEncodingUnknown => Kind::InvalidArgument,
        FaultCode::VersionMismatch | FaultCode::MustUnderstand => Kind::Unimplemented,
        FaultCode::Receiver if matches!(by_status, Kind::Unavailable | Kind::DeadlineExceeded) => by_status,
        FaultCode::Receiver => Kind::Internal,
        FaultCode::Other(_) => Kind::Unknown,
    }
}

/// Whether it is a fault of WS-Security, or the one that SOAP 1.1 gives as an example of codes with a point.
fn refuses_who_is_calling(fault: &Fault) -> bool {
    let own = match &fault.code {
        FaultCode::Other(name) => Some(name),
        _ => None,
    };
    let is_example = |code: &QName| fault.code == FaultCode::Sender && code.local == "Client.Authentication";
    own.into_iter().chain(&fault.subcodes).any(|code| refuses_credentials(code) || is_example(code))
}

/// The codes of a fault, the closest first: `{urn:shop}Late` and `Receiver`; `Server.Busy` and `Server` in SOAP 1.1.
fn codes(fault: &Fault, version: SoapVersion) -> Vec<Str> {
    let mut names = Vec::new();
    for code in fault.subcodes.iter().rev() {
        if version == SoapVersion::V12 {
            names.push(braced(code));
            continue;
        }
        let mut name = code.local.as_str();
        while let Some((broader, _)) = name.rsplit_once('.') {
            names.push(Str::new(name));
            name = broader;
        }
    }
    names.push(match &fault.code {
        FaultCode::Other(name) => braced(name),
        code => Str::new(code.name(version).unwrap_or_default()),
    });
    names
}

/// As in `{urn:shop}Late`, and `{}Late` without a namespace.
fn braced(name: &QName) -> Str {
    Str::from(format!("{{{}}}{}", name.namespace.as_deref().unwrap_or_default(), name.local))
}

/// Whether faults in `version` may have a code that is called so.
pub(super) fn is_code(name: &str, version: SoapVersion) -> bool {
    if let Some((_, local)) = name.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        return !local.is_empty();
    }
    let broadest = match version {
        SoapVersion::V11 => name.split('.').next().unwrap_or_default(),
        SoapVersion::V12 => name,
    };
    CODES.iter().any(|code| code.name(version) == Some(broadest))
}

fn notes(fault: &Fault, codes: &[Str], misfit: Option<&Report>) -> Vec<String> {
    let mut notes = vec![format!("its code is {}", codes.join(", "))];
    let actor = fault.actor.as_ref().filter(|actor| !actor.is_empty());
    notes.extend(actor.map(|actor| format!("it comes from `{}`", shown(actor))));
    if let Some(Detail::Other(elements)) = &fault.detail {
        let elements = json::to_string(&Value::list(elements.clone()));
        notes.push(format!("its details, which the description does not have: {}", shown(&elements)));
    }
    if let Some(misfit) = misfit {
        let why = misfit.details().first().unwrap_or(misfit);
        notes.push(format!("its details are not as they are described: {}", why.message()));
    }
    notes
}
