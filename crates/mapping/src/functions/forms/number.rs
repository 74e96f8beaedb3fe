//! Forms of numbers: the number 1234.5 as the texts write it, `1.234,5` or `$1,234.5`.

use tenon_model::Decimal;

use super::{BadForm, check_length};

/// What stands around and between the digits of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::functions) struct NumberForm {
    /// What stands before the digits.
    before: String,
    /// What stands between groups of three digits.
    group: Option<char>,
    /// What stands before the digits of a fraction.
    point: Option<char>,
    /// What stands after the digits.
    after: String,
    minus: Minus,
    /// By how many digits the point is moved: by two for `%`.
    moved: usize,
}

/// How a number below zero is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Minus {
    /// `-1` and `-$1`.
    Before,
    /// `1-`
    After,
    /// `(1)`
    Parentheses,
}

const EXAMPLES: &str = "write the number 1234.5 as the texts write it, for example `1.234,5`, `1,234.5`, `1234,5` or `(1,234.5)`";

impl NumberForm {
    /// # Errors
    /// Where it is not the number 1234.5, or 1234, between texts.
    pub(in crate::functions) fn compile(form: &str) -> Result<Self, BadForm> {
        check_length(form)?;
        let bad = |why: &str| BadForm::new(format!("`{form}` is not a form of numbers: {why}"), EXAMPLES);
        let (before, rest) = form.split_at(form.find('1').ok_or_else(|| bad("it does not show 1234.5"))?);
        let (group, rest) = separated(&rest[1..], "234").ok_or_else(|| bad("it does not show 1234.5"))?;
        let (point, rest) = match separated(rest, "5") {
            Some((Some(point), rest)) => (Some(point), rest),
            _ => (None, rest),
        };
        if group.is_some_and(|group| !is_group(group)) {
            return Err(bad("groups are separated by a point, a comma, a space, an apostrophe or `_`"));
        }
        if point.is_some_and(|point| !matches!(point, '.' | ',')) {
            return Err(bad("a fraction follows a point or a comma"));
        }
        if group.is_some() && group == point {
            return Err(bad("groups and the fraction have the same separator"));
        }
        let (minus, before, after) = if before.starts_with('(') && rest.ends_with(')') {
            (Minus::Parentheses, &before[1..], &rest[..rest.len() - 1])
        } else if let Some(after) = rest.strip_prefix('-') {
            (Minus::After, before, after)
        } else {
            (Minus::Before, before.strip_prefix('-').unwrap_or(before), rest)
        };
        if [before, after].iter().any(|text| text.contains(|c: char| "()+-#".contains(c) || c.is_numeric())) {
            return Err(bad("there are other signs or digits around it"));
        }
        let moved = match after.trim_start_matches(is_space) {
            "%" => 2,
            "‰" => 3,
            _ => 0,
        };
        Ok(Self { before: before.to_owned(), group, point, after: after.to_owned(), minus, moved })
    }

    /// Whether what it stands for may have a fraction.
    pub(in crate::functions) fn has_fraction(&self) -> bool {
        self.point.is_some() || self.moved > 0
    }

    /// The number that a text of this form stands for.
    ///
    /// # Errors
    /// Why the text does not have the form.
    pub(in crate::functions) fn read(&self, text: &str) -> Result<Decimal, String> {
        let (negative, digits) = self.digits(text)?;
        let (whole, fraction) = match self.point.and_then(|point| digits.split_once(point)) {
            Some((_, fraction)) if !is_digits(fraction) => {
                return Err(format!("`{fraction}` is not the digits of a fraction"));
            }
            Some(parts) => parts,
            None => (digits, ""),
        };
        let mut plain = String::with_capacity(text.len() + 4);
        plain.push_str(if negative { "-" } else { "" });
        let mut groups = whole.split(|c: char| self.group.is_some_and(|group| is_same(group, c)));
        let first = groups.next().unwrap_or_default();
        if !is_digits(first) {
            return Err(if first.is_empty() {
                "there are no digits where the number begins".to_owned()
            } else {
                format!("`{first}` is not digits")
            });
        }
        plain.push_str(first);
        let mut is_grouped = false;
        for group in groups {
            if group.len() != 3 || !is_digits(group) {
                return Err(format!("`{group}` is not a group of three digits"));
            }
            plain.push_str(group);
            is_grouped = true;
        }
        if is_grouped && first.len() > 3 {
            return Err(format!("`{first}` is more than a group of three digits"));
        }
        if !fraction.is_empty() {
            plain.push('.');
            plain.push_str(fraction);
        }
        if self.moved > 0 {
            plain.push_str(&format!("e-{}", self.moved));
        }
        plain.parse::<Decimal>().map_err(|report| report.message().to_owned())
    }

