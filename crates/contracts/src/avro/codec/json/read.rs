//! JSON of no contract into values of a schema.

use std::sync::Arc;

use tenon_model::{Key, Map, Value, map::Hint};

use super::Unions;
use crate::{
    avro::{
        codec::{
            encode::{self, MAX_TRIES, undecided, unexpected},
            logical,
            trouble::Trouble,
        },
        schema::{Form, Node, NodeId, Record, Schema},
    },
    builder::Builder,
};

type Result<T> = std::result::Result<T, Trouble>;

pub(super) fn value(schema: &Schema, id: NodeId, json: &Value, unions: Unions) -> Result<Value> {
    Run { schema, unions, tries: MAX_TRIES, builder: Builder::default() }.value(id, json)
}

struct Run<'s> {
    schema: &'s Schema,
    unions: Unions,
    tries: usize,
    builder: Builder,
}

impl<'s> Run<'s> {
    fn value(&mut self, id: NodeId, json: &Value) -> Result<Value> {
        let node = self.schema.node(id);
        match (&node.form, json) {
            (Form::Null, Value::Null) | (Form::Boolean, Value::Bool(_)) => Ok(json.clone()),
            (Form::Int | Form::Long, json) => number(node, json),
            (Form::Float, json) => logical::of_single(single(json)?),
            (Form::Double, json) => logical::finite(double(json)?),
            (Form::String, Value::String(text)) => logical::of_text(node.logical, text),
            (Form::Bytes, Value::String(text)) => logical::of_bytes(node.logical, &octets(text)?),
            (Form::Fixed(fixed), Value::String(text)) => {
                let octets = octets(text)?;
                if octets.len() == fixed.size {
                    return logical::of_bytes(node.logical, &octets);
                }
                let message =
                    format!("there are {} bytes, and `{}` has {}", octets.len(), fixed.name.full, fixed.size);
                Err(Trouble::out_of_bounds(message))
            }
            (Form::Enum(symbols), json) => encode::symbol(symbols, json).map(|_| json.clone()),
            (Form::Array(item), Value::List(items)) => self.list(*item, items),
            (Form::Map(part), Value::Map(map)) => self.map(*part, map),
            (Form::Record(record), Value::Map(map)) => self.record(record, map),
            (Form::Union(branches), json) => self.union(branches, json),
            (form, json) => Err(Trouble::wrong_kind(encode::expected(form), json)),
        }
    }

    fn list(&mut self, item: NodeId, items: &[Value]) -> Result<Value> {
        let values = items.iter().enumerate();
        let values = values.map(|(at, json)| self.value(item, json).map_err(|trouble| trouble.item(at)));
        Ok(Value::list(values.collect::<Result<_>>()?))
    }

    fn map(&mut self, part: NodeId, map: &Map) -> Result<Value> {
        let mut read = Map::with_capacity(map.len());
        for (key, json) in map.iter() {
            let value =
                self.value(part, json).map_err(|trouble| trouble.field(key.as_str().unwrap_or_default()))?;
            read.push_new(key.clone(), value);
        }
        Ok(Value::Map(Arc::new(read)))
    }

    fn record(&mut self, record: &'s Record, map: &Map) -> Result<Value> {
        let mut read = Map::with_capacity(record.fields.len());
        let mut found = 0;
        for (at, field) in record.fields.iter().enumerate() {
            let value = match map.get_near(&Hint::new(at), &field.name) {
                Some(json) => {
                    found += 1;
                    self.value(field.node, json).map_err(|trouble| trouble.field(&field.name))?
                }
                None => match self.builder.stand_in_of(field.default.as_ref())? {
                    Some(default) => default,
                    None => return Err(Trouble::missing(&field.name)),
                },
            };
            read.push_new(Key::String(field.name.clone()), value);
        }
        if found == map.len() { Ok(Value::Map(Arc::new(read))) } else { Err(unexpected(record, map)) }
    }

    fn union(&mut self, branches: &[NodeId], json: &Value) -> Result<Value> {
        if self.unions == Unions::Plain {
            return self.first_fitting(branches, json);
        }
        let tagged = match json {
            Value::Null => Some(("null", json)),
            Value::Map(map) if map.len() == 1 => {
                map.iter().next().and_then(|(key, value)| Some((key.as_str()?, value)))
            }
            _ => None,
        };
        let named =
            |tag: &str| branches.iter().find(|branch| self.schema.form(**branch).tag() == tag).copied();
        match tagged.and_then(|(tag, value)| Some((tag, value, named(tag)?))) {
            Some((_, value, branch)) if value.is_null() => self.value(branch, value),
            Some((tag, value, branch)) => self.value(branch, value).map_err(|trouble| trouble.field(tag)),
            None => Err(encode::none_of(self.schema, branches, json)),
        }
    }

    fn first_fitting(&mut self, branches: &[NodeId], json: &Value) -> Result<Value> {
        for branch in branches {
            if let Ok(value) = self.value(*branch, json) {
                return Ok(value);
            }
            self.tries = self.tries.checked_sub(1).ok_or_else(undecided)?;
        }
        Err(encode::none_of(self.schema, branches, json))
    }
}

fn number(node: &Node, json: &Value) -> Result<Value> {
    let n = json.as_i64().ok_or_else(|| Trouble::wrong_kind("an integer", json))?;
    if node.form == Form::Int && i32::try_from(n).is_err() {
        return Err(Trouble::out_of_bounds(format!("{n} does not fit the 32 bits of an int")));
    }
    logical::of_number(node.logical, n)
}

#[allow(clippy::cast_precision_loss, reason = "every number of JSON stands for the nearest double")]
fn double(json: &Value) -> Result<f64> {
    match json {
        Value::Decimal(n) => Ok(n.nearest()),
        Value::Int(n) => Ok(*n as f64),
        Value::Uint(n) => Ok(*n as f64),
        json => encode::double(json),
    }
}

/// The nearest number of single precision: JSON has more digits than one needs.
#[allow(clippy::cast_possible_truncation, reason = "JSON has no numbers of single precision but these")]
fn single(json: &Value) -> Result<f32> {
    double(json).map(|n| n as f32)
}

/// The octets of text whose characters are U+0000 to U+00FF.
fn octets(text: &str) -> Result<Vec<u8>> {
    let octet = |c: char| {
        u8::try_from(c).map_err(|_| Trouble::bad_format(format!("{c:?} does not stand for a byte")))
    };
    text.chars().map(octet).collect()
}
