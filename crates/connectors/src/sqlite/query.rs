//! Lists: filters, a total order, and pages that go on where the last one ended (keyset pagination).
//!
//! Values only ever become bound parameters. NULL sorts first in ascending order and last in descending order, which
//! is what SQLite does by itself.

use rusqlite::{
    Connection, Row,
    types::{ToSqlOutput, ValueRef},
};
use tenon_contracts::sql::Column;
use tenon_errors::{
    Report,
    catalogue::{api::BAD_CURSOR, system::DATABASE_FAILED},
};
use tenon_model::Value;
use tenon_ports::{Filter, Page, Predicate, Query};

use super::{
    table::{Table, quoted},
    value,
};

/// A page ends with the row that takes it to this many bytes, whatever its limit, so that large rows do not add up.
const MOST_BYTES: usize = 8 << 20;

/// What a cell takes in memory beside its text.
const CELL: usize = 48;

/// A page of `table`.
pub(crate) fn list(table: &Table, connection: &Connection, query: &Query) -> Result<Page, Report> {
    if query.limit == 0 {
        return Ok(Page::default());
    }
    let order = order(table, query)?;
    let sql = statement(table, query, &order)?;
    fetch(table, connection, &sql, &order, query)
}

fn statement<'v>(table: &Table, query: &'v Query, order: &[Term<'_>]) -> Result<Sql<'v>, Report> {
    let mut sql = Sql { text: table.select.clone(), parameters: Vec::new() };
    let mut conditions = Conditions { sql: &mut sql, word: " WHERE " };
    for filter in &query.filters {
        conditions.filter(table, filter)?;
    }
    if let Some(after) = &query.after {
        conditions.after(order, after)?;
    }
    sql.order_by(order);
    // One row more than wanted tells whether there is a next page.
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX - 1).min(i64::MAX - 1);
    sql.text.push_str(" LIMIT ?");
    sql.parameters.push(ToSqlOutput::from(limit + 1));
    Ok(sql)
}

fn fetch(
    table: &Table,
    connection: &Connection,
    sql: &Sql<'_>,
    order: &[Term<'_>],
    query: &Query,
) -> Result<Page, Report> {
    let most = query.bytes.unwrap_or(MOST_BYTES).min(MOST_BYTES);
    let failed = |error: rusqlite::Error| table.failed("listing", &error);
    let mut statement = table.prepared(connection, &sql.text)?;
    table.bind(&mut statement, &sql.parameters)?;
    let mut page = Page::default();
    let (mut last, mut bytes) = (None, 0);
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failed)? {
        if last.is_some() {
            page.next = last;
            break;
        }
        page.rows.push(table.record(row)?);
        bytes += size(row, table.schema.columns.len()).map_err(failed)?;
        if page.rows.len() == query.limit || bytes >= most {
            let values = order.iter().map(|term| Ok(table.cell(row, term.at)?.unwrap_or_default()));
            last = Some(values.collect::<Result<_, Report>>()?);
        }
    }
    Ok(page)
}

/// The bytes of a row as it is held, about.
fn size(row: &Row<'_>, columns: usize) -> rusqlite::Result<usize> {
    let size = |at| {
        Ok(match row.get_ref(at)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => CELL + bytes.len(),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => CELL,
        })
    };
    (0..columns).map(size).sum()
}

/// One column of the order.
struct Term<'t> {
    at: usize,
    column: &'t Column,
    descending: bool,
}

/// The columns asked for, then those of the key that are not among them, so that no two rows are equal. The latter go
/// in the direction of the last one asked for, so that an index read backwards gives the whole order.
fn order<'t>(table: &'t Table, query: &Query) -> Result<Vec<Term<'t>>, Report> {
    let mut order: Vec<Term<'_>> = Vec::with_capacity(query.sort.len() + table.schema.key.len());
    for sort in &query.sort {
        let (at, column) = column(table, &sort.column)?;
        // A column that stands twice decides nothing the second time.
        if order.iter().all(|term| term.at != at) {
            order.push(Term { at, column, descending: sort.descending });
        }
    }
    let descending = order.last().is_some_and(|term| term.descending);
    for at in &table.schema.key {
        if order.iter().all(|term| term.at != *at) {
            order.push(Term { at: *at, column: &table.schema.columns[*at], descending });
        }
    }
    Ok(order)
}

fn column<'t>(table: &'t Table, name: &str) -> Result<(usize, &'t Column), Report> {
    let found = table.schema.columns.iter().enumerate().find(|(_, column)| column.name == name);
    found.ok_or_else(|| {
        Report::new(&DATABASE_FAILED, format!("table `{}` has no column `{name}`", table.schema.name))
    })
}

