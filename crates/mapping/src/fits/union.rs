//! What is done to one of several shapes, as source and as target.

use std::sync::Arc;

use tenon_model::{
    Kind, Shape, Str,
    relate::{Standing, exactly},
    shape::Union,
};

use super::{
    Misfit,
    making::{Made, Making},
    standing,
};
use crate::{
    evaluate::convert::{Convert, FieldConverts, Kinds},
    types::{Member, Ty, View},
};

impl Making {
    /// A value of a union: what is done to one variant must not harm another.
    pub(super) fn union_source(&mut self, union: &Arc<Union>, target: &Shape) -> Made {
        let mut converts: Vec<(Str, Ty, Convert)> = Vec::with_capacity(union.variants.len());
        for (name, variant) in &union.variants {
            let ty = Ty::Data(variant.clone());
            let convert = self.of(&ty, target)?;
            converts.push((name.clone(), ty, convert));
        }
        if let (Some(tag), true) = (&union.tag, converts.iter().any(|(_, _, it)| *it != Convert::Keep)) {
            let variants = converts.into_iter().map(|(name, _, convert)| (name, convert)).collect();
            return Ok(Convert::Tagged(tag.clone(), variants));
        }
        let parts: Vec<_> = converts.into_iter().map(|(_, ty, convert)| (ty, convert)).collect();
        merged(&parts).ok_or_else(indistinct)
    }

    /// One of the listed values, which are not all text.
    pub(super) fn members_source(&mut self, ty: &Ty, target: &Shape) -> Made {
        let mut converts = Vec::new();
        for value in ty.enumerated().unwrap_or_default().iter().filter(|it| !it.is_null()) {
            let member = Ty::Data(exactly(value));
            let convert = self.of(&member, target)?;
            if !converts.iter().any(|(_, known)| *known == convert) {
                converts.push((member, convert));
            }
        }
        merged(&converts).ok_or_else(indistinct)
    }

    /// A value into one of several shapes: the first that it certainly is, or else what all that it may be agree on.
    pub(super) fn union_target(&mut self, ty: &Ty, union: &Arc<Union>, target: &Shape) -> Made {
        if let Some(tag) = &union.tag {
            return self.tagged_target(ty, tag, union);
        }
        let mut possible: Vec<(Convert, &Shape)> = Vec::new();
        for (_, variant) in &union.variants {
            let standing = standing(ty, variant);
            if standing < Standing::Open {
                continue;
            }
            let Ok(convert) = self.of(ty, variant) else { continue };
            if standing == Standing::Within {
                return Ok(convert);
            }
            possible.push((convert, variant));
        }
        // Texts that are listed may each be another one, and are kept.
        let Some((first, _)) = possible.first() else { return Ok(Convert::Keep) };
        if possible.iter().any(|(convert, _)| convert != first) {
            let message =
                format!("could be more than one of {}, and these are made differently", target.name());
            return Err(Box::new(Misfit::new(message, "convert it to the one that is meant")));
        }
        // A whole number is an integer as well, and may be none of the others.
        let is_integer = |(_, variant): &(Str, Shape)| matches!(variant.resolved().kind, Kind::Int(_));
        if matches!(ty.view(), View::Float | View::Decimal) && union.variants.iter().any(is_integer) {
            return Ok(Convert::Whole(possible.iter().map(|(_, variant)| (*variant).clone()).collect()));
        }
        Ok(first.clone())
    }

    /// A record into one of several that a field tells apart: into each that the field may name.
    fn tagged_target(&mut self, ty: &Ty, tag: &Str, union: &Arc<Union>) -> Made {
        let named = match ty.member(tag) {
            Member::Listed { shape, .. } => Ty::Data(shape).enumerated(),
            _ => None,
        };
        let mut variants = Vec::new();
        for name in named.iter().flat_map(|names| names.iter()) {
            let variant = union.variants.iter().find(|(variant, _)| name.as_str() == Some(variant));
            if let Some((name, variant)) = variant {
                variants.push((name.clone(), self.of(ty, variant)?));
            }
        }
        Ok(match &variants[..] {
            [(_, only)] => only.clone(),
            _ => Convert::Tagged(tag.clone(), variants.into()),
        })
    }

    /// Something unknown into one of several shapes: converted by what it turns out to be, where that decides it.
    pub(super) fn unknown_to_union(&mut self, union: &Arc<Union>) -> Made {
        if let Some(tag) = &union.tag {
            let mut variants = Vec::with_capacity(union.variants.len());
            for (name, variant) in &union.variants {
                variants.push((name.clone(), self.of(&Ty::DYN, variant)?));
            }
            return Ok(Convert::Tagged(tag.clone(), variants.into()));
        }
        let (mut list, mut map) = (None, None);
        for (_, variant) in &union.variants {
            let slot = match &variant.resolved().kind {
                Kind::List(_) => &mut list,
                Kind::Map(_) | Kind::Record(_) => &mut map,
                _ => continue,
            };
            let convert = self.of(&Ty::DYN, variant)?;
            // Which list or record it is, is not known.
            let taken = if slot.is_some() { Convert::Keep } else { convert };
            *slot = Some(taken);
        }
        let kept = |slot: Option<Convert>| slot.unwrap_or(Convert::Keep);
        let kinds = Kinds { number: open_number(union), list: kept(list), map: kept(map) };
        Ok(Convert::Kinds(Box::new(kinds)))
    }
}

