//! What a replay that was interrupted has done already, so that it is not done twice.
//!
//! Before some letters take effect, a note says which they are and where topics ended. A database keeps the number of the note
//! in the same transaction as their rows, as the position of a consumer of its own; records carry the number of their letter as
//! their producer's sequence, and are looked for from where the topics ended. Replays of a flow follow one another, so this
//! finds everything that is there though the letters are, too.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use tenon_errors::{Fault, Report};
use tenon_model::Str;
use tenon_ports::{
    Change, Checkpoint, DeadLetter, Position, Record, State, Topic, Transaction, input::digest,
    topic::Producer,
};

use super::newer::Newer;
use crate::program::{Binding, Lane, Program};

/// Whose turn it is to replay the letters of a flow. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<Str, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// The turn of those who settle messages of one flow, and of those who replay its letters.
    pub(crate) fn settling(&self, flow: &str) -> Arc<tokio::sync::Mutex<()>> {
        self.of(&format!("{flow} (settling)"))
    }

    /// The turn of a replay of one flow from when it looks at keys until it has taken effect, and of other flows that say what they
    /// write. Unlike that of those who settle, it is not held while a system is waited for.
    pub(crate) fn replaying(&self, flow: &str) -> Arc<tokio::sync::Mutex<()>> {
        self.of(&format!("{flow} (replaying)"))
    }

    /// The turn of one flow.
    pub(super) fn of(&self, flow: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(Str::new(flow)).or_default())
    }
}

/// The number of a letter as it is now: failing again gives it another one. It fits a signed integer.
pub(super) fn number(letter: &DeadLetter) -> u64 {
    digest(&format!("{} {} {}", letter.id, letter.attempts, letter.last_failed)) >> 1
}

/// Letters that take effect together, and what of it is there.
pub(super) struct Attempt {
    consumer: Str,
    number: u64,
    /// The numbers and ids of the letters.
    pub(super) letters: Vec<(u64, Str)>,
    /// What becomes of keys that have moved on.
    pub(super) newer: Newer,
    marks: Vec<(Str, u64)>,
    /// For each lane that is a database: whether it took the rows.
    applied: Vec<bool>,
    /// For each lane that is a topic: the numbers and parts of its records.
    published: Vec<HashSet<(u64, u32)>>,
    /// For each lane: whether all that was due there was carried out.
    carried_out: Vec<bool>,
}

impl Attempt {
    /// The attempt that was begun last, as far as it has come.
    pub(super) async fn find(program: &Program, state: &dyn State) -> Result<Option<Self>, Report> {
        let consumer = consumer(program);
        let Some(stored) = state.checkpoint(&consumer, "").await? else { return Ok(None) };
        let (newer, letters) = read_note(&stored.fingerprint);
        let number = stored.position.offset;
        let mut attempt = Self {
            consumer,
            number,
            letters,
            newer,
            marks: stored.marks,
            applied: vec![false; program.lanes.len()],
            published: vec![HashSet::new(); program.lanes.len()],
            carried_out: vec![false; program.lanes.len()],
        };
        for (lane, port) in program.lanes.iter().enumerate() {
            match port {
                Lane::Database(database) => {
                    let position = database.position(&attempt.consumer).await?;
                    attempt.applied[lane] = position.is_some_and(|it| it.offset == number);
                }
                Lane::Topic(name, topic) => attempt.look(lane, name, topic.as_ref()).await?,
            }
        }
        Ok(Some(attempt))
    }

    /// Begins an attempt with `letters`. What was begun before has to be finished. `after` is an attempt with these letters and
    /// others, which a system has refused.
    pub(super) async fn begin(
        program: &Program,
        state: &dyn State,
        letters: Vec<(u64, Str)>,
        newer: Newer,
        after: Option<&Self>,
    ) -> Result<Self, Report> {
        let mut marks = after.map(|it| it.marks.clone()).unwrap_or_default();
        if after.is_none() {
            for lane in &program.lanes {
                if let Lane::Topic(name, topic) = lane {
                    marks.push((name.clone(), topic.status().await?.end));
                }
            }
        }
        let published =
            after.map_or_else(|| vec![HashSet::new(); program.lanes.len()], |it| it.published.clone());
        let note = write_note(newer, &letters);
        let number = digest(&note) >> 1;
        let consumer = consumer(program);
        let checkpoint = Checkpoint {
            position: Position { offset: number, ..Position::default() },
            fingerprint: note,
            marks: marks.clone(),
            ..Checkpoint::default()
        };
        state.record(&consumer, Vec::new(), Some(checkpoint)).await?;
        Ok(Self {
            consumer,
            number,
            letters,
            newer,
            marks,
            applied: vec![false; program.lanes.len()],
            published,
            carried_out: vec![false; program.lanes.len()],
        })
    }

