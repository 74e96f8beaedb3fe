//! Kinds as the types of columns, with checks for what types alone do not say. In a check, `{}` stands for the column.

use tenon_model::{
    Kind, Shape, Value,
    shape::{FloatRange, IntRange, Length, Text},
};

use super::Writer;
use crate::{json, path, sql::Dialect};

/// The most characters of `varchar` in MySQL, where each may take four of 65,535 bytes.
const MOST_CHARACTERS: u64 = 16_000;
/// The most characters of a text that is a part of a key in MySQL.
const MOST_IN_KEY: u64 = 191;

/// The type of a column, and its checks.
pub(super) struct Column {
    pub(super) ty: String,
    pub(super) checks: Vec<String>,
}

impl Column {
    fn of(ty: impl Into<String>) -> Self {
        Self { ty: ty.into(), checks: Vec::new() }
    }
}

impl Writer {
    /// By dialect: PostgreSQL, MySQL, SQLite.
    fn pick(&self, names: [&str; 3]) -> String {
        let [postgres, mysql, sqlite] = names;
        match self.dialect {
            Dialect::Postgres => postgres,
            Dialect::MySql => mysql,
            Dialect::Sqlite => sqlite,
        }
        .to_owned()
    }

    pub(super) fn column_type(&mut self, shape: &Shape, path: &str, is_key: bool) -> Column {
        let resolved = shape.resolved();
        match &resolved.kind {
            Kind::Bool => Column::of(self.pick(["boolean", "tinyint(1)", "BOOLEAN"])),
            Kind::Int(range) => self.integer(range, path),
            Kind::Float(range) => {
                let name = if range.is_single {
                    self.pick(["real", "float", "REAL"])
                } else {
                    self.pick(["double precision", "double", "REAL"])
                };
                if range.is_single && self.dialect == Dialect::Sqlite {
                    self.lose(path, "is of single precision, and of double there");
                }
                self.bounded(name, range, true, path)
            }
            Kind::Decimal(range) => self.decimal(range, path),
            Kind::String(text) => self.string(text, path, is_key),
            Kind::Bytes(length) => self.bytes(*length, is_key),
            Kind::Timestamp => {
                if self.dialect == Dialect::MySql {
                    self.lose(path, "is an instant, and between 1970 and 2038 there");
                }
                if self.dialect != Dialect::Sqlite {
                    self.lose(path, "has nanoseconds, and microseconds there");
                }
                Column::of(self.pick(["timestamp with time zone", "timestamp(6)", "TIMESTAMPTZ"]))
            }
            Kind::LocalDateTime => {
                self.lose_nanoseconds(path);
                Column::of(self.pick(["timestamp without time zone", "datetime(6)", "DATETIME"]))
            }
            Kind::Time => {
                self.lose_nanoseconds(path);
                Column::of(self.pick(["time without time zone", "time(6)", "TIME"]))
            }
            Kind::Date => Column::of(self.pick(["date", "date", "DATE"])),
            Kind::Duration => {
                self.lose_interval("an exact length of time", path);
                Column::of(self.pick(["interval day to second", "varchar(64)", "TEXT"]))
            }
            Kind::Period => {
                self.lose_interval("a calendar period", path);
                Column::of(self.pick(["interval", "varchar(64)", "TEXT"]))
            }
            Kind::Uuid => {
                if self.dialect == Dialect::MySql {
                    self.lose(path, "is a UUID, and text there");
                }
                Column::of(self.pick(["uuid", "char(36)", "UUID"]))
            }
            Kind::Enum(values) => self.enumeration(values, path, is_key),
            Kind::List(list) if self.dialect == Dialect::Postgres && is_scalar(&list.item) => {
                let inside = path::item(path);
                if !list.item.allows_null() {
                    self.lose(&inside, "is not null, and may be there");
                }
                if list.length != Length::default() {
                    self.lose(path, "has a least or a greatest number of items, which is not checked there");
                }
                if list.unique {
                    self.lose(path, "has no two equal items, which is not checked there");
                }
                let item = self.column_type(&list.item, &inside, false);
                if !item.checks.is_empty() {
                    self.lose(&inside, "has bounds, which are not checked there");
                }
                Column::of(format!("{}[]", item.ty))
            }
            Kind::Any => Column::of(self.pick(["jsonb", "json", "JSON"])),
            _ => {
                self.lose(path, format!("is {}, and any JSON there", shape.name()));
                Column::of(self.pick(["jsonb", "json", "JSON"]))
            }
        }
    }

