//! Alternatives: as the source, each of them counts; as the target, one has to take the whole.

use std::sync::Arc;

use super::{Difference, Form, Standing, Step, walk::Walk};
use crate::{Kind, Shape, Value, shape::Union};

impl Walk<'_> {
    pub(super) fn union_source(&mut self, union: &Arc<Union>, target: &Shape) -> Standing {
        let mut standings = Vec::with_capacity(union.variants.len());
        for (at, (_, variant)) in union.variants.iter().enumerate() {
            // Null was compared for the whole.
            let standing = self.enter(Step::Variant(at), variant, target, false);
            if self.seeks_apart() && standing != Standing::Apart {
                return Standing::Refused;
            }
            standings.push(standing);
        }
        together(standings)
    }

    /// One that is no union: some alternative has to take all of it.
    pub(super) fn union_target(&mut self, source: &Shape, union: &Arc<Union>) -> Standing {
        let standing = match &union.tag {
            Some(tag) if !self.seeks_apart() => match self.named(source, tag, union) {
                Ok(standing) => return standing,
                Err(standing) => standing,
            },
            _ => self.any_of(source, union),
        };
        if standing == Standing::Within {
            return standing;
        }
        self.differ(&Difference::Alternatives(union.variants.len()), standing)
    }

    fn any_of(&mut self, source: &Shape, union: &Union) -> Standing {
        let mut best = Standing::Apart;
        for (_, variant) in &union.variants {
            // Null was compared for the whole.
            best = best.max(self.attempt(source, variant, false));
            if best == Standing::Within || self.seeks_apart() && best > Standing::Apart {
                break;
            }
        }
        best
    }

    /// Each alternative that the field which tells them apart may name has to take the record. As an error, how it stands where
    /// nothing was told.
    fn named(&mut self, source: &Shape, tag: &str, union: &Arc<Union>) -> Result<Standing, Standing> {
        let record = source.as_record().ok_or(Standing::Refused)?;
        let field = record.field(tag).map(|(_, field)| field).filter(|field| field.required);
        let shape = field.map(|field| field.shape.resolved());
        let Some(Kind::Enum(names)) = shape.as_ref().map(|shape| &shape.kind) else {
            return Err(Standing::Refused);
        };
        let of_name =
            |name: &Value| union.variants.iter().find(|(variant, _)| name.as_str() == Some(variant));
        let variants: Option<Vec<_>> = names.iter().map(of_name).collect();
        let mut standing = if names.is_empty() { Standing::Refused } else { Standing::Within };
        for (_, variant) in variants.ok_or(Standing::Refused)? {
            standing = standing.min(match self.how.form {
                Form::Text => self.attempt(source, variant, false),
                Form::Values => self.compare(source, variant, false),
            });
        }
        if self.is_of(Form::Values) && !names.is_empty() { Ok(standing) } else { Err(standing) }
    }
}

/// How a source stands of which these are the alternatives.
pub(super) fn together(standings: Vec<Standing>) -> Standing {
    let is_every = |wanted: Standing| standings.iter().all(|standing| *standing == wanted);
    if is_every(Standing::Within) {
        return Standing::Within;
    }
    if is_every(Standing::Apart) {
        return Standing::Apart;
    }
    standings.into_iter().min().unwrap_or(Standing::Within).max(Standing::Refused)
}
