//! Values without what the contract calls personal or secret: for logs and for listings of dead letters.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_model::{Key, Kind, Record, Shape, Value, sensitive::has_sensitive_fields, shape::Part};

use crate::secret::MASKED;

/// How deep values are looked into; what lies deeper is masked.
const MAX_DEPTH: usize = 128;

/// `value` with `***` in place of every field that `shape` gives a sensitivity. Null stays null.
///
/// What does not fit its contract is the very thing that is listed as a dead letter, so doubt masks: a value of another kind
/// than a part of the contract with sensitive fields, and in a record with such fields every field that the contract does
/// not name. A value whose contract names nothing sensitive is returned as it is.
#[must_use]
pub fn mask(value: &Value, shape: &Shape) -> Value {
    Masker::default().mask(value, std::slice::from_ref(shape), 0)
}

#[derive(Default)]
struct Masker {
    /// Whether parts of shapes hold sensitive fields.
    sensitive: HashMap<Part, bool>,
}

impl Masker {
    /// Masks what any of `shapes` calls sensitive. Unions give several; looking at them together keeps the work in
    /// proportion to the value, also where unions lie in each other.
    fn mask(&mut self, value: &Value, shapes: &[Shape], depth: usize) -> Value {
        if value.is_null() || !shapes.iter().any(|shape| self.is_sensitive(shape)) {
            return value.clone();
        }
        let candidates = variants(shapes, value);
        let possible: Vec<Shape> = candidates.into_iter().filter(|it| is_possible(&it.kind, value)).collect();
        match value {
            _ if possible.is_empty() || depth > MAX_DEPTH => Value::from(MASKED),
            Value::List(items) => {
                let of_items: Vec<Shape> = possible.iter().filter_map(item).collect();
                Value::list(items.iter().map(|item| self.mask(item, &of_items, depth + 1)).collect())
            }
            Value::Map(map) => {
                let fields =
                    map.iter().map(|(key, value)| (key.clone(), self.field(key, value, &possible, depth)));
                Value::Map(Arc::new(fields.collect()))
            }
            _ => value.clone(),
        }
    }

    fn field(&mut self, key: &Key, value: &Value, shapes: &[Shape], depth: usize) -> Value {
        let mut of_field = Vec::with_capacity(shapes.len());
        for shape in shapes {
            match &shape.kind {
                Kind::Map(of) => of_field.push(of.value.clone()),
                Kind::Record(record) => match self.part(shape, record, key) {
                    Entry::Masked if !value.is_null() => return Value::from(MASKED),
                    Entry::Masked | Entry::Plain => {}
                    Entry::Of(shape) => of_field.push(shape),
                },
                _ => {}
            }
        }
        self.mask(value, &of_field, depth + 1)
    }

    /// What a record says about its field `key`.
    fn part(&mut self, shape: &Shape, record: &Record, key: &Key) -> Entry {
        match (key.as_str().and_then(|name| record.field(name)), &record.rest) {
            (Some((_, field)), _) if field.sensitivity.is_some() => Entry::Masked,
            (Some((_, field)), _) => Entry::Of(field.shape.clone()),
            (None, Some(rest)) if rest.kind != Kind::Any => Entry::Of(rest.clone()),
            (None, _) if self.is_sensitive(shape) => Entry::Masked,
            (None, _) => Entry::Plain,
        }
    }

    fn is_sensitive(&mut self, shape: &Shape) -> bool {
        match Part::of(shape) {
            Some(part) => *self.sensitive.entry(part).or_insert_with(|| has_sensitive_fields(shape)),
            None => false,
        }
    }
}

/// What a record says about one of its entries.
enum Entry {
    Masked,
    Plain,
    Of(Shape),
}

/// The shapes with names followed and unions resolved: to the variant that the tag names, or else to all. Each once.
fn variants(shapes: &[Shape], value: &Value) -> Vec<Shape> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut left = shapes.to_vec();
    while let Some(shape) = left.pop() {
        if Part::of(&shape).is_some_and(|part| !seen.insert(part)) {
            continue;
        }
        let shape = shape.resolved().into_owned();
        let Kind::Union(union) = &shape.kind else {
            found.push(shape);
            continue;
        };
        let tag = union.tag.as_ref().and_then(|tag| value.get(tag)).and_then(Value::as_str);
        let named = union.variants.iter().find(|(name, _)| tag == Some(name.as_str()));
        match named {
            Some((_, variant)) => left.push(variant.clone()),
            None => left.extend(union.variants.iter().map(|(_, variant)| variant.clone())),
        }
    }
    found
}

/// Whether a value can be of this kind, as far as composites go.
fn is_possible(kind: &Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::List(_), Value::List(_))
        | (Kind::Map(_) | Kind::Record(_), Value::Map(_))
        | (Kind::Any, _) => true,
        (Kind::List(_) | Kind::Map(_) | Kind::Record(_), _) | (_, Value::List(_) | Value::Map(_)) => false,
        _ => true,
    }
}

fn item(shape: &Shape) -> Option<Shape> {
    if let Kind::List(list) = &shape.kind { Some(list.item.clone()) } else { None }
}

#[cfg(test)]
mod tests {
    use tenon_model::{Field, Sensitivity, Types, shape::Union};

    use super::*;

