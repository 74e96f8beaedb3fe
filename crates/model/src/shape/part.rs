//! What tells a part of a shape from an equal one, so that whoever walks through shapes sees each part once.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{Kind, Record, Refinement, Shape};
use crate::types::{Identity, Named};

/// A part of a shape that is shared or may be met again: two are equal if they are the same part, not if they say the same.
/// It keeps the part alive, so that no other takes its place.
#[derive(Debug, Clone)]
pub struct Part(Kind, Option<Refinement>);

impl Part {
    /// The part that `shape` is at its top; `None` for a scalar, which costs less to look at than to remember.
    #[must_use]
    pub fn of(shape: &Shape) -> Option<Self> {
        match shape.kind {
            Kind::Named(_) | Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Union(_) => {
                Some(Self(shape.kind.clone(), shape.refinement.clone()))
            }
            _ => None,
        }
    }

    fn address(&self) -> (Identity, usize) {
        (self.kind(), self.1.as_ref().map_or(0, Refinement::address))
    }

    fn kind(&self) -> Identity {
        let address = match &self.0 {
            Kind::Named(named) => return named.identity(),
            Kind::List(list) => Arc::as_ptr(list).addr(),
            Kind::Map(map) => Arc::as_ptr(map).addr(),
            Kind::Record(record) => Arc::as_ptr(record).addr(),
            Kind::Union(union) => Arc::as_ptr(union).addr(),
            _ => 0,
        };
        (address, u32::MAX)
    }
}

impl From<&Arc<Record>> for Part {
    fn from(record: &Arc<Record>) -> Self {
        Self(Kind::Record(Arc::clone(record)), None)
    }
}

impl From<&Named> for Part {
    fn from(named: &Named) -> Self {
        Self(Kind::Named(named.clone()), None)
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl Eq for Part {}

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}
