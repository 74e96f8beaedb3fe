//! Decoders one by one, for `instructions`, which counts what one message takes.

use std::{error::Error, fs, path::PathBuf, sync::Arc};

use tenon_contracts::{
    Contract,
    avro::{self, codec::Decoder as AvroDecoder},
    format::{
        Codec, NoFiles, Text,
        encoding::{self, Encoding},
    },
    json::{self, Decoder},
    protobuf,
    text::{
        RowDecoder, RowRules,
        csv::{Cells, Dialect, split},
    },
};
use tenon_model::{ContractRef, Name, Shape, Value};

use crate::binary::flight;

type Problem = Box<dyn Error>;
type Decode = Box<dyn Fn(&[u8]) -> Result<Value, tenon_errors::Report>>;

type MakePart = fn() -> Result<Part, Problem>;

const MESSAGES: usize = 500;

/// A decoder and what it reads.
struct Part {
    decode: Decode,
    messages: Vec<Vec<u8>>,
}

/// Each decoder with its name.
const PARTS: &[(&str, MakePart)] = &[
    ("json", || flights_in_json(false)),
    ("json, any order", || flights_in_json(true)),
    ("csv", || flights_in_csv(false)),
    ("csv, any order", || flights_in_csv(true)),
    ("xml", purchases),
    ("avro", || flights_in_avro(AVRO)),
    ("avro, another schema", || flights_in_avro(READER)),
    ("protobuf", || flights_in_protobuf(&encoding::PROTOBUF)),
    ("protobuf in json", || flights_in_protobuf(&encoding::JSON)),
];

const AVRO: &str = include_str!("../flight.avsc");
/// The same in another order, with a field that was not written, and without three that were.
const READER: &str = r#"{ "type": "record", "name": "Flight", "fields": [
    { "name": "distance", "type": "double" }, { "name": "carrier", "type": "string" }, { "name": "id", "type": "long" },
    { "name": "gate", "type": "string", "default": "unknown" }, { "name": "delay", "type": ["null", "int"] },
    { "name": "stops", "type": { "type": "array", "items": "string" } },
    { "name": "departed", "type": { "type": "long", "logicalType": "timestamp-millis" } },
    { "name": "aircraft", "type": { "type": "record", "name": "Aircraft", "fields": [
        { "name": "seats", "type": "int" }, { "name": "tail", "type": "string" } ] } } ] }"#;

