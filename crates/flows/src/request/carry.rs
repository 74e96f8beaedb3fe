//! Carrying out what a request brings about, once: what is there already is not done again.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use tenon_errors::Report;
use tenon_model::{Name, Str};
use tenon_plan::Flow;
use tenon_ports::{Claim, ClaimId, Once, Record, Transaction, topic::requests};

use super::due::{Due, Part, unfinished};
use crate::{World, batch::of_one_message, watched};

/// For how long after a claim's time its transactions are recognised.
const MARGIN: SignedDuration = SignedDuration::from_hours(24);

/// A claim whose effects are due.
pub(super) struct Claimed<'c> {
    pub(super) flow: &'c Flow,
    pub(super) world: &'c World,
    pub(super) id: &'c ClaimId,
    pub(super) number: u64,
    pub(super) until: Timestamp,
}

/// What became of effects that were begun.
pub(super) enum Begun {
    /// All of them are durable.
    Done,
    /// Nothing has happened.
    Nothing(Report),
    /// Some may have happened.
    Some(Report),
}

/// The records of keyed requests that were found in topics: which claims have published what.
#[derive(Default)]
pub(super) struct Found(HashMap<Name, InTopic>);

struct InTopic {
    identity: Str,
    start: u64,
    published: HashSet<(u64, u32)>,
}

impl Found {
    /// Looks through the topics for what these have published.
    pub(super) async fn look<'d>(
        flow: &Flow,
        world: &World,
        dues: impl IntoIterator<Item = &'d Due>,
    ) -> Result<Self, Report> {
        let mut marks: HashMap<&Name, u64> = HashMap::new();
        for part in dues.into_iter().flat_map(|due| &due.0) {
            if let Part::Records { topic, mark, .. } = part {
                marks.entry(topic).and_modify(|held| *held = (*held).min(*mark)).or_insert(*mark);
            }
        }
        let mut found = HashMap::with_capacity(marks.len());
        for (name, mark) in marks {
            // A topic that no longer exists is reported where something is published to it.
            let Ok(topic) = world.topic(name) else { continue };
            let published = topic.produced(&requests(&flow.name), mark).await?.into_iter().collect();
            // After looking, so that what was removed meanwhile is not taken for absent.
            let status = topic.status().await?;
            let seen = InTopic { identity: status.identity, start: status.start, published };
            found.insert(name.clone(), seen);
        }
        Ok(Self(found))
    }
}

impl Claimed<'_> {
    /// Carries out effects for the first time.
    pub(super) async fn begin(&self, due: &Due) -> Begun {
        for (at, part) in due.0.iter().enumerate() {
            let Err(report) = self.carry_out(part, None).await else { continue };
            match self.has_happened(part, &report).await {
                Some(true) => {}
                Some(false) if at == 0 => return Begun::Nothing(report),
                _ => return Begun::Some(report),
            }
        }
        Begun::Done
    }

    /// Whether it is known that nothing of this has happened, in a process that has not begun any of it.
    pub(super) fn is_not_begun(&self, due: &Due, Found(found): &Found) -> bool {
        let Some(Part::Records { topic, identity, mark, .. }) = due.0.first() else {
            return due.0.is_empty();
        };
        found.get(topic).is_some_and(|seen| {
            let published = seen.published.iter().any(|(number, _)| *number == self.number);
            !published && seen.identity == *identity && seen.start <= *mark
        })
    }

    /// Carries out what is missing of effects that were begun before.
    pub(super) async fn finish(&self, due: &Due, found: &Found) -> Result<(), Report> {
        watched::note_request(&self.flow.name, self.world, || due.written(self.flow)).await?;
        for part in &due.0 {
            self.carry_out(part, Some(found)).await?;
        }
        Ok(())
    }

    async fn carry_out(&self, part: &Part, found: Option<&Found>) -> Result<(), Report> {
        match part {
            Part::Rows { system, changes } => {
                let database = self.world.database(system).map_err(|report| self.gone(&report))?;
                let once = Once {
                    id: self.transaction(),
                    settled: self.world.hand.gone(system),
                    at: self.world.clock.now(),
                    until: self.until.saturating_add(MARGIN).unwrap_or(Timestamp::MAX),
                };
                let changes = changes.clone();
                database.apply(Transaction { changes, position: None, once: Some(once) }).await
            }
            Part::Records { topic: name, identity, mark, records } => {
                let topic = self.world.topic(name).map_err(|report| self.gone(&report))?;
                let missing = match found {
                    None => records.clone(),
                    Some(found) => self.missing(name, (identity, *mark), records, found)?,
                };
                if !missing.is_empty() {
                    topic.publish(missing).await?;
                }
                Ok(())
            }
        }
    }

    /// What databases recognise its transactions by.
    fn transaction(&self) -> Str {
        Claim::transaction(self.id, self.number)
    }

    /// Its transactions, by system.
    pub(super) fn transactions(&self, due: &Due) -> Vec<(Name, Str)> {
        let systems = due.0.iter().filter_map(|part| match part {
            Part::Rows { system, .. } => Some(system.clone()),
            Part::Records { .. } => None,
        });
        systems.map(|system| (system, self.transaction())).collect()
    }

    /// The records that are not in their topic.
    fn missing(
        &self,
        name: &Name,
        (identity, mark): (&str, u64),
        records: &[Record],
        Found(found): &Found,
    ) -> Result<Vec<Record>, Report> {
        let unknown = |why: String| Err(unfinished(self.flow, format!("the topic `{name}` {why}")));
        let Some(seen) = found.get(name) else { return unknown("no longer exists".to_owned()) };
        if seen.identity != identity {
            return unknown("is a different one now".to_owned());
        }
        let published = |record: &&Record| {
            let part = record.producer.as_ref().map_or(0, |it| it.part);
            seen.published.contains(&(self.number, part))
        };
        let missing: Vec<_> = records.iter().filter(|record| !published(record)).cloned().collect();
        if !missing.is_empty() && seen.start > mark {
            return unknown(format!(
                "has removed its messages from offset {mark} on, some of which may be the request's"
            ));
        }
        Ok(missing)
    }

    /// Whether effects that were reported to fail have happened all the same; nothing if that is in part, or unknown:
    /// records that a topic failed to write can still turn up after a crash.
    async fn has_happened(&self, part: &Part, report: &Report) -> Option<bool> {
        let Part::Records { topic: name, mark, records, .. } = part else { return Some(false) };
        let topic = self.world.topic(name).ok()?;
        let produced = topic.produced(&requests(&self.flow.name), *mark).await.ok()?;
        match produced.iter().filter(|(number, _)| *number == self.number).count() {
            0 => of_one_message(report).then_some(false),
            count => (count == records.len()).then_some(true),
        }
    }

    fn gone(&self, report: &Report) -> Report {
        unfinished(self.flow, report.message())
    }
}
