//! Which fields of its messages a flow reads: the others are held against the contract, and not built.

use tenon_mapping::{Mapping, Path, Step as Way};
use tenon_model::Str;

use crate::{OnRefusal, Step, StepKind};

/// The ways to the fields of the incoming message that `steps` read, as decoders of a part take them; `None` where they read all of
/// it, or hand it on as it is.
pub(crate) fn of(steps: &[Step]) -> Option<Vec<Vec<Str>>> {
    let mut ways = Vec::new();
    for step in steps {
        if hands_on(&step.kind) {
            return None;
        }
        for path in reads(&step.kind) {
            let (Some((0, _)), way) = (&path.variable, &path.steps) else { continue };
            // Lists on the way are passed through.
            let names = way.iter().filter_map(|step| match step {
                Way::Field(name) => Some(name.clone()),
                Way::Items => None,
            });
            let names: Vec<Str> = names.collect();
            if names.is_empty() {
                return None;
            }
            if !ways.contains(&names) {
                ways.push(names);
            }
        }
    }
    Some(ways)
}

/// Whether the step takes the incoming message as a whole.
fn hands_on(kind: &StepKind) -> bool {
    matches!(kind, StepKind::Publish { slot: 0, .. } | StepKind::Upsert { slot: 0, .. })
}

/// What its expressions read, of whatever message.
pub(in crate::check) fn reads(kind: &StepKind) -> Vec<Path> {
    let (expressions, mapping) = match kind {
        StepKind::Lookup(lookup) => (lookup.key.iter().collect(), None),
        StepKind::Call(call) => {
            let said = call.failures.iter().filter_map(|(_, rule)| match rule {
                OnRefusal::Reject { message, .. } => message.as_ref(),
                OnRefusal::Retry | OnRefusal::Nothing => None,
            });
            (said.collect(), Some(&call.mapping))
        }
        StepKind::Let(values) => (values.iter().map(|(_, value)| value).collect(), None),
        StepKind::Map { mapping, .. } => (Vec::new(), Some(mapping)),
        StepKind::Filter(condition) => (vec![condition], None),
        StepKind::Reject(reject) => (vec![&reject.when, &reject.message], None),
        StepKind::Each { list, .. } => (vec![list], None),
        StepKind::Aggregate(aggregate) => (Vec::new(), Some(&aggregate.row)),
        StepKind::Delete(delete) => (delete.key.iter().collect(), None),
        StepKind::Log(log) => {
            (log.fields.iter().map(|(_, value)| value).chain([&log.message]).collect(), None)
        }
        // Their keys are those of the message that they write.
        StepKind::Publish { .. } | StepKind::Upsert { .. } => (Vec::new(), None),
    };
    let lineage = mapping.map(Mapping::lineage).unwrap_or_default();
    let of_mapping = lineage.into_iter().flat_map(|it| it.sources);
    expressions.into_iter().flat_map(|it| it.reads().iter().cloned()).chain(of_mapping).collect()
}
