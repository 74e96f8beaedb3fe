//! Dialects of SQL.

/// A dialect of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite 3.37 and newer (strict tables).
    Sqlite,
}

/// How much of a file is looked at to know its dialect.
const LOOKED_AT: usize = 64 << 10;

/// What only one dialect has, in small letters.
const MARKS: &[(&str, Dialect)] = &[
    ("-- postgresql database", Dialect::Postgres),
    ("-- mysql dump", Dialect::MySql),
    ("mariadb dump", Dialect::MySql),
    ("pragma ", Dialect::Sqlite),
    ("autoincrement", Dialect::Sqlite),
    ("without rowid", Dialect::Sqlite),
    (") strict", Dialect::Sqlite),
    ("auto_increment", Dialect::MySql),
    ("engine=", Dialect::MySql),
    ("engine =", Dialect::MySql),
    (" unsigned", Dialect::MySql),
    ("enum(", Dialect::MySql),
    ("`", Dialect::MySql),
];

impl Dialect {
    /// Every dialect, with its name.
    pub const ALL: &[(Self, &'static str)] =
        &[(Self::Postgres, "PostgreSQL"), (Self::MySql, "MySQL"), (Self::Sqlite, "SQLite")];

    /// The dialect that is called `name`, without case: `postgres`, `postgresql`, `mysql`, `mariadb`, `sqlite`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::MySql),
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(dialect, _)| *dialect == self).map_or("", |(_, name)| name)
    }

    /// The dialect of a file: what its line `-- dialect: NAME` says, else what only one dialect has, else PostgreSQL.
    #[must_use]
    pub fn recognised(text: &str) -> Self {
        let mut end = text.len().min(LOOKED_AT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let start = text[..end].to_ascii_lowercase();
        let told = start.lines().find_map(|line| line.trim().strip_prefix("-- dialect:"));
        if let Some(dialect) = told.and_then(|name| Self::named(name.trim())) {
            return dialect;
        }
        let mark = MARKS.iter().find(|(mark, _)| start.contains(mark));
        mark.map_or(Self::Postgres, |(_, dialect)| *dialect)
    }
}
