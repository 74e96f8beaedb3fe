//! One value from one text.

use tenon_errors::Report;
use tenon_model::{Decimal, Shape, Value};

use crate::{
    compiled::{Check, Compiled, Members, NodeId, check_decimal, check_float},
    json,
    number::{self, Number},
    reading,
    violation::{Failure, Found, Path},
};

/// What `text` stands for in a query parameter or path segment of `shape`. For a shape that is used more than once
/// [`ScalarDecoder`] does the same without compiling it each time.
///
/// # Errors
/// Those of [`ScalarDecoder::new`] and [`ScalarDecoder::decode`].
pub fn scalar(text: &str, shape: &Shape) -> Result<Value, Report> {
    ScalarDecoder::new(shape)?.decode(text)
}

/// Reads single texts by a shape.
#[derive(Debug)]
pub struct ScalarDecoder(Compiled);

impl ScalarDecoder {
    /// A decoder for texts that stand for values of `shape`.
    ///
    /// # Errors
    /// `C0001` if the shape refers to what is not defined, `C0005` if a pattern cannot be run.
    pub fn new(shape: &Shape) -> Result<Self, Report> {
        Compiled::new(shape).map(Self)
    }

    /// What `text` stands for. ASCII blanks around it do not count, except for text. Integers are an optional sign and
    /// digits, numbers may have a fraction and an exponent, bools are `true`, `false`, `1` and `0`, the other kinds are
    /// as in JSON. Where the contract is open, the text stays text. Of alternatives the one counts that would be written
    /// as it stands here, whatever their order: `00501` is text where it may be text, and a number only where it may not.
    ///
    /// # Errors
    /// `D0004` to `D0006` with the value.
    pub fn decode(&self, text: &str) -> Result<Value, Report> {
        self.0
            .read_scalar(self.0.root, text)
            .map_err(|failure| failure.report(&Found::Text(text), &Path::ROOT))
    }
}

impl Compiled {
    /// What `text` stands for at node `id`. Allocates only for the value.
    pub(super) fn read_scalar(&self, id: NodeId, text: &str) -> Result<Value, Failure> {
        let value = self.read_by_kind(id, text)?;
        for refinement in &self.node(id).refinements {
            let breaches = refinement.rule().check(&json::to_string(&value), 1).map_err(Failure::Bounds)?;
            if let Some(breach) = breaches.into_iter().next() {
                return Err(Failure::Bounds(breach.message));
            }
        }
        Ok(value)
    }

    fn read_by_kind(&self, id: NodeId, text: &str) -> Result<Value, Failure> {
        let node = self.node(id);
        if matches!(node.check, Check::Text(_) | Check::Any) {
            return match node.read_text(text) {
                Some(value) => value,
                None => Ok(Value::from(text)),
            };
        }
        match &node.check {
            Check::Enum(members) => return read_member(members, text).ok_or_else(|| node.not_a_member()),
            Check::Union(_) => {
                let mut choice = Choice::of(text);
                self.offer(id, &mut choice);
                return choice.best.map(|(_, value)| value).ok_or_else(|| node.wrong_kind());
            }
            _ => {}
        }
        let text = trimmed(text);
        match &node.check {
            Check::Int(range) => {
                let n = read_integer(text).ok_or_else(|| node.wrong_kind())?;
                let value = number::integer(n)
                    .ok_or_else(|| Failure::Bounds("does not fit into a 64-bit integer".to_owned()))?;
                range.check_large(n).map(|()| value)
            }
            Check::Float(range) => {
                let n = read_float(text).ok_or_else(|| node.wrong_kind())?;
                number::check_kept(text, n)?;
                check_float(range, n).map(|()| Value::Float(n))
            }
            Check::Decimal(range) => {
                let n = read_decimal(text).ok_or_else(|| node.wrong_kind())??;
                check_decimal(range, &n).map(|()| Value::from(n))
            }
            Check::Bool => read_bool(text).map(Value::Bool).ok_or_else(|| node.wrong_kind()),
            _ => node.read_text(text).unwrap_or_else(|| Err(node.wrong_kind())),
        }
    }

    /// Offers every reading of a text that the alternatives of node `id` have.
    fn offer(&self, id: NodeId, choice: &mut Choice<'_>) {
        match &self.node(id).check {
            Check::Union(union) => {
                union.variants.iter().for_each(|(_, variant)| self.offer(*variant, choice));
            }
            _ => {
                if let Ok(value) = self.read_scalar(id, choice.text) {
                    choice.offer(value);
                }
            }
        }
    }

