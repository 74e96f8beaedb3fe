//! Durations and sizes as a project writes them.

use std::time::Duration;

/// `400d`, `30s`, `250ms`: the largest unit that says it exactly.
pub(crate) fn duration(duration: Duration) -> String {
    const UNITS: &[(u128, &str)] = &[(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let millis = duration.as_millis();
    let unit = UNITS.iter().find(|(unit, _)| millis > 0 && millis.is_multiple_of(*unit));
    let (unit, name) = unit.copied().unwrap_or((1, "ms"));
    format!("{}{name}", millis / unit)
}

/// `1GiB`, `512KiB`, `100B`: the largest unit that says it exactly.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: &[(u64, &str)] = &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    let (unit, name) = unit.copied().unwrap_or((1, "B"));
    format!("{}{name}", bytes / unit)
}

/// `1 row`, `2 rows`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_exact_unit_is_used() {
        for (seconds, expected) in [(34_560_000, "400d"), (90, "90s"), (3_600, "1h"), (120, "2m"), (0, "0ms")]
        {
            assert_eq!(duration(Duration::from_secs(seconds)), expected);
        }
        assert_eq!(duration(Duration::from_millis(1_500)), "1500ms");
        assert_eq!([size(1 << 30), size(1536), size(100)], ["1GiB", "1536B", "100B"]);
        assert_eq!((count(1, "row"), count(0, "row")), ("1 row".to_owned(), "0 rows".to_owned()));
    }
}
