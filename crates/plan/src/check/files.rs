//! Files of the project that a run will open: that they are inside it, are there, and begin as they should.

use tenon_contracts::{
    Contract,
    avro::{
        Schema,
        codec::{
            Decoder,
            container::{Header, MAGIC},
        },
    },
    text::{
        RowDecoder,
        csv::{self, Cells, End},
    },
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        data::{BAD_ENCODING, WRONG_HEADER},
        project::UNREADABLE_FILE,
        system::FILE_AWAITED,
    },
    nearest::nearest,
};
use tenon_ports::{CsvFormat, folder};

use super::Context;
use crate::FileInput;

/// The longest header line.
const HEADER: usize = 64 << 10;

/// Whether the file `path` of the project is there; a problem at `node` if it is not.
pub(crate) fn require(path: &str, node: &Node, context: &mut Context<'_>) -> bool {
    let read = context.folder.head(path, 1).map(drop);
    let mended =
        |report: Report| if report.advice().is_some() { report } else { mended(report, "", path, context) };
    let read = read.map_err(mended);
    context.take_at(node, read).is_some()
}

/// Looks whether the file `path` of `folder` (empty for the project itself) is there. If it is not, that is a warning at
/// `node`, since it may be still to come; that it leads out of the project is a problem, and then this is false.
pub(crate) fn expect(folder: &str, path: &str, node: &Node, context: &mut Context<'_>) -> bool {
    // A folder that is not there got a warning of its own.
    if !context.looks_at_data() || !folder.is_empty() && context.folder.list(folder).is_empty() {
        return true;
    }
    match context.folder.head(&folder::join(folder, path), 1) {
        Ok(_) => true,
        Err(report) if report.code() == &UNREADABLE_FILE => {
            let awaited = Report::new(&FILE_AWAITED, report.message()).at(node.place());
            let report = mended(awaited, folder, path, context);
            context.warning(report);
            true
        }
        outside => context.take_at(node, outside.map(drop)).is_some(),
    }
}

/// The beginning of the text of a file as its format has it, and whether that is all of it; `None` where there is nothing to look at.
fn beginning(file: &FileInput, node: &Node, context: &mut Context<'_>) -> Option<(Vec<u8>, bool)> {
    if !context.looks_at_data() {
        return None;
    }
    let path = file.shown();
    let bytes = context.folder.head(&path, HEADER).ok()?;
    // Of a larger one the rest may hold something.
    let is_whole = bytes.len() < HEADER;
    match file.system.connector.preview(&bytes, &path, &file.format) {
        Ok(bytes) => Some((bytes, is_whole)),
        Err(report) => {
            context.data_problem(report.at(node.place()));
            None
        }
    }
}

/// A warning that a file is not written yet.
fn await_file(message: String, node: &Node, context: &mut Context<'_>) {
    let report = Report::new(&FILE_AWAITED, message).at(node.place());
    context.warning(report.hint("write the file; best under another name, and then rename it"));
}

/// Whether there is something in a file without a header line; a warning at `node` if it is empty or blank.
pub(crate) fn check_filled(file: &FileInput, node: &Node, context: &mut Context<'_>) {
    filled(file, node, context);
}

/// The beginning of a file that is not empty, and whether that is all of it.
fn filled(file: &FileInput, node: &Node, context: &mut Context<'_>) -> Option<(Vec<u8>, bool)> {
    let (bytes, is_whole) = beginning(file, node, context)?;
    if is_whole && is_blank(&bytes) {
        await_file(format!("`{}` is empty: there is nothing to read yet", file.shown()), node, context);
        return None;
    }
    Some((bytes, is_whole))
}

