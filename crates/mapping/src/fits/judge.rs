//! How a type stands to a shape: what contracts can describe is for [`relate`] to judge, and what only expressions have for this
//! file.

use tenon_model::{
    Field, Kind, Record, Shape,
    relate::{Relating, Standing, relate},
    shape::{KeyKind, Length, List, MapOf, Union},
};

use super::{Misfit, a, words::Misfits};
use crate::types::{Ty, View};

/// Judges one type; what it finds is told with the steps that lead to it.
pub(super) struct Judge<'m> {
    misfits: &'m mut Misfits,
}

impl<'m> Judge<'m> {
    pub(super) fn new(misfits: &'m mut Misfits) -> Self {
        Self { misfits }
    }

    /// How values of `ty` stand to `shape`.
    pub(super) fn judge(&mut self, ty: &Ty, shape: &Shape) -> Standing {
        match ty {
            Ty::Data(source) => relate(source, shape, Relating::FIT, self.misfits),
            Ty::Uint => relate(&Shape::INT, shape, Relating::FIT, self.misfits),
            Ty::Null | Ty::Nothing => Standing::Within,
            _ => self.beyond_data(ty, &shape.resolved()),
        }
    }

    fn beyond_data(&mut self, ty: &Ty, target: &Shape) -> Standing {
        match (ty.view(), &target.kind) {
            (_, Kind::Any) => Standing::Within,
            (_, Kind::Named(_)) => Standing::Open,
            (_, Kind::Union(union)) => self.union_target(ty, union, target),
            (View::List(item), Kind::List(list)) => self.list(&item, list),
            (View::Map(key, value), Kind::Map(map)) => self.map(&key, &value, map),
            (View::Map(key, value), Kind::Record(record)) => self.record(&key, &value, record),
            _ => self.refuse(Misfit::kind(ty, target)),
        }
    }

    fn refuse(&mut self, misfit: Misfit) -> Standing {
        self.misfits.push(misfit);
        Standing::Refused
    }

    fn union_target(&mut self, ty: &Ty, union: &Union, target: &Shape) -> Standing {
        let standings = union.variants.iter().map(|(_, variant)| super::standing(ty, variant));
        match standings.max().unwrap_or(Standing::Apart) {
            Standing::Apart | Standing::Refused => self.refuse(Misfit::kind(ty, target)),
            standing => standing,
        }
    }

    fn list(&mut self, item: &Ty, list: &List) -> Standing {
        let is_bounded = list.length != Length::default() || list.unique;
        self.nested("[]", item, &list.item).min(open_if(is_bounded))
    }

    fn map(&mut self, key: &Ty, value: &Ty, map: &MapOf) -> Standing {
        let keys = match (key.view(), map.key) {
            (View::Text, KeyKind::Text)
            | (View::Bool, KeyKind::Bool)
            | (View::Int, KeyKind::Int)
            | (View::Uint, KeyKind::Uint)
            | (View::Nothing, _) => Standing::Within,
            (View::Dyn, _) => Standing::Open,
            _ => self.refuse(Misfit::keys(&key.name(), map.key)),
        };
        self.nested(".*", value, &map.value).min(keys).min(open_if(map.length != Length::default()))
    }

    fn record(&mut self, key: &Ty, value: &Ty, record: &Record) -> Standing {
        if !matches!(key.view(), View::Text | View::Dyn | View::Nothing) {
            return self.refuse(Misfit::keys(&key.name(), KeyKind::Text));
        }
        let mut standing = Standing::Open;
        for field in record.fields() {
            standing = standing.min(self.field(value, field));
        }
        match &record.rest {
            Some(rest) => standing.min(self.nested(".*", value, rest)),
            None => self.refuse(Misfit::closed()),
        }
    }

    /// A field that a map may have.
    fn field(&mut self, value: &Ty, field: &Field) -> Standing {
        let step = format!(".{}", field.name);
        if field.required {
            return self.refuse(Misfit::absent().under(&step));
        }
        // Null is left out where the target does not take it.
        self.part(&step, value, &field.shape)
    }

    /// A part of a value, where null counts as well.
    fn nested(&mut self, step: &str, ty: &Ty, shape: &Shape) -> Standing {
        if ty.may_be_null() && !shape.allows_null() {
            return self.refuse(Misfit::null().beside(a(&shape.name())).under(step));
        }
        self.part(step, ty, shape)
    }

    fn part(&mut self, step: &str, ty: &Ty, shape: &Shape) -> Standing {
        let before = self.misfits.found.len();
        let standing = self.judge(ty, shape);
        self.misfits.enter(before, step);
        standing
    }
}

fn open_if(is_open: bool) -> Standing {
    if is_open { Standing::Open } else { Standing::Within }
}