    /// Whether the text is of a number below zero, and what of it is digits and their separators.
    fn digits<'t>(&self, text: &'t str) -> Result<(bool, &'t str), String> {
        let (mut negative, mut rest) = match (self.minus, text.strip_prefix('(')) {
            (Minus::Parentheses, Some(rest)) => {
                (true, rest.strip_suffix(')').ok_or("a parenthesis is not closed")?)
            }
            _ => (false, text),
        };
        let mut signed = false;
        let mut take_sign = |rest: &mut &'t str| {
            if let (Minus::Before, false, Some(sign)) =
                (self.minus, signed, rest.chars().next().filter(is_sign))
            {
                (signed, negative) = (true, sign != '+');
                *rest = &rest[sign.len_utf8()..];
            }
        };
        take_sign(&mut rest);
        rest =
            skipped(rest, &self.before).ok_or_else(|| format!("it does not begin with `{}`", self.before))?;
        take_sign(&mut rest);
        rest = cut(rest, &self.after).ok_or_else(|| format!("it does not end with `{}`", self.after))?;
        if let (Minus::After, Some(sign)) = (self.minus, rest.chars().next_back().filter(is_sign)) {
            negative = sign != '+';
            rest = &rest[..rest.len() - sign.len_utf8()];
        }
        Ok((negative, rest))
    }
}

/// What follows `digits`, and the character that separates them.
fn separated<'t>(text: &'t str, digits: &str) -> Option<(Option<char>, &'t str)> {
    if let Some(rest) = text.strip_prefix(digits) {
        return Some((None, rest));
    }
    let separator = text.chars().next()?;
    text[separator.len_utf8()..].strip_prefix(digits).map(|rest| (Some(separator), rest))
}

fn is_group(c: char) -> bool {
    is_space(c) || is_apostrophe(c) || matches!(c, '.' | ',' | '_')
}

/// A space, also one at which lines are not broken, or a thin one.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// A plus, or a minus as it is typed or typeset.
fn is_sign(c: &char) -> bool {
    matches!(c, '+' | '-' | '\u{2212}')
}

/// Whether `c` is what the form has: spaces and apostrophes are written in several ways.
fn is_same(form: char, c: char) -> bool {
    form == c || (is_space(form) && is_space(c)) || (is_apostrophe(form) && is_apostrophe(c))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What follows `start` in `text`.
fn skipped<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    start.chars().all(|form| rest.next().is_some_and(|c| is_same(form, c))).then_some(rest.as_str())
}

