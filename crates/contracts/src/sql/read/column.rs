//! Columns and constraints of tables, as they are written.

use super::{
    cursor::{Cursor, Name, Read},
    lex::{Kind, Token},
    types::TypeName,
};
use crate::sql::Dialect;

/// Words that end the type or the default of a column.
pub(super) const ENDS: [&str; 22] = [
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "REFERENCES",
    "GENERATED",
    "AS",
    "COLLATE",
    "CONSTRAINT",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
    "COMMENT",
    "ON",
    "CHARACTER",
    "CHARSET",
    "INVISIBLE",
    "VISIBLE",
    "VIRTUAL",
    "STORED",
    "KEY",
];

/// A column as it is written.
pub(super) struct Column<'s> {
    pub(super) name: Name,
    pub(super) ty: Option<TypeName>,
    pub(super) constraints: Vec<Constraint<'s>>,
}

/// Something that is demanded of a column or a table.
pub(super) enum Constraint<'s> {
    NotNull,
    Default(&'s [Token]),
    /// With the columns that a constraint of a table names.
    Key(Vec<String>),
    Unique(Vec<String>),
    Index(Vec<String>),
    Check(&'s [Token]),
    References {
        columns: Vec<String>,
        table: String,
        to: Vec<String>,
    },
    /// The database counts, and rows may say otherwise.
    Counted,
    /// No row may give a value.
    Generated,
    Comment(String),
    /// By which its texts are compared.
    Collation(String),
    /// Something that is not enforced, in words.
    Other(&'static str),
}

impl<'s> Column<'s> {
    pub(super) fn read(cursor: &mut Cursor<'s>, dialect: Dialect) -> Read<Self> {
        let folds = dialect == Dialect::Postgres;
        let name = cursor.name(folds)?;
        let ends = |token: &Token| matches!(&token.kind, Kind::Word(word) if word != "character" && ENDS.iter().any(|end| token.is(end)));
        // SQLite has columns without a type.
        let has_type = cursor.peek().is_some_and(|token| {
            !ends(token) || (token.is("CHARACTER") && !cursor.second().is_some_and(|it| it.is("SET")))
        });
        let ty = if has_type { Some(TypeName::read(cursor, dialect)?) } else { None };
        let mut constraints = Vec::new();
        while cursor.peek().is_some() {
            constraints.extend(column_constraint(cursor, folds)?);
        }
        Ok(Self { name, ty, constraints })
    }
}

fn column_constraint<'s>(cursor: &mut Cursor<'s>, folds: bool) -> Read<Option<Constraint<'s>>> {
    if cursor.passes(&["CONSTRAINT"]) {
        cursor.name(folds)?;
    }
    Ok(Some(if cursor.passes(&["NOT", "NULL"]) {
        Constraint::NotNull
    } else if cursor.passes(&["DEFAULT"]) {
        Constraint::Default(expression(cursor))
    } else if cursor.passes(&["PRIMARY", "KEY"]) {
        Constraint::Key(Vec::new())
    } else if cursor.passes(&["UNIQUE"]) {
        cursor.passes(&["KEY"]);
        Constraint::Unique(Vec::new())
    } else if cursor.passes(&["KEY"]) {
        Constraint::Key(Vec::new())
    } else if cursor.passes(&["CHECK"]) {
        Constraint::Check(cursor.parenthesised()?)
    } else if cursor.passes(&["REFERENCES"]) {
        references(cursor, Vec::new(), folds)?
    } else if cursor.passes(&["GENERATED", "BY", "DEFAULT", "AS", "IDENTITY"])
        || cursor.passes(&["AUTO_INCREMENT"])
        || cursor.passes(&["AUTOINCREMENT"])
    {
        Constraint::Counted
    } else if cursor.passes(&["GENERATED", "ALWAYS", "AS"]) || cursor.passes(&["AS"]) {
        cursor.passes(&["IDENTITY"]);
        if cursor.is_symbol(b'(') {
            cursor.skip();
        }
        Constraint::Generated
    } else if cursor.passes(&["COMMENT"]) {
        let Some(Token { kind: Kind::Text(text), .. }) = cursor.advance() else {
            return Err(cursor.unexpected("a text"));
        };
        Constraint::Comment(text.clone())
    } else if cursor.passes(&["ON", "UPDATE"]) {
        cursor.skip();
        Constraint::Other("is set again with every change of its row")
    } else if cursor.passes(&["COLLATE"]) {
        // MySQL takes a text for the name as well.
        match cursor.peek() {
            Some(Token { kind: Kind::Text(name), .. }) => {
                cursor.advance();
                Constraint::Collation(name.clone())
            }
            _ => Constraint::Collation(cursor.qualified(folds)?.text),
        }
    } else {
        // Character sets, how it is stored: nothing about values.
        cursor.skip();
        return Ok(None);
    }))
}

