//! Scalars: those that are built in, those that the world knows by name, and others, which may be anything.

use std::sync::Arc;

use tenon_model::{
    Format, Kind, Shape,
    shape::{IntRange, Text},
};

use super::Shaper;
use crate::graphql::model::{Type, directive, text_argument};

/// The shape of a scalar that is built in.
pub(super) fn built_in(name: &str) -> Option<Shape> {
    Some(match name {
        "Int" => integer(Some(i32::MIN.into()), Some(i32::MAX.into())),
        "Float" => Shape::FLOAT,
        "String" | "ID" => Shape::string(),
        "Boolean" => Shape::BOOL,
        _ => return None,
    })
}

fn integer(min: Option<i128>, max: Option<i128>) -> Shape {
    Shape::of(Kind::Int(IntRange { min, max, multiple_of: None }))
}

fn text(format: Format) -> Shape {
    Shape::of(Kind::String(Arc::new(Text { format: Some(format), ..Text::default() })))
}

/// What a custom scalar of this name means by convention (scalars.graphql.org, graphql-scalars, graphql-java-extended-scalars),
/// and in words.
fn well_known(name: &str) -> Option<(Shape, &'static str)> {
    let (least, most) = (i128::from(i32::MIN), i128::from(i32::MAX));
    Some(match name {
        "DateTime" | "Timestamp" => (Shape::TIMESTAMP, "an instant with its offset (RFC 3339)"),
        "LocalDateTime" => (Shape::LOCAL_DATE_TIME, "a date and time without an offset"),
        "Date" | "LocalDate" => (Shape::DATE, "a calendar date"),
        "Time" => (text(Format::Time), "a time of day with its offset (RFC 3339)"),
        "LocalTime" => (Shape::TIME, "a time of day without an offset"),
        "Duration" | "ISO8601Duration" => (Shape::DURATION, "an exact length of time (ISO 8601)"),
        "UUID" | "GUID" => (Shape::UUID, "a UUID (RFC 9562)"),
        "URL" | "URI" => (text(Format::Uri), "a URI (RFC 3986)"),
        "EmailAddress" | "Email" => (text(Format::Email), "an email address"),
        "Byte" | "Bytes" | "Base64" | "Base64String" => (Shape::BYTES, "bytes in base64"),
        "Long" | "BigInt" => (Shape::INT, "an integer of 64 bits"),
        "Decimal" | "BigDecimal" => (Shape::DECIMAL, "a decimal with all its digits"),
        "PositiveInt" => (integer(Some(1), Some(most)), "an integer above 0"),
        "NonNegativeInt" | "UnsignedInt" => (integer(Some(0), Some(most)), "an integer of at least 0"),
        "NegativeInt" => (integer(Some(least), Some(-1)), "an integer below 0"),
        "NonPositiveInt" => (integer(Some(least), Some(0)), "an integer of at most 0"),
        "JSON" | "JSONValue" | "Any" => (Shape::of(Kind::Any), "any JSON"),
        "JSONObject" | "Map" => (Shape::map(Shape::ANY), "any JSON object"),
        _ => return None,
    })
}

/// The shape of a custom scalar.
pub(super) fn custom(name: &str) -> Shape {
    well_known(name).map_or(Shape::of(Kind::Any), |(shape, _)| shape)
}

impl<'m> Shaper<'m, '_> {
    /// A custom scalar. What its service means by it no schema says, so the reading is noted.
    pub(super) fn scalar(&mut self, ty: &'m Type) -> Shape {
        let name = ty.name.text.as_str();
        let specified = directive(&ty.directives, "specifiedBy").and_then(|it| text_argument(it, "url"));
        let by = specified.map(|url| format!(", which {url} specifies,")).unwrap_or_default();
        match well_known(name) {
            Some((shape, words)) => {
                let message = format!("the scalar `{name}`{by} is read as {words}, as is usual for its name");
                self.note(
                    &format!("scalar {name}"),
                    &ty.name.span,
                    message,
                    "use another name where it means something else",
                );
                shape
            }
            None => {
                let message =
                    format!("the scalar `{name}`{by} may be any value, as a schema cannot say more");
                self.note(
                    &format!("scalar {name}"),
                    &ty.name.span,
                    message,
                    "use a name that is known, such as `DateTime` or `Decimal`",
                );
                Shape::of(Kind::Any)
            }
        }
    }
}
