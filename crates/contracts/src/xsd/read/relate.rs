//! Which elements may stand for which, and which types for which, when all are read (XML Schema Part 1, sections 3.3.6 and 3.4.6).

use std::collections::HashMap;

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};

use super::Reader;
use crate::xsd::{
    model::{ComplexId, ElementId, Type},
    ways::Ways,
};

impl Reader<'_> {
    /// Finds which elements stand for which, and which types are derived from which.
    pub(super) fn relate(&mut self) {
        let heads = std::mem::take(&mut self.heads);
        let mut parent = HashMap::new();
        for (member, head) in heads {
            let Some(head) = self.global_element(head) else { continue };
            self.check_affiliation(member, head);
            parent.insert(member, head);
        }
        let mut members: Vec<ElementId> = parent.keys().copied().collect();
        members.sort_unstable();
        for member in members {
            let (mut at, mut steps) = (member, 0);
            let size = match self.model.elements[member].of {
                Type::Complex(id) => self.model.complex[id].size(),
                _ => 0,
            };
            while let Some(head) = parent.get(&at).filter(|_| steps <= self.model.elements.len()) {
                let place = self.model.elements[member].place.clone();
                if !self.inherit(1 + size, &place) {
                    return;
                }
                let is_allowed = self.may_stand_for(member, *head);
                let is_abstract = |id: ElementId| self.model.elements[id].is_abstract;
                let (is_head_abstract, is_member_abstract) = (is_abstract(*head), is_abstract(member));
                let all = self
                    .model
                    .substitutes
                    .entry(*head)
                    .or_insert_with(|| if is_head_abstract { Vec::new() } else { vec![*head] });
                // The member is listed behind all others, or it is its own head.
                let is_listed = all.last() == Some(&member) || all.first() == Some(&member);
                if is_allowed && !is_member_abstract && !is_listed {
                    all.push(member);
                }
                (at, steps) = (*head, steps + 1);
            }
        }
        let named: Vec<ComplexId> =
            (0..self.model.complex.len()).filter(|id| self.model.complex[*id].name.is_some()).collect();
        named.into_iter().for_each(|id| self.relate_type(id));
    }

    /// Lists a type among those that may stand for the types that it is derived from.
    fn relate_type(&mut self, id: ComplexId) {
        if self.model.complex[id].is_abstract {
            self.model.derived.entry(id).or_default();
            return;
        }
        let (mut at, mut ways) = (Some(id), Ways::NONE);
        let (size, place) = (self.model.complex[id].size(), self.model.complex[id].place.clone());
        for _ in 0..=self.model.complex.len() {
            let Some(base) = at.filter(|_| self.inherit(1 + size, &place)) else { break };
            let of_base = &self.model.complex[base];
            if of_base.name.is_some() && !of_base.block.meets(ways) {
                self.model.derived.entry(base).or_default().push(id);
            }
            ways = ways | of_base.way;
            at = of_base.base;
        }
    }

    /// The type of a member is that of its head, or derived from it in a way that the head allows.
    fn check_affiliation(&mut self, member: ElementId, head: ElementId) {
        let (of, wanted) = (&self.model.elements[member], &self.model.elements[head]);
        let message = match self.model.ways_between(&of.of, &wanted.of) {
            None => {
                format!("the type of `{}` is not derived from that of `{}`", of.name.local, wanted.name.local)
            }
            Some(ways) if ways.meets(wanted.finals) => {
                format!(
                    "`{}` is final, and `{}` has a type that it excludes",
                    wanted.name.local, of.name.local
                )
            }
            Some(_) => return,
        };
        let report = Report::new(&BAD_CONTRACT, message).at(of.place.clone());
        self.push(report.hint("give it another type, or no `substitutionGroup`"));
    }

    /// Whether no `block` keeps `member` from standing for `head`.
    fn may_stand_for(&self, member: ElementId, head: ElementId) -> bool {
        let model = &self.model;
        let head = &model.elements[head];
        let of = &model.elements[member].of;
        if head.block.meets(Ways::SUBSTITUTION) {
            return false;
        }
        let mut blocked = head.block;
        // The type of the head and those between it and the member's have a say as well.
        if let (Type::Complex(of), Type::Complex(top)) = (of, &head.of) {
            let mut at = *of;
            for _ in 0..model.complex.len() {
                if at != *of {
                    blocked = blocked | model.complex[at].block;
                }
                match model.complex[at].base.filter(|_| at != *top) {
                    Some(base) => at = base,
                    None => break,
                }
            }
        }
        model.ways_between(of, &head.of).is_some_and(|ways| !ways.meets(blocked))
    }
}
