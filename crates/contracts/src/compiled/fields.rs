//! Which alternatives an object can be by the names of its fields: of many, only those are tried.

use std::collections::HashMap;

use tenon_model::Str;

use super::{Check, Compiled, FieldCheck, NodeId, RecordCheck};

/// So few alternatives are simply tried.
pub(crate) const FEW: usize = 8;

/// The alternatives of a union by the fields of their records.
#[derive(Debug, Clone)]
pub(crate) struct ByFields {
    /// The positions of the records that allow no fields but those that they list, by each of these.
    listing: HashMap<Str, Vec<usize>>,
    /// The positions of the other records that need fields, by the rarest of these.
    needing: HashMap<Str, Vec<usize>>,
    /// The positions of all others.
    others: Vec<usize>,
    /// How many fields each needs.
    needed: Vec<usize>,
}

impl Compiled {
    /// Prepares unions of many alternatives.
    pub(super) fn sort_alternatives(&mut self) {
        for id in 0..self.nodes.len() {
            let Check::Union(union) = &self.nodes[id].check else { continue };
            if union.tag.is_some() || union.variants.len() <= FEW {
                continue;
            }
            let by_fields = ByFields::of(self, &union.variants);
            if let Check::Union(union) = &mut self.nodes[id].check {
                union.by_fields = Some(by_fields.into());
            }
        }
    }
}

/// The record that allows no fields but those that it lists.
fn closed(check: &Check) -> Option<&RecordCheck> {
    match check {
        Check::Record(record) if record.rest.is_none() && record.names.is_none() => Some(record),
        _ => None,
    }
}

/// The names of the fields that a record needs.
fn needed(check: &Check) -> impl Iterator<Item = &str> {
    let fields = if let Check::Record(record) = check { &record.fields[..] } else { &[] };
    fields.iter().filter(|field| field.listed.is_demanded()).map(FieldCheck::name)
}

impl ByFields {
    fn of(compiled: &Compiled, variants: &[(Str, NodeId)]) -> Self {
        let mut by_fields = Self {
            listing: HashMap::new(),
            needing: HashMap::new(),
            others: Vec::new(),
            needed: vec![0; variants.len()],
        };
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let all = variants.iter().flat_map(|(_, id)| needed(&compiled.node(*id).check));
        all.for_each(|name| *counts.entry(name).or_default() += 1);
        for (position, (_, id)) in variants.iter().enumerate() {
            let check = &compiled.node(*id).check;
            by_fields.needed[position] = needed(check).count();
            let rarest = needed(check).min_by_key(|name| counts[name]);
            match (closed(check), rarest) {
                (Some(record), _) => {
                    for field in &record.fields {
                        by_fields.listing.entry(field.name().into()).or_default().push(position);
                    }
                }
                (None, Some(name)) => by_fields.needing.entry(name.into()).or_default().push(position),
                (None, None) => by_fields.others.push(position),
            }
        }
        by_fields
    }

    fn listing(&self, name: &str) -> &[usize] {
        self.listing.get(name).map_or(&[], Vec::as_slice)
    }

    /// The positions of those of `variants` that an object can be which has these fields, each named once; in order.
    pub(crate) fn allowed(
        &self,
        compiled: &Compiled,
        variants: &[(Str, NodeId)],
        names: &[&str],
    ) -> Vec<usize> {
        // What lists every field is among those that list the rarest.
        let rarest = names.iter().map(|name| self.listing(name)).min_by_key(|all| all.len());
        let mut allowed: Vec<usize> = match rarest {
            Some(all) => {
                let needing = names.iter().filter_map(|name| self.needing.get(*name)).flatten();
                all.iter().chain(needing).chain(&self.others).copied().collect()
            }
            None => (0..variants.len()).collect(),
        };
        allowed.retain(|position| self.allows(compiled, variants[*position].1, *position, names));
        allowed.sort_unstable();
        allowed
    }

    /// The positions of those of `count` variants that have most of these fields, without those that are `allowed`.
    pub(crate) fn nearest(&self, count: usize, allowed: &[usize], names: &[&str]) -> Vec<usize> {
        let mut shared = vec![0usize; count];
        let needing = names.iter().filter_map(|name| self.needing.get(*name)).flatten();
        let all = names.iter().flat_map(|name| self.listing(name)).chain(needing);
        all.for_each(|position| shared[*position] += 1);
        let mut nearest: Vec<usize> =
            (0..count).filter(|position| allowed.binary_search(position).is_err()).collect();
        nearest.sort_by_key(|position| std::cmp::Reverse(shared[*position]));
        nearest
    }

    fn allows(&self, compiled: &Compiled, id: NodeId, position: usize, names: &[&str]) -> bool {
        let Check::Record(record) = &compiled.node(id).check else { return true };
        let is_closed = closed(&compiled.node(id).check).is_some();
        let mut there = 0;
        for name in names {
            match record.position(usize::MAX, name) {
                Some(at) => there += usize::from(record.fields[at].listed.is_demanded()),
                None if is_closed => return false,
                None => {}
            }
        }
        there == self.needed[position]
    }
}
