//! What is done to a value on its way into a shape, and doing it.

use std::sync::Arc;

use bigdecimal::ToPrimitive;
use tenon_model::{
    Decimal, Key, Kind, Map, Shape, Str, Value,
    map::Hint,
    relate::{Relating, exactly, is_within},
};

use super::{Context, Failure};

/// What is done to a value so that it is of its target's kind. Each form touches only values of the kind that it is for,
/// so that what is made for one variant of a union leaves the others alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Convert {
    Keep,
    /// An integer that may be unsigned becomes a plain one where it can.
    Integer,
    /// A double or decimal that is a whole number becomes an integer, unless one of these takes it as it is.
    Whole(Arc<[Shape]>),
    /// An integer becomes a double, exactly or not at all.
    Float,
    Decimal,
    /// A number of which nothing is known becomes a double, where that keeps its digits.
    OpenFloat,
    /// A number of which nothing is known becomes a decimal, with the digits that it is written with.
    OpenDecimal,
    /// The same of numbers with a fraction only.
    OpenFraction(Box<Convert>),
    /// Of each item of a list.
    Items(Box<Convert>),
    /// Of each value of a map.
    Values(Box<Convert>),
    /// The keys of a map have to be text.
    TextKeys(Box<Convert>),
    /// Of these fields of a record or map, and of the others.
    Fields(Arc<FieldConverts>),
    /// By the kind of the value.
    Kinds(Box<Kinds>),
    /// By the text in a field.
    Tagged(Str, Arc<[(Str, Convert)]>),
    /// What stands at this position of the table: a shape that contains itself.
    Again(usize),
}

/// What is done to values of the kinds that can need it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kinds {
    pub(crate) number: Convert,
    pub(crate) list: Convert,
    pub(crate) map: Convert,
}

/// The conversions of the parts of a record or map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldConverts {
    pub(crate) fields: Vec<FieldConvert>,
    /// Of what is not among the fields.
    pub(crate) rest: Convert,
}

/// The conversion of one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldConvert {
    pub(crate) key: Key,
    pub(crate) position: usize,
    pub(crate) convert: Convert,
    pub(crate) default: Option<Value>,
    /// Whether null is left out, because the target does not allow it and does not need the field.
    pub(crate) drop_null: bool,
}

impl FieldConvert {
    /// Whether the field is taken as it is.
    pub(crate) fn is_plain(&self) -> bool {
        self.convert == Convert::Keep && self.default.is_none() && !self.drop_null
    }
}

impl Convert {
    /// Of the items of a list.
    pub(crate) fn items(self) -> Self {
        if self == Self::Keep { self } else { Self::Items(Box::new(self)) }
    }

    /// Of the values of a map.
    pub(crate) fn values(self) -> Self {
        if self == Self::Keep { self } else { Self::Values(Box::new(self)) }
    }
}

/// A conversion with the parts of it that contain themselves.
#[derive(Debug, Clone)]
pub(crate) struct Conversion {
    pub(crate) root: Convert,
    pub(crate) table: Arc<[Convert]>,
}

impl Conversion {
    /// Whether nothing is done.
    #[inline]
    pub(crate) fn keeps(&self) -> bool {
        matches!(self.root, Convert::Keep)
    }

    /// The converted value.
    ///
    /// # Errors
    /// An integer that no double is equal to, and keys that are no text.
    pub(crate) fn apply(&self, value: Value, context: &mut Context) -> Result<Value, Failure> {
        if self.keeps() {
            return Ok(value);
        }
        Run { table: &self.table, context }.value(&self.root, value)
    }
}

struct Run<'r> {
    table: &'r [Convert],
    context: &'r mut Context,
}

