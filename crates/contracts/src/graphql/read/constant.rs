//! Constants, and directives, which have them as arguments.

use super::{Kind, MAX_DEPTH, Parser, Read, Stop};
use crate::graphql::model::{Constant, Directive, Form, Name};

impl Parser<'_, '_, '_> {
    pub(super) fn directives(&mut self) -> Read<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.passes(b'@')? {
            let name = self.name()?;
            let arguments = if self.passes(b'(')? { self.pairs(b')')? } else { Vec::new() };
            directives.push(Directive { name, arguments });
        }
        Ok(directives)
    }

    pub(super) fn constant(&mut self) -> Read<Constant> {
        let start = self.token.span.clone();
        if self.depth >= MAX_DEPTH {
            let message = format!("constants are nested more than {MAX_DEPTH} deep");
            self.problems.bad(&start, message, "nest fewer lists and objects");
            return Err(Stop);
        }
        self.depth += 1;
        let form = self.form()?;
        self.depth -= 1;
        Ok(Constant { form, span: start.start..self.end })
    }

    fn form(&mut self) -> Read<Form> {
        let written = self.text.get(self.token.span.clone()).unwrap_or_default();
        let form = match &self.token.kind {
            // Its value does not matter, as the file has a problem.
            Kind::Bad => Form::Null,
            Kind::Int => Form::Int(written.to_owned()),
            Kind::Float => Form::Float(written.to_owned()),
            Kind::Text(text) => Form::Text(text.clone()),
            Kind::Name => match written {
                "true" => Form::Bool(true),
                "false" => Form::Bool(false),
                "null" => Form::Null,
                name => Form::Enum(name.to_owned()),
            },
            Kind::Symbol(b'$') if self.takes_variables => {
                self.advance()?;
                return Ok(Form::Variable(self.name()?.text));
            }
            Kind::Symbol(b'[') => {
                self.advance()?;
                let mut items = Vec::new();
                while !self.passes(b']')? {
                    items.push(self.constant()?);
                }
                return Ok(Form::List(items));
            }
            Kind::Symbol(b'{') => {
                self.advance()?;
                return Ok(Form::Object(if self.passes(b'}')? { Vec::new() } else { self.pairs(b'}')? }));
            }
            _ => return Err(self.unexpected("a constant")),
        };
        self.advance()?;
        Ok(form)
    }

    /// Names with constants, up to `end`; at least one.
    pub(super) fn pairs(&mut self, end: u8) -> Read<Vec<(Name, Constant)>> {
        let mut pairs = Vec::new();
        loop {
            let name = self.name()?;
            self.expect(b':')?;
            pairs.push((name, self.constant()?));
            if self.passes(end)? {
                return Ok(pairs);
            }
        }
    }
}
