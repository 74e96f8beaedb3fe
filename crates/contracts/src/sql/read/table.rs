//! Tables: their columns and what is demanded of them.

use tenon_errors::clip;
use tenon_model::{Kind as ShapeKind, Shape, Str};

use super::{
    Reader,
    check::{apply, demands},
    column::{Column, Constraint, table_constraint},
    cursor::{Cursor, Name, Read, Unexpected},
    lex::{Kind, Token},
    literal::{Literal, literal, plain, value},
};
use crate::{
    format::{Unsaid, listed},
    problems::Span,
    sql::{
        Dialect,
        definition::{Made, Reference, Table, TableColumn},
    },
};

/// The most columns of a table: MySQL's bound. PostgreSQL has 1,600, and SQLite 2,000 unless it is built otherwise.
const MAX_COLUMNS: usize = 4_096;
/// The most letters of a check that are told.
const MOST_OF_CHECK: usize = 80;
/// What is said of a column that the database counts.
const COUNTED: &str = "is counted by the database";

impl Reader<'_> {
    pub(super) fn create_table(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        cursor.passes(&["IF", "NOT", "EXISTS"]);
        let name = cursor.qualified(self.folds())?;
        if !cursor.is_symbol(b'(') {
            let message =
                format!("the table `{}` is made from another one or a query, and is not read", name.text);
            self.note(&name.span, message, "write its columns");
            return Ok(());
        }
        let key = self.key(&name.text);
        if self.by_name.contains_key(&key) {
            let message = format!("the table `{}` is created twice", name.text);
            self.problems.bad(&name.span, message, "keep one of them");
            return Ok(());
        }
        let at = self.tables.len();
        self.by_name.insert(key, at);
        self.tables.push(Table {
            name: Str::new(&name.text),
            doc: None,
            columns: Vec::new(),
            key: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
            references: Vec::new(),
            unsaid: Vec::new(),
            place: self.problems.text.place(&name.span),
        });
        let parts = cursor.parts()?;
        // Checks of the table may name columns that come later.
        let mut later = Vec::new();
        for mut part in parts {
            let span = part.span();
            match table_constraint(&mut part, self.dialect)? {
                Some(constraint) => later.push((constraint, span)),
                None => self.column(at, &mut part)?,
            }
        }
        for (constraint, span) in later {
            self.constrain(at, &constraint, &span);
        }
        self.options(at, cursor);
        if self.dialect == Dialect::Sqlite {
            self.number_rows(at);
        }
        Ok(())
    }

    /// A column or a constraint that is added.
    pub(super) fn item(&mut self, at: usize, part: &mut Cursor<'_>) -> Read<()> {
        let span = part.span();
        match table_constraint(part, self.dialect)? {
            Some(constraint) => self.constrain(at, &constraint, &span),
            None => self.column(at, part)?,
        }
        Ok(())
    }

    fn options(&mut self, at: usize, cursor: &mut Cursor<'_>) {
        while let Some(token) = cursor.advance() {
            if token.is("COMMENT") {
                cursor.passes_symbol(b'=');
                if let Some(Token { kind: Kind::Text(text), .. }) = cursor.peek() {
                    self.tables[at].doc = Some(Str::new(text));
                }
            }
        }
    }

    /// The single integer key of a table of SQLite is the number of its row, which is counted.
    fn number_rows(&mut self, at: usize) {
        let table = &mut self.tables[at];
        let [key] = &table.key[..] else { return };
        let key = key.clone();
        for column in table.columns.iter_mut().filter(|column| column.name == key) {
            if matches!(column.shape.kind, ShapeKind::Int(_)) && column.made.is_none() {
                column.made = Some(Made::Counted);
                table.unsaid.push(Unsaid::new(&column.name, COUNTED, column.place.clone()));
            }
        }
    }

    pub(super) fn table_at(&mut self, name: &Name) -> Option<usize> {
        let at = self.by_name.get(&self.key(&name.text)).copied();
        if at.is_none() {
            let message = format!("there is no table `{}` in the file", name.text);
            self.note(&name.span, message, "create it before it is changed");
        }
        at
    }

    pub(super) fn column_at(&self, at: usize, name: &str) -> Option<usize> {
        let is_it = |column: &TableColumn| match self.dialect {
            Dialect::Postgres => column.name == name,
            _ => column.name.eq_ignore_ascii_case(name),
        };
        self.tables[at].columns.iter().position(is_it)
    }

    fn column(&mut self, at: usize, part: &mut Cursor<'_>) -> Read<()> {
        let column = Column::read(part, self.dialect)?;
        let name = &column.name;
        if self.tables[at].columns.len() >= MAX_COLUMNS {
            let message = format!("the table `{}` has more than {MAX_COLUMNS} columns", self.tables[at].name);
            return Err(Unexpected { span: name.span.clone(), message });
        }
        if self.column_at(at, &name.text).is_some() {
            let message =
                format!("the table `{}` has the column `{}` twice", self.tables[at].name, name.text);
            self.problems.bad(&name.span, message, "keep one of them");
            return Ok(());
        }
        let meaning = column.ty.as_ref().map(|ty| ty.meaning(self.dialect, &self.defined));
        let remark = meaning.as_ref().and_then(|meaning| meaning.remark.clone());
        let is_counted = meaning.as_ref().is_some_and(|meaning| meaning.is_counted);
        let shape = meaning.map_or(Shape::of(ShapeKind::Any), |meaning| meaning.shape);
        self.tables[at].columns.push(TableColumn {
            name: Str::new(&name.text),
            shape,
            nullable: !is_counted,
            default: None,
            made: is_counted.then_some(Made::Counted),
            doc: None,
            place: self.problems.text.place(&name.span),
        });
        let position = self.tables[at].columns.len() - 1;
        if is_counted {
            self.say(at, Some(position), COUNTED, &name.span);
        }
        let of_domain = column.ty.as_ref().and_then(|ty| self.of_domains.get(&self.key(ty.name())));
        for (span, message) in of_domain.cloned().unwrap_or_default() {
            self.say(at, Some(position), message, &span);
        }
        if let Some(remark) = remark {
            self.say(at, Some(position), remark.clone(), &name.span);
            let message = format!("`{}.{}` {remark}", self.tables[at].name, name.text);
            self.note(&name.span, message, "use a type that both know, where that matters");
        }
        for constraint in &column.constraints {
            self.constrain_column(at, position, constraint, &name.span);
        }
        Ok(())
    }

    pub(super) fn constrain_column(
        &mut self,
        at: usize,
        position: usize,
        constraint: &Constraint<'_>,
        span: &Span,
    ) {
        let name = self.tables[at].columns[position].name.clone();
        let column = &mut self.tables[at].columns[position];
        match constraint {
            Constraint::NotNull => column.nullable = false,
            Constraint::Counted => {
                column.nullable = false;
                column.made = Some(Made::Counted);
                self.say(at, Some(position), COUNTED, span);
            }
            Constraint::Generated => {
                column.made = Some(Made::Generated);
                self.say(at, Some(position), "is made by the database, and given by no row", span);
            }
            Constraint::Collation(name) => {
                self.say(at, Some(position), format!("is compared by the collation `{name}`"), span);
            }
            Constraint::Comment(text) => column.doc = Some(Str::new(text)),
            Constraint::Default(tokens) => {
                let tokens = plain(tokens);
                self.default(at, position, &tokens, span);
            }
            Constraint::Key(_) => self.constrain(at, &Constraint::Key(vec![name.to_string()]), span),
            Constraint::Unique(_) => self.constrain(at, &Constraint::Unique(vec![name.to_string()]), span),
            Constraint::References { table, to, .. } => {
                let (columns, table, to) = (vec![name.to_string()], table.clone(), to.clone());
                self.constrain(at, &Constraint::References { columns, table, to }, span);
            }
            Constraint::Other(what) => {
                self.say(at, Some(position), *what, span);
                let message =
                    format!("`{}.{name}` {what}, which a contract cannot say", self.tables[at].name);
                self.note(span, message, "do it in the flow that writes the row");
            }
            Constraint::Check(_) | Constraint::Index(_) => self.constrain(at, constraint, span),
        }
    }

    pub(super) fn default(&mut self, at: usize, position: usize, tokens: &[Token], span: &Span) {
        let column = &mut self.tables[at].columns[position];
        match literal(tokens) {
            Some(Literal::Null) => {}
            Some(literal) => match value(&literal, &column.shape) {
                Some(value) => column.default = Some(value),
                None => {
                    column.made = column.made.or(Some(Made::Computed));
                    self.say(at, Some(position), "has a default that is not a value of its type", span);
                    let message = format!(
                        "the default of `{}.{}` is not a value of its type",
                        self.tables[at].name, self.tables[at].columns[position].name
                    );
                    self.note(span, message, "correct the default");
                }
            },
            None => {
                // A column that takes the next number of a sequence is counted.
                let counts = tokens.first().is_some_and(|token| token.is("NEXTVAL"));
                column.made = column.made.or(Some(if counts { Made::Counted } else { Made::Computed }));
                let what = if counts { COUNTED } else { "has a default that the database computes" };
                self.say(at, Some(position), what, span);
                if !counts {
                    let message = format!(
                        "the default of `{}.{}` is computed by the database",
                        self.tables[at].name, self.tables[at].columns[position].name
                    );
                    self.note(span, message, "give the value in a mapping");
                }
            }
        }
    }

    pub(super) fn constrain(&mut self, at: usize, constraint: &Constraint<'_>, span: &Span) {
        match constraint {
            Constraint::Key(columns) => {
                let known = self.known(at, columns, span);
                for name in &known {
                    if let Some(position) = self.column_at(at, name) {
                        self.tables[at].columns[position].nullable = false;
                    }
                }
                self.say_of(at, &known, ("is the primary key", "has the primary key"), "", span);
                self.tables[at].key = known;
            }
            Constraint::Unique(columns) => {
                let known = self.known(at, columns, span);
                self.say_of(at, &known, ("is unique", "has no two rows of equal"), "", span);
                self.tables[at].unique.push(known);
            }
            Constraint::Index(columns) => {
                let known = self.known(at, columns, span);
                self.say_of(at, &known, ("has an index", "has an index of"), "", span);
                self.tables[at].indexes.push(known);
            }
            Constraint::References { columns, table, to } => {
                let columns = self.known(at, columns, span);
                let of = if to.is_empty() { String::new() } else { format!("{} of ", listed(to)) };
                let target = format!(" to {of}`{table}`");
                self.say_of(at, &columns, ("refers", "refers by"), &target, span);
                let to = to.iter().map(Str::new).collect();
                self.tables[at].references.push(Reference { columns, table: Str::new(table), to });
            }
            Constraint::Check(tokens) => self.check(at, tokens, span),
            Constraint::Other(what) => {
                self.say(at, None, *what, span);
                let message = format!("`{}` {what}, which a contract cannot say", self.tables[at].name);
                self.note(span, message, "hold it in the database");
            }
            Constraint::NotNull
            | Constraint::Default(_)
            | Constraint::Counted
            | Constraint::Generated
            | Constraint::Collation(_)
            | Constraint::Comment(_) => {}
        }
    }

    /// Keeps what is said of columns: of a single one at it, with the first words, else of the table, with the second.
    fn say_of(
        &mut self,
        at: usize,
        columns: &[Str],
        (of_one, of_several): (&str, &str),
        more: &str,
        span: &Span,
    ) {
        match columns {
            [] => {}
            [only] => {
                let position = self.column_at(at, only);
                self.say(at, position, format!("{of_one}{more}"), span);
            }
            _ => self.say(at, None, format!("{of_several} {}{more}", listed(columns)), span),
        }
    }

    /// The columns as the table calls them; those that it does not have are problems.
    fn known(&mut self, at: usize, names: &[String], span: &Span) -> Vec<Str> {
        let mut known = Vec::with_capacity(names.len());
        for name in names {
            match self.column_at(at, name) {
                Some(position) => known.push(self.tables[at].columns[position].name.clone()),
                None => {
                    let message = format!("the table `{}` has no column `{name}`", self.tables[at].name);
                    self.problems.bad(span, message, "name a column of the table");
                }
            }
        }
        known
    }

    /// That there is a check, as it is written.
    pub(super) fn written_check(&self, tokens: &[Token]) -> String {
        let start = tokens.first().map_or(0, |token| token.span.start);
        let end = tokens.last().map_or(start, |token| token.span.end);
        let written = self.problems.text.written(&(start..end));
        format!("has the check `{}`", clip(written.trim(), MOST_OF_CHECK))
    }

    fn check(&mut self, at: usize, tokens: &[Token], span: &Span) {
        let demands = demands(tokens).unwrap_or_default();
        let mut says_all = !demands.is_empty();
        for (name, demand) in &demands {
            match self.column_at(at, name) {
                Some(position) => {
                    let column = &mut self.tables[at].columns[position];
                    says_all &= apply(demand, &mut column.shape, &mut column.nullable);
                }
                None => says_all = false,
            }
        }
        if !says_all {
            self.say(at, None, self.written_check(tokens), span);
            let message = format!("a check of the table `{}` is not enforced", self.tables[at].name);
            self.note(
                span,
                message,
                "say it with bounds, lengths or lists of values, or hold it in the database",
            );
        }
    }
}
