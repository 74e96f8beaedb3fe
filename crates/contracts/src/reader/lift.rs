//! From one version of a contract to another: a value is held against the version that the plan works with, as if it had been
//! written with it.

use tenon_errors::{Report, catalogue::data::NOT_LIFTED};
use tenon_model::{ContractRef, Decimal, Value};

use super::Reader;
use crate::{json, violation::Path};

/// `value`, which follows the version `from`, as a value of `to`. Fields that are absent hold their defaults.
///
/// # Errors
/// `D0402` with both versions, the paths and the reasons, where the other version does not allow the value, or would make something
/// else of it.
pub(super) fn lift(value: &Value, from: &ContractRef, to: &Reader) -> Result<Value, Report> {
    let refused = |details: Vec<Report>, why: &str| {
        let message = format!("a message of `{from}` cannot be read as `{}`{why}", to.contract.reference);
        let hint = format!(
            "keep `contract: {from}` until such messages are gone, or make a version that reads what `{from}` allows"
        );
        Report::new(&NOT_LIFTED, message).hint(hint).with_details(details)
    };
    let lifted = to.json.decode_value(value).map_err(|report| match report.details() {
        [] => refused(vec![report.clone()], ""),
        details => refused(details.to_vec(), ""),
    })?;
    let mut changed = Vec::new();
    compare(value, &lifted, &Path::ROOT, &mut changed);
    if changed.is_empty() { Ok(lifted) } else { Err(refused(changed, " without a change of what it says")) }
}

/// The most changes that are named.
const MOST: usize = 20;

/// Finds what JSON writes alike and is not the same: octets as text, and numbers that a double rounds.
fn compare(before: &Value, after: &Value, path: &Path<'_>, changed: &mut Vec<Report>) {
    if changed.len() >= MOST {
        return;
    }
    let mut says = |message: String| {
        changed.push(Report::new(&NOT_LIFTED, message).path(path.pointer()));
    };
    match (before, after) {
        (Value::List(before), Value::List(after)) => {
            for (at, (before, after)) in before.iter().zip(after.iter()).enumerate() {
                compare(before, after, &path.item(at), changed);
            }
        }
        (Value::Map(before), Value::Map(after)) => {
            for (key, before) in before.iter() {
                if let Some(after) = after.get_key(key) {
                    let name =
                        key.as_str().map_or_else(|| key.to_string().into(), std::borrow::Cow::Borrowed);
                    compare(before, after, &path.field(&name, false), changed);
                }
            }
        }
        (Value::Bytes(_), Value::String(_)) | (Value::String(_), Value::Bytes(_)) => {
            let (one, other) = (before.kind_name(), after.kind_name());
            says(format!("{one} would become {other}"));
        }
        (Value::Int(_) | Value::Uint(_) | Value::Decimal(_), Value::Float(float)) => {
            let exact = number(before);
            if exact.is_some() && exact != Decimal::shortest(*float) {
                says("the number has more digits than a double keeps".to_owned());
            }
        }
        _ => {}
    }
}

fn number(value: &Value) -> Option<Decimal> {
    json::to_string(value).parse().ok()
}
