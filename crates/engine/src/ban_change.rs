//! Bans and changes of them as JSON: how they are kept, and asked for.

use serde_json::{Value, json};
use tenon_model::Str;
use tenon_security::ban::{Ban, Banned};

/// A change of the bans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody is banned, also who was.
    Add(Banned, Ban),
    /// Somebody is banned no longer.
    Lift(Banned),
}

pub(crate) fn json_of(banned: &Banned, ban: &Ban) -> Value {
    let (kind, name) = banned.parts();
    json!({ "kind": kind, "name": name, "until": ban.until.map(|until| until.to_string()), "reason": ban.reason.as_str() })
}

pub(crate) fn ban_of(value: &Value) -> Option<(Banned, Ban)> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let banned = Banned::of_parts(text("kind")?, text("name")?).ok()??;
    let until = match value.get("until")? {
        Value::Null => None,
        until => Some(until.as_str()?.parse().ok()?),
    };
    Some((banned, Ban { until, reason: Str::new(text("reason")?) }))
}

impl Change {
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Add(banned, ban) => json!({ "add": json_of(banned, ban) }),
            Self::Lift(banned) => {
                let (kind, name) = banned.parts();
                json!({ "lift": { "kind": kind, "name": name } })
            }
        }
    }

    pub(crate) fn of_json(value: &Value) -> Option<Self> {
        if let Some(added) = value.get("add") {
            return ban_of(added).map(|(banned, ban)| Self::Add(banned, ban));
        }
        let lifted = value.get("lift")?;
        let text = |name: &str| lifted.get(name).and_then(Value::as_str);
        Banned::of_parts(text("kind")?, text("name")?).ok()?.map(Self::Lift)
    }
}
