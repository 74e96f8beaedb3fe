//! Keys that have moved on: what a letter would write was written by a later message meanwhile.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_errors::{Report, catalogue::delivery::MOVED_ON};
use tenon_model::Str;
use tenon_ports::{Change, DeadLetter, Merge, Moved};

use crate::{World, batch::Effect, counting::table_name, identity::stream_of, moves, program::Program};

/// What becomes of a letter whose keys have moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Newer {
    /// It stays, and its report says which keys they are.
    #[default]
    Ask,
    /// What is newer stays: the letter's rows are not written and its records not published; all else takes effect.
    Keep,
    /// It takes effect all the same.
    Overwrite,
}

impl Newer {
    /// The word for it, on the command line and between processes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Keep => "keep",
            Self::Overwrite => "overwrite",
        }
    }

    /// What this word stands for.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Ask, Self::Keep, Self::Overwrite].into_iter().find(|it| it.word() == word)
    }
}

/// The effects of some letters that came too late.
#[derive(Default)]
pub(super) struct Late {
    /// By letter and by the position of the effect: whether it replaces what is there.
    effects: HashMap<usize, bool>,
    /// For each letter, what it would overwrite.
    shown: HashMap<u64, String>,
}

impl Late {
    /// Looks which of `effects`, made from `letters` by their index, come too late. `shared` are the tables that other flows
    /// write, too, which do not say what they have written.
    pub(super) async fn find(
        program: &Program,
        world: &World,
        shared: &HashSet<Str>,
        letters: &[DeadLetter],
        effects: &[Effect],
        going: &[usize],
    ) -> Result<Self, Report> {
        let is_going =
            |effect: &Effect| usize::try_from(effect.index).is_ok_and(|at| going.binary_search(&at).is_ok());
        let key = |effect: &Effect| if is_going(effect) { moves::key_of(program, effect) } else { None };
        let keys: Vec<Option<u64>> = effects.iter().map(key).collect();
        let wanted: Vec<u64> = keys.iter().flatten().copied().collect();
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let moved = world.state.moves(&program.flow.name, wanted).await?;
        let mut late = Self::default();
        for (at, (effect, key)) in effects.iter().zip(keys).enumerate() {
            let (Some(key), Some(letter)) =
                (key, usize::try_from(effect.index).ok().and_then(|at| letters.get(at)))
            else {
                continue;
            };
            let is_late = match is_newer(&moved, key, letter) {
                Some(true) => true,
                known => may_be_newer(program, world, known.is_none(), shared, effect).await?,
            };
            if is_late {
                let replaces = moves::replaces(program, effect);
                late.effects.insert(at, replaces);
                if replaces {
                    late.shown.entry(effect.index).or_insert_with(|| moves::shown(program, effect));
                }
            }
        }
        Ok(late)
    }

    /// Why the letter with this index is left, if it is.
    pub(super) fn refuses(&self, letter: &DeadLetter, index: u64) -> Option<Report> {
        let shown = self.shown.get(&index)?;
        let message = format!("`{}` was not replayed: a newer message has written {shown}", letter.id);
        Some(Report::new(&MOVED_ON, message).hint(
            "use `--newer keep` to leave what is newer as it is and let the rest take effect, or `--newer overwrite`",
        ))
    }

    /// Whether the effect at this position is left out, because what it would replace stays.
    pub(super) fn is_left_out(&self, at: usize, newer: Newer) -> bool {
        newer == Newer::Keep && self.effects.get(&at) == Some(&true)
    }

    /// Whether measures of the effect at this position keep what they are.
    pub(super) fn keeps_last(&self, at: usize, newer: Newer) -> bool {
        newer != Newer::Overwrite && self.effects.get(&at) == Some(&false)
    }
}

/// Has measures that hold the last value keep the one that they hold.
pub(super) fn keeping_last(change: Change) -> Change {
    match change {
        Change::Aggregate { table, rows, merges } => {
            let first = |merge: &Merge| if *merge == Merge::Last { Merge::First } else { *merge };
            let merges: Arc<[_]> = merges.iter().map(|(name, merge)| (name.clone(), first(merge))).collect();
            Change::Aggregate { table, rows, merges }
        }
        other => other,
    }
}

/// Whether a later message has written the key; nothing if that is not known.
fn is_newer(moved: &Moved, key: u64, letter: &DeadLetter) -> Option<bool> {
    let stream = stream_of(letter)?;
    let newer = moved.found.iter().any(|it| {
        it.keys.iter().any(|(found, offset)| {
            *found == key
                && if it.stream == stream {
                    *offset > letter.origin.position.offset
                } else {
                    it.at >= letter.first_failed
                }
        })
    });
    (newer || moved.since.is_none_or(|since| since < letter.first_failed)).then_some(newer)
}

/// Where nobody has kept what was written, which is also where another flow writes the table, a row that is there may be newer.
async fn may_be_newer(
    program: &Program,
    world: &World,
    is_unknown: bool,
    shared: &HashSet<Str>,
    effect: &Effect,
) -> Result<bool, Report> {
    let kind = &program.flow.steps[effect.step].kind;
    let Some(table) = kind.writes().filter(|table| is_unknown || shared.contains(&table_name(table))) else {
        return Ok(false);
    };
    let key = moves::row_key(kind, &effect.output);
    let rows = world.database(&table.system.name)?.get(&table.name, vec![key]).await?;
    Ok(rows.iter().any(Option::is_some))
}
