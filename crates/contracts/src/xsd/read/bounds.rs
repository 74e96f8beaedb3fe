//! How large a schema may be, with its groups followed and with what types have from others.

use tenon_errors::{Place, Report, catalogue::contract::BAD_CONTRACT};

use super::Reader;
use crate::{
    xml::Element as Node,
    xsd::model::{Content, Term},
};

/// The most parts that a schema has with all its groups followed.
const MAX_PARTS: usize = 100_000;
/// The most groups or parts inside each other.
const MAX_DEPTH: usize = 128;
/// The most parts that types have from those that they are derived from, and that elements have once more where they may stand for
/// others.
const MAX_INHERITED: usize = 1_000_000;
/// How many parts an element is that may stand for another: a record with a tag of its own.
const PARTS_OF_SUBSTITUTE: usize = 20;
/// The most types of which each is derived from the one before.
pub(super) const MAX_DERIVED: usize = 200;

impl Reader<'_> {
    /// Counts a part; whether the bounds are kept.
    pub(super) fn count(&mut self, node: &Node) -> bool {
        if self.is_exhausted {
            return false;
        }
        self.parts += 1;
        let is_deep = self.depth > MAX_DEPTH;
        self.is_exhausted = self.parts > MAX_PARTS;
        if is_deep || self.is_exhausted {
            let message =
                format!("the schema is deeper than {MAX_DEPTH} levels or has more than {MAX_PARTS} parts");
            self.bad(node, message, "split the schema");
        }
        !is_deep && !self.is_exhausted
    }

    /// Counts parts that come from elsewhere; whether the bound is kept.
    pub(super) fn inherit(&mut self, parts: usize, place: &Place) -> bool {
        if self.is_exhausted {
            return false;
        }
        self.inherited = self.inherited.saturating_add(parts);
        self.is_exhausted = self.inherited > MAX_INHERITED;
        if self.is_exhausted {
            let message = format!(
                "the types have more than {MAX_INHERITED} parts with those that they are derived from, and that stand for others"
            );
            self.push(Report::new(&BAD_CONTRACT, message).at(place.clone()).hint("split the schema"));
        }
        !self.is_exhausted
    }

    /// Counts what may stand for each element, and at each place of the content models.
    pub(super) fn count_leaves(&mut self) {
        let heads = self.model.substitutes.iter().map(|(head, members)| (*head, members.len()));
        let mut heads: Vec<_> = heads.collect();
        heads.sort_unstable();
        for (head, members) in heads {
            let place = self.model.elements[head].place.clone();
            if !self.inherit(PARTS_OF_SUBSTITUTE.saturating_mul(members), &place) {
                return;
            }
        }
        for id in 0..self.model.complex.len() {
            let complex = &self.model.complex[id];
            let mut count = 0;
            if let Content::Elements(particle) = &complex.content {
                particle.for_each_leaf(&mut |leaf| {
                    if let Term::Element(id, _) = leaf.term {
                        count += self.model.substitutes(id).len();
                    }
                });
            }
            let place = complex.place.clone();
            if !self.inherit(count, &place) {
                return;
            }
        }
    }
}
