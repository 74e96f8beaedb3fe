//! Where an expression ends that stands in a file without quotes: its own quotes and brackets are respected.

use std::ops::Range;

/// The most bytes that are looked at.
const MOST: usize = 2 << 10;

/// The expression that starts at `start`: to the end of the line, or in a flow collection to the comma or bracket that ends the
/// entry. Nothing if its brackets do not match.
pub(crate) fn extent(text: &str, start: usize, in_flow: bool) -> Option<Range<usize>> {
    let mut scanner = Scanner::new(text, start);
    while let Some((at, c)) = scanner.next() {
        let is_outside = scanner.open.is_empty();
        match c {
            '(' | '[' | '{' => scanner.open.push(c),
            ')' | ']' | '}' if !is_outside => {
                scanner.open.pop().filter(|open| closes(*open, c))?;
            }
            ']' | '}' | ',' if in_flow && is_outside => return Some(trimmed(text, start, at)),
            '\n' if is_outside => return Some(trimmed(text, start, at)),
            '#' if scanner.before.is_whitespace() => {
                return is_outside.then(|| trimmed(text, start, at));
            }
            _ => {}
        }
    }
    (scanner.open.is_empty() && scanner.rest.is_empty()).then(|| trimmed(text, start, text.len()))
}

/// The byte after the bracket that closes the one at `start`.
pub(crate) fn closing(text: &str, start: usize) -> Option<usize> {
    let mut scanner = Scanner::new(text, start);
    while let Some((at, c)) = scanner.next() {
        match c {
            '(' | '[' | '{' => scanner.open.push(c),
            ')' | ']' | '}' => {
                scanner.open.pop().filter(|open| closes(*open, c))?;
                if scanner.open.is_empty() {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn closes(open: char, close: char) -> bool {
    matches!((open, close), ('(', ')') | ('[', ']') | ('{', '}'))
}

fn trimmed(text: &str, start: usize, end: usize) -> Range<usize> {
    start..start + text[start..end].trim_end().len()
}

/// The characters outside of quotes.
struct Scanner<'t> {
    rest: &'t str,
    at: usize,
    before: char,
    /// The character in front of the one that was given last.
    last: char,
    open: Vec<char>,
    left: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, start: usize) -> Self {
        Self { rest: &text[start..], at: start, before: ' ', last: ' ', open: Vec::new(), left: MOST }
    }

    fn next(&mut self) -> Option<(usize, char)> {
        loop {
            let c = self.rest.chars().next()?;
            self.left = self.left.checked_sub(1)?;
            let at = self.at;
            self.before = self.last;
            self.pass(c.len_utf8());
            self.last = c;
            // An apostrophe inside a word starts no text: `don't`.
            if matches!(c, '"' | '\'')
                && !self.before.is_alphanumeric()
                && let Some(length) = literal(self.rest, c)
            {
                self.pass(length);
                continue;
            }
            return Some((at, c));
        }
    }

    fn pass(&mut self, length: usize) {
        self.rest = &self.rest[length..];
        self.at += length;
    }
}

/// The length of a text literal after its opening quote, if it is closed on its line.
fn literal(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, in_flow: bool, expected: Option<&str>) {
        assert_eq!(extent(text, 0, in_flow).map(|span| &text[span]), expected, "{text}");
    }

    #[test]
    fn an_expression_ends_where_its_brackets_and_quotes_allow() {
        check("round(a, 2), b: 1 }", true, Some("round(a, 2)"));
        check("x[0].y }", true, Some("x[0].y"));
        check("\"a, }\" + b }", true, Some("\"a, }\" + b"));
        check("don't, can't ]", true, Some("don't"));
        check("a, b", false, Some("a, b"));
        check("a + \" # b\" # c\nd", false, Some("a + \" # b\""));
        check("f(a", true, None);
        check("f(a] )", true, None);
        check("f(a # b)", true, None);
    }

    #[test]
    fn what_is_looked_at_is_bounded() {
        check(&format!("({}", "a".repeat(100_000)), true, None);
    }
}
