//! Values into binary data, by a schema.

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::data::{TOO_DEEP, TOO_LARGE},
};
use tenon_model::{Key, Map, Value, map::Hint};

use super::{
    bytes::{write_long, write_octets},
    fit::{Fit, fit},
    logical,
    trouble::Trouble,
};
use crate::avro::schema::{Enum, Fixed, Form, Logical, NodeId, Record, Schema};

type Result<T, E = Trouble> = std::result::Result<T, E>;

/// The most levels of lists, maps and records, as in every other format.
pub(super) const MAX_DEPTH: usize = 64;
/// How many branches of unions may be tried in vain for one value.
pub(super) const MAX_TRIES: usize = 10_000;

/// Writes values of one schema in the binary encoding. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Encoder {
    schema: Arc<Schema>,
}

impl Encoder {
    /// An encoder of values of `schema`.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self { schema }
    }

    pub(super) fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Appends `value`. A field that is absent is written as its default; a value of a union by the first branch that takes it. What
    /// the schema cannot hold exactly is refused, never rounded. Lists and maps are one block.
    ///
    /// # Errors
    /// `D0001` with the path of what does not follow the schema; `D0103` for more than 64 levels. `out` is as it was.
    pub fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        let mut run = Run { schema: &self.schema, out, tries: MAX_TRIES };
        run.value(self.schema.root(), value, 0).map_err(|trouble| {
            out.truncate(start);
            trouble.into_report()
        })
    }
}

struct Run<'s, 'o> {
    schema: &'s Schema,
    out: &'o mut Vec<u8>,
    tries: usize,
}