impl Run<'_> {
    fn value(&mut self, convert: &Convert, value: Value) -> Result<Value, Failure> {
        match (convert, value) {
            (Convert::Again(at), value) => match self.table.get(*at) {
                Some(convert) => self.value(convert, value),
                None => Ok(value),
            },
            (Convert::Integer, Value::Uint(n)) => Ok(i64::try_from(n).map_or(Value::Uint(n), Value::Int)),
            (Convert::Whole(others), value @ (Value::Float(_) | Value::Decimal(_))) => {
                Ok(whole(others, value))
            }
            (Convert::Float, value @ (Value::Int(_) | Value::Uint(_))) => exact_double(&value),
            (Convert::Decimal, value @ (Value::Int(_) | Value::Uint(_))) => {
                crate::functions::convert("decimal", &value)
            }
            (Convert::OpenFloat, value @ (Value::Int(_) | Value::Uint(_))) => exact_double(&value),
            (Convert::OpenDecimal, value @ (Value::Int(_) | Value::Uint(_) | Value::Float(_))) => {
                crate::functions::convert("decimal", &value)
            }
            (Convert::OpenFloat, Value::Decimal(n)) => {
                Ok(kept_double(&n).map_or(Value::Decimal(n), Value::Float))
            }
            (Convert::OpenFraction(inner), value @ (Value::Float(_) | Value::Decimal(_))) => {
                self.value(inner, value)
            }
            (Convert::Items(item), Value::List(items)) => {
                self.context.budget.spend(items.len())?;
                let made: Result<_, _> = items.iter().map(|value| self.value(item, value.clone())).collect();
                made.map(Value::list)
            }
            (Convert::Values(item), Value::Map(map)) => {
                self.context.budget.spend(map.len())?;
                let mut made = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    made.push_new(key.clone(), self.value(item, value.clone())?);
                }
                Ok(Value::Map(Arc::new(made)))
            }
            (Convert::TextKeys(inner), Value::Map(map)) => {
                if let Some((key, _)) = map.iter().find(|(key, _)| key.as_str().is_none()) {
                    return Err(Failure::because(format!("the key {key} of the map is not text")));
                }
                self.value(inner, Value::Map(map))
            }
            (Convert::Fields(fields), Value::Map(map)) => self.fields(fields, &map),
            (Convert::Kinds(kinds), value) => match &value {
                Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) => {
                    self.value(&kinds.number, value)
                }
                Value::List(_) => self.value(&kinds.list, value),
                Value::Map(_) => self.value(&kinds.map, value),
                _ => Ok(value),
            },
            (Convert::Tagged(tag, variants), Value::Map(map)) => {
                let name = map.get(tag).and_then(Value::as_str);
                let found = name.and_then(|name| variants.iter().find(|(variant, _)| variant == name));
                match found {
                    Some((_, convert)) => self.value(convert, Value::Map(map)),
                    None => Ok(Value::Map(map)),
                }
            }
            (_, value) => Ok(value),
        }
    }

    fn fields(&mut self, converts: &FieldConverts, map: &Map) -> Result<Value, Failure> {
        self.context.budget.spend(map.len() + converts.fields.len())?;
        let mut made = Map::with_capacity(map.len());
        for field in &converts.fields {
            let name = field.key.as_str().unwrap_or_default();
            let value = match map.get_near(&Hint::new(field.position), name) {
                Some(Value::Null) if field.drop_null => None,
                Some(value) => Some(self.value(&field.convert, value.clone())?),
                None => None,
            };
            if let Some(value) = value.or_else(|| field.default.clone()) {
                made.push_new(field.key.clone(), value);
            }
        }
        // What is there beyond the listed fields is kept; the target's validator judges it.
        for (key, value) in map.iter() {
            if !converts.fields.iter().any(|field| field.key == *key) {
                made.push_new(key.clone(), self.value(&converts.rest, value.clone())?);
            }
        }
        Ok(Value::Map(Arc::new(made)))
    }
}

/// Whether a number meets every constraint of a shape of its kind.
pub(crate) fn number_fits(value: &Value, target: &Shape) -> bool {
    is_within(&exactly(value), target, Relating::FIT)
}

/// The integer that a number is, unless it fits one of `others` as it is.
fn whole(others: &[Shape], value: Value) -> Value {
    let takes = |shape: &Shape| match (&shape.resolved().kind, &value) {
        (Kind::Float(_), Value::Float(_)) | (Kind::Decimal(_), Value::Decimal(_)) => {
            number_fits(&value, &shape.resolved())
        }
        _ => false,
    };
    if others.iter().any(takes) {
        return value;
    }
    let number = match &value {
        Value::Float(number) => Decimal::shortest(*number),
        Value::Decimal(number) => Some((**number).clone()),
        _ => None,
    };
    let number = number.filter(|number| number.as_big().is_integer());
    let integer = number.and_then(|number| {
        let number = number.as_big();
        number.to_i64().map(Value::Int).or_else(|| number.to_u64().map(Value::Uint))
    });
    integer.unwrap_or(value)
}

