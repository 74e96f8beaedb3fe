//! Records: one call for each batch and topic, repeated until they are durable, without publishing any twice.

use std::{collections::HashSet, sync::Arc, time::Instant};

use tenon_errors::{Fault, Report};
use tenon_plan::OnFailure;
use tenon_ports::{Record, Topic};

use super::{Refused, Settler, spend};
use crate::{
    batch::{Batch, Failure, Output},
    effects,
};

impl Settler {
    /// Publishes the records of a batch, except those that are in the topic already. Returns how many it
    /// took, and the messages whose record the topic refuses, for example as too large.
    pub(super) async fn publish(
        &mut self,
        lane: usize,
        topic: &dyn Topic,
        batch: &mut Batch,
    ) -> Result<(u64, Refused), Report> {
        let shared = Arc::clone(&self.shared);
        let began = Instant::now();
        let records = effects::records(&shared.program, lane, &batch.effects);
        let records = records.filter(|record| !self.is_repeat(lane, record)).collect();
        let mut count = 0;
        let mut refused = Refused::new();
        // The part to publish next is last. What a topic refuses is halved until the record is found.
        let mut parts: Vec<Vec<&Record>> = vec![records];
        while let Some(mut records) = parts.pop() {
            if records.is_empty() {
                continue;
            }
            let report = match topic.publish(records.iter().copied().cloned().collect()).await {
                Ok(first) => {
                    count += records.len() as u64;
                    self.resume.marks.published(lane, first + records.len() as u64);
                    continue;
                }
                Err(report) => report,
            };
            self.forget_durable(lane, topic, &mut records).await?;
            if report.is_transient() || report.code().fault != Fault::Caller {
                self.patience.wait_at(shared.program.label_of_lane(lane), report).await?;
            } else if let [record] = records.as_slice() {
                refused.extend(failure(batch, record, report));
                if shared.program.flow.on_failure == OnFailure::Stop {
                    break;
                }
                continue;
            } else {
                let second = records.split_off(records.len() / 2);
                parts.push(second);
            }
            parts.push(records);
        }
        self.patience.calm();
        drop(parts);
        spend(batch, &shared, lane, began);
        Ok((count, refused))
    }

    fn is_repeat(&self, lane: usize, record: &Record) -> bool {
        let producer = record.producer.as_ref();
        producer.is_some_and(|it| self.resume.marks.is_repeat(lane, it.sequence, it.part))
    }

    /// After a failed publish some records may have become durable all the same; those are not published again.
    async fn forget_durable(
        &mut self,
        lane: usize,
        topic: &dyn Topic,
        records: &mut Vec<&Record>,
    ) -> Result<(), Report> {
        let durable = loop {
            match topic.produced(&self.resume.consumer, self.resume.marks.end(lane)).await {
                Ok(durable) => break durable,
                Err(report) => self.patience.wait(report).await?,
            }
        };
        let durable: HashSet<_> = durable.into_iter().collect();
        records.retain(|record| {
            record.producer.as_ref().is_none_or(|it| !durable.contains(&(it.sequence, it.part)))
        });
        Ok(())
    }
}

/// The message that a record was made from, failed.
fn failure(batch: &Batch, record: &Record, report: Report) -> Option<(u64, Failure)> {
    let same = |output: &Output| matches!(output, Output::Record(it) if it.producer == record.producer);
    let effect = batch.effects.iter().find(|effect| same(&effect.output))?;
    Some((effect.index, Failure { step: Some(effect.step), report }))
}
