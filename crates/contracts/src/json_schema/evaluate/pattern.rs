//! Patterns as the evaluator runs them: in linear time where that can be, else with a bound on going back.

use tenon_errors::{Report, catalogue::contract::BAD_PATTERN};

use crate::compiled::{self, translated};

/// How often a match may go back before it is given up, which takes some milliseconds.
const MAX_BACKTRACKS: usize = 100_000;
/// The most bytes that the parts of a compiled pattern may take.
const MAX_SIZE: usize = 1 << 20;
/// The edges of ASCII words as look-around, since flags inside of patterns are not known to all parts of a pattern.
const EDGE: &str = "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))";
const NO_EDGE: &str = "(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))";

/// A pattern of ECMA-262, ready to run.
#[derive(Debug)]
pub(in crate::json_schema) enum Pattern {
    Linear(compiled::Pattern),
    /// With look-around or back-references.
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    /// # Errors
    /// `C0005` if it is not a regular expression.
    pub(in crate::json_schema) fn new(pattern: &str) -> Result<Self, Report> {
        let refused = match compiled::compile_pattern(pattern) {
            Ok(linear) => return Ok(Self::Linear(linear)),
            Err(report) => report,
        };
        if !has_backtracking_syntax(pattern) {
            return Err(refused);
        }
        let translated = translated(pattern).replace(r"(?-u:\b)", EDGE).replace(r"(?-u:\B)", NO_EDGE);
        let built = fancy_regex::RegexBuilder::new(&translated)
            .backtrack_limit(MAX_BACKTRACKS)
            .delegate_size_limit(MAX_SIZE)
            .build();
        built.map(|regex| Self::Backtracking(Box::new(regex))).map_err(|error| {
            Report::new(&BAD_PATTERN, format!("the pattern `{pattern}` cannot be run: {error}"))
                .hint("write a regular expression of ECMA-262")
        })
    }

    /// Whether it matches somewhere in `text`.
    ///
    /// # Errors
    /// That it went back too often.
    pub(in crate::json_schema) fn is_match(&self, text: &str) -> Result<bool, String> {
        match self {
            Self::Linear(pattern) => Ok(pattern.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|_| {
                format!(
                    "a pattern with look-around or back-references went back more than {MAX_BACKTRACKS} times"
                )
            }),
        }
    }
}

/// Whether the pattern has a group or an escape that only backtracking can run.
fn has_backtracking_syntax(pattern: &str) -> bool {
    let is_reference = |pair: &[u8]| pair[0] == b'\\' && (matches!(pair[1], b'1'..=b'9') || pair[1] == b'k');
    ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| pattern.contains(group))
        || pattern.as_bytes().windows(2).any(is_reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_around_and_back_references_mean_what_ecma_262_says() {
        let cases = [
            ("^(?!foo)", "foobar", false),
            ("^(?!foo)", "barfoo", true),
            (r"^(?=.*\d)(?=.*[a-z]).{4,}$", "abc1", true),
            (r"^(?=.*\d)(?=.*[a-z]).{4,}$", "abcd", false),
            (r"(?<=a)b", "ab", true),
            (r"(?<!a)b", "ab", false),
            (r"^(a|b)\1$", "aa", true),
            (r"^(a|b)\1$", "ab", false),
            (r"^(?<q>['])x\k<q>$", "'x'", true),
            (r"\bcaf\b(?!e)", "caf\u{e9}", true),
            (r"^(?!\s)", "\u{feff}", false),
            ("^[a-z]+$", "abc", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::new(pattern).unwrap().is_match(text), Ok(expected), "{pattern} on {text:?}");
        }
    }

    #[test]
    fn going_back_is_bounded() {
        let pattern = Pattern::new("^(?=(a+)+$)(a|aa)+$(?<!b)").unwrap();
        let text = format!("{}b", "a".repeat(5_000));
        assert!(
            pattern.is_match(&text).is_err_and(|why| why.contains("went back"))
                || !pattern.is_match(&text).unwrap()
        );
        let pattern = Pattern::new(r"^(a*)*\1$").unwrap();
        assert!(pattern.is_match(&text).is_err());
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["(", "(?=a", "[z-a]", r"(?!a)\2"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
