//! `!` and `-` before a value.

use tenon_model::Str;

use super::{
    Syntax, Unary,
    lexer::Token,
    parser::{Parsed, Parser, node, too_large},
};

impl Parser<'_> {
    /// `Unary = Member | "!" {"!"} Member | "-" {"-"} Member`
    pub(super) fn unary(&mut self) -> Parsed {
        let start = self.span.start;
        let (symbol, operator) = match self.token {
            Token::Symbol("!") => ("!", Unary::Not),
            Token::Symbol("-") => ("-", Unary::Negate),
            _ => return self.member(),
        };
        let mut count = 0usize;
        let mut last = start;
        while self.token == Token::Symbol(symbol) {
            last = self.span.start;
            self.advance()?;
            count += 1;
        }
        let negative_number = symbol == "-" && matches!(self.token, Token::Int(_) | Token::Float(..));
        let mut ast = if negative_number {
            count -= 1;
            self.negative(last)?
        } else {
            self.member()?
        };
        // Twice is as good as many times: it keeps the type check and the value.
        let times = if count > 2 { 2 - count % 2 } else { count };
        for _ in 0..times {
            let (span, depth) = (start..ast.span.end, ast.depth + 1);
            ast = node(Syntax::Unary(operator, Box::new(ast)), span, depth)?;
        }
        Ok(ast)
    }

    /// A number literal behind a minus, which makes `-9223372036854775808` an integer.
    fn negative(&mut self, start: usize) -> Parsed {
        let span = start..self.span.end;
        let syntax = match self.token {
            Token::Int(n) => Syntax::Int(0i64.checked_sub_unsigned(n).ok_or_else(|| too_large(&span))?),
            Token::Float(value, ref text) => {
                Syntax::Float { value: -value, text: Str::from(format!("-{text}")) }
            }
            _ => return self.member(),
        };
        self.advance()?;
        let literal = node(syntax, span, 1)?;
        self.members_of(literal)
    }
}
