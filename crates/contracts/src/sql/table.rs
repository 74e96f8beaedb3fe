//! How a record becomes a row.

use tenon_errors::{Report, Reports, catalogue::contract::NOT_STORABLE, nearest};
use tenon_model::{
    Field, Kind, Record, Shape, Str, Value,
    shape::{FloatRange, IntRange, Length, Text},
};

/// What a column holds. How each is stored is the database's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Integers of 64 bits, with a sign.
    Integer,
    /// Integers of which some are larger than that.
    BigInteger,
    /// IEEE 754 doubles.
    Real,
    /// Unicode text.
    Text,
    /// Octets.
    Blob,
    /// True or false.
    Boolean,
    /// Instants. In SQLite text of fixed width, `2013-01-01T10:00:00.000000000Z`, so that its order is that of time.
    Timestamp,
    /// Calendar dates.
    Date,
    /// Times of day.
    Time,
    /// Dates and times of day without an offset. In SQLite text of fixed width, `2013-01-01T10:00:00.000000000`, so that its order is
    /// that of the calendar.
    LocalDateTime,
    /// Lengths of time.
    Duration,
    /// Calendar periods, which have no order: each is the one text that equal ones share.
    Period,
    /// UUIDs.
    Uuid,
    /// Decimals with all their digits.
    Decimal,
    /// Everything that is not a scalar.
    Json,
}

/// A column of a table: a field of its contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name of the field and the column.
    pub name: Str,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether it may hold NULL: for an absent field, or for null.
    pub nullable: bool,
    /// The value that is stored where the field is absent, so that readers of the table need not fill it in.
    pub default: Option<Value>,
    /// What the contract says of the field.
    pub shape: Shape,
}

impl Column {
    /// Whether its contract says more of its values than their kind does.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        has_rules(&self.shape)
    }
}

fn has_rules(shape: &Shape) -> bool {
    let resolved = shape.resolved();
    let of_kind = match &resolved.kind {
        Kind::Any
        | Kind::Bool
        | Kind::Timestamp
        | Kind::Date
        | Kind::Time
        | Kind::LocalDateTime
        | Kind::Duration
        | Kind::Period
        | Kind::Uuid => false,
        Kind::Int(range) => *range != IntRange::default(),
        Kind::Float(range) | Kind::Decimal(range) => *range != FloatRange::ANY,
        Kind::String(text) => **text != Text::default(),
        Kind::Bytes(length) => *length != Length::default(),
        Kind::List(list) => list.length != Length::default() || list.unique || has_rules(&list.item),
        Kind::Enum(_) | Kind::Map(_) | Kind::Record(_) | Kind::Union(_) | Kind::Named(_) => true,
    };
    of_kind || shape.refinement.is_some() || resolved.refinement.is_some()
}

/// A table that holds the records of a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSchema {
    /// Its name in the database.
    pub name: Str,
    /// In the order of the contract.
    pub columns: Vec<Column>,
    /// The columns of the primary key, as positions in `columns`, in the order of the key.
    pub key: Vec<usize>,
    /// Further indexes, each as positions in `columns`.
    pub indexes: Vec<Vec<usize>>,
    /// The shape of rows, where the contract says more of them than of each column: how many fields there are, and rules on the
    /// whole.
    pub whole: Option<Shape>,
}

/// The most columns of a table; SQLite's own bound is 2,000.
const MAX_COLUMNS: usize = 1_000;

/// How the texts of a column compare where they do not sort as the values that they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Collation {
    /// As the numbers that they are: by the name that SQLite's own extension for decimals gives it.
    Decimal,
    /// As the lengths of time that they are.
    Duration,
}

impl Collation {
    /// Every collation.
    pub const ALL: &[Self] = &[Self::Decimal, Self::Duration];

    /// Its name in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Duration => "duration",
        }
    }
}

impl ColumnType {
    /// How its texts compare; `None` where they sort as they are.
    #[must_use]
    pub fn collation(self) -> Option<Collation> {
        match self {
            Self::Decimal | Self::BigInteger => Some(Collation::Decimal),
            Self::Duration => Some(Collation::Duration),
            _ => None,
        }
    }
}

