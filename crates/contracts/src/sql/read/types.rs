//! The types of columns as shapes.

use std::{collections::HashMap, sync::Arc};

use tenon_model::{
    Format, Kind as ShapeKind, Shape, Value,
    shape::{FloatRange, IntRange, Length, List, Text},
};

use super::{
    cursor::{Cursor, Read},
    lex::Kind,
};
use crate::sql::Dialect;

/// A type as it is written.
#[derive(Debug, Default)]
pub(super) struct TypeName {
    /// Its words, in capitals, without its arguments.
    pub(super) words: String,
    /// Its name as it is written, where it is one that the file may define.
    name: String,
    numbers: Vec<u32>,
    texts: Vec<String>,
    lists: usize,
}

/// What a type means.
pub(super) struct Meaning {
    pub(super) shape: Shape,
    /// Whether the database counts.
    pub(super) is_counted: bool,
    /// What the shape does not say of the type, or says more than it.
    pub(super) remark: Option<String>,
}

/// Types that the file defines, by their names.
pub(super) type Defined = HashMap<String, Shape>;

/// The most dimensions of an array that are read; PostgreSQL has six.
const MAX_DIMENSIONS: usize = 16;
/// Words that go on with a type after its first one.
const MORE: [&str; 17] = [
    "VARYING",
    "PRECISION",
    "WITH",
    "WITHOUT",
    "TIME",
    "ZONE",
    "UNSIGNED",
    "SIGNED",
    "ZEROFILL",
    "VARCHAR",
    "CHAR",
    "CHARACTER",
    "LARGE",
    "OBJECT",
    "LOCAL",
    "BINARY",
    "VARBINARY",
];
const FIELDS: [&str; 7] = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO"];

impl TypeName {
    pub(super) fn read(cursor: &mut Cursor<'_>, dialect: Dialect) -> Read<Self> {
        let mut ty = Self::default();
        let first = cursor.qualified(dialect == Dialect::Postgres)?;
        ty.words = first.text.to_uppercase();
        ty.name = first.text;
        loop {
            if cursor.is_symbol(b'(') && ty.numbers.is_empty() && ty.texts.is_empty() {
                for token in cursor.parenthesised()? {
                    match &token.kind {
                        Kind::Number(digits) => ty.numbers.extend(digits.parse::<u32>()),
                        Kind::Text(text) => ty.texts.push(text.clone()),
                        _ => {}
                    }
                }
            } else if cursor.is_symbol(b'[') {
                ty.lists += 1;
                while cursor.advance().is_some_and(|token| token.kind != Kind::Symbol(b']')) {}
            } else if cursor.passes(&["ARRAY"]) {
                ty.lists += 1;
            } else if let Some(word) = ty.more(cursor, dialect) {
                ty.words.push(' ');
                ty.words.push_str(&word);
                cursor.advance();
            } else {
                return Ok(ty);
            }
        }
    }

    /// The word here, if it belongs to the type.
    fn more(&self, cursor: &Cursor<'_>, dialect: Dialect) -> Option<String> {
        let Kind::Word(word) = &cursor.peek()?.kind else { return None };
        let word = word.to_uppercase();
        let is_set = word == "CHARACTER" && cursor.second().is_some_and(|token| token.is("SET"));
        let is_field = self.words.starts_with("INTERVAL") && FIELDS.contains(&word.as_str());
        // SQLite takes any words.
        let is_free = dialect == Dialect::Sqlite && !super::column::ENDS.contains(&word.as_str());
        ((MORE.contains(&word.as_str()) && !is_set) || is_field || is_free).then_some(word)
    }

