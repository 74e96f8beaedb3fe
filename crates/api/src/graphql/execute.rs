//! Fetching what was selected, level by level: all references of one level to one table are one read.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use futures_util::{StreamExt, stream};
use smol_str::{SmolStr, format_smolstr};
use tenon_errors::{Report, catalogue::api::ANSWER_TOO_LARGE};
use tenon_model::{Str, Value};
use tenon_ports::{Reply, operation::Request};

use super::{
    budget::Budget,
    input,
    schema::{Model, Reference, Root, RootKind},
    select::{Selected, SelectedRoot, SelectedRootKind, Source},
};
use crate::operation::{Caller, Served};

/// How many reads of one request run at a time. Each may bring a large page.
const READS: usize = 4;
/// How many rows are asked for at first by the keys of references, and the most; in between by how large they turn out.
const FIRST_KEYS: usize = 100;
const MOST_KEYS: usize = 1_000;
/// The work of finding the keys in a row, counted as bytes of an answer.
const PER_ROW: usize = 64;

/// Everything that a request fetched.
pub(super) struct Fetched<'s> {
    /// What became of each root field.
    pub(super) roots: Vec<Outcome>,
    /// The rows, those of the first level first.
    pub(super) rows: Vec<Row<'s>>,
}

/// What became of a root field.
pub(super) enum Outcome {
    /// Introspection answers it.
    Meta,
    /// There is no such row, or the reply is null.
    Null,
    /// It failed.
    Failed(Report),
    /// A row.
    Row(usize),
    /// A page: for each selected field that is `items`, the first of its rows; how many there are; the cursor after it.
    Page { items: Vec<usize>, count: usize, next: Option<String> },
    /// A reply without references.
    Reply(Value),
}

/// A row, what is selected of it, and the rows that its references lead to.
pub(super) struct Row<'s> {
    pub(super) value: Value,
    pub(super) selected: &'s Selected,
    /// For each of `selected.references`.
    pub(super) children: Vec<Child>,
}

/// What a reference leads to.
#[derive(Clone)]
pub(super) enum Child {
    /// Nothing: the key is absent, or there is no such row.
    Null,
    /// The read failed, or may not be done.
    Failed(Report),
    /// A row.
    Row(usize),
}

/// Calls the root fields and follows their references.
///
/// # Errors
/// `A0202` if the rows are larger than `budget`.
pub(super) async fn execute<'s>(
    model: &Model,
    roots: &'s [SelectedRoot<'_>],
    mutation: bool,
    caller: &Caller,
    budget: &Budget,
) -> Result<Fetched<'s>, Report> {
    let calls: Vec<_> =
        roots.iter().enumerate().map(|(position, root)| call(model, root, position, caller)).collect();
    // Mutations run one after the other (GraphQL, section 6.2.2).
    let mut replies = stream::iter(calls).buffered(if mutation { 1 } else { READS });
    let mut fetched = Fetched { roots: Vec::with_capacity(roots.len()), rows: Vec::new() };
    let mut excess = None;
    for root in roots {
        let Some(reply) = replies.next().await else { break };
        if let Ok(Some(answered)) = &reply
            && let Err(report) = weigh(&answered.reply, budget)
        {
            // What a mutation asks for is done, whatever is left to answer with.
            excess.get_or_insert(report);
            if !mutation {
                break;
            }
        }
        let outcome = match reply {
            _ if excess.is_some() => Outcome::Null,
            Ok(reply) => fetched.take(root, reply),
            Err(report) => Outcome::Failed(report),
        };
        fetched.roots.push(outcome);
    }
    if let Some(report) = excess {
        return Err(report);
    }
    let mut level = 0;
    while level < fetched.rows.len() {
        let next = fetched.rows.len();
        follow(&mut fetched.rows, level, caller, budget).await?;
        level = next;
    }
    Ok(fetched)
}

fn weigh(reply: &Reply, budget: &Budget) -> Result<(), Report> {
    match reply {
        Reply::Rows(rows) => budget.take_all(rows.iter().flatten()),
        Reply::Page(page) => budget.take_all(&page.rows),
        Reply::Sent(value) => budget.take(value),
        Reply::Kept { reply, .. } => weigh(reply, budget),
    }
}