    fn lose_nanoseconds(&mut self, path: &str) {
        if self.dialect != Dialect::Sqlite {
            self.lose(path, "has nanoseconds, and microseconds there");
        }
    }

    fn lose_interval(&mut self, what: &str, path: &str) {
        if self.dialect == Dialect::Postgres {
            self.lose(path, format!("is {what} of nanoseconds, and of microseconds there"));
        } else {
            self.lose(path, format!("is {what}, and text there"));
        }
    }

    fn integer(&mut self, range: &IntRange, path: &str) -> Column {
        let (min, max) = (range.min.unwrap_or(i64::MIN.into()), range.max.unwrap_or(i64::MAX.into()));
        let signed = |bits: u32| (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1);
        let unsigned = |bits: u32| (0, (1_i128 << bits) - 1);
        let mut types: Vec<(&str, (i128, i128))> = match self.dialect {
            Dialect::Postgres => {
                vec![("smallint", signed(16)), ("integer", signed(32)), ("bigint", signed(64))]
            }
            Dialect::MySql => vec![
                // `tinyint(1)` is a bool, so that `tinyint` is written with its usual width.
                ("tinyint(4)", signed(8)),
                ("tinyint(3) unsigned", unsigned(8)),
                ("smallint", signed(16)),
                ("smallint unsigned", unsigned(16)),
                ("mediumint", signed(24)),
                ("mediumint unsigned", unsigned(24)),
                ("int", signed(32)),
                ("int unsigned", unsigned(32)),
                ("bigint", signed(64)),
                ("bigint unsigned", unsigned(64)),
            ],
            Dialect::Sqlite => vec![("INTEGER", signed(64))],
        };
        types.retain(|(_, (low, high))| *low <= min && max <= *high);
        // Of those that hold all values the one that holds just them, else the first.
        let exact = types.iter().find(|(_, (low, high))| *low == min && *high == max);
        if range.multiple_of.is_some() {
            self.lose(path, "is a multiple of a number, which is not checked there");
        }
        let Some((name, (low, high))) = exact.or(types.first()).copied() else {
            self.lose(path, "is an integer beyond 64 bits with a sign, and a decimal there");
            let name = if self.dialect == Dialect::Sqlite { "NUMERIC" } else { "numeric(20,0)" };
            return Column { ty: name.to_owned(), checks: vec![format!("{{}} >= {min} AND {{}} <= {max}")] };
        };
        let lower = (min > low).then(|| format!("{{}} >= {min}"));
        let upper = (max < high).then(|| format!("{{}} <= {max}"));
        let check: Vec<String> = lower.into_iter().chain(upper).collect();
        let checks = if check.is_empty() { Vec::new() } else { vec![check.join(" AND ")] };
        Column { ty: name.to_owned(), checks }
    }

    fn decimal(&mut self, range: &FloatRange, path: &str) -> Column {
        let Some(digits) = range.digits else {
            if self.dialect == Dialect::MySql {
                self.lose(path, "has any number of digits, and 65 there, 30 of them decimal places");
            }
            let name = self.pick(["numeric", "decimal(65,30)", "NUMERIC"]);
            return self.bounded(name, range, true, path);
        };
        let most = if self.dialect == Dialect::MySql { (65, 30) } else { (1_000, 1_000) };
        if digits.precision > most.0 || digits.scale > most.1 {
            self.lose(path, format!("has {} digits, which are more than the type has", digits.precision));
        }
        let (precision, scale) = (digits.precision.min(most.0).max(1), digits.scale.min(most.1));
        let name = self.pick(["numeric", "decimal", "DECIMAL"]);
        let of_digits = FloatRange::of_digits(digits.precision, digits.scale).ok();
        let ty = format!("{name}({precision},{scale})");
        if of_digits.as_ref() == Some(range) {
            return Column::of(ty);
        }
        // Bounds that the digits give need no check.
        let given = of_digits.unwrap_or_default();
        let own = FloatRange {
            min: range.min.clone().filter(|bound| given.min.as_ref() != Some(bound)),
            max: range.max.clone().filter(|bound| given.max.as_ref() != Some(bound)),
            multiple_of: range.multiple_of.clone().filter(|unit| given.multiple_of.as_ref() != Some(unit)),
            ..FloatRange::ANY
        };
        self.bounded(ty, &own, true, path)
    }

