//! ProtoJSON: the JSON form that Protobuf gives its messages. Here it is read.
//!
//! Names are accepted as in the file and in lowerCamelCase; integers as numbers and as text; enumerations by name and by number;
//! octets in both alphabets of base64. `null` is an absent field. Numbers that would be rounded are refused.

use std::sync::Arc;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bigdecimal::ToPrimitive;
use tenon_errors::Report;
use tenon_model::{Decimal, Key, Map, Str, Value};

use super::{binary::check_size, json_write::Writing, scalar, write::number_of};
use crate::{
    builder::{Builder, Frame},
    format::{Codec, Encoding, encoding},
    json, number,
    protobuf::definitions::{Cardinality, Definitions, Field, Message, Scalar, Type},
    violation::{self, Failure, Found, Path, Violations},
};

/// Reads and writes messages of one type in ProtoJSON.
#[derive(Debug, Clone)]
pub struct Json {
    definitions: Arc<Definitions>,
    message: usize,
    decoder: json::Decoder,
}

impl Json {
    /// The codec of the message of this full name; `None` where there is no such message.
    #[must_use]
    pub fn new(definitions: &Arc<Definitions>, name: &str) -> Option<Self> {
        let (message, _) = definitions.message(name)?;
        Some(Self { definitions: Arc::clone(definitions), message, decoder: json::Decoder::verbatim() })
    }
}

impl Codec for Json {
    fn encoding(&self) -> &'static Encoding {
        &encoding::JSON
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        check_size(bytes)?;
        let written = self.decoder.decode(bytes)?;
        let mut reading = Reading {
            definitions: &self.definitions,
            violations: Violations::default(),
            builder: Builder::default(),
        };
        let value = reading.message(self.message, &written, &Path::ROOT)?;
        reading.violations.finish(value)
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        let mut writing = Writing::new(&self.definitions);
        let written = writing.message(self.message, value, out, &Path::ROOT, 0);
        let result = written.and_then(|()| writing.violations.finish(()));
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

/// One message being read. Its depth was bounded when it was read as JSON.
pub(super) struct Reading<'d> {
    pub(super) definitions: &'d Definitions,
    pub(super) violations: Violations,
    builder: Builder,
}

