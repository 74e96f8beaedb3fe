//! The members of an enumeration, found without looking at each.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Str, Value};

use crate::{canonical, json, number::Number};

/// Up to this many members are compared one by one.
const SCAN_LIMIT: usize = 16;

/// The members of an enumeration, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    values: Arc<[Value]>,
    /// The members that JSON writes as text, by that text, in its order.
    texts: Vec<(Str, usize)>,
    /// Where there are many: all of them by their canonical form, in its order.
    forms: Vec<(Vec<u8>, usize)>,
}

impl Members {
    pub(super) fn new(values: &Arc<[Value]>) -> Self {
        let mut texts: Vec<(Str, usize)> = Vec::new();
        let mut forms = Vec::new();
        for (position, value) in values.iter().enumerate() {
            let text = value.as_str().map(Str::new).or_else(|| json::text_of(value).map(Str::from));
            texts.extend(text.map(|text| (text, position)));
            if values.len() > SCAN_LIMIT {
                forms.push((canonical::canonical(value), position));
            }
        }
        texts.sort();
        forms.sort();
        Self { values: Arc::clone(values), texts, forms }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.values.iter()
    }

    /// The member that JSON writes as this text.
    pub(crate) fn by_text(&self, text: &str) -> Option<&Value> {
        let found = self.texts.binary_search_by(|(member, _)| member.as_str().cmp(text)).ok()?;
        Some(&self.values[self.texts[found].1])
    }

    /// What a number is as a member; `None` if it equals none. A decimal keeps its zeros, as it does where there is no list.
    ///
    /// # Errors
    /// `D0106` beyond the bounds of decimals.
    pub(crate) fn by_number<T: AsRef<str>>(&self, number: &Number<T>) -> Result<Option<Value>, Report> {
        match self.by_value(&number.to_value()?) {
            Some(Value::Decimal(_)) => number.to_decimal().map(|number| Some(Value::from(number))),
            member => Ok(member.cloned()),
        }
    }

    /// The member that equals `value`, numbers by their value.
    pub(crate) fn by_value(&self, value: &Value) -> Option<&Value> {
        if self.forms.is_empty() {
            return self.values.iter().find(|member| canonical::equal(member, value));
        }
        let form = canonical::canonical(value);
        let found = self.forms.binary_search_by(|(member, _)| member.cmp(&form)).ok()?;
        Some(&self.values[self.forms[found].1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_among_few_and_many() {
        for count in [3, 1_000] {
            let values: Arc<[Value]> =
                (0..count).flat_map(|n| [Value::Int(n), Value::from(format!("t{n}"))]).collect();
            let members = Members::new(&values);
            assert_eq!(members.by_value(&Value::Float(2.0)), Some(&Value::Int(2)));
            assert_eq!(members.by_value(&Value::from("t1")), Some(&Value::from("t1")));
            assert_eq!(members.by_text("t0"), Some(&Value::from("t0")));
            assert_eq!(members.by_text("2"), None);
            assert_eq!(members.by_value(&Value::Int(count)), None);
        }
    }
}
