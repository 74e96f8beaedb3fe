//! What is known of a field of a value.

use std::sync::Arc;

use tenon_model::{Field, Record, Shape, Str, shape::Union};

use super::{Ty, View, joined};

/// What is known of the field `name` of a value of type `ty`.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// A contract lists it.
    Listed {
        shape: Shape,
        may_be_absent: bool,
        /// Where records of this contract usually hold it.
        position: usize,
    },
    /// The contract is open, so there may be such a field.
    Unlisted(Ty),
    /// The contract is closed and has no such field; the names that it has.
    Missing(Vec<Str>),
    /// Nothing is known.
    Unknown,
    /// It has no fields at all.
    NoFields,
}

impl Ty {
    /// What is known of the field `name`.
    pub(crate) fn member(&self, name: &str) -> Member {
        match self.view() {
            View::Dyn | View::Nothing => Member::Unknown,
            View::Record(record) => of_record(&record, name),
            View::Map(key, value) => match key.view() {
                View::Text | View::Dyn => Member::Unlisted(value),
                _ => Member::NoFields,
            },
            View::Union(union) => of_union(&union, name),
            _ => Member::NoFields,
        }
    }
}

fn of_record(record: &Arc<Record>, name: &str) -> Member {
    if let Some((position, field)) = record.field(name) {
        let may_be_absent = Field::may_be_absent(field);
        return Member::Listed { shape: field.shape.clone(), may_be_absent, position };
    }
    match &record.rest {
        Some(rest) => Member::Unlisted(Ty::Data(rest.clone())),
        None => Member::Missing(record.fields().iter().map(|field| field.name.clone()).collect()),
    }
}

/// A field of a union is what its variants say together; it may be absent where one of them lacks it.
fn of_union(union: &Arc<Union>, name: &str) -> Member {
    let mut names = Vec::new();
    let mut found: Option<Ty> = None;
    let (mut sometimes, mut listed, mut has_fields) = (false, false, false);
    for (_, variant) in &union.variants {
        let ty = match Ty::Data(variant.clone()).member(name) {
            Member::Listed { shape, may_be_absent, .. } => {
                sometimes |= may_be_absent;
                listed = true;
                Ty::Data(shape)
            }
            Member::Unlisted(ty) => {
                sometimes = true;
                ty
            }
            Member::Missing(others) => {
                (sometimes, has_fields) = (true, true);
                names.extend(others);
                continue;
            }
            Member::NoFields => {
                sometimes = true;
                continue;
            }
            Member::Unknown => return Member::Unknown,
        };
        found = Some(found.map_or(ty.clone(), |before| joined(&before, &ty)));
    }
    match found {
        Some(Ty::Data(shape)) if listed => Member::Listed { shape, may_be_absent: sometimes, position: 0 },
        Some(ty) => Member::Unlisted(ty),
        None if has_fields => Member::Missing(names),
        None => Member::NoFields,
    }
}
