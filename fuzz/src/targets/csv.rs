//! Rows of CSV in each dialect, and cells by a contract.

use std::sync::LazyLock;

use tenon_contracts::text::{
    RowDecoder, RowRules,
    csv::{Cells, Dialect, End, end_of_row, join, split},
};
use tenon_model::{Field, Shape};

use super::outcome;
use crate::{Target, seeds};

pub(super) const ROWS: Target = Target { name: "csv", seeds: of_rows, run: rows };

static DECODER: LazyLock<RowDecoder> = LazyLock::new(|| {
    let shape = Shape::record(vec![
        Field::required("a", Shape::INT),
        Field::optional("b", Shape::FLOAT),
        Field::optional("c", Shape::TIMESTAMP),
        Field::optional("d", Shape::DECIMAL),
        Field::optional("e", Shape::string().nullable()),
        Field::optional("f", Shape::DATE),
    ]);
    let rules = RowRules { absent: vec!["NA".into()], ..RowRules::default() };
    RowDecoder::new(&shape, &["a", "b", "c", "d", "e", "f"], &rules).expect("the header fits")
});

fn of_rows() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "\u{0}1,2.5,2013-01-01T10:00:00Z,3.50,text,2013-01-01\r\n2,NA,,1e3,\"a \"\"b\"\", c\nd\",NA\n",
        "\u{1}-1;;;0.10;\"x\\\"y\\\\\";\n7;1;2013-01-01T10:00:00+01:00;;\\;;\n",
        "\u{2}1\t2\t\t\t5\" pipe\t\n",
        "\u{3}'1','2','','','it''s',\n",
    ])
}

/// The first byte is the dialect.
fn rows(bytes: &[u8]) -> u64 {
    let Some((first, mut rest)) = bytes.split_first() else { return 2 };
    let dialect = match first % 4 {
        0 => Dialect::default(),
        1 => Dialect { delimiter: b';', escape: Some(b'\\'), ..Dialect::default() },
        2 => Dialect { delimiter: b'\t', quote: None, escape: None },
        _ => Dialect { quote: Some(b'\''), ..Dialect::default() },
    };
    let (mut cells, mut told) = (Cells::default(), 0);
    while !rest.is_empty() {
        let length = match end_of_row(rest, dialect, true, false) {
            End::Row(length, _) => length,
            End::Bad { .. } | End::Unknown => return told ^ 4,
        };
        assert!(length > 0 && length <= rest.len(), "a row of {length} bytes in {}", rest.len());
        let row = &rest[..length];
        rest = &rest[length..];
        let Ok(split_cells) = split(&mut cells, row, dialect) else { continue };
        let texts: Vec<Vec<u8>> = split_cells.map(|cell| cell.bytes.to_vec()).collect();
        if dialect.escape.is_none() && dialect.quote.is_some() {
            let again = join(texts.iter().map(Vec::as_slice), dialect);
            let mut cells = Cells::default();
            let back: Vec<Vec<u8>> = split(&mut cells, &again, dialect)
                .expect("what is joined is split")
                .map(|cell| cell.bytes.to_vec())
                .collect();
            assert_eq!(back, texts, "other cells come back");
        }
        told = told.rotate_left(3) ^ outcome(&DECODER.decode(texts.iter().map(Vec::as_slice)));
    }
    told
}
