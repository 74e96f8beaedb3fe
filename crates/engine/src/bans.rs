//! The bans of a project: they are kept in the state folder, and a running project takes a change at once.

use std::{collections::HashMap, fs, io, path::PathBuf, sync::Mutex};

use jiff::Timestamp;
use serde_json::Value;
use tenon_connectors::private;
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tenon_security::ban::{Ban, Banned, Bans};

pub use crate::ban_change::Change;
use crate::{
    Options,
    ban_change::{ban_of, json_of},
    control::{self, Asked, Guarding},
};

type All = HashMap<Banned, Ban>;

/// The bans of a run, and where they are kept.
pub(crate) struct Kept {
    pub(crate) bans: std::sync::Arc<Bans>,
    file: PathBuf,
    /// Held while they are changed.
    changing: Mutex<()>,
}

impl Kept {
    /// Those of this state folder.
    ///
    /// # Errors
    /// `E0003` if they are there and cannot be read: who was banned must not come back by that.
    pub(crate) fn open(options: &Options) -> Result<Self, Report> {
        let (file, bans) = (file(options), Bans::default());
        bans.replace(read(&file)?)?;
        Ok(Self { bans: bans.into(), file, changing: Mutex::default() })
    }

    /// Makes a change that is kept first; says whether it is one.
    ///
    /// # Errors
    /// `E0003` if it cannot be kept, `S0009` if there are too many bans; then nothing has changed.
    pub(crate) fn change(&self, change: &Change, now: Timestamp) -> Result<bool, Report> {
        let _changing = self.changing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all = self.bans.all();
        let is_change = apply(&mut all, change, now);
        let before = self.bans.all();
        self.bans.replace(all.clone())?;
        if let Err(report) = write(&self.file, &all) {
            self.bans.replace(before)?;
            return Err(report);
        }
        match change {
            Change::Add(banned, ban) => {
                let until = ban.until.map(|until| until.to_string()).unwrap_or_default();
                tracing::warn!(target: "tenon::audit", %banned, until, reason = ban.reason.as_str(), "banned");
            }
            Change::Lift(banned) => {
                tracing::warn!(target: "tenon::audit", %banned, is_change, "a ban was lifted");
            }
        }
        Ok(is_change)
    }
}

/// Changes the bans of a project: of the process that runs it at once, or for the next start if none does. Says whether it is a
/// change, and whether the project runs.
///
/// # Errors
/// What keeping it reports.
pub fn change(options: &Options, change: &Change) -> Result<(bool, bool), Report> {
    if let Some(answer) = control::ask(&options.state, &Asked::Guarding(Guarding::Ban(change.clone())))? {
        return Ok((answer.as_bool().unwrap_or_default(), true));
    }
    let is_change = Kept::open(options)?.change(change, options.clock.now())?;
    Ok((is_change, false))
}

/// The bans of a project, by kind and name.
///
/// # Errors
/// `E0003` if they cannot be read.
pub fn all(options: &Options) -> Result<Vec<(Banned, Ban)>, Report> {
    let mut all: Vec<_> = read(&file(options))?.into_iter().collect();
    all.sort_by_key(|(banned, _)| banned.parts());
    Ok(all)
}

fn apply(all: &mut All, change: &Change, now: Timestamp) -> bool {
    // What has ended needs no place.
    all.retain(|_, ban| ban.until.is_none_or(|until| now < until));
    match change {
        Change::Add(banned, ban) => all.insert(banned.clone(), ban.clone()).as_ref() != Some(ban),
        Change::Lift(banned) => all.remove(banned).is_some(),
    }
}

fn file(options: &Options) -> PathBuf {
    options.state.join("bans.json")
}

fn read(file: &std::path::Path) -> Result<All, Report> {
    let failed = |why: String| {
        Report::new(&IO_FAILED, format!("`{}`: {why}", file.display()))
            .hint("correct the file, or remove it to lift all bans")
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(All::new()),
        Err(error) => return Err(failed(error.to_string())),
    };
    let value: Value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let entries = value.as_array().ok_or_else(|| failed("it is not a list".to_owned()))?;
    let entry = |value: &Value| ban_of(value).ok_or_else(|| failed("an entry is not a ban".to_owned()));
    entries.iter().map(entry).collect()
}

fn write(file: &std::path::Path, all: &All) -> Result<(), Report> {
    let entries: Value = all.iter().map(|(banned, ban)| json_of(banned, ban)).collect();
    private::write(file, entries.to_string().as_bytes())
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}`: {error}", file.display())))
}
