//! Tables that Tenon writes, created in real servers, and read back from what these dump: PostgreSQL by `psql` and `pg_dump`, MariaDB
//! by `mariadb` and `mariadb-dump`. `TENON_POSTGRES` and `TENON_MARIADB` hold the arguments that lead to the servers; what is not
//! there is skipped loudly.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
};

use tenon_contracts::{
    relate::{Direction, OpenRecords, Relation, Role, relate},
    sql::{Dialect, read_file, record, write_as},
};
use tenon_model::{
    Field, Kind, Shape, Value,
    shape::{FloatRange, IntRange, Length, Text},
};

/// A server: how it is reached, and its tools.
struct Server {
    dialect: Dialect,
    variable: &'static str,
    usual: &'static str,
    client: (&'static str, &'static [&'static str]),
    dump: (&'static str, &'static [&'static str]),
}

const SERVERS: [Server; 2] = [
    Server {
        dialect: Dialect::Postgres,
        variable: "TENON_POSTGRES",
        usual: "-h 127.0.0.1 -U postgres -d test",
        client: ("psql", &["-q", "-v", "ON_ERROR_STOP=1"]),
        dump: ("pg_dump", &["--schema-only", "-t", TABLE]),
    },
    Server {
        dialect: Dialect::MySql,
        variable: "TENON_MARIADB",
        usual: "-h 127.0.0.1 -u root",
        client: ("mariadb", &[]),
        dump: ("mariadb-dump", &["--no-data", TABLE, TABLE]),
    },
];

/// The table, and in MariaDB the database that it is created in.
const TABLE: &str = "tenon_interop";

/// Runs against every server that is there.
///
/// # Errors
/// What a server refuses, or gives back as something else.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(_: Option<String>) -> Result<(), String> {
    let mut failed = Vec::new();
    for server in &SERVERS {
        let arguments = std::env::var(server.variable).unwrap_or_else(|_| server.usual.to_owned());
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let name = server.dialect.name();
        if let Err(why) = server.client(&arguments, "SELECT 1;") {
            println!("SKIPPED {name}: {} ({why})", server.variable);
            continue;
        }
        match server.round(&arguments) {
            Ok(told) => println!("{name}: the table comes back from the server{told}"),
            Err(why) => failed.push(format!("{name}: {why}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

impl Server {
    fn client(&self, arguments: &[&str], text: &str) -> Result<String, String> {
        tool(self.client.0, &[arguments, self.client.1].concat(), text)
    }

    /// Creates the table, dumps it, removes it, and compares.
    fn round(&self, arguments: &[&str]) -> Result<String, String> {
        let shape = shape();
        let written = write_as(TABLE, &shape, self.dialect).map_err(|it| format!("{it:?}"))?;
        let is_mysql = self.dialect == Dialect::MySql;
        let before = if is_mysql {
            format!("DROP DATABASE IF EXISTS {TABLE}; CREATE DATABASE {TABLE}; USE {TABLE};\n")
        } else {
            format!("DROP TABLE IF EXISTS {TABLE};\n")
        };
        self.client(arguments, &format!("{before}{}", written.text))?;
        let dumped = tool(self.dump.0, &[arguments, self.dump.1].concat(), "");
        let what = if is_mysql { "DATABASE" } else { "TABLE" };
        self.client(arguments, &format!("DROP {what} {TABLE};"))?;
        let dumped = dumped?;
        let file = read_file("dump.sql", &dumped, None).map_err(|it| format!("{it:?}\n{dumped}"))?;
        if file.dialect != self.dialect {
            return Err(format!("its dump is taken for one of {}", file.dialect.name()));
        }
        let table = file.tables.first().ok_or("its dump has no table")?;
        let again = record(table);
        let mut changes = Vec::new();
        for direction in [Direction::Backward, Direction::Forward] {
            let how = Relation { direction, role: Role::Message, open: OpenRecords::Strict };
            changes.extend(relate(&shape, &again, how).changes);
        }
        // What was said to be lost may come back as something else.
        changes.retain(|change| written.losses.iter().all(|loss| loss.path != change.path));
        let docs = |shape: &Shape| -> Vec<_> {
            shape
                .as_record()
                .map(|it| it.fields().iter().map(|it| it.doc.clone()).collect())
                .unwrap_or_default()
        };
        if docs(&shape) != docs(&again) {
            return Err(format!("the descriptions are others: {:?}", docs(&again)));
        }
        let is_lost =
            |note: &str| written.losses.iter().any(|loss| note.contains(&format!("`{TABLE}.{}`", loss.path)));
        let notes = file.notes.iter().map(tenon_errors::Report::message);
        let notes: Vec<_> = notes.filter(|note| !is_lost(note)).collect();
        if !changes.is_empty() || !notes.is_empty() {
            let changes: Vec<_> = changes.iter().map(|it| format!("{} {}", it.path, it.message)).collect();
            return Err(format!("{changes:#?}\n{notes:#?}\n{}\n{dumped}", written.text));
        }
        let losses: Vec<_> =
            written.losses.iter().map(|loss| format!("\n  lost: {} {}", loss.path, loss.message)).collect();
        Ok(losses.concat())
    }
}

fn tool(name: &str, arguments: &[&str], input: &str) -> Result<String, String> {
    let child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A tool that ends early says why itself.
        let _ = stdin.write_all(input.as_bytes());
    }
    let ended = child.wait_with_output().map_err(|error| error.to_string())?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned())
}

/// A record with every kind of column.
fn shape() -> Shape {
    let integer = |min: i128, max: i128| {
        Shape::of(Kind::Int(IntRange { min: Some(min), max: Some(max), multiple_of: None }))
    };
    let text =
        |min, max| Shape::of(Kind::String(Arc::new(Text { length: Length { min, max }, ..Text::default() })));
    let members: Arc<[Value]> = Arc::from(["new", "it's \\ done", "a,b)"].map(Value::from));
    let single = Shape::of(Kind::Float(FloatRange { is_single: true, ..FloatRange::ANY }));
    let with = |name: &str, shape: Shape, value: Value| Field {
        default: Some(value),
        ..Field::optional(name, shape)
    };
    Shape::record(vec![
        Field {
            doc: Some("It's a \\ number; yes.".into()),
            ..Field::required("id", integer(i64::MIN.into(), i64::MAX.into()))
        },
        Field::required("small", integer(-32_768, 32_767)),
        Field::required("medium", integer(i32::MIN.into(), i32::MAX.into())),
        Field::required("percent", integer(0, 100)),
        Field::required("large", integer(0, u64::MAX.into())),
        Field::required("name", text(Some(1), Some(20))),
        Field::required("code", text(Some(3), Some(3))),
        Field::optional("note", text(None, None).nullable()),
        Field::required("price", Shape::of(Kind::Decimal(FloatRange::of_digits(10, 2).unwrap_or_default()))),
        Field::optional("any_decimal", Shape::DECIMAL.nullable()),
        Field::required("weight", Shape::FLOAT),
        Field::required("half", single),
        Field::required("day", Shape::DATE),
        Field::required("clock", Shape::TIME),
        Field::required("local_at", Shape::LOCAL_DATE_TIME),
        Field::required("made_at", Shape::TIMESTAMP),
        Field::optional("seen_at", Shape::TIMESTAMP.nullable()),
        Field::required("took", Shape::DURATION),
        Field::required("lasts", Shape::PERIOD),
        Field::required("uuid", Shape::UUID),
        Field::required("photo", Shape::of(Kind::Bytes(Length { min: Some(1), max: Some(100) }))),
        with("state", Shape::of(Kind::Enum(members)), Value::from("it's \\ done")),
        with("level", Shape::of(Kind::Enum(Arc::from([1, 2, 3].map(Value::Int)))), Value::Int(2)),
        with("is_open", Shape::BOOL, Value::Bool(true)),
        with("of \"`x", integer(-5, -1), Value::Int(-2)),
        Field::optional("tags", Shape::list(Shape::string().nullable()).nullable()),
        Field::required("data", Shape::of(Kind::Any)),
        Field::required("map", Shape::map(Shape::INT)),
    ])
}