impl Reading<'_> {
    pub(super) fn message(&mut self, id: usize, written: &Value, path: &Path<'_>) -> Result<Value, Report> {
        let message = &self.definitions.messages[id];
        if let Some(well_known) = message.well_known {
            return self.natural(well_known, written, path);
        }
        let Value::Map(map) = written else { return Ok(self.wrong("object", written, path)) };
        let mut frame = Builder::open(message.fields.len(), message.fields.len());
        for (key, value) in map.iter() {
            let Some(at) = key.as_str().and_then(|name| message.positions.get(name).copied()) else {
                let known = message.fields.iter().map(|field| field.json_name.as_str());
                self.violations.push(violation::unexpected(&key.to_string(), known, path));
                continue;
            };
            let field = &message.fields[at];
            if value.is_null() && !self.holds_null(field) {
                continue;
            }
            let read = self.field(field, value, &path.field(&field.json_name, false))?;
            if !self.builder.put(&mut frame, &message.fields, at, read) {
                let failure = Failure::Form("is there by both of its names".to_owned());
                let path = path.field(&field.json_name, false);
                self.violations.push(failure.report(&Found::Text(&field.json_name), &path));
            }
        }
        self.check_oneofs(message, &frame, path);
        for field in frame.absent(&message.fields).filter(|field| field.listed.is_demanded()) {
            self.violations.push(violation::missing(&field.json_name, path));
        }
        let record = self.builder.close(frame, &message.fields)?;
        Ok(Value::Map(Arc::new(record)))
    }

    /// Whether null is a value of the field: `google.protobuf.Value` and `NullValue`.
    fn holds_null(&self, field: &Field) -> bool {
        use crate::protobuf::definitions::WellKnown;
        let is_single = !matches!(field.cardinality, Cardinality::Repeated { .. } | Cardinality::Map(_));
        is_single
            && match field.ty {
                Type::Message(id) => self.definitions.messages[id].well_known == Some(WellKnown::Value),
                Type::Enum(id) => self.definitions.enums[id].is_null,
                _ => false,
            }
    }

    fn check_oneofs(&mut self, message: &Message, frame: &Frame, path: &Path<'_>) {
        for oneof in &message.oneofs {
            let mut present = oneof.fields.iter().filter(|at| frame.is_there(**at));
            if let (Some(one), Some(other)) = (present.next(), present.next()) {
                let (one, other) = (&message.fields[*one].json_name, &message.fields[*other].json_name);
                let how = format!("has `{one}` and `{other}`, and only one of them may be there");
                self.violations.push(Failure::Bounds(how).report(&Found::Token("the object"), path));
            }
        }
    }

    fn field(&mut self, field: &Field, written: &Value, path: &Path<'_>) -> Result<Value, Report> {
        match (field.cardinality, written) {
            (Cardinality::Repeated { .. }, Value::List(items)) => {
                let mut read = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    read.push(self.value(field.ty, item, &path.item(index))?);
                }
                Ok(Value::list(read))
            }
            (Cardinality::Repeated { .. }, other) => Ok(self.wrong("list", other, path)),
            (Cardinality::Map(key), Value::Map(map)) => {
                let mut read = Map::with_capacity(map.len());
                for (written, value) in map.iter() {
                    let name = written.to_string();
                    let path = path.field(&name, false);
                    let value = self.value(field.ty, value, &path)?;
                    match self.key(key, &name) {
                        Ok(key) => drop(read.insert(key, value)),
                        Err(failure) => self.violations.push(failure.report(&Found::Token(&name), &path)),
                    }
                }
                Ok(Value::Map(Arc::new(read)))
            }
            (Cardinality::Map(_), other) => Ok(self.wrong("object", other, path)),
            (_, value) => self.value(field.ty, value, path),
        }
    }

    fn key(&self, scalar: Scalar, name: &str) -> Result<Key, Failure> {
        let Some(kind) = scalar.key() else { return Err(Failure::Form("is not a key".to_owned())) };
        let key = kind.read(name).ok_or_else(|| Failure::key(kind))?;
        if let Some(bounds) = scalar.bounds() {
            scalar::whole(scalar, &key.to_value(), bounds)?;
        }
        Ok(key)
    }

    fn value(&mut self, ty: Type, written: &Value, path: &Path<'_>) -> Result<Value, Report> {
        match ty {
            Type::Message(id) | Type::Group(id) => self.message(id, written, path),
            Type::Scalar(scalar) => Ok(self.scalar(scalar, written, path)),
            Type::Enum(id) => Ok(self.member(id, written, path)),
        }
    }

    pub(super) fn scalar(&mut self, scalar: Scalar, written: &Value, path: &Path<'_>) -> Value {
        match read_scalar(scalar, written) {
            Ok(value) => value,
            Err(failure) => {
                self.violations.push(failure.report(&Found::Value(written), path));
                Value::Null
            }
        }
    }

    /// A member by its name or its number.
    fn member(&mut self, id: usize, written: &Value, path: &Path<'_>) -> Value {
        let members = &self.definitions.enums[id];
        let number = match written {
            Value::String(_) | Value::Null if !members.is_null => number_of(self.definitions, id, written),
            Value::Null => Ok(0),
            Value::String(name) => {
                let number = members.by_name.get(name).copied();
                number.ok_or_else(|| Failure::Bounds(format!("is not a member of {}", members.name)))
            }
            other => whole(Scalar::Int32, other)
                .and_then(|n| i32::try_from(n).map_err(|_| Failure::Bounds("is beyond 32 bits".to_owned()))),
        };
        let value = number.and_then(|number| match members.by_number.get(&number) {
            Some(value) => Ok(value.clone()),
            None if members.is_closed || members.is_null => {
                Err(Failure::Bounds(format!("is not a member of {}", members.name)))
            }
            None => Ok(Value::Int(number.into())),
        });
        value.unwrap_or_else(|failure| {
            self.violations.push(failure.report(&Found::Value(written), path));
            Value::Null
        })
    }

    pub(super) fn wrong(&mut self, expected: &str, written: &Value, path: &Path<'_>) -> Value {
        let failure = Failure::Kind(expected.to_owned());
        self.violations.push(failure.report(&Found::Value(written), path));
        Value::Null
    }
}