/// The reply to a root field and the query that it answers.
struct Answered {
    reply: Reply,
    query: Option<tenon_ports::Query>,
}

async fn call(
    model: &Model,
    root: &SelectedRoot<'_>,
    position: usize,
    caller: &Caller,
) -> Result<Option<Answered>, Report> {
    let SelectedRootKind::Call { root, arguments, .. } = &root.kind else { return Ok(None) };
    permit(&root.served, caller)?;
    let request = input::request(model, &root.kind, arguments)?;
    let query = if let Request::List(query) = &request { Some(query.clone()) } else { None };
    let mut caller = caller.clone();
    caller.id = call_id(&caller.id, position);
    let reply = root.served.call(request, &caller).await?;
    Ok(Some(Answered { reply, query }))
}

/// Calls of one request have distinct ids, and the same ones when the request is sent again. No key has a blank in it, so
/// that none reads as the second call of another.
fn call_id(id: &SmolStr, position: usize) -> SmolStr {
    if position == 0 { id.clone() } else { format_smolstr!("{id} {position}") }
}

fn permit(served: &Served, caller: &Caller) -> Result<(), Report> {
    served.permit(&caller.principal).map_err(|refused| refused.report)
}

impl<'s> Fetched<'s> {
    fn take(&mut self, root: &'s SelectedRoot<'_>, answered: Option<Answered>) -> Outcome {
        let (SelectedRootKind::Call { root, selected, .. }, Some(answered)) = (&root.kind, answered) else {
            return Outcome::Meta;
        };
        match (answered.reply, selected) {
            (Reply::Rows(mut rows), Some(selected)) => match rows.pop().flatten() {
                Some(row) => Outcome::Row(self.push(row, selected)),
                None => Outcome::Null,
            },
            (Reply::Page(page), Some(selected)) => {
                let next = page
                    .next
                    .as_deref()
                    .zip(answered.query.as_ref())
                    .and_then(|(next, query)| cursor(root, query, next));
                let mut items = Vec::new();
                for field in &selected.fields {
                    if let Source::Items(inner) = &field.source {
                        items.push(self.rows.len());
                        for row in &page.rows {
                            self.push(row.clone(), inner);
                        }
                    }
                }
                Outcome::Page { items, count: page.rows.len(), next }
            }
            (Reply::Sent(Value::Null), _) => Outcome::Null,
            (Reply::Sent(row @ Value::Map(_)), Some(selected)) => Outcome::Row(self.push(row, selected)),
            (Reply::Sent(reply), _) => Outcome::Reply(reply),
            _ => Outcome::Failed(root.served.wrong_reply()),
        }
    }

    fn push(&mut self, value: Value, selected: &'s Selected) -> usize {
        push(&mut self.rows, value, selected)
    }
}

fn push<'s>(rows: &mut Vec<Row<'s>>, value: Value, selected: &'s Selected) -> usize {
    rows.push(Row { value, selected, children: vec![Child::Null; selected.references.len()] });
    rows.len() - 1
}

fn cursor(root: &Root, query: &tenon_ports::Query, next: &[Value]) -> Option<String> {
    match &root.kind {
        RootKind::List { spec, .. } => Some(spec.next(query, next)),
        RootKind::Get { .. } | RootKind::Send { .. } => None,
    }
}

/// The reads of one table for one level.
struct Batch<'s> {
    reference: &'s Reference,
    keys: Vec<Vec<Value>>,
    /// The positions of keys by their text; keys of equal text are compared.
    known: HashMap<String, Vec<usize>>,
    wants: Vec<Want<'s>>,
}

/// A reference that waits for a row.
struct Want<'s> {
    row: usize,
    slot: usize,
    key: usize,
    selected: &'s Selected,
}

