//! Records and maps, field by field.

use std::sync::Arc;

use tenon_errors::{catalogue::expression::UNKNOWN_TARGET_FIELD, nearest};
use tenon_model::{
    Field, Key, Record, Str,
    shape::{KeyKind, Length, MapOf},
};

use super::{
    Comparison, Fit, Fitting, Misfit, Proof, accepts_null, can_be_left_out,
    convert::{Convert, FieldConvert, FieldConverts},
    scalar,
};
use crate::types::{Member, Ty, View};

impl Comparison {
    /// A record, a map or something unknown as a record.
    pub(super) fn fit_record(&mut self, ty: &Ty, target: &Arc<Record>, depth: usize) -> Fitting {
        check_keys(ty)?;
        let mut parts = Parts { unknown: ty.is_dyn(), ..Parts::default() };
        for field in target.fields() {
            match self.field(ty, field, depth) {
                Ok((convert, proof)) => parts.push(convert, proof),
                Err(more) => parts.misfits.extend(more),
            }
        }
        if let View::Record(source) = ty.view() {
            for (position, field) in source.fields().iter().enumerate() {
                if target.field(&field.name).is_none() {
                    self.beyond(field, position, target, depth, &mut parts);
                }
            }
        }
        let rest = match others(ty) {
            Some(source) => self.others(&source, target, depth, &mut parts),
            None => Convert::Keep,
        };
        parts.count(ty, target);
        // Which fields of a choice are there, only a value can show.
        if !target.choices.is_empty() {
            parts.proof = Proof::Open;
        }
        Ok(parts.finish(rest)?.map(|convert| keyed(ty, convert)))
    }

    /// A field of the target.
    fn field(&mut self, ty: &Ty, field: &Field, depth: usize) -> Result<(FieldConvert, Proof), Vec<Misfit>> {
        let step = format!(".{}", field.name);
        let can_lack = can_be_left_out(field);
        let (source, absent, position) = match ty.member(&field.name) {
            Member::Listed { shape, may_be_absent, position } => {
                (Some(Ty::Data(shape)), may_be_absent, position)
            }
            Member::Unlisted(ty) => (Some(ty), true, 0),
            Member::Unknown => (Some(Ty::DYN), false, 0),
            Member::Missing(_) | Member::NoFields => (None, true, 0),
        };
        if absent && !can_lack {
            let message = if source.is_some() {
                "may be absent, and the target requires it"
            } else {
                "is missing, and the target requires it"
            };
            return Err(vec![Misfit::new(message, "set the fields one by one").under(&step)]);
        }
        let drop_null = can_lack && !accepts_null(&field.shape);
        let drops = drop_null && source.as_ref().is_some_and(|ty| ty.may_be_null() || ty.is_dyn());
        let fit = match source {
            Some(source) if drops => self.nested(&source.non_null(), &field.shape, &step, depth)?,
            Some(source) => self.nested(&source, &field.shape, &step, depth)?,
            None => Fit::proven(Convert::Keep),
        };
        let convert = FieldConvert {
            key: Key::String(Str::clone(&field.name)),
            position,
            convert: fit.convert,
            default: field.stand_in().filter(|_| absent || drops).cloned(),
            drop_null: drops,
        };
        Ok((convert, fit.proof))
    }

    /// A field of the source that the target does not list.
    fn beyond(
        &mut self,
        field: &Field,
        position: usize,
        target: &Arc<Record>,
        depth: usize,
        parts: &mut Parts,
    ) {
        let Some(rest) = &target.rest else { return parts.misfits.push(unknown(field, target)) };
        match self.nested(&Ty::Data(field.shape.clone()), rest, &format!(".{}", field.name), depth) {
            Ok(fit) => {
                let key = Key::String(Str::clone(&field.name));
                let convert =
                    FieldConvert { key, position, convert: fit.convert, default: None, drop_null: false };
                parts.push(convert, fit.proof);
            }
            Err(more) => parts.misfits.extend(more),
        }
    }

