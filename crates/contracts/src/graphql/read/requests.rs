//! Executable definitions: operations and fragments (specification, sections 2.2 to 2.12).

use super::{Kind, MAX_DEPTH, Parser, Read, Stop};
use crate::{
    graphql::{
        model::{Field, Operation},
        requests::model::{Executable, Fragment, Requested, Selected, Selection},
    },
    problems::Problems,
};

/// Words that begin an executable definition.
const BEGINNINGS: [&str; 4] = ["query", "mutation", "subscription", "fragment"];

/// All executable definitions of `text`. What cannot be read is a problem; reading goes on with the next line that begins one.
pub(in crate::graphql) fn executable(text: &str, problems: &mut Problems<'_>) -> Executable {
    let mut parser = Parser::new(text, problems);
    parser.beginnings = &BEGINNINGS;
    parser.takes_variables = true;
    let mut executable = Executable::default();
    while parser.token.kind != Kind::End && !parser.problems.is_full() {
        let start = parser.token.span.clone();
        if parser.executable(&mut executable).is_err() {
            parser.recover(&start);
        }
    }
    executable
}

impl Parser<'_, '_, '_> {
    fn executable(&mut self, executable: &mut Executable) -> Read<()> {
        let doc = self.doc()?;
        let start = self.token.span.start;
        if self.word() == Some("fragment") {
            self.advance()?;
            let name = self.name()?;
            if name.text == "on" {
                self.problems.bad(&name.span, "a fragment cannot be called `on`", "name it otherwise");
            }
            if self.word() != Some("on") {
                return Err(self.unexpected("`on`"));
            }
            self.advance()?;
            let (on, directives) = (self.name()?, self.directives()?);
            let selections = self.selections()?;
            let span = start..self.end;
            executable.fragments.push(Fragment { name, on, directives, selections, span });
            return Ok(());
        }
        // A query may be written as what it asks for alone.
        let operation = match self.word() {
            None if self.is(b'{') => Operation::Query,
            word => {
                let Some(operation) = Operation::ALL.into_iter().find(|it| Some(it.word()) == word) else {
                    return Err(self.unexpected("`query`, `mutation` or `fragment`"));
                };
                self.advance()?;
                operation
            }
        };
        let name = if self.word().is_some() { Some(self.name()?) } else { None };
        let variables = self.list(b'(', b')', Self::variable)?;
        let directives = self.directives()?;
        let selections = self.selections()?;
        let span = start..self.end;
        executable.operations.push(Requested {
            operation,
            doc,
            name,
            variables,
            directives,
            selections,
            span,
        });
        Ok(())
    }

    /// Defaults and directives of variables are constants.
    fn variable(&mut self) -> Read<Field> {
        self.expect(b'$')?;
        self.takes_variables = false;
        let variable = self.input_value();
        self.takes_variables = true;
        variable
    }

    fn selections(&mut self) -> Read<Vec<Selection>> {
        if self.depth >= MAX_DEPTH {
            let span = self.token.span.clone();
            let message = format!("selections are nested more than {MAX_DEPTH} deep");
            self.problems.bad(&span, message, "ask for less at once");
            return Err(Stop);
        }
        if !self.is(b'{') {
            return Err(self.unexpected("`{`"));
        }
        self.depth += 1;
        let selections = self.list(b'{', b'}', Self::selection)?;
        self.depth -= 1;
        Ok(selections)
    }

    fn selection(&mut self) -> Read<Selection> {
        if self.token.kind != Kind::Spread {
            return self.selected().map(Selection::Field);
        }
        self.advance()?;
        match self.word() {
            Some("on") | None => {
                let on = if self.word().is_some() {
                    self.advance()?;
                    Some(self.name()?)
                } else {
                    None
                };
                let directives = self.directives()?;
                Ok(Selection::Inline { on, directives, selections: self.selections()? })
            }
            Some(_) => Ok(Selection::Spread { name: self.name()?, directives: self.directives()? }),
        }
    }

    fn selected(&mut self) -> Read<Selected> {
        let key = self.name()?;
        let name = if self.passes(b':')? { self.name()? } else { key.clone() };
        let arguments = if self.passes(b'(')? { self.pairs(b')')? } else { Vec::new() };
        let directives = self.directives()?;
        let selections = if self.is(b'{') { self.selections()? } else { Vec::new() };
        Ok(Selected { key, name, arguments, directives, selections })
    }
}
