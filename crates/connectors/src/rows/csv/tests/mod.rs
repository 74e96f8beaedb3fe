//! What rows come out of which bytes, and that nothing a file can hold does harm.

mod large;

use std::{io::Cursor, path::Path};

use proptest::prelude::*;
use tenon_contracts::json;
use tenon_errors::{
    Code,
    catalogue::{
        data::{BAD_ENCODING, CONTRACT_VIOLATION, WRONG_COLUMN_COUNT, WRONG_HEADER},
        engine::IO_FAILED,
        system::{FILE_AWAITED, FILE_CHANGED},
    },
};
use tenon_model::Field;
use tenon_ports::{Checkpoint, Origin, ROW, Source};

use super::*;
use crate::rows::{input::Input, tests::Opened};

const LIMIT: usize = 1 << 20;

fn rows_of(content: &[u8], limit: usize, chunk: usize) -> Rows {
    let input = Input::new(Box::new(Cursor::new(content.to_vec())), 0, content.len() as u64);
    Rows::new(input.in_chunks_of(chunk), Lines::default(), limit, 1)
}

fn all(rows: &mut Rows) -> Vec<Row> {
    std::iter::from_fn(|| rows.next().unwrap()).collect()
}

/// The cells of each row, or what is wrong with it.
fn read(content: &str) -> Vec<Result<Vec<String>, Kind>> {
    let mut quoted = Cells::default();
    let text = |cell: csv::Cell<'_>| String::from_utf8(cell.bytes.to_vec()).unwrap();
    all(&mut rows_of(content.as_bytes(), LIMIT, 3))
        .iter()
        .map(|row| match row.kind {
            Kind::Whole(Form::Plain) => Ok(csv::plain(&row.bytes, b',').map(text).collect()),
            Kind::Whole(Form::Quoted) => Ok(quoted.split(&row.bytes, Dialect::default()).map(text).collect()),
            bad => Err(bad),
        })
        .collect()
}

#[test]
fn rows_are_read_as_rfc_4180_says() {
    let cases: &[(&str, &[&[&str]])] = &[
        ("", &[]),
        ("\n\r\n\n", &[]),
        ("a,b", &[&["a", "b"]]),
        ("a,b\r\nc,d\n", &[&["a", "b"], &["c", "d"]]),
        ("a\n\n\nb\n", &[&["a"], &["b"]]),
        (",\n,,", &[&["", ""], &["", "", ""]]),
        ("\"a,b\",c\n", &[&["a,b", "c"]]),
        ("\"a\nb\r\nc\",\"d\"\r\ne,f", &[&["a\nb\r\nc", "d"], &["e", "f"]]),
        ("\"say \"\"hi\"\"\",\"\"\n", &[&["say \"hi\"", ""]]),
        ("\"\"\"\"\n\"\"\"x\"", &[&["\""], &["\"x"]]),
        ("\"a\",", &[&["a", ""]]),
        ("\"a\"\r", &[&["a"]]),
        ("a\rb,c\n", &[&["a\rb", "c"]]),
    ];
    for (content, expected) in cases {
        let expected: Vec<Result<Vec<String>, Kind>> =
            expected.iter().map(|row| Ok(row.iter().map(|cell| (*cell).to_owned()).collect())).collect();
        assert_eq!(read(content), expected, "{content:?}");
    }
}

#[test]
fn one_stray_quote_costs_one_row() {
    let ok = |cells: &[&str]| Ok(cells.iter().map(|cell| (*cell).to_owned()).collect());
    assert_eq!(
        read("a,\"b\nc,d\ne,f\n"),
        [Err(Kind::Bad(Fault::Unclosed)), ok(&["c", "d"]), ok(&["e", "f"])]
    );
    assert_eq!(read("a,\"b"), [Err(Kind::Bad(Fault::Unclosed))]);
    assert_eq!(read("\"a\"b,c\nd\n"), [Err(Kind::Bad(Fault::TextAfterQuote)), ok(&["d"])]);
    assert_eq!(read("\"a\"b"), [Err(Kind::Bad(Fault::TextAfterQuote))]);
    assert_eq!(read("5\" pipe,6\nx\n"), [Err(Kind::Bad(Fault::StrayQuote)), ok(&["x"])]);
    // It runs into the next quote.
    assert_eq!(
        read("\"a\nb,\"c\"\nd\n"),
        [Err(Kind::Bad(Fault::TextAfterQuote)), ok(&["b", "c"]), ok(&["d"])]
    );
}

#[test]
fn a_file_of_nothing_but_stray_quotes_is_read_in_linear_time() {
    for line in ["b\",\"c\n", "a,\"b\n", "\"\n", "\"\"\"\n", "\",\"\n", "\"a\",\"b\n"] {
        let content = format!("\"\n{}", line.repeat(100_000));
        let rows = all(&mut rows_of(content.as_bytes(), LIMIT, 256 << 10));
        assert!(rows.len() >= 50_000, "{line:?}: {} rows", rows.len());
    }
}