fn read_scalar(scalar: Scalar, written: &Value) -> Result<Value, Failure> {
    if let Some(bounds) = scalar.bounds() {
        let n = whole(scalar, written)?;
        let value = number::integer(n).ok_or_else(|| Failure::Bounds("is beyond 64 bits".to_owned()))?;
        return scalar::whole(scalar, &value, bounds).map(|_| value);
    }
    match (scalar, written) {
        (Scalar::Bool, Value::Bool(b)) => Ok(Value::Bool(*b)),
        (Scalar::String, Value::String(text)) => Ok(Value::String(text.clone())),
        (Scalar::Bytes, Value::String(text)) => octets(text),
        (Scalar::Double | Scalar::Float, written) => float(scalar, written),
        _ => Err(Failure::Kind(scalar::expected(scalar).to_owned())),
    }
}

/// An integer as a number, which may be written `1.0` or `1e2`, or as text.
fn whole(scalar: Scalar, written: &Value) -> Result<i128, Failure> {
    let wrong = || Failure::Kind(scalar::expected(scalar).to_owned());
    match written {
        Value::Int(n) => Ok(i128::from(*n)),
        Value::Uint(n) => Ok(i128::from(*n)),
        Value::Decimal(n) => integral(n).ok_or_else(wrong),
        Value::String(text) if tenon_model::digits::is_number(text) => {
            text.parse().ok().and_then(|n: Decimal| integral(&n)).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn integral(n: &Decimal) -> Option<i128> {
    n.as_big().is_integer().then(|| n.as_big().to_i128()).flatten()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "it is checked")]
pub(super) fn float(scalar: Scalar, written: &Value) -> Result<Value, Failure> {
    let text = match written {
        Value::Int(n) => n.to_string(),
        Value::Uint(n) => n.to_string(),
        Value::Decimal(n) => n.to_string(),
        Value::Float(n) => return Ok(Value::Float(*n)),
        Value::String(text) if tenon_model::digits::is_number(text) => text.to_string(),
        Value::String(text) if matches!(&**text, "NaN" | "Infinity" | "-Infinity") => {
            return Err(Failure::Bounds("is not a finite number".to_owned()));
        }
        _ => return Err(Failure::Kind(scalar::expected(scalar).to_owned())),
    };
    let n: f64 = text.parse().map_err(|_| Failure::Kind(scalar::expected(scalar).to_owned()))?;
    if !n.is_finite() || scalar == Scalar::Float && !(n as f32).is_finite() {
        return Err(Failure::Bounds("is beyond what the type holds".to_owned()));
    }
    if scalar == Scalar::Double {
        number::check_kept(&text, n)?;
        return Ok(Value::Float(n));
    }
    // Others write the shortest digits of a single, or all of them.
    let short = scalar::single(n as f32);
    if short == n || f64::from(n as f32) == n {
        return Ok(Value::Float(short));
    }
    Err(Failure::Bounds("has more digits than a number of single precision holds".to_owned()))
}

fn octets(text: &Str) -> Result<Value, Failure> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let read = GeneralPurpose::new(alphabet, config).decode(text.as_bytes());
    read.map(|bytes| Value::Bytes(bytes.into())).map_err(|_| Failure::Form("is not base64".to_owned()))
}
