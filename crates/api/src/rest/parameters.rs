//! Percent-encoded text in paths and queries.

use std::borrow::Cow;

use tenon_contracts::text;
use tenon_errors::{Report, catalogue::api::BAD_PARAMETER};
use tenon_model::{Shape, Value};

/// More parameters than this are refused, which bounds the work per request.
const MOST: usize = 128;

/// The name and value of a parameter.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The names and values of a query, decoded, in order. `+` is a blank, as forms encode it.
pub(crate) fn pairs(query: &str) -> Result<Vec<Pair<'_>>, Report> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    if parts.clone().nth(MOST).is_some() {
        return Err(Report::new(&BAD_PARAMETER, format!("the query has more than {MOST} parameters")));
    }
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// `text` without its percent-encoding.
pub(super) fn decode(text: &str, blanks: bool) -> Result<Cow<'_, str>, Report> {
    if !text.bytes().any(|byte| byte == b'%' || (blanks && byte == b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let malformed = || Report::new(&BAD_PARAMETER, format!("`{}` is not percent-encoded UTF-8", clip(text)));
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(bytes.next()), digit(bytes.next())) {
                    #[allow(clippy::cast_possible_truncation, reason = "two hexadecimal digits make a byte")]
                    (Some(high), Some(low)) => (high * 16 + low) as u8,
                    _ => return Err(malformed()),
                }
            }
            b'+' if blanks => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| malformed())
}

/// The value of parameter `name`, by the shape of the column that it stands for.
pub(crate) fn value(name: &str, text: &str, shape: &Shape) -> Result<Value, Report> {
    text::scalar(text, shape).map_err(|report| {
        let bad = bad(name, report.message().to_owned());
        match report.advice() {
            Some(hint) => bad.hint(hint),
            None => bad,
        }
    })
}

/// A problem with parameter `name`.
pub(super) fn bad(name: &str, message: impl Into<String>) -> Report {
    Report::new(&BAD_PARAMETER, format!("parameter `{}`: {}", clip(name), message.into()))
        .path(format!("/{}", clip(name)))
}

/// One report for all `reports`.
pub(super) fn together(mut reports: Vec<Report>) -> Report {
    if reports.len() == 1 {
        return reports.remove(0);
    }
    Report::new(&BAD_PARAMETER, format!("{} parameters are not valid", reports.len())).with_details(reports)
}

/// A part of a query as messages show it.
pub(super) fn clip(text: &str) -> Cow<'_, str> {
    tenon_errors::clip(text, 80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn queries_are_split_and_decoded() {
        let pairs = pairs("a=1&b[gte]=x%20y+z&c&&d=%C3%BC=").unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("a", "1"), ("b[gte]", "x y z"), ("c", ""), ("d", "ü=")]);
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for text in ["%", "%4", "%zz", "%ff", "a=%+1"] {
            assert!(decode(text, true).is_err(), "{text}");
        }
        assert!(pairs(&"a&".repeat(MOST + 1)).is_err());
        assert_eq!(decode("a+b", false).unwrap(), "a+b");
    }

    proptest! {
        #[test]
        fn decoding_never_panics(text in ".*") {
            let _ = decode(&text, true);
            let _ = pairs(&text);
        }
    }
}