/// What precedes `end` in `text`.
fn cut<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    end.chars().rev().all(|form| rest.next_back().is_some_and(|c| is_same(form, c))).then_some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(form: &str, text: &str) -> Result<String, String> {
        NumberForm::compile(form).unwrap().read(text).map(|number| number.to_string())
    }

    #[test]
    fn numbers_are_read_as_their_form_writes_them() {
        let cases = [
            ("1.234,5", "1.234,50", "1234.50"),
            ("1.234,5", "-12.345.678,9", "-12345678.9"),
            ("1.234,5", "7", "7"),
            ("1.234,5", "1234,5", "1234.5"),
            ("1.234,5", "+0,10", "0.10"),
            ("1,234.5", "\u{2212}1,234.5", "-1234.5"),
            ("1 234,5", "1 234,5", "1234.5"),
            ("1 234,5", "1\u{a0}234\u{202f}567", "1234567"),
            ("1'234.5", "1\u{2019}234.5", "1234.5"),
            ("1234,5", "12345,678901234567890123456789", "12345.678901234567890123456789"),
            ("1234", "0012", "12"),
            ("(1,234.5)", "(1,234.50)", "-1234.50"),
            ("(1,234.5)", "1,234.50", "1234.50"),
            ("($1,234.5)", "($1,234.50)", "-1234.50"),
            ("1.234,5-", "1.234,50-", "-1234.50"),
            ("1.234,5-", "1.234,50", "1234.50"),
            ("1,234.5%", "12.5%", "0.125"),
            ("1.234,5 %", "-3\u{a0}%", "-0.03"),
            ("1.234,5 ‰", "5 ‰", "0.005"),
            ("$1,234.5", "$99.90", "99.90"),
            ("$1,234.5", "-$99.90", "-99.90"),
            ("$1,234.5", "$-99.90", "-99.90"),
            ("1.234,5 €", "1.000 €", "1000"),
            ("1.234,5- EUR", "3,5- EUR", "-3.5"),
            ("CHF 1'234.5", "CHF 1'000'000.05", "1000000.05"),
        ];
        for (form, text, expected) in cases {
            assert_eq!(read(form, text).as_deref(), Ok(expected), "{text:?} as {form:?}");
        }
    }

    #[test]
    fn what_does_not_follow_the_form_is_refused() {
        let cases = [
            ("1.234,5", "1.5", "`5` is not a group of three digits"),
            ("1.234,5", "1,234.5", "`234.5` is not the digits of a fraction"),
            ("1.234,5", "1234.567", "`1234` is more than a group"),
            ("1.234,5", "1.2345", "`2345` is not a group"),
            ("1.234,5", "1..234", "`` is not a group"),
            ("1.234,5", ".234", "no digits where the number begins"),
            ("1.234,5", ",5", "no digits where the number begins"),
            ("1.234,5", "5,", "`` is not the digits of a fraction"),
            ("1.234,5", "", "no digits"),
            ("1.234,5", "-", "no digits"),
            ("1.234,5", "--5", "`-5` is not digits"),
            ("1.234,5", " 5", "` 5` is not digits"),
            ("1.234,5", "5-", "`5-` is not digits"),
            ("1.234,5", "1e3", "`1e3` is not digits"),
            ("1.234,5", "٣", "is not digits"),
            ("1.234", "1,5", "`1,5` is not digits"),
            ("1234", "1,234", "is not digits"),
            ("(1,234.5)", "-5", "`-5` is not digits"),
            ("(1,234.5)", "(5", "not closed"),
            ("1.234,5-", "-5", "`-5` is not digits"),
            ("1,234.5%", "12.5", "does not end with `%`"),
            ("$1,234.5", "99", "does not begin with `$`"),
            ("1.234,5 €", "5€", "does not end with ` €`"),
        ];
        for (form, text, why) in cases {
            let refused = read(form, text).unwrap_err();
            assert!(refused.contains(why), "{text:?} as {form:?}: {refused}");
        }
    }

    #[test]
    fn a_form_shows_one_number() {
        let bad = [
            "",
            "#.##0,5",
            "0.000,00",
            "1.234.5",
            "1,234,5",
            "12,34.5",
            "1;234,5",
            "1.234;5",
            "1.234,56",
            "1.234,5(",
            "-1.234,5-",
            "+1",
            "a2 1.234,5",
            "1.234,5 ²",
        ];
        for form in bad {
            assert!(NumberForm::compile(form).is_err(), "{form:?}");
        }
        assert!(!NumberForm::compile("1.234").unwrap().has_fraction());
        assert!(NumberForm::compile("1.234 %").unwrap().has_fraction());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(form in "\\PC{0,9}1[.,' ]?234([.,]5)?\\PC{0,3}", text in "[-+()$% 0-9.,'€]{0,20}|\\PC{0,20}") {
            if let Ok(form) = NumberForm::compile(&form) {
                let _ = form.read(&text);
            }
        }
    }
}