impl<'s> Run<'s, '_> {
    fn value(&mut self, id: NodeId, value: &Value, depth: usize) -> Result<()> {
        let node = self.schema.node(id);
        if depth > MAX_DEPTH {
            return Err(Trouble::new(&TOO_DEEP, format!("the data has more than {MAX_DEPTH} levels")));
        }
        match (&node.form, value) {
            (Form::Null, Value::Null) => Ok(()),
            (Form::Boolean, Value::Bool(it)) => {
                self.out.push(u8::from(*it));
                Ok(())
            }
            (Form::Int | Form::Long, value) => self.number(&node.form, node.logical, value),
            (Form::Float, value) => {
                self.out.extend_from_slice(&single(value)?.to_le_bytes());
                Ok(())
            }
            (Form::Double, value) => {
                self.out.extend_from_slice(&double(value)?.to_le_bytes());
                Ok(())
            }
            (Form::Bytes, value) => {
                let octets = octets(node.logical, value)?;
                write_octets(&octets, self.out);
                Ok(())
            }
            (Form::String, value) => self.text(node.logical, value),
            (Form::Fixed(fixed), value) => self.fixed(fixed, node.logical, value),
            (Form::Enum(symbols), value) => {
                write_long(symbol(symbols, value)?, self.out);
                Ok(())
            }
            (Form::Array(item), Value::List(items)) => self.list(*item, items, depth),
            (Form::Map(part), Value::Map(map)) => self.map(*part, map, depth),
            (Form::Record(record), Value::Map(map)) => self.record(record, map, depth),
            (Form::Union(branches), value) => self.union(branches, value, depth),
            (form, value) => Err(Trouble::wrong_kind(expected(form), value)),
        }
    }

    fn number(&mut self, form: &Form, logical: Option<Logical>, value: &Value) -> Result<()> {
        let n = match logical {
            Some(logical) => logical::to_number(logical, value)?,
            None => value.as_i64().ok_or_else(|| Trouble::wrong_kind("an integer", value))?,
        };
        if *form == Form::Int && i32::try_from(n).is_err() {
            return Err(Trouble::out_of_bounds(format!("{value} does not fit the 32 bits of an int")));
        }
        write_long(n, self.out);
        Ok(())
    }

    fn text(&mut self, logical: Option<Logical>, value: &Value) -> Result<()> {
        match (logical, value) {
            (Some(Logical::Uuid), Value::Uuid(id)) => {
                let mut buffer = uuid::Uuid::encode_buffer();
                write_octets(id.hyphenated().encode_lower(&mut buffer).as_bytes(), self.out);
                Ok(())
            }
            (None, Value::String(text)) => {
                write_octets(text.as_bytes(), self.out);
                Ok(())
            }
            (Some(Logical::Uuid), _) => Err(Trouble::wrong_kind("a UUID", value)),
            _ => Err(Trouble::wrong_kind("text", value)),
        }
    }

    fn fixed(&mut self, fixed: &Fixed, logical: Option<Logical>, value: &Value) -> Result<()> {
        fixed_bytes(fixed, logical, value, self.out)
    }

    fn list(&mut self, item: NodeId, items: &[Value], depth: usize) -> Result<()> {
        if !items.is_empty() {
            write_long(items.len().cast_signed() as i64, self.out);
            for (at, value) in items.iter().enumerate() {
                self.value(item, value, depth + 1).map_err(|trouble| trouble.item(at))?;
            }
        }
        self.out.push(0);
        Ok(())
    }

    fn map(&mut self, part: NodeId, map: &Map, depth: usize) -> Result<()> {
        if !map.is_empty() {
            write_long(map.len().cast_signed() as i64, self.out);
            for (key, value) in map.iter() {
                let Key::String(key) = key else {
                    return Err(Trouble::bad_format(format!("the key {key} is not text")));
                };
                write_octets(key.as_bytes(), self.out);
                self.value(part, value, depth + 1).map_err(|trouble| trouble.field(key))?;
            }
        }
        self.out.push(0);
        Ok(())
    }

    fn record(&mut self, record: &'s Record, map: &Map, depth: usize) -> Result<()> {
        let mut found = 0;
        for (at, field) in record.fields.iter().enumerate() {
            let value = map.get_near(&Hint::new(at), &field.name);
            found += usize::from(value.is_some());
            let value = value.or(field.default.as_ref()).ok_or_else(|| Trouble::missing(&field.name))?;
            self.value(field.node, value, depth + 1).map_err(|trouble| trouble.field(&field.name))?;
        }
        if found == map.len() { Ok(()) } else { Err(unexpected(record, map)) }
    }

    fn union(&mut self, branches: &[NodeId], value: &Value, depth: usize) -> Result<()> {
        if let Some((at, branch)) = obvious(self.schema, branches, value) {
            write_long(at.cast_signed() as i64, self.out);
            return self.value(branch, value, depth);
        }
        let start = self.out.len();
        let mut first = None;
        let mut is_sole = false;
        for wanted in [Fit::Same, Fit::Near] {
            let fitting =
                branches.iter().enumerate().filter(|(_, id)| fit(self.schema, **id, value) == wanted);
            let fitting: Vec<_> = fitting.collect();
            is_sole |= fitting.len() == 1 && first.is_none();
            for (at, branch) in fitting {
                write_long(at.cast_signed() as i64, self.out);
                let Err(trouble) = self.value(*branch, value, depth) else { return Ok(()) };
                self.out.truncate(start);
                self.tries = self.tries.checked_sub(1).ok_or_else(undecided)?;
                first.get_or_insert(trouble);
            }
        }
        // The one branch that the value can be of says best what is wrong with it.
        match first {
            Some(trouble) if is_sole => Err(trouble),
            _ => Err(none_of(self.schema, branches, value)),
        }
    }
}

/// The branch of a union of `null` and one other type.
pub(super) fn obvious(schema: &Schema, branches: &[NodeId], value: &Value) -> Option<(usize, NodeId)> {
    let [one, two] = branches else { return None };
    let is_null = |id: &NodeId| *schema.form(*id) == Form::Null;
    let null_at = if is_null(one) {
        0
    } else if is_null(two) {
        1
    } else {
        return None;
    };
    let at = if value.is_null() { null_at } else { 1 - null_at };
    Some((at, branches[at]))
}

pub(super) fn unexpected(record: &Record, map: &Map) -> Trouble {
    let is_known = |key: &Key| record.fields.iter().any(|field| key.as_str() == Some(field.name.as_str()));
    let unknown = map.iter().map(|(key, _)| key).find(|key| !is_known(key));
    let known = record.fields.iter().map(|field| field.name.as_str());
    Trouble::unexpected(&unknown.map(ToString::to_string).unwrap_or_default(), known)
}