    /// Whether blanks around a text belong to it at node `id`.
    pub(super) fn keeps_blanks(&self, id: NodeId) -> bool {
        match &self.node(id).check {
            Check::Text(_) | Check::Any => true,
            Check::Union(union) => union.variants.iter().any(|(_, variant)| self.keeps_blanks(*variant)),
            _ => false,
        }
    }

    /// Whether one text can stand for a value of node `id` at all.
    pub(super) fn is_scalar(&self, id: NodeId) -> bool {
        match &self.node(id).check {
            Check::List { .. } | Check::Map { .. } | Check::Record(_) => false,
            Check::Union(union) => union.variants.iter().any(|(_, variant)| self.is_scalar(*variant)),
            _ => true,
        }
    }
}

/// One of several readings of a text: the one that would be written as the text is.
struct Choice<'t> {
    text: &'t str,
    best: Option<(Fit, Value)>,
}

/// How well a reading fits its text, best first. Readings that fit equally well are told apart by their kind, text last,
/// since everything is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    form: Form,
    kind: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// It is written as the text is.
    Same,
    /// It is, but for blanks around it.
    Trimmed,
    /// It is written in another way: `1` for `01`.
    Other,
}

impl<'t> Choice<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, best: None }
    }

    fn offer(&mut self, value: Value) {
        let form = if is_written_as(&value, self.text) {
            Form::Same
        } else if is_written_as(&value, trimmed(self.text)) {
            Form::Trimmed
        } else {
            Form::Other
        };
        let kind = reading::rank(&value);
        let fit = Fit { form, kind };
        if self.best.as_ref().is_none_or(|(best, _)| fit < *best) {
            self.best = Some((fit, value));
        }
    }
}

/// Whether `text` is how `value` is written.
fn is_written_as(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own.as_str() == text,
        Value::Float(_) => reading::is_double_written_as(value, text),
        other => json::text_of(other).unwrap_or_else(|| json::to_string(other)) == text,
    }
}

#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let bytes = text.as_bytes();
    if bytes.first().is_some_and(blank) || bytes.last().is_some_and(blank) {
        text.trim_matches([' ', '\t'])
    } else {
        text
    }
}

/// An optional sign and digits. Numbers of more than 38 digits saturate, which is beyond every range as well.
fn read_integer(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.first()? {
        b'-' => (true, &bytes[1..]),
        b'+' => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    if digits.is_empty() {
        return None;
    }
    let magnitude = if digits.len() <= 18 { small(digits)? } else { large(digits)? };
    Some(if negative { -magnitude } else { magnitude })
}

fn small(digits: &[u8]) -> Option<i128> {
    let mut sum = 0i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum = sum * 10 + i64::from(digit);
    }
    Some(i128::from(sum))
}

fn large(digits: &[u8]) -> Option<i128> {
    digits.iter().try_fold(0i128, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| sum.saturating_mul(10).saturating_add(i128::from(digit)))
    })
}

fn read_float(text: &str) -> Option<f64> {
    if !is_number(text) {
        return None;
    }
    text.parse().ok()
}

/// `None` if it is not a number; a failure if it is one that cannot be kept.
fn read_decimal(text: &str) -> Option<Result<Decimal, Failure>> {
    if !is_number(text) {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    Some(text.parse().map_err(|_| Failure::Bounds("has more digits than can be kept exactly".to_owned())))
}

/// Optional sign, digits, optional fraction, optional exponent: as in JSON, but leading zeros and `+` are allowed.
fn is_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let digits = |at: &mut usize| {
        let start = *at;
        while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        *at > start
    };
    if !digits(&mut at) {
        return false;
    }
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        if !digits(&mut at) {
            return false;
        }
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        if !digits(&mut at) {
            return false;
        }
    }
    at == bytes.len()
}

fn read_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The member of an enumeration that `text` stands for: text as it is, everything else as JSON writes it.
fn read_member(members: &Members, text: &str) -> Option<Value> {
    let mut choice = Choice::of(text);
    for text in [text, trimmed(text)] {
        members.by_text(text).into_iter().for_each(|member| choice.offer(member.clone()));
    }
    let member = match trimmed(text) {
        "true" => members.by_value(&Value::Bool(true)).cloned(),
        "false" => members.by_value(&Value::Bool(false)).cloned(),
        text => {
            let number = Number::scan(text, 0).ok().filter(|number| number.text.len() == text.len());
            number.and_then(|number| members.by_number(&number).ok().flatten())
        }
    };
    member.into_iter().for_each(|member| choice.offer(member));
    choice.best.map(|(_, value)| value)
}