    fn bounded(&mut self, ty: String, range: &FloatRange, checks: bool, path: &str) -> Column {
        let mut parts = Vec::new();
        for (bound, open, closed) in [(&range.min, ">", ">="), (&range.max, "<", "<=")] {
            if let Some(bound) = bound.as_ref().filter(|_| checks) {
                let number = json::to_string(&Value::Decimal(std::sync::Arc::clone(&bound.value)));
                parts.push(format!("{{}} {} {number}", if bound.exclusive { open } else { closed }));
            }
        }
        if range.multiple_of.is_some() {
            self.lose(path, "is a multiple of a number, which is not checked there");
        }
        let checks = if parts.is_empty() { Vec::new() } else { vec![parts.join(" AND ")] };
        Column { ty, checks }
    }

    fn string(&mut self, text: &Text, path: &str, is_key: bool) -> Column {
        if text.pattern.is_some() {
            self.lose(path, "has a pattern, which is not checked there");
        }
        if let Some(format) = text.format {
            self.lose(path, format!("has the form `{}`, which is not checked there", format.name()));
        }
        let most = if self.dialect == Dialect::MySql { MOST_CHARACTERS } else { 10_000_000 };
        let mut parts = Vec::new();
        let length = if self.dialect == Dialect::Sqlite { "length" } else { "char_length" };
        if let Some(min) = text.length.min.filter(|min| *min > 0) {
            parts.push(format!("{length}({{}}) >= {min}"));
        }
        let ty = match text.length.max {
            Some(max) if (1..=most).contains(&max) => {
                format!("{}({max})", self.pick(["varchar", "varchar", "VARCHAR"]))
            }
            None if is_key && self.dialect == Dialect::MySql => {
                self.lose(
                    path,
                    format!(
                        "is text of any length, and of {MOST_IN_KEY} characters there, as it is in the key"
                    ),
                );
                format!("varchar({MOST_IN_KEY})")
            }
            max => {
                parts.extend(max.map(|max| format!("{length}({{}}) <= {max}")));
                self.pick(["text", "longtext", "TEXT"])
            }
        };
        let checks = if parts.is_empty() { Vec::new() } else { vec![parts.join(" AND ")] };
        Column { ty, checks }
    }

    fn bytes(&mut self, length: Length, is_key: bool) -> Column {
        let function = if self.dialect == Dialect::Sqlite { "length" } else { "octet_length" };
        let lower = length.min.filter(|min| *min > 0).map(|min| format!("{function}({{}}) >= {min}"));
        let upper = length.max.map(|max| format!("{function}({{}}) <= {max}"));
        let short = length.max.filter(|max| (1..=60_000).contains(max) && self.dialect == Dialect::MySql);
        let (ty, upper) = match short {
            Some(max) => (format!("varbinary({max})"), None),
            None if is_key && self.dialect == Dialect::MySql => ("varbinary(255)".to_owned(), upper),
            None => (self.pick(["bytea", "longblob", "BLOB"]), upper),
        };
        let parts: Vec<String> = lower.into_iter().chain(upper).collect();
        let checks = if parts.is_empty() { Vec::new() } else { vec![parts.join(" AND ")] };
        Column { ty, checks }
    }

    fn enumeration(&mut self, values: &[Value], path: &str, is_key: bool) -> Column {
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        let literals: Option<Vec<String>> = values.iter().map(|value| self.literal(value)).collect();
        let is_text = values.iter().all(|value| matches!(value, Value::String(_)));
        let is_integer = values.iter().all(|value| matches!(value, Value::Int(_)));
        let Some(literals) = literals.filter(|_| !values.is_empty() && (is_text || is_integer)) else {
            self.lose(path, "has values of several types, and becomes any JSON there");
            return Column::of(self.pick(["jsonb", "json", "JSON"]));
        };
        let list = literals.join(", ");
        // Values of MySQL's own type drop spaces at their ends, and are no more than 65,535.
        let is_own = is_text && self.dialect == Dialect::MySql && values.len() < 60_000;
        if is_own && values.iter().all(|value| value.as_str().is_some_and(|text| !text.ends_with(' '))) {
            return Column::of(format!("enum({list})"));
        }
        let ty = match (is_text, is_key) {
            (false, _) => self.pick(["bigint", "bigint", "INTEGER"]),
            (true, true) if self.dialect == Dialect::MySql => format!("varchar({MOST_IN_KEY})"),
            (true, _) => self.pick(["text", "longtext", "TEXT"]),
        };
        Column { ty, checks: vec![format!("{{}} IN ({list})")] }
    }
}

fn is_scalar(shape: &Shape) -> bool {
    !matches!(
        shape.resolved().kind,
        Kind::Any
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Record(_)
            | Kind::Union(_)
            | Kind::Named(_)
            | Kind::Enum(_)
    )
}
