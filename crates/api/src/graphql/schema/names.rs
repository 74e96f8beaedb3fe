//! Names that GraphQL can take: of types, fields and enum values.

use std::collections::{BTreeSet, HashSet};

use tenon_model::{Kind, Shape, Str, Value, shape::IntRange};

/// What a scalar takes as input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Integers.
    Integer,
    /// Numbers.
    Number,
    /// Text, of a form that whoever reads it checks.
    Text,
    /// Any value of JSON.
    Data,
}

impl Takes {
    /// What the scalar `name` takes, if it is none of GraphQL's own.
    pub(crate) fn of(name: &str) -> Option<Self> {
        SCALARS.iter().find(|(scalar, ..)| *scalar == name).map(|(_, takes, _)| *takes)
    }
}

/// The scalars beyond GraphQL's own, each with what it takes and its definition.
const SCALARS: &[(&str, Takes, &str)] = &[
    ("Date", Takes::Text, "\"A calendar date (RFC 3339): `2013-01-31`.\"\nscalar Date\n"),
    (
        "DateTime",
        Takes::Text,
        "\"An instant (RFC 3339): `2013-01-31T10:00:00Z`.\"\nscalar DateTime @specifiedBy(url: \"https://scalars.graphql.org/andimarek/date-time.html\")\n",
    ),
    ("Decimal", Takes::Number, "\"A decimal number with all its digits.\"\nscalar Decimal\n"),
    ("Duration", Takes::Text, "\"A length of time (ISO 8601): `PT1H30M`.\"\nscalar Duration\n"),
    ("JSON", Takes::Data, "\"Any JSON value.\"\nscalar JSON\n"),
    (
        "LocalDateTime",
        Takes::Text,
        "\"A date and a time of day without a time zone (RFC 3339 without an offset): `2013-01-31T10:00:00`.\"\nscalar LocalDateTime\n",
    ),
    ("Long", Takes::Integer, "\"An integer of 64 bits.\"\nscalar Long\n"),
    ("Period", Takes::Text, "\"A calendar period (ISO 8601): `P1Y2M3DT4H`.\"\nscalar Period\n"),
    ("Time", Takes::Text, "\"A time of day (RFC 3339): `10:00:00`.\"\nscalar Time\n"),
    (
        "UUID",
        Takes::Text,
        "\"A UUID (RFC 9562).\"\nscalar UUID @specifiedBy(url: \"https://www.rfc-editor.org/rfc/rfc9562\")\n",
    ),
];
/// Names that types may not have.
const RESERVED: &[&str] = &["Query", "Mutation", "Subscription", "Int", "Float", "String", "Boolean", "ID"];

/// The names that are taken, and the scalars that are used.
#[derive(Debug, Default)]
pub(super) struct Names {
    types: HashSet<String>,
    scalars: BTreeSet<&'static str>,
    /// What has another name than the project gives it, with both, in the order in which they were made.
    renamed: Vec<(String, String)>,
}

impl Names {
    /// A name for a type like `wanted`, which no other type has.
    pub(super) fn type_name(&mut self, wanted: &str) -> String {
        let wanted = identifier(wanted);
        let taken = |name: &String| {
            RESERVED.contains(&name.as_str())
                || SCALARS.iter().any(|(scalar, ..)| scalar == name)
                || self.types.contains(name)
        };
        let mut name = wanted.clone();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        self.types.insert(name.clone());
        self.note("", &wanted, &name);
        name
    }

    /// Notes what `wanted`, of the type `owner` or of the schema itself, is called.
    pub(super) fn note(&mut self, owner: &str, wanted: &str, name: &str) {
        if wanted != name {
            let dot = if owner.is_empty() { "" } else { "." };
            self.renamed.push((format!("{owner}{dot}{wanted}"), name.to_owned()));
        }
    }

    /// What has another name than the project gives it, with both.
    pub(super) fn into_renamed(self) -> Vec<(String, String)> {
        self.renamed
    }

    /// The name of the scalar that holds values of `shape`; nothing for what is not a scalar in GraphQL.
    pub(super) fn scalar(&mut self, shape: &Shape) -> Option<&'static str> {
        let name = match &shape.resolved().kind {
            Kind::Bool => "Boolean",
            Kind::Int(range) => integer(range),
            Kind::Float(_) => "Float",
            Kind::Decimal(_) => "Decimal",
            Kind::String(_) | Kind::Bytes(_) => "String",
            Kind::Timestamp => "DateTime",
            Kind::Date => "Date",
            Kind::Time => "Time",
            Kind::LocalDateTime => "LocalDateTime",
            Kind::Duration => "Duration",
            Kind::Period => "Period",
            Kind::Uuid => "UUID",
            Kind::Enum(values) if values.iter().all(|value| value.as_str().is_some()) => "String",
            Kind::Enum(_) | Kind::Any | Kind::Map(_) | Kind::Union(_) | Kind::Named(_) => "JSON",
            Kind::List(_) | Kind::Record(_) => return None,
        };
        self.scalars.insert(name);
        Some(name)
    }

    /// Notes that JSON is used.
    pub(super) fn json(&mut self) -> &'static str {
        self.scalars.insert("JSON");
        "JSON"
    }

    /// The definitions of the scalars that are used and not GraphQL's own.
    pub(super) fn scalars(&self) -> impl Iterator<Item = &'static str> {
        SCALARS.iter().filter(|(name, ..)| self.scalars.contains(name)).map(|(.., definition)| *definition)
    }
}

