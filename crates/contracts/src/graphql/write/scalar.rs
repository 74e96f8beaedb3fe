//! Kinds without parts as scalars: those that are built in, and those that are known by name.

use tenon_model::{
    Format, Kind, Value,
    shape::{FloatRange, IntRange, Length},
};

use super::Writer;

/// Scalars that have a specification to point to.
const SPECIFIED: [(&str, &str); 2] = [
    ("DateTime", "https://scalars.graphql.org/andimarek/date-time"),
    ("UUID", "https://www.rfc-editor.org/rfc/rfc9562"),
];

impl Writer {
    /// The scalar `name`, which is defined at the end.
    pub(super) fn scalar_name(&mut self, name: &'static str) -> String {
        if !self.scalars.contains(&name) {
            if self.taken.contains(name) {
                self.lose("", format!("has a type `{name}`, which is the name of a scalar as well"));
            }
            self.scalars.push(name);
        }
        name.to_owned()
    }

    /// The definitions of the scalars in use.
    pub(super) fn scalars(&mut self) {
        for name in std::mem::take(&mut self.scalars) {
            self.out.gap();
            let url = SPECIFIED.iter().find(|(known, _)| *known == name);
            let by = url.map(|(_, url)| format!(" @specifiedBy(url: \"{url}\")")).unwrap_or_default();
            self.out.line(0, &format!("scalar {name}{by}"));
        }
    }

    pub(super) fn scalar(&mut self, kind: &Kind, path: &str) -> String {
        let name = match kind {
            Kind::Bool => return "Boolean".to_owned(),
            Kind::Int(range) => return self.integer(range, path),
            Kind::Float(range) => {
                self.lose_bounds(range, path);
                return "Float".to_owned();
            }
            Kind::String(text) => {
                let scalar = match text.format {
                    Some(Format::Uri) => Some("URL"),
                    Some(Format::Email) => Some("EmailAddress"),
                    Some(Format::Time) => Some("Time"),
                    Some(format) => {
                        self.lose(
                            path,
                            format!("has the form `{}`, which GraphQL cannot say", format.name()),
                        );
                        None
                    }
                    None => None,
                };
                self.lose_length(text.length, "characters", path);
                if text.pattern.is_some() {
                    self.lose(path, "has a pattern, which GraphQL cannot say");
                }
                return scalar.map_or_else(|| "String".to_owned(), |scalar| self.scalar_name(scalar));
            }
            Kind::Decimal(range) => {
                if range.digits.is_some() {
                    self.lose(path, "has a number of digits, which GraphQL cannot say");
                } else {
                    self.lose_bounds(range, path);
                }
                "Decimal"
            }
            Kind::Bytes(length) => {
                self.lose_length(*length, "bytes", path);
                "Base64"
            }
            Kind::Timestamp => "DateTime",
            Kind::Date => "Date",
            Kind::Time => "LocalTime",
            Kind::LocalDateTime => "LocalDateTime",
            Kind::Duration => "Duration",
            Kind::Uuid => "UUID",
            Kind::Period => {
                self.lose(path, "is a calendar period, and text there");
                return "String".to_owned();
            }
            Kind::Enum(values) => return self.members(values, path),
            _ => "JSON",
        };
        self.scalar_name(name)
    }

    fn integer(&mut self, range: &IntRange, path: &str) -> String {
        let (min, max) = (range.min.unwrap_or(i64::MIN.into()), range.max.unwrap_or(i64::MAX.into()));
        let within = |low: i128, high: i128| min >= low && max <= high;
        let (name, low, high) = if within(i32::MIN.into(), i32::MAX.into()) {
            ("Int", i128::from(i32::MIN), i128::from(i32::MAX))
        } else if within(i64::MIN.into(), i64::MAX.into()) {
            ("Long", i128::from(i64::MIN), i128::from(i64::MAX))
        } else {
            self.lose(path, "goes beyond 64 bits with a sign");
            ("BigInt", min, max)
        };
        if min != low || max != high {
            self.lose(path, format!("is from {min} to {max}, which GraphQL cannot say"));
        }
        if let Some(unit) = range.multiple_of {
            self.lose(path, format!("is a multiple of {unit}, which GraphQL cannot say"));
        }
        if name == "Int" { name.to_owned() } else { self.scalar_name(name) }
    }

    /// An enumeration whose values are no names of GraphQL.
    fn members(&mut self, values: &[Value], path: &str) -> String {
        let kinds = |is: fn(&Value) -> bool| !values.is_empty() && values.iter().all(is);
        let name = if kinds(|value| matches!(value, Value::String(_))) {
            "String"
        } else if kinds(|value| matches!(value, Value::Int(number) if i32::try_from(*number).is_ok())) {
            "Int"
        } else if kinds(|value| matches!(value, Value::Bool(_))) {
            "Boolean"
        } else {
            return self.json(path, "has values that are not names");
        };
        self.lose(path, format!("has values that are not names, and becomes any {name} there"));
        name.to_owned()
    }

    fn lose_bounds(&mut self, range: &FloatRange, path: &str) {
        if range.min.is_some() || range.max.is_some() {
            self.lose(path, "has bounds, which GraphQL cannot say");
        }
        if range.multiple_of.is_some() {
            self.lose(path, "is a multiple of a number, which GraphQL cannot say");
        }
        if range.is_single {
            self.lose(path, "is of single precision, which GraphQL cannot say");
        }
    }

    pub(super) fn lose_length(&mut self, length: Length, of: &str, path: &str) {
        if length != Length::default() {
            self.lose(path, format!("has a bound on its number of {of}, which GraphQL cannot say"));
        }
    }
}
