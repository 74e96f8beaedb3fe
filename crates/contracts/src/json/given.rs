//! The tokens of a value that is there already, as if it were written as JSON.

use std::{borrow::Cow, slice};

use tenon_errors::{Report, catalogue::data::BAD_JSON};
use tenon_model::{Key, Str, Value};

use super::{decode::Limits, text_of, to_string, tokens::Tokens};
use crate::{
    compiled::{Integers, RecordCheck},
    number::Number,
};

/// A position in a value.
#[derive(Clone)]
pub(super) struct Given<'v> {
    /// The value here.
    value: &'v Value,
    /// Its name, where it is that of a field whose name was not taken yet.
    name: Option<&'v Key>,
    /// What follows in the lists and objects that are open.
    open: Vec<Rest<'v>>,
    read: usize,
}

#[derive(Clone)]
enum Rest<'v> {
    Items(slice::Iter<'v, Value>),
    Entries(slice::Iter<'v, (Key, Value)>),
}

impl<'v> Given<'v> {
    pub(super) fn new(value: &'v Value) -> Self {
        Self { value, name: None, open: Vec::new(), read: 0 }
    }

    /// Goes to what follows in the innermost list or object; `false` at its end.
    fn advance(&mut self) -> bool {
        self.read += 1;
        let next = match self.open.last_mut() {
            Some(Rest::Items(items)) => items.next().map(|value| (None, value)),
            Some(Rest::Entries(entries)) => entries.next().map(|(name, value)| (Some(name), value)),
            None => None,
        };
        match next {
            Some((name, value)) => (self.name, self.value) = (name, value),
            None => drop(self.open.pop()),
        }
        next.is_some()
    }

    fn text(&mut self, text: Cow<'v, str>) -> Cow<'v, str> {
        self.read += text.len();
        text
    }

    /// Nobody asks for what is not here.
    #[cold]
    fn unexpected(&self, expected: &str) -> Report {
        Report::new(&BAD_JSON, format!("expected {expected}, found {}", self.value.kind_name()))
    }
}

impl<'v> Tokens for Given<'v> {
    type Text = Cow<'v, str>;
    type Digits = Str;

    fn peek(&self) -> Option<u8> {
        Some(match self.value {
            Value::Null => b'n',
            Value::Bool(true) => b't',
            Value::Bool(false) => b'f',
            // JSON has no numbers that are not finite.
            Value::Float(n) if !n.is_finite() => b'n',
            Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) => b'0',
            Value::List(_) => b'[',
            Value::Map(_) => b'{',
            Value::String(_)
            | Value::Bytes(_)
            | Value::Timestamp(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::LocalDateTime(_)
            | Value::Duration(_)
            | Value::Period(_)
            | Value::Uuid(_) => b'"',
        })
    }

    fn skip_space(&mut self) -> Option<u8> {
        self.peek()
    }

    fn word(&mut self, word: &'static str) -> Result<(), Report> {
        self.read += word.len();
        Ok(())
    }

    fn integer(&mut self, range: &Integers) -> Option<i64> {
        let Value::Int(n) = *self.value else { return None };
        self.read += 1;
        range.takes(n).then_some(n)
    }

    fn number(&mut self) -> Result<Number<Str>, Report> {
        let text = match self.value {
            Value::Int(n) => Str::new(itoa::Buffer::new().format(*n)),
            other => Str::from(to_string(other)),
        };
        self.read += text.len();
        Number::of(text).ok_or_else(|| self.unexpected("a number"))
    }

    fn string(&mut self) -> Result<Cow<'v, str>, Report> {
        let text = match self.value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(text_of(other).ok_or_else(|| self.unexpected("text"))?),
        };
        Ok(self.text(text))
    }

    fn enter(&mut self, _: u8) -> bool {
        self.open.push(match self.value {
            Value::Map(map) => Rest::Entries(map.entries().iter()),
            other => Rest::Items(other.as_list().unwrap_or_default().iter()),
        });
        self.advance()
    }

    fn field_name(&mut self) -> Result<Cow<'v, str>, Report> {
        let name = match self.name.take() {
            Some(Key::String(name)) => Cow::Borrowed(name.as_str()),
            Some(other) => Cow::Owned(other.to_string()),
            None => return Err(self.unexpected("a field name")),
        };
        Ok(self.text(name))
    }

    fn near(&mut self, record: &RecordCheck, next: usize) -> Option<usize> {
        let name = self.name.and_then(Key::as_str)?;
        let fields = record.fields.get(next..)?.iter().take(3);
        let found = fields.enumerate().find(|(_, field)| field.name() == name)?.0;
        (self.name, self.read) = (None, self.read + name.len());
        Some(next + found)
    }

    fn goes_on(&mut self, _: u8) -> Result<bool, Report> {
        Ok(self.advance())
    }

    fn skip_value(&mut self, depth: usize, limits: &Limits) -> Result<(), Report> {
        self.read += check_depth(self.value, depth, limits)?;
        Ok(())
    }

    fn read(&self) -> usize {
        self.read
    }

    fn since(&self, start: &Self) -> Cow<'v, str> {
        Cow::Owned(to_string(start.value))
    }
}

/// How many values are in a value, itself among them, which is held against the limit of levels.
fn check_depth(value: &Value, depth: usize, limits: &Limits) -> Result<usize, Report> {
    let mut count = 1;
    match value {
        Value::List(items) => {
            limits.check_depth(depth)?;
            for item in items.iter() {
                count += check_depth(item, depth + 1, limits)?;
            }
        }
        Value::Map(map) => {
            limits.check_depth(depth)?;
            for (_, item) in map.iter() {
                count += check_depth(item, depth + 1, limits)?;
            }
        }
        _ => {}
    }
    Ok(count)
}
