//! Simple types.

use tenon_model::{
    Kind, Shape, Value,
    shape::{FloatRange, IntRange, Length},
};

use super::{Writer, pattern};
use crate::xsd::simple::DAYS_AND_TIMES;

/// A facet and its value.
type Facet = (&'static str, String);

impl Writer {
    /// The name of the built-in type that `shape` is, if it restricts none.
    pub(super) fn builtin(&mut self, shape: &Shape, path: &str) -> Option<&'static str> {
        let shape = shape.resolved();
        if matches!(shape.kind, Kind::Union(_)) {
            return None;
        }
        let losses = self.losses.len();
        let (base, facets) = self.restriction(&shape.kind, path);
        if facets.is_empty() {
            return Some(base);
        }
        self.losses.truncate(losses);
        None
    }

    /// Writes a `simpleType`.
    pub(super) fn simple(&mut self, name: Option<&str>, shape: &Shape, doc: Option<&str>, path: &str) {
        let attributes: Vec<(&str, &str)> = name.map(|name| ("name", name)).into_iter().collect();
        self.out.open("xs:simpleType", &attributes);
        self.out.doc(doc);
        let resolved = shape.resolved();
        if let Kind::Union(union) = &resolved.kind {
            if union.variants.len() > 1 {
                self.lose(path, "has alternatives, of which the first that takes a text is meant there");
            }
            self.out.open("xs:union", &[]);
            for (_, variant) in &union.variants {
                self.simple(None, variant, None, path);
            }
            self.out.close("xs:union");
        } else {
            let (base, facets) = self.restriction(&resolved.kind, path);
            if facets.is_empty() {
                self.out.empty("xs:restriction", &[("base", base)]);
            } else {
                self.out.open("xs:restriction", &[("base", base)]);
                for (facet, value) in &facets {
                    self.out.empty(&format!("xs:{facet}"), &[("value", value)]);
                }
                self.out.close("xs:restriction");
            }
        }
        self.out.close("xs:simpleType");
    }

    fn restriction(&mut self, kind: &Kind, path: &str) -> (&'static str, Vec<Facet>) {
        match kind {
            Kind::Bool => ("xs:boolean", Vec::new()),
            Kind::Int(range) => self.integer(range, path),
            Kind::Float(range) => {
                let base = if range.is_single { "xs:float" } else { "xs:double" };
                (base, self.bounds(range, path))
            }
            Kind::Decimal(range) => ("xs:decimal", self.bounds(range, path)),
            Kind::String(text) => {
                let mut facets = length(&text.length);
                if let Some(written) = &text.pattern {
                    match pattern::translated(written) {
                        Some(pattern) => facets.push(("pattern", pattern)),
                        None => self
                            .lose(path, format!("has the pattern `{written}`, which XML Schema cannot say")),
                    }
                }
                if let Some(format) = text.format {
                    self.lose(path, format!("has the form `{}`, which XML Schema cannot say", format.name()));
                }
                ("xs:string", facets)
            }
            Kind::Bytes(bytes) => ("xs:base64Binary", length(bytes)),
            // The pattern says whether there is a zone, which the type leaves open.
            Kind::Timestamp => ("xs:dateTime", vec![("pattern", WITH_ZONE.to_owned())]),
            Kind::Date => ("xs:date", Vec::new()),
            Kind::Time => ("xs:time", Vec::new()),
            Kind::Duration => ("xs:duration", vec![("pattern", DAYS_AND_TIMES.to_owned())]),
            Kind::Period => ("xs:duration", Vec::new()),
            Kind::LocalDateTime => ("xs:dateTime", vec![("pattern", WITHOUT_ZONE.to_owned())]),
            Kind::Uuid => {
                self.lose(path, "is a UUID, and text of its form there");
                let hex = "[0-9a-fA-F]";
                let pattern = format!("{hex}{{8}}-{hex}{{4}}-{hex}{{4}}-{hex}{{4}}-{hex}{{12}}");
                ("xs:string", vec![("pattern", pattern)])
            }
            Kind::Enum(values) => self.members(values, path),
            _ => ("xs:string", Vec::new()),
        }
    }

    fn members(&mut self, values: &[Value], path: &str) -> (&'static str, Vec<Facet>) {
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        let base = match values.first() {
            Some(Value::Bool(_)) => "xs:boolean",
            Some(Value::Int(_) | Value::Uint(_)) => "xs:integer",
            Some(Value::Decimal(_)) => "xs:decimal",
            Some(Value::Float(_)) => "xs:double",
            Some(Value::Date(_)) => "xs:date",
            Some(Value::Timestamp(_) | Value::LocalDateTime(_)) => "xs:dateTime",
            Some(Value::Period(_)) => "xs:duration",
            _ => "xs:string",
        };
        let kind = values.first().map(|value| value.kind_name());
        if values.is_empty() {
            self.lose(path, "has no values but null, and any text there");
        }
        if values.iter().any(|value| Some(value.kind_name()) != kind) {
            self.lose(path, "has values of several kinds, which become text");
            return ("xs:string", values.iter().map(|value| ("enumeration", plain(value))).collect());
        }
        if base == "xs:string"
            && let Some(kind) = kind.filter(|_| values.iter().all(|value| value.as_str().is_none()))
        {
            self.lose(path, format!("has values that are {kind}, and text there"));
        }
        if base == "xs:boolean" {
            // Booleans cannot be listed, but have patterns.
            self.lose(path, "lists booleans, which XML Schema says as a pattern of their text");
            let texts: Vec<String> = values.iter().map(|value| plain(value)).collect();
            return (base, vec![("pattern", texts.join("|"))]);
        }
        (base, values.iter().map(|value| ("enumeration", plain(value))).collect())
    }

    fn integer(&mut self, range: &IntRange, path: &str) -> (&'static str, Vec<Facet>) {
        if let Some(unit) = range.multiple_of.filter(|unit| *unit != 1) {
            self.lose(path, format!("is a multiple of {unit}, which XML Schema cannot say"));
        }
        let min = range.min.unwrap_or(i64::MIN.into());
        let max = range.max.unwrap_or(i64::MAX.into());
        let builtin = BUILTIN.iter().find(|(_, low, high)| (*low, *high) == (min, max));
        if let Some((name, ..)) = builtin {
            return (name, Vec::new());
        }
        ("xs:integer", vec![("minInclusive", min.to_string()), ("maxInclusive", max.to_string())])
    }

    fn bounds(&mut self, range: &FloatRange, path: &str) -> Vec<Facet> {
        let mut facets = Vec::new();
        for (bound, inclusive, exclusive) in
            [(&range.min, "minInclusive", "minExclusive"), (&range.max, "maxInclusive", "maxExclusive")]
        {
            if let Some(bound) = bound {
                facets.push((if bound.exclusive { exclusive } else { inclusive }, bound.value.to_string()));
            }
        }
        if let Some(unit) = &range.multiple_of {
            let text = unit.to_string();
            let digits = text.strip_prefix("0.").map_or((text == "1").then_some(0), |zeros| {
                zeros
                    .strip_suffix('1')
                    .filter(|zeros| zeros.bytes().all(|b| b == b'0'))
                    .map(|zeros| zeros.len() + 1)
            });
            match digits {
                Some(digits) => facets.push(("fractionDigits", digits.to_string())),
                None => self.lose(path, format!("is a multiple of {unit}, which XML Schema cannot say")),
            }
        }
        facets
    }
}

