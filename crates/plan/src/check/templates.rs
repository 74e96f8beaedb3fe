//! Mapping templates, from YAML to what the mapping crate compiles.
//!
//! A text or number is an expression; `{ value: X }` a constant; `{ each: LIST, as: NAME, fields | item: ... }` a list;
//! any other object a record, with `...` for the fields that it does not set.

use tenon_document::{Node, Tree};
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY, UNKNOWN_KEY, WRONG_TYPE},
    nearest::nearest,
};
use tenon_mapping::{Located, Remaining, Template, template::OTHERS};
use tenon_model::{Decimal, Str, Value};

use super::{Context, expressions, variables};

/// The keys of a list template.
const EACH: &[&str] = &["each", "as", "fields", "item"];

/// The keys of what is copied.
const COPY: &[&str] = &["copy", "without"];

/// The template in `node`; what a record does not set is reported at `owner`, the key under which it stands.
pub(crate) fn lower(node: &Node, owner: &Node, context: &mut Context<'_>) -> Option<Template> {
    match node.tree() {
        Tree::Map(entries) => match &entries[..] {
            [(key, value)] if key.as_str() == Some("value") => {
                let constant = context.take_at(value, constant(value))?;
                Some(Template::Constant(Located::new(constant, value.place())))
            }
            _ if node.get("each").is_some() => each(node, context),
            _ => record(node, owner, context),
        },
        Tree::List(_) => {
            let report = Report::new(
                &WRONG_TYPE,
                "a list cannot be used here: an expression or an object is expected",
            );
            context.problem(
                report.at(node.place()).hint("write a list as an expression in quotes, or with `each`"),
            );
            None
        }
        Tree::Null => {
            let report =
                Report::new(&WRONG_TYPE, "the value is missing: an expression or an object is expected");
            context.problem(report.at(node.place()).hint("write an expression, or `{ value: null }`"));
            None
        }
        Tree::String(_) | Tree::Number(_) | Tree::Bool(_) => {
            expressions::source(node).map(Template::Expression)
        }
    }
}

/// The record in `node`, which stands under the key `owner`.
pub(crate) fn record(node: &Node, owner: &Node, context: &mut Context<'_>) -> Option<Template> {
    let entries = node.entries()?;
    let mut fields = Vec::with_capacity(entries.len());
    let mut remaining = None;
    let mut whole = true;
    for (key, value) in entries {
        if key.as_str() == Some(OTHERS) {
            remaining = self::remaining(value, context);
            whole &= remaining.is_some();
            continue;
        }
        match lower(value, key, context) {
            Some(template) => {
                fields
                    .push((Located::new(Str::new(key.as_str().unwrap_or_default()), key.place()), template));
            }
            None => whole = false,
        }
    }
    whole.then(|| Template::Record { fields, remaining, place: owner.place() })
}

/// What the remaining fields of a record are copied from: `...: order`, or `...: { copy: order, without: [note] }`.
fn remaining(node: &Node, context: &mut Context<'_>) -> Option<Remaining> {
    let (from, without) = match node.tree() {
        Tree::Map(_) => {
            let problems = context.problems.len();
            check_keys(node, COPY, "`...`", "write `copy` and `without`", context);
            if context.problems.len() > problems {
                return None;
            }
            (node.get("copy"), node.get("without"))
        }
        _ => (Some(node), None),
    };
    let Some(from) = from else {
        let report = Report::new(&MISSING_KEY, "`...` needs `copy`, which is missing");
        context.problem(report.at(node.place()).hint("add `copy`: the record whose fields are copied"));
        return None;
    };
    let source = expressions::source(from).filter(|_| from.as_list().is_none());
    if source.is_none() {
        let message = format!("`...` is {}, but should be the record to copy from", from.kind_name());
        let report = Report::new(&WRONG_TYPE, message).at(from.place());
        context.problem(report.hint("write a message or a record in it, for example `order`"));
    }
    let mut names = Vec::new();
    if let Some(without) = without {
        let Some(items) = without.as_list() else {
            let message = format!("`without` is {}, but should be a list of fields", without.kind_name());
            context.problem(Report::new(&WRONG_TYPE, message).at(without.place()).hint("write `[note]`"));
            return None;
        };
        for item in items {
            match item.as_str() {
                Some(name) => names.push(Located::new(Str::new(name), item.place())),
                None => {
                    let message =
                        format!("`without` holds {}, but should hold names of fields", item.kind_name());
                    let report = Report::new(&WRONG_TYPE, message).at(item.place());
                    context.problem(report.hint("write the name of a field"));
                    return None;
                }
            }
        }
    }
    Some(Remaining { from: source?, without: names })
}

