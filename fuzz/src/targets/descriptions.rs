//! Formats that describe systems and tables, each on texts of its own: WSDL, GraphQL, SQL, OpenAPI and AsyncAPI.

use tenon_contracts::{
    asyncapi::AsyncApi,
    format::{Format, NoFiles, Sought, Source},
    graphql::GraphQl,
    openapi::OpenApi,
    relate::{
        Direction,
        operations::{self, Subject},
    },
    sql::Sql,
    wsdl::Wsdl,
};

use super::outcome_of_all;
use crate::{Target, seeds};

pub(super) const WSDL: Target = Target {
    name: "wsdl",
    seeds: || seeds::texts(&[include_str!("../../types/everything.wsdl")]),
    run: |bytes| read(&Wsdl, "a.wsdl", bytes),
};
pub(super) const GRAPHQL: Target = Target {
    name: "graphql",
    seeds: || seeds::texts(&[include_str!("../../types/everything.graphql")]),
    run: |bytes| read(&GraphQl, "a.graphql", bytes),
};
pub(super) const SQL: Target = Target {
    name: "sql",
    seeds: || seeds::texts(&[include_str!("../../types/everything.sql")]),
    run: |bytes| read(&Sql, "a.sql", bytes),
};
pub(super) const OPENAPI: Target = Target {
    name: "openapi",
    seeds: || {
        seeds::texts(&[
            include_str!("../../types/everything.openapi.yaml"),
            include_str!("../../types/everything.swagger.json"),
        ])
    },
    run: |bytes| read(&OpenApi, "a.yaml", bytes),
};
pub(super) const ASYNCAPI: Target = Target {
    name: "asyncapi",
    seeds: || {
        seeds::texts(&[
            include_str!("../../types/everything.asyncapi.yaml"),
            include_str!("../../types/everything.asyncapi2.yaml"),
        ])
    },
    run: |bytes| read(&AsyncApi, "a.yaml", bytes),
};

/// What is read is written by its format, and is compatible with itself.
fn read(format: &dyn Format, file: &str, bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let source = Source { file, text, files: &NoFiles };
    let read = format.read(&source);
    for definition in read.iter().flat_map(|schema| &schema.types).take(20) {
        let _ = format.write("a", &definition.shape);
        let _ = format.locate(&source, &definition.name, "a", Sought::Value);
    }
    if read.is_ok() {
        let subjects =
            || -> Vec<Subject> { format.subjects(&source).expect("what is read once is read again") };
        let found = operations::compare(&subjects(), &subjects(), Direction::Backward);
        assert!(found.is_empty(), "it differs from itself: {:?}", found[0].message);
    }
    outcome_of_all(&read)
}