/// What is done to a number of which nothing is known: an integer is one where it may be, and a fraction what there is for it.
fn open_number(union: &Union) -> Convert {
    let has = |is: fn(&Kind) -> bool| union.variants.iter().any(|(_, variant)| is(&variant.resolved().kind));
    let fraction =
        match (has(|kind| matches!(kind, Kind::Float(_))), has(|kind| matches!(kind, Kind::Decimal(_)))) {
            (true, false) => Convert::OpenFloat,
            (false, true) => Convert::OpenDecimal,
            (false, false) if has(|kind| matches!(kind, Kind::Int(_))) => {
                return Convert::Whole(Arc::from([]));
            }
            _ => return Convert::Keep,
        };
    if has(|kind| matches!(kind, Kind::Int(_))) {
        return Convert::OpenFraction(Box::new(fraction));
    }
    fraction
}

fn indistinct() -> Box<Misfit> {
    let message = "has several shapes that are converted differently and cannot be told apart";
    Box::new(Misfit::new(message, "give the alternatives of the contract a tag field with a `const`"))
}

/// One conversion for values that are each of one of these types; `None` where a value could be of two of them that
/// are converted differently.
fn merged(parts: &[(Ty, Convert)]) -> Option<Convert> {
    let mut whole: Option<Convert> = None;
    for (at, (_, convert)) in parts.iter().enumerate() {
        let before = &parts[..at];
        whole = Some(match whole {
            None => convert.clone(),
            Some(whole) if whole == *convert => whole,
            Some(whole) => {
                let harms = before.iter().any(|(ty, _)| touches(convert, ty));
                let harmed = touches(&whole, &parts[at].0);
                if harms || harmed {
                    return None;
                }
                together(whole, convert.clone())?
            }
        });
    }
    Some(whole.unwrap_or(Convert::Keep))
}

/// Two conversions, neither of which touches what the other is for.
fn together(a: Convert, b: Convert) -> Option<Convert> {
    if b == Convert::Keep {
        return Some(a);
    }
    if a == Convert::Keep {
        return Some(b);
    }
    let (a, b) = (by_kind(a)?, by_kind(b)?);
    let one = |a: Convert, b: Convert| match (a, b) {
        (Convert::Keep, other) | (other, Convert::Keep) => Some(other),
        (a, b) => (a == b).then_some(a),
    };
    Some(Convert::Kinds(Box::new(Kinds {
        number: one(a.number, b.number)?,
        list: one(a.list, b.list)?,
        map: one(a.map, b.map)?,
    })))
}

fn by_kind(convert: Convert) -> Option<Kinds> {
    let kinds = Kinds { number: Convert::Keep, list: Convert::Keep, map: Convert::Keep };
    Some(match convert {
        Convert::Keep => kinds,
        Convert::Integer
        | Convert::Whole(_)
        | Convert::Float
        | Convert::Decimal
        | Convert::OpenFloat
        | Convert::OpenDecimal
        | Convert::OpenFraction(_) => Kinds { number: convert, ..kinds },
        Convert::Items(_) => Kinds { list: convert, ..kinds },
        Convert::Values(_) | Convert::TextKeys(_) | Convert::Fields(_) | Convert::Tagged(..) => {
            Kinds { map: convert, ..kinds }
        }
        Convert::Kinds(kinds) => *kinds,
        // What it does is not known yet.
        Convert::Again(_) => return None,
    })
}

/// Whether a conversion could change a value of this type.
fn touches(convert: &Convert, ty: &Ty) -> bool {
    if ty.is_dyn() {
        return *convert != Convert::Keep;
    }
    match (convert, ty.view()) {
        (Convert::Keep, _) | (_, View::Nothing) => false,
        (Convert::Again(_), View::Record(_) | View::Map(..) | View::List(_) | View::Union(_)) => true,
        (_, View::Union(union)) => {
            union.variants.iter().any(|(_, variant)| touches(convert, &Ty::Data(variant.clone())))
        }
        (
            Convert::Integer | Convert::Float | Convert::Decimal | Convert::OpenFloat | Convert::OpenDecimal,
            View::Int | View::Uint,
        )
        | (
            Convert::Whole(_) | Convert::OpenFloat | Convert::OpenDecimal | Convert::OpenFraction(_),
            View::Float | View::Decimal,
        ) => true,
        (Convert::Items(item), View::List(ty)) => touches(item, &ty),
        (Convert::Kinds(kinds), _) => {
            touches(&kinds.number, ty) || touches(&kinds.list, ty) || touches(&kinds.map, ty)
        }
        (Convert::Fields(fields), View::Record(_) | View::Map(..)) => touches_fields(fields, ty),
        (Convert::Values(inner), View::Record(record)) => record
            .fields()
            .iter()
            .map(|field| &field.shape)
            .chain(&record.rest)
            .any(|shape| touches(inner, &Ty::Data(shape.clone()))),
        (Convert::Values(inner), View::Map(_, value)) => touches(inner, &value),
        (Convert::TextKeys(_) | Convert::Tagged(..), View::Record(_) | View::Map(..)) => true,
        _ => false,
    }
}

fn touches_fields(fields: &FieldConverts, ty: &Ty) -> bool {
    let listed = fields.fields.iter().any(|field| {
        let name = field.key.as_str().unwrap_or_default();
        match ty.member(name) {
            Member::Missing(_) | Member::NoFields => field.default.is_some(),
            _ if field.default.is_some() || field.drop_null => true,
            Member::Listed { shape, .. } => touches(&field.convert, &Ty::Data(shape)),
            Member::Unlisted(ty) => touches(&field.convert, &ty),
            Member::Unknown => true,
        }
    });
    listed || fields.rest != Convert::Keep
}
