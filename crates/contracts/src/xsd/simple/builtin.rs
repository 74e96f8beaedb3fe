//! The built-in types (XML Schema Part 2, section 3).

use std::sync::Arc;

use tenon_model::{Str, Value};

use super::{Facets, Limit, Pattern, Primitive, Simple, Variety, White};

const NAME: &str = r"\i\c*";
const NC_NAME: &str = r"[\i-[:]][\c-[:]]*";
const ZONE: &str = r"(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9]|[+\-]14:00)?";
const MONTH: &str = "(0[1-9]|1[0-2])";
const DAY: &str = "(0[1-9]|[12][0-9]|3[01])";
const YEAR: &str = r"-?([1-9][0-9]{3,}|0[0-9]{3})";

/// What the built-in type `name` says; `None` if there is none of this name.
pub(in crate::xsd) fn builtin(name: &str) -> Option<Facets> {
    let text = |white| Facets { white, ..Facets::of(Primitive::Text) };
    let like = |pattern: &str| {
        let mut facets = text(White::Collapse);
        facets.patterns.extend(Pattern::new(&[pattern]).ok());
        facets
    };
    let integer = |min: Option<Value>, max: Option<Value>| {
        let limit = |value| Limit { value, exclusive: false };
        Facets {
            min: min.map(limit),
            max: max.map(limit),
            fraction_digits: Some(0),
            ..Facets::of(Primitive::Integer)
        }
    };
    let between = |min: i64, max: i64| integer(Some(Value::Int(min)), Some(Value::Int(max)));
    Some(match name {
        "anySimpleType" | "string" => text(White::Preserve),
        "normalizedString" => text(White::Replace),
        "token" | "anyURI" => text(White::Collapse),
        "language" => like("[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
        "NMTOKEN" => like(r"\c+"),
        "Name" => like(NAME),
        "NCName" | "ID" | "IDREF" | "ENTITY" => like(NC_NAME),
        "QName" | "NOTATION" => like(&format!("({NC_NAME}:)?{NC_NAME}")),
        "gYear" => like(&format!("{YEAR}{ZONE}")),
        "gYearMonth" => like(&format!("{YEAR}-{MONTH}{ZONE}")),
        "gMonthDay" => like(&format!("--{MONTH}-{DAY}{ZONE}")),
        "gMonth" => like(&format!("--{MONTH}{ZONE}")),
        "gDay" => like(&format!("---{DAY}{ZONE}")),
        "NMTOKENS" => words("NMTOKEN")?,
        "IDREFS" => words("IDREF")?,
        "ENTITIES" => words("ENTITY")?,
        "boolean" => Facets::of(Primitive::Bool),
        "decimal" => Facets::of(Primitive::Decimal),
        "float" => Facets::of(Primitive::Float),
        "double" => Facets::of(Primitive::Double),
        "dateTime" => Facets::of(Primitive::DateTime),
        "date" => Facets::of(Primitive::Date),
        "time" => Facets::of(Primitive::Time),
        "duration" => Facets::of(Primitive::Duration),
        "hexBinary" => Facets::of(Primitive::Hex),
        "base64Binary" => Facets::of(Primitive::Base64),
        "integer" => integer(None, None),
        "nonPositiveInteger" => integer(None, Some(Value::Int(0))),
        "negativeInteger" => integer(None, Some(Value::Int(-1))),
        "nonNegativeInteger" => integer(Some(Value::Int(0)), None),
        "positiveInteger" => integer(Some(Value::Int(1)), None),
        "long" => between(i64::MIN, i64::MAX),
        "int" => between(i32::MIN.into(), i32::MAX.into()),
        "short" => between(i16::MIN.into(), i16::MAX.into()),
        "byte" => between(i8::MIN.into(), i8::MAX.into()),
        "unsignedLong" => integer(Some(Value::Int(0)), Some(Value::Uint(u64::MAX))),
        "unsignedInt" => between(0, u32::MAX.into()),
        "unsignedShort" => between(0, u16::MAX.into()),
        "unsignedByte" => between(0, u8::MAX.into()),
        _ => return None,
    })
}

/// At least one word of the type `name`.
fn words(name: &str) -> Option<Facets> {
    let item = Simple::new(Some(Str::new(name)), builtin(name)?).ok()?;
    let mut facets = Facets { variety: Variety::List(Arc::clone(&item)), ..Facets::of(Primitive::Text) };
    facets.white = White::Collapse;
    facets.length.min = Some(1);
    Some(facets)
}
