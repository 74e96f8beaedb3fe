//! Which parts of a state folder can be accepted as they are found: those that the next start would refuse. Consent that is given
//! in advance would let a later loss pass in silence.

use std::{collections::BTreeSet, path::Path};

use tenon_errors::{Report, catalogue::engine::BAD_USAGE, nearest};
use tenon_model::Str;

use super::check::{Condition, condition};

/// The most parts that a hint lists.
const MOST_LISTED: usize = 20;

/// That `name` is a part of the state folder `folder` in which something is wrong. Looks at the whole folder. Blocks.
///
/// # Errors
/// `E0002` if it is no part of it, or is sound; what keeps it from looking at all.
pub fn require_unsound(folder: &Path, name: &str) -> Result<(), Report> {
    let Condition { parts, taken, problems } = condition(folder)?;
    if !parts.contains(name) {
        return Err(unknown(name, &parts));
    }
    if taken.contains(name) || problems.iter().any(|(part, _)| part == name) {
        return Ok(());
    }
    let message = format!("`{name}` in the state folder is sound; there is nothing to accept");
    Err(Report::new(&BAD_USAGE, message).hint("see with `tenon state verify` whether another part is not"))
}

fn unknown(name: &str, parts: &BTreeSet<Str>) -> Report {
    let last = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let wanted = last(name);
    let meant = parts.iter().map(Str::as_str).find(|part| last(part) == wanted);
    let hint = match meant.or_else(|| nearest(name, parts.iter().map(Str::as_str))) {
        Some(meant) => format!("write `{meant}`"),
        None => {
            let listed: Vec<_> = parts.iter().take(MOST_LISTED).map(Str::as_str).collect();
            let more = if parts.len() > MOST_LISTED { " and others" } else { "" };
            format!("name one of its parts: `{}`{more}", listed.join("`, `"))
        }
    };
    Report::new(&BAD_USAGE, format!("the state folder has no part `{name}`")).hint(hint)
}
