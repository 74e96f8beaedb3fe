//! Reading the bytes of a file's row again.

use std::borrow::Cow;

use tenon_contracts::{json::Decoder, text::RowDecoder};
use tenon_errors::{
    Report,
    catalogue::data::{BAD_CSV, WRONG_COLUMN_COUNT, WRONG_HEADER},
};
use tenon_model::Value;
use tenon_plan::{Flow, Input};
use tenon_ports::{DeadLetter, FileFormat};

/// The value of a dead letter that came from a file, by the contract as it is today. `None` for what came from
/// elsewhere: the flow's own decoder reads it.
pub(super) fn read(flow: &Flow, letter: &DeadLetter) -> Result<Option<Value>, Report> {
    let Input::File(file) = &flow.input else { return Ok(None) };
    let shape = &flow.contract.shape;
    match &file.format {
        FileFormat::JsonLines => Decoder::new(shape)?.decode(letter.bytes.trim_ascii()).map(Some),
        FileFormat::Csv { delimiter, absent } => {
            let header = split(&letter.context, *delimiter)?;
            let names: Vec<Cow<'_, str>> = header.iter().map(|name| String::from_utf8_lossy(name)).collect();
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            let decoder =
                RowDecoder::new(shape, &names, absent).map_err(|reports| wrong_header(letter, reports))?;
            let cells = split(&letter.bytes, *delimiter)?;
            if cells.len() != names.len() {
                let message = format!("the row has {} cells, the header has {}", cells.len(), names.len());
                return Err(Report::new(&WRONG_COLUMN_COUNT, message));
            }
            decoder.decode(cells.iter().map(AsRef::as_ref)).map(Some)
        }
    }
}

fn wrong_header(letter: &DeadLetter, reports: tenon_errors::Reports) -> Report {
    let message = format!("the header of `{}` no longer fits the contract", letter.origin.source);
    Report::new(&WRONG_HEADER, message).with_details(reports)
}

/// The cells of one row (RFC 4180), without its line break.
fn split(row: &[u8], delimiter: u8) -> Result<Vec<Cow<'_, [u8]>>, Report> {
    let row = row.strip_prefix(b"\xef\xbb\xbf").unwrap_or(row);
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    let (mut cells, mut rest) = (Vec::new(), row);
    loop {
        let (cell, after) = match rest.strip_prefix(b"\"") {
            Some(quoted) => quoted_cell(quoted)?,
            None => {
                let end = rest.iter().position(|byte| *byte == delimiter).unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        cells.push(cell);
        match after.split_first() {
            None => return Ok(cells),
            Some((byte, after)) if *byte == delimiter => rest = after,
            Some(_) => return Err(Report::new(&BAD_CSV, "text follows the closing quote of a cell")),
        }
    }
}

/// The content of a quoted cell whose opening quote is taken off, and what follows its closing quote.
fn quoted_cell(mut rest: &[u8]) -> Result<(Cow<'_, [u8]>, &[u8]), Report> {
    let mut cell = Cow::Borrowed(&rest[..0]);
    loop {
        let Some(quote) = rest.iter().position(|byte| *byte == b'"') else {
            return Err(Report::new(&BAD_CSV, "the quote of a cell is not closed"));
        };
        match &mut cell {
            Cow::Borrowed([]) => cell = Cow::Borrowed(&rest[..quote]),
            other => other.to_mut().extend_from_slice(&rest[..quote]),
        }
        rest = &rest[quote + 1..];
        if let Some(after) = rest.strip_prefix(b"\"") {
            cell.to_mut().push(b'"');
            rest = after;
        } else {
            return Ok((cell, rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, expected: &[&str]) {
        let cells = split(row.as_bytes(), b',').unwrap();
        let cells: Vec<_> = cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        assert_eq!(cells, expected, "{row}");
    }

    #[test]
    fn rows_are_split_as_the_standard_says() {
        check("a,b,c\r\n", &["a", "b", "c"]);
        check("a,,", &["a", "", ""]);
        check("", &[""]);
        check("\"a,b\",c", &["a,b", "c"]);
        check("\"\",\"say \"\"hi\"\"\"\n", &["", "say \"hi\""]);
        check("\"two\nlines\",x", &["two\nlines", "x"]);
    }

    #[test]
    fn torn_rows_stay_torn() {
        for row in ["\"open", "\"a\"b,c"] {
            assert_eq!(split(row.as_bytes(), b',').unwrap_err().code(), &BAD_CSV, "{row}");
        }
    }
}
