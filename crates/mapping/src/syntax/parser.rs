//! Tokens to a syntax tree, by recursive descent with a bounded depth.

use std::ops::Range;

use tenon_model::Str;

use super::{
    Ast, Binary, MAX_DEPTH, MAX_TEXT, Syntax, SyntaxError, habits,
    lexer::{self, Token},
};

/// Words that CEL keeps for languages that embed it; they can be field names but not variables.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads `text` as one expression.
pub(crate) fn parse(text: &str) -> Result<Ast, SyntaxError> {
    read(text).map_err(|error| habits::advise(text, error))
}

fn read(text: &str) -> Result<Ast, SyntaxError> {
    if text.len() > MAX_TEXT {
        let message = format!("the expression is {} bytes long; the most is {MAX_TEXT}", text.len());
        return Err(SyntaxError::new(0..0, message).hint("split it into several `let` steps").limit());
    }
    let (token, span) = lexer::next(text, 0)?;
    let mut parser = Parser { text, token, span, end: 0, depth: 0 };
    if parser.token == Token::End {
        return Err(SyntaxError::new(0..text.len(), "the expression is empty")
            .hint("write an expression, or `\"\"` for an empty text"));
    }
    let ast = parser.expression()?;
    if parser.token != Token::End {
        return Err(parser.trailing());
    }
    comment(text, parser.end)?;
    Ok(ast)
}

/// A comment behind an expression of one line is most likely a division as other languages write it: `a // 2`.
fn comment(text: &str, end: usize) -> Parsed<()> {
    let rest = text[end..].trim_end();
    let comment = rest.trim_start();
    if !comment.starts_with("//") || text.trim().contains('\n') {
        return Ok(());
    }
    let start = end + rest.len() - comment.len();
    let message = format!("`{comment}` is a comment, and would count for nothing");
    Err(SyntaxError::new(start..end + rest.len(), message)
        .hint("write `/` to divide, or begin a comment of the file with ` #`"))
}

/// The state of reading one expression.
pub(super) struct Parser<'a> {
    text: &'a str,
    pub(super) token: Token,
    pub(super) span: Range<usize>,
    /// Where the token before this one ended.
    pub(super) end: usize,
    depth: usize,
}

pub(super) type Parsed<T = Ast> = Result<T, SyntaxError>;

