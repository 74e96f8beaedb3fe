//! Whether a part of the state folder is the one that the folder remembers.

use tenon_errors::{
    Report,
    catalogue::system::{STATE_MISMATCH, STATE_OUTDATED},
};
use tenon_ports::Parts;

use crate::mark::{self, Mark};

/// What is said of a part that should be there.
pub(crate) const MISSING: &str = "is missing";

/// Whether `report` says that a part of the state folder is missing.
#[must_use]
pub fn is_missing(report: &Report) -> bool {
    report.code() == &STATE_MISMATCH && report.message().ends_with(MISSING)
}

/// What a part says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    /// Its identity.
    pub(crate) identity: u64,
    /// The folder that it is part of, or 0 if it does not know.
    pub(crate) folder: u64,
    /// Commits of the engine's own state that it has seen.
    pub(crate) seen: u64,
}

/// Refuses the part `name` where it is missing, is another one, or has seen more of the engine's own state than there is.
/// `apart` is its mark that is kept apart.
///
/// # Errors
/// `Y0205` for the part, `Y0206` where it is the engine's own state that is older.
pub(crate) fn fit(parts: &Parts, name: &str, own: Option<Own>, apart: Option<Mark>) -> Result<(), Report> {
    match (own, apart) {
        (None, Some(apart)) if apart.end > 0 => return Err(mismatch(name, MISSING)),
        (Some(own), Some(apart)) if own.identity != apart.identity => {
            return Err(mismatch(name, "is not the one that was here before"));
        }
        _ => {}
    }
    if parts.takes(name) {
        return Ok(());
    }
    let known = parts.known.get(name);
    let Some(own) = own else {
        return match known {
            None => Ok(()),
            Some(_) => Err(mismatch(name, MISSING)),
        };
    };
    if own.folder != 0 && own.folder != mark::number(&parts.folder) {
        return Err(mismatch(name, "is part of another state folder"));
    }
    if known.is_some_and(|known| mark::number(&known.identity) != own.identity) {
        return Err(mismatch(name, "is not the one that was here before"));
    }
    if own.folder != 0 && own.seen > parts.commits {
        return Err(outdated(&format!("`{name}` has seen it at commit {}", own.seen), parts.commits));
    }
    Ok(())
}

/// Refuses the part `name` if it holds less than the folder remembers.
///
/// # Errors
/// `Y0205`.
pub(crate) fn reaches(parts: &Parts, name: &str, count: u64) -> Result<(), Report> {
    match parts.known.get(name) {
        Some(known) if !parts.takes(name) && count < known.count => Err(older(name, count, known.count)),
        _ => Ok(()),
    }
}

/// The report of a part that holds less than was acknowledged.
pub(crate) fn older(name: &str, count: u64, known: u64) -> Report {
    mismatch(
        name,
        &format!("is older than the rest: it holds {count} of the {known} changes that were acknowledged"),
    )
}

/// The report of a part that does not belong to the folder.
pub(crate) fn mismatch(name: &str, what: &str) -> Report {
    let accepts = if what == MISSING { "goes on without it" } else { "takes it as it is" };
    Report::new(&STATE_MISMATCH, format!("`{name}` in the state folder {what}"))
        .hint(format!("restore it, or the whole folder, from a copy; `tenon state accept {name}` {accepts}"))
}

/// The report of an engine's state that is older than the rest.
pub(crate) fn outdated(why: &str, commits: u64) -> Report {
    Report::new(
        &STATE_OUTDATED,
        format!(
            "`tenon.db` in the state folder is older than the rest: it ends at commit {commits}, and {why}"
        ),
    )
    .hint(
        "restore the whole state folder from one copy; `tenon state accept tenon.db` goes on with this file",
    )
}