    /// What the source may have besides its listed fields.
    fn others(&mut self, source: &Ty, target: &Arc<Record>, depth: usize, parts: &mut Parts) -> Convert {
        match &target.rest {
            Some(rest) => match self.nested(source, rest, ".*", depth) {
                Ok(fit) => {
                    parts.proof = parts.proof.min(fit.proof);
                    fit.convert
                }
                Err(more) => {
                    parts.misfits.extend(more);
                    Convert::Keep
                }
            },
            // Of what nothing is known, only a value can show what it has.
            None if parts.unknown => {
                parts.proof = Proof::Open;
                Convert::Keep
            }
            None => {
                let message = "may have fields that are not listed, and the target allows none";
                let hint = "set the fields one by one, or let the target have other fields too";
                parts.misfits.push(Misfit { code: &UNKNOWN_TARGET_FIELD, ..Misfit::new(message, hint) });
                Convert::Keep
            }
        }
    }

    /// A map as a map whose keys are not text.
    fn fit_keys(&mut self, ty: &Ty, key: &Ty, target: &MapOf, depth: usize) -> Fitting {
        let proof = scalar::length("a map", "entries", ty.length(), target.length)?;
        let keys = match (key.view(), target.key) {
            (View::Bool, KeyKind::Bool) | (View::Int, KeyKind::Int) | (View::Uint, KeyKind::Uint) => {
                Proof::Proven
            }
            (View::Nothing, _) => Proof::Proven,
            (View::Dyn, _) => Proof::Open,
            _ => {
                let of = |name: &str| format!("a map with keys of {name}");
                let misfit =
                    Misfit::new(format!("is {}", of(&key.name())), "convert the keys where the map is made");
                return Err(vec![misfit.beside(of(target.key.name()))]);
            }
        };
        let Some(value) = others(ty) else { return Ok(Fit::proven(Convert::Keep)) };
        let fit = self.nested(&value, &target.value, "[]", depth)?.map(Convert::values);
        Ok(fit.at_most(proof).at_most(keys))
    }

    /// A record or map as a map.
    pub(super) fn fit_map(&mut self, ty: &Ty, target: &Arc<MapOf>, depth: usize) -> Fitting {
        let View::Record(source) = ty.view() else {
            if let View::Map(key, _) = ty.view()
                && target.key != KeyKind::Text
            {
                return self.fit_keys(ty, &key, target, depth);
            }
            let proof = scalar::length("a map", "entries", ty.length(), target.length)?;
            let Some(value) = others(ty) else { return Ok(Fit::proven(Convert::Keep)) };
            check_keys(ty)?;
            let fit = self.nested(&value, &target.value, "[]", depth)?.map(Convert::values);
            return Ok(fit.at_most(proof).map(|convert| keyed(ty, convert)));
        };
        if target.key != KeyKind::Text && !source.fields().is_empty() {
            let misfit = Misfit::new("has fields, whose names are text", "write it as a map: `{1: x}`");
            return Err(vec![misfit.beside(format!("a map with keys of {}", target.key.name()))]);
        }
        let mut parts = Parts::default();
        for (position, field) in source.fields().iter().enumerate() {
            match self.nested(
                &Ty::Data(field.shape.clone()),
                &target.value,
                &format!(".{}", field.name),
                depth,
            ) {
                Ok(fit) => {
                    let key = Key::String(Str::clone(&field.name));
                    let convert =
                        FieldConvert { key, position, convert: fit.convert, default: None, drop_null: false };
                    parts.push(convert, fit.proof);
                }
                Err(more) => parts.misfits.extend(more),
            }
        }
        let mut rest = Convert::Keep;
        if let Some(others) = others(ty) {
            match self.nested(&others, &target.value, ".*", depth) {
                Ok(fit) => {
                    parts.proof = parts.proof.min(fit.proof);
                    rest = fit.convert;
                }
                Err(more) => parts.misfits.extend(more),
            }
        }
        parts.hold(scalar::length("a record", "fields", size(ty, &source), target.length));
        parts.finish(rest)
    }
}