/// The expression of a default, which ends with the next word that begins a constraint.
fn expression<'s>(cursor: &mut Cursor<'s>) -> &'s [Token] {
    let rest = cursor.rest();
    let (mut length, mut depth) = (0, 0_usize);
    for token in rest {
        match token.kind {
            Kind::Symbol(b'(' | b'[') => depth += 1,
            Kind::Symbol(b')' | b']') => depth = depth.saturating_sub(1),
            // `NULL` is a default where it stands first. `::character varying` goes on with a cast.
            Kind::Word(_) if depth == 0 && length > 0 => {
                let is_cast = rest[length - 1].kind == Kind::Pair(*b"::");
                if !is_cast && ENDS.iter().any(|end| token.is(end)) {
                    break;
                }
            }
            _ => {}
        }
        length += 1;
    }
    for _ in 0..length {
        cursor.advance();
    }
    &rest[..length]
}

fn references<'s>(cursor: &mut Cursor<'s>, columns: Vec<String>, folds: bool) -> Read<Constraint<'s>> {
    let table = cursor.qualified(folds)?.text;
    let to = if cursor.is_symbol(b'(') { cursor.columns(folds)?.unwrap_or_default() } else { Vec::new() };
    loop {
        if cursor.passes(&["ON", "DELETE"]) || cursor.passes(&["ON", "UPDATE"]) {
            let has_two = cursor.is("SET") || cursor.is("NO");
            cursor.advance();
            if has_two {
                cursor.advance();
            }
        } else if cursor.passes(&["MATCH"]) {
            cursor.advance();
        } else if !(cursor.passes(&["NOT", "DEFERRABLE"])
            || cursor.passes(&["DEFERRABLE"])
            || cursor.passes(&["INITIALLY", "DEFERRED"])
            || cursor.passes(&["INITIALLY", "IMMEDIATE"]))
        {
            return Ok(Constraint::References { columns, table, to });
        }
    }
}

/// A constraint of a table; `None` where a column stands here.
pub(super) fn table_constraint<'s>(
    cursor: &mut Cursor<'s>,
    dialect: Dialect,
) -> Read<Option<Constraint<'s>>> {
    let folds = dialect == Dialect::Postgres;
    let start = cursor.clone();
    if cursor.passes(&["CONSTRAINT"])
        && !["PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE"].iter().any(|it| cursor.is(it))
    {
        cursor.name(folds)?;
    }
    let constraint = if cursor.passes(&["PRIMARY", "KEY"]) {
        Constraint::Key(listed(cursor, folds)?.unwrap_or_default())
    } else if cursor.passes(&["UNIQUE"]) {
        match listed(cursor, folds)? {
            Some(columns) => Constraint::Unique(columns),
            None => Constraint::Other("has a unique expression"),
        }
    } else if cursor.passes(&["CHECK"]) {
        Constraint::Check(cursor.parenthesised()?)
    } else if cursor.passes(&["FOREIGN", "KEY"]) {
        let columns = listed(cursor, folds)?.unwrap_or_default();
        if !cursor.passes(&["REFERENCES"]) {
            return Err(cursor.unexpected("`REFERENCES`"));
        }
        references(cursor, columns, folds)?
    } else if cursor.passes(&["EXCLUDE"]) {
        Constraint::Other("excludes rows that conflict")
    } else if dialect == Dialect::MySql && is_index(cursor) {
        while cursor.passes(&["FULLTEXT"])
            || cursor.passes(&["SPATIAL"])
            || cursor.passes(&["KEY"])
            || cursor.passes(&["INDEX"])
        {}
        match listed(cursor, folds)? {
            Some(columns) => Constraint::Index(columns),
            None => Constraint::Other("has an index of an expression"),
        }
    } else {
        *cursor = start;
        return Ok(None);
    };
    Ok(Some(constraint))
}

fn is_index(cursor: &Cursor<'_>) -> bool {
    let is_word = ["KEY", "INDEX", "FULLTEXT", "SPATIAL"].iter().any(|word| cursor.is(word));
    let second = cursor.second().map(|token| &token.kind);
    // A column may be called `key`; then a type follows, which is no name in quotes and no list.
    is_word
        && (matches!(second, Some(Kind::Quoted(_) | Kind::Symbol(b'('))) || !cursor.is("KEY") || {
            let mut ahead = cursor.clone();
            ahead.advance();
            ahead.advance();
            ahead.is_symbol(b'(')
                && matches!(second, Some(Kind::Word(_)))
                && !matches!(second, Some(Kind::Word(word)) if is_type(word))
        })
}

fn is_type(word: &str) -> bool {
    [
        "VARCHAR",
        "CHAR",
        "INT",
        "BIGINT",
        "DECIMAL",
        "BINARY",
        "VARBINARY",
        "ENUM",
        "SET",
        "TINYINT",
        "SMALLINT",
        "NUMERIC",
    ]
    .iter()
    .any(|ty| word.eq_ignore_ascii_case(ty))
}

/// The columns of a key or index, behind what it is called and how it works; `None` where it has expressions.
fn listed(cursor: &mut Cursor<'_>, folds: bool) -> Read<Option<Vec<String>>> {
    while !cursor.is_symbol(b'(') && cursor.peek().is_some() {
        cursor.advance();
    }
    cursor.columns(folds)
}
