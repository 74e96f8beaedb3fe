//! W3C Trace Context: which request or message this work belongs to.

use std::fmt;

use crate::{Short, Str};

/// The `traceparent` of a piece of work (W3C Trace Context, section 3.2): version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// 16 bytes, not all zero.
    pub trace_id: u128,
    /// 8 bytes, not all zero.
    pub span_id: u64,
    /// The trace flags; bit 0 is `sampled`.
    pub flags: u8,
}

impl TraceContext {
    /// Reads a `traceparent` header. Anything malformed counts as absent, as section 3.2.2 asks.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (known, rest) = header.trim().as_bytes().split_at_checked(55)?;
        let [version, trace_high, trace_low, span_id, flags] =
            [&known[..2], &known[3..19], &known[19..35], &known[36..52], &known[53..]].map(hexadecimal);
        let (version, flags) = (version?, flags?);
        let is_parted = [2, 35, 52].iter().all(|at| known[*at] == b'-');
        let is_whole = rest.is_empty() || (version > 0 && rest[0] == b'-');
        if !is_parted || !is_whole || version == 0xff {
            return None;
        }
        let trace_id = (u128::from(trace_high?) << 64) | u128::from(trace_low?);
        let span_id = span_id.filter(|id| *id != 0)?;
        (trace_id != 0).then_some(Self { trace_id, span_id, flags: flags as u8 })
    }

    /// The header.
    #[must_use]
    pub fn header(self) -> Str {
        self.short().into()
    }

    fn short(self) -> Short<55> {
        let ids = Short::default().text("00-").hex(self.trace_id, 32).text("-").hex(self.span_id.into(), 16);
        ids.text("-").hex(self.flags.into(), 2)
    }

    /// The context of work that this work causes: the same trace, another span.
    #[must_use]
    pub fn child(self, span_id: u64) -> Self {
        Self { span_id: span_id.max(1), ..self }
    }
}

/// The number that at most 16 digits stand for, which are lower case.
fn hexadecimal(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some((number << 4) | u64::from(digit))
    })
}

/// The longest `tracestate` that is passed on, and the entries that go first where it is longer.
const LONGEST_STATE: usize = 512;
const LONG_ENTRY: usize = 128;
/// The most entries of a `tracestate`.
const MOST_ENTRIES: usize = 32;

/// What other systems note about a trace, from the values of the `tracestate` headers in order (W3C Trace Context, section
/// 3.3): passed on as it is, without the entries beyond 512 characters. Anything malformed counts as absent.
#[must_use]
pub fn trace_state<'v>(values: impl IntoIterator<Item = &'v str>) -> Option<Str> {
    let entries = values.into_iter().flat_map(|value| value.split(',')).map(str::trim);
    let mut entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).take(MOST_ENTRIES + 1).collect();
    if entries.is_empty() || entries.len() > MOST_ENTRIES || !entries.iter().all(|entry| is_entry(entry)) {
        return None;
    }
    let length = |entries: &[&str]| entries.iter().map(|entry| entry.len() + 1).sum::<usize>() - 1;
    while !entries.is_empty() && length(&entries) > LONGEST_STATE {
        let long = entries.iter().rposition(|entry| entry.len() > LONG_ENTRY);
        entries.remove(long.unwrap_or(entries.len() - 1));
    }
    (!entries.is_empty()).then(|| entries.join(",").into())
}

/// `key=value`, in the characters that section 3.3.1.3 allows.
fn is_entry(entry: &str) -> bool {
    let Some((key, value)) = entry.split_once('=') else { return false };
    let in_key = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/@".contains(&b);
    let starts = key.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    starts && key.bytes().all(in_key) && value.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=')
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_standard_round_trips() {
        let read = TraceContext::parse(EXAMPLE).unwrap();
        assert_eq!((read.to_string().as_str(), read.header().as_str()), (EXAMPLE, EXAMPLE));
        // What a later version adds is not known, and what it begins with is.
        let later = format!(" cc{}-extra", &EXAMPLE[2..]);
        assert_eq!(TraceContext::parse(&later), Some(read));
    }

    #[test]
    fn a_trace_state_is_passed_on_within_its_bounds() {
        let (long, many) = (format!("long={}", "x".repeat(200)), format!("a={},", "y".repeat(98)).repeat(6));
        for (values, expected) in [
            (
                &["congo=t61rcWkgMzE, rojo=00f067aa0ba902b7"][..],
                Some("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
            ),
            (&["a=1", "", "t@v=2,"], Some("a=1,t@v=2")),
            (&[""], None),
            (&["a"], None),
            (&["A=1"], None),
            (&["a=1=2"], None),
            (&["a=\u{e4}"], None),
        ] {
            assert_eq!(trace_state(values.iter().copied()).as_deref(), expected, "{values:?}");
        }
        let kept = trace_state([many.as_str()]).unwrap();
        assert_eq!((kept.len(), kept.split(',').count()), (504, 5));
        let kept = trace_state([long.as_str(), &many[..400], "z=1"]).unwrap();
        assert!(!kept.contains("long=") && kept.ends_with("z=1"), "long entries go first: {kept}");
        assert_eq!(trace_state([format!("a={}", "b".repeat(600)).as_str()]), None);
        assert_eq!(trace_state(["a=1,".repeat(33).as_str()]), None);
    }

    #[test]
    fn malformed_headers_count_as_absent() {
        for bad in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01extra",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7a-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
    }
}
