//! The targets, and what they share.

mod asked;
mod avro;
mod csv;
mod descriptions;
mod expression;
mod formats;
mod graphql;
mod grpc;
mod json;
mod log;
mod project;
mod protobuf;
mod reader;
mod request;
mod rows;
mod soap;
mod text;
mod xml;

use std::hash::{DefaultHasher, Hash, Hasher};

use tenon_contracts::format::Codec;
use tenon_errors::{Report, Reports};
use tenon_model::Value;

use crate::Target;

/// Every target, in the order in which they are run.
pub const TARGETS: &[Target] = &[
    json::DATA,
    json::SCHEMA,
    avro::SCHEMA,
    avro::BINARY,
    avro::CONTAINER,
    avro::JSON,
    protobuf::TEXT,
    protobuf::BINARY,
    protobuf::JSON,
    xml::SCHEMA,
    xml::DATA,
    soap::SOAP,
    grpc::GRPC,
    graphql::REQUESTS,
    graphql::ANSWERS,
    csv::ROWS,
    text::DOCUMENT,
    expression::EXPRESSION,
    formats::FORMATS,
    descriptions::WSDL,
    descriptions::GRAPHQL,
    descriptions::SQL,
    descriptions::OPENAPI,
    descriptions::ASYNCAPI,
    reader::FRAME,
    reader::PARAMETER,
    rows::ROWS,
    log::LOG,
    request::REQUEST,
    project::PROJECT,
    project::MAPPING,
];

/// What is told of an outcome: the words of a report, without what differs from input to input.
/// What reads a part says of bytes what the whole says, in the same words.
fn is_judged_alike(whole: &Result<Value, Report>, part: &Result<Value, Report>) {
    let words = |read: &Result<Value, Report>| read.as_ref().err().map(|report| format!("{report:?}"));
    assert_eq!(words(part), words(whole));
}

fn outcome<T>(result: &Result<T, Report>) -> u64 {
    match result {
        Ok(_) => 0,
        Err(report) => hash(std::slice::from_ref(report)),
    }
}

fn outcome_of_all<T>(result: &Result<T, Reports>) -> u64 {
    match result {
        Ok(_) => 0,
        Err(reports) => hash(&reports.iter().take(3).cloned().collect::<Vec<_>>()),
    }
}

fn hash(reports: &[Report]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for report in reports.iter().chain(reports.iter().flat_map(|report| report.details().iter().take(3))) {
        report.code().id.hash(&mut hasher);
        // What is quoted, and numbers, are of the input.
        for (at, part) in report.message().split(['`', '"', '\'']).enumerate() {
            if at % 2 == 0 {
                part.split(|c: char| !c.is_alphabetic()).for_each(|word| word.hash(&mut hasher));
            }
        }
    }
    hasher.finish() | 1
}

/// What a codec reads is written, read again as the same value, and written the same again.
fn comes_back(codec: &dyn Codec, bytes: &[u8]) -> u64 {
    let read = codec.decode(bytes);
    if let Ok(value) = &read {
        let written = encoded(codec, value);
        let again = codec
            .decode(&written)
            .unwrap_or_else(|report| panic!("what was written is not read: {report:?}"));
        assert_eq!(&again, value, "another value comes back");
        assert_eq!(encoded(codec, &again), written, "it is written otherwise");
    }
    outcome(&read)
}

#[track_caller]
fn encoded(codec: &dyn Codec, value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    codec
        .encode(value, &mut out)
        .unwrap_or_else(|report| panic!("{value:?} was read and is not written: {report:?}"));
    out
}
