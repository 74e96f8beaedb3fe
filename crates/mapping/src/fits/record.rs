//! What is done to records and maps, field by field.

use std::sync::Arc;

use tenon_model::{
    Field, Key, Record, Shape, Str,
    shape::{KeyKind, MapOf},
};

use super::{
    Misfit,
    making::{Made, Making},
};
use crate::{
    evaluate::convert::{Convert, FieldConvert, FieldConverts},
    types::{Member, Ty, View},
};

impl Making {
    /// A record, a map or something unknown as a record.
    pub(super) fn record(&mut self, ty: &Ty, target: &Arc<Record>) -> Made {
        let mut fields = Vec::with_capacity(target.fields().len());
        for field in target.fields() {
            fields.push(self.field(ty, field)?);
        }
        let unlisted = |source: &Record| {
            let own = source.fields().iter().enumerate();
            own.filter(|(_, field)| target.field(&field.name).is_none())
                .map(|(at, field)| (at, field.clone()))
                .collect()
        };
        let beyond: Vec<(usize, Field)> =
            if let View::Record(source) = ty.view() { unlisted(&source) } else { Vec::new() };
        if let Some(rest) = &target.rest {
            for (position, field) in beyond {
                fields.push(self.entry(&field, position, rest)?);
            }
        }
        let rest = match others(ty).zip(target.rest.as_ref()) {
            Some((source, rest)) => self.of(&source, rest)?,
            None => Convert::Keep,
        };
        Ok(keyed(ty, of_fields(fields, rest)))
    }

    /// A field of the target.
    fn field(&mut self, ty: &Ty, field: &Field) -> Result<FieldConvert, Box<Misfit>> {
        let (source, is_absent, position) = match ty.member(&field.name) {
            Member::Listed { shape, may_be_absent, position } => {
                (Some(Ty::Data(shape)), may_be_absent, position)
            }
            Member::Unlisted(ty) => (Some(ty), true, 0),
            Member::Unknown => (Some(Ty::DYN), false, 0),
            Member::Missing(_) | Member::NoFields => (None, true, 0),
        };
        let drop_null = !field.required
            && !field.shape.allows_null()
            && source.as_ref().is_some_and(|ty| ty.may_be_null() || ty.is_dyn());
        let convert = match source {
            Some(source) => self.of(&source, &field.shape)?,
            None => Convert::Keep,
        };
        Ok(FieldConvert {
            key: Key::String(Str::clone(&field.name)),
            position,
            convert,
            default: field.stand_in().filter(|_| is_absent || drop_null).cloned(),
            drop_null,
        })
    }

    /// A field of the source that the target does not list.
    fn entry(&mut self, field: &Field, position: usize, shape: &Shape) -> Result<FieldConvert, Box<Misfit>> {
        let convert = self.of(&Ty::Data(field.shape.clone()), shape)?;
        let key = Key::String(Str::clone(&field.name));
        Ok(FieldConvert { key, position, convert, default: None, drop_null: false })
    }

    /// A record or map as a map.
    pub(super) fn map(&mut self, ty: &Ty, target: &Arc<MapOf>) -> Made {
        let rest = match others(ty) {
            Some(others) => self.of(&others, &target.value)?,
            None => Convert::Keep,
        };
        let View::Record(source) = ty.view() else {
            let made = rest.values();
            return Ok(if target.key == KeyKind::Text { keyed(ty, made) } else { made });
        };
        let fields = source.fields().iter().enumerate();
        let fields: Result<Vec<_>, _> =
            fields.map(|(position, field)| self.entry(field, position, &target.value)).collect();
        Ok(of_fields(fields?, rest))
    }
}

fn of_fields(fields: Vec<FieldConvert>, rest: Convert) -> Convert {
    if rest == Convert::Keep && fields.iter().all(FieldConvert::is_plain) {
        return Convert::Keep;
    }
    Convert::Fields(Arc::new(FieldConverts { fields, rest }))
}

/// A conversion that looks at the keys first, where they may be something else than text.
fn keyed(ty: &Ty, convert: Convert) -> Convert {
    match ty.view() {
        View::Map(key, _) if key.is_dyn() => Convert::TextKeys(Box::new(convert)),
        _ => convert,
    }
}

/// What a value may hold besides listed fields; `None` where it holds nothing else.
fn others(ty: &Ty) -> Option<Ty> {
    match ty.view() {
        View::Dyn => Some(Ty::DYN),
        View::Record(record) => record.rest.clone().map(Ty::Data),
        View::Map(_, value) => Some(value),
        _ => None,
    }
    .filter(|ty| !matches!(ty.view(), View::Nothing))
}
