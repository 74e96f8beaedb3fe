//! Tables of an older Tenon in the form of this one.
//!
//! Decimals in a key were told apart by their texts, and integers beyond 63 bits had no column. A table with either is made anew
//! and filled from the old one, in the transaction that prepares the tables: all of it happens, or nothing. Indexes in an
//! older order are made again where they stand.

use rusqlite::{Connection, OptionalExtension};
use tenon_contracts::sql::{ColumnType, Dialect, TableSchema};
use tenon_errors::{Report, catalogue::system::TABLE_MISMATCH};

use super::{failure, table::quoted};

/// Brings what exists of `table` up to date.
///
/// # Errors
/// `Y0101` if the table has a column beside the contract that cannot be carried over, and what SQLite says.
pub(crate) fn bring_up_to_date(connection: &Connection, table: &TableSchema) -> Result<(), Report> {
    let failed = |error: rusqlite::Error| {
        failure::report(&format!("bringing table `{}` up to date", table.name), &error)
    };
    let found = columns(connection, &table.name).map_err(failed)?;
    if found.is_empty() {
        return Ok(());
    }
    if is_outdated(connection, table, &found).map_err(failed)? {
        let stray = found.iter().find(|column| column.generated);
        if let Some(stray) = stray {
            let message = format!(
                "table `{}` has to be created again, and its column `{}` is computed from others",
                table.name, stray.name
            );
            return Err(
                Report::new(&TABLE_MISMATCH, message).hint("remove the column, and add it again afterwards")
            );
        }
        rebuild(connection, table, &found).map_err(failed)?;
    }
    drop_outdated_indexes(connection, table).map_err(failed)
}

/// Whether the column may be one of integers of 63 bits in a table that was not brought up to date.
pub(crate) fn widens(table: &TableSchema, column: &str) -> bool {
    table.column(column).is_some_and(|(_, column)| column.column_type == ColumnType::BigInteger)
}

struct Found {
    name: String,
    declared_type: String,
    not_null: bool,
    default: Option<String>,
    generated: bool,
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Found>> {
    let sql = "SELECT name, type, \"notnull\", dflt_value, hidden FROM pragma_table_xinfo(?)";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        let hidden: i64 = row.get(4)?;
        Ok(Found {
            name: row.get(0)?,
            declared_type: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            generated: hidden > 1,
        })
    })?;
    rows.collect()
}

