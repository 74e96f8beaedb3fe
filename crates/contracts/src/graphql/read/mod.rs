//! The text of a file as definitions.

mod block;
mod constant;
mod definitions;
mod lex;
mod requests;

use tenon_errors::clip_line;

use self::lex::{Kind, Lexer, Token};
pub(super) use self::requests::executable;
use super::model::{Document, Name, TypeRef, Wrap};
use crate::problems::{Problems, Span};

/// The deepest that lists of types and constants contain each other.
const MAX_DEPTH: usize = 64;

/// Words that begin a definition.
const BEGINNINGS: [&str; 9] =
    ["schema", "type", "interface", "union", "enum", "input", "scalar", "directive", "extend"];

/// All definitions of `text`. What cannot be read is a problem; reading goes on with the next line that begins a definition.
pub(super) fn document(text: &str, problems: &mut Problems<'_>) -> Document {
    let mut parser = Parser::new(text, problems);
    let mut document = Document::default();
    while parser.token.kind != Kind::End && !parser.problems.is_full() {
        let start = parser.token.span.clone();
        if parser.definition(&mut document).is_err() {
            parser.recover(&start);
        }
    }
    document
}

/// A problem was reported, and what was being read has no meaning.
struct Stop;

type Read<T> = Result<T, Stop>;

struct Parser<'t, 'p, 'r> {
    text: &'t str,
    lexer: Lexer<'t>,
    /// The token that is looked at.
    token: Token,
    /// Where the last one ended.
    end: usize,
    problems: &'r mut Problems<'p>,
    depth: usize,
    /// Words that begin a definition.
    beginnings: &'static [&'static str],
    /// Whether a constant may be a variable.
    takes_variables: bool,
}

impl<'t, 'p, 'r> Parser<'t, 'p, 'r> {
    fn new(text: &'t str, problems: &'r mut Problems<'p>) -> Self {
        let token = Token { kind: Kind::End, span: 0..0 };
        let mut parser = Self {
            text,
            lexer: Lexer::new(text),
            token,
            end: 0,
            problems,
            depth: 0,
            beginnings: &BEGINNINGS,
            takes_variables: false,
        };
        // What cannot be read is a problem already.
        let _ = parser.advance();
        parser
    }

    fn advance(&mut self) -> Read<Token> {
        self.end = self.token.span.end;
        let token = self.lexer.next().unwrap_or_else(|(span, message)| {
            self.problems.bad(&span, message, "correct the text here");
            Token { kind: Kind::Bad, span }
        });
        let last = std::mem::replace(&mut self.token, token);
        if self.problems.is_full() { Err(Stop) } else { Ok(last) }
    }

    fn word(&self) -> Option<&'t str> {
        (self.token.kind == Kind::Name).then(|| &self.text[self.token.span.clone()])
    }

    fn is(&self, symbol: u8) -> bool {
        self.token.kind == Kind::Symbol(symbol)
    }

    /// Whether `symbol` stood here; it is passed then.
    fn passes(&mut self, symbol: u8) -> Read<bool> {
        let is = self.is(symbol);
        if is {
            self.advance()?;
        }
        Ok(is)
    }

    fn expect(&mut self, symbol: u8) -> Read<()> {
        if self.passes(symbol)? { Ok(()) } else { Err(self.unexpected(&format!("`{}`", char::from(symbol)))) }
    }

    fn name(&mut self) -> Read<Name> {
        let Some(word) = self.word() else { return Err(self.unexpected("a name")) };
        let name = Name { text: word.to_owned(), span: self.token.span.clone() };
        self.advance()?;
        Ok(name)
    }

    fn unexpected(&mut self, expected: &str) -> Stop {
        let found = match self.token.kind {
            // It was told before, or is the end of what was.
            Kind::Bad => return Stop,
            Kind::End if !self.problems.is_empty() => return Stop,
            Kind::End => "the end of the file".to_owned(),
            Kind::Text(_) => "a text".to_owned(),
            _ => format!("`{}`", clip_line(&self.text[self.token.span.clone()], 40)),
        };
        let span = self.token.span.clone();
        self.problems.bad(
            &span,
            format!("expected {expected}, found {found}"),
            format!("write {expected} here"),
        );
        Stop
    }

    /// Goes on to the next line that begins a definition and lies behind `start`.
    fn recover(&mut self, start: &Span) {
        self.depth = 0;
        loop {
            let begins_line = self.text[..self.token.span.start].ends_with(['\n', '\r']);
            let begins = begins_line && self.word().is_some_and(|word| self.beginnings.contains(&word));
            if self.token.kind == Kind::End || begins && self.token.span.start > start.start {
                return;
            }
            if self.advance().is_err() {
                return;
            }
        }
    }

    /// A type reference. Wrappers are counted and not nested, so that no text makes it deep.
    fn type_ref(&mut self) -> Read<TypeRef> {
        let start = self.token.span.clone();
        let mut open = 0;
        while self.passes(b'[')? {
            open += 1;
        }
        if open > MAX_DEPTH {
            self.problems.bad(
                &start,
                format!("lists are nested more than {MAX_DEPTH} deep"),
                "nest fewer lists",
            );
            return Err(Stop);
        }
        let name = self.name()?;
        let mut wraps = Vec::new();
        loop {
            if self.passes(b'!')? {
                wraps.push(Wrap::NonNull);
            }
            if open == 0 {
                return Ok(TypeRef { name, wraps });
            }
            self.expect(b']')?;
            wraps.push(Wrap::List);
            open -= 1;
        }
    }
}
