//! Whether the tables that exist are those that the contracts describe.
//!
//! The expected form is not worked out from the schema a second time: its statements are run in an empty database in
//! memory, and both databases are asked what they hold.

use std::path::Path;

use rusqlite::Connection;
use tenon_contracts::sql::{Dialect, TableSchema};
use tenon_errors::{Report, Reports, catalogue::system::TABLE_MISMATCH};

use super::{connection, failure, form::Form, once, position, rebuild};

/// Creates what is missing, in the transaction that is open.
///
/// # Errors
/// `Y0101` with a detail for each difference of each table that exists in another form.
pub(crate) fn prepare(connection: &Connection, tables: &[impl AsRef<TableSchema>]) -> Result<(), Report> {
    for table in tables {
        rebuild::bring_up_to_date(connection, table.as_ref())?;
    }
    check(connection, tables).map_err(one_report)?;
    position::prepare(connection)
        .map_err(|error| failure::report("preparing the table of positions", &error))?;
    once::prepare(connection).map_err(|error| failure::report("preparing the table of claims", &error))?;
    for table in tables {
        for statement in table.as_ref().ddl(Dialect::Sqlite) {
            execute(connection, &statement)?;
        }
    }
    Ok(())
}

/// Whether the table in the file at `path` has a row. What cannot be read may have one.
pub(super) fn holds_rows(path: &Path, table: &str) -> bool {
    if !path.exists() {
        return false;
    }
    let Ok(connection) = connection::inspector(path) else { return true };
    let is_there: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?)", [table], |row| row.get(0))
        .unwrap_or(true);
    let name = table.replace('"', "\"\"");
    let has_row =
        || connection.query_row(&format!("SELECT EXISTS (SELECT 1 FROM \"{name}\")"), [], |row| row.get(0));
    is_there && has_row().unwrap_or(true)
}

/// Checks the tables in the file without changing anything. Absent tables are fine, and so is an absent file.
///
/// # Errors
/// `Y0101` for each table whose form differs, `Y0205` if the file is cut off, `Y0106` if it is damaged, `Y0105` or `Y0103`
/// if the file cannot be read as a database.
pub(crate) fn inspect(path: &Path, tables: &[impl AsRef<TableSchema>]) -> Result<(), Reports> {
    if !path.exists() {
        return Ok(());
    }
    super::ledger::is_whole(path)?;
    check(&connection::inspector(path)?, tables)
}

/// Whether there is a table of this name.
///
/// # Errors
/// `Y0106` if it is damaged, `Y0105` or `Y0103` if the file cannot be read as a database.
pub(crate) fn has_table(connection: &Connection, name: &str) -> Result<bool, Report> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?";
    let count = connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([name], |row| row.get::<_, i64>(0)));
    count.map(|count| count > 0).map_err(|error| failure::report("looking for a table", &error))
}

fn check(connection: &Connection, tables: &[impl AsRef<TableSchema>]) -> Result<(), Reports> {
    let file = connection.path().and_then(|path| Path::new(path).file_name());
    let place = file.map(|name| format!(" of `{}`", name.to_string_lossy())).unwrap_or_default();
    let mut reports = Reports::new();
    for table in tables {
        let differences = differences(connection, table.as_ref()).map(|differences| {
            reports.extend((!differences.is_empty()).then(|| mismatch(table.as_ref(), &place, differences)));
        });
        reports.take(differences);
    }
    reports.finish(())
}

/// `place` says which database, as in ` of `shop.db``.
fn mismatch(table: &TableSchema, place: &str, differences: Vec<Difference>) -> Report {
    let name = &table.name;
    let message = match differences.as_slice() {
        [only] => format!("table `{name}`{place} differs from its contract: {}", only.what),
        all => format!("table `{name}`{place} differs from its contract in {} ways", all.len()),
    };
    let hint = differences.iter().find_map(|difference| difference.mend.clone());
    let report = Report::new(&TABLE_MISMATCH, message)
        .hint(hint.unwrap_or_else(|| "migrate the table, or choose another name for it".into()));
    // The message has a single one already.
    if differences.len() == 1 {
        return report;
    }
    report.with_details(differences.into_iter().map(|difference| {
        let detail = Report::new(&TABLE_MISMATCH, difference.what);
        difference.mend.into_iter().fold(detail, Report::hint)
    }))
}

fn one_report(reports: Reports) -> Report {
    let mut reports: Vec<_> = reports.into_iter().collect();
    if reports.len() == 1 {
        return reports.remove(0);
    }
    Report::new(&TABLE_MISMATCH, format!("{} tables differ from their contracts", reports.len()))
        .hint("migrate the tables, or choose other names for them")
        .with_details(reports)
}

/// One way in which a table differs, and what would mend it where that is simple.
struct Difference {
    what: String,
    mend: Option<String>,
}

