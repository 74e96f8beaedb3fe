//! The formats, each in the forms that it is written in.

use tenon_contracts::{
    FORMATS, Format,
    format::{NoFiles, Schema, Source, Written},
    graphql::{self, Position},
    sql::{self, Dialect},
};
use tenon_errors::Reports;
use tenon_model::Shape;

/// A form of a format.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) format: &'static str,
    pub(crate) write: fn(&str, &Shape) -> Result<Written, Reports>,
}

/// Writes as the format of that name does.
macro_rules! plain {
    ($name:literal) => {
        Target { name: $name, format: $name, write: |name, shape| format($name).write(name, shape) }
    };
}

pub(crate) const TARGETS: &[Target] = &[
    plain!("OpenAPI"),
    plain!("AsyncAPI"),
    plain!("JSON Schema"),
    plain!("Avro"),
    plain!("Protobuf"),
    plain!("XML Schema"),
    plain!("GraphQL"),
    Target {
        name: "GraphQL inputs",
        format: "GraphQL",
        write: |name, shape| graphql::write_as(name, shape, Position::Input),
    },
    Target {
        name: "PostgreSQL",
        format: "SQL",
        write: |name, shape| sql::write_as(name, shape, Dialect::Postgres),
    },
    Target { name: "MySQL", format: "SQL", write: |name, shape| sql::write_as(name, shape, Dialect::MySql) },
    Target {
        name: "SQLite",
        format: "SQL",
        write: |name, shape| sql::write_as(name, shape, Dialect::Sqlite),
    },
];

/// The format of that name.
pub(crate) fn format(name: &str) -> &'static dyn Format {
    *FORMATS.iter().find(|format| format.name() == name).unwrap()
}

impl Target {
    /// What the format reads in `text`.
    pub(crate) fn read(&self, text: &str) -> Result<Schema, Reports> {
        let format = format(self.format);
        let file = format!("everything.{}", format.endings()[0]);
        format.read(&Source { file: &file, text, files: &NoFiles })
    }
}

/// No format is forgotten; WSDL describes services, and writes no types.
#[test]
fn every_format_has_a_form() {
    for format in FORMATS.iter().filter(|format| format.name() != "WSDL") {
        assert!(TARGETS.iter().any(|target| target.format == format.name()), "{}", format.name());
    }
}
