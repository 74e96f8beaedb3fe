//! What is left of a type where a test told more about the value.

use std::sync::Arc;

use tenon_model::{Kind, Shape, Str, Value, shape::Union};

use super::{Ty, View};

impl Ty {
    /// The same where the value is of one of these types of CEL.
    pub(crate) fn of_types(&self, names: &[&'static str]) -> Self {
        if self.is_dyn() && self.enumerated().is_none() {
            return match names {
                [name] => named(name),
                _ => self.clone(),
            };
        }
        let null = names.contains(&"null_type");
        self.filtered(&|ty| names.iter().any(|name| ty.may_be_of(name)), null)
    }

    /// The same where the value is not of this type.
    pub(crate) fn not_of_type(&self, name: &str) -> Self {
        if self.is_dyn() && self.enumerated().is_none() {
            return self.clone();
        }
        self.filtered(&|ty| !ty.is_always(name), name != "null_type")
    }

    /// The same where the text in the field that tells the variants apart is this one, or is another.
    pub(crate) fn of_tag(&self, tag: &str, name: &str, equal: bool) -> Self {
        let Self::Data(shape) = self else { return self.clone() };
        let Kind::Union(union) = &shape.resolved().kind else { return self.clone() };
        if union.tag.as_deref() != Some(tag) {
            return self.clone();
        }
        let kept = union.variants.iter().filter(|(variant, _)| (variant == name) == equal);
        with_variants(union.tag.clone(), kept.cloned().collect(), self.may_be_null())
    }

    /// The variants and members that pass; null is kept where it may be.
    fn filtered(&self, keep: &dyn Fn(&Ty) -> bool, null: bool) -> Self {
        let nullable = null && self.may_be_null();
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Union(union) => {
                    let mut kept = Vec::new();
                    for (name, variant) in &union.variants {
                        let part = Self::Data(variant.clone());
                        if let Self::Data(part) = part.filtered(keep, false)
                            && !matches!(Self::Data(part.clone()).view(), View::Nothing)
                        {
                            kept.push((name.clone(), part));
                        }
                    }
                    with_variants(union.tag.clone(), kept, nullable)
                }
                Kind::Enum(values) => {
                    let kept: Vec<Value> = values
                        .iter()
                        .filter(|value| !value.is_null() && keep(&Self::literal(value)))
                        .cloned()
                        .collect();
                    if kept.is_empty() {
                        return with_variants(None, Vec::new(), nullable);
                    }
                    Self::Data(Shape { nullable, ..Shape::of(Kind::Enum(Arc::from(kept))) })
                }
                _ if keep(self) => {
                    let rest = self.non_null();
                    if nullable { rest.or_null() } else { rest }
                }
                _ => with_variants(None, Vec::new(), nullable),
            },
            other => other.clone(),
        }
    }

    /// Whether a value of this type may be of a type of CEL.
    fn may_be_of(&self, name: &str) -> bool {
        match (self.view(), name) {
            (View::Dyn | View::Nothing, _) => true,
            // An integer beyond those of 64 bits with a sign is an unsigned one.
            (View::Int, "uint") => {
                self.int_range().and_then(|range| range.max).is_some_and(|max| max > i128::from(i64::MAX))
            }
            (view, _) => type_of(&view) == Some(name),
        }
    }

    /// Whether each value of this type is of a type of CEL.
    fn is_always(&self, name: &str) -> bool {
        match self.view() {
            View::Int if name == "int" => !self.may_be_of("uint"),
            view => type_of(&view) == Some(name),
        }
    }
}

fn with_variants(tag: Option<Str>, mut variants: Vec<(Str, Shape)>, nullable: bool) -> Ty {
    let shape = match variants.len() {
        0 if nullable => return Ty::Null,
        1 => variants.remove(0).1,
        _ => Shape::of(Kind::Union(Arc::new(Union { tag, variants }))),
    };
    Ty::Data(if nullable { shape.nullable() } else { shape })
}

fn named(name: &str) -> Ty {
    Ty::Data(match name {
        "bool" => Shape::BOOL,
        "int" => Shape::INT,
        "double" => Shape::FLOAT,
        "decimal" => Shape::DECIMAL,
        "string" => Shape::string(),
        "bytes" => Shape::BYTES,
        "google.protobuf.Timestamp" => Shape::TIMESTAMP,
        "date" => Shape::DATE,
        "time" => Shape::TIME,
        "localDateTime" => Shape::LOCAL_DATE_TIME,
        "google.protobuf.Duration" => Shape::DURATION,
        "period" => Shape::PERIOD,
        "uuid" => Shape::UUID,
        "list" => Shape::list(Shape::ANY),
        "map" => Shape::map(Shape::ANY),
        "uint" => return Ty::Uint,
        "net.IP" => return Ty::Address,
        "net.CIDR" => return Ty::Block,
        "null_type" => return Ty::Null,
        _ => return Ty::DYN,
    })
}

pub(super) fn type_of(view: &View<'_>) -> Option<&'static str> {
    Some(match view {
        View::Null => "null_type",
        View::Bool => "bool",
        View::Int => "int",
        View::Uint => "uint",
        View::Float => "double",
        View::Decimal => "decimal",
        View::Text => "string",
        View::Bytes => "bytes",
        View::Timestamp => "google.protobuf.Timestamp",
        View::Date => "date",
        View::Time => "time",
        View::LocalDateTime => "localDateTime",
        View::Duration => "google.protobuf.Duration",
        View::Period => "period",
        View::Uuid => "uuid",
        View::List(_) => "list",
        View::Map(..) | View::Record(_) => "map",
        View::Optional(_) => "optional_type",
        View::Type => "type",
        View::Address => "net.IP",
        View::Block => "net.CIDR",
        View::Message(_) | View::Enum(_) | View::Dyn | View::Nothing | View::Union(_) => return None,
    })
}
