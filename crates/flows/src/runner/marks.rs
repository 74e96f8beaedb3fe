//! Where to look, after a crash, for records that were published but not yet counted as done.

use std::collections::{HashSet, VecDeque};

/// For each topic that a flow publishes to: an offset that lies before every record made from a message that is not
/// counted as done. Kept conservative: an earlier mark only makes recovery look at more records.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Where each topic ends, or an earlier offset after which nothing of ours has come.
    ends: Vec<u64>,
    /// For each run of batches that holds messages which are not done: the number of its first message, and where the
    /// topics ended before any of it was published.
    batches: VecDeque<(u64, Vec<u64>)>,
    /// What a run before this one has published and not counted.
    recovered: Option<Recovered>,
}

/// Records that were published before a crash and whose inputs come again.
#[derive(Debug)]
pub(super) struct Recovered {
    /// The marks that they were found after, which have to be kept until all of them are counted.
    pub(super) marks: Vec<u64>,
    /// Per topic: offset of the input in the source, and part.
    pub(super) published: Vec<HashSet<(u64, u32)>>,
    /// The last of the inputs.
    last: u64,
}

impl Recovered {
    /// What was found, or nothing if there is nothing to recognise.
    pub(super) fn new(marks: Vec<u64>, published: Vec<HashSet<(u64, u32)>>) -> Option<Self> {
        let last = published.iter().flatten().map(|(sequence, _)| *sequence).max()?;
        Some(Self { marks, published, last })
    }
}

impl Marks {
    /// Topics that end at `ends`.
    pub(super) fn new(ends: Vec<u64>, recovered: Option<Recovered>) -> Self {
        Self { ends, batches: VecDeque::new(), recovered }
    }

    /// A batch of new messages, the first of them number `first`, is about to be published.
    ///
    /// Where nothing was published since the last one, it belongs to that one's run: a flow that publishes nothing, and
    /// so never asks for marks, holds one for ever, and not one for each batch.
    pub(super) fn opens(&mut self, first: u64) {
        if self.batches.back().is_none_or(|(_, marks)| *marks != self.ends) {
            self.batches.push_back((first, self.ends.clone()));
        }
    }

    /// A topic ends here at least: something of ours was published up to this offset.
    pub(super) fn published(&mut self, topic: usize, end: u64) {
        self.ends[topic] = self.ends[topic].max(end);
    }

    /// Where a topic ended before what is being published now.
    pub(super) fn end(&self, topic: usize) -> u64 {
        self.ends[topic]
    }

    /// Whether the record made from this input was published before a crash.
    pub(super) fn is_repeat(&self, topic: usize, sequence: u64, part: u32) -> bool {
        self.recovered.as_ref().is_some_and(|it| it.published[topic].contains(&(sequence, part)))
    }

    /// The marks that belong to a checkpoint at which everything before message `index`, which starts at `offset` in
    /// the source, is done.
    pub(super) fn at(&mut self, index: u64, offset: u64) -> Vec<u64> {
        while self.batches.get(1).is_some_and(|(first, _)| *first <= index) {
            self.batches.pop_front();
        }
        if self.recovered.as_ref().is_some_and(|it| offset > it.last) {
            self.recovered = None;
        }
        match (&self.recovered, self.batches.front()) {
            (Some(recovered), _) => recovered.marks.clone(),
            (None, Some((_, marks))) => marks.clone(),
            (None, None) => self.ends.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stays_before_the_batch_of_the_first_message_that_is_not_done() {
        let mut marks = Marks::new(vec![10], None);
        marks.opens(0);
        marks.published(0, 13);
        marks.opens(3);
        marks.published(0, 16);
        assert_eq!(marks.at(1, 100), [10], "message 1 is not done, and may have been published after 10");
        assert_eq!(marks.at(3, 300), [13]);
        assert_eq!(marks.at(6, 600), [13], "the last batch is kept until another one opens: conservative");
        marks.opens(6);
        assert_eq!(marks.at(6, 600), [16]);
    }

    #[test]
    fn batches_that_publish_nothing_leave_nothing_behind() {
        let mut marks = Marks::new(vec![0, 7], None);
        (0..10_000).for_each(|first| marks.opens(first));
        assert_eq!(marks.batches.len(), 1, "of a flow that writes rows, nobody asks where topics ended");
        marks.published(1, 9);
        (10_000..20_000).for_each(|first| marks.opens(first));
        assert_eq!(marks.at(9_999, 1), [0, 7]);
        assert_eq!(marks.at(10_000, 2), [0, 9]);
    }

    #[test]
    fn marks_stay_until_everything_recovered_is_counted() {
        let recovered = Recovered::new(vec![4], vec![HashSet::from([(70, 0), (50, 0)])]);
        let mut marks = Marks::new(vec![10], recovered);
        marks.opens(0);
        assert!(marks.is_repeat(0, 70, 0) && !marks.is_repeat(0, 60, 0) && !marks.is_repeat(0, 70, 1));
        assert_eq!(marks.at(2, 70), [4], "the input at 70 is not done yet");
        assert_eq!(marks.at(3, 80), [10]);
        assert!(!marks.is_repeat(0, 70, 0));
    }
}
