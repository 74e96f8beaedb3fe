//! Shapes in a few words, for messages.

use std::fmt::{self, Write};

use crate::{Kind, Shape, Value, clipped::Clipped};

/// The most characters of a name; longer ones are cut, so that no union of unions fills a message.
const MAX_NAME: usize = 200;
/// The most members or variants that a name lists.
const MAX_LISTED: usize = 6;

impl Shape {
    /// A short name for messages: `integer`, `text`, `list of number`, `record flight`, with `or null`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut out = Clipped { left: MAX_NAME, text: String::new() };
        if write(self, &mut out).is_err() {
            out.text.push('…');
        }
        out.text
    }
}

fn write(shape: &Shape, out: &mut Clipped) -> fmt::Result {
    match &shape.kind {
        Kind::Any => return out.write_str("anything"),
        Kind::Bool => out.write_str("bool"),
        Kind::Int(_) => out.write_str("integer"),
        Kind::Float(_) => out.write_str("number"),
        Kind::Decimal(_) => out.write_str("decimal"),
        Kind::String(text) => match text.format {
            Some(format) => write!(out, "text ({})", format.name()),
            None => out.write_str("text"),
        },
        Kind::Bytes(_) => out.write_str("bytes"),
        Kind::Timestamp => out.write_str("timestamp"),
        Kind::Date => out.write_str("date"),
        Kind::Time => out.write_str("time"),
        Kind::LocalDateTime => out.write_str("local date-time"),
        Kind::Duration => out.write_str("duration"),
        Kind::Period => out.write_str("period"),
        Kind::Uuid => out.write_str("uuid"),
        Kind::Enum(values) => write_members(values, out),
        Kind::List(list) => {
            out.write_str("list of ")?;
            write(&list.item, out)
        }
        Kind::Map(map) => {
            out.write_str("map of ")?;
            write(&map.value, out)
        }
        Kind::Record(record) => match &record.name {
            Some(name) => write!(out, "object {name}"),
            None => out.write_str("object"),
        },
        Kind::Union(union) => {
            let mut listed: Vec<String> = Vec::new();
            for (_, variant) in union.variants.iter().take(MAX_LISTED) {
                let mut name = Clipped { left: out.left, text: String::new() };
                let written = write(variant, &mut name);
                // Also what is not told counts, so that the work is bounded as the text is.
                out.left = name.left;
                // Integers of other bounds are integers: a name stands once.
                if !listed.contains(&name.text) {
                    if !listed.is_empty() {
                        out.write_str(" or ")?;
                    }
                    out.text.push_str(&name.text);
                    listed.push(name.text);
                }
                written?;
            }
            Ok(())
        }
        Kind::Named(named) => out.write_str(named.name()),
    }?;
    if shape.nullable { out.write_str(" or null") } else { Ok(()) }
}

fn write_members(values: &[Value], out: &mut Clipped) -> fmt::Result {
    if values.is_empty() {
        return out.write_str("nothing");
    }
    for (position, value) in values.iter().take(MAX_LISTED).enumerate() {
        write!(out, "{}{value}", if position == 0 { "one of " } else { ", " })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::shape::{IntRange, Union};

    #[test]
    fn names_read_well_in_messages() {
        let check = |shape: Shape, expected: &str| assert_eq!(shape.name(), expected);
        check(Shape::list(Shape::INT.nullable()), "list of integer or null");
        check(Shape::never(), "nothing");
        let members = Arc::from([Value::from("a"), Value::from("b")]);
        check(Shape::of(Kind::Enum(members)), "one of \"a\", \"b\"");
        let alternatives = [Shape::INT, Shape::FLOAT, Shape::of(Kind::Int(IntRange::default()))];
        let variants = alternatives.into_iter().map(|shape| ("v".into(), shape)).collect();
        check(Shape::of(Kind::Union(Arc::new(Union { tag: None, variants }))), "integer or number");
    }

    #[test]
    fn a_union_of_unions_has_a_name_that_ends() {
        let union = |inner: &Shape| {
            let list = |depth| (0..depth).fold(inner.clone(), |inner, _| Shape::list(inner));
            let variants = (0..6).map(|depth| ("v".into(), list(depth % 3))).collect();
            Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
        };
        let deep = (0..40).fold(Shape::INT, |inner, _| union(&inner));
        let name = deep.name();
        assert!(name.ends_with('…') && name.chars().count() <= MAX_NAME + 1, "{name}");
    }
}