/// The names of the decoders, one a line; with a name and a number, so many rounds over its messages.
///
/// # Errors
/// What is wrong with a contract or a message.
#[allow(clippy::print_stdout, reason = "a script reads it")]
pub(crate) fn decode(arguments: &[&str]) -> Result<(), Problem> {
    let [name, rounds] = arguments else {
        PARTS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let (_, part) = PARTS.iter().find(|(known, _)| known == name).ok_or("there is no such decoder")?;
    let part = part()?;
    for _ in 0..rounds.parse::<usize>()? {
        for message in &part.messages {
            (part.decode)(message)?;
        }
    }
    println!("{}", part.messages.len());
    Ok(())
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The header of the flights, and rows of them.
fn rows() -> Result<Vec<Vec<String>>, Problem> {
    let text = fs::read_to_string(folder().join("../../examples/flights/data/flights.csv"))?;
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    Ok(text.lines().take(MESSAGES + 1).map(cells).collect())
}

fn flight_row() -> Result<Shape, Problem> {
    crate::case::schema(&fs::read_to_string(folder().join("flights/contracts/flight-row/1.json"))?)
}

/// The order of fields that follow each other in none of the contract.
fn turned(mut row: Vec<String>) -> Vec<String> {
    row.reverse();
    row.rotate_left(5);
    row
}

fn csv_decoder(header: &[String]) -> Result<RowDecoder, Problem> {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rules = RowRules { absent: vec!["NA".into()], ..RowRules::default() };
    RowDecoder::new(&flight_row()?, &header, &rules).map_err(|reports| format!("{reports:?}").into())
}

fn flights_in_csv(is_turned: bool) -> Result<Part, Problem> {
    let mut rows: Vec<_> = rows()?.into_iter().map(|row| if is_turned { turned(row) } else { row }).collect();
    let decoder = csv_decoder(&rows.remove(0))?;
    let decode = move |row: &[u8]| {
        let mut cells = Cells::default();
        split(&mut cells, row, Dialect::default()).and_then(|cells| decoder.decode(cells))
    };
    let messages = rows.into_iter().map(|row| row.join(",").into_bytes()).collect();
    Ok(Part { decode: Box::new(decode), messages })
}

fn flights_in_json(is_turned: bool) -> Result<Part, Problem> {
    let mut rows = rows()?;
    let decoder = csv_decoder(&rows.remove(0))?;
    let mut messages = Vec::new();
    for row in rows {
        let mut value = decoder.decode(row.iter().map(String::as_bytes))?;
        if let (true, Value::Map(map)) = (is_turned, &value) {
            let mut entries: Vec<_> =
                map.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
            entries.reverse();
            entries.rotate_left(5);
            value = Value::record(entries);
        }
        messages.push(json::to_string(&value).into_bytes());
    }
    let decoder = Decoder::new(&flight_row()?)?;
    Ok(Part { decode: Box::new(move |bytes| decoder.decode(bytes)), messages })
}

/// Orders as files of XML.
fn purchases() -> Result<Part, Problem> {
    let text = fs::read_to_string(folder().join("../../examples/orders/contracts/purchase/1.xsd"))?;
    let text: Text = text.into();
    let reference = ContractRef { name: Name::new("purchase").ok_or("a name")?, version: 1 };
    let contract = Contract::read(&reference, "1.xsd", &text, &NoFiles);
    let (contract, _) = contract.map_err(|reports| format!("{reports:?}"))?;
    let codec = Arc::clone(contract.codec(&encoding::XML).ok_or("no XML")?);
    let line = |n: usize| format!("<line sku=\"chair-{n}\" quantity=\"{}\" price=\"{}.50\"/>", n % 90 + 1, n);
    let purchase = |n: usize| {
        let lines: String = (0..n % 4 + 1).map(line).collect();
        let day = n % 28 + 1;
        format!(
            "<purchase xmlns=\"urn:example:shop\" number=\"{n}\"><customer>Ada &amp; Co</customer><day>2026-01-{day:02}</day>{lines}</purchase>"
        )
    };
    let messages = (0..MESSAGES).map(|n| purchase(n).into_bytes()).collect();
    Ok(Part { decode: Box::new(move |bytes| codec.decode(bytes)), messages })
}

fn encoded(codec: &dyn Codec, absent: Option<&Value>) -> Result<Vec<Vec<u8>>, Problem> {
    let mut messages = Vec::new();
    for n in 0..MESSAGES {
        let mut out = Vec::new();
        codec.encode(&flight(i64::try_from(n)?, absent), &mut out)?;
        messages.push(out);
    }
    Ok(messages)
}

fn flights_in_avro(reader: &str) -> Result<Part, Problem> {
    let schema = |text: &str| avro::parse(text).map_err(|reports| format!("{reports:?}"));
    let (writer, reader) = (schema(AVRO)?, schema(reader)?);
    let codec = avro::codec::AvroCodec::new(&writer).map_err(|reports| format!("{reports:?}"))?;
    let messages = encoded(&codec, Some(&Value::Null))?;
    let decoder = AvroDecoder::between(&writer, &reader).map_err(|reports| format!("{reports:?}"))?;
    Ok(Part { decode: Box::new(move |bytes| decoder.decode(bytes)), messages })
}

fn flights_in_protobuf(encoding: &Encoding) -> Result<Part, Problem> {
    let source = tenon_contracts::format::Source {
        file: "flight.proto",
        text: include_str!("../flight.proto"),
        files: &NoFiles,
    };
    let read = protobuf::read(&source).map_err(|reports| format!("{reports:?}"))?;
    let (definitions, name) = (&read.definitions, "bench.Flight");
    let codec: Box<dyn Codec> = match *encoding == encoding::JSON {
        true => Box::new(protobuf::codec::Json::new(definitions, name).ok_or("the file has no flight")?),
        false => Box::new(protobuf::codec::Binary::new(definitions, name).ok_or("the file has no flight")?),
    };
    let messages = encoded(&*codec, None)?;
    Ok(Part { decode: Box::new(move |bytes| codec.decode(bytes)), messages })
}