    /// The same attempt, for other letters of it.
    pub(super) fn again(&self) -> Self {
        Self {
            consumer: self.consumer.clone(),
            number: self.number,
            letters: self.letters.clone(),
            newer: self.newer,
            marks: self.marks.clone(),
            applied: self.applied.clone(),
            published: self.published.clone(),
            carried_out: self.carried_out.clone(),
        }
    }

    /// The lane has all that was due there.
    pub(super) fn has_carried_out(&mut self, lane: usize) {
        self.carried_out[lane] = true;
    }

    /// The places that have taken what was due, where none has taken a part of it; nothing if one has.
    pub(super) fn taken(&self, program: &Program) -> Option<Vec<Str>> {
        let lanes = 0..program.lanes.len();
        let in_part = |lane: &usize| !self.carried_out[*lane] && !self.published[*lane].is_empty();
        if lanes.clone().any(|lane| in_part(&lane)) {
            return None;
        }
        Some(lanes.filter(|lane| self.carried_out[*lane]).map(|lane| program.place_of_lane(lane)).collect())
    }

    /// Whether some effect of the letter with this number is there.
    pub(super) fn has_some(&self, number: u64) -> bool {
        self.applied.contains(&true) || self.published.iter().flatten().any(|(it, _)| *it == number)
    }

    /// Whether every effect that the flow has is there for this letter. How many those are of a message that is split, or of
    /// which something was left out, can only be known by running it again.
    pub(super) fn has_all(&self, program: &Program, number: u64) -> bool {
        if program.splits || self.newer == Newer::Keep {
            return false;
        }
        let publishes = program.bindings.iter().filter_map(|binding| match binding {
            Binding::Publishes(lane, _) => Some(*lane),
            _ => None,
        });
        let mut databases = program.lanes.iter().zip(&self.applied);
        databases.all(|(lane, applied)| matches!(lane, Lane::Topic(..)) || *applied)
            && (0..).zip(publishes).all(|(part, lane)| self.published[lane].contains(&(number, part)))
    }

    /// Has the database of a lane take the changes, unless it has.
    pub(super) async fn apply(
        &mut self,
        lane: usize,
        database: &dyn tenon_ports::Database,
        changes: Vec<Change>,
    ) -> Result<(), Report> {
        if !changes.is_empty() && !self.applied[lane] {
            let position = Position { offset: self.number, ..Position::default() };
            let position = Some((self.consumer.clone(), position));
            database.apply(Transaction { changes, position, once: None }).await?;
            self.applied[lane] = true;
        }
        Ok(())
    }

    /// Publishes the records that are not in the topic of a lane yet; each comes with the number of its letter.
    pub(super) async fn publish(
        &mut self,
        lane: usize,
        (name, topic): (&Str, &dyn Topic),
        records: Vec<(u64, &Record)>,
    ) -> Result<(), Report> {
        let marked = records.into_iter().map(|(number, record)| self.marked(record, number));
        let is_new = |record: &Record| {
            record.producer.as_ref().is_none_or(|it| !self.published[lane].contains(&(it.sequence, it.part)))
        };
        let records: Vec<_> = marked.filter(is_new).collect();
        if records.is_empty() {
            return Ok(());
        }
        let result = topic.publish(records).await;
        if let Err(report) = &result
            && !report.is_transient()
            && report.code().fault == Fault::Caller
        {
            // Some may have become durable all the same.
            self.look(lane, name, topic).await?;
        }
        result.map(|_| ())
    }

    async fn look(&mut self, lane: usize, name: &Str, topic: &dyn Topic) -> Result<(), Report> {
        if let Some((_, mark)) = self.marks.iter().find(|(topic, _)| topic == name) {
            self.published[lane] = topic.produced(&self.consumer, *mark).await?.into_iter().collect();
        }
        Ok(())
    }

    /// The record as one of a replay: it must not be taken for a repeat of an input of the flow.
    fn marked(&self, record: &Record, number: u64) -> Record {
        let part = record.producer.as_ref().map_or(0, |it| it.part);
        let producer = Producer { name: self.consumer.clone(), sequence: number, part };
        Record { producer: Some(producer), ..record.clone() }
    }
}

fn consumer(program: &Program) -> Str {
    smol_str::format_smolstr!("{} (replay)", program.flow.name)
}

/// The letters of an attempt as text: one a line, after what becomes of keys that have moved on.
fn write_note(newer: Newer, letters: &[(u64, Str)]) -> Str {
    let mut note = String::from(newer.word());
    for (number, id) in letters {
        note.push_str(&format!("\n{number} {id}"));
    }
    note.into()
}

fn read_note(note: &str) -> (Newer, Vec<(u64, Str)>) {
    let mut lines = note.lines();
    let newer = lines.next().and_then(Newer::of_word).unwrap_or_default();
    let letter = |line: &str| {
        let (number, id) = line.split_once(' ')?;
        Some((number.parse().ok()?, Str::new(id)))
    };
    (newer, lines.filter_map(letter).collect())
}
