//! Values that carry units, as they are written in a project.

use std::time::Duration;

use tenon_model::units::{self, Rate};

/// A kind of value with a unit.
#[derive(Clone, Copy)]
pub(crate) struct Unit {
    /// What it is, as in "`5` is not **a duration with its unit**".
    pub(crate) what: &'static str,
    /// How to write one.
    pub(crate) hint: &'static str,
    /// Whether a text is one.
    pub(crate) fits: fn(&str) -> bool,
}

/// `250ms`, `5s`, `2m`, `1h`, `7d`.
pub(crate) const DURATION: Unit = Unit {
    what: "a duration with its unit",
    hint: "write a whole number and `ms`, `s`, `m`, `h` or `d`, for example `30s`",
    fits: |text| units::duration(text).is_some(),
};

/// `200ms..1m`.
pub(crate) const DURATION_RANGE: Unit = Unit {
    what: "a range of durations",
    hint: "write the shorter and the longer one, for example `200ms..1m`",
    fits: |text| duration_range(text).is_some(),
};

/// `512KiB`, `2MiB`, `1GiB`.
pub(crate) const SIZE: Unit = Unit {
    what: "a size with its unit",
    hint: "write a whole number and `B`, `KiB`, `MiB` or `GiB`, for example `2MiB`",
    fits: |text| units::size(text).is_some(),
};

/// `50%`.
pub(crate) const SHARE: Unit = Unit {
    what: "a share",
    hint: "write a number above 0 and up to 100, and `%`, for example `20%`",
    fits: |text| units::share(text).is_some(),
};

/// `100/s`, `10/m per client`.
pub(crate) const RATE: Unit = Unit {
    what: "a rate with its unit",
    hint: "write a whole number over `s`, `m`, `h` or `d`, for example `100/s` or `100/s per client`",
    fits: |text| rate(text).is_some(),
};

/// Reads `200ms..1m`: the first is not longer than the second.
pub(crate) fn duration_range(text: &str) -> Option<(Duration, Duration)> {
    let (first, second) = text.split_once("..")?;
    let range = (units::duration(first.trim())?, units::duration(second.trim())?);
    (range.0 <= range.1).then_some(range)
}

/// Reads `100/s` or `100/s per client`, and whether each client counts for itself.
pub(crate) fn rate(text: &str) -> Option<(Rate, bool)> {
    match text.trim().strip_suffix(" per client") {
        Some(rate) => Some((units::rate(rate.trim())?, true)),
        None => Some((units::rate(text.trim())?, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_go_upwards() {
        assert_eq!(duration_range("200ms..1m"), Some((Duration::from_millis(200), Duration::from_secs(60))));
        for bad in ["1m..200ms", "1m", "..1m", "1m..", "1..2"] {
            assert_eq!(duration_range(bad), None, "{bad}");
        }
    }

    #[test]
    fn rates_may_count_each_client() {
        assert_eq!(rate("100/s per client").map(|(rate, each)| (rate.count, each)), Some((100, true)));
        assert_eq!(rate("100/s").map(|(rate, each)| (rate.count, each)), Some((100, false)));
        for bad in ["100/s per user", "per client", "100 per client"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }
}