fn shape() -> Shape {
    Shape::record(vec![Field::required("code", Shape::string()), Field::required("count", Shape::INT)])
}

async fn open(path: &Path, checkpoint: Option<Checkpoint>) -> Result<Opened, Report> {
    Opened::csv(path, "data/in.csv", &shape(), &CsvFormat::default(), ROW, checkpoint).await
}

fn file(content: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

async fn drain(source: &mut Opened, max: usize) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    loop {
        let batch = source.next(max).await.unwrap();
        assert!(batch.arrivals.len() <= max && (batch.end || !batch.arrivals.is_empty()));
        arrivals.extend(batch.arrivals);
        if batch.end {
            return arrivals;
        }
    }
}

#[tokio::test]
async fn a_file_arrives_as_values_and_reports_with_their_bytes_and_places() {
    let file = file(
        "\u{feff}code,count\r\nA,1\r\n\r\n\"B,\nb\",2\nC\nD,x\n\"E\"e,5\n"
            .bytes()
            .chain(*b"\xffF,6\nG,7")
            .collect::<Vec<u8>>(),
    );
    let mut source = open(file.path(), None).await.unwrap();
    assert_eq!(source.header(), "code,count");
    assert_eq!(source.progress(), Some(0.0));
    let arrivals = drain(&mut source, 2).await;
    assert_eq!(source.progress(), Some(1.0));
    assert!(source.next(2).await.unwrap().end);
    let seen: Vec<(String, &[u8], Option<&'static Code>)> = arrivals
        .iter()
        .map(|arrival| {
            let code = arrival.payload.as_ref().err().map(Report::code);
            if let Err(report) = &arrival.payload {
                assert_eq!(report.places()[0].to_string(), format!("{}:1", arrival.origin));
            }
            (arrival.origin.to_string(), &*arrival.bytes, code)
        })
        .collect();
    let expected: [(&str, &[u8], Option<&'static Code>); 7] = [
        ("data/in.csv:2", b"A,1", None),
        ("data/in.csv:4", b"\"B,\nb\",2", None),
        ("data/in.csv:6", b"C", Some(&WRONG_COLUMN_COUNT)),
        ("data/in.csv:7", b"D,x", Some(&CONTRACT_VIOLATION)),
        ("data/in.csv:8", b"\"E\"e,5", Some(&BAD_CSV)),
        ("data/in.csv:9", b"\xffF,6", Some(&BAD_ENCODING)),
        ("data/in.csv:10", b"G,7", None),
    ];
    assert_eq!(seen, expected.map(|(origin, bytes, code)| (origin.to_owned(), bytes, code)));
    let value = arrivals[1].payload.as_ref().unwrap().value.as_ref().unwrap();
    assert_eq!(*value, Value::record([("code", Value::from("B,\nb")), ("count", Value::Int(2))]));
}

#[tokio::test]
async fn reading_goes_on_at_any_position_and_after_the_file_grew() {
    let content = "code,count\nA,1\n\"B\n\",2\nC\nD,4\n";
    let file = file(content);
    let mut source = open(file.path(), None).await.unwrap();
    let arrivals = drain(&mut source, 100).await;
    std::fs::write(file.path(), content.to_owned() + "E,5\n").unwrap();
    for (at, arrival) in arrivals.iter().enumerate() {
        let checkpoint =
            Checkpoint { position: arrival.next, fingerprint: source.fingerprint(), ..Checkpoint::default() };
        let mut resumed = open(file.path(), Some(checkpoint)).await.unwrap();
        assert_eq!(resumed.fingerprint(), source.fingerprint());
        let rest: Vec<Origin> =
            drain(&mut resumed, 3).await.into_iter().map(|arrival| arrival.origin).collect();
        let expected: Vec<Origin> = arrivals[at + 1..].iter().map(|arrival| arrival.origin.clone()).collect();
        assert_eq!(rest[..rest.len() - 1], expected);
        assert_eq!(rest.last().unwrap().to_string(), "data/in.csv:7");
    }
}

#[tokio::test]
async fn another_file_of_the_same_name_starts_anew() {
    let first = file("code,count\nA,1\nB,2\n");
    let mut source = open(first.path(), None).await.unwrap();
    let position = drain(&mut source, 100).await.last().unwrap().next;
    let checkpoint = Checkpoint { position, fingerprint: source.fingerprint(), ..Checkpoint::default() };
    std::fs::write(first.path(), "code,count\nX,1\nY,2\nZ,3\n").unwrap();
    let mut source = open(first.path(), Some(checkpoint.clone())).await.unwrap();
    assert_ne!(source.fingerprint(), checkpoint.fingerprint);
    assert_eq!(drain(&mut source, 100).await.len(), 3);
}

#[tokio::test]
async fn a_header_that_does_not_fit_is_reported_at_its_place() {
    for (content, code, says) in [
        ("", &FILE_AWAITED, "is empty"),
        ("code\n", &WRONG_HEADER, "`count`"),
        ("code,count,extra\n", &WRONG_HEADER, "`extra`"),
        ("x,y\n", &WRONG_HEADER, "does not fit"),
        (
            "code;count\n",
            &WRONG_HEADER,
            "was read as 1 column separated by `,`, and the file seems to be separated by `;`",
        ),
        ("code,\"count\n1,2\n", &BAD_CSV, "not closed"),
    ] {
        let report = open(file(content).path(), None).await.err().unwrap();
        assert_eq!(report.code(), code, "{content}: {report}");
        assert!(report.message().contains(says), "{report}");
        assert_eq!(report.places()[0].to_string(), "data/in.csv:1:1");
    }
    let report = open(file("code|count\n").path(), None).await.err().unwrap();
    assert!(report.details().is_empty(), "one cause is one report: {report:?}");
    assert_eq!(report.advice(), Some("write `delimiter: \"|\"`"));
    let report = open(file(b"code,\xff\n").path(), None).await.err().unwrap();
    assert_eq!(report.code(), &BAD_ENCODING);
    let report = open(Path::new("/nonexistent.csv"), None).await.err().unwrap();
    assert_eq!(report.code(), &FILE_AWAITED);
    // A folder opens and does not read.
    let report = open(Path::new("/"), None).await.err().unwrap();
    assert_eq!(report.code(), &IO_FAILED);
    assert!(open(file("\"count\",\"code\"\n").path(), None).await.is_ok());
}

#[tokio::test]
async fn what_is_made_of_the_lines_after_a_quote_that_is_not_closed_is_said() {
    let mut source = open(file("code,count\nA,\"1\nB,2\n").path(), None).await.unwrap();
    let rows = drain(&mut source, 100).await;
    let report = rows[0].payload.as_ref().unwrap_err();
    assert!(report.advice().unwrap().contains("the lines that follow are rows of their own"), "{report}");
    assert_eq!((rows.len(), rows[1].payload.is_ok()), (2, true));
}

/// The values of a file, or the codes of what is wrong with its rows.
async fn values(content: &str, format: &CsvFormat, max_row: usize, fields: &[&str]) -> Vec<String> {
    let file = file(content);
    let shape = Shape::record(fields.iter().map(|name| Field::optional(*name, Shape::string())).collect());
    let mut source = Opened::csv(file.path(), "data/in.csv", &shape, format, max_row, None).await.unwrap();
    let value = |arrival: Arrival| match arrival.payload {
        Ok(payload) => json::to_string(&payload.value.unwrap()),
        Err(report) => format!("{} {}", arrival.origin.position.line, report.code().id),
    };
    drain(&mut source, 2).await.into_iter().map(value).collect()
}

#[tokio::test]
async fn an_empty_line_is_a_row_where_there_is_one_column() {
    let format = CsvFormat::default();
    for content in ["\n\na\n1\n\n2\n", "a\r\n1\r\n\r\n2", "a\n1\n\n2"] {
        let found = values(content, &format, ROW, &["a"]).await;
        assert_eq!(found, [r#"{"a":"1"}"#, "{}", r#"{"a":"2"}"#], "{content:?}");
    }
    assert_eq!(values("a,b\n1,2\n\n3,4\n\n", &format, ROW, &["a", "b"]).await.len(), 2);
}

#[tokio::test]
async fn lines_before_the_header_and_comments_are_no_rows() {
    let format = CsvFormat { comment: Some(b'#'), skip: 2, ..CsvFormat::default() };
    let content = "made by x\n\"on\n# nothing\n\na,b\n#1,2\n3,\"#4\n#5\"\n#\n6,#7";
    assert_eq!(
        values(content, &format, ROW, &["a", "b"]).await,
        [r##"{"a":"3","b":"#4\n#5"}"##, r##"{"a":"6","b":"#7"}"##]
    );
}

#[tokio::test]
async fn names_of_columns_may_be_given_where_the_file_has_none() {
    let header = Some(vec!["a".into(), "b".into()]);
    let format = CsvFormat { header, ..CsvFormat::default() };
    let rows = [r#"{"a":"1","b":"2"}"#, r#"{"a":"3"}"#];
    assert_eq!(values("1,2\n3,\n", &format, ROW, &["a", "b"]).await, rows);
    assert_eq!(
        values("x,y\n1,2\n3,\n", &CsvFormat { skip: 1, ..format.clone() }, ROW, &["a", "b"]).await,
        rows
    );
    let empty = file("");
    let shape = Shape::record(vec![Field::optional("a", Shape::INT), Field::optional("b", Shape::INT)]);
    let report = Opened::csv(empty.path(), "data/in.csv", &shape, &format, ROW, None).await.err().unwrap();
    assert_eq!(report.code(), &FILE_AWAITED);
    let file = file("1,2\n3,4\n");
    let open = async |checkpoint| {
        let shape = Shape::record(vec![Field::required("a", Shape::INT), Field::required("b", Shape::INT)]);
        Opened::csv(file.path(), "data/in.csv", &shape, &format, ROW, checkpoint).await.unwrap()
    };
    let mut source = open(None).await;
    assert_eq!(source.header(), "a,b");
    let position = source.next(1).await.unwrap().arrivals[0].next;
    let checkpoint = Checkpoint { position, fingerprint: source.fingerprint(), ..Checkpoint::default() };
    assert_eq!(drain(&mut open(Some(checkpoint)).await, 9).await[0].origin.to_string(), "data/in.csv:2");
}

#[tokio::test]
async fn a_file_that_becomes_shorter_while_it_is_read_is_reported_after_the_rows_that_were_there() {
    let row = format!("{},1\n", "x".repeat(1000));
    let file = file(format!("code,count\n{}", row.repeat(2000)));
    let mut source = open(file.path(), None).await.unwrap();
    source.next(1).await.unwrap();
    std::fs::OpenOptions::new().write(true).open(file.path()).unwrap().set_len(1_000_000).unwrap();
    let mut rows = 1;
    let report = loop {
        match source.next(100).await {
            Ok(batch) => {
                assert!(!batch.end);
                rows += batch.arrivals.len();
            }
            Err(report) => break report,
        }
    };
    assert_eq!(report.code(), &FILE_CHANGED);
    assert!(rows >= 996, "{rows}");
}

#[tokio::test]
async fn dropping_a_call_of_next_loses_nothing() {
    let content: String = (0..500).map(|row| format!("{row},{row}\n")).collect();
    let file = file(format!("code,count\n{content}"));
    let mut source = open(file.path(), None).await.unwrap();
    let mut lines = Vec::new();
    let mut ended = false;
    while !ended {
        tokio::select! {
            biased;
            batch = source.next(7) => {
                let batch = batch.unwrap();
                lines.extend(batch.arrivals.iter().map(|arrival| arrival.origin.position.line));
                ended = batch.end;
            }
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(lines, (2..502).collect::<Vec<u64>>());
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-c ]{0,4}", 1 => "[a\",\r\n]{1,6}"]
}

fn quoted(cell: &str, always: bool) -> String {
    if always || cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn what_was_written_is_read(
        table in prop::collection::vec(prop::collection::vec((cell(), any::<bool>()), 2..5), 0..10),
        line_break in prop::sample::select(vec!["\n", "\r\n"]),
        last_break in any::<bool>(),
    ) {
        let line = |row: &Vec<(String, bool)>| {
            row.iter().map(|(cell, always)| quoted(cell, *always)).collect::<Vec<_>>().join(",")
        };
        let mut content = table.iter().map(line).collect::<Vec<_>>().join(line_break);
        if last_break {
            content.push_str(line_break);
        }
        let expected: Vec<Result<Vec<String>, Kind>> =
            table.iter().map(|row| Ok(row.iter().map(|(cell, _)| cell.clone()).collect())).collect();
        prop_assert_eq!(read(&content), expected);
    }

    #[test]
    fn any_bytes_give_the_same_rows_however_they_are_read_and_nothing_is_skipped(
        content in "[ab\",\n\r]{0,80}",
        limit in 4_usize..40,
        chunk in 1_usize..50,
    ) {
        let bytes = content.as_bytes();
        let mut reader = rows_of(bytes, limit, chunk);
        let mut before = 0;
        let mut rows = Vec::new();
        while let Some(row) = reader.next().unwrap() {
            let (end, line) = reader.position();
            // What lies between rows is empty lines.
            let skipped = &bytes[before..row.offset as usize];
            prop_assert!(skipped.iter().all(|byte| matches!(byte, b'\r' | b'\n')));
            prop_assert_eq!(&bytes[row.offset as usize..][..row.bytes.len()], &*row.bytes);
            prop_assert!(end > row.offset);
            let breaks = |to: usize| bytes[..to].iter().filter(|byte| **byte == b'\n').count() as u64;
            prop_assert_eq!(row.line, breaks(row.offset as usize) + 1);
            let unfinished = u64::from(bytes[end as usize - 1] != b'\n');
            prop_assert_eq!(line, breaks(end as usize) + 1 + unfinished);
            before = end as usize;
            rows.push(row);
        }
        prop_assert!(bytes[before..].iter().all(|byte| matches!(byte, b'\r' | b'\n')));
        prop_assert_eq!(rows, all(&mut rows_of(bytes, limit, 1000)));
    }
}