/// Whether the schema of an Avro file is read by that of the contract of its rows; a problem at `node` if it is not.
pub(crate) fn check_schema(
    file: &FileInput,
    schema: &Schema,
    node: &Node,
    contract: &Contract,
    context: &mut Context<'_>,
) {
    let Some((bytes, is_whole)) = filled(file, node, context) else { return };
    let path = file.shown();
    let read = Header::read(&bytes).and_then(|header| Decoder::between(&header.schema, schema));
    let Err(reports) = read else { return };
    let is_avro = bytes.starts_with(MAGIC);
    match is_avro && reports.iter().all(|it| it.code() == &BAD_ENCODING) {
        // Its schema is longer than what was looked at.
        true if !is_whole => return,
        true => {
            return await_file(
                format!("`{path}` ends within its header: it is not written yet"),
                node,
                context,
            );
        }
        false => {}
    }
    let message = match is_avro {
        true => format!("the schema of `{path}` does not fit the contract `{}`", contract.reference),
        false => format!("`{path}` is not an Avro file"),
    };
    let report = Report::new(&WRONG_HEADER, message).at(node.place()).with_details(reports);
    context.data_problem(match other_format(&bytes) {
        Some(format) if !is_avro => report.hint(format!("write `format: {format}`")),
        _ => report.hint("correct the contract, or write the file anew"),
    });
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii().is_empty()
}

/// What is wrong with a file that does not begin with the names of columns.
fn without_header(bytes: &[u8], is_whole: bool, path: &str, format: &CsvFormat) -> Report {
    let names_columns = "write the names of the columns into the first line".to_owned();
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').count();
    let (message, hint) = if let Some(format) = other_format(bytes) {
        (format!("`{path}` is not CSV"), looks_like(format))
    } else if names_nothing(bytes) {
        (format!("the first line of `{path}` names no columns"), names_columns)
    } else if is_whole && lines <= format.skip as usize {
        let message = format!("`skip` leaves out {} lines, and `{path}` has no more", format.skip);
        (message, "correct `skip`: the line after them names the columns".to_owned())
    } else {
        let hint = match bytes {
            [0x1f, 0x8b, ..] => "add `compression: gzip`".to_owned(),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "add `compression: zstd`".to_owned(),
            _ => format!("{names_columns}, or name the `encoding` of the file"),
        };
        (format!("`{path}` does not start with a header line in UTF-8"), hint)
    };
    Report::new(&WRONG_HEADER, message).hint(hint)
}

fn looks_like(format: &str) -> String {
    let what = if format == "xml" { "XML" } else { "JSON" };
    format!("add `format: {format}`: the file looks like {what}")
}

/// Whether the header of a CSV file fits the contract of its rows; a problem at `node` if it does not.
pub(crate) fn check_header(
    file: &FileInput,
    format: &CsvFormat,
    node: &Node,
    contract: &Contract,
    context: &mut Context<'_>,
) {
    let Some((bytes, is_whole)) = beginning(file, node, context) else { return };
    let path = file.shown();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if is_blank(bytes) {
        let message = format!("`{path}` is empty: it has no header line yet");
        let report = Report::new(&FILE_AWAITED, message).at(node.place());
        context.warning(report.hint("write the names of the columns into the first line"));
        return;
    }
    let Some(header) = header(bytes, format) else {
        context.data_problem(without_header(bytes, is_whole, &path, format).at(node.place()));
        return;
    };
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    if let Err(reports) = RowDecoder::new(&contract.shape, &header, &format.rules) {
        let other = other_format(bytes);
        let misread = csv::other_delimiter(&header, format.dialect.delimiter, &contract.shape);
        let report = |message: String| Report::new(&WRONG_HEADER, message).at(node.place());
        if let (None, Some(misread)) = (other, misread) {
            // What it lacks then says nothing.
            let message = format!("the header of `{path}` {}", misread.what);
            return context.data_problem(report(message).hint(misread.hint));
        }
        let message = format!("the header of `{path}` does not fit the contract `{}`", contract.reference);
        context.data_problem(report(message).with_details(reports).hint(match other {
            Some(format) => looks_like(format),
            None => "correct the first line of the file, or the contract".to_owned(),
        }));
    }
}

/// The format of a file that begins like XML, or like JSON: a value on each line, or one document.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii_start();
    let (opened, closed) = match text.first()? {
        b'{' => (b'{', b'}'),
        b'[' => return Some("json"),
        b'<' => return Some("xml"),
        _ => return None,
    };
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let is_whole = lines.next().is_some_and(|line| line.last() == Some(&closed));
    let is_alone = lines.find(|line| !line.is_empty()).is_none_or(|line| line.first() != Some(&opened));
    Some(if is_whole && !is_alone { "jsonl" } else { "json" })
}

