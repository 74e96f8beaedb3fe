//! Single values by their contract.

use tenon_errors::Report;
use tenon_model::{Decimal, Value};

use super::{
    decode::{Decoding, Stop},
    tokens::Tokens,
};
use crate::{
    compiled::{Check, Members, Node, check_decimal, check_float},
    number::{self, Number, Whole},
    violation::{Failure, Found, Path},
};

impl<S: Tokens> Decoding<'_, S> {
    /// Decodes the value here by `node`, which is neither open nor a list, record, map, enumeration or union.
    #[inline]
    pub(super) fn scalar(&mut self, node: &Node, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        match (self.cursor.peek(), &node.check) {
            (Some(b't'), Check::Bool) => Ok(self.cursor.word("true").map(|()| Value::Bool(true))?),
            (Some(b'f'), Check::Bool) => Ok(self.cursor.word("false").map(|()| Value::Bool(false))?),
            (Some(b'"'), check) if is_text(check) => {
                let text = self.cursor.string()?;
                let text = text.as_ref();
                match node.read_text(text) {
                    Some(Ok(value)) => Ok(value),
                    Some(Err(failure)) => self.reject(|| failure, &Found::Text(text), path),
                    None => self.reject(|| node.wrong_kind(), &Found::Text(text), path),
                }
            }
            (Some(b'-' | b'0'..=b'9'), check @ (Check::Int(_) | Check::Float(_) | Check::Decimal(_))) => {
                let number = self.cursor.number()?;
                self.number(node, check, &number, path)
            }
            _ => self.wrong_kind(node, path, depth),
        }
    }

    fn number(
        &mut self,
        node: &Node,
        check: &Check,
        number: &Number<S::Digits>,
        path: &Path<'_>,
    ) -> Result<Value, Stop> {
        let found = Found::Token(number.text.as_ref());
        let located = |report| located(report, path);
        match check {
            Check::Int(range) => match number.to_whole().map_err(located)? {
                Whole::Small(n) => self.accept(Value::Int(n), range.check(n), &found, path),
                Whole::Integer(n) => match number::integer(n) {
                    Some(value) => self.accept(value, range.check_large(n), &found, path),
                    None => self.reject(too_large, &found, path),
                },
                Whole::Fraction => self.reject(|| node.wrong_kind(), &found, path),
                Whole::TooLarge => self.reject(too_large, &found, path),
            },
            Check::Float(range) => {
                let n = number.to_float().map_err(located)?;
                let checked =
                    number::check_kept(number.text.as_ref(), n).and_then(|()| check_float(range, n));
                self.accept(Value::Float(n), checked, &found, path)
            }
            Check::Decimal(range) => {
                let n: Decimal = number.to_decimal().map_err(located)?;
                let checked = check_decimal(range, &n);
                self.accept(Value::from(n), checked, &found, path)
            }
            _ => self.reject(|| node.wrong_kind(), &found, path),
        }
    }

    #[inline]
    fn accept(
        &mut self,
        value: Value,
        checked: Result<(), Failure>,
        found: &Found<'_>,
        path: &Path<'_>,
    ) -> Result<Value, Stop> {
        match checked {
            Ok(()) => Ok(value),
            Err(failure) => self.reject(|| failure, found, path),
        }
    }

    /// Decodes the value here, which has to be one of `members`. A decimal keeps the digits that it is written with.
    pub(super) fn member(
        &mut self,
        node: &Node,
        members: &Members,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        if self.cursor.peek() == Some(b'"') {
            let text = self.cursor.string()?;
            let text = text.as_ref();
            return match members.by_text(text) {
                Some(value) => Ok(value.clone()),
                None => self.reject(|| node.not_a_member(), &Found::Text(text), path),
            };
        }
        if let Some(b'-' | b'0'..=b'9') = self.cursor.peek() {
            let number = self.cursor.number()?;
            return match members.by_number(&number).map_err(|report| located(report, path))? {
                Some(value) => Ok(value),
                None => self.reject(|| node.not_a_member(), &Found::Token(number.text.as_ref()), path),
            };
        }
        let value = self.any(path, depth)?;
        match members.by_value(&value) {
            Some(value) => Ok(value.clone()),
            None => self.reject(|| node.not_a_member(), &Found::Value(&value), path),
        }
    }
}

fn is_text(check: &Check) -> bool {
    matches!(
        check,
        Check::Text(_)
            | Check::Bytes(_)
            | Check::Timestamp
            | Check::Date
            | Check::Time
            | Check::LocalDateTime
            | Check::Duration
            | Check::Period
            | Check::Uuid
    )
}

fn too_large() -> Failure {
    Failure::Bounds("does not fit into a 64-bit integer".to_owned())
}

fn located(report: Report, path: &Path<'_>) -> Report {
    report.path(path.pointer())
}
