//! The built-in types (XML Schema Part 2, section 3).

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use tenon_model::{Str, Value};

use super::{Facets, Limit, Origin, Pattern, Primitive, Simple, Variety, White, Zone, facets::Link};

const NAME: &str = r"\i\c*";
const NC_NAME: &str = r"[\i-[:]][\c-[:]]*";
const ZONE: &str = r"(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9]|[+\-]14:00)?";
const MONTH: &str = "(0[1-9]|1[0-2])";
const DAY: &str = "(0[1-9]|[12][0-9]|3[01])";
const YEAR: &str = r"-?([1-9][0-9]{3,}|0[0-9]{3})";

/// The pattern by which version 1.1 makes `dayTimeDuration` of `duration`: lengths of time without months.
pub(in crate::xsd) const DAYS_AND_TIMES: &str = "[^YM]*(T.*)?";

/// The built-in types, each after what it restricts, which is `anySimpleType` for those that restrict none. The last three are of
/// version 1.1.
const TYPES: &[(&str, &str)] = &[
    ("anySimpleType", ""),
    ("string", ""),
    ("boolean", ""),
    ("decimal", ""),
    ("float", ""),
    ("double", ""),
    ("duration", ""),
    ("dateTime", ""),
    ("time", ""),
    ("date", ""),
    ("gYearMonth", ""),
    ("gYear", ""),
    ("gMonthDay", ""),
    ("gDay", ""),
    ("gMonth", ""),
    ("hexBinary", ""),
    ("base64Binary", ""),
    ("anyURI", ""),
    ("QName", ""),
    ("NOTATION", ""),
    ("normalizedString", "string"),
    ("token", "normalizedString"),
    ("language", "token"),
    ("NMTOKEN", "token"),
    ("Name", "token"),
    ("NCName", "Name"),
    ("ID", "NCName"),
    ("IDREF", "NCName"),
    ("ENTITY", "NCName"),
    ("NMTOKENS", ""),
    ("IDREFS", ""),
    ("ENTITIES", ""),
    ("integer", "decimal"),
    ("nonPositiveInteger", "integer"),
    ("negativeInteger", "nonPositiveInteger"),
    ("long", "integer"),
    ("int", "long"),
    ("short", "int"),
    ("byte", "short"),
    ("nonNegativeInteger", "integer"),
    ("unsignedLong", "nonNegativeInteger"),
    ("unsignedInt", "unsignedLong"),
    ("unsignedShort", "unsignedInt"),
    ("unsignedByte", "unsignedShort"),
    ("positiveInteger", "nonNegativeInteger"),
    ("dateTimeStamp", "dateTime"),
    ("dayTimeDuration", "duration"),
    ("yearMonthDuration", "duration"),
];

/// Each made once, so that two references to a type are to the same.
static MADE: LazyLock<HashMap<&str, Arc<Simple>>> = LazyLock::new(|| {
    let mut made: HashMap<&str, Arc<Simple>> = HashMap::new();
    for (name, base) in TYPES {
        let base = made.get(if base.is_empty() { "anySimpleType" } else { base }).cloned();
        let origin = Origin { name: Some(Str::new(name)), base, ..Origin::default() };
        let facets = facets(name, &made);
        if let Some(simple) = facets.and_then(|facets| Simple::new(origin, facets).ok()) {
            made.insert(name, simple);
        }
    }
    made
});

/// The built-in type `name`; `None` if there is none of this name.
pub(in crate::xsd) fn builtin(name: &str) -> Option<&'static Arc<Simple>> {
    MADE.get(name)
}

/// What the built-in type `name` says; those before it are made.
fn facets(name: &str, made: &HashMap<&str, Arc<Simple>>) -> Option<Facets> {
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
        "NCName" | "ENTITY" => like(NC_NAME),
        "ID" => Facets { link: Some(Link::Id), ..like(NC_NAME) },
        "IDREF" => Facets { link: Some(Link::Reference), ..like(NC_NAME) },
        "QName" | "NOTATION" => like(&format!("({NC_NAME}:)?{NC_NAME}")),
        "gYear" => like(&format!("{YEAR}{ZONE}")),
        "gYearMonth" => like(&format!("{YEAR}-{MONTH}{ZONE}")),
        "gMonthDay" => like(&format!("--{MONTH}-{DAY}{ZONE}")),
        "gMonth" => like(&format!("--{MONTH}{ZONE}")),
        "gDay" => like(&format!("---{DAY}{ZONE}")),
        "NMTOKENS" => words(made.get("NMTOKEN")?),
        "IDREFS" => words(made.get("IDREF")?),
        "ENTITIES" => words(made.get("ENTITY")?),
        "boolean" => Facets::of(Primitive::Bool),
        "decimal" => Facets::of(Primitive::Decimal),
        "float" => Facets::of(Primitive::Float),
        "double" => Facets::of(Primitive::Double),
        "dateTime" => Facets::of(Primitive::DateTime),
        "date" => Facets::of(Primitive::Date),
        "time" => Facets::of(Primitive::Time),
        "duration" => Facets::of(Primitive::Duration),
        "dateTimeStamp" => Facets { zone: Zone::Required, ..Facets::of(Primitive::DateTime) },
        "dayTimeDuration" => Facets::of(Primitive::DayTimeDuration),
        "yearMonthDuration" => Facets::of(Primitive::YearMonthDuration),
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

/// At least one word of the type `item`.
fn words(item: &Arc<Simple>) -> Facets {
    let mut facets = Facets { variety: Variety::List(Arc::clone(item)), ..Facets::of(Primitive::Text) };
    facets.length.min = Some(1);
    facets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_type_can_be_made() {
        for (name, _) in TYPES {
            assert!(builtin(name).is_some(), "{name}");
        }
        let derives = |of: &str, base: &str| builtin(of).unwrap().derives_from(builtin(base).unwrap());
        assert!(derives("byte", "integer") && derives("byte", "decimal") && derives("ID", "string"));
        assert!(
            derives("float", "anySimpleType")
                && !derives("float", "double")
                && !derives("decimal", "integer")
        );
    }
}
