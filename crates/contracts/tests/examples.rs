//! The contracts of the example projects, as users copy them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use tenon_contracts::{
    json::Decoder,
    json_schema::{read, write},
    sql::{Dialect, TableSchema},
    text::{RowDecoder, RowRules},
};
use tenon_document::parse;
use tenon_model::Shape;

fn flights() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights")
}

fn shape(name: &str) -> Shape {
    let path = flights().join("contracts").join(name).join("1.json");
    let node = parse(&path.to_string_lossy(), &fs::read_to_string(&path).unwrap()).unwrap();
    read(&node).unwrap_or_else(|reports| panic!("{reports:?}")).into_only().unwrap().shape
}

#[test]
fn every_contract_of_the_flights_is_read_and_written_without_loss() {
    let mut count = 0;
    for folder in fs::read_dir(flights().join("contracts")).unwrap() {
        let name = folder.unwrap().file_name().to_string_lossy().into_owned();
        let first = shape(&name);
        let again = read(&parse("again.json", &write(&first).to_string()).unwrap())
            .unwrap()
            .into_only()
            .unwrap()
            .shape;
        assert_eq!(again, first, "{name}");
        Decoder::new(&first).unwrap();
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn every_row_of_the_flights_is_decoded_and_the_same_as_json() {
    let shape = shape("flight-row");
    let text = fs::read_to_string(flights().join("data/flights.csv")).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows =
        RowDecoder::new(&shape, &header, &RowRules { absent: vec!["NA".into()], ..RowRules::default() })
            .unwrap();
    let decoder = Decoder::new(&shape).unwrap();
    let mut count = 0;
    for line in lines {
        let row = rows.decode(line.split(',').map(str::as_bytes)).unwrap();
        let mut json = Vec::new();
        tenon_contracts::json::encode(&row, &mut json);
        assert_eq!(decoder.decode(&json).unwrap(), row);
        count += 1;
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn the_tables_of_the_flights_follow_from_their_contracts() {
    let schema = TableSchema::new("delays", &shape("delay"), &["carrier".into(), "day".into()], &[]).unwrap();
    let statement = &schema.ddl(Dialect::Sqlite)[0];
    assert!(statement.contains("\"worst_delay_minutes\" INTEGER NOT NULL"), "{statement}");
    assert!(statement.contains("PRIMARY KEY (\"carrier\", \"day\")"), "{statement}");
}
