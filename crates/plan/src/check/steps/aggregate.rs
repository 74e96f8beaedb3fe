//! `aggregate: { into, key, fields }`.

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        expression::TYPE_MISMATCH,
        project::{BAD_VALUE, DUPLICATE_KEY, MISSING_KEY},
    },
};
use tenon_mapping::{Expression, Located, Mapping, Scope, Source, Template};
use tenon_model::{Kind as ShapeKind, Shape, Str};
use tenon_ports::{Average, Descriptor, Key, Merge, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{
    Aggregate, StepKind, Table,
    check::{
        Context, expressions,
        kinds::{self, Scalar},
    },
    parse::Object,
};

const KEY: Key = Key::optional(
    "aggregate",
    Value::Object(&SPEC),
    "",
    "Merges measures of the message into a row of a table.",
);

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static SPEC: Spec = Spec {
    name: "aggregate step",
    doc: "Merges measures of the message into the row of a table that has the same key.",
    keys: &[
        Key::required("into", Value::Reference("table"), "The table."),
        Key::required(
            "key",
            Value::Fields(&Value::Expression),
            "Each column of the table's key and its expression.",
        ),
        Key::required(
            "fields",
            Value::Fields(&Value::Variant(&MEASURE)),
            "Each other column and how it merges.",
        ),
    ],
};

static MEASURE: Spec = Spec {
    name: "measure",
    doc: "How a column merges: one of these, with the expression that gives the message's part.",
    keys: &[
        Key::optional("sum", Value::Expression, "", "Adds it up; `sum: 1` counts."),
        Key::optional("min", Value::Expression, "", "Keeps the smallest."),
        Key::optional("max", Value::Expression, "", "Keeps the largest."),
        Key::optional("last", Value::Expression, "", "Keeps the newest."),
        Key::optional(
            "count",
            Value::Expression,
            "",
            "Counts the messages for which a condition is true; `count: true` counts all.",
        ),
        Key::optional(
            "avg",
            Value::Expression,
            "",
            "Keeps the average, with its sum and its count in the table; absent values do not count.",
        ),
        Key::optional("collect", Value::Expression, "", "Appends it to a list, of 10,000 items at most."),
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "aggregate",
    summary: "Merges measures of the message into the row of a table that has the same key (aggregator).",
    spec: &SPEC,
    guarantees: &["Where all effects of a flow go into one database, each message counts exactly once."],
    codes: &[],
    example: "aggregate: { into: totals, key: { customer: order.customer }, fields: { orders: { sum: 1 }, amount: { sum: order.total } } }",
};

/// The measures of a step as they are read.
struct Row {
    fields: Vec<(Located<Str>, Template)>,
    merges: Vec<(Str, Merge)>,
    said: Vec<(Str, Str)>,
}

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    node.entries()?;
    let object = Object::new(node);
    let table = object.get("into").and_then(|node| lowering.names.tables.find(node, lowering.context))?;
    let mut row = Row { fields: Vec::new(), merges: Vec::new(), said: Vec::new() };
    let mut whole = row.key(object, &table, lowering.context);
    whole &= row.measures(object, &table, &lowering.variables.scope, lowering.context);
    if !lowering.variables.are_known() {
        return None;
    }
    let scope = &lowering.variables.scope;
    if !whole {
        // The row would be reported as incomplete once more, so only its expressions are looked at.
        for source in &row.sources() {
            lowering.context.problems.take_all(Expression::compile(&source.text, source, scope));
        }
        return None;
    }
    let owner = object.entry("fields").map_or(node, |(key, _)| key);
    let template = Template::Record { fields: row.fields, remaining: None, place: owner.place() };
    let compiled = Mapping::compile(&template, &table.contract.shape, scope);
    let mapping = lowering.context.take_all_at(&node.place(), compiled)?;
    Some(StepKind::Aggregate(Aggregate {
        table,
        row: mapping,
        merges: row.merges.into(),
        said: row.said.into(),
    }))
}

impl Row {
    /// The fields of `key`: exactly the columns of the table's key.
    fn key(&mut self, object: Object<'_>, table: &Arc<Table>, context: &mut Context<'_>) -> bool {
        let Some(node) = object.get("key") else { return false };
        let columns: Vec<_> =
            table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at)).collect();
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        let entries = node.entries().unwrap_or_default();
        let mut whole = true;
        for (key, value) in entries {
            let name = key.as_str().unwrap_or_default();
            let known = table.contract.shape.field(name).is_some();
            if known && !names.contains(&name) {
                let message = format!(
                    "`{name}` is not a column of the key of `{}`, which is [{}]",
                    table.name,
                    names.join(", ")
                );
                context.problem(
                    Report::new(&BAD_VALUE, message)
                        .at(key.place())
                        .hint("set it under `fields`, with how it merges"),
                );
                whole = false;
            } else {
                whole &= self.push(key, value);
            }
        }
        for name in names.iter().filter(|name| node.get(name).is_none()) {
            let message =
                format!("the key of `{}` is [{}], and `{name}` is not set", table.name, names.join(", "));
            context.problem(
                Report::new(&MISSING_KEY, message)
                    .at(node.place())
                    .hint(format!("add `{name}` with its expression")),
            );
            whole = false;
        }
        whole
    }

    /// The fields of `fields`, each with how it merges.
    fn measures(
        &mut self,
        object: Object<'_>,
        table: &Arc<Table>,
        scope: &Scope,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(node) = object.get("fields") else { return false };
        let mut whole = true;
        for (key, measure) in node.entries().unwrap_or_default() {
            let name = key.as_str().unwrap_or_default();
            let Some([(word, value)]) = measure.entries() else { return false };
            let (merge, around) = match word.as_str() {
                Some("sum") => (Merge::Sum, None),
                Some("min") => (Merge::Min, None),
                Some("max") => (Merge::Max, None),
                Some("last") => (Merge::Last, None),
                Some("count") => (Merge::Sum, Some(("(", ") ? 1 : 0"))),
                Some("avg") => (Merge::Average, None),
                Some("collect") => (Merge::Collect, Some(("[", "]"))),
                _ => return false,
            };
            if object.get("key").is_some_and(|key| key.get(name).is_some()) {
                let report =
                    Report::new(&DUPLICATE_KEY, format!("`{name}` is set under `key` and under `fields`"));
                context.problem(report.at(key.place()).hint("remove one of them"));
                whole = false;
                continue;
            }
            if let Some(field) = table.contract.shape.field(name)
                && let Some(report) =
                    unmergeable(merge, word.as_str().unwrap_or_default(), name, &field.shape)
            {
                context.problem(report.at(word.place()));
                whole = false;
            }
            if merge == Merge::Average
                && let Some(report) = name_in_use(name, table)
            {
                context.problem(report.at(key.place()));
                whole = false;
            }
            if word.as_str() == Some("count")
                && let Some(report) = not_a_condition(value, scope)
            {
                context.problem(report.at(value.place()));
                whole = false;
                continue;
            }
            self.merges.push((Str::new(name), merge));
            self.said.push((Str::new(name), said(word, value)));
            whole &= self.push_around(key, value, around);
        }
        whole
    }

    fn sources(&self) -> Vec<Source> {
        let source = |(_, template): &(_, Template)| match template {
            Template::Expression(source) => Some(source.clone()),
            Template::Constant(_) | Template::Record { .. } | Template::Each { .. } => None,
        };
        self.fields.iter().filter_map(source).collect()
    }

    fn push(&mut self, key: &Node, value: &Node) -> bool {
        self.push_around(key, value, None)
    }

    /// The expression of a field, with what a measure makes of it around it.
    fn push_around(&mut self, key: &Node, value: &Node, around: Option<(&str, &str)>) -> bool {
        let name = Located::new(Str::new(key.as_str().unwrap_or_default()), key.place());
        let source = match around {
            Some((before, after)) => expressions::source_within(value, before, after),
            None => expressions::source(value),
        };
        match source {
            Some(source) => self.fields.push((name, Template::Expression(source))),
            None => return false,
        }
        true
    }
}

