//! The tokens of one statement, and what is common to all of them: names, lists, parts in parentheses.

use super::lex::{Kind, Token};
use crate::problems::Span;

/// What was expected, and where it was not.
pub(super) struct Unexpected {
    pub(super) span: Span,
    pub(super) message: String,
}

pub(super) type Read<T> = Result<T, Unexpected>;

/// A name as it is written, and where.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

/// Goes through tokens, of which the last is the end.
#[derive(Clone)]
pub(super) struct Cursor<'s> {
    tokens: &'s [Token],
    at: usize,
    end: Span,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(tokens: &'s [Token], end: Span) -> Self {
        Self { tokens, at: 0, end }
    }

    pub(super) fn peek(&self) -> Option<&'s Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn second(&self) -> Option<&'s Token> {
        self.tokens.get(self.at + 1)
    }

    pub(super) fn advance(&mut self) -> Option<&'s Token> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }

    pub(super) fn span(&self) -> Span {
        self.peek().map_or_else(|| self.end.clone(), |token| token.span.clone())
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    pub(super) fn is_symbol(&self, symbol: u8) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Symbol(symbol))
    }

    /// Whether these words stand here; they are passed then.
    pub(super) fn passes(&mut self, words: &[&str]) -> bool {
        let rest = self.tokens.get(self.at..self.at + words.len());
        let is = rest.is_some_and(|tokens| tokens.iter().zip(words).all(|(token, word)| token.is(word)));
        self.at += if is { words.len() } else { 0 };
        is
    }

    pub(super) fn passes_symbol(&mut self, symbol: u8) -> bool {
        let is = self.is_symbol(symbol);
        self.at += usize::from(is);
        is
    }

    pub(super) fn expect(&mut self, symbol: u8) -> Read<()> {
        if self.passes_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{}`", char::from(symbol))))
        }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Unexpected {
        let found = match self.peek().map(|token| &token.kind) {
            None => "the end of the statement".to_owned(),
            Some(Kind::Word(text) | Kind::Quoted(text) | Kind::Number(text)) => {
                format!("`{}`", tenon_errors::clip_line(text, 40))
            }
            Some(Kind::Symbol(symbol)) => format!("`{}`", char::from(*symbol)),
            Some(_) => "something else".to_owned(),
        };
        Unexpected { span: self.span(), message: format!("expected {expected}, found {found}") }
    }

    /// A name. Those without quotes are folded as PostgreSQL does where `folds` says so.
    pub(super) fn name(&mut self, folds: bool) -> Read<Name> {
        let span = self.span();
        let text = match self.peek().map(|token| &token.kind) {
            Some(Kind::Word(text)) if folds => text.to_lowercase(),
            Some(Kind::Word(text) | Kind::Quoted(text)) => text.clone(),
            _ => return Err(self.unexpected("a name")),
        };
        self.at += 1;
        Ok(Name { text, span })
    }

    /// The last part of a name with the schema that it is in: `shop.orders`.
    pub(super) fn qualified(&mut self, folds: bool) -> Read<Name> {
        let mut name = self.name(folds)?;
        while self.passes_symbol(b'.') {
            name = self.name(folds)?;
        }
        Ok(name)
    }

    /// The tokens up to the parenthesis that closes the one here, which are passed with both.
    pub(super) fn parenthesised(&mut self) -> Read<&'s [Token]> {
        self.expect(b'(')?;
        let start = self.at;
        let mut depth = 1;
        while let Some(token) = self.advance() {
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(&self.tokens[start..self.at - 1]);
            }
        }
        Err(self.unexpected("`)`"))
    }

    /// Passes one token, or all that is in parentheses.
    pub(super) fn skip(&mut self) {
        if !self.is_symbol(b'(') || self.parenthesised().is_err() {
            self.advance();
        }
    }

    /// The parts of what stands in parentheses here, cut at its commas.
    pub(super) fn parts(&mut self) -> Read<Vec<Cursor<'s>>> {
        let end = self.end.clone();
        let tokens = self.parenthesised()?;
        Ok(cut(tokens, &end))
    }

    /// Names in parentheses; `None` for an item that is an expression.
    pub(super) fn columns(&mut self, folds: bool) -> Read<Option<Vec<String>>> {
        let mut names = Vec::new();
        for mut part in self.parts()? {
            let Ok(name) = part.name(folds) else { return Ok(None) };
            // `lower(name)` is an expression, `name(10)` in MySQL the beginning of a column.
            if part.is_symbol(b'(') {
                let length = part.parenthesised()?;
                if !matches!(length, [Token { kind: Kind::Number(_), .. }]) {
                    return Ok(None);
                }
            }
            names.push(name.text);
        }
        Ok(Some(names))
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'s [Token] {
        self.tokens.get(self.at..).unwrap_or_default()
    }
}

/// `tokens`, cut at the commas that stand in no parentheses.
pub(super) fn cut<'s>(tokens: &'s [Token], end: &Span) -> Vec<Cursor<'s>> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Symbol(b'(' | b'[') => depth += 1,
            Kind::Symbol(b')' | b']') => depth = depth.saturating_sub(1),
            Kind::Symbol(b',') if depth == 0 => {
                parts.push(Cursor::new(&tokens[start..at], token.span.clone()));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(Cursor::new(&tokens[start..], end.clone()));
    parts
}