/// A statement on its way, with its parameters in order.
struct Sql<'v> {
    text: String,
    parameters: Vec<ToSqlOutput<'v>>,
}

impl<'v> Sql<'v> {
    fn push(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.text.push_str(part));
    }

    /// `left operator ?` with the value bound.
    fn compare(&mut self, column: &Column, operator: &str, value: &'v Value) -> Result<(), Report> {
        self.push(&[&comparable(column), operator, "?"]);
        self.parameters.push(value::store(column, Some(value))?);
        Ok(())
    }

    fn order_by(&mut self, order: &[Term<'_>]) {
        for (position, term) in order.iter().enumerate() {
            self.text.push_str(if position == 0 { " ORDER BY " } else { ", " });
            self.text.push_str(&comparable(term.column));
            if term.descending {
                self.text.push_str(" DESC");
            }
        }
    }
}

/// The column, compared as its values do. The collation is written out, because tables that are older than it have none.
pub(super) fn comparable(column: &Column) -> String {
    let name = quoted(&column.name);
    match column.column_type.collation() {
        Some(collation) => format!("{name} COLLATE {}", collation.name()),
        None => name,
    }
}

/// Conditions that must all hold.
struct Conditions<'s, 'v> {
    sql: &'s mut Sql<'v>,
    word: &'static str,
}