/// Dates with a time that end in a zone, and those that do not.
const WITH_ZONE: &str = r".*(Z|[+\-][0-9]{2}:[0-9]{2})";
const WITHOUT_ZONE: &str = r".*T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?";

/// The built-in integers with their bounds.
const BUILTIN: &[(&str, i128, i128)] = &[
    ("xs:long", i64::MIN as i128, i64::MAX as i128),
    ("xs:unsignedLong", 0, u64::MAX as i128),
    ("xs:nonNegativeInteger", 0, i64::MAX as i128),
    ("xs:positiveInteger", 1, i64::MAX as i128),
    ("xs:int", i32::MIN as i128, i32::MAX as i128),
    ("xs:unsignedInt", 0, u32::MAX as i128),
    ("xs:short", i16::MIN as i128, i16::MAX as i128),
    ("xs:unsignedShort", 0, u16::MAX as i128),
    ("xs:byte", i8::MIN as i128, i8::MAX as i128),
    ("xs:unsignedByte", 0, u8::MAX as i128),
];

/// How a value stands in a schema.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => crate::json::text_of(other).unwrap_or_else(|| crate::json::to_string(other)),
    }
}

fn length(length: &Length) -> Vec<Facet> {
    let mut facets = Vec::new();
    facets.extend(length.min.filter(|min| *min > 0).map(|min| ("minLength", min.to_string())));
    facets.extend(length.max.map(|max| ("maxLength", max.to_string())));
    facets
}
