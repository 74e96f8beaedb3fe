//! Alternatives: as the source, each of them counts; as the target, one has to take the whole.

use std::{collections::HashSet, rc::Rc, sync::Arc};

use super::{
    Difference, Form, Standing, Step,
    likeness::{FEW, Likeness, print},
    walk::Walk,
};
use crate::{Field, Kind, Shape, Value, shape::Union};

impl Walk<'_> {
    pub(super) fn union_source(&mut self, union: &Arc<Union>, target: &Shape) -> Standing {
        let mut standings = Vec::with_capacity(union.variants.len());
        let is_told = self.tells() && matches!(target.kind, Kind::Union(_));
        let prints = union.variants.iter().filter(|_| is_told).map(|(_, variant)| print(variant));
        let beside: Rc<HashSet<u64>> = Rc::new(prints.collect());
        for (at, (_, variant)) in union.variants.iter().enumerate() {
            self.beside = Rc::clone(&beside);
            // Null was compared for the whole.
            let standing = self.enter(Step::Variant(at), variant, target, false);
            self.beside = Rc::default();
            if self.seeks_apart() && standing != Standing::Apart {
                return Standing::Refused;
            }
            standings.push(standing);
        }
        together(standings)
    }

    /// One that is no union: some alternative has to take all of it.
    pub(super) fn union_target(&mut self, source: &Shape, union: &Arc<Union>) -> Standing {
        // Whatever is inside of it has others beside it.
        let beside = std::mem::take(&mut self.beside);
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
        // What was told of a pair elsewhere is not told again.
        if union.tag.is_none()
            && self.tells()
            && self.is_of(Form::Text)
            && let Some(at) = self.likeness(union).counterpart(source, &beside)
        {
            self.compare(source, &union.variants[at].1, false);
            return standing;
        }
        self.differ(&Difference::Alternatives(union.variants.len()), standing)
    }

    fn any_of(&mut self, source: &Shape, union: &Arc<Union>) -> Standing {
        if self.seeks_apart() || union.variants.len() <= FEW {
            let mut best = Standing::Apart;
            for (_, variant) in &union.variants {
                // Null was compared for the whole.
                best = best.max(self.attempt(source, variant, false));
                if best == Standing::Within || self.seeks_apart() && best > Standing::Apart {
                    break;
                }
            }
            return best;
        }
        self.likely_of(source, union)
    }

    /// Of many alternatives those are tried first that are likely, and those not at all that plainly do not take the source.
    fn likely_of(&mut self, source: &Shape, union: &Arc<Union>) -> Standing {
        let likeness = self.likeness(union);
        let same = likeness.same(source);
        let mut best = Standing::Refused;
        for at in same {
            best = best.max(self.hasty_attempt(source, &union.variants[*at].1));
            if best == Standing::Within {
                return best;
            }
        }
        for at in likeness.in_order(source).into_iter().filter(|at| !same.contains(at)) {
            let variant = &union.variants[at].1;
            if !self.is_hopeless(source, variant) {
                best = best.max(self.hasty_attempt(source, variant));
            }
            if best == Standing::Within {
                break;
            }
        }
        best
    }

    /// Whether it is plain to see that the target does not take all of the source: it needs a field that may not be there, or does
    /// not allow one that is.
    fn is_hopeless(&self, source: &Shape, target: &Shape) -> bool {
        let (Some(source), Some(target)) = (source.as_record(), target.as_record()) else { return false };
        let may_lack = |field: &Field| match source.field(&field.name) {
            Some((_, own)) => self.may_be_absent(own),
            None => true,
        };
        let is_refused =
            |field: &Field| field.required && target.field(&field.name).is_none() && !field.shape.is_never();
        let is_closed = target.rest.is_none() && target.names.is_none();
        target.fields().iter().any(|field| field.required && may_lack(field))
            || is_closed && source.fields().iter().any(is_refused)
    }

    /// How a source stands to one of many: not beyond what keeps it from being within.
    fn hasty_attempt(&mut self, source: &Shape, target: &Shape) -> Standing {
        let outer = std::mem::replace(&mut self.is_hasty, true);
        let standing = self.attempt(source, target, false);
        self.is_hasty = outer;
        standing
    }

    fn likeness(&mut self, union: &Arc<Union>) -> Rc<Likeness> {
        let known = self.unions.entry(Arc::as_ptr(union).addr());
        Rc::clone(known.or_insert_with(|| Rc::new(Likeness::of(union))))
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
            standing = standing.min(self.compare(source, variant, false));
        }
        if names.is_empty() { Err(standing) } else { Ok(standing) }
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
