//! Files of SQL as tables: `CREATE TABLE`, and what changes them in the same file. What is about rows or rights is passed over.

mod check;
mod column;
mod cursor;
mod lex;
mod literal;
mod statement;
mod table;
mod types;

use std::collections::HashMap;

use tenon_errors::{
    Report, Reports,
    catalogue::contract::{ASSERTS_NOTHING, BAD_CONTRACT},
};
use tenon_model::Shape;

use self::{
    cursor::Cursor,
    lex::{Kind, Lexer, Token},
    types::Defined,
};
use super::{Dialect, definition::Table};
use crate::{
    format::Unsaid,
    problems::{Problems, Span, Text},
};

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 64 << 20;
/// The most tokens of a statement that defines something.
const MAX_TOKENS: usize = 1_000_000;
/// The most notes of a file.
const MOST_NOTES: usize = 100;

/// What a file says.
#[derive(Debug)]
pub struct File {
    /// The dialect that it was read in.
    pub dialect: Dialect,
    /// Its tables, in the order of the file.
    pub tables: Vec<Table>,
    /// What it says and a contract does not.
    pub notes: Vec<Report>,
}

/// Reads `text`, the content of `file`, in `dialect`, or in the one that it is recognised as.
///
/// # Errors
/// `C0001` with each problem at its place.
pub fn read_file(file: &str, text: &str, dialect: Option<Dialect>) -> Result<File, Reports> {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, and {MAX_BYTES} are read", text.len());
        let report = Report::new(&BAD_CONTRACT, message).at(tenon_errors::Place::file(file));
        return Err(report.hint("leave the rows out: dump the schema alone").into());
    }
    let dialect = dialect.unwrap_or_else(|| Dialect::recognised(text));
    let places = Text::new(file, text);
    let mut reader = Reader {
        dialect,
        problems: Problems::new(&places),
        tables: Vec::new(),
        by_name: HashMap::new(),
        defined: Defined::new(),
        of_domains: HashMap::new(),
        notes: Vec::new(),
    };
    reader.statements(&mut Lexer::new(text, dialect));
    if reader.tables.is_empty() && reader.problems.is_empty() {
        reader.problems.bad(&(0..0), "the file defines no table", "add a `CREATE TABLE`");
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems.finish());
    }
    let mut notes = std::mem::take(&mut reader.notes);
    notes.sort_by_key(|(span, ..)| span.start);
    let note = |(span, message, hint): (Span, String, &str)| {
        Report::new(&ASSERTS_NOTHING, message).at(places.place(&span)).hint(hint)
    };
    Ok(File { dialect, tables: reader.tables, notes: notes.into_iter().map(note).collect() })
}

struct Reader<'t> {
    dialect: Dialect,
    problems: Problems<'t>,
    tables: Vec<Table>,
    by_name: HashMap<String, usize>,
    defined: Defined,
    /// What domains say that no shape has, by their names.
    of_domains: HashMap<String, Vec<(Span, String)>>,
    notes: Vec<(Span, String, &'static str)>,
}

impl Reader<'_> {
    fn folds(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// What a name is known by: names of tables and columns are compared without case but in PostgreSQL.
    fn key(&self, name: &str) -> String {
        if self.folds() { name.to_owned() } else { name.to_lowercase() }
    }

    fn note(&mut self, span: &Span, message: String, hint: &'static str) {
        if self.notes.len() < MOST_NOTES && self.notes.iter().all(|(_, known, _)| *known != message) {
            self.notes.push((span.clone(), message, hint));
        }
    }

    /// Keeps what is said of the table at `at`, or of its column at `position`, and what no shape has.
    fn say(&mut self, at: usize, position: Option<usize>, message: impl Into<String>, span: &Span) {
        let place = self.problems.text.place(span);
        let table = &mut self.tables[at];
        let path = position.and_then(|position| table.columns.get(position)).map(|it| it.name.clone());
        table.unsaid.push(Unsaid::new(path.as_deref().unwrap_or_default(), message, place));
    }

    fn define(&mut self, name: &str, shape: Shape) {
        self.defined.insert(self.key(name), shape);
    }

    fn statements(&mut self, lexer: &mut Lexer<'_>) {
        let mut tokens: Vec<Token> = Vec::new();
        loop {
            tokens.clear();
            let end = self.statement(lexer, &mut tokens);
            if !tokens.is_empty() {
                self.run(&tokens, &end.span);
            }
            if copies_rows(&tokens) {
                self.note(&tokens[0].span, ROWS.to_owned(), "dump the schema alone where that matters");
                lexer.skip_rows();
            }
            if end.kind != Kind::Semicolon || self.problems.is_full() {
                return;
            }
        }
    }

    /// The tokens up to the end of a statement, which is given back. Of statements that define nothing only the first are kept.
    fn statement(&mut self, lexer: &mut Lexer<'_>, tokens: &mut Vec<Token>) -> Token {
        loop {
            let token = lexer.next();
            match token.kind {
                Kind::Semicolon | Kind::End => return token,
                Kind::Bad(message) => {
                    self.problems.bad(&token.span, message, "close it");
                    return token;
                }
                _ => {}
            }
            let defines = tokens.first().is_none_or(|first| DEFINING.iter().any(|word| first.is(word)));
            if tokens.len() >= MAX_TOKENS {
                let message = format!("the statement has more than {MAX_TOKENS} parts");
                self.problems.bad(&token.span, message, "split it");
                return Token { kind: Kind::End, span: token.span };
            }
            if defines || tokens.len() < 8 || token.is("STDIN") {
                tokens.push(token);
            }
        }
    }
}

/// The words that statements begin with which define something.
const DEFINING: [&str; 3] = ["CREATE", "ALTER", "COMMENT"];

/// What is said of rows in the file.
pub(super) const ROWS: &str = "the file holds rows, which say nothing about their tables";

fn copies_rows(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|token| token.is("COPY"))
        && tokens.last().is_some_and(|token| token.is("STDIN"))
}

/// A cursor over `tokens` of a statement that ends at `end`.
fn cursor<'s>(tokens: &'s [Token], end: &Span) -> Cursor<'s> {
    Cursor::new(tokens, end.clone())
}
