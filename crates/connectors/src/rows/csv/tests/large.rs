//! Rows that are larger than the limit.

use std::{
    io::{self, Read, repeat},
    sync::{Arc, Mutex},
    time::SystemTime,
};

use tenon_errors::catalogue::data::TOO_LARGE;

use super::*;
use crate::rows::arrival::CLIPPED;

const fn too_large(bytes: u64, lines: u64) -> Kind {
    Kind::TooLarge { bytes, lines }
}

const fn broken_off(fault: Fault, opened: u64, lines: u64) -> Kind {
    Kind::BrokenOff { fault, opened, lines }
}

const PLAIN: Kind = Kind::Whole(Form::Plain);

/// What the rows of `content` are, and on which lines, where a row may have ten bytes.
fn check(content: &str, dialect: Dialect, expected: &[(Kind, u64)]) {
    for chunk in [1, 3, 7, 100] {
        let input = Input::new(Box::new(Cursor::new(content.as_bytes().to_vec())), 0, content.len() as u64);
        let lines = Lines { dialect, ..Lines::default() };
        let rows = all(&mut Rows::new(input.in_chunks_of(chunk), lines, 10, 1));
        let found: Vec<(Kind, u64)> = rows.iter().map(|row| (row.kind, row.line)).collect();
        assert_eq!(found, expected, "{content:?} in chunks of {chunk}");
    }
}

#[test]
fn a_row_beyond_the_limit_costs_one_row_wherever_the_reads_end() {
    let check = |content, expected: &[(Kind, u64)]| check(content, Dialect::default(), expected);
    check("0123456789\r\na", &[(PLAIN, 1), (PLAIN, 2)]);
    check("0123456789a\na", &[(too_large(12, 1), 1), (PLAIN, 2)]);
    check("0123456789abcdefgh\na", &[(too_large(19, 1), 1), (PLAIN, 2)]);
    check("0123456789abcdefgh", &[(too_large(18, 1), 1)]);
}

#[test]
fn a_quoted_cell_beyond_the_limit_is_one_row_with_all_its_lines() {
    let check = |content, expected: &[(Kind, u64)]| check(content, Dialect::default(), expected);
    check("\"1\n345678\n0123\"\na", &[(too_large(16, 3), 1), (PLAIN, 4)]);
    check("\"1\n345678\n0123\",b\r\na", &[(too_large(19, 3), 1), (PLAIN, 4)]);
    check("\"1\n345678\n0123\",b", &[(too_large(17, 3), 1)]);
    check("\"1\n2\",678901234", &[(too_large(15, 2), 1)]);
    check("01234567890,\"b\nc\"\nd", &[(too_large(18, 2), 1), (PLAIN, 3)]);
    check("\"1\n\"\"\n345\"\"\n678\n\"\nd", &[(too_large(18, 5), 1), (PLAIN, 6)]);
}

#[test]
fn a_quote_that_is_not_closed_within_the_limit_nor_the_file_makes_no_rows_of_what_follows() {
    let check = |content, expected: &[(Kind, u64)]| check(content, Dialect::default(), expected);
    check("a\n\"1\n345678\n01,23\n", &[(PLAIN, 1), (broken_off(Fault::Unclosed, 2, 3), 2)]);
    check("a\n\"1\n345678\n01,23", &[(PLAIN, 1), (broken_off(Fault::Unclosed, 2, 3), 2)]);
    check("\"1\n\",\"345678\n01,23", &[(broken_off(Fault::Unclosed, 2, 3), 1)]);
    // It runs into the next one.
    let in_text = [(broken_off(Fault::TextAfterQuote, 1, 3), 1), (PLAIN, 4)];
    check("\"1\n345678\n0123,\"c\nd", &in_text);
    let stray = [(broken_off(Fault::StrayQuote, 1, 3), 1), (PLAIN, 4)];
    check("\"1\n345678\n01\",2\",\"c\nd", &stray);
}

#[test]
fn rows_of_other_dialects_beyond_the_limit_end_where_they_do() {
    let escaped = Dialect { escape: Some(b'\\'), ..Dialect::default() };
    check("\"1\\\"\n345678\n\\\\\"\na", escaped, &[(too_large(16, 3), 1), (PLAIN, 4)]);
    check("012345\\\r\n78901\\\n1\na", escaped, &[(too_large(18, 3), 1), (PLAIN, 4)]);
    check("012345678901\\", escaped, &[(too_large(13, 1), 1)]);
    let quoted = Dialect { quote: Some(b'\''), ..Dialect::default() };
    check("'1\n\"45678\n'\na", quoted, &[(too_large(12, 3), 1), (PLAIN, 4)]);
    let unquoted = Dialect { delimiter: b'\t', quote: None, escape: None };
    check("\"12345678901\na", unquoted, &[(too_large(13, 1), 1), (PLAIN, 2)]);
}

