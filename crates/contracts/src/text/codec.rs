//! Lists of flat records as CSV with a header (RFC 4180), where bodies of APIs are CSV.

use tenon_errors::{
    Report,
    catalogue::data::{CONTRACT_VIOLATION, TOO_LARGE, UNEXPECTED_FIELD, WRONG_HEADER, WRONG_KIND},
};
use tenon_model::{Key, Kind, Map, Shape, Str, Value, map::Hint};

use super::{
    RowDecoder, RowRules,
    csv::{Cells, Dialect, End, end_of_row, join, split, without_break},
};
use crate::{
    builder::Builder,
    format::{Codec, Encoding, encoding::CSV},
    json,
    json::Limits,
    validate::Validator,
};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The most violations that are named.
const MOST: usize = 20;

/// Reads and writes lists of records whose fields are scalars. The header has a column for each field; when read, in any order, and
/// without those that may be absent. Absent fields and null are empty cells, the empty text is `""`.
#[derive(Debug)]
pub struct CsvCodec {
    item: Shape,
    columns: Vec<Str>,
    /// Judges the list as a whole.
    judge: Validator,
}

impl CsvCodec {
    /// For values of `shape`; `None` if it is no list of records whose fields are scalars.
    #[must_use]
    pub fn new(shape: &Shape) -> Option<Self> {
        let Kind::List(list) = &shape.kind else { return None };
        let item = list.item.clone();
        let record = item.as_record().filter(|record| !item.nullable && !record.fields().is_empty())?;
        let columns: Vec<Str> = record.fields().iter().map(|field| field.name.clone()).collect();
        let names: Vec<&str> = columns.iter().map(Str::as_str).collect();
        // What is written under this header can be read again.
        RowDecoder::new(&item, &names, &RowRules::default()).ok()?;
        Some(Self { judge: Validator::new(shape).ok()?, item, columns })
    }

    /// Appends rows under their header, whatever the list as a whole may be.
    ///
    /// # Errors
    /// `D0001` for a row with a field that has no column, or with what no cell holds.
    pub fn write_rows(&self, rows: &[Value], out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        out.extend_from_slice(&join(self.columns.iter().map(|name| name.as_bytes()), Dialect::default()));
        out.extend_from_slice(b"\r\n");
        for (at, row) in rows.iter().enumerate() {
            self.write_row(row, out).map_err(|report| {
                out.truncate(start);
                let report = within_row(&report, at);
                Report::new(&CONTRACT_VIOLATION, "the data cannot be CSV").with_details([report])
            })?;
        }
        Ok(())
    }

    fn write_row(&self, row: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let Value::Map(row) = row else {
            return Err(Report::new(&WRONG_KIND, format!("a row is a record, not {}", row.kind_name())));
        };
        self.require_columns(row)?;
        for (at, name) in self.columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match row.get_near(&Hint::new(at), name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if text.is_empty() => out.extend_from_slice(b"\"\""),
                Some(Value::String(text)) => out.extend_from_slice(&cell(text.as_bytes())),
                Some(Value::List(_) | Value::Map(_)) => {
                    return Err(Report::new(&WRONG_KIND, "no cell can hold this").path(format!("/{name}")));
                }
                Some(value) => {
                    let text = json::to_string(value);
                    out.extend_from_slice(&cell(text.trim_matches('"').as_bytes()));
                }
            }
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn require_columns(&self, row: &Map) -> Result<(), Report> {
        let has_column = |key: &Key| self.columns.iter().any(|name| key.as_str() == Some(name));
        match row.iter().find(|(key, value)| !value.is_null() && !has_column(key)) {
            None => Ok(()),
            Some((key, _)) => {
                Err(Report::new(&UNEXPECTED_FIELD, format!("there is no column for the field `{key}`")))
            }
        }
    }
}

fn cell(bytes: &[u8]) -> Vec<u8> {
    join(std::iter::once(bytes), Dialect::default())
}

impl Codec for CsvCodec {
    fn encoding(&self) -> &'static Encoding {
        &CSV
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        let most = Limits::default().bytes;
        if bytes.len() > most {
            let message = format!("the data has {} bytes, and {most} are allowed", bytes.len());
            return Err(Report::new(&TOO_LARGE, message));
        }
        let mut rest = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let mut cells = Cells::default();
        let header = next(&mut rest)?.unwrap_or_default();
        let names: Vec<String> = split(&mut cells, header, Dialect::default())?
            .map(|cell| String::from_utf8_lossy(cell.bytes).into_owned())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let decoder = RowDecoder::new(&self.item, &names, &RowRules::default()).map_err(|reports| {
            Report::new(&WRONG_HEADER, "the header does not fit the contract").with_details(reports)
        })?;
        let (mut rows, mut problems, mut builder) = (Vec::new(), Vec::new(), Builder::default());
        while let Some(line) = next(&mut rest)? {
            let at = rows.len();
            let cells = split(&mut cells, line, Dialect::default());
            match cells.and_then(|cells| decoder.decode_by(&mut builder, cells)) {
                Ok(row) => rows.push(row),
                Err(report) if report.code().id == TOO_LARGE.id => return Err(report),
                Err(report) => {
                    match report.details() {
                        [] => problems.push(within_row(&report, at)),
                        details => problems.extend(details.iter().map(|detail| within_row(detail, at))),
                    }
                    rows.push(Value::Null);
                }
            }
            if problems.len() >= MOST {
                break;
            }
        }
        if !problems.is_empty() {
            problems.truncate(MOST);
            let message = "the data does not follow its contract";
            return Err(Report::new(&CONTRACT_VIOLATION, message).with_details(problems));
        }
        let list = Value::list(rows);
        self.judge.check(&list).map(|()| list)
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        match value {
            Value::List(rows) => self.write_rows(rows, out),
            other => {
                Err(Report::new(&WRONG_KIND, format!("CSV is a list of rows, not {}", other.kind_name())))
            }
        }
    }
}