pub(super) fn undecided() -> Trouble {
    Trouble::new(&TOO_LARGE, "the branches of the unions cannot be told apart in bounded time")
}

pub(super) fn none_of(schema: &Schema, branches: &[NodeId], value: &Value) -> Trouble {
    let names: Vec<_> = branches.iter().take(20).map(|branch| schema.form(*branch).tag()).collect();
    Trouble::wrong_kind(&format!("one of {}", names.join(", ")), value)
}

/// What a form holds, for messages.
pub(super) fn expected(form: &Form) -> &'static str {
    match form {
        Form::Null => "null",
        Form::Boolean => "a bool",
        Form::Array(_) => "a list",
        Form::Map(_) | Form::Record(_) => "an object",
        Form::Enum(_) => "a symbol",
        form => form.word(),
    }
}

/// The octets of a value of `bytes`.
pub(super) fn octets(logical: Option<Logical>, value: &Value) -> Result<std::borrow::Cow<'_, [u8]>> {
    match (logical, value) {
        (Some(Logical::Decimal { precision, scale }), value) => {
            Ok(logical::decimal_bytes(precision, scale, value)?.into())
        }
        (_, Value::Bytes(octets)) => Ok((&octets[..]).into()),
        (_, value) => Err(Trouble::wrong_kind("bytes", value)),
    }
}

/// Appends the octets of a value of a fixed type.
pub(super) fn fixed_bytes(
    fixed: &Fixed,
    logical: Option<Logical>,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<()> {
    match (logical, value) {
        (Some(Logical::Decimal { precision, scale }), value) => {
            logical::extend_sign(&logical::decimal_bytes(precision, scale, value)?, fixed.size, out)
        }
        (Some(Logical::Uuid), Value::Uuid(id)) => {
            out.extend_from_slice(id.as_bytes());
            Ok(())
        }
        (Some(Logical::Uuid), _) => Err(Trouble::wrong_kind("a UUID", value)),
        (Some(Logical::Duration), _) => {
            out.extend_from_slice(&logical::period_bytes(value)?);
            Ok(())
        }
        (_, Value::Bytes(octets)) if octets.len() == fixed.size => {
            out.extend_from_slice(octets);
            Ok(())
        }
        (_, Value::Bytes(octets)) => {
            let message =
                format!("there are {} bytes, and `{}` has {}", octets.len(), fixed.name.full, fixed.size);
            Err(Trouble::out_of_bounds(message))
        }
        _ => Err(Trouble::wrong_kind("bytes", value)),
    }
}

/// The number of a symbol.
pub(super) fn symbol(symbols: &Enum, value: &Value) -> Result<i64> {
    let text = value.as_str().ok_or_else(|| Trouble::wrong_kind("a symbol", value))?;
    let at = symbols.symbols.iter().position(|symbol| symbol == text);
    at.map(|at| at.cast_signed() as i64)
        .ok_or_else(|| Trouble::out_of_bounds(format!("{value} is not a symbol of `{}`", symbols.name.full)))
}

/// A double, or an integer that is one exactly.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "what is lost is found by the way back"
)]
pub(super) fn double(value: &Value) -> Result<f64> {
    match value {
        Value::Float(n) if n.is_finite() => Ok(*n),
        Value::Float(n) => Err(Trouble::out_of_bounds(format!("{n} is not a finite number"))),
        Value::Int(n) if i128::from(*n) == (*n as f64) as i128 => Ok(*n as f64),
        Value::Int(_) => Err(Trouble::out_of_bounds(format!("{value} has more digits than a double holds"))),
        _ => Err(Trouble::wrong_kind("a number", value)),
    }
}

/// A number of single precision that is written like `value`, or equal to it.
#[allow(clippy::cast_possible_truncation, reason = "what is lost is found by the way back")]
pub(super) fn single(value: &Value) -> Result<f32> {
    let wide = double(value)?;
    let narrow = wide as f32;
    let is_kept = f64::from(narrow) == wide || zmij::Buffer::new().format(narrow).parse() == Ok(wide);
    if is_kept && narrow.is_finite() {
        return Ok(narrow);
    }
    Err(Trouble::out_of_bounds(format!("{value} has more digits than a number of single precision holds")))
}
