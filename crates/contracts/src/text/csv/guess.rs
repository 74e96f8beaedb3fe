//! Which delimiter a file seems to have, where its header does not fit.

use tenon_errors::counted;
use tenon_model::Shape;

/// What files are separated by.
const DELIMITERS: &[char] = &[',', ';', '\t', '|'];

/// A header that was read with a delimiter that the file does not seem to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// What happened, as what is said of the header.
    pub what: String,
    /// What to do.
    pub hint: String,
}

/// Whether a header does not fit the contract because the file has another delimiter than `read`; nothing where it does not look
/// like that. `header` holds the names that were read.
#[must_use]
pub fn other_delimiter(header: &[&str], read: u8, shape: &Shape) -> Option<Misread> {
    let record = shape.as_record()?;
    let known = |names: &mut dyn Iterator<Item = &str>| {
        names.filter(|name| record.field(name.trim().trim_matches('"')).is_some()).count()
    };
    let fitting = known(&mut header.iter().copied());
    let whole = header.join(&char::from(read).to_string());
    let others = DELIMITERS.iter().filter(|other| **other != char::from(read) && whole.contains(**other));
    let names = others.map(|other| (known(&mut whole.split(*other)), *other));
    let (_, other) = names.filter(|(names, _)| *names > fitting).max_by_key(|(names, _)| *names)?;
    let columns = counted(header.len(), "column");
    let what = format!(
        "was read as {columns} separated by {}, and the file seems to be separated by {}",
        shown(char::from(read)),
        shown(other)
    );
    let written = if other == '\t' { "\\t".to_owned() } else { other.to_string() };
    Some(Misread { what, hint: format!("write `delimiter: \"{written}\"`") })
}

fn shown(delimiter: char) -> String {
    if delimiter == '\t' { "tabs".to_owned() } else { format!("`{delimiter}`") }
}

#[cfg(test)]
mod tests {
    use tenon_model::Field;

    use super::*;

    #[test]
    fn a_delimiter_that_makes_names_of_fields_is_proposed() {
        let shape = Shape::record(["id", "name"].map(|name| Field::required(name, Shape::INT)).to_vec());
        let check = |header: &[&str], expected: Option<&str>| {
            let hint = other_delimiter(header, b',', &shape);
            let hint = hint.as_ref().map(|misread| misread.hint.split('`').nth(1).unwrap());
            assert_eq!(hint, expected, "{header:?}");
        };
        check(&["id;name"], Some("delimiter: \";\""));
        check(&["id;x", "y;name"], Some("delimiter: \";\""));
        check(&["id\tname\tx"], Some("delimiter: \"\\t\""));
        check(&["\"id\"|\"name\""], Some("delimiter: \"|\""));
        check(&["id", "nmae"], None);
        check(&["id", "x;y"], None);
        let misread = other_delimiter(&["id\tname"], b',', &shape).unwrap();
        assert_eq!(
            misread.what,
            "was read as 1 column separated by `,`, and the file seems to be separated by tabs"
        );
    }
}