/// Whether the key is in the order of texts where it has to be in that of values, or an integer has no room.
fn is_outdated(connection: &Connection, table: &TableSchema, found: &[Found]) -> rusqlite::Result<bool> {
    let no_room =
        found.iter().any(|it| it.declared_type.eq_ignore_ascii_case("INTEGER") && widens(table, &it.name));
    if no_room {
        return Ok(true);
    }
    let key: Vec<_> = table.key.iter().map(|at| &table.columns[*at]).collect();
    if key.iter().all(|column| column.column_type.collation().is_none()) {
        return Ok(false);
    }
    let sql = "SELECT info.name, info.coll FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS info \
               WHERE list.origin = 'pk' AND info.key = 1";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([table.name.as_str()])?;
    while let Some(row) = rows.next()? {
        let (name, found): (String, String) = (row.get(0)?, row.get(1)?);
        let wanted =
            key.iter().find(|column| column.name == name).and_then(|column| column.column_type.collation());
        if wanted.is_some_and(|wanted| !wanted.name().eq_ignore_ascii_case(&found)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// As SQLite advises (https://www.sqlite.org/lang_altertable.html, section 7): a new table, filled, in the place of the old.
fn rebuild(connection: &Connection, table: &TableSchema, found: &[Found]) -> rusqlite::Result<()> {
    // No project has a table of such a name.
    let new = TableSchema { name: format!("{} (new)", table.name).into(), ..table.clone() };
    let others: Vec<String> = {
        let sql = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL";
        let mut statement = connection.prepare(sql)?;
        statement.query_map([table.name.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    connection.execute_batch(&new.ddl(Dialect::Sqlite)[0])?;
    for column in found.iter().filter(|it| table.column(&it.name).is_none()) {
        let null = if column.not_null { " NOT NULL" } else { "" };
        let default =
            column.default.as_ref().map_or(String::new(), |default| format!(" DEFAULT ({default})"));
        let (new, name) = (quoted(&new.name), quoted(&column.name));
        connection.execute_batch(&format!(
            "ALTER TABLE {new} ADD COLUMN {name} {}{null}{default}",
            column.declared_type
        ))?;
    }
    let names: Vec<_> = found.iter().map(|column| quoted(&column.name)).collect();
    let cells: Vec<_> = found
        .iter()
        .map(|column| {
            let name = quoted(&column.name);
            if widens(table, &column.name) { format!("CAST({name} AS TEXT)") } else { name }
        })
        .collect();
    let (old, new) = (quoted(&table.name), quoted(&new.name));
    let (names, cells) = (names.join(", "), cells.join(", "));
    connection.execute_batch(&format!(
        "INSERT INTO {new} ({names}) SELECT {cells} FROM {old};
         DROP TABLE {old};
         PRAGMA legacy_alter_table = ON;
         ALTER TABLE {new} RENAME TO {old};
         PRAGMA legacy_alter_table = OFF;"
    ))?;
    others.iter().try_for_each(|sql| connection.execute_batch(sql))
}

/// Removes indexes of this table that had another name or order before; they are made again.
fn drop_outdated_indexes(connection: &Connection, table: &TableSchema) -> rusqlite::Result<()> {
    for index in &table.indexes {
        let (name, former) = (table.index_name(index), table.former_index_name(index));
        if is_index_of(connection, table, &former)?.is_some_and(|columns| covers(table, index, &columns)) {
            connection.execute_batch(&format!("DROP INDEX {}", quoted(&former)))?;
        }
        let found = is_index_of(connection, table, &name)?;
        let is_outdated = found.is_some_and(|found| {
            let collation = |at: &usize| table.columns[*at].column_type.collation();
            let wanted = index.iter().map(|at| collation(at).map_or("BINARY", |it| it.name()));
            let found: Vec<_> =
                found.iter().take(index.len()).map(|(_, collation)| collation.as_str()).collect();
            !wanted.zip(&found).all(|(wanted, found)| wanted.eq_ignore_ascii_case(found))
        });
        if is_outdated {
            connection.execute_batch(&format!("DROP INDEX {}", quoted(&name)))?;
        }
    }
    Ok(())
}

/// Whether an index begins with these columns and has no others than those of the key.
fn covers(table: &TableSchema, index: &[usize], columns: &[(String, String)]) -> bool {
    let name = |at: &usize| table.columns[*at].name.as_str();
    let begins = index.len() <= columns.len()
        && index.iter().map(name).eq(columns[..index.len()].iter().map(|(it, _)| it.as_str()));
    begins && columns[index.len()..].iter().all(|(column, _)| table.key.iter().any(|at| name(at) == column))
}

/// The columns and collations of the index `name`, if it is one of `table`.
fn is_index_of(
    connection: &Connection,
    table: &TableSchema,
    name: &str,
) -> rusqlite::Result<Option<Vec<(String, String)>>> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ? COLLATE NOCASE AND tbl_name = ? COLLATE NOCASE";
    if connection.query_row(sql, [name, &table.name], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let sql = "SELECT coalesce(name, ''), coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tenon_model::{Field, Shape, Str, Value, shape::IntRange};
    use tenon_ports::{Predicate, Query, Sort};

    use super::*;
    use crate::sqlite::{connection, query, schema, table::Table};

    /// Prices as an older Tenon kept them, with a column, an index and a trigger that somebody added.
    const OLD: &str = r#"
        CREATE TABLE "prices" ("price" TEXT NOT NULL, "day" INTEGER NOT NULL, "took" TEXT, "serial" INTEGER,
            PRIMARY KEY ("price", "day")) STRICT;
        CREATE INDEX "prices_took_index" ON "prices" ("took", "price", "day");
        ALTER TABLE "prices" ADD COLUMN "gate" TEXT DEFAULT 'A';
        CREATE INDEX "by_gate" ON "prices" ("gate");
        CREATE TABLE "log" ("n" INTEGER);
        CREATE TRIGGER "noted" AFTER INSERT ON "prices" BEGIN INSERT INTO "log" VALUES (1); END;
        CREATE VIEW "dear" AS SELECT * FROM "prices";
        INSERT INTO "prices" VALUES ('10', 1, 'PT10S', 5, 'B'), ('9', 2, 'PT9S', NULL, 'C'), ('1.5', 3, 'PT2M', 7, NULL);"#;

    fn prices() -> Arc<TableSchema> {
        let big = IntRange { min: Some(0), max: Some(i128::from(u64::MAX)), multiple_of: None };
        let fields = vec![
            Field::required("price", Shape::DECIMAL),
            Field::required("day", Shape::INT),
            Field::optional("took", Shape::DURATION),
            Field::optional("serial", Shape::of(tenon_model::Kind::Int(big))),
        ];
        let names = |names: &[&str]| names.iter().map(Str::new).collect::<Vec<_>>();
        let schema = TableSchema::new(
            "prices",
            &Shape::record(fields),
            &names(&["price", "day"]),
            &[names(&["took"])],
        );
        Arc::new(schema.unwrap())
    }

    #[test]
    fn a_table_of_an_older_tenon_is_read_and_brought_up_to_date() {
        let connection = connection::memory().unwrap();
        connection.execute_batch(OLD).unwrap();
        let table = Table::new(prices()).unwrap();
        let days = |sort: &str, predicate: Option<Predicate>| {
            let filters = predicate
                .into_iter()
                .map(|predicate| tenon_ports::Filter { column: "took".into(), predicate });
            let sort = vec![Sort { column: sort.into(), descending: false }];
            let query = Query { filters: filters.collect(), sort, limit: 10, ..Query::default() };
            let rows = query::list(&table, &connection, &query).unwrap().rows;
            rows.iter().map(|row| row.get("day").and_then(Value::as_i64).unwrap()).collect::<Vec<_>>()
        };
        let longer = || Some(Predicate::Greater(Value::Duration("PT9S".parse().unwrap())));
        // As it is looked at, and after it was brought up to date, also twice.
        for prepared in 0..3 {
            assert_eq!(days("price", None), [3, 2, 1], "{prepared}");
            assert_eq!(days("took", longer()), [1, 3], "{prepared}");
            schema::prepare(&connection, &[prices()]).unwrap();
        }
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(text("SELECT group_concat(gate) FROM (SELECT gate FROM dear ORDER BY price DESC)"), "B,C");
        assert_eq!(
            text(
                "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'prices' AND sql IS NOT NULL ORDER BY name)"
            ),
            "by_gate,prices(took)"
        );
        assert_eq!(text("SELECT count(*) || '' FROM log"), "3");
        connection
            .execute_batch("INSERT INTO prices VALUES ('2.50', 9, NULL, '18446744073709551615', NULL)")
            .unwrap();
        assert_eq!(text("SELECT count(*) || '' FROM log"), "4");
        connection.execute_batch("INSERT INTO prices VALUES ('2.5', 9, NULL, NULL, NULL)").unwrap_err();
        let key = vec![Value::from("2.500".parse::<tenon_model::Decimal>().unwrap()), Value::Int(9)];
        let row = table.get(&connection, &[key]).unwrap().remove(0).unwrap();
        assert_eq!(row.get("serial"), Some(&Value::Uint(u64::MAX)));
        assert_eq!(tenon_contracts::json::to_string(row.get("price").unwrap()), "2.50");
    }

    #[test]
    fn an_index_is_searched_in_the_order_of_values() {
        let connection = connection::memory().unwrap();
        schema::prepare(&connection, &[prices()]).unwrap();
        let sql = "EXPLAIN QUERY PLAN SELECT * FROM prices WHERE took COLLATE duration > 'PT9S' ORDER BY took COLLATE duration";
        let mut statement = connection.prepare(sql).unwrap();
        let plan: Vec<String> =
            statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].contains("prices(took)"), "{plan:?}");
    }
}