    fn customer() -> Shape {
        let email =
            Field { sensitivity: Some(Sensitivity::Personal), ..Field::required("email", Shape::string()) };
        let card = Field { sensitivity: Some(Sensitivity::Secret), ..Field::optional("card", Shape::ANY) };
        Shape::record(vec![Field::required("id", Shape::INT), email, card])
    }

    fn text(value: &str) -> Value {
        Value::from(value)
    }

    fn check(value: &Value, shape: &Shape, expected: &str) {
        assert_eq!(format!("{:?}", mask(value, shape)), expected);
    }

    #[test]
    fn sensitive_fields_are_masked_wherever_they_are() {
        let card = Value::record([("number", text("4111"))]);
        let ann = Value::record([("id", Value::Int(1)), ("email", text("ann@x")), ("card", card)]);
        let masked = r#"{id: 1, email: "***", card: "***"}"#;
        check(&ann, &customer(), masked);
        check(&Value::list(vec![ann.clone()]), &Shape::list(customer()), &format!("[{masked}]"));
        let order = Shape::record(vec![
            Field::required("customer", customer()),
            Field::required("total", Shape::INT),
        ]);
        let value = Value::record([("customer", ann.clone()), ("total", Value::Int(9))]);
        check(&value, &order, &format!("{{customer: {masked}, total: 9}}"));
        check(&Value::record([("a", ann)]), &Shape::map(customer()), &format!("{{a: {masked}}}"));
    }

    #[test]
    fn null_shows_that_nothing_is_there() {
        check(
            &Value::record([("id", Value::Int(1)), ("email", Value::Null)]),
            &customer(),
            "{id: 1, email: null}",
        );
    }

    #[test]
    fn doubt_masks() {
        check(&text("ann@x;4111"), &customer(), r#""***""#);
        check(&Value::list(vec![text("ann@x")]), &customer(), r#""***""#);
        check(
            &Value::record([("id", text("one")), ("e-mail", text("ann@x"))]),
            &customer(),
            r#"{id: "one", e-mail: "***"}"#,
        );
        let mut open = customer().as_record().unwrap().as_ref().clone();
        open.rest = Some(Shape::ANY);
        let open = Shape::of(Kind::Record(Arc::new(open)));
        check(&Value::record([("e-mail", text("ann@x"))]), &open, r#"{e-mail: "***"}"#);
    }

    #[test]
    fn a_contract_without_sensitive_fields_masks_nothing() {
        let plain = Shape::record(vec![Field::required("id", Shape::INT)]);
        for value in [text("x"), Value::record([("other", text("y"))]), Value::list(vec![Value::Int(1)])] {
            assert_eq!(mask(&value, &plain), value);
        }
    }

    #[test]
    fn a_tag_decides_and_without_one_every_possible_variant_masks() {
        let token =
            Field { sensitivity: Some(Sensitivity::Secret), ..Field::required("id", Shape::string()) };
        let kind = || Field::required("kind", Shape::string());
        let variants = || {
            vec![
                ("public".into(), Shape::record(vec![kind(), Field::required("id", Shape::string())])),
                ("private".into(), Shape::record(vec![kind(), token.clone()])),
                ("name".into(), Shape::string()),
            ]
        };
        let union = |tag: Option<&str>| {
            Shape::of(Kind::Union(Arc::new(Union { tag: tag.map(Into::into), variants: variants() })))
        };
        let value = |kind: &str| Value::record([("kind", text(kind)), ("id", text("x"))]);
        check(&value("public"), &union(Some("kind")), r#"{kind: "public", id: "x"}"#);
        check(&value("private"), &union(Some("kind")), r#"{kind: "private", id: "***"}"#);
        check(&value("neither"), &union(Some("kind")), r#"{kind: "neither", id: "***"}"#);
        check(&value("public"), &union(None), r#"{kind: "public", id: "***"}"#);
        check(&text("ann"), &union(None), r#""ann""#);
        check(&Value::list(vec![value("private")]), &union(None), r#""***""#);
    }

    #[test]
    fn recursive_contracts_and_deep_values_end() {
        let named = Types::default().declare("node");
        let secret =
            Field { sensitivity: Some(Sensitivity::Secret), ..Field::optional("s", Shape::string()) };
        let node =
            Shape::record(vec![secret, Field::optional("next", Shape::of(Kind::Named(named.clone())))]);
        named.define(&node);
        let mut value = Value::record([("s", text("deepest-secret"))]);
        for _ in 0..300 {
            value = Value::record([("s", text("secret")), ("next", value)]);
        }
        assert!(!format!("{:?}", mask(&value, &node)).contains("secret"));
    }

    #[test]
    fn unions_in_unions_take_no_more_time_than_the_value_is_long() {
        let named = Types::default().declare("node");
        let variant = |name: &str| {
            let secret =
                Field { sensitivity: Some(Sensitivity::Secret), ..Field::optional(name, Shape::string()) };
            let next = Field::optional("next", Shape::of(Kind::Named(named.clone())));
            (name.into(), Shape::record(vec![secret, next]))
        };
        let variants = vec![variant("a"), variant("b"), variant("c")];
        let node = Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })));
        named.define(&node);
        let mut value = Value::record([("b", text("secret"))]);
        for _ in 0..100 {
            value = Value::record([("b", text("secret")), ("next", value)]);
        }
        assert!(!format!("{:?}", mask(&value, &node)).contains("secret"));
    }
}
