//! Reading the bytes of a file's row again.

use std::borrow::Cow;

use tenon_contracts::{
    avro::codec::container,
    json::Decoder,
    text::{
        RowDecoder,
        csv::{self, Cells},
    },
};
use tenon_errors::{Report, catalogue::data::WRONG_HEADER};
use tenon_model::Value;
use tenon_plan::{Flow, Input};
use tenon_ports::{DeadLetter, RowFormat};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The value of a dead letter that came from a file, by the contract as it is today. `None` for what came from
/// elsewhere: the flow's own decoder reads it.
pub(super) fn read(flow: &Flow, letter: &DeadLetter) -> Result<Option<Value>, Report> {
    let Input::File(file) = &flow.input else { return Ok(None) };
    let shape = &flow.contract.shape;
    match &file.format.rows {
        RowFormat::JsonLines | RowFormat::Json { .. } => {
            Decoder::new(shape)?.decode(letter.bytes.trim_ascii()).map(Some)
        }
        RowFormat::Xml(xml) => xml.codec.decode(&letter.bytes).map(Some),
        RowFormat::Avro { schema } => {
            let writer = String::from_utf8_lossy(&letter.context);
            let decoder = container::row_decoder(&writer, schema);
            decoder.map_err(|reports| wrong_header(letter, reports))?.decode(&letter.bytes).map(Some)
        }
        RowFormat::Csv(csv) => {
            let (mut header, mut cells) = (Cells::default(), Cells::default());
            let context = letter.context.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&letter.context);
            let names: Vec<Cow<'_, str>> = csv::split(&mut header, context, csv.dialect)?
                .map(|cell| String::from_utf8_lossy(cell.bytes))
                .collect();
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            let decoder = RowDecoder::new(shape, &names, &csv.rules)
                .map_err(|reports| wrong_header(letter, reports))?;
            decoder.decode(csv::split(&mut cells, &letter.bytes, csv.dialect)?).map(Some)
        }
    }
}

fn wrong_header(letter: &DeadLetter, reports: tenon_errors::Reports) -> Report {
    let message = format!("the header of `{}` no longer fits the contract", letter.origin.source);
    Report::new(&WRONG_HEADER, message).with_details(reports)
}
