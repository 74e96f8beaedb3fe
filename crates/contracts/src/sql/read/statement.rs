//! Statements: which of them say something about tables, and what.

use tenon_model::Str;

use super::{
    ROWS, Reader,
    check::demands,
    column::Constraint,
    cursor::{Cursor, Read, Unexpected},
    lex::{Kind, Token},
    literal::plain,
    types::{TypeName, enumeration},
};
use crate::problems::Span;

impl Reader<'_> {
    /// Does what a statement says.
    pub(super) fn run(&mut self, tokens: &[Token], end: &Span) {
        let mut cursor = super::cursor(tokens, end);
        let span = cursor.span();
        let ran = if cursor.passes(&["CREATE"]) {
            self.create(&mut cursor)
        } else if cursor.passes(&["ALTER", "TABLE"]) {
            self.alter_table(&mut cursor)
        } else if cursor.passes(&["ALTER", "TYPE"]) {
            self.alter_type(&mut cursor)
        } else if cursor.passes(&["COMMENT", "ON"]) {
            self.comment(&mut cursor)
        } else {
            if cursor.is("INSERT") || cursor.is("REPLACE") {
                self.note(&span, ROWS.to_owned(), "dump the schema alone where that matters");
            }
            Ok(())
        };
        if let Err(Unexpected { span, message }) = ran {
            self.problems.bad(&span, message, "correct the statement, or remove it");
        }
    }

    fn create(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        let span = cursor.span();
        cursor.passes(&["OR", "REPLACE"]);
        let is_unique = cursor.passes(&["UNIQUE"]);
        if cursor.passes(&["INDEX"]) {
            return self.create_index(cursor, is_unique);
        }
        for word in ["GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "UNLOGGED", "FOREIGN"] {
            cursor.passes(&[word]);
        }
        if cursor.passes(&["TABLE"]) {
            return self.create_table(cursor);
        }
        if cursor.passes(&["TYPE"]) {
            return self.create_type(cursor);
        }
        if cursor.passes(&["DOMAIN"]) {
            return self.create_domain(cursor);
        }
        if ["VIEW", "MATERIALIZED"].iter().any(|word| cursor.is(word)) {
            self.note(
                &span,
                "views are not read: only tables are".to_owned(),
                "create a contract of the view by hand",
            );
        }
        Ok(())
    }

    fn create_index(&mut self, cursor: &mut Cursor<'_>, is_unique: bool) -> Read<()> {
        cursor.passes(&["CONCURRENTLY"]);
        cursor.passes(&["IF", "NOT", "EXISTS"]);
        if !cursor.is("ON") {
            cursor.qualified(self.folds())?;
            if cursor.passes(&["USING"]) {
                cursor.advance();
            }
        }
        if !cursor.passes(&["ON"]) {
            return Err(cursor.unexpected("`ON`"));
        }
        cursor.passes(&["ONLY"]);
        let table = cursor.qualified(self.folds())?;
        if cursor.passes(&["USING"]) {
            cursor.advance();
        }
        let columns = cursor.columns(self.folds())?;
        let is_partial = cursor.rest().iter().any(|token| token.is("WHERE"));
        let Some(at) = self.table_at(&table) else { return Ok(()) };
        match columns {
            Some(columns) if !is_partial => {
                let constraint =
                    if is_unique { Constraint::Unique(columns) } else { Constraint::Index(columns) };
                self.constrain(at, &constraint, &table.span);
            }
            _ => {
                let what = if is_unique { "a unique index" } else { "an index" };
                let what = format!("has {what} of an expression, or of some rows alone");
                self.say(at, None, what, &table.span);
                let message =
                    format!("an index of `{}` is of an expression or of some rows alone", table.text);
                self.note(&table.span, message, "index columns, where the project needs it");
            }
        }
        Ok(())
    }

    fn create_type(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        let name = cursor.qualified(self.folds())?;
        if !cursor.passes(&["AS", "ENUM"]) {
            if cursor.peek().is_some() {
                let message = format!("the type `{}` is not an enumeration, and may be any value", name.text);
                self.note(&name.span, message, "use a table or a type that is built in");
            }
            return Ok(());
        }
        let texts: Vec<String> = cursor.parenthesised()?.iter().filter_map(text).collect();
        self.define(&name.text, enumeration(&texts));
        Ok(())
    }

    fn alter_type(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        let name = cursor.qualified(self.folds())?;
        if cursor.passes(&["ADD", "VALUE"]) {
            cursor.passes(&["IF", "NOT", "EXISTS"]);
            let value = cursor.advance().and_then(text);
            let known = self.defined.get(&self.key(&name.text)).cloned();
            if let (Some(value), Some(tenon_model::Kind::Enum(values))) =
                (value, known.map(|shape| shape.kind))
            {
                let mut texts: Vec<String> =
                    values.iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect();
                texts.push(value);
                self.define(&name.text, enumeration(&texts));
            }
        }
        Ok(())
    }

    fn create_domain(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        let name = cursor.qualified(self.folds())?;
        cursor.passes(&["AS"]);
        let ty = TypeName::read(cursor, self.dialect)?;
        let mut meaning = ty.meaning(self.dialect, &self.defined);
        let mut nullable = true;
        while cursor.peek().is_some() {
            if cursor.passes(&["CHECK"]) {
                let tokens = cursor.parenthesised()?;
                let demands = demands(tokens).unwrap_or_default();
                let says_all = !demands.is_empty()
                    && demands
                        .iter()
                        .all(|(_, demand)| super::check::apply(demand, &mut meaning.shape, &mut nullable));
                if !says_all {
                    let said = (name.span.clone(), self.written_check(tokens));
                    self.of_domains.entry(self.key(&name.text)).or_default().push(said);
                    let message = format!("a check of the domain `{}` is not enforced", name.text);
                    self.note(&name.span, message, "say it with bounds, lengths or lists of values");
                }
            } else if cursor.passes(&["NOT", "NULL"]) {
                let message =
                    format!("the domain `{}` is not null, which its columns have to say", name.text);
                self.note(&name.span, message, "write `NOT NULL` for the columns");
            } else {
                cursor.skip();
            }
        }
        self.define(&name.text, meaning.shape);
        Ok(())
    }

    fn comment(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        let folds = self.folds();
        if cursor.passes(&["TABLE"]) {
            let table = cursor.qualified(folds)?;
            if let (Some(at), Some(doc)) = (self.by_name.get(&self.key(&table.text)), comment_text(cursor)) {
                self.tables[*at].doc = Some(doc);
            }
        } else if cursor.passes(&["COLUMN"]) {
            let mut parts = vec![cursor.name(folds)?.text];
            while cursor.passes_symbol(b'.') {
                parts.push(cursor.name(folds)?.text);
            }
            let ([.., table, column], Some(doc)) = (&parts[..], comment_text(cursor)) else { return Ok(()) };
            if let Some(at) = self.by_name.get(&self.key(table)).copied()
                && let Some(position) = self.column_at(at, column)
            {
                self.tables[at].columns[position].doc = Some(doc);
            }
        }
        Ok(())
    }

    fn alter_table(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        cursor.passes(&["IF", "EXISTS"]);
        cursor.passes(&["ONLY"]);
        let table = cursor.qualified(self.folds())?;
        let end = cursor.span();
        for mut action in super::cursor::cut(cursor.rest(), &end) {
            let is_about_tables =
                ["ADD", "ALTER", "DROP", "MODIFY", "CHANGE", "RENAME"].iter().any(|word| action.is(word));
            if !is_about_tables {
                continue;
            }
            let Some(at) = self.table_at(&table) else { return Ok(()) };
            self.alter(at, &mut action)?;
        }
        Ok(())
    }

    fn alter(&mut self, at: usize, action: &mut Cursor<'_>) -> Read<()> {
        let span = action.span();
        if action.passes(&["ADD"]) {
            action.passes(&["COLUMN"]);
            action.passes(&["IF", "NOT", "EXISTS"]);
            return self.item(at, action);
        }
        if action.passes(&["MODIFY"]) {
            action.passes(&["COLUMN"]);
            let mut ahead = action.clone();
            let name = ahead.name(self.folds())?;
            if let Some(position) = self.column_at(at, &name.text) {
                // Keys and indexes of it stay.
                self.tables[at].columns.remove(position);
            }
            return self.item(at, action);
        }
        if action.passes(&["DROP"])
            && !["CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN"].iter().any(|it| action.is(it))
        {
            action.passes(&["COLUMN"]);
            action.passes(&["IF", "EXISTS"]);
            let name = action.name(self.folds())?;
            if let Some(position) = self.column_at(at, &name.text) {
                self.remove(at, position);
            }
            return Ok(());
        }
        if action.passes(&["ALTER"]) {
            action.passes(&["COLUMN"]);
            let name = action.name(self.folds())?;
            return self.alter_column(at, &name.text, action);
        }
        let message = format!("a change of `{}` is not applied", self.tables[at].name);
        self.note(&span, message, "write the table as it is after the change");
        Ok(())
    }

    /// Removes a column, with what was said of it alone.
    fn remove(&mut self, at: usize, position: usize) {
        let table = &mut self.tables[at];
        let name = table.columns.remove(position).name;
        table.unsaid.retain(|said| said.loss.path != *name);
    }

    fn alter_column(&mut self, at: usize, name: &str, action: &mut Cursor<'_>) -> Read<()> {
        let Some(position) = self.column_at(at, name) else { return Ok(()) };
        let span = action.span();
        if action.passes(&["SET", "NOT", "NULL"]) {
            self.tables[at].columns[position].nullable = false;
        } else if action.passes(&["DROP", "NOT", "NULL"]) {
            self.tables[at].columns[position].nullable = true;
        } else if action.passes(&["SET", "DEFAULT"]) {
            let default = plain(action.rest());
            self.default(at, position, &default, &span);
        } else if action.passes(&["ADD", "GENERATED"]) {
            let is_always = action.is("ALWAYS");
            let constraint = if is_always { Constraint::Generated } else { Constraint::Counted };
            self.constrain_column(at, position, &constraint, &span);
        } else if action.passes(&["TYPE"]) || action.passes(&["SET", "DATA", "TYPE"]) {
            let meaning = TypeName::read(action, self.dialect)?.meaning(self.dialect, &self.defined);
            self.tables[at].columns[position].shape = meaning.shape;
        }
        Ok(())
    }
}

fn text(token: &Token) -> Option<String> {
    if let Kind::Text(text) = &token.kind { Some(text.clone()) } else { None }
}

/// What stands behind `IS`.
fn comment_text(cursor: &mut Cursor<'_>) -> Option<Str> {
    cursor.passes(&["IS"]).then(|| cursor.advance().and_then(text)).flatten().map(Str::from)
}
