//! Keys that have moved on: what a letter would write was written by a later message meanwhile.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::delivery::MOVED_ON};
use tenon_plan::StepKind;
use tenon_ports::{Change, DeadLetter, Merge, Moved};

use crate::{World, batch::Effect, identity::stream_of, moves, program::Program};

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

/// The effects of some letters that came too late, or may have.
#[derive(Default)]
pub(super) struct Late {
    /// By letter and by the position of the effect: whether it replaces what is there.
    effects: HashMap<usize, bool>,
    /// For each letter, why it is left.
    reasons: HashMap<u64, String>,
}

/// What is known of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Nothing later has written it.
    IsOld,
    /// A later message has written it, or removed its row.
    HasMovedOn,
    /// What later messages did is not known any more.
    IsUnknown,
}

/// By what keys it is seen that an effect comes too late.
#[derive(Clone, Copy)]
enum Keys {
    /// It replaces what is there.
    Replaces(u64),
    /// It merges into what is there: the key of its row, and that of its removal. `orders` says that one of its measures is the
    /// last value.
    Merges { row: u64, removal: u64, orders: bool },
}

/// How an effect stands to what came later.
enum Lateness {
    InTime,
    /// Its measures that are the last value keep the one that they hold; the others take it in.
    KeepsLast,
    /// What is there stays, or stays away.
    Replaced(Key),
}

impl Keys {
    fn of(program: &Program, effect: &Effect) -> Option<Self> {
        let StepKind::Aggregate(aggregate) = &program.flow.steps[effect.step].kind else {
            return moves::keys_of(program, effect).next().map(Self::Replaces);
        };
        let (row, removal) = moves::row_and_removal(program, effect)?;
        let orders = aggregate.merges.iter().any(|(_, merge)| *merge == Merge::Last);
        Some(Self::Merges { row, removal, orders })
    }

    fn all(&self) -> Vec<u64> {
        match self {
            Self::Replaces(key) => vec![*key],
            Self::Merges { row, removal, .. } => vec![*row, *removal],
        }
    }

    async fn lateness(
        self,
        moved: &Moved,
        letter: &DeadLetter,
        program: &Program,
        world: &World,
        effect: &Effect,
    ) -> Result<Lateness, Report> {
        let (row, removal, orders) = match self {
            Self::Replaces(key) => {
                return Ok(match known(moved, key, letter) {
                    Key::IsOld => Lateness::InTime,
                    late => Lateness::Replaced(late),
                });
            }
            Self::Merges { row, removal, orders } => (row, removal, orders),
        };
        // A row that was removed and made again since holds nothing of what was before, and neither should it.
        if known(moved, removal, letter) == Key::HasMovedOn {
            return Ok(Lateness::Replaced(Key::HasMovedOn));
        }
        match known(moved, row, letter) {
            Key::IsOld => Ok(Lateness::InTime),
            // What was kept by an earlier Tenon does not tell removals apart; the row does.
            late if !is_there(program, world, effect).await? => Ok(Lateness::Replaced(late)),
            _ if orders => Ok(Lateness::KeepsLast),
            _ => Ok(Lateness::InTime),
        }
    }
}

impl Late {
    /// Looks which of `effects`, made from `letters` by their index, come too late.
    pub(super) async fn find(
        program: &Program,
        world: &World,
        letters: &[DeadLetter],
        effects: &[Effect],
        going: &[usize],
    ) -> Result<Self, Report> {
        let going: Vec<(usize, &Effect, &DeadLetter, Keys)> = effects
            .iter()
            .enumerate()
            .filter_map(|(at, effect)| {
                let letter =
                    usize::try_from(effect.index).ok().filter(|it| going.binary_search(it).is_ok())?;
                Some((at, effect, letters.get(letter)?, Keys::of(program, effect)?))
            })
            .collect();
        let wanted: Vec<u64> = going.iter().flat_map(|(.., keys)| keys.all()).collect();
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let moved = world.state.moves(&program.flow.name, wanted).await?;
        let mut late = Self::default();
        for (at, effect, letter, keys) in going {
            let how = keys.lateness(&moved, letter, program, world, effect).await?;
            match how {
                Lateness::InTime => {}
                Lateness::KeepsLast => drop(late.effects.insert(at, false)),
                Lateness::Replaced(known) => {
                    late.effects.insert(at, true);
                    let reason = || reason(known, &moves::shown(program, effect));
                    late.reasons.entry(effect.index).or_insert_with(reason);
                }
            }
        }
        Ok(late)
    }

    /// Why the letter with this index is left, if it is.
    pub(super) fn refuses(&self, letter: &DeadLetter, index: u64) -> Option<Report> {
        let reason = self.reasons.get(&index)?;
        let message = format!("`{}` was not replayed: {reason}", letter.id);
        Some(Report::new(&MOVED_ON, message).hint(
            "use `--newer keep` to leave what is there as it is and let the rest take effect, or `--newer overwrite`",
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

fn reason(known: Key, shown: &str) -> String {
    match known {
        Key::IsUnknown => format!(
            "it is not known whether a newer message has written or removed {shown}: what was written when it failed is no longer kept"
        ),
        Key::HasMovedOn | Key::IsOld => format!("a newer message has written or removed {shown}"),
    }
}

/// What is known of `key`. Messages of the letter's own stream are newer by their place in it, others by the time, of which the
/// milliseconds are kept.
fn known(moved: &Moved, key: u64, letter: &DeadLetter) -> Key {
    let Some(stream) = stream_of(letter) else { return Key::IsUnknown };
    let failed = letter.first_failed.as_millisecond();
    let is_after = |at: Timestamp| at.as_millisecond() >= failed;
    let has_moved_on = moved.found.iter().any(|it| {
        it.keys.iter().any(|(found, offset)| {
            *found == key
                && if it.stream == stream { *offset > letter.origin.position.offset } else { is_after(it.at) }
        })
    });
    match has_moved_on {
        true => Key::HasMovedOn,
        false if moved.since.is_some_and(is_after) => Key::IsUnknown,
        false => Key::IsOld,
    }
}

/// Whether the row that `effect` writes is there.
async fn is_there(program: &Program, world: &World, effect: &Effect) -> Result<bool, Report> {
    let kind = &program.flow.steps[effect.step].kind;
    let Some(table) = kind.writes() else { return Ok(false) };
    let key = moves::row_key(kind, &effect.output);
    let rows = world.database(&table.system.name)?.get(&table.name, vec![key]).await?;
    Ok(rows.iter().any(Option::is_some))
}
