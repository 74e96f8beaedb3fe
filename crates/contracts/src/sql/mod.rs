//! SQL: tables as contracts, and contracts as tables.
//!
//! A file of `CREATE TABLE`s (PostgreSQL, MySQL and MariaDB, SQLite; also what `pg_dump` and `mysqldump` write) is read into
//! records with exact types ([`read_file`] gives the tables with their keys, indexes and references as well), and shapes are
//! written as tables of each dialect. [`TableSchema`] is how Tenon itself keeps the records of a contract: scalars have columns
//! of their own; lists, maps, records and unions are kept as JSON text.
//!
//! The reader is our own: `sqlparser` stops at the first problem, has no places for many of its parts, and reads neither the
//! rows of `COPY` nor the comments that MySQL runs.

mod ddl;
mod definition;
mod dialect;
mod read;
mod shape;
mod table;
#[cfg(test)]
mod tests;
mod write;

use tenon_errors::{Place, Reports};
use tenon_model::Shape;

pub use self::{
    definition::{Made, Reference, Table, TableColumn},
    dialect::Dialect,
    read::{File, read_file},
    shape::record,
    table::{Collation, Column, ColumnType, TableSchema, no_rows},
    write::write_as,
};
use crate::format::{Format, Sayings, Schema, Sought, Source, Unsaid, Written};

/// `CREATE TABLE`s.
#[derive(Debug, Clone, Copy)]
pub struct Sql;

/// The tables of `file` as types.
#[must_use]
pub fn schema(file: &File) -> Schema {
    let types = file.tables.iter().map(shape::definition).collect();
    Schema { types, notes: file.notes.clone(), ..Schema::default() }
}

impl Format for Sql {
    fn name(&self) -> &'static str {
        "SQL"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["sql"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        read_file(source.file, source.text, None).map(|file| schema(&file))
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        write_as(name, shape, Dialect::Postgres)
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, _: Sought) -> Option<Place> {
        let file = read_file(source.file, source.text, None).ok()?;
        let table = file.tables.iter().find(|table| table.name == name)?;
        let column = path.split(['.', '[']).next().unwrap_or_default();
        let column = table.columns.iter().find(|it| it.name == column);
        Some(column.map_or(&table.place, |column| &column.place).clone())
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        let file = read_file(source.file, source.text, None)?;
        let mut sayings = Sayings::default();
        let table = file.tables.into_iter().find(|table| table.name == name);
        table.into_iter().flat_map(|table| table.unsaid).for_each(|said| sayings.add(said));
        Ok(sayings.finish())
    }
}