impl TableSchema {
    /// The table `name` for records of `shape`, with the primary key `key` and further `indexes`.
    ///
    /// # Errors
    /// `C0101` for each reason why it cannot be: the contract is not a record or has no fields, the key is empty, or a
    /// key or index names a field that is absent or cannot be compared, or twice the same.
    pub fn new(
        name: impl Into<Str>,
        shape: &Shape,
        key: &[Str],
        indexes: &[Vec<Str>],
    ) -> Result<Self, Reports> {
        let name = name.into();
        let Some(record) = shape.as_record() else {
            return Err(no_rows(&format!("what the table `{name}` holds"), shape).into());
        };
        let mut problems = Reports::new();
        check_form(&name, shape, &record, &mut problems);
        let columns: Vec<Column> = record.fields().iter().map(column).collect();
        if key.is_empty() {
            let message = format!("table `{name}` has no key");
            problems.push(not_storable(message, "name the fields that identify a row"));
        }
        let key_positions = positions(&name, "key", key, &record, &mut problems);
        for at in &key_positions {
            check_key_column(&name, &columns[*at], &mut problems);
        }
        let index_positions: Vec<Vec<usize>> =
            indexes.iter().map(|index| positions(&name, "index", index, &record, &mut problems)).collect();
        for at in index_positions.iter().flatten().filter(|at| columns[**at].column_type == ColumnType::Json)
        {
            let (column, kind) = (&columns[*at].name, columns[*at].shape.name());
            let message = format!("an index of table `{name}` names `{column}`, which is {kind}");
            problems.push(not_storable(message, "index fields that are scalars"));
        }
        let says_more = shape.refinement.is_some()
            || shape.resolved().refinement.is_some()
            || record.length != Length::default()
            || record.names.is_some()
            || !record.choices.is_empty();
        let whole = says_more.then(|| shape.clone());
        problems.finish(Self { name, columns, key: key_positions, indexes: index_positions, whole })
    }

    /// The column `name` and its position.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, column)| column.name == name)
    }
}

fn check_form(name: &str, shape: &Shape, record: &Record, problems: &mut Reports) {
    if shape.allows_null() {
        let message = format!("table `{name}` cannot hold null, which its contract allows");
        problems.push(not_storable(message, "use a contract that does not allow null"));
    }
    if record.fields().is_empty() || record.fields().len() > MAX_COLUMNS {
        let message = format!(
            "table `{name}` would have {} columns, and 1 to {MAX_COLUMNS} are possible",
            record.fields().len()
        );
        problems.push(not_storable(message, "use a contract with as many fields"));
    }
    if record.rest.is_some() {
        let message = format!("table `{name}` cannot keep the further fields that its contract allows");
        problems.push(not_storable(message, "add `\"additionalProperties\": false` to the contract"));
    }
    // SQL folds case in names.
    let mut seen = std::collections::HashMap::new();
    for field in record.fields() {
        if let Some(other) = seen.insert(field.name.to_lowercase(), &field.name) {
            let message =
                format!("table `{name}` cannot tell the columns `{other}` and `{}` apart", field.name);
            problems.push(not_storable(message, "rename one of the fields"));
        }
        if field.name.is_empty() || field.name.contains('\0') {
            let message = format!("table `{name}` cannot have a column named {:?}", field.name);
            problems.push(not_storable(message, "rename the field"));
        }
    }
}

fn check_key_column(table: &str, column: &Column, problems: &mut Reports) {
    let (name, kind) = (&column.name, column.shape.name());
    if column.column_type == ColumnType::Json {
        let message = format!("the key of table `{table}` names `{name}`, which is {kind}");
        problems.push(not_storable(message, "use a field that is a scalar as the key"));
    } else if column.nullable {
        let message = format!("the key of table `{table}` names `{name}`, which may be absent or null");
        problems.push(not_storable(message, format!("make `{name}` required, without null")));
    }
}

