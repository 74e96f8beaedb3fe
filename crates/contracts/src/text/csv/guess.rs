//! Which delimiter a file seems to have, where its header does not fit.

use tenon_model::Shape;

/// What files are separated by.
const DELIMITERS: &[char] = &[',', ';', '\t', '|'];

/// What to do about a header that does not fit the contract because the file has another delimiter than `read`; nothing where it
/// does not look like that. `header` holds the names that were read.
#[must_use]
pub fn other_delimiter(header: &[&str], read: u8, shape: &Shape) -> Option<String> {
    let record = shape.as_record()?;
    let known = |names: &mut dyn Iterator<Item = &str>| {
        names.filter(|name| record.field(name.trim().trim_matches('"')).is_some()).count()
    };
    let fitting = known(&mut header.iter().copied());
    let whole = header.join(&char::from(read).to_string());
    let others = DELIMITERS.iter().filter(|other| **other != char::from(read) && whole.contains(**other));
    let counted = others.map(|other| (known(&mut whole.split(*other)), *other));
    let (_, other) = counted.filter(|(names, _)| *names > fitting).max_by_key(|(names, _)| *names)?;
    let written = if other == '\t' { "\\t".to_owned() } else { other.to_string() };
    let (shown, named) = if other == '\t' { ("tabs", String::new()) } else { ("", format!("`{other}`")) };
    Some(format!("add `delimiter: \"{written}\"`: the file seems to be separated by {shown}{named}"))
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
            let hint = hint.as_ref().map(|hint| hint.split('`').nth(1).unwrap());
            assert_eq!(hint, expected, "{header:?}");
        };
        check(&["id;name"], Some("delimiter: \";\""));
        check(&["id;x", "y;name"], Some("delimiter: \";\""));
        check(&["id\tname\tx"], Some("delimiter: \"\\t\""));
        check(&["\"id\"|\"name\""], Some("delimiter: \"|\""));
        check(&["id", "nmae"], None);
        check(&["id", "x;y"], None);
    }
}
