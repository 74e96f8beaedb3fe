//! `tables`: their system, contract, key, indexes and references.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::{
    Contract,
    sql::{TableSchema, no_rows},
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        expression::TYPE_MISMATCH,
        project::{BAD_VALUE, DUPLICATE_KEY},
    },
    nearest::nearest,
};
use tenon_model::{Field, Name, Str};
use tenon_ports::{Key, Role, Spec, SpecValue as Value};

use super::{
    Context,
    contracts::Contracts,
    expressions, kinds,
    names::{self, Defined},
    systems,
};
use crate::{
    Reference, System, Table,
    parse::{Object, Project, read},
};

/// A column, or several.
const COLUMNS: Value = Value::Either(&[Value::Text, Value::List(&Value::Text)]);

/// `tables.NAME`.
pub(crate) static TABLE: Spec = Spec {
    name: "table",
    doc: "A table in a database. Its columns are the fields of its contract; it is created at the first start.",
    keys: &[
        Key::required("in", Value::Reference("system"), "The `sql` system that holds it."),
        Key::required("contract", Value::Reference("contract"), "What its rows follow."),
        Key::required("key", COLUMNS, "The column that identifies a row, or a list of columns."),
        Key::optional(
            "index",
            Value::List(&COLUMNS),
            "",
            "What is indexed beside the key: each entry is a column, or a list of columns for one index over several.",
        ),
        Key::optional(
            "references",
            Value::Map(&Value::Object(&REFERENCE)),
            "",
            "Rows of other tables that a row points to, by the name under which APIs show them.",
        ),
    ],
};

/// `tables.NAME.references.NAME`.
pub(crate) static REFERENCE: Spec = Spec {
    name: "reference",
    doc: "A pointer from each row to a row of another table.",
    keys: &[
        Key::required("table", Value::Reference("table"), "The table that is pointed to."),
        Key::required(
            "by",
            COLUMNS,
            "The columns that hold the key of the other table, in the order of that key.",
        ),
    ],
};

/// A table before its references are known.
struct Draft<'n> {
    name: Name,
    key: &'n Node,
    object: Object<'n>,
    system: Option<Arc<System>>,
    rows: Option<(Arc<Contract>, Arc<TableSchema>)>,
}

/// Reads `tables`.
pub(crate) fn check(
    project: &Project,
    systems: &Defined<System>,
    contracts: &Contracts,
    context: &mut Context<'_>,
) -> Defined<Table> {
    let mut drafts = BTreeMap::new();
    let mut folded: BTreeMap<String, Name> = BTreeMap::new();
    for (name, key, node) in project.section("tables") {
        if let Some(other) = folded.insert(name.to_ascii_lowercase(), name.clone()) {
            let message =
                format!("the tables `{other}` and `{name}` differ only in capitals, which databases ignore");
            context.problem(Report::new(&DUPLICATE_KEY, message).at(key.place()).hint("rename one of them"));
        }
        let object = Object::new(node);
        let system = object.get("in").and_then(|node| systems::of_role(node, Role::Sql, systems, context));
        let contract = object.get("contract").and_then(|node| contracts.find(node, context));
        let rows = contract.and_then(|contract| {
            let schema = schema(&name, &contract, object, context)?;
            if let Some(system) = &system {
                context.take_at(key, system.connector.admits(&schema))?;
            }
            Some((contract, Arc::new(schema)))
        });
        drafts.insert(name.clone(), Draft { name, key, object, system, rows });
    }
    let mut tables = Defined::new("table");
    for draft in drafts.values() {
        let references = references(draft, &drafts, context);
        let table = draft.system.clone().zip(draft.rows.clone()).map(|(system, (contract, schema))| {
            Arc::new(Table { name: draft.name.clone(), system, contract, schema, references })
        });
        tables.define(draft.name.clone(), draft.key, table);
    }
    tables
}