/// The parts of a record as they are found.
struct Parts {
    fields: Vec<FieldConvert>,
    misfits: Vec<Misfit>,
    proof: Proof,
    /// Whether nothing is known of the source.
    unknown: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self { fields: Vec::new(), misfits: Vec::new(), proof: Proof::Proven, unknown: false }
    }
}

impl Parts {
    fn push(&mut self, convert: FieldConvert, proof: Proof) {
        self.fields.push(convert);
        self.proof = self.proof.min(proof);
    }

    fn hold(&mut self, held: Result<Proof, Vec<Misfit>>) {
        match held {
            Ok(proof) => self.proof = self.proof.min(proof),
            Err(more) => self.misfits.extend(more),
        }
    }

    /// Whether the record has as many fields as the target asks for, and what the target says about the others by their names.
    fn count(&mut self, ty: &Ty, target: &Record) {
        if target.names.is_some() {
            // Only the names can show.
            self.proof = Proof::Open;
        }
        let filled = self.fields.iter().any(|field| field.default.is_some() || field.drop_null);
        let held = match ty.view() {
            _ if target.length == Length::default() => return,
            View::Record(source) if !filled => {
                let source = size(ty, &source);
                let always = [source.min, source.max].map(|count| count.unwrap_or(u64::MAX));
                let never = source.max.zip(target.length.min).is_some_and(|(most, min)| most < min)
                    || source.min.zip(target.length.max).is_some_and(|(least, max)| least > max);
                match always.iter().all(|count| scalar::inside(*count, target.length)) {
                    false if !never => Ok(Proof::Open),
                    _ => scalar::length("a record", "fields", source, target.length),
                }
            }
            // What nothing is known of, and what fields are filled in or left out of on the way.
            _ => Ok(Proof::Open),
        };
        self.hold(held);
    }

    fn finish(self, rest: Convert) -> Fitting {
        if !self.misfits.is_empty() {
            return Err(self.misfits);
        }
        let plain = rest == Convert::Keep && self.fields.iter().all(FieldConvert::is_plain);
        let convert = if plain {
            Convert::Keep
        } else {
            Convert::Fields(Arc::new(FieldConverts { fields: self.fields, rest }))
        };
        Ok(Fit { convert, proof: self.proof })
    }
}

/// How many fields a record has: as many as are required, at most those that are listed, and what its contract says.
fn size(ty: &Ty, record: &Record) -> Length {
    let required = record.fields().iter().filter(|field| !field.may_be_absent()).count() as u64;
    let listed = others(ty).is_none().then_some(record.fields().len() as u64);
    Length {
        min: Some(record.length.min.map_or(required, |min| min.max(required))),
        max: listed.into_iter().chain(record.length.max).min(),
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

/// Contracts describe maps with keys of text only.
fn check_keys(ty: &Ty) -> Result<(), Vec<Misfit>> {
    match ty.view() {
        View::Map(key, _) if !matches!(key.view(), View::Text | View::Dyn | View::Nothing) => {
            let message = format!("is a map with keys of {}", key.name());
            let misfit = Misfit::new(message, "write the keys as text: `string(key)`");
            Err(vec![misfit.beside("a map with keys of text")])
        }
        _ => Ok(()),
    }
}

/// A conversion that looks at the keys first, where they may be something else than text.
fn keyed(ty: &Ty, convert: Convert) -> Convert {
    match ty.view() {
        View::Map(key, _) if key.is_dyn() => Convert::TextKeys(Box::new(convert)),
        _ => convert,
    }
}

fn unknown(field: &Field, target: &Arc<Record>) -> Misfit {
    let names = target.fields().iter().map(|field| field.name.as_str());
    let hint = match nearest(&field.name, names) {
        Some(near) => format!("the target has `{near}`: set the fields one by one"),
        None => "set the fields one by one".to_owned(),
    };
    let message = "is a field that the target does not have";
    Misfit { code: &UNKNOWN_TARGET_FIELD, ..Misfit::new(message, hint) }.under(&format!(".{}", field.name))
}
