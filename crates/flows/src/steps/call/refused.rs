//! Calls that are refused, or not answered at all: what that means to the message.

use std::time::Duration;

use tenon_contracts::format::Refusal;
use tenon_errors::{Kind, Report};
use tenon_model::Value;
use tenon_plan::{Call, OnRefusal};
use tenon_ports::Unanswered;

use super::{Came, fill};
use crate::batch::Item;

/// The longest wait that a system can ask for.
const LONGEST: Duration = Duration::from_secs(3600);

/// What it means that there is no reply.
pub(super) fn unanswered(unanswered: Unanswered) -> Came {
    match unanswered {
        Unanswered { report, concerns_all: true, .. } => Came::Nobody(report),
        Unanswered { report, .. } if report.is_transient() => Came::Later(report),
        Unanswered { report, .. } => Came::Failed(report),
    }
}

/// What a refusal means: what the project says of it, or else what its kind does.
pub(super) fn understand(call: &Call, refusal: Refusal) -> Came {
    match call.rule(&refusal) {
        Some(OnRefusal::Retry) => Came::Later(waiting(report(call, &refusal), &refusal)),
        Some(OnRefusal::Nothing | OnRefusal::Reject { .. }) => Came::Refused(refusal),
        None => match refusal.kind {
            // Nobody's call would be taken.
            Kind::Unauthenticated => Came::Nobody(report(call, &refusal)),
            Kind::ResourceExhausted | Kind::Unavailable | Kind::DeadlineExceeded | Kind::Internal => {
                Came::Later(waiting(report(call, &refusal), &refusal))
            }
            _ => Came::Failed(report(call, &refusal)),
        },
    }
}

/// The report of a refusal, with what the system says.
pub(super) fn report(call: &Call, refusal: &Refusal) -> Report {
    let report = refusal.report(&call.called.name);
    match refusal.kind {
        Kind::NotFound => {
            report.hint(format!("say what shall happen then: `failures: {{ \"{}\": none }}`", refusal.name))
        }
        _ => report,
    }
}

/// The report with the wait that the system asks for.
fn waiting(report: Report, refusal: &Refusal) -> Report {
    match refusal.wait {
        Some(wait) => report.retry_after(wait.min(LONGEST)),
        None => report,
    }
}

/// Does with a message what the project says of a refusal.
pub(super) fn settle(call: &Call, step: usize, refusal: &Refusal, item: &mut Item) {
    let known = Value::record([
        ("name", Value::from(refusal.name.as_str())),
        ("detail", Value::from(refusal.detail.as_str())),
        ("value", refusal.value.clone().unwrap_or_default()),
    ]);
    fill(call, item, Value::Null, known);
    let Some(OnRefusal::Reject { code, message }) = call.rule(refusal) else { return };
    let said = message.as_ref().map(|message| message.evaluate(&item.frame)).transpose();
    match said {
        Ok(Some(Some(Value::String(text)))) => item.fail(step, Report::new(code, text.as_str())),
        Ok(_) => {
            let plain = report(call, refusal);
            item.fail(step, Report::new(code, plain.message()).with_details(plain.details().to_vec()));
        }
        Err(report) => item.fail(step, report),
    }
}
