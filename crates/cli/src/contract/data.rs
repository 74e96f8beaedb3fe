//! Data as it is named on the command line: JSON, JSON Lines and CSV, cut into records that know where they start.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use tenon_contracts::text::csv::{Cells, Dialect, End, end_of_row, split};
use tenon_errors::{
    Report,
    catalogue::engine::{BAD_USAGE, IO_FAILED},
};

use super::args::DataFormat;

/// The text of a file of data.
pub struct Data {
    /// How it is shown.
    pub name: String,
    pub format: DataFormat,
    pub bytes: Vec<u8>,
}

/// A part of a file that is one value.
pub struct Record<'d> {
    pub bytes: &'d [u8],
    /// The line that it starts in, from 1.
    pub line: usize,
}

impl Data {
    /// Reads a file, or standard input for `-`.
    pub fn read(path: &Path, format: Option<DataFormat>) -> Result<Self, Report> {
        let format = format.or_else(|| of_ending(path)).ok_or_else(|| {
            let message = format!("nothing says which form the data of `{}` has", path.display());
            Report::new(&BAD_USAGE, message).hint("say `--data-format json`, `jsonl` or `csv`")
        })?;
        let mut bytes = Vec::new();
        let (name, read) = if path.as_os_str() == "-" {
            ("standard input".to_owned(), std::io::stdin().lock().read_to_end(&mut bytes).map(drop))
        } else {
            (path.display().to_string(), fs::read(path).map(|read| bytes = read))
        };
        read.map_err(|error| Report::new(&IO_FAILED, format!("`{name}` cannot be read: {error}")))?;
        Ok(Self { name, format, bytes })
    }

    /// Its records; of CSV, the first is the header.
    pub fn records(&self) -> Vec<Record<'_>> {
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes);
        match self.format {
            DataFormat::Json => vec![Record { bytes, line: 1 }],
            DataFormat::Jsonl => {
                let lines = bytes.split(|byte| *byte == b'\n').enumerate();
                let records = lines.map(|(at, bytes)| Record { bytes, line: at + 1 });
                records.filter(|record| !record.bytes.trim_ascii().is_empty()).collect()
            }
            DataFormat::Csv => rows(bytes),
        }
    }
}

fn of_ending(path: &Path) -> Option<DataFormat> {
    match path.extension()?.to_str()? {
        "json" => Some(DataFormat::Json),
        "jsonl" | "ndjson" => Some(DataFormat::Jsonl),
        "csv" => Some(DataFormat::Csv),
        _ => None,
    }
}

fn rows(mut bytes: &[u8]) -> Vec<Record<'_>> {
    let (mut rows, mut line) = (Vec::new(), 1);
    while !bytes.is_empty() {
        let length = match end_of_row(bytes, Dialect::default(), true, false) {
            End::Row(length, _) => length,
            // What is no row is told by whoever splits it; the next one starts with the next line.
            End::Bad { .. } | End::Unknown => {
                bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
            }
        };
        let (row, rest) = bytes.split_at(length.max(1).min(bytes.len()));
        if !row.trim_ascii().is_empty() {
            rows.push(Record { bytes: row, line });
        }
        line += row.iter().filter(|byte| **byte == b'\n').count();
        bytes = rest;
    }
    rows
}

/// The cells of a row as text.
pub fn cells(row: &[u8]) -> Result<Vec<String>, Report> {
    let mut cells = Cells::default();
    let cells = split(&mut cells, row, Dialect::default())?;
    Ok(cells.map(|cell| String::from_utf8_lossy(cell.bytes).into_owned()).collect())
}

/// All files, read.
pub fn all(paths: &[PathBuf], format: Option<DataFormat>) -> Result<Vec<Data>, Report> {
    paths.iter().map(|path| Data::read(path, format)).collect()
}