/// Takes the next row, without its line break; `None` at the end.
fn next<'b>(rest: &mut &'b [u8]) -> Result<Option<&'b [u8]>, Report> {
    if rest.is_empty() {
        return Ok(None);
    }
    match end_of_row(rest, Dialect::default(), true, false) {
        End::Row(length, _) => {
            let (row, after) = rest.split_at(length);
            *rest = after;
            Ok(Some(&row[..without_break(row)]))
        }
        End::Bad { fault, .. } => Err(fault.report()),
        End::Unknown => Err(super::csv::Fault::Unclosed.report()),
    }
}

/// A report about a part of a row, with the row in its path.
fn within_row(report: &Report, at: usize) -> Report {
    let path = format!("/{at}{}", report.data_path().unwrap_or_default());
    report.clone().path(path)
}

#[cfg(test)]
mod tests {
    use tenon_model::Field;

    use super::*;

    fn codec() -> CsvCodec {
        let fields = vec![
            Field::required("id", Shape::INT),
            Field::optional("note", Shape::string().nullable()),
            Field::required("name", Shape::string()),
        ];
        CsvCodec::new(&Shape::list(Shape::record(fields))).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let row = |id: i64, note: Option<&str>, name: &str| {
            let note = note.map(|note| ("note", Value::from(note)));
            let fields = [Some(("id", Value::Int(id))), note, Some(("name", Value::from(name)))];
            Value::record(fields.into_iter().flatten())
        };
        let rows =
            Value::list(vec![row(1, Some(""), "a,b"), row(2, None, "say \"hi\""), row(3, Some("x\ny"), "")]);
        let mut out = Vec::new();
        codec().encode(&rows, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "id,note,name\r\n1,\"\",\"a,b\"\r\n2,,\"say \"\"hi\"\"\"\r\n3,\"x\ny\",\"\"\r\n");
        assert_eq!(codec().decode(text.as_bytes()).unwrap(), rows);
    }

    #[test]
    fn columns_may_stand_in_any_order_and_problems_name_their_row() {
        let read = codec().decode(b"name,id\nann,1\n").unwrap();
        assert_eq!(json::to_string(&read), r#"[{"id":1,"name":"ann"}]"#);
        let report = codec().decode(b"name,id\nann,1\nbob,x\n").unwrap_err();
        assert_eq!(report.details()[0].data_path(), Some("/1/id"));
        assert_eq!(codec().decode(b"id,nmae\n").unwrap_err().code().id, "D0203");
        assert_eq!(codec().decode(b"id,name\n1,\"x").unwrap_err().code().id, "D0201");
    }

    #[test]
    fn only_lists_of_flat_records_are_csv() {
        assert!(CsvCodec::new(&Shape::record(vec![Field::required("id", Shape::INT)])).is_none());
        assert!(CsvCodec::new(&Shape::list(Shape::INT)).is_none());
        let nested = Shape::record(vec![Field::required("ids", Shape::list(Shape::INT))]);
        assert!(CsvCodec::new(&Shape::list(nested)).is_none());
    }
}