/// A measure as the project says it: `count: true`.
fn said(word: &Node, value: &Node) -> Str {
    let (word, text) = (word.as_str().unwrap_or_default(), value.scalar_text().unwrap_or_default());
    Str::from(format!("{word}: {}", text.trim()))
}

/// The report for something that is counted and is not true or false. What is no expression is reported elsewhere.
fn not_a_condition(node: &Node, scope: &Scope) -> Option<Report> {
    let source = expressions::source(node)?;
    let expression = Expression::compile(&source.text, &source, scope).ok()?;
    let shape = &expression.ty().shape;
    if kinds::is_open(shape) || kinds::scalar(shape) == Some(Scalar::Bool) {
        return None;
    }
    let message =
        format!("`count` counts where a condition is true, and this is {}", expressions::described(shape));
    Some(
        Report::new(&TYPE_MISMATCH, message)
            .hint("write `count: true` to count every message, or a condition"),
    )
}

/// The report for a column that does not merge in this way.
fn unmergeable(merge: Merge, word: &str, name: &str, shape: &Shape) -> Option<Report> {
    let kind = kinds::scalar(shape);
    let (fits, why) = match merge {
        Merge::Sum => {
            (matches!(kind, Some(Scalar::Int | Scalar::Float | Scalar::Decimal)), "adds numbers up")
        }
        Merge::Min | Merge::Max => (
            shape.unordered().is_none()
                && kind.is_some_and(|kind| !matches!(kind, Scalar::Bool | Scalar::Bytes | Scalar::Uuid)),
            "compares values",
        ),
        Merge::Average => return not_an_average(name, shape),
        Merge::Last | Merge::First => (true, ""),
        Merge::Collect => (matches!(shape.resolved().kind, ShapeKind::List(_)), "makes a list"),
    };
    (!fits).then(|| {
        Report::new(
            &TYPE_MISMATCH,
            format!("`{word}` {why}, and the column `{name}` is {}", expressions::described(shape)),
        )
        .hint("use `last`, or a column that fits")
    })
}

/// The report for a column that cannot hold an average.
fn not_an_average(name: &str, shape: &Shape) -> Option<Report> {
    let (message, hint) = match &shape.resolved().kind {
        ShapeKind::Decimal(_) => return None,
        ShapeKind::Float(range) => {
            range.multiple_of.as_ref()?;
            (
                format!(
                    "`avg` divides doubles, which cannot keep to a `multipleOf`, and the column `{name}` has one"
                ),
                "give the column the format `decimal`",
            )
        }
        _ => (
            format!(
                "`avg` makes a number with a fraction, and the column `{name}` is {}",
                expressions::described(shape)
            ),
            "give the column the type `number`, with the format `decimal` for exact averages",
        ),
    };
    Some(Report::new(&TYPE_MISMATCH, message).hint(hint))
}

/// The report for a table that has a field where what an average is made of is kept.
fn name_in_use(name: &str, table: &Table) -> Option<Report> {
    let kept = Average::column_of(name);
    let mut columns = table.schema.columns.iter();
    columns.find(|column| column.name.eq_ignore_ascii_case(&kept)).map(|column| {
        let message = format!(
            "the average `{name}` is kept with a column `{kept}`, and `{}` has a field `{}`",
            table.name, column.name
        );
        Report::new(&BAD_VALUE, message).hint("rename the field")
    })
}
