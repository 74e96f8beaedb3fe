//! Writing a row.

use super::Dialect;

/// The row of these cells, without a line break. In a dialect that has neither quotes nor an escape, cells with a delimiter
/// or a line break come back as more than one.
pub fn join<'a>(cells: impl Iterator<Item = &'a [u8]>, dialect: Dialect) -> Vec<u8> {
    let mut row = Vec::new();
    for (position, cell) in cells.enumerate() {
        if position > 0 {
            row.push(dialect.delimiter);
        }
        let means = |byte: &u8| {
            [b'\n', b'\r', dialect.delimiter].contains(byte)
                || [dialect.quote, dialect.escape].contains(&Some(*byte))
        };
        match (dialect.quote, dialect.escape) {
            _ if !cell.iter().any(means) => row.extend_from_slice(cell),
            (Some(quote), escape) => {
                row.push(quote);
                for byte in cell {
                    if *byte == quote || Some(*byte) == escape {
                        row.push(escape.unwrap_or(quote));
                    }
                    row.push(*byte);
                }
                row.push(quote);
            }
            (None, Some(escape)) => {
                for byte in cell {
                    if means(byte) {
                        row.push(escape);
                    }
                    row.push(*byte);
                }
            }
            (None, None) => row.extend_from_slice(cell),
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::{super::split, *};
    use crate::text::csv::Cells;

    #[test]
    fn what_is_joined_is_split_again() {
        let cells: [&[u8]; 6] = [b"plain", b"", b"a,b", b"say \"hi\"", b"two\nlines", b"back\\slash"];
        let quoted = Dialect::default();
        let escaped = Dialect { escape: Some(b'\\'), ..quoted };
        for dialect in
            [quoted, escaped, Dialect { quote: None, ..escaped }, Dialect { delimiter: b';', ..quoted }]
        {
            let row = join(cells.into_iter(), dialect);
            let mut parts = Cells::default();
            let again: Vec<Vec<u8>> =
                split(&mut parts, &row, dialect).unwrap().map(|cell| cell.bytes.to_vec()).collect();
            assert_eq!(again, cells, "{dialect:?}");
        }
    }
}
