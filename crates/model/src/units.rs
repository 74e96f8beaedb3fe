//! Durations, sizes and rates as users write them: always with their unit.

use std::time::Duration;

/// The longest duration, about a century: far enough for everything, and within what every clock and cache can count.
const LONGEST: Duration = Duration::from_secs(36_500 * 86_400);

/// Reads a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, of at most `36500d`.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis).filter(|length| *length <= LONGEST)
}

/// Reads a size in bytes such as `512KiB`, `2MiB` or `1GiB`.
#[must_use]
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let bytes = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes)
}

/// Reads a share such as `50%` or `2.5%`, above nothing and at most all: from 0 to 1.
#[must_use]
pub fn share(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?;
    let is_decimal = number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: f64 = is_decimal.then(|| number.parse().ok())??;
    (percent > 0.0 && percent <= 100.0).then_some(percent / 100.0)
}

/// So many in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many, at least 1.
    pub count: u32,
    /// In which length of time.
    pub per: Duration,
}

/// Reads a rate such as `100/s`, `10/m`, `5/h` or `1000/d`.
#[must_use]
pub fn rate(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let per = duration(&format!("1{}", unit.trim()))?;
    let count: u32 = digits(count.trim())?.try_into().ok()?;
    (count > 0 && unit.trim() != "ms").then_some(Rate { count, per })
}

fn split(text: &str) -> Option<(u64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    Some((digits(&text[..at])?, &text[at..]))
}

fn digits(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_required() {
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("7d"), Some(Duration::from_secs(604_800)));
        assert_eq!(size("2MiB"), Some(2 << 20));
        assert_eq!(rate("100/s"), Some(Rate { count: 100, per: Duration::from_secs(1) }));
        assert_eq!(duration("36500d"), Some(LONGEST));
        for bad in ["", "5", "s", "-1s", "1.5s", "5 s", "5MB", "36501d", "99999999999999999999s"] {
            assert_eq!(duration(bad), None, "{bad}");
            assert_eq!(size(bad), None, "{bad}");
        }
        assert_eq!((share("50%"), share("2.5%"), share("100%")), (Some(0.5), Some(0.025), Some(1.0)));
        for bad in ["50", "0%", "101%", "%", ".5%", "5.%", "1.2.3%", "1e1%", "-5%", "NaN%", "inf%", " 5%"] {
            assert_eq!(share(bad), None, "{bad}");
        }
        for bad in ["100", "0/s", "/s", "x/s", "5/ms", "5/y"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }
}