/// Whether the first line is text in which there is no name of a column.
fn names_nothing(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    str::from_utf8(line).is_ok_and(|line| !line.contains(char::is_alphanumeric))
}

/// The cells of the first row.
fn header(bytes: &[u8], format: &CsvFormat) -> Option<Vec<String>> {
    let mut bytes = bytes;
    let mut skipped = 0;
    let is_comment = |line: &[u8]| format.comment.is_some_and(|mark| line.first() == Some(&mark));
    while skipped < format.skip || is_comment(bytes) || bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n")
    {
        skipped += 1;
        bytes = &bytes[bytes.iter().position(|byte| *byte == b'\n')? + 1..];
    }
    let End::Row(length, _) = csv::end_of_row(bytes, format.dialect, true, false) else { return None };
    let mut cells = Cells::default();
    let row = &bytes[..csv::without_break(&bytes[..length])];
    let cells = csv::split(&mut cells, row, format.dialect).ok()?;
    let cells: Option<Vec<_>> = cells.map(|cell| String::from_utf8(cell.bytes.to_vec()).ok()).collect();
    cells.filter(|cells| cells.iter().any(|cell| !cell.is_empty()))
}

/// A report about a file that is not there, with the nearest file of the same folder as hint.
fn mended(report: Report, folder: &str, path: &str, context: &Context<'_>) -> Report {
    let files = context.folder.list(folder);
    let prefix = folder::join(folder, "");
    let beside = files.iter().filter_map(|file| file.strip_prefix(prefix.as_str()));
    match nearest(path, beside) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None => report.hint("put the file there, or correct the path"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_begins_like_json_is_taken_for_what_it_is() {
        assert_eq!(other_format(b"{\"a\":1}\n{\"a\":2}\n"), Some("jsonl"));
        assert_eq!(other_format(b"[\n{\"a\":1}]\n"), Some("json"));
        assert_eq!(other_format(b"{\n  \"a\": 1\n}\n"), Some("json"));
        assert_eq!(other_format(b"{\"a\":1}\n"), Some("json"));
        assert_eq!(other_format(b"a,b\n"), None);
        assert_eq!(other_format(b"<?xml version=\"1.0\"?>"), Some("xml"));
    }

    #[test]
    fn what_a_file_begins_with_instead_of_a_header_is_named() {
        let check = |bytes: &[u8], skip: u32, message: &str, hint: &str| {
            let format = CsvFormat { skip, ..CsvFormat::default() };
            assert_eq!(header(bytes, &format), None);
            let report = without_header(bytes, true, "a", &format);
            assert_eq!((report.message(), report.advice().unwrap()), (message, hint));
        };
        check(
            b"{\"a\":1}\n{\"a\":2}\n",
            0,
            "`a` is not CSV",
            "add `format: jsonl`: the file looks like JSON",
        );
        check(b"<a b=\"1\"/>", 0, "`a` is not CSV", "add `format: xml`: the file looks like XML");
        check(
            b"a,b\n1,2\n",
            2,
            "`skip` leaves out 2 lines, and `a` has no more",
            "correct `skip`: the line after them names the columns",
        );
        check(
            b"\x1f\x8b\x08\xff",
            0,
            "`a` does not start with a header line in UTF-8",
            "add `compression: gzip`",
        );
    }

    #[test]
    fn a_header_is_the_first_line_split() {
        let check = |bytes: &[u8], expected: Option<&[&str]>| {
            let expected =
                expected.map(|cells| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>());
            assert_eq!(header(bytes, &CsvFormat::default()), expected, "{}", String::from_utf8_lossy(bytes));
        };
        check(b"a,b\r\n1,2\n", Some(&["a", "b"]));
        check(b"\"a,\"\"x\"\"\",b\n", Some(&["a,\"x\"", "b"]));
        check(b"", None);
        check(b"\n", None);
        check(b"\"a\nb", None);
        check(b"\r\n\na,b\n", Some(&["a", "b"]));
        check(b"a,\xff\n", None);
        check(b"a,b\"c\n", None);
        check(b"\"a\"b,c\n", None);
    }
}