/// `Int` is 32 bits wide in GraphQL.
fn integer(range: &IntRange) -> &'static str {
    let fits = |bound: Option<i128>| bound.is_some_and(|bound| i32::try_from(bound).is_ok());
    if fits(range.min) && fits(range.max) { "Int" } else { "Long" }
}

/// `new-flight` as `NewFlight`.
pub(super) fn pascal(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

/// `name` with everything replaced that a GraphQL name cannot have.
pub(super) fn identifier(name: &str) -> String {
    let mut text: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    // Nothing but underscores would read as one of introspection's names once a number is added.
    if text.bytes().all(|byte| byte == b'_') {
        return "field".to_owned();
    }
    // Names that start with two underscores belong to introspection.
    while text.starts_with("__") {
        text.remove(0);
    }
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        text.insert(0, '_');
    }
    text
}

/// A name for a field like `wanted`, which is not among `taken`.
pub(super) fn field_name(wanted: &str, taken: impl Fn(&str) -> bool) -> Str {
    let wanted = identifier(wanted);
    let mut name = wanted.clone();
    let mut number = 2;
    while taken(&name) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    Str::from(name)
}

/// Names for fields like those that are wanted, in their order, no two alike. A name that GraphQL can have is kept: of `c-d` and
/// `c_d`, the first becomes `c_d_2`.
pub(super) fn field_names<'w>(wanted: impl Iterator<Item = &'w str> + Clone) -> Vec<Str> {
    let own: HashSet<&str> = wanted.clone().filter(|name| identifier(name) == *name).collect();
    let mut taken: HashSet<Str> = HashSet::new();
    wanted
        .map(|name| {
            let is_kept = own.contains(name) && !taken.contains(name);
            let made = match is_kept {
                true => Str::new(name),
                false => field_name(name, |other| own.contains(other) || taken.contains(other)),
            };
            taken.insert(made.clone());
            made
        })
        .collect()
}

/// The texts of `values`, if all of them can be values of a GraphQL enum.
pub(super) fn enum_values(values: &[Value]) -> Option<Vec<&str>> {
    let valid = |text: &&str| identifier(text) == **text && !["true", "false", "null"].contains(text);
    let texts: Option<Vec<&str>> = values.iter().map(|value| value.as_str().filter(valid)).collect();
    texts.filter(|texts| !texts.is_empty() && texts.iter().collect::<HashSet<_>>().len() == texts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_to_fit() {
        for (name, expected) in [
            ("flight", "flight"),
            ("place-order", "place_order"),
            ("2nd", "_2nd"),
            ("__a", "_a"),
            ("", "field"),
            ("ü", "field"),
        ] {
            assert_eq!(identifier(name), expected, "{name}");
        }
        assert_eq!(pascal("new-flight_row"), "NewFlightRow");
        assert_eq!(field_name("a", |name| name == "a"), "a_2");
        assert_eq!(
            field_names(["c-d", "c_d", "c.d", "c_d_2"].into_iter()),
            ["c_d_3", "c_d", "c_d_4", "c_d_2"]
        );
        let mut names = Names::default();
        let made: Vec<_> =
            ["Flight", "Flight", "Date", "Query"].iter().map(|name| names.type_name(name)).collect();
        assert_eq!(made, ["Flight", "Flight2", "Date2", "Query2"]);
    }

    #[test]
    fn only_integers_of_32_bits_are_int() {
        let range = |min, max| Shape::of(Kind::Int(IntRange { min, max, multiple_of: None }));
        let mut names = Names::default();
        for (shape, expected) in [
            (range(Some(0), Some(9999)), "Int"),
            (range(Some(0), None), "Long"),
            (range(None, Some(1)), "Long"),
            (range(Some(0), Some(1 << 40)), "Long"),
        ] {
            assert_eq!(names.scalar(&shape), Some(expected));
        }
        assert_eq!(names.scalars().count(), 1);
    }

    #[test]
    fn enums_need_values_that_are_names() {
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
        assert!(enum_values(&values(&["scheduled", "departed"])).is_some());
        for bad in [&["a b"][..], &["true"], &["2"], &[], &["a", "a"]] {
            assert_eq!(enum_values(&values(bad)), None, "{bad:?}");
        }
    }
}