fn differences(connection: &Connection, table: &TableSchema) -> Result<Vec<Difference>, Report> {
    let found = Form::of(connection, &table.name)?;
    if found.columns.is_empty() {
        return Ok(Vec::new());
    }
    let pattern = connection::memory()?;
    for statement in table.ddl(Dialect::Sqlite) {
        execute(&pattern, &statement)?;
    }
    let expected = Form::of(&pattern, &table.name)?;
    let mut differences = column_differences(table, &expected, &found);
    let key: Vec<String> = table.key.iter().map(|at| table.columns[*at].name.to_string()).collect();
    for (name, columns) in &expected.indexes {
        // In a table without row numbers, which is how some were made before, the key follows by itself.
        let alike = |others: &Vec<String>| {
            columns.strip_prefix(others.as_slice()).is_some_and(|rest| rest.is_empty() || rest == key)
        };
        if let Some(others) = found.indexes.get(name).filter(|others| !alike(others)) {
            let what =
                format!("index `{name}` is on ({}) instead of ({})", others.join(", "), columns.join(", "));
            differences.push(Difference { what, mend: None });
        }
    }
    Ok(differences)
}

fn column_differences(table: &TableSchema, expected: &Form, found: &Form) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, wanted) in &expected.columns {
        match found.columns.get(name) {
            None => differences.push(Difference {
                what: format!("column `{name}` {} is missing", wanted.declared_type),
                mend: (wanted.key_position == 0 && !wanted.not_null).then(|| {
                    format!(
                        "run `ALTER TABLE \"{}\" ADD COLUMN \"{name}\" {}`",
                        table.name, wanted.declared_type
                    )
                }),
            }),
            Some(other) => {
                let column = table.column(name).map(|(_, column)| column);
                let whats = wanted.differences_to(other, column, rebuild::widens(table, name));
                differences.extend(
                    whats.map(|what| Difference { what: format!("column `{name}` {what}"), mend: None }),
                );
            }
        }
    }
    // A column that may stay NULL is no hindrance: it is what an additive change leaves to readers of the old form.
    let in_the_way = found.columns.iter().filter(|(name, column)| {
        !expected.columns.contains_key(*name) && (column.is_demanding() || column.key_position > 0)
    });
    differences.extend(in_the_way.map(|(name, _)| Difference {
        what: format!("column `{name}` is not in the contract and has to be filled"),
        mend: None,
    }));
    differences
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Report> {
    connection.execute_batch(sql).map_err(|error| failure::report(&format!("running `{sql}`"), &error))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tenon_model::{Field, Kind, Shape, Str, Value, shape::Union};

    use super::*;

    fn flights() -> Arc<TableSchema> {
        let fields = vec![
            Field::required("id", Shape::string()),
            Field::required("distance", Shape::INT),
            Field::optional("delay", Shape::FLOAT),
        ];
        let index = vec![Str::new("distance")];
        Arc::new(TableSchema::new("flights", &Shape::record(fields), &[Str::new("id")], &[index]).unwrap())
    }

    /// The differences that are reported for a table that `ddl` makes, each in a line.
    fn check(ddl: &str, expected: &[&str]) {
        let connection = connection::memory().unwrap();
        connection.execute_batch(ddl).unwrap();
        let result = prepare(&connection, &[flights()]);
        let found: Vec<_> = match &result {
            Ok(()) => Vec::new(),
            Err(report) => {
                assert_eq!(report.code().id, "Y0101");
                match report.details() {
                    [] => vec![report.message().split_once(": ").unwrap().1.to_owned()],
                    all => all.iter().map(|detail| detail.message().to_owned()).collect(),
                }
            }
        };
        assert_eq!(found, expected, "{ddl}");
    }

    #[test]
    fn an_index_without_the_key_is_that_of_an_older_table() {
        let table = "CREATE TABLE flights (id TEXT PRIMARY KEY, distance INTEGER NOT NULL, delay REAL) \
                     WITHOUT ROWID;";
        check(&format!("{table} CREATE INDEX \"flights(distance)\" ON flights (distance)"), &[]);
        check(&format!("{table} CREATE INDEX \"flights(distance)\" ON flights (distance, id)"), &[]);
        check(
            &format!("{table} CREATE INDEX \"flights(distance)\" ON flights (distance, delay)"),
            &["index `flights(distance)` is on (distance, delay) instead of (distance, id)"],
        );
    }

    #[test]
    fn every_difference_of_an_existing_table_is_named() {
        check("", &[]);
        check("CREATE TABLE flights (id TEXT PRIMARY KEY, distance integer NOT NULL, delay REAL)", &[]);
        check(
            "CREATE TABLE flights (id INTEGER PRIMARY KEY, distance TEXT, gate TEXT NOT NULL)",
            &[
                "column `delay` REAL is missing",
                "column `distance` is TEXT instead of INTEGER",
                "column `distance` may be NULL, but the contract requires it",
                "column `id` is INTEGER instead of TEXT",
                "column `gate` is not in the contract and has to be filled",
            ],
        );
        check(
            "CREATE TABLE flights (id TEXT NOT NULL, distance INTEGER NOT NULL, delay REAL NOT NULL, \
             PRIMARY KEY (distance, id))",
            &[
                "column `delay` is NOT NULL, but the contract does not require it",
                "column `distance` is part 1 of the key instead of no part of the key",
                "column `id` is part 2 of the key instead of part 1 of the key",
            ],
        );
    }

    #[test]
    fn a_single_difference_is_told_once() {
        let connection = connection::memory().unwrap();
        let ddl = "CREATE TABLE flights (id TEXT PRIMARY KEY, distance TEXT NOT NULL, delay REAL)";
        connection.execute_batch(ddl).unwrap();
        let report = prepare(&connection, &[flights()]).unwrap_err();
        assert!(report.message().ends_with("column `distance` is TEXT instead of INTEGER"), "{report}");
        assert!(report.details().is_empty(), "{report:?}");
    }

    #[test]
    fn a_default_of_a_required_field_is_no_difference() {
        let schema = |default| {
            let distance = Field { default, ..Field::required("distance", Shape::INT) };
            let fields = vec![Field::required("id", Shape::string()), distance];
            Arc::new(TableSchema::new("flights", &Shape::record(fields), &[Str::new("id")], &[]).unwrap())
        };
        let connection = connection::memory().unwrap();
        prepare(&connection, &[schema(None)]).unwrap();
        prepare(&connection, &[schema(Some(Value::Int(1)))]).unwrap();
        prepare(&connection, &[schema(None)]).unwrap();
        // As such a table was made before.
        let older = connection::memory().unwrap();
        older.execute_batch("CREATE TABLE flights (id TEXT PRIMARY KEY, distance INTEGER)").unwrap();
        prepare(&older, &[schema(Some(Value::Int(1)))]).unwrap();
    }

    #[test]
    fn a_column_of_which_one_variant_is_null_takes_null() {
        let union = Union {
            tag: None,
            variants: vec![("a".into(), Shape::INT), ("b".into(), Shape::string().nullable())],
        };
        let fields = vec![
            Field::required("id", Shape::string()),
            Field::required("either", Shape::of(Kind::Union(Arc::new(union)))),
        ];
        let schema = TableSchema::new("eithers", &Shape::record(fields), &[Str::new("id")], &[]).unwrap();
        let connection = connection::memory().unwrap();
        prepare(&connection, &[Arc::new(schema)]).unwrap();
        connection.execute_batch("INSERT INTO eithers VALUES ('a', NULL)").unwrap();
    }

    #[test]
    fn a_column_beside_the_contract_that_may_stay_null_is_no_difference() {
        check(
            "CREATE TABLE flights (id TEXT PRIMARY KEY, distance INTEGER NOT NULL, delay REAL, gate TEXT, \
             seats INTEGER NOT NULL DEFAULT 0)",
            &[],
        );
    }

    #[test]
    fn a_missing_column_comes_with_the_statement_that_adds_it() {
        let connection = connection::memory().unwrap();
        connection
            .execute_batch("CREATE TABLE flights (id TEXT PRIMARY KEY, distance INTEGER NOT NULL)")
            .unwrap();
        let report = prepare(&connection, &[flights()]).unwrap_err();
        let statement = report.advice().unwrap().split('`').nth(1).unwrap().to_owned();
        connection.execute_batch(&statement).unwrap();
        prepare(&connection, &[flights()]).unwrap();
    }

    #[test]
    fn inspecting_creates_nothing_and_finds_what_prepare_would() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flights.db");
        inspect(&file, &[flights()]).unwrap();
        assert!(!file.exists());
        let connection = connection::writer(&file).unwrap();
        inspect(&file, &[flights()]).unwrap();
        assert!(Form::of(&connection, "flights").unwrap().columns.is_empty());
        connection.execute_batch("CREATE TABLE flights (id TEXT PRIMARY KEY)").unwrap();
        drop(connection);
        let reports = inspect(&file, &[flights()]).unwrap_err();
        let message = reports.iter().next().unwrap().message().to_owned();
        let name = file.file_name().unwrap().to_string_lossy();
        assert!(message.contains(&format!("of `{name}` differs")), "{message}");
        assert_eq!(reports.iter().map(|report| report.details().len()).collect::<Vec<_>>(), [2]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::write(folder.path().join("other.db"), "this is a text, and no database at all".repeat(9))
            .unwrap();
        let reports = inspect(&folder.path().join("other.db"), &[flights()]).unwrap_err();
        assert_eq!(reports.iter().next().unwrap().code().id, "Y0106");
    }
}
