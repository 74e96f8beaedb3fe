//! W3C Trace Context: which request or message this work belongs to.

use std::fmt;

use crate::Str;

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
        let mut parts = header.trim().split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let sizes = version.len() == 2 && trace.len() == 32 && span.len() == 16 && flags.len() == 2;
        let hex = [version, trace, span, flags]
            .iter()
            .all(|part| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        let excess = parts.next().is_some();
        if !sizes || !hex || version == "ff" || (version == "00" && excess) {
            return None;
        }
        let trace_id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let span_id = u64::from_str_radix(span, 16).ok().filter(|id| *id != 0)?;
        Some(Self { trace_id, span_id, flags: u8::from_str_radix(flags, 16).ok()? })
    }

    /// The context of work that this work causes: the same trace, another span.
    #[must_use]
    pub fn child(self, span_id: u64) -> Self {
        Self { span_id: span_id.max(1), ..self }
    }
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
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_standard_round_trips() {
        assert_eq!(TraceContext::parse(EXAMPLE).unwrap().to_string(), EXAMPLE);
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
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
    }
}
