//! Reading JSON strictly as JSON (RFC 8259): what YAML would take beside it (trailing commas, comments, single quotes, keys
//! without quotes) is a mistake that the next reader of the file would stumble over.

use std::{collections::HashSet, ops::Range, sync::Arc};

use tenon_errors::{
    Report, Reports,
    catalogue::project::{BAD_SYNTAX, DUPLICATE_KEY, TOO_DEEP_OR_LARGE},
};

use crate::{Limits, Node, Tree, node::File};

pub(crate) fn parse(file: Arc<File>, limits: Limits) -> Result<Node, Reports> {
    let mut parser = Parser { file, limits, at: 0, depth: 0, nodes: 0, problems: Reports::new() };
    match parser.document() {
        Ok(root) => parser.problems.finish(root),
        Err(report) => {
            parser.problems.push(report);
            Err(parser.problems)
        }
    }
}

struct Parser {
    file: Arc<File>,
    limits: Limits,
    at: usize,
    depth: usize,
    nodes: usize,
    problems: Reports,
}

impl Parser {
    fn document(&mut self) -> Result<Node, Report> {
        // A byte order mark is no part of the text (section 8.1).
        if self.file.text.starts_with('\u{FEFF}') {
            self.at = '\u{FEFF}'.len_utf8();
        }
        let root = self.value()?;
        match self.next_byte() {
            None => Ok(root),
            Some(_) => Err(self.unexpected("the end of the file")),
        }
    }

    fn value(&mut self) -> Result<Node, Report> {
        let first = self.next_byte();
        let start = self.at;
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(self.too_large(format!("the file holds more than {} values", self.limits.nodes)));
        }
        let tree = match first {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Tree::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Tree::Number(self.number()?),
            Some(b't') => self.word("true", Tree::Bool(true))?,
            Some(b'f') => self.word("false", Tree::Bool(false))?,
            Some(b'n') => self.word("null", Tree::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(self.node(tree, start))
    }

    fn node(&self, tree: Tree, start: usize) -> Node {
        Node::new(tree, start..self.at, &self.file)
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Tree, Report>) -> Result<Tree, Report> {
        if self.depth >= self.limits.depth {
            return Err(self.too_large(format!("the nesting is deeper than {} levels", self.limits.depth)));
        }
        self.depth += 1;
        self.at += 1;
        let tree = inner(self)?;
        self.depth -= 1;
        Ok(tree)
    }

    fn list(&mut self) -> Result<Tree, Report> {
        let mut items = Vec::new();
        if self.ends(b']') {
            return Ok(Tree::List(items));
        }
        loop {
            items.push(self.value()?);
            if !self.goes_on(b']', "`,` or `]`")? {
                return Ok(Tree::List(items));
            }
        }
    }

    fn object(&mut self) -> Result<Tree, Report> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        if self.ends(b'}') {
            return Ok(Tree::Map(entries));
        }
        loop {
            if self.next_byte() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let start = self.at;
            let name = self.string()?;
            let key = self.node(Tree::String(name.clone()), start);
            if !seen.insert(name.clone()) {
                let message = format!("the key `{name}` appears twice in this object");
                let report = Report::new(&DUPLICATE_KEY, message).at(key.place());
                self.problems.push(report.hint("remove one of them"));
            }
            if self.next_byte() != Some(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.at += 1;
            let value = self.value()?;
            entries.push((key, value));
            if !self.goes_on(b'}', "`,` or `}`")? {
                return Ok(Tree::Map(entries));
            }
        }
    }

    fn ends(&mut self, close: u8) -> bool {
        let ends = self.next_byte() == Some(close);
        self.at += usize::from(ends);
        ends
    }

    /// After an item: whether another follows.
    fn goes_on(&mut self, close: u8, expected: &str) -> Result<bool, Report> {
        if self.ends(close) {
            return Ok(false);
        }
        if self.next_byte() != Some(b',') {
            return Err(self.unexpected(expected));
        }
        let comma = self.at;
        self.at += 1;
        if self.next_byte() == Some(close) {
            let report =
                self.syntax("a comma comes before the end, which JSON does not allow", comma..comma + 1);
            return Err(report.hint("remove the comma"));
        }
        Ok(true)
    }

    fn word(&mut self, word: &str, tree: Tree) -> Result<Tree, Report> {
        let after = self.file.text[self.at..].strip_prefix(word);
        if after.is_none_or(|after| after.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(tree)
    }

    fn number(&mut self) -> Result<String, Report> {
        let start = self.at;
        let text = Arc::clone(&self.file);
        let bytes = text.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let first = start + usize::from(bytes[start] == b'-');
        let mut end = digits(first);
        let is_padded = end > first + 1 && bytes[first] == b'0';
        let mut is_good = end > first && !is_padded;
        if is_good && bytes.get(end) == Some(&b'.') {
            let after = digits(end + 1);
            is_good = after > end + 1;
            end = after;
        }
        if is_good && matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let after = digits(end + 1 + sign);
            is_good = after > end + 1 + sign;
            end = after;
        }
        let goes_on = text.text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == '_');
        if !is_good || goes_on {
            let length = text.text[start..]
                .find([',', ']', '}', ' ', '\t', '\r', '\n'])
                .unwrap_or(text.text.len() - start);
            let written = &text.text[start..start + length];
            let report = self.syntax(&format!("`{written}` is not a JSON number"), start..start + length);
            return Err(
                report.hint("write digits, with a digit on both sides of a point and no zero in front")
            );
        }
        self.at = end;
        Ok(text.text[start..end].to_owned())
    }