impl<'v> Conditions<'_, 'v> {
    fn and(&mut self) {
        self.sql.text.push_str(self.word);
        self.word = " AND ";
    }

    /// An absent value is equal to nothing, so it differs from everything; it is neither less nor greater.
    fn filter(&mut self, table: &Table, filter: &'v Filter) -> Result<(), Report> {
        let (_, column) = column(table, &filter.column)?;
        self.and();
        let name = quoted(&column.name);
        match &filter.predicate {
            Predicate::IsNull(true) | Predicate::Equal(Value::Null) => self.sql.push(&[&name, " IS NULL"]),
            Predicate::IsNull(false) | Predicate::NotEqual(Value::Null) => {
                self.sql.push(&[&name, " IS NOT NULL"]);
            }
            Predicate::Equal(value) => self.sql.compare(column, " = ", value)?,
            Predicate::NotEqual(value) => self.sql.compare(column, " IS NOT ", value)?,
            Predicate::Less(value) => self.sql.compare(column, " < ", value)?,
            Predicate::LessOrEqual(value) => self.sql.compare(column, " <= ", value)?,
            Predicate::Greater(value) => self.sql.compare(column, " > ", value)?,
            Predicate::GreaterOrEqual(value) => self.sql.compare(column, " >= ", value)?,
            Predicate::In(values) => {
                self.sql.push(&[&comparable(column), " IN ("]);
                for (position, value) in values.iter().enumerate() {
                    self.sql.text.push_str(if position == 0 { "?" } else { ", ?" });
                    self.sql.parameters.push(value::store(column, Some(value))?);
                }
                self.sql.text.push(')');
            }
        }
        Ok(())
    }

    /// Only rows after the one that `after` describes.
    fn after(&mut self, order: &[Term<'_>], after: &'v [Value]) -> Result<(), Report> {
        if after.len() != order.len() {
            let message = format!("the cursor has {} values, and the order {}", after.len(), order.len());
            return Err(Report::new(&BAD_CURSOR, message).hint("start again without a cursor"));
        }
        self.and();
        let uniform = order.iter().all(|term| term.descending == order[0].descending && is_total(term));
        if uniform { self.after_row_value(order, after) } else { self.after_step_by_step(order, after) }
    }

    /// `(a, b) > (?, ?)`, which SQLite answers from an index.
    fn after_row_value(&mut self, order: &[Term<'_>], after: &'v [Value]) -> Result<(), Report> {
        let names: Vec<_> = order.iter().map(|term| comparable(term.column)).collect();
        let marks = vec!["?"; order.len()];
        let operator = if order.iter().any(|term| term.descending) { "<" } else { ">" };
        self.sql.push(&["(", &names.join(", "), ") ", operator, " (", &marks.join(", "), ")"]);
        for (term, value) in order.iter().zip(after) {
            self.sql.parameters.push(value::store(term.column, Some(value))?);
        }
        Ok(())
    }

    /// `a > ? OR (a IS ? AND b < ?) OR …`: right for mixed directions and NULLs. What all branches have in common for
    /// the first column stands in front, so that an index on it narrows the search.
    fn after_step_by_step(&mut self, order: &[Term<'_>], after: &'v [Value]) -> Result<(), Report> {
        if let (Some(first), Some(value)) = (order.first(), after.first())
            && is_total(first)
        {
            let operator = if first.descending { " <= " } else { " >= " };
            self.sql.compare(first.column, operator, value)?;
            self.and();
        }
        self.sql.text.push('(');
        for position in 0..order.len() {
            self.sql.text.push_str(if position == 0 { "(" } else { " OR (" });
            for (term, value) in order.iter().zip(after).take(position) {
                self.sql.compare(term.column, " IS ", value)?;
                self.sql.text.push_str(" AND ");
            }
            self.strictly_after(&order[position], &after[position])?;
            self.sql.text.push(')');
        }
        self.sql.text.push(')');
        Ok(())
    }

    fn strictly_after(&mut self, term: &Term<'_>, value: &'v Value) -> Result<(), Report> {
        let name = quoted(&term.column.name);
        match (term.descending, value.is_null()) {
            (false, true) => self.sql.push(&[&name, " IS NOT NULL"]),
            (false, false) => self.sql.compare(term.column, " > ", value)?,
            (true, true) => self.sql.text.push_str("FALSE"),
            (true, false) => {
                self.sql.text.push('(');
                self.sql.compare(term.column, " < ", value)?;
                self.sql.push(&[" OR ", &name, " IS NULL)"]);
            }
        }
        Ok(())
    }
}

/// Whether any two values of the column can be compared.
fn is_total(term: &Term<'_>) -> bool {
    !term.column.nullable
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tenon_contracts::sql::TableSchema;
    use tenon_model::{Field, Shape, Str};
    use tenon_ports::Sort;

    use super::*;
    use crate::sqlite::{connection, schema};

    fn flights() -> (Connection, Table) {
        let fields = vec![
            Field::required("id", Shape::string()),
            Field::required("departure", Shape::TIMESTAMP),
            Field::optional("delay", Shape::INT),
        ];
        let indexes = [vec![Str::new("departure")], vec![Str::new("delay")]];
        let schema =
            TableSchema::new("flights", &Shape::record(fields), &[Str::new("id")], &indexes).unwrap();
        let connection = connection::memory().unwrap();
        let schema = Arc::new(schema);
        schema::prepare(&connection, &[Arc::clone(&schema)]).unwrap();
        (connection, Table::new(schema).unwrap())
    }

    #[test]
    fn a_page_of_large_rows_ends_early_and_the_next_goes_on_after_it() {
        let (connection, table) = flights();
        for n in 0..25 {
            let id = format!("{n:02}{}", "x".repeat(1 << 20));
            let row = (id, "2013-01-01T10:00:00Z");
            connection.execute("INSERT INTO flights (id, departure) VALUES (?, ?)", row).unwrap();
        }
        let mut query = Query { limit: 100, ..Query::default() };
        let (mut sizes, mut seen) = (Vec::new(), Vec::new());
        loop {
            let page = list(&table, &connection, &query).unwrap();
            sizes.push(page.rows.len());
            seen.extend(page.rows.iter().map(|row| row.get("id").unwrap().as_str().unwrap()[..2].to_owned()));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(sizes, [8, 8, 8, 1]);
        assert!(seen.iter().enumerate().all(|(n, id)| format!("{n:02}") == *id), "{seen:?}");
    }

    fn sort(text: &str) -> Sort {
        let column = text.trim_start_matches('-');
        Sort { column: column.into(), descending: column != text }
    }

    #[test]
    fn pages_are_read_from_an_index_in_its_order() {
        let check = |sorts: &[&str], after: Vec<Value>, expected: &str| {
            let (connection, table) = flights();
            let sort = sorts.iter().map(|text| sort(text)).collect();
            let query = Query { sort, after: Some(after), limit: 10, ..Query::default() };
            let sql = statement(&table, &query, &order(&table, &query).unwrap()).unwrap();
            let explain = format!("EXPLAIN QUERY PLAN {}", sql.text);
            let mut statement = connection.prepare(&explain).unwrap();
            let parameters = rusqlite::params_from_iter(&sql.parameters);
            let plan = statement.query_map(parameters, |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<_> = plan.map(Result::unwrap).collect();
            assert_eq!(plan.len(), 1, "no sorting beside the search: {plan:?} {}", sql.text);
            assert!(plan[0].contains(expected), "{plan:?} {}", sql.text);
        };
        let at = || Value::Timestamp("2013-01-01T10:00:00Z".parse().unwrap());
        check(&[], vec!["a".into()], "(id>?)");
        check(&["departure"], vec![at(), "a".into()], "((departure,id)>(?,?))");
        check(&["-departure"], vec![at(), "a".into()], "((departure,id)<(?,?))");
        check(&["-departure", "-id"], vec![at(), "a".into()], "((departure,id)<(?,?))");
        check(&["delay"], vec![Value::Int(5), "a".into()], "INDEX");
    }
}
