//! Avro's and Protobuf's binary messages.

use std::{error::Error, fs, path::Path};

use tenon_contracts::{
    avro::{self, codec::AvroCodec},
    format::{Codec, NoFiles, Source},
    protobuf::{self, codec::Binary},
};
use tenon_model::{Instant, Value};

use crate::time::best;

const MESSAGES: i64 = 10_000;

/// Measures decoding of what it encodes, and leaves that in `folder`, each message after its length in four bytes.
///
/// # Errors
/// What is wrong with a schema.
pub(crate) fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let schema = avro::parse(include_str!("../flight.avsc")).map_err(|reports| format!("{reports:?}"))?;
    let codec = AvroCodec::new(&schema).map_err(|reports| format!("{reports:?}"))?;
    of_format(folder, "avro", &codec, Some(&Value::Null))?;
    let source = Source { file: "flight.proto", text: include_str!("../flight.proto"), files: &NoFiles };
    let read = protobuf::read(&source).map_err(|reports| format!("{reports:?}"))?;
    let codec = Binary::new(&read.definitions, "bench.Flight").ok_or("the file has no flight")?;
    of_format(folder, "protobuf", &codec, None)
}

fn of_format(
    folder: &Path,
    name: &str,
    codec: &dyn Codec,
    absent: Option<&Value>,
) -> Result<(), Box<dyn Error>> {
    let mut messages = Vec::new();
    let mut file = Vec::new();
    for n in 0..MESSAGES {
        let mut out = Vec::new();
        codec.encode(&flight(n, absent), &mut out)?;
        file.extend_from_slice(&u32::try_from(out.len())?.to_le_bytes());
        file.extend_from_slice(&out);
        messages.push(out);
    }
    fs::write(folder.join(format!("{name}.messages")), file)?;
    best(&format!("{name}: decode"), &messages, |message| codec.decode(message).map(drop))?;
    let values: Vec<_> = messages.iter().map(|message| codec.decode(message)).collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    best(&format!("{name}: encode"), &values, |value| {
        out.clear();
        codec.encode(value, &mut out)
    })?;
    Ok(())
}

/// A flight; where it is not late, `absent` says so.
pub(crate) fn flight(n: i64, absent: Option<&Value>) -> Value {
    let at = Instant::from_second(1_356_998_400 + n * 60).unwrap_or(Instant::UNIX_EPOCH);
    let stops = (0..n % 3).map(|stop| Value::from(format!("S{stop}"))).collect();
    let aircraft = [("tail", Value::from(format!("N{n}UA"))), ("seats", Value::Int(n % 300))];
    let delay = if n % 4 == 0 { absent.cloned() } else { Some(Value::Int(n % 90)) };
    let fields = [
        ("id", Value::Int(n)),
        ("carrier", Value::from("UA")),
        ("origin", Value::from("EWR")),
        ("destination", Value::from("San Francisco International Airport")),
        ("distance", Value::Float(2_565.5)),
        ("cancelled", Value::Bool(n % 50 == 0)),
        ("departed", Value::Timestamp(at)),
        ("stops", Value::list(stops)),
        ("counts", Value::list((0..8).map(|k| Value::Int(n + k)).collect())),
        ("aircraft", Value::record(aircraft)),
    ];
    Value::record(fields.into_iter().chain(delay.map(|delay| ("delay", delay))))
}