    fn string(&mut self) -> Result<String, Report> {
        let file = Arc::clone(&self.file);
        let text: &str = &file.text;
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &text[self.at..];
            let Some(end) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                let report = self.syntax("this text is never closed", start..text.len());
                return Err(report.hint("close it with a double quote"));
            };
            out.push_str(&rest[..end]);
            self.at += end;
            match text.as_bytes()[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                control => {
                    let message = format!(
                        "a text holds the control character U+{control:04X}, which JSON writes escaped"
                    );
                    let report = self.syntax(&message, self.at..self.at + 1);
                    return Err(
                        report.hint("write it as an escape such as `\\n`, or close the text before it")
                    );
                }
            }
        }
    }

    /// The character of an escape, from its backslash on.
    fn escape(&mut self) -> Result<char, Report> {
        let start = self.at;
        let letter = self.file.text.as_bytes().get(start + 1).copied();
        self.at += 2;
        let plain = match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => Some(char::from(letter)),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{C}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => self.unicode(),
            _ => None,
        };
        plain.ok_or_else(|| {
            let end = (start + 2).min(self.file.text.len());
            let report = self.syntax("this escape is not one of JSON", start..end);
            report.hint("write a backslash itself as `\\\\`")
        })
    }

    /// The code point of four hexadecimal digits, or of a pair of surrogates.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        let text = Arc::clone(&self.file);
        text.text.get(self.at..self.at + 2).filter(|next| *next == "\\u")?;
        self.at += 2;
        let second = self.hex().filter(|second| (0xDC00..0xE000).contains(second))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.file.text.get(self.at..self.at + 4)?;
        let code = digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())??;
        self.at += 4;
        Some(code)
    }

    /// The next byte that is no white space.
    fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.file.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn unexpected(&self, expected: &str) -> Report {
        let rest = &self.file.text[self.at..];
        let found = rest.chars().next();
        let hint = match found {
            Some('/' | '#') => "remove the comment: JSON has none; say it in `$comment` or `description`",
            Some('\'') => "write text and keys in double quotes",
            Some(']' | '}') => "remove what is left open, or close what was opened last",
            Some('&' | '*' | '!' | '-' | '|' | '>') => "write JSON here, or name the file `.yaml`",
            Some(c) if c.is_alphabetic() || c == '_' => {
                "write text and keys in double quotes, and `true`, `false` and `null` in lower case"
            }
            _ => "close every list, object and text",
        };
        let found = found.map_or_else(|| "the end of the file".to_owned(), |c| format!("`{c}`"));
        let width = rest.chars().next().map_or(0, char::len_utf8);
        self.syntax(&format!("expected {expected}, found {found}"), self.at..self.at + width).hint(hint)
    }

    fn syntax(&self, message: &str, span: Range<usize>) -> Report {
        Report::new(&BAD_SYNTAX, message).at(self.file.place(span))
    }

    fn too_large(&self, message: String) -> Report {
        let report = Report::new(&TOO_DEEP_OR_LARGE, message).at(self.file.place(self.at..self.at + 1));
        report.hint("write it flatter, split the file, or move data into a data file")
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn json_is_read_with_all_its_escapes_and_places() {
        let root = parse(
            "a.json",
            "\u{FEFF}{ \"a\\u0062\": [1e3, -0.5, true, false, null, \"\\n\\u00e9\\ud83d\\ude00\"] }",
        )
        .unwrap();
        let items = root.get("ab").unwrap().as_list().unwrap();
        assert_eq!(items[0].number_text(), Some("1e3"));
        assert_eq!(items[1].number_text(), Some("-0.5"));
        assert!(items[4].is_null());
        assert_eq!(items[5].as_str(), Some("\né😀"));
        let place = items[3].place();
        assert_eq!((place.line, place.column), (1, 33));
    }

    #[test]
    fn what_only_yaml_allows_is_refused_at_its_place() {
        let check = |text: &str, column: u32, says: &str| {
            let problems = parse("a.json", text).unwrap_err();
            let report = problems.iter().next().unwrap();
            let words = format!("{}; {}", report.message(), report.advice().unwrap_or_default());
            assert_eq!((report.code().id, report.places()[0].column), ("P0003", column), "{text}: {words}");
            assert!(words.contains(says), "{text}: {words}");
        };
        check(r#"{"a": 1,}"#, 8, "remove the comma");
        check("[1, 2,\n]", 6, "remove the comma");
        check(r#"{"a": 1 // one"#, 9, "remove the comment");
        check(r#"{"a": 1} # one"#, 10, "remove the comment");
        check("/* a */ {}", 1, "remove the comment");
        check("{'a': 1}", 2, "double quotes");
        check(r#"{"a": 'x'}"#, 7, "double quotes");
        check("{a: 1}", 2, "double quotes");
        check(r#"{"a": True}"#, 7, "lower case");
        check(r#"{"a": nul}"#, 7, "lower case");
        check(r#"{"a": NaN}"#, 7, "expected a value");
        check("a: 1\n", 1, "double quotes");
        check("- 1\n", 1, "not a JSON number");
        check("{\"a\": 01}", 7, "`01` is not a JSON number");
        check("{\"a\": +1}", 7, "expected a value");
        check("{\"a\": .5}", 7, "expected a value");
        check("{\"a\": 5.}", 7, "`5.` is not a JSON number");
        check("{\"a\": 0x10}", 7, "`0x10` is not a JSON number");
        check("{\"a\": \"b\nc\"}", 9, "control character");
        check(r#"{"a": "\x"}"#, 8, "escape");
        check(r#"{"a": "\ud800"}"#, 8, "escape");
        check(r#"{"a": "b}"#, 7, "never closed");
        check(r#"{"a" 1}"#, 6, "expected `:`");
        check(r#"{"a": 1 "b": 2}"#, 9, "expected `,` or `}`");
        check(r#"{"a": 1"#, 8, "the end of the file");
        check("nu᪺l", 1, "expected a value");
        check("{\"a\": \"\\é\"}", 8, "escape");
        check("{} {}", 4, "the end of the file");
        check("", 1, "expected a value");
        check(r#"{"a": &x 1}"#, 7, "`.yaml`");
    }

    #[test]
    fn duplicate_keys_are_all_named() {
        let problems = parse("a.json", r#"{"a": 1, "b": {"c": 1, "c": 2}, "\u0061": 3}"#).unwrap_err();
        let seen: Vec<_> =
            problems.iter().map(|report| (report.code().id, report.places()[0].column)).collect();
        assert_eq!(seen, [("P0004", 24), ("P0004", 33)]);
    }

    #[test]
    fn nesting_and_size_are_bounded() {
        let code = |text: &str| parse("a.json", text).unwrap_err().iter().next().unwrap().code().id;
        assert_eq!(code(&"[".repeat(100_000)), "P0107");
        assert_eq!(code(&format!("[{}1]", "1,".repeat(100_000))), "P0107");
    }
}