    /// What it is called, where that is the name of something that the file may define.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn meaning(&self, dialect: Dialect, defined: &Defined) -> Meaning {
        let mut meaning = match defined.get(&self.name) {
            Some(shape) => Meaning { shape: shape.clone(), is_counted: false, remark: None },
            None => self.scalar(dialect),
        };
        for _ in 0..self.lists.min(MAX_DIMENSIONS) {
            // The items of arrays may be null.
            meaning.shape = Shape::list(meaning.shape.nullable());
        }
        if self.lists > MAX_DIMENSIONS {
            let message = format!("has {} dimensions, of which {MAX_DIMENSIONS} are read", self.lists);
            meaning.remark = Some(message);
        }
        meaning
    }

    fn scalar(&self, dialect: Dialect) -> Meaning {
        let is_unsigned = self.words.contains("UNSIGNED") || self.words.contains("ZEROFILL");
        let plain = self.words.split(" UNSIGNED").next().unwrap_or_default();
        let plain = plain.split(" ZEROFILL").next().unwrap_or_default().trim_end_matches(" SIGNED");
        let bits = |bits: u32| {
            let (least, most) = (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1);
            let range = if is_unsigned { (0, (1_i128 << bits) - 1) } else { (least, most) };
            integer(range.0, range.1)
        };
        let mut remark = None;
        let mut counted = false;
        let is_mysql = dialect == Dialect::MySql;
        let shape = match plain {
            "TINYINT" if self.numbers == [1] && !is_unsigned => Shape::BOOL,
            "BOOL" | "BOOLEAN" => Shape::BOOL,
            "TINYINT" | "INT1" => bits(8),
            "SMALLINT" | "INT2" => bits(16),
            "MEDIUMINT" | "INT3" | "MIDDLEINT" => bits(24),
            // Integers of SQLite have 64 bits, whatever they are called.
            "INT" | "INTEGER" | "BIGINT" if dialect == Dialect::Sqlite => bits(64),
            "INT" | "INTEGER" | "INT4" => bits(32),
            "BIGINT" | "INT8" => bits(64),
            "SMALLSERIAL" | "SERIAL2" | "SERIAL" | "SERIAL4" | "BIGSERIAL" | "SERIAL8" => {
                counted = true;
                match plain {
                    "SMALLSERIAL" | "SERIAL2" => bits(16),
                    "SERIAL" if is_mysql => integer(0, (1 << 64) - 1),
                    "SERIAL" | "SERIAL4" => bits(32),
                    _ => bits(64),
                }
            }
            "OID" => integer(0, u32::MAX.into()),
            "YEAR" => integer(1901, 2155),
            "NUMERIC" | "DECIMAL" | "DEC" | "FIXED" | "NUMBER" => {
                self.decimal(is_mysql, is_unsigned, &mut remark)
            }
            "MONEY" => {
                remark = Some("is an amount of money, whose form depends on the database".to_owned());
                Shape::DECIMAL
            }
            "REAL" | "FLOAT4" if dialect == Dialect::Postgres => single(),
            "FLOAT" if is_mysql && self.numbers.first().is_none_or(|digits| *digits <= 24) => single(),
            "FLOAT"
                if dialect == Dialect::Postgres
                    && self.numbers.first().is_some_and(|digits| *digits <= 24) =>
            {
                single()
            }
            "REAL" | "FLOAT" | "FLOAT8" | "DOUBLE" | "DOUBLE PRECISION" => Shape::FLOAT,
            "TINYTEXT" => text(0, Some(255)),
            "TEXT"
            | "CITEXT"
            | "CLOB"
            | "CHARACTER LARGE OBJECT"
            | "MEDIUMTEXT"
            | "LONGTEXT"
            | "LONG VARCHAR" => Shape::string(),
            "NAME" => text(0, Some(63)),
            "CHAR" | "CHARACTER" | "BPCHAR" | "NCHAR" | "NATIONAL CHAR" | "NATIONAL CHARACTER" => {
                text(0, Some(self.numbers.first().copied().unwrap_or(1).into()))
            }
            "VARCHAR"
            | "CHARACTER VARYING"
            | "CHAR VARYING"
            | "NVARCHAR"
            | "VARCHAR2"
            | "NATIONAL VARCHAR"
            | "NATIONAL CHARACTER VARYING" => text(0, self.numbers.first().copied().map(u64::from)),
            "BYTEA" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "BINARY LARGE OBJECT" => Shape::BYTES,
            "TINYBLOB" => bytes(None, Some(255)),
            "BINARY" => {
                let length = u64::from(self.numbers.first().copied().unwrap_or(1));
                bytes(Some(length), Some(length))
            }
            "VARBINARY" => bytes(None, self.numbers.first().copied().map(u64::from)),
            "DATE" => Shape::DATE,
            "TIME" | "TIME WITHOUT TIME ZONE" => {
                remark = is_mysql
                    .then(|| "may be beyond a day in MySQL, and is a time of day in the contract".to_owned());
                Shape::TIME
            }
            "TIMETZ" | "TIME WITH TIME ZONE" => formatted(Format::Time),
            "TIMESTAMP" if is_mysql => Shape::TIMESTAMP,
            "DATETIME" | "TIMESTAMP" | "TIMESTAMP WITHOUT TIME ZONE" => Shape::LOCAL_DATE_TIME,
            "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Shape::TIMESTAMP,
            words if words.starts_with("INTERVAL") => match plain {
                "INTERVAL DAY TO SECOND"
                | "INTERVAL HOUR TO SECOND"
                | "INTERVAL MINUTE TO SECOND"
                | "INTERVAL SECOND" => Shape::DURATION,
                _ => Shape::PERIOD,
            },
            "UUID" => Shape::UUID,
            "JSON" | "JSONB" => Shape::of(ShapeKind::Any),
            "ENUM" => self.members(),
            "SET" => Shape::of(ShapeKind::List(Arc::new(List {
                item: self.members(),
                length: Length::default(),
                unique: true,
            }))),
            "INET4" => formatted(Format::Ipv4),
            "INET6" => formatted(Format::Ipv6),
            "XML" | "INET" | "CIDR" | "MACADDR" | "MACADDR8" | "TSVECTOR" | "TSQUERY" | "BIT"
            | "BIT VARYING" | "VARBIT" => {
                remark = Some(format!("is {}, and any text in the contract", plain.to_lowercase()));
                Shape::string()
            }
            other => self.unknown(other, dialect, &mut remark),
        };
        Meaning { shape, is_counted: counted, remark }
    }

    /// What SQLite makes of a type that it does not know ("Determination Of Column Affinity"), and any value elsewhere.
    fn unknown(&self, words: &str, dialect: Dialect, remark: &mut Option<String>) -> Shape {
        let has = |part: &str| words.contains(part);
        let by_affinity = match dialect {
            Dialect::Sqlite if has("INT") => Some(Shape::INT),
            Dialect::Sqlite if has("CHAR") || has("CLOB") || has("TEXT") => {
                Some(text(0, self.numbers.first().copied().map(u64::from)))
            }
            Dialect::Sqlite if has("BLOB") => Some(Shape::BYTES),
            Dialect::Sqlite if has("REAL") || has("FLOA") || has("DOUB") => Some(Shape::FLOAT),
            _ => None,
        };
        by_affinity.unwrap_or_else(|| {
            *remark = Some(format!(
                "is of the type `{}`, which is not known: it may be any value",
                words.to_lowercase()
            ));
            Shape::of(ShapeKind::Any)
        })
    }

    fn decimal(&self, is_mysql: bool, is_unsigned: bool, remark: &mut Option<String>) -> Shape {
        let (precision, scale) = match self.numbers[..] {
            [] if is_mysql => (10, 0),
            [] => return Shape::DECIMAL,
            [precision] => (precision, 0),
            [precision, scale, ..] => (precision, scale),
        };
        match FloatRange::of_digits(precision, scale) {
            Ok(mut range) => {
                if is_unsigned {
                    range.min = "0".parse().ok().map(|zero| tenon_model::shape::Bound::new(zero, false));
                }
                Shape::of(ShapeKind::Decimal(range))
            }
            Err(_) => {
                *remark = Some(format!("has {precision} digits, which are more than decimals have"));
                Shape::DECIMAL
            }
        }
    }

    fn members(&self) -> Shape {
        enumeration(&self.texts)
    }
}

/// One of `texts`.
pub(super) fn enumeration(texts: &[String]) -> Shape {
    Shape::of(ShapeKind::Enum(texts.iter().map(|text| Value::from(text.as_str())).collect()))
}

fn integer(min: i128, max: i128) -> Shape {
    Shape::of(ShapeKind::Int(IntRange { min: Some(min), max: Some(max), multiple_of: None }))
}

fn single() -> Shape {
    Shape::of(ShapeKind::Float(FloatRange { is_single: true, ..FloatRange::ANY }))
}

fn text(min: u64, max: Option<u64>) -> Shape {
    let length = Length { min: (min > 0).then_some(min), max };
    Shape::of(ShapeKind::String(Arc::new(Text { length, ..Text::default() })))
}

fn formatted(format: Format) -> Shape {
    Shape::of(ShapeKind::String(Arc::new(Text { format: Some(format), ..Text::default() })))
}

fn bytes(min: Option<u64>, max: Option<u64>) -> Shape {
    Shape::of(ShapeKind::Bytes(Length { min, max }))
}
