//! The names of the columns of a CSV file.

use bytes::Bytes;
use tenon_contracts::text::{
    RowDecoder,
    csv::{self, Cells, Dialect, Form},
};
use tenon_errors::{
    Place, Report, Reports,
    catalogue::{
        data::{BAD_ENCODING, WRONG_HEADER},
        system::FILE_AWAITED,
    },
};
use tenon_model::{Shape, Str};
use tenon_ports::CsvFormat;

use super::{
    rows::{Kind, Row},
    unreadable,
};
use crate::rows::{arrival::File, blob::AWAITED};

/// The names of the columns.
pub(super) struct Header {
    pub(super) names: Vec<String>,
    /// As a line.
    pub(super) bytes: Bytes,
    line: u64,
}

impl Header {
    /// Of a file that does not begin with the names of its columns.
    pub(super) fn of_names(names: &[Str], dialect: Dialect) -> Self {
        let bytes = csv::join(names.iter().map(|name| name.as_bytes()), dialect).into();
        Self { names: names.iter().map(ToString::to_string).collect(), bytes, line: 1 }
    }

    /// From the first row.
    pub(super) fn read(
        row: Option<Row>,
        dialect: Dialect,
        limit: usize,
        file: &File,
    ) -> Result<Self, Report> {
        let Some(row) = row else {
            let message = format!("`{}` is empty: it has no header line yet", file.name());
            return Err(Report::new(&FILE_AWAITED, message)
                .at(file.place(1))
                .hint("write the names of the columns into the first line")
                .retry_after(AWAITED));
        };
        let place = file.place(row.line);
        if let Err(error) = std::str::from_utf8(&row.bytes) {
            let message = match file.encoding() {
                None => format!("the header is not UTF-8 from byte {}", error.valid_up_to()),
                Some(encoding) => format!("the header holds bytes that are not {encoding}"),
            };
            return Err(Report::new(&BAD_ENCODING, message)
                .at(place)
                .hint("name the `encoding` of the file, or convert it to UTF-8"));
        }
        let mut cells = Cells::default();
        let text = |cell: csv::Cell<'_>| String::from_utf8_lossy(cell.bytes).into_owned();
        let names = match row.kind {
            Kind::Whole(Form::Plain) => csv::plain(&row.bytes, dialect.delimiter).map(text).collect(),
            Kind::Whole(Form::Quoted) => cells.split(&row.bytes, dialect).map(text).collect(),
            _ => return Err(unreadable(&row, limit).at(place)),
        };
        Ok(Self { names, bytes: row.bytes, line: row.line })
    }

    /// What reads the rows under it.
    pub(super) fn decoder(
        &self,
        shape: &Shape,
        format: &CsvFormat,
        file: &File,
    ) -> Result<RowDecoder, Report> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        RowDecoder::new(shape, &names, &format.rules).map_err(|reports| {
            let place = file.place(self.line);
            match csv::other_delimiter(&names, format.dialect.delimiter, shape) {
                // What it lacks then says nothing.
                Some(misread) => {
                    let message = format!("the header of `{}` {}", file.name(), misread.what);
                    Report::new(&WRONG_HEADER, message).at(place).hint(misread.hint)
                }
                None => header_report(reports, file.name(), place)
                    .hint("correct the first line of the file, or the contract"),
            }
        })
    }
}

/// One report for all that is wrong with a header.
fn header_report(reports: Reports, name: &str, place: Place) -> Report {
    let mut reports: Vec<Report> = reports.into_iter().collect();
    match (reports.len(), reports.pop()) {
        (1, Some(only)) => only.at(place),
        (_, last) => {
            let message = format!("the header of `{name}` does not fit the contract of its rows");
            reports.extend(last);
            Report::new(&WRONG_HEADER, message).at(place).with_details(reports)
        }
    }
}
