//! Values of a schema as JSON text.

use tenon_errors::catalogue::data::TOO_DEEP;
use tenon_model::{Map, Value, map::Hint};

use super::Unions;
use crate::{
    avro::{
        codec::{
            encode::{self, MAX_DEPTH, MAX_TRIES, none_of, obvious, undecided, unexpected},
            fit::{Fit, fit},
            logical,
            trouble::Trouble,
        },
        schema::{Form, Logical, NodeId, Record, Schema},
    },
    json,
};

type Result<T> = std::result::Result<T, Trouble>;

pub(super) fn value(
    schema: &Schema,
    id: NodeId,
    value: &Value,
    unions: Unions,
    out: &mut Vec<u8>,
) -> Result<()> {
    Run { schema, unions, out, tries: MAX_TRIES }.value(id, value, 0)
}

struct Run<'s, 'o> {
    schema: &'s Schema,
    unions: Unions,
    out: &'o mut Vec<u8>,
    tries: usize,
}

impl<'s> Run<'s, '_> {
    fn value(&mut self, id: NodeId, value: &Value, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Trouble::new(&TOO_DEEP, format!("the data has more than {MAX_DEPTH} levels")));
        }
        let node = self.schema.node(id);
        match (&node.form, value) {
            (Form::Null, Value::Null) | (Form::Boolean, Value::Bool(_)) => self.plain(value),
            (Form::Int | Form::Long, value) => {
                let n = match node.logical {
                    Some(logical) => logical::to_number(logical, value)?,
                    None => value.as_i64().ok_or_else(|| Trouble::wrong_kind("an integer", value))?,
                };
                if node.form == Form::Int && i32::try_from(n).is_err() {
                    return Err(Trouble::out_of_bounds(format!(
                        "{value} does not fit the 32 bits of an int"
                    )));
                }
                self.plain(&Value::Int(n))
            }
            (Form::Float, value) => logical::of_single(encode::single(value)?).and_then(|n| self.plain(&n)),
            (Form::Double, value) => encode::double(value).and_then(|n| self.plain(&Value::Float(n))),
            (Form::Bytes, value) => {
                let octets = encode::octets(node.logical, value)?;
                self.octets(&octets)
            }
            (Form::Fixed(fixed), value) => {
                let mut octets = Vec::with_capacity(fixed.size);
                encode::fixed_bytes(fixed, node.logical, value, &mut octets)?;
                self.octets(&octets)
            }
            (Form::String, Value::String(_)) if node.logical.is_none() => self.plain(value),
            (Form::String, Value::Uuid(_)) if node.logical == Some(Logical::Uuid) => self.plain(value),
            (Form::Enum(symbols), value) => encode::symbol(symbols, value).and_then(|_| self.plain(value)),
            (Form::Array(item), Value::List(items)) => self.list(*item, items, depth),
            (Form::Map(part), Value::Map(map)) => self.map(*part, map, depth),
            (Form::Record(record), Value::Map(map)) => self.record(record, map, depth),
            (Form::Union(branches), value) => self.union(branches, value, depth),
            (form, value) => Err(Trouble::wrong_kind(encode::expected(form), value)),
        }
    }

    fn plain(&mut self, value: &Value) -> Result<()> {
        json::encode(value, self.out);
        Ok(())
    }

    fn octets(&mut self, octets: &[u8]) -> Result<()> {
        let text: String = octets.iter().map(|octet| char::from(*octet)).collect();
        self.plain(&Value::from(text))
    }

    fn list(&mut self, item: NodeId, items: &[Value], depth: usize) -> Result<()> {
        self.out.push(b'[');
        for (at, value) in items.iter().enumerate() {
            self.comma(at);
            self.value(item, value, depth + 1).map_err(|trouble| trouble.item(at))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn comma(&mut self, at: usize) {
        if at > 0 {
            self.out.push(b',');
        }
    }

    fn key(&mut self, key: &str) -> Result<()> {
        self.plain(&Value::from(key))?;
        self.out.push(b':');
        Ok(())
    }

    fn map(&mut self, part: NodeId, map: &Map, depth: usize) -> Result<()> {
        self.out.push(b'{');
        for (at, (key, value)) in map.iter().enumerate() {
            self.comma(at);
            let key =
                key.as_str().ok_or_else(|| Trouble::bad_format(format!("the key {key} is not text")))?;
            self.key(key)?;
            self.value(part, value, depth + 1).map_err(|trouble| trouble.field(key))?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn record(&mut self, record: &'s Record, map: &Map, depth: usize) -> Result<()> {
        self.out.push(b'{');
        let mut found = 0;
        for (at, field) in record.fields.iter().enumerate() {
            self.comma(at);
            self.key(&field.name)?;
            let value = map.get_near(&Hint::new(at), &field.name);
            found += usize::from(value.is_some());
            let value = value.or(field.default.as_ref()).ok_or_else(|| Trouble::missing(&field.name))?;
            self.value(field.node, value, depth + 1).map_err(|trouble| trouble.field(&field.name))?;
        }
        self.out.push(b'}');
        if found == map.len() { Ok(()) } else { Err(unexpected(record, map)) }
    }

    fn union(&mut self, branches: &[NodeId], value: &Value, depth: usize) -> Result<()> {
        if let Some((_, branch)) = obvious(self.schema, branches, value) {
            return self.branch(branch, value, depth);
        }
        let start = self.out.len();
        for wanted in [Fit::Same, Fit::Near] {
            for branch in branches.iter().filter(|id| fit(self.schema, **id, value) == wanted) {
                if self.branch(*branch, value, depth).is_ok() {
                    return Ok(());
                }
                self.out.truncate(start);
                self.tries = self.tries.checked_sub(1).ok_or_else(undecided)?;
            }
        }
        Err(none_of(self.schema, branches, value))
    }

    fn branch(&mut self, branch: NodeId, value: &Value, depth: usize) -> Result<()> {
        let form = self.schema.form(branch);
        if self.unions == Unions::Plain || *form == Form::Null {
            return self.value(branch, value, depth);
        }
        self.out.push(b'{');
        self.key(form.tag())?;
        self.value(branch, value, depth)?;
        self.out.push(b'}');
        Ok(())
    }
}