impl Parser<'_> {
    /// `Expr = ConditionalOr ["?" ConditionalOr ":" Expr]`
    pub(super) fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.span.clone()));
        }
        let condition = self.or()?;
        let ast = if self.eat("?")? {
            let yes = self.or()?;
            self.expect(":", "the conditional `a ? b : c` needs its `:` part")?;
            let no = self.expression()?;
            let depth = 1 + condition.depth.max(yes.depth).max(no.depth);
            let span = condition.span.start..no.span.end;
            node(Syntax::Conditional(Box::new(condition), Box::new(yes), Box::new(no)), span, depth)?
        } else {
            condition
        };
        self.depth -= 1;
        Ok(ast)
    }

    fn or(&mut self) -> Parsed {
        self.chain("||", Self::and, Syntax::Or)
    }

    fn and(&mut self) -> Parsed {
        self.chain("&&", |parser| parser.binary(0), Syntax::And)
    }

    /// Operands joined by an associative operator, kept side by side so that long chains are not deep.
    fn chain(
        &mut self,
        symbol: &'static str,
        mut operand: impl FnMut(&mut Self) -> Parsed,
        make: fn(Vec<Ast>) -> Syntax,
    ) -> Parsed {
        let first = operand(self)?;
        if self.token != Token::Symbol(symbol) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.eat(symbol)? {
            operands.push(operand(self)?);
        }
        let span = operands[0].span.start..self.end;
        let depth = 1 + operands.iter().map(|ast| ast.depth).max().unwrap_or(0);
        node(make(operands), span, depth)
    }

    /// Relations (level 0), sums (1) and products (2), all associating to the left.
    fn binary(&mut self, level: usize) -> Parsed {
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            self.advance()?;
            let right = self.binary(level + 1)?;
            let span = left.span.start..right.span.end;
            let depth = 1 + left.depth.max(right.depth);
            left = node(Syntax::Binary(operator, Box::new(left), Box::new(right)), span, depth)?;
        }
        Ok(left)
    }

    fn operator(&self, level: usize) -> Option<Binary> {
        let symbol = match &self.token {
            Token::Symbol(symbol) => symbol,
            Token::Name(name) if name == "in" => "in",
            _ => return None,
        };
        LEVELS[level].iter().copied().find(|operator| operator.symbol() == symbol)
    }

    pub(super) fn member(&mut self) -> Parsed {
        let primary = self.primary()?;
        self.members_of(primary)
    }

    /// `.field`, `.?field`, `.method(...)`, `[index]`, `[?index]` and `{...}` behind `ast`.
    pub(super) fn members_of(&mut self, mut ast: Ast) -> Parsed {
        loop {
            ast = match self.token {
                Token::Symbol(".") => self.select(ast)?,
                Token::Symbol("[") => self.index(ast)?,
                Token::Symbol("{") if ast.dotted().is_some() => self.message(&ast)?,
                _ => return Ok(ast),
            };
        }
    }

    fn select(&mut self, operand: Ast) -> Parsed {
        self.advance()?;
        let optional = self.eat("?")?;
        let field_span = self.span.clone();
        let (field, quoted) = match &self.token {
            Token::Name(name) if !matches!(name.as_str(), "in" | "true" | "false" | "null") => {
                (name.clone(), false)
            }
            Token::Quoted(name) => (name.clone(), true),
            other => {
                let message =
                    format!("a field or method name is expected after `.`, not {}", other.describe());
                return Err(SyntaxError::new(field_span, message)
                    .hint("write the name after the `.`, or `[\"name\"]` for one with other characters"));
            }
        };
        self.advance()?;
        let start = operand.span.start;
        if !quoted && !optional && self.token == Token::Symbol("(") {
            let arguments = self.arguments()?;
            let depth = 1 + operand.depth.max(deepest(&arguments));
            let call = Syntax::Call {
                target: Some(Box::new(operand)),
                name: field,
                name_span: field_span,
                arguments,
            };
            return node(call, start..self.end, depth);
        }
        let depth = operand.depth + 1;
        node(
            Syntax::Select { operand: Box::new(operand), field, field_span, optional },
            start..self.end,
            depth,
        )
    }

    fn index(&mut self, operand: Ast) -> Parsed {
        self.advance()?;
        let optional = self.eat("?")?;
        let index = self.expression()?;
        self.expect("]", "the index has no closing `]`")?;
        let (span, depth) = (operand.span.start..self.end, 1 + operand.depth.max(index.depth));
        node(Syntax::Index { operand: Box::new(operand), index: Box::new(index), optional }, span, depth)
    }

    fn primary(&mut self) -> Parsed {
        let span = self.span.clone();
        let token = std::mem::replace(&mut self.token, Token::End);
        match token {
            Token::Symbol("(") => {
                self.advance()?;
                let mut inner = self.expression()?;
                self.expect(")", "the parenthesis has no closing `)`")?;
                inner.span = span.start..self.end;
                Ok(inner)
            }
            Token::Symbol("[") => self.list(span.start),
            Token::Symbol("{") => self.map(span.start),
            Token::Symbol(".") => {
                self.advance()?;
                let Token::Name(name) = self.token.clone() else { return Err(self.unexpected("a name")) };
                self.name(name, span.start, true)
            }
            Token::Name(name) => self.name(name, span.start, false),
            Token::Int(n) => {
                let n = i64::try_from(n).map_err(|_| too_large(&span))?;
                self.literal(Syntax::Int(n), span)
            }
            Token::Uint(n) => self.literal(Syntax::Uint(n), span),
            Token::Float(value, text) => self.literal(Syntax::Float { value, text }, span),
            Token::String(text) => self.literal(Syntax::String(text), span),
            Token::Bytes(bytes) => self.literal(Syntax::Bytes(bytes), span),
            other => {
                self.token = other;
                Err(self.unexpected("a value"))
            }
        }
    }

    fn literal(&mut self, syntax: Syntax, span: Range<usize>) -> Parsed {
        self.advance()?;
        node(syntax, span, 1)
    }

    fn name(&mut self, name: Str, start: usize, rooted: bool) -> Parsed {
        let span = start..self.span.end;
        match name.as_str() {
            "true" => return self.literal(Syntax::Bool(true), span),
            "false" => return self.literal(Syntax::Bool(false), span),
            "null" => return self.literal(Syntax::Null, span),
            "in" => {
                return Err(
                    SyntaxError::new(span, "`in` needs a value on its left").hint("write `x in list`")
                );
            }
            word if RESERVED.contains(&word) => {
                return Err(SyntaxError::new(span, format!("`{word}` is a reserved word of CEL"))
                    .hint(format!("write `\"{word}\"` for a text; a field of this name is `x.{word}`")));
            }
            _ => {}
        }
        let name_span = self.span.clone();
        self.advance()?;
        if self.token == Token::Symbol("(") {
            let arguments = self.arguments()?;
            let depth = 1 + deepest(&arguments);
            return node(Syntax::Call { target: None, name, name_span, arguments }, start..self.end, depth);
        }
        node(Syntax::Name { name, rooted }, span, 1)
    }

    pub(super) fn advance(&mut self) -> Parsed<()> {
        self.end = self.span.end;
        (self.token, self.span) = lexer::next(self.text, self.span.end)?;
        Ok(())
    }

    pub(super) fn eat(&mut self, symbol: &'static str) -> Parsed<bool> {
        let found = self.token == Token::Symbol(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, symbol: &'static str, why: &str) -> Parsed<()> {
        if self.eat(symbol)? {
            return Ok(());
        }
        let message = match &self.token {
            Token::End => why.to_owned(),
            other => format!("{why}; found {} instead", other.describe()),
        };
        Err(SyntaxError::new(self.span.clone(), message).hint(format!("add the `{symbol}`")))
    }

    pub(super) fn unexpected(&self, wanted: &str) -> SyntaxError {
        let message = match &self.token {
            Token::End => format!("the expression ends where {wanted} is expected"),
            other => format!("{wanted} is expected, not {}", other.describe()),
        };
        let error = SyntaxError::new(self.span.clone(), message);
        match &self.token {
            Token::End => error.hint("complete the expression"),
            Token::Symbol(".") => error.hint("write what is meant in place of the dots"),
            other => error.hint(format!("write {wanted} here, or remove {}", other.describe())),
        }
    }

    fn trailing(&self) -> SyntaxError {
        let message = format!("an operator is expected before {}", self.token.describe());
        match &self.token {
            Token::Symbol(")" | "]" | "}") => SyntaxError::new(
                self.span.clone(),
                format!("{} closes nothing that was opened", self.token.describe()),
            )
            .hint("remove it, or open what it closes"),
            _ => SyntaxError::new(self.span.clone(), message)
                .hint("put an operator such as `+` or `==` in between, or quotes around a text"),
        }
    }
}

const LEVELS: &[&[Binary]] = &[
    &[
        Binary::Equal,
        Binary::NotEqual,
        Binary::Less,
        Binary::LessOrEqual,
        Binary::Greater,
        Binary::GreaterOrEqual,
        Binary::In,
    ],
    &[Binary::Add, Binary::Subtract],
    &[Binary::Multiply, Binary::Divide, Binary::Remainder],
];

pub(super) fn node(syntax: Syntax, span: Range<usize>, depth: usize) -> Parsed {
    if depth > MAX_DEPTH {
        return Err(too_deep(span));
    }
    Ok(Ast { syntax, span, depth })
}

fn deepest(arguments: &[Ast]) -> usize {
    arguments.iter().map(|argument| argument.depth).max().unwrap_or(0)
}

fn too_deep(span: Range<usize>) -> SyntaxError {
    SyntaxError::new(span, format!("the expression is more than {MAX_DEPTH} levels deep"))
        .hint("split it into several `let` steps")
        .limit()
}

pub(super) fn too_large(span: &Range<usize>) -> SyntaxError {
    SyntaxError::new(span.clone(), "the integer does not fit 64 bits")
        .hint("write it as unsigned (`1u`), or as `decimal(\"...\")`")
}
