//! Which letters are replayed, in the order of their sources, without holding more than some of them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{DeadLetter, DeadLetterQuery, State};

use super::done::number;
use crate::identity::stream_of;

/// What is known of a letter before it is its turn.
#[derive(Debug, Clone)]
pub struct Selected {
    /// Its id.
    pub id: Str,
    /// Its flow.
    pub flow: Str,
    /// What it was when it was selected.
    pub(super) number: u64,
    stream: Option<u64>,
    offset: u64,
    first_failed: Timestamp,
}

/// The letters with these ids, and the ids that there are none of. Those of one stream stand in its order; a stream of which a
/// letter failed earlier stands before others.
///
/// # Errors
/// What the state reports.
pub async fn select(state: &dyn State, ids: &[Str]) -> Result<(Vec<Selected>, Vec<Str>), Report> {
    let (mut found, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        match letter(state, id).await? {
            Some(letter) => found.push(Selected {
                number: number(&letter),
                stream: stream_of(&letter),
                offset: letter.origin.position.offset,
                first_failed: letter.first_failed,
                id: letter.id,
                flow: letter.flow,
            }),
            None => missing.push(id.clone()),
        }
    }
    let mut began: BTreeMap<Option<u64>, Timestamp> = BTreeMap::new();
    for it in &found {
        let first = began.entry(it.stream).or_insert(it.first_failed);
        *first = it.first_failed.min(*first);
    }
    found.sort_by_cached_key(|it| {
        (it.flow.clone(), began.get(&it.stream).copied(), it.stream, it.offset, it.id.clone())
    });
    Ok((found, missing))
}

/// The letter with this id.
pub(super) async fn letter(state: &dyn State, id: &Str) -> Result<Option<DeadLetter>, Report> {
    let query = DeadLetterQuery { id: Some(id.clone()), limit: 1, ..DeadLetterQuery::default() };
    Ok(state.dead_letters(query).await?.into_iter().find(|letter| letter.id == *id))
}

/// Letters to come, some at a time.
pub(super) struct Waiting {
    state: Arc<dyn State>,
    left: VecDeque<Selected>,
}

/// The next letters, and the ids of those that are no longer what they were.
#[derive(Default)]
pub(super) struct Next {
    pub(super) letters: Vec<DeadLetter>,
    pub(super) gone: Vec<Str>,
}

impl Waiting {
    pub(super) fn new(state: Arc<dyn State>, selected: Vec<Selected>) -> Self {
        Self { state, left: selected.into() }
    }

    /// The next letters: at most `most`, and about `bytes`; nothing at the end.
    pub(super) async fn next(&mut self, most: usize, bytes: usize) -> Result<Option<Next>, Report> {
        let (mut next, mut held) = (Next::default(), 0);
        while next.letters.len() < most && held < bytes {
            let Some(selected) = self.left.pop_front() else { break };
            match letter(self.state.as_ref(), &selected.id).await? {
                Some(letter) if number(&letter) == selected.number => {
                    held += letter.bytes.len() + letter.report.len() + letter.context.len();
                    next.letters.push(letter);
                }
                _ => next.gone.push(selected.id),
            }
        }
        Ok((!next.letters.is_empty() || !next.gone.is_empty()).then_some(next))
    }
}
