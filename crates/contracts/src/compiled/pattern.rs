//! JSON Schema's regular expressions (ECMA-262) as linear-time ones of the `regex` crate.
//!
//! Where the two read the same text differently, the text is rewritten so that it means what ECMA-262 says: `\d` and
//! `\w` are ASCII, and a class has no nested classes or set operators.

use regex::{Regex, RegexBuilder};
use tenon_errors::{Report, catalogue::contract::BAD_PATTERN};

/// The most bytes that a compiled pattern may take.
const MAX_SIZE: usize = 1 << 20;

/// Compiles `pattern`; it matches anywhere in a text unless it is anchored.
///
/// # Errors
/// `C0005` if it is not a regular expression or could not be run in linear time.
pub(crate) fn compile(pattern: &str) -> Result<Regex, Report> {
    RegexBuilder::new(&translated(pattern)).size_limit(MAX_SIZE).build().map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Report::new(&BAD_PATTERN, format!("the pattern `{pattern}` cannot be run: {reason}"))
            .hint("write the pattern without look-around and back-references")
    })
}

fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut in_class = false;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escape(letters.next(), in_class, &mut out),
            '[' if !in_class => {
                in_class = true;
                out.push('[');
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '[' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

fn escape(letter: Option<char>, in_class: bool, out: &mut String) {
    let class = match letter {
        Some('d') => "0-9",
        Some('w') => "A-Za-z0-9_",
        Some('D') => "^0-9",
        Some('W') => "^A-Za-z0-9_",
        Some(letter) => {
            out.push('\\');
            out.push(letter);
            return;
        }
        None => {
            out.push('\\');
            return;
        }
    };
    // The regex crate allows a class in a class, which a negated one needs.
    let bare = in_class && !class.starts_with('^');
    out.push_str(if bare { "" } else { "[" });
    out.push_str(class);
    out.push_str(if bare { "" } else { "]" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_ecma_says() {
        let cases = [
            (r"^\d+$", "123", true),
            (r"^\d+$", "١٢٣", false),
            (r"^\w$", "ä", false),
            (r"^[\w.]+$", "a.b", true),
            (r"^[\W]$", "-", true),
            (r"^[^\d]$", "x", true),
            (r"^[a&&b]+$", "a&b", true),
            (r"^[[a]$", "[", true),
            (r"^\u0041\/$", "A/", true),
            (r"b", "abc", true),
            (r"^.$", "日", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(compile(pattern).unwrap().is_match(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_could_take_exponential_time_or_space_is_refused() {
        for pattern in [r"(?=a)b", r"(a)\1", "(", "[", r"\", "((a{1000}){1000}){1000}"] {
            assert_eq!(compile(pattern).unwrap_err().code().id, "C0005", "{pattern}");
        }
    }
}
