//! Which calls wait for which: a call acts at once, so that a message must not ask before those whose place is before it.

use std::collections::HashMap;

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::{Call, Flow, OnFailure};

use super::{Asked, Came, How, ask};
use crate::{
    batch::{Batch, Failure, Outcome},
    program::Calls,
};

/// How messages of a flow keep their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Those of equal key ask one after another; all others at the same time.
    OfKey,
    /// All ask one after another, and none after one that has failed: the flow stops at it.
    OfAll,
}

impl Order {
    /// The order of messages of `flow`.
    pub(super) fn of(flow: &Flow) -> Self {
        match flow.on_failure {
            OnFailure::Stop => Self::OfAll,
            OnFailure::DeadLetter => Self::OfKey,
        }
    }

    /// Has messages wait that come after one which waits or, where the flow stops there, has failed in a step before this one.
    pub(super) fn hold_back(self, step: usize, batch: &mut Batch) {
        let mut all: Option<Report> = None;
        let mut reports: HashMap<Str, Report> = HashMap::new();
        for item in &mut batch.items {
            let held = item.key.as_ref().and_then(|key| reports.get(key)).or(all.as_ref());
            if let Some(report) = held.filter(|_| item.is_going()).cloned() {
                item.wait_behind(step, report);
                continue;
            }
            let (Outcome::Waiting(Failure { report, .. }) | Outcome::Failed(Failure { report, .. })) =
                &item.outcome
            else {
                continue;
            };
            if self == Self::OfAll {
                all.get_or_insert_with(|| report.clone());
            } else if let (Outcome::Waiting(_), Some(key)) = (&item.outcome, &item.key) {
                reports.entry(key.clone()).or_insert_with(|| report.clone());
            }
        }
    }

    /// The messages in groups, each in its order.
    pub(super) fn in_groups(self, asked: Vec<Asked>) -> Vec<Vec<Asked>> {
        if self == Self::OfAll {
            return vec![asked];
        }
        let mut groups: Vec<Vec<Asked>> = Vec::with_capacity(asked.len());
        let mut of_key: HashMap<Str, usize> = HashMap::new();
        for one in asked {
            let known = one.key.as_ref().and_then(|key| of_key.get(key));
            match known {
                Some(group) => groups[*group].push(one),
                None => {
                    if let Some(key) = &one.key {
                        of_key.insert(key.clone(), groups.len());
                    }
                    groups.push(vec![one]);
                }
            }
        }
        groups
    }
}

/// Asks one after another. Behind a message that has to wait, the others of the group wait too; behind one for which nobody can go on,
/// they are not asked, and go on with it.
pub(super) async fn ask_in_order(
    call: &Call,
    calls: &Calls,
    order: Order,
    how: How,
    group: Vec<Asked>,
) -> Vec<(usize, Came)> {
    let mut came = Vec::with_capacity(group.len());
    let mut waiting: Option<Report> = None;
    for one in group {
        let item = one.item;
        if let Some(report) = &waiting {
            came.push((item, Came::Behind(report.clone())));
            continue;
        }
        let result = ask(call, calls, how, one).await;
        match &result {
            Came::Later(report) => waiting = Some(report.clone()),
            Came::Failed(report) if order == Order::OfAll => waiting = Some(report.clone()),
            Came::Nobody(_) => {
                came.push((item, result));
                break;
            }
            _ => {}
        }
        came.push((item, result));
    }
    came
}
