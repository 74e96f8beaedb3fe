//! The parts of the grammar that hold others in brackets: arguments, lists, maps and messages.

use tenon_model::Str;

use super::{
    Ast, Element, Entry, Setter, Syntax,
    lexer::Token,
    parser::{Parsed, Parser, node},
};

impl Parser<'_> {
    /// `Type{field: value, ?field: optional}`
    pub(super) fn message(&mut self, name: &Ast) -> Parsed {
        let start = name.span.start;
        self.advance()?;
        let mut setters = Vec::new();
        while self.token != Token::Symbol("}") {
            let optional = self.eat("?")?;
            let (Token::Name(field) | Token::Quoted(field)) = self.token.clone() else {
                return Err(self.unexpected("a field name or `}`"));
            };
            let span = self.span.clone();
            self.advance()?;
            self.expect(":", "a field is set with `name: value`")?;
            setters.push(Setter { optional, field, span, value: self.expression()? });
            if !self.eat(",")? && self.token != Token::Symbol("}") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
        self.advance()?;
        let rooted = name.is_rooted();
        let name = Str::from(name.dotted().unwrap_or_default());
        let depth = 1 + setters.iter().map(|setter| setter.value.depth).max().unwrap_or(0);
        node(Syntax::Message { name, rooted, setters }, start..self.end, depth)
    }

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Ast>> {
        self.advance()?;
        let mut arguments = Vec::new();
        if self.eat(")")? {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if !self.eat(",")? {
                break;
            }
        }
        self.expect(")", "the call has no closing `)`")?;
        Ok(arguments)
    }

    pub(super) fn list(&mut self, start: usize) -> Parsed {
        self.advance()?;
        let mut elements = Vec::new();
        while self.token != Token::Symbol("]") {
            let optional = self.eat("?")?;
            elements.push(Element { optional, value: self.expression()? });
            if !self.eat(",")? {
                break;
            }
        }
        self.expect("]", "the list has no closing `]`")?;
        let depth = 1 + elements.iter().map(|element| element.value.depth).max().unwrap_or(0);
        node(Syntax::List(elements), start..self.end, depth)
    }

    pub(super) fn map(&mut self, start: usize) -> Parsed {
        self.advance()?;
        let mut entries = Vec::new();
        while self.token != Token::Symbol("}") {
            let optional = self.eat("?")?;
            let key = self.expression()?;
            self.expect(":", "an entry of a map is `key: value`")?;
            entries.push(Entry { optional, key, value: self.expression()? });
            if !self.eat(",")? {
                break;
            }
        }
        self.expect("}", "the map has no closing `}`")?;
        let depth = 1 + entries.iter().map(|entry| entry.key.depth.max(entry.value.depth)).max().unwrap_or(0);
        node(Syntax::Map(entries), start..self.end, depth)
    }
}
