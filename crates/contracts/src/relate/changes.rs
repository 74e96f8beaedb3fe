//! What is said of the differences between two contracts: a change each, with a value that shows it.

use tenon_model::{
    Record, Shape, Str, Value,
    relate::{Difference, Policy, Spot, Standing, Step},
};

use super::{
    Change, Relation, Rule,
    readers::Readers,
    witness::{Judges, Witness},
    words::{self, Words},
};
use crate::sample;

/// How many changes are named.
const MAX_CHANGES: usize = 20;

/// The changes that are found.
pub(super) struct Changes<'s> {
    how: Relation,
    writer: &'s Shape,
    judges: Option<Judges>,
    readers: Readers,
    pub(super) found: Vec<Change>,
}

impl<'s> Changes<'s> {
    pub(super) fn new(writer: &'s Shape, reader: &'s Shape, how: Relation) -> Self {
        let judges = Judges::new(writer, reader);
        Self { how, writer, judges, readers: Readers::default(), found: Vec::new() }
    }

    fn witness(&self, spot: &Spot<'_>) -> Option<Witness> {
        let steps = spot.steps.iter().chain(spot.last);
        self.judges.as_ref()?.witness(self.writer, (spot.steps, steps), (spot.source, spot.target))
    }

    /// The reader has rules about the whole value, of which only values can show whether the writer keeps them.
    fn broken(&self, spot: &Spot<'_>) -> Option<Witness> {
        self.judges.as_ref()?.searched(self.writer, spot.steps, (spot.source, spot.target))
    }

    fn tell(&mut self, spot: &Spot<'_>, rule: Rule, words: Words, witness: Option<Witness>) {
        let names = [words::name(spot.source), words::name(spot.target)];
        let is_old = self.how.writer_is_old();
        let [old, new] = if is_old {
            names
        } else {
            let [source, target] = names;
            [target, source]
        };
        let steps: Vec<Step> = spot.steps.iter().chain(spot.last).cloned().collect();
        self.found.push(Change {
            path: sample::path(&steps),
            rule,
            message: if is_old { words.narrowed } else { words.widened },
            old,
            new,
            breaks: self.how.who_breaks(),
            witness,
        });
    }
}

impl Policy for Changes<'_> {
    fn differs(&mut self, spot: Spot<'_>, difference: &Difference<'_>, _: Standing) {
        if self.found.len() >= MAX_CHANGES {
            return;
        }
        if matches!(difference, Difference::Rules)
            && let Some(witness) = self.broken(&spot)
        {
            return self.tell(&spot, Rule::RulesNarrowed, words::broken(), Some(witness));
        }
        let rule = words::rule(difference);
        let words = words::of(difference, &spot, self.how.data());
        let witness = if rule == Rule::TooComplex { None } else { self.witness(&spot) };
        self.tell(&spot, rule, words, witness);
    }

    fn takes(&mut self, shape: &Shape, value: &Value) -> Option<bool> {
        self.readers.takes(shape, value)
    }

    fn other<'r>(&mut self, record: &'r Record, name: &str) -> Option<&'r Shape> {
        sample::other(record, name)
    }

    fn unlisted(&mut self, records: [&Record; 2], pattern: Option<&str>) -> Str {
        sample::unlisted(records, pattern)
    }
}
