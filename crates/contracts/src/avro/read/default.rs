//! Defaults of fields, which are read by the schema of their field when all types are complete.

use tenon_document::{Node as Json, Tree};
use tenon_errors::{Report, catalogue::contract::BAD_DEFAULT};
use tenon_model::{Decimal, Map, Value};

use super::Reader;
use crate::avro::{
    codec::json,
    schema::{Form, NodeId, Schema},
};

/// A default that is not read yet.
pub(super) struct Pending<'d> {
    pub(super) record: NodeId,
    pub(super) field: usize,
    pub(super) json: &'d Json,
}

impl Reader<'_> {
    pub(super) fn read_defaults(&mut self) {
        let schema = Schema::new(self.nodes.all().to_vec(), NodeId::default());
        for pending in std::mem::take(&mut self.defaults) {
            let Form::Record(record) = schema.form(pending.record) else { continue };
            let Some(field) = record.fields.get(pending.field) else { continue };
            let read =
                value_of(pending.json).and_then(|value| json::read_default(&schema, field.node, &value));
            match read {
                Ok(value) => self.set_default(&pending, value),
                Err(report) => {
                    let why = report.details().first().unwrap_or(&report).message().to_owned();
                    let message = format!("the default of `{}` does not fit its type: {why}", field.name);
                    let report = Report::new(&BAD_DEFAULT, message).at(pending.json.place());
                    self.problems.push(report.hint("write a default of the field's type"));
                }
            }
        }
    }

    fn set_default(&mut self, pending: &Pending<'_>, value: Value) {
        if let Some(node) = self.nodes.get_mut(pending.record)
            && let Form::Record(record) = &mut node.form
            && let Some(field) = record.fields.get_mut(pending.field)
        {
            field.default = Some(value);
        }
    }
}

/// A JSON value as data of no contract.
fn value_of(node: &Json) -> Result<Value, Report> {
    Ok(match node.tree() {
        Tree::Null => Value::Null,
        Tree::Bool(it) => Value::Bool(*it),
        Tree::String(text) => Value::from(text.as_str()),
        Tree::Number(text) => match text.parse() {
            Ok(n) => Value::Int(n),
            Err(_) => Value::from(text.parse::<Decimal>()?),
        },
        Tree::List(items) => Value::list(items.iter().map(value_of).collect::<Result<_, _>>()?),
        Tree::Map(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                map.insert(key.as_str().unwrap_or_default(), value_of(value)?);
            }
            Value::Map(map.into())
        }
    })
}