/// Reports the keys of `node` that are none of `known`.
fn check_keys(node: &Node, known: &[&str], what: &str, hint: &str, context: &mut Context<'_>) {
    for (key, _) in node.entries().unwrap_or_default() {
        let name = key.as_str().unwrap_or_default();
        if !known.contains(&name) {
            let report =
                Report::new(&UNKNOWN_KEY, format!("`{name}` is not a key of {what}")).at(key.place());
            context.problem(match nearest(name, known.iter().copied()) {
                Some(meant) => report.hint(format!("write `{meant}`")),
                None => report.hint(hint),
            });
        }
    }
}

fn each(node: &Node, context: &mut Context<'_>) -> Option<Template> {
    check_keys(node, EACH, "a list template", "put the fields of an item under `fields`", context);
    let list = node.get("each")?;
    let list = expressions::source(list).or_else(|| {
        let message = format!("`each` is {}, but should be an expression", list.kind_name());
        let report = Report::new(&WRONG_TYPE, message).at(list.place());
        context.problem(report.hint("write the list to go through, for example `order.lines`"));
        None
    });
    let name = match node.get("as") {
        Some(node) => variables::name(node, context).map(|name| Located::new(name, node.place())),
        None => {
            let report = Report::new(&MISSING_KEY, "a list template needs `as`, which is missing");
            context.problem(report.at(node.place()).hint("add `as`: what an item is called in its template"));
            None
        }
    };
    let item = item(node, context);
    Some(Template::Each { list: list?, name: name?, item: Box::new(item?), place: node.place() })
}

/// What is made of each item of a list: `fields` for an object, `item` for anything.
fn item(node: &Node, context: &mut Context<'_>) -> Option<Template> {
    let report = match (node.entry("fields"), node.entry("item")) {
        (Some((key, fields)), None) if fields.entries().is_some() => return record(fields, key, context),
        (None, Some((key, item))) => return lower(item, key, context),
        (Some((_, fields)), None) => {
            let message = format!("`fields` is {}, but should be an object", fields.kind_name());
            Report::new(&WRONG_TYPE, message).at(fields.place()).hint("write `item` for a single value")
        }
        (Some(_), Some((item, _))) => {
            let report = Report::new(&BAD_VALUE, "`fields` and `item` both say what is made of an item");
            report.at(item.place()).hint("remove one of them")
        }
        (None, None) => {
            let message = "a list template needs `fields` or `item`, and has neither";
            let report = Report::new(&MISSING_KEY, message).at(node.place());
            report.hint("add `fields` for an object, or `item` for a single value")
        }
    };
    context.problem(report);
    None
}

/// The value that stands in `node`, as it is.
fn constant(node: &Node) -> Result<Value, Report> {
    Ok(match node.tree() {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Number(text) => number(text)?,
        Tree::String(text) => Value::from(text.as_str()),
        Tree::List(items) => Value::list(items.iter().map(constant).collect::<Result<_, _>>()?),
        Tree::Map(entries) => {
            let field = |(key, value): &(Node, Node)| {
                Ok((Str::new(key.as_str().unwrap_or_default()), constant(value)?))
            };
            Value::record(entries.iter().map(field).collect::<Result<Vec<_>, Report>>()?)
        }
    })
}

/// A number with all its digits: an integer, a double that has the same digits, or a decimal.
fn number(text: &str) -> Result<Value, Report> {
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(Value::Int(integer));
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Ok(Value::Uint(integer));
    }
    if let Ok(float) = text.parse::<f64>()
        && float.to_string() == text
    {
        return Ok(Value::Float(float));
    }
    text.parse::<Decimal>().map(Value::from).map_err(|_| {
        Report::new(&BAD_VALUE, format!("`{text}` is not a number that can be kept exactly"))
            .hint("write it in quotes if it is an identifier")
    })
}
