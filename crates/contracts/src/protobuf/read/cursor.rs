//! What every part of the parser reads by: tokens, names, numbers, comments, and how a problem is told and passed.

use tenon_errors::{Place, Report, catalogue::contract::BAD_CONTRACT};

use super::{
    ast::Name,
    lex::{Kind, Span, Token},
    parse::{Failed, Parsed, Parser},
};

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Token {
        // The last token is the end, and nothing steps over it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// Whether the token after the next is this symbol.
    pub(super) fn is_second(&self, symbol: u8) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| token.kind == Kind::Symbol(symbol))
    }

    pub(super) fn is_second_word(&self) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| token.kind == Kind::Word)
    }

    pub(super) fn word_text(&self) -> Option<&str> {
        let token = self.peek();
        (token.kind == Kind::Word).then(|| &self.text[token.span.clone()])
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word_text() == Some(word)
    }

    pub(super) fn skip_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    pub(super) fn is_symbol(&self, symbol: u8) -> bool {
        self.peek().kind == Kind::Symbol(symbol)
    }

    pub(super) fn skip(&mut self, symbol: u8) -> bool {
        let is = self.is_symbol(symbol);
        self.at += usize::from(is);
        is
    }

    pub(super) fn symbol(&mut self, symbol: u8) -> Parsed<()> {
        if self.skip(symbol) { Ok(()) } else { self.unexpected(&format!("`{}`", char::from(symbol))) }
    }

    pub(super) fn word(&mut self) -> Parsed<Name> {
        let Some(text) = self.word_text().map(str::to_owned) else { return self.unexpected("a name") };
        let span = self.peek().span.clone();
        self.at += 1;
        Ok(Name { text, span })
    }

    /// `a.b.c`.
    pub(super) fn dotted(&mut self) -> Parsed<Name> {
        let mut name = self.word()?;
        while self.skip(b'.') {
            let part = self.word()?;
            name.text = format!("{}.{}", name.text, part.text);
            name.span.end = part.span.end;
        }
        Ok(name)
    }

    /// `a.b.c` or `.a.b.c`.
    pub(super) fn reference(&mut self) -> Parsed<Name> {
        let start = self.peek().span.start;
        let is_absolute = self.skip(b'.');
        let mut name = self.dotted()?;
        if is_absolute {
            name.text.insert(0, '.');
            name.span.start = start;
        }
        Ok(name)
    }

    pub(super) fn octets(&mut self) -> Parsed<Vec<u8>> {
        let Kind::Text(mut text) = self.peek().kind.clone() else { return self.unexpected("text") };
        self.at += 1;
        // Texts one after the other are one.
        while let Kind::Text(more) = &self.peek().kind {
            text.extend_from_slice(more);
            self.at += 1;
        }
        Ok(text)
    }

    pub(super) fn utf8_text(&mut self) -> Parsed<String> {
        let span = self.peek().span.clone();
        let octets = self.octets()?;
        match String::from_utf8(octets) {
            Ok(text) => Ok(text),
            Err(_) => self.fail(span, "the text is not UTF-8".into(), "write it in UTF-8"),
        }
    }

    /// An integer with or without a sign.
    pub(super) fn integer(&mut self) -> Parsed<(i64, Span)> {
        let start = self.peek().span.start;
        let is_negative = self.skip(b'-');
        let Kind::Int(magnitude) = self.peek().kind else { return self.unexpected("an integer") };
        let span = start..self.peek().span.end;
        self.at += 1;
        let number = i64::try_from(magnitude).map(|number| if is_negative { -number } else { number });
        match number {
            Ok(number) => Ok((number, span)),
            Err(_) => self.fail(span, format!("{magnitude} is too large"), "write a number that fits"),
        }
    }

    /// The comment that says what the definition at the next token is for, if it stands above.
    pub(super) fn doc_above(&self) -> Option<String> {
        self.peek().above.clone().filter(|text| !text.is_empty())
    }

    /// The comment that stands behind what was read last, where there was none above.
    pub(super) fn doc(&self, above: Option<String>) -> Option<String> {
        above.or_else(|| self.peek().behind_last.clone()).filter(|text| !text.is_empty())
    }

    pub(super) fn unexpected<T>(&mut self, expected: &str) -> Parsed<T> {
        let span = self.peek().span.clone();
        let found = match &self.text[span.clone()] {
            "" => "the end of the file".to_owned(),
            text => format!("`{}`", tenon_errors::clip(text, 40)),
        };
        let report = Report::new(&BAD_CONTRACT, format!("expected {expected}, found {found}"));
        self.reports.push(report.at(Place::within(self.file, self.text, span)));
        Err(Failed)
    }

    pub(super) fn fail<T>(&mut self, span: Span, message: String, hint: &str) -> Parsed<T> {
        self.problem(span, message, hint);
        Err(Failed)
    }

    pub(super) fn problem(&mut self, span: Span, message: String, hint: &str) {
        let place = Place::within(self.file, self.text, span);
        self.reports.push(Report::new(&BAD_CONTRACT, message).at(place).hint(hint));
    }

    /// Goes on behind the statement that began at token `start`: behind its `;`, or its block.
    pub(super) fn recover(&mut self, start: usize) {
        self.at = self.at.max(start);
        let mut depth = 0_usize;
        loop {
            match self.peek().kind {
                Kind::End => return,
                Kind::Symbol(b';') if depth == 0 => break,
                Kind::Symbol(b'{') => depth += 1,
                // The end of the block that holds the statement is not the statement's.
                Kind::Symbol(b'}') if depth == 0 && self.at > start => return,
                Kind::Symbol(b'}') if depth <= 1 => break,
                Kind::Symbol(b'}') => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
    }
}
