//! `apis.NAME.references`: who may see the rows that only references lead to.
//!
//! GraphQL nests the rows that a row points to. Where an operation of the API reads their table, its access decides. Rows of
//! any other table are shown only if the project says to whom, in writing: that another API guards the table, or that nobody
//! thought of it, would otherwise show to no reader of the project.

use std::{collections::BTreeMap, sync::Arc};

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        api::OPEN_REFERENCE,
        project::{BAD_VALUE, MISSING_KEY},
    },
};
use tenon_model::Name;
use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::authorize::Access;

use super::{auth, exposure::Exposure, graphql};
use crate::{
    Followed, Operation, OperationKind, Table,
    check::{Context, Names},
    parse::Object,
};

/// What is said about one table.
pub(super) const SAID: Value = Value::Either(&[Value::Word(&["hidden"]), Value::Object(&FOLLOWED)]);

/// `apis.NAME.references.TABLE`.
static FOLLOWED: Spec = Spec {
    name: "referenced table",
    doc: "Who may read rows of a table that no operation of the API reads, where other rows refer to them.",
    keys: &[
        Key::optional("scope", Value::Text, "", "The scope that a caller needs."),
        Key::optional("auth", auth::OPEN, "", "`none`: whoever may read the rows that refer to them."),
    ],
};

/// Reads `references`, and asks for what it has to say and does not.
pub(super) fn check(
    api: &Name,
    key: &Node,
    node: &Node,
    operations: &[Arc<Operation>],
    exposure: &Exposure<'_>,
    names: &Names,
    context: &mut Context<'_>,
) -> BTreeMap<Name, Followed> {
    let object = Object::new(node);
    // An operation that is broken was reported, and might be the one that reads the table.
    let is_whole = object.named("operations").count() == operations.len();
    let read: Vec<&Arc<Table>> = operations.iter().filter_map(|operation| operation.kind.table()).collect();
    let mut followed = BTreeMap::new();
    let mut said = Vec::new();
    for (table, entry, value) in object.named("references") {
        said.push(table.clone());
        let Some(found) = names.tables.find(entry, context) else { continue };
        if read.iter().any(|table| table.name == found.name) {
            let message = format!(
                "`{table}` is redundant here: operations of the API `{api}` already decide who may read it"
            );
            context.problem(Report::new(&BAD_VALUE, message).at(entry.place()).hint("remove it"));
        }
        if let Some(access) = access(&table, entry, value, context) {
            followed.insert(table, access);
        }
    }
    if !exposure.says(&graphql::KEY) {
        if let Some((entry, _)) = object.entry("references") {
            let message = format!("`references` says nothing about `{api}`, which is not served as GraphQL");
            context.problem(Report::new(&BAD_VALUE, message).at(entry.place()).hint("remove it"));
        }
        return followed;
    }
    let reached = reached(&read, &followed, names);
    for (table, by) in reached.iter().filter(|(table, _)| is_whole && !said.contains(table)) {
        context.problem(unsaid(api, table, by).at(key.place()));
    }
    // A broken table or reference may be what would lead there.
    if is_whole && context.problems.is_empty() {
        needless(api, object, &read, &reached, context);
    }
    followed
}

/// Problems for tables that nothing leads to.
fn needless(
    api: &Name,
    object: Object<'_>,
    read: &[&Arc<Table>],
    reached: &BTreeMap<Name, String>,
    context: &mut Context<'_>,
) {
    for (table, entry, _) in object.named("references") {
        if !reached.contains_key(&table) && !read.iter().any(|read| read.name == table) {
            let message = format!("no reference leads the callers of `{api}` to `{table}`");
            context.problem(Report::new(&BAD_VALUE, message).at(entry.place()).hint("remove it"));
        }
    }
}

fn access(table: &Name, entry: &Node, value: &Node, context: &mut Context<'_>) -> Option<Followed> {
    if value.entries().is_none() {
        return (value.as_str() == Some("hidden")).then_some(Followed::Hidden);
    }
    let object = Object::new(value);
    match (object.get("scope"), object.entry("auth")) {
        (Some(_), Some((auth, _))) => {
            let message = format!("`{table}` has a scope, and `auth: none` says that nobody needs one");
            context
                .problem(Report::new(&BAD_VALUE, message).at(auth.place()).hint("remove `scope` or `auth`"));
            None
        }
        (Some(node), None) => {
            auth::scope(node, context).map(|scope| Followed::By(Access::Scope(scope.into())))
        }
        (None, Some(_)) => Some(Followed::By(Access::Open)),
        (None, None) => {
            let report = Report::new(&MISSING_KEY, format!("nothing says who may read `{table}`"));
            context.problem(
                report.at(entry.place()).hint("add `scope: NAME` or `auth: none`, or write `hidden`"),
            );
            None
        }
    }
}

/// The tables that references lead to from those that are read, and that are not read themselves; each with a reference that
/// leads there, as `table.reference`.
fn reached(
    read: &[&Arc<Table>],
    followed: &BTreeMap<Name, Followed>,
    names: &Names,
) -> BTreeMap<Name, String> {
    let mut reached: BTreeMap<Name, String> = BTreeMap::new();
    let mut waiting: Vec<&Arc<Table>> = read.to_vec();
    while let Some(table) = waiting.pop() {
        for reference in &table.references {
            let target = &reference.table;
            if read.iter().any(|table| table.name == *target) || reached.contains_key(target) {
                continue;
            }
            reached.insert(target.clone(), format!("{}.{}", table.name, reference.name));
            // What nobody said anything about is asked for; what lies behind it, once it is shown.
            if let (Some(Followed::By(_)), Some(table)) = (followed.get(target), names.tables.get(target)) {
                waiting.push(table);
            }
        }
    }
    reached
}

fn unsaid(api: &Name, table: &Name, by: &str) -> Report {
    let message = format!(
        "the API `{api}` would show rows of `{table}` through the reference `{by}`, and nothing says who may read them"
    );
    Report::new(&OPEN_REFERENCE, message).hint(format!(
        "add `references: {{ {table}: {{ scope: NAME }} }}` to the API, with `auth: none` in place of the scope for everybody, \
         or `hidden` in place of the braces to leave the reference out"
    ))
}

impl OperationKind {
    /// The table that the operation reads.
    fn table(&self) -> Option<&Arc<Table>> {
        match self {
            Self::Get { table } | Self::List { table, .. } => Some(table),
            Self::Send { .. } => None,
        }
    }
}
