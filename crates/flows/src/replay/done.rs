//! What a replay that was interrupted has done already, so that it is not done twice.
//!
//! Each letter has a number. A database keeps the number of the last letter whose rows it took, in the same transaction, as
//! the position of a consumer of its own; records carry it as their producer's sequence, and are looked for from where
//! the topics ended when the run before began. Replays of a flow follow one another, so this finds every letter whose
//! effects are there though the letter is, too.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{
    Checkpoint, DeadLetter, Position, Record, State, Transaction, input::digest, topic::Producer,
};

use crate::{
    batch::Effect,
    effects,
    program::{Binding, Lane, Program},
};

/// Whose turn it is to replay the letters of a flow. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<Str, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// The turn of one flow.
    pub(super) fn of(&self, flow: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(Str::new(flow)).or_default())
    }
}

/// The effects that were found.
pub(super) struct Done {
    consumer: Str,
    /// For each lane that is a database: the number of the last letter whose rows it took.
    applied: Vec<Option<u64>>,
    /// For each lane that is a topic: the numbers and parts of its records.
    published: Vec<HashSet<(u64, u32)>>,
}

/// The number of a letter as it is now: failing again gives it another one. It fits a signed integer.
pub(super) fn number(letter: &DeadLetter) -> u64 {
    digest(&format!("{} {} {}", letter.id, letter.attempts, letter.last_failed)) >> 1
}

impl Done {
    /// Looks for the effects of replays of the flow since the run before began.
    pub(super) async fn find(program: &Program, state: &dyn State) -> Result<Self, Report> {
        let consumer = Str::from(format!("{} (replay)", program.flow.name));
        let stored = state.checkpoint(&consumer, "").await?.unwrap_or_default();
        let (mut applied, mut published) = (Vec::new(), Vec::new());
        for lane in &program.lanes {
            let (mut number, mut found) = (None, HashSet::new());
            match lane {
                Lane::Database(database) => number = database.position(&consumer).await?.map(|it| it.offset),
                Lane::Topic(name, topic) => {
                    if let Some((_, mark)) = stored.marks.iter().find(|(topic, _)| topic == name) {
                        found = topic.produced(&consumer, *mark).await?.into_iter().collect();
                    }
                }
            }
            applied.push(number);
            published.push(found);
        }
        Ok(Self { consumer, applied, published })
    }

    /// From now on effects are looked for after here. Everything that was found has to be settled before.
    pub(super) async fn settle(&self, program: &Program, state: &dyn State) -> Result<(), Report> {
        let mut marks = Vec::new();
        for lane in &program.lanes {
            if let Lane::Topic(name, topic) = lane {
                marks.push((name.clone(), topic.status().await?.end));
            }
        }
        if !marks.is_empty() {
            let checkpoint = Checkpoint { marks, ..Checkpoint::default() };
            state.record(&self.consumer, Vec::new(), Some(checkpoint)).await?;
        }
        Ok(())
    }

    /// Whether nothing was found at all.
    pub(super) fn is_empty(&self) -> bool {
        self.applied.iter().all(Option::is_none) && self.published.iter().all(HashSet::is_empty)
    }

    /// Whether some effect of this letter is there.
    pub(super) fn has_some(&self, number: u64) -> bool {
        self.applied.contains(&Some(number)) || self.published.iter().flatten().any(|(it, _)| *it == number)
    }

    /// Whether every effect that the flow has is there for this letter. How many those are of a message that is split can
    /// only be known by running it again.
    pub(super) fn has_all(&self, program: &Program, number: u64) -> bool {
        if program.splits {
            return false;
        }
        let publishes = program.bindings.iter().filter_map(|binding| match binding {
            Binding::Publishes(lane, _) => Some(*lane),
            _ => None,
        });
        let mut databases = program.lanes.iter().zip(&self.applied);
        databases.all(|(lane, applied)| matches!(lane, Lane::Topic(..)) || *applied == Some(number))
            && (0..).zip(publishes).all(|(part, lane)| self.published[lane].contains(&(number, part)))
    }

    /// Carries out the effects of the letter with this number that are not there yet.
    pub(super) async fn carry_out(
        &self,
        program: &Program,
        effects: &[Effect],
        number: u64,
    ) -> Result<(), Report> {
        for (lane, port) in program.lanes.iter().enumerate() {
            match port {
                Lane::Database(database) => {
                    let changes = effects::changes(program, lane, effects.iter());
                    if !changes.is_empty() && self.applied[lane] != Some(number) {
                        let position = Position { offset: number, ..Position::default() };
                        let position = Some((self.consumer.clone(), position));
                        database.apply(Transaction { changes, position, once: None }).await?;
                    }
                }
                Lane::Topic(_, topic) => {
                    let records = effects::records(program, lane, effects);
                    let marked = records.map(|record| self.marked(record, number));
                    let is_new = |record: &Record| {
                        let part = record.producer.as_ref().map_or(0, |it| it.part);
                        !self.published[lane].contains(&(number, part))
                    };
                    let records: Vec<_> = marked.filter(is_new).collect();
                    if !records.is_empty() {
                        topic.publish(records).await?;
                    }
                }
            }
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
