//! Whether dates with a time have a zone: what `explicitTimezone` and patterns say of it.
//!
//! `xs:dateTime` leaves it open, so its values are instants or local date-times. A pattern that only texts with a zone match, or only
//! texts without one, decides it; that is seen at the ends of what it matches.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};
use tenon_model::Value;

use super::Why;

/// The letters at the end that tell: a zone is `Z`, or a sign, two digits, a colon and two digits.
const LETTERS: usize = 6;
/// The most ends of a pattern that are looked at.
const MAX_TAILS: usize = 4_000;

/// Whether there is a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xsd) enum Zone {
    Optional,
    Required,
    Prohibited,
}

impl Zone {
    /// That `value` has a zone as it should.
    pub(super) fn check(self, value: &Value) -> Result<(), Why> {
        match (self, value) {
            (Self::Required, Value::LocalDateTime(_)) => {
                Err("has no zone, so it is not known which instant it is: write `Z` or an offset at its end"
                    .to_owned())
            }
            (Self::Prohibited, Value::Timestamp(_)) => Err("has a zone, and none is allowed".to_owned()),
            _ => Ok(()),
        }
    }

    /// What the dates with a time that match `pattern`, a regular expression for whole texts, have in common.
    pub(super) fn of_pattern(pattern: &str) -> Self {
        let Some(tails) = regex_syntax::parse(pattern).ok().and_then(|pattern| tails(&pattern)) else {
            return Self::Optional;
        };
        // Shorter texts are no dates.
        let tails = || tails.iter().filter(|tail| tail.letters.len() == LETTERS);
        let has_zone =
            |tail: &Tail| tail.letters[LETTERS - 1] == Letter::Z || tail.letters[0] == Letter::SIGN;
        let has_none = |tail: &Tail| {
            !tail.letters[LETTERS - 1].may_be(Letter::Z) && !tail.letters[0].may_be(Letter::SIGN)
        };
        if tails().next().is_none() {
            Self::Optional
        } else if tails().all(has_zone) {
            Self::Required
        } else if tails().all(has_none) {
            Self::Prohibited
        } else {
            Self::Optional
        }
    }
}

/// What a letter may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Letter(u8);

impl Letter {
    const Z: Letter = Letter(1);
    const SIGN: Letter = Letter(2);
    const OTHER: Letter = Letter(4);

    fn of(c: char) -> Self {
        match c {
            'Z' => Self::Z,
            '+' | '-' => Self::SIGN,
            _ => Self::OTHER,
        }
    }

    fn may_be(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The last letters of what a part matches, and whether there are no more before them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tail {
    letters: Vec<Letter>,
    is_whole: bool,
}

fn tails(pattern: &Hir) -> Option<Vec<Tail>> {
    let empty = || vec![Tail { letters: Vec::new(), is_whole: true }];
    let found = match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => empty(),
        HirKind::Literal(text) => {
            let text = std::str::from_utf8(&text.0).ok()?;
            text.chars().try_fold(empty(), |before, c| {
                behind(&before, &[Tail { letters: vec![Letter::of(c)], is_whole: true }])
            })?
        }
        HirKind::Class(class) => {
            let is_in = |c: char| match class {
                Class::Unicode(class) => {
                    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c))
                }
                Class::Bytes(_) => true,
            };
            let marks = u8::from(is_in('Z')) | u8::from(is_in('+') || is_in('-')) << 1;
            let of_marks = ['Z', '+', '-'].into_iter().filter(|c| is_in(*c)).count();
            let size: usize = match class {
                Class::Unicode(class) => class.ranges().iter().map(ClassUnicodeRange::len).sum(),
                Class::Bytes(_) => usize::MAX,
            };
            let other = if size > of_marks { Letter::OTHER.0 } else { 0 };
            vec![Tail { letters: vec![Letter(marks | other)], is_whole: true }]
        }
        HirKind::Repetition(repetition) => {
            let unit = tails(&repetition.sub)?;
            let enough = u32::try_from(LETTERS).ok()?;
            let least = repetition.min.min(enough);
            let most = repetition.max.unwrap_or(enough).clamp(least, enough.max(least));
            let mut rounds = empty();
            for _ in 0..least {
                rounds = behind(&rounds, &unit)?;
            }
            let mut all = rounds.clone();
            for _ in least..most {
                rounds = behind(&rounds, &unit)?;
                all.extend(rounds.iter().cloned());
            }
            all
        }
        HirKind::Capture(capture) => tails(&capture.sub)?,
        HirKind::Concat(parts) => {
            let mut after = empty();
            for part in parts.iter().rev() {
                if after.iter().all(|tail| !tail.is_whole) {
                    break;
                }
                after = behind(&tails(part)?, &after)?;
            }
            after
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(tails(part)?);
            }
            all
        }
    };
    (found.len() <= MAX_TAILS).then_some(found)
}

/// The ends of what ends with `first` and then `second`; `None` if they are too many.
fn behind(first: &[Tail], second: &[Tail]) -> Option<Vec<Tail>> {
    let mut all: Vec<Tail> = Vec::new();
    for tail in second {
        if !tail.is_whole {
            all.push(tail.clone());
            continue;
        }
        for before in first {
            let letters = [&before.letters[..], &tail.letters[..]].concat();
            let cut = letters.len().saturating_sub(LETTERS);
            let is_whole = before.is_whole && cut == 0;
            let joined = Tail { letters: letters[cut..].to_vec(), is_whole };
            if !all.contains(&joined) {
                all.push(joined);
            }
            if all.len() > MAX_TAILS {
                return None;
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xsd::simple::Pattern;

    #[test]
    fn patterns_tell_whether_there_is_a_zone() {
        let cases = [
            (r".*Z", Zone::Required),
            (r".+T.+(Z|[+\-]\d\d:\d\d)", Zone::Required),
            (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-][0-9]{2}:[0-9]{2})", Zone::Required),
            (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?", Zone::Prohibited),
            (r".*T[0-9]{2}:[0-9]{2}:[0-9]{2}", Zone::Prohibited),
            (r".*T[0-9]{2}:[0-9]{2}:[0-9]{2}Z?", Zone::Optional),
            (r".*", Zone::Optional),
            (r"20.*", Zone::Optional),
            (r"[\d:T.-]+", Zone::Optional),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Pattern::new(&[pattern]).unwrap().zone(), expected, "{pattern}");
        }
    }
}
