//! What the expressions of a request flow start with: who calls, and what ids are derived from.

use jiff::Timestamp;
use tenon_mapping::Frame;
use tenon_model::{Str, Value};
use tenon_plan::Flow;
use tenon_ports::operation::IdempotencyKey;
use tenon_security::{Principal, caller};

use super::digest;

/// The frame of one request. A request that its client may send again is known by the key, the caller and the content; any
/// other by its own id.
pub(super) fn of(
    flow: &Flow,
    principal: &Principal,
    id: &Str,
    key: Option<&IdempotencyKey>,
    value: &Value,
    now: Timestamp,
) -> Frame {
    let mut values = vec![Value::Null; flow.variables.len().max(1)];
    if let Some(slot) = flow.caller {
        values[slot] = caller::value(principal);
    }
    let id = match key {
        None => id.clone(),
        Some(IdempotencyKey { caller, key }) => {
            smol_str::format_smolstr!("{caller}\n{key}\n{}", digest::digest(value))
        }
    };
    Frame::new(values, now).of(Str::new(flow.name.as_str()), id, now)
}