#[test]
fn a_row_of_a_gibibyte_is_skipped_without_being_held() {
    let length = 1 << 30;
    for (opening, closing, bytes) in [("", "", 1), ("\"", "\"", 3), ("\"\n", "\"", 4)] {
        let start = Cursor::new(format!("a,b\n{opening}"));
        let end = format!("{closing}\nc,d\n");
        let whole = 8 + bytes + length;
        let reader = start.chain(repeat(b'x').take(length)).chain(Cursor::new(end));
        let rows =
            all(&mut Rows::new(Input::new(Box::new(reader), 0, whole - 1), Lines::default(), LIMIT, 1));
        let kinds: Vec<Kind> = rows.iter().map(|row| row.kind).collect();
        let lines = 1 + u64::from(bytes == 4);
        assert_eq!(kinds, [PLAIN, too_large(length + bytes, lines), PLAIN]);
        assert_eq!((rows[1].bytes.len(), rows[2].line), (CLIPPED, 2 + lines));
    }
}

/// Fails with every other read.
struct Faltering<R>(R, bool);

impl<R: Read> Read for Faltering<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 { Err(io::ErrorKind::TimedOut.into()) } else { self.0.read(buffer) }
    }
}

#[test]
fn a_read_that_fails_within_what_is_left_out_makes_no_rows_of_the_rest() {
    let content = "\"1\n2\n3\n4\n5\n6\n7\"\na\n0123456789\"12\n#345678\nb\n";
    let reader = Faltering(Cursor::new(content), false);
    let input = Input::new(Box::new(reader), 0, content.len() as u64).in_chunks_of(1);
    let lines = Lines { comment: Some(b'#'), ..Lines::default() };
    let mut rows = Rows::new(input, lines, 10, 1);
    let (mut found, mut failures) = (Vec::new(), 0);
    while rows.position().0 < content.len() as u64 {
        match rows.next() {
            Ok(row) => found.extend(row.map(|row| (row.kind, row.line))),
            Err(_) => failures += 1,
        }
    }
    assert_eq!(found, [(too_large(16, 7), 1), (PLAIN, 8), (too_large(14, 1), 9), (PLAIN, 11)]);
    assert!(failures > 10, "{failures}");
}

#[test]
fn a_large_row_that_is_still_being_written_waits_for_its_end() {
    let first = b"a\n\"2345\n78901\n".to_vec();
    let written = Arc::new(Mutex::new(first.clone()));
    let reader = Growing(Arc::clone(&written), 0);
    let mut rows = Rows::new(Input::new(Box::new(reader), 0, first.len() as u64), Lines::default(), 10, 1);
    let size = Arc::clone(&written);
    rows.follow(Some(Box::new(move || Ok((size.lock().unwrap().len() as u64, SystemTime::now())))));
    assert_eq!(rows.next().unwrap().unwrap().kind, PLAIN);
    assert!(rows.next().is_err() && rows.next().is_err() && rows.input().waits());
    written.lock().unwrap().extend(b"b\n\"\nc\n");
    let row = rows.next().unwrap().unwrap();
    assert_eq!((row.kind, row.line), (too_large(16, 4), 2));
    assert_eq!(rows.next().unwrap().unwrap().bytes, "c");
}

/// What is written so far, from a byte on.
struct Growing(Arc<Mutex<Vec<u8>>>, usize);

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&self.0.lock().unwrap()[self.1..]).read(buffer)?;
        self.1 += read;
        Ok(read)
    }
}

#[tokio::test]
async fn a_cell_beyond_the_limit_is_one_dead_letter_that_says_so() {
    let text = "4,5\n".repeat(400);
    let file = file(format!("code,count\nA,1\n\"{text}\",2\nB,3\nC,\"{text}"));
    let open = async || {
        Opened::csv(file.path(), "in.csv", &shape(), &CsvFormat::default(), 1 << 10, None).await.unwrap()
    };
    let arrivals = drain(&mut open().await, 9).await;
    let reports: Vec<&Report> = arrivals.iter().filter_map(|it| it.payload.as_ref().err()).collect();
    let clipped: Vec<bool> = arrivals.iter().map(|it| it.clipped).collect();
    assert_eq!(clipped, [false, true, false, true]);
    assert_eq!((reports[0].code(), reports[1].code()), (&TOO_LARGE, &BAD_CSV));
    assert_eq!(reports[0].message(), "the row of 401 lines has 1605 bytes, and 1024 are allowed");
    assert_eq!(
        reports[1].message(),
        "the quote of a cell that begins on line 405 is not closed before the end of the file: nothing from \
         line 405 to the last one, 804, is read as a row"
    );
    assert_eq!(reports[1].places()[0].to_string(), "in.csv:405:1");
}

#[tokio::test]
async fn a_row_may_be_as_large_as_its_limit_says() {
    let long = "x".repeat(2 << 20);
    let content = format!("a\n{long}\nshort\n");
    let format = CsvFormat::default();
    assert_eq!(values(&content, &format, ROW, &["a"]).await[0], "2 D0104");
    let found = values(&content, &format, 4 << 20, &["a"]).await;
    assert_eq!((found[0].len(), found.len()), (long.len() + 8, 2));
}
