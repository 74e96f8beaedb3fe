//! Where each field that a flow makes comes from: through names that steps bring, down to messages and tables.

use tenon_mapping::{Expression, Lineage, Origin, Path, Step as PathStep};
use tenon_plan::{Aggregate, Flow, StepKind, Table};

use super::{anchored, table};
use crate::html::escape;

/// What stands in one slot of a flow's frame.
enum Slot<'p> {
    /// The message as it came in.
    Message,
    /// Who calls.
    Caller,
    /// The row that a lookup found.
    Row(&'p Table),
    /// What this operation of another system has answered.
    Answer(&'p str),
    /// A value of a `let` step.
    Value(&'p Expression),
    /// The message that a `map` step made.
    Made(Vec<Lineage>),
}

/// Something that is made, and of what.
struct Made {
    /// Where: `1:map`, `reply`.
    by: String,
    fields: Vec<Lineage>,
}

/// The lineage of everything that `flow` makes, as a part of the page; empty if it makes nothing.
pub(super) fn part(flow: &Flow) -> String {
    let mut slots: Vec<Option<Slot<'_>>> = flow.variables.iter().map(|_| None).collect();
    if slots.is_empty() {
        slots.push(None);
    }
    slots[0] = Some(Slot::Message);
    if let Some(place) = flow.caller.and_then(|slot| slots.get_mut(slot)) {
        *place = Some(Slot::Caller);
    }
    let mut made = Vec::new();
    for step in &flow.steps {
        let mut fill = |slot: usize, content| {
            if let Some(place) = slots.get_mut(slot) {
                *place = Some(content);
            }
        };
        match &step.kind {
            StepKind::Lookup(lookup) => fill(lookup.slot, Slot::Row(&lookup.table)),
            StepKind::Call(call) => {
                made.push(Made { by: step.label.to_string(), fields: call.mapping.lineage() });
                if let Some(slot) = call.slot {
                    fill(slot, Slot::Answer(&call.called.name));
                }
                if let Some(slot) = call.failure {
                    fill(slot, Slot::Answer(&call.called.name));
                }
            }
            StepKind::Let(values) => {
                values.iter().for_each(|(slot, expression)| fill(*slot, Slot::Value(expression)));
            }
            StepKind::Map { mapping, slot, .. } => {
                fill(*slot, Slot::Made(mapping.lineage()));
                made.push(Made { by: step.label.to_string(), fields: mapping.lineage() });
            }
            StepKind::Aggregate(aggregate) => {
                made.push(Made { by: step.label.to_string(), fields: measured(aggregate) });
            }
            StepKind::Each { list, slot } => fill(*slot, Slot::Value(list)),
            StepKind::Filter(_)
            | StepKind::Reject(_)
            | StepKind::Publish { .. }
            | StepKind::Upsert { .. }
            | StepKind::Delete(_)
            | StepKind::Log(_) => {}
        }
    }
    if let Some(fields) = flow.reply.as_ref().map(|reply| reply.mapping.lineage()) {
        made.push(Made { by: "reply".to_owned(), fields });
    }
    made.iter().map(|made| of(made, &slots)).collect()
}

/// The lineage of the row of an aggregate, with each measure as the project says it.
fn measured(aggregate: &Aggregate) -> Vec<Lineage> {
    let mut fields = aggregate.row.lineage();
    for line in &mut fields {
        let name = line.target.to_string();
        if let Some((_, said)) = aggregate.said.iter().find(|(measure, _)| *measure == name) {
            line.text = said.clone();
        }
    }
    fields
}

fn of(made: &Made, slots: &[Option<Slot<'_>>]) -> String {
    let rows: Vec<[String; 3]> = made
        .fields
        .iter()
        .map(|line| {
            let mut sources = Vec::new();
            line.sources.iter().for_each(|source| resolve(source, slots, &mut sources));
            come_from(&line.origins, &mut sources);
            let sources = match (sources.is_empty(), line.sources.is_empty()) {
                (true, true) => "a constant".to_owned(),
                (true, false) => "a computed value".to_owned(),
                (false, _) => sources.join(", "),
            };
            [code(&line.target.to_string()), sources, code(&line.text)]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>Lineage of <code>{}</code></summary>{}</details>",
        escape(&made.by),
        table("Lineage", &["field", "made from", "how"], &rows)
    )
}

/// Adds what `path` leads to. Steps refer to slots that earlier steps fill, so this ends.
fn resolve(path: &Path, slots: &[Option<Slot<'_>>], sources: &mut Vec<String>) {
    let Some((slot, _)) = &path.variable else { return };
    let mut add = |source: String| push(source, sources);
    match slots.get(*slot).and_then(Option::as_ref) {
        Some(Slot::Message) | None => add(code(&path.to_string())),
        Some(Slot::Caller) if path.steps.is_empty() => add("the caller".to_owned()),
        Some(Slot::Caller) => {
            let part = Path { variable: None, steps: path.steps.clone() };
            add(format!("the caller: {}", code(&part.to_string())));
        }
        Some(Slot::Row(table)) => {
            let column = Path { variable: None, steps: path.steps.clone() }.to_string();
            let column = if column.is_empty() { String::new() } else { format!(".{column}") };
            add(format!(
                "{}{}",
                anchored("table", &table.name),
                if column.is_empty() { column } else { code(&column) }
            ));
        }
        Some(Slot::Answer(operation)) => {
            let part = Path { variable: None, steps: path.steps.clone() }.to_string();
            let part = if part.is_empty() { part } else { code(&format!(".{part}")) };
            add(format!("the answer of {}{part}", code(operation)));
        }
        Some(Slot::Value(expression)) => {
            let made = (expression.reads(), expression.origins(), expression.text());
            resolve_all(made, slots, sources);
        }
        Some(Slot::Made(fields)) => {
            let related = fields.iter().filter(|line| is_related(&line.target.steps, &path.steps));
            for line in related {
                resolve_all((&line.sources, &line.origins, &line.text), slots, sources);
            }
        }
    }
}

/// Adds what something leads to that is made of what it reads and of what else it comes from, or is a constant.
fn resolve_all(
    (reads, origins, text): (&[Path], &[Origin], &str),
    slots: &[Option<Slot<'_>>],
    sources: &mut Vec<String>,
) {
    if reads.is_empty() && origins.is_empty() {
        push(code(text), sources);
    }
    reads.iter().for_each(|read| resolve(read, slots, sources));
    come_from(origins, sources);
}

/// Adds what is no field of anything.
fn come_from(origins: &[Origin], sources: &mut Vec<String>) {
    for origin in origins {
        let words = match origin {
            Origin::Clock => "the clock",
            Origin::Drawn => "a new id",
        };
        push(words.to_owned(), sources);
    }
}

fn push(source: String, sources: &mut Vec<String>) {
    if !sources.contains(&source) {
        sources.push(source);
    }
}

/// Whether one way leads to the other or into it.
fn is_related(a: &[PathStep], b: &[PathStep]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}