/// Fetches what the rows from `level` on refer to, and adds it as the next level.
async fn follow(
    rows: &mut Vec<Row<'_>>,
    level: usize,
    caller: &Caller,
    budget: &Budget,
) -> Result<(), Report> {
    let work = (rows.len() - level) * PER_ROW;
    let batches: Vec<Batch<'_>> =
        tenon_compute::sized(work, || batches(rows, level).into_values().collect()).await;
    let reads: Vec<_> = batches.iter().map(|batch| read(batch, caller, budget)).collect();
    let replies: Vec<_> = stream::iter(reads).buffered(READS).collect().await;
    for (batch, reply) in batches.into_iter().zip(replies) {
        let reply = match reply {
            Err(report) if std::ptr::eq(report.code(), &ANSWER_TOO_LARGE) => return Err(report),
            reply => reply,
        };
        for want in batch.wants {
            let child = match &reply {
                Ok(found) => match found.get(want.key).cloned().flatten() {
                    Some(value) => Child::Row(push(rows, value, want.selected)),
                    None => Child::Null,
                },
                Err(report) => Child::Failed(report.clone()),
            };
            rows[want.row].children[want.slot] = child;
        }
    }
    Ok(())
}

fn batches<'s>(rows: &[Row<'s>], level: usize) -> BTreeMap<Str, Batch<'s>> {
    let mut batches: BTreeMap<Str, Batch<'s>> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate().skip(level) {
        for (slot, field) in row.selected.references.iter().enumerate() {
            let Source::Reference { reference, selected } = &row.selected.fields[*field].source else {
                continue;
            };
            let key: Option<Vec<Value>> =
                reference.columns.iter().map(|column| present(&row.value, column)).collect();
            let Some(key) = key else { continue };
            let batch = batches.entry(reference.table.clone()).or_insert_with(|| Batch::new(reference));
            let key = batch.key(key);
            batch.wants.push(Want { row: position, slot, key, selected });
        }
    }
    batches
}

fn present(row: &Value, column: &str) -> Option<Value> {
    row.get(column).filter(|value| !value.is_null()).cloned()
}

impl<'s> Batch<'s> {
    fn new(reference: &'s Arc<Reference>) -> Self {
        Self { reference, keys: Vec::new(), known: HashMap::new(), wants: Vec::new() }
    }

    /// The position of `key` among the distinct keys.
    fn key(&mut self, key: Vec<Value>) -> usize {
        let same = self.known.entry(format!("{key:?}")).or_default();
        if let Some(position) = same.iter().copied().find(|position| self.keys[*position] == key) {
            return position;
        }
        same.push(self.keys.len());
        self.keys.push(key);
        self.keys.len() - 1
    }
}

async fn read(batch: &Batch<'_>, caller: &Caller, budget: &Budget) -> Result<Vec<Option<Value>>, Report> {
    let mut refusal = None;
    for reader in &batch.reference.readers {
        match permit(reader, caller) {
            Ok(()) => return read_by(reader, &batch.keys, caller, budget).await,
            Err(report) => refusal = Some(report),
        }
    }
    // Every reference has a reader, so that without a refusal there was nothing to read.
    refusal.map_or(Ok(Vec::new()), Err)
}

/// The rows of `keys`: most often by one call, and by several where rows are large.
async fn read_by(
    reader: &Served,
    keys: &[Vec<Value>],
    caller: &Caller,
    budget: &Budget,
) -> Result<Vec<Option<Value>>, Report> {
    let mut found = Vec::with_capacity(keys.len());
    let mut count = FIRST_KEYS;
    while found.len() < keys.len() {
        let asked = &keys[found.len()..keys.len().min(found.len() + count)];
        let rows = match reader.call(Request::Get(asked.to_vec()), caller).await? {
            Reply::Rows(rows) if rows.len() == asked.len() => rows,
            _ => return Err(reader.wrong_reply()),
        };
        let weight: usize = rows.iter().flatten().map(Value::weight).sum();
        budget.take_all(rows.iter().flatten())?;
        count = (budget.share() / (weight / rows.len()).max(1)).clamp(1, MOST_KEYS);
        found.extend(rows);
    }
    Ok(found)
}