fn schema(
    name: &Name,
    contract: &Contract,
    object: Object<'_>,
    context: &mut Context<'_>,
) -> Option<TableSchema> {
    let key_node = object.get("key")?;
    if contract.shape.as_record().is_none() {
        let node = object.get("contract")?;
        let report = no_rows(&format!("`{}`", contract.reference), &contract.shape);
        context.problem(report.at(node.place()));
        return None;
    }
    let key = columns(key_node, contract, context);
    let nodes = object.items("index");
    let indexes: Vec<_> = nodes.iter().map(|node| columns(node, contract, context)).collect();
    let indexes: Option<Vec<_>> = indexes.into_iter().collect();
    let (key, indexes) = (key?, indexes?);
    let attempt =
        |key: &[Str], indexes: &[Vec<Str>]| TableSchema::new(name.as_str(), &contract.shape, key, indexes);
    // What would be wrong with any key is wrong with the contract, and what is wrong without indexes with the key.
    let of_any_key: Vec<_> = attempt(&[], &[]).err().into_iter().flatten().collect();
    if let Err(reports) = attempt(&key, &[]) {
        let contract_node = object.get("contract").unwrap_or(key_node);
        for report in reports {
            let of_contract = !key.is_empty() && of_any_key.contains(&report);
            let node = if of_contract { contract_node } else { key_node };
            context.problem(report.at(node.place()));
        }
        return None;
    }
    for (index, node) in indexes.iter().zip(nodes) {
        context.take_all_at(&node.place(), attempt(&key, std::slice::from_ref(index)));
    }
    attempt(&key, &indexes).ok()
}

/// The columns that are named in `node`, if the contract has them all.
pub(crate) fn columns(node: &Node, contract: &Contract, context: &mut Context<'_>) -> Option<Vec<Str>> {
    let mut columns: Option<Vec<Str>> = Some(Vec::new());
    for item in read::items(node) {
        let found = column(item, contract, context).map(|field| field.name.clone());
        columns = columns.zip(found).map(|(mut columns, column)| {
            columns.push(column);
            columns
        });
    }
    columns
}

/// The column that is named in `node`; a problem if the contract has no such field.
pub(crate) fn column(node: &Node, contract: &Contract, context: &mut Context<'_>) -> Option<Field> {
    let name = read::text(node)?;
    let record = contract.shape.as_record()?;
    if let Some((_, field)) = record.field(&name) {
        return Some(field.clone());
    }
    let known = record.fields().iter().map(|field| field.name.as_str());
    let report = names::unknown("column", &name, known.clone());
    let message = format!("`{}` has no column `{name}`", contract.reference);
    let hint = match nearest(&name, known) {
        Some(meant) => format!("write `{meant}`"),
        None => report.advice().unwrap_or_default().replace(", or define it", ""),
    };
    context.problem(Report::new(report.code(), message).at(node.place()).hint(hint));
    None
}

fn references(
    draft: &Draft<'_>,
    drafts: &BTreeMap<Name, Draft<'_>>,
    context: &mut Context<'_>,
) -> Vec<Reference> {
    let named: Vec<_> = draft.object.named("references").collect();
    named
        .into_iter()
        .filter_map(|(name, _, node)| reference(name, Object::new(node), draft, drafts, context))
        .collect()
}

fn reference(
    name: Name,
    object: Object<'_>,
    draft: &Draft<'_>,
    drafts: &BTreeMap<Name, Draft<'_>>,
    context: &mut Context<'_>,
) -> Option<Reference> {
    let by = object.get("by")?;
    let target_node = object.get("table")?;
    let Some(target) = drafts.get(target_node.as_str()?) else {
        let known = drafts.keys().map(Name::as_str);
        context.problem(names::unknown("table", target_node.as_str()?, known).at(target_node.place()));
        return None;
    };
    let (contract, _) = draft.rows.as_ref()?;
    let columns = columns(by, contract, context)?;
    let (_, schema) = target.rows.as_ref()?;
    let key: Vec<_> = schema.key.iter().filter_map(|at| schema.columns.get(*at)).collect();
    if key.len() != columns.len() {
        let names: Vec<_> = key.iter().map(|column| column.name.as_str()).collect();
        let message = format!(
            "the key of `{}` is [{}], and {} given here",
            target.name,
            names.join(", "),
            count(columns.len())
        );
        let report = Report::new(&BAD_VALUE, message).at(by.place());
        context
            .problem(report.hint(format!("name {} of this table, in that order", columns_word(key.len()))));
        return None;
    }
    for ((column, key), node) in columns.iter().zip(key).zip(read::items(by)) {
        let Some(field) = contract.shape.field(column) else { continue };
        if !kinds::comparable(&field.shape, &key.shape) {
            let message = format!(
                "`{column}` is {}, and `{}` of `{}` is {}",
                expressions::described(&field.shape),
                key.name,
                target.name,
                expressions::described(&key.shape)
            );
            let report = Report::new(&TYPE_MISMATCH, message).at(node.place());
            context.problem(report.hint(format!("name a column that holds keys of `{}`", target.name)));
        }
    }
    Some(Reference { name, table: target.name.clone(), columns })
}

fn count(number: usize) -> String {
    if number == 1 { "1 column is".to_owned() } else { format!("{number} columns are") }
}

fn columns_word(number: usize) -> String {
    if number == 1 { "1 column".to_owned() } else { format!("{number} columns") }
}