/// The positions of the fields that a key or index names.
fn positions(table: &str, what: &str, names: &[Str], record: &Record, problems: &mut Reports) -> Vec<usize> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        match record.field(name) {
            Some((at, _)) if found.contains(&at) => {
                let message = format!("the {what} of table `{table}` names `{name}` twice");
                problems.push(not_storable(message, "name each field once"));
            }
            Some((at, _)) => found.push(at),
            None => {
                let message =
                    format!("the {what} of table `{table}` names `{name}`, which its contract does not have");
                let guess = nearest(name, record.fields().iter().map(|field| field.name.as_str()));
                let hint =
                    guess.map_or("name fields of the contract".to_owned(), |guess| format!("use `{guess}`"));
                problems.push(not_storable(message, hint));
            }
        }
    }
    found
}

fn column(field: &Field) -> Column {
    let shape = &field.shape;
    Column {
        name: field.name.clone(),
        column_type: column_type(shape),
        nullable: !field.required || shape.allows_null(),
        default: field.default.clone(),
        shape: shape.clone(),
    }
}

fn column_type(shape: &Shape) -> ColumnType {
    match &shape.resolved().kind {
        Kind::Bool => ColumnType::Boolean,
        Kind::Int(range) if range.max.is_some_and(|max| max > i128::from(i64::MAX)) => ColumnType::BigInteger,
        Kind::Int(_) => ColumnType::Integer,
        Kind::Float(_) => ColumnType::Real,
        Kind::Decimal(_) => ColumnType::Decimal,
        Kind::String(_) => ColumnType::Text,
        Kind::Bytes(_) => ColumnType::Blob,
        Kind::Timestamp => ColumnType::Timestamp,
        Kind::Date => ColumnType::Date,
        Kind::Time => ColumnType::Time,
        Kind::LocalDateTime => ColumnType::LocalDateTime,
        Kind::Duration => ColumnType::Duration,
        Kind::Period => ColumnType::Period,
        Kind::Uuid => ColumnType::Uuid,
        Kind::Enum(values) => enum_type(values),
        Kind::Any | Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Union(_) | Kind::Named(_) => {
            ColumnType::Json
        }
    }
}

/// The type that all members share, or JSON.
fn enum_type(values: &[Value]) -> ColumnType {
    let member_type = |value: &Value| match value {
        Value::String(_) => ColumnType::Text,
        Value::Int(_) => ColumnType::Integer,
        Value::Bool(_) => ColumnType::Boolean,
        Value::Float(_) => ColumnType::Real,
        Value::Date(_) => ColumnType::Date,
        Value::Timestamp(_) => ColumnType::Timestamp,
        Value::LocalDateTime(_) => ColumnType::LocalDateTime,
        Value::Uuid(_) => ColumnType::Uuid,
        _ => ColumnType::Json,
    };
    let mut types = values.iter().filter(|value| !value.is_null()).map(member_type);
    match types.next() {
        Some(first) if types.all(|other| other == first) => first,
        _ => ColumnType::Json,
    }
}

/// That `subject`, a contract of this shape, cannot be that of rows, which are objects of one form: `C0101`.
#[must_use]
pub fn no_rows(subject: &str, shape: &Shape) -> Report {
    match &shape.resolved().kind {
        Kind::Union(union) if union.variants.iter().all(|(_, variant)| variant.as_record().is_some()) => {
            let count = union.variants.len();
            not_storable(
                format!("rows are objects of one form, and {subject} has {count} alternatives"),
                "store what `map` makes of it, with a contract that has no alternatives; apart from `oneOf` and `anyOf`, it is \
                 `not`, `if`, `dependentRequired` and `dependentSchemas` that make them",
            )
        }
        _ => not_storable(
            format!("rows are objects, and {subject} is {}", shape.name()),
            "name a contract of `type: object`",
        ),
    }
}

fn not_storable(message: String, hint: impl Into<String>) -> Report {
    Report::new(&NOT_STORABLE, message).hint(hint)
}