/// The double of an integer, where it is exactly the same number.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the loss is looked for")]
fn exact_double(value: &Value) -> Result<Value, Failure> {
    let (double, exact) = match value {
        Value::Int(n) => (*n as f64, (*n as f64) as i128 == i128::from(*n)),
        Value::Uint(n) => (*n as f64, (*n as f64) as i128 == i128::from(*n)),
        _ => return Err(Failure::NoOverload),
    };
    if exact {
        Ok(Value::Float(double))
    } else {
        Err(Failure::because(format!("{value} is not exactly a double")))
    }
}

/// The double that stands for the same digits, if there is one.
fn kept_double(n: &Decimal) -> Option<f64> {
    let double = n.nearest();
    (Decimal::shortest(double).as_ref() == Some(n)).then_some(double)
}

/// Makes plain what does nothing: a part that contains itself and changes nothing else is kept as it is.
pub(crate) fn simplified(root: Convert, table: Vec<Convert>) -> Conversion {
    let mut keeps = vec![true; table.len()];
    loop {
        let next: Vec<bool> =
            table.iter().zip(&keeps).map(|(convert, keep)| *keep && is_kept(convert, &keeps)).collect();
        if next == keeps {
            break;
        }
        keeps = next;
    }
    let table = table.into_iter().map(|convert| plain(convert, &keeps)).collect();
    Conversion { root: plain(root, &keeps), table }
}

/// Whether a conversion does nothing, if those of the table that are thought to do nothing do nothing.
fn is_kept(convert: &Convert, keeps: &[bool]) -> bool {
    let kept = |convert: &Convert| is_kept(convert, keeps);
    match convert {
        Convert::Keep => true,
        Convert::Integer
        | Convert::Whole(_)
        | Convert::Float
        | Convert::Decimal
        | Convert::OpenFloat
        | Convert::OpenDecimal
        | Convert::OpenFraction(_)
        | Convert::TextKeys(_) => false,
        Convert::Again(at) => keeps.get(*at).copied().unwrap_or(false),
        Convert::Items(inner) | Convert::Values(inner) => kept(inner),
        Convert::Fields(fields) => {
            kept(&fields.rest)
                && fields
                    .fields
                    .iter()
                    .all(|field| field.default.is_none() && !field.drop_null && kept(&field.convert))
        }
        Convert::Kinds(kinds) => kept(&kinds.number) && kept(&kinds.list) && kept(&kinds.map),
        Convert::Tagged(_, variants) => variants.iter().all(|(_, convert)| kept(convert)),
    }
}

fn plain(convert: Convert, keeps: &[bool]) -> Convert {
    if is_kept(&convert, keeps) {
        return Convert::Keep;
    }
    match convert {
        Convert::Items(inner) => Convert::Items(Box::new(plain(*inner, keeps))),
        Convert::Values(inner) => Convert::Values(Box::new(plain(*inner, keeps))),
        Convert::TextKeys(inner) => Convert::TextKeys(Box::new(plain(*inner, keeps))),
        Convert::Fields(fields) => {
            let mut fields = Arc::unwrap_or_clone(fields);
            for field in &mut fields.fields {
                field.convert = plain(std::mem::replace(&mut field.convert, Convert::Keep), keeps);
            }
            fields.rest = plain(fields.rest, keeps);
            Convert::Fields(Arc::new(fields))
        }
        Convert::Kinds(kinds) => Convert::Kinds(Box::new(Kinds {
            number: plain(kinds.number, keeps),
            list: plain(kinds.list, keeps),
            map: plain(kinds.map, keeps),
        })),
        Convert::Tagged(tag, variants) => {
            let variants =
                variants.iter().map(|(name, convert)| (name.clone(), plain(convert.clone(), keeps)));
            Convert::Tagged(tag, variants.collect())
        }
        other => other,
    }
}
