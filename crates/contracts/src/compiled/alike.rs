//! Which alternatives read the same value from the same JSON, so that the first that fits is as good as any other.

use std::collections::HashSet;

use tenon_model::Value;

use super::{Check, Classes, Compiled, Members, NodeId, RecordCheck};

/// How many pairs of positions are compared; what is not compared is taken to differ, which is right and slower.
const MOST_PAIRS: usize = 50_000;

impl Compiled {
    /// Notes of every union whether its alternatives read alike.
    pub(super) fn compare_alternatives(&mut self) {
        let mut left = MOST_PAIRS;
        for id in 0..self.nodes.len() {
            let Check::Union(union) = &self.nodes[id].check else { continue };
            let variants: Vec<NodeId> = union.variants.iter().map(|(_, variant)| *variant).collect();
            let alike = union.tag.is_some() || self.all_alike(&variants, &mut HashSet::new(), &mut left);
            if let Check::Union(union) = &mut self.nodes[id].check {
                union.alike = alike;
            }
        }
    }

    fn all_alike(&self, nodes: &[NodeId], assumed: &mut HashSet<(NodeId, NodeId)>, left: &mut usize) -> bool {
        let mut pairs =
            nodes.iter().enumerate().flat_map(|(at, a)| nodes[..at].iter().map(move |b| (*a, *b)));
        pairs.all(|(a, b)| self.alike(a, b, assumed, left))
    }

    /// Whether `a` and `b` read the same from everything that fits both. A pair that is being compared is taken to be alike
    /// where it is met again.
    fn alike(&self, a: NodeId, b: NodeId, assumed: &mut HashSet<(NodeId, NodeId)>, left: &mut usize) -> bool {
        let (one, other) = (self.node(a), self.node(b));
        if !one.classes.without(Classes::NULL).meets(other.classes.without(Classes::NULL)) {
            return true;
        }
        if !assumed.insert((a.min(b), a.max(b))) {
            return true;
        }
        *left = left.saturating_sub(1);
        if *left == 0 {
            return false;
        }
        match (&one.check, &other.check) {
            (Check::Union(union), _) => {
                let variants: Vec<NodeId> = union.variants.iter().map(|(_, variant)| *variant).collect();
                (a == b || variants.iter().all(|variant| self.alike(*variant, b, assumed, left)))
                    && self.all_alike(&variants, assumed, left)
            }
            (_, Check::Union(_)) => {
                assumed.remove(&(a.min(b), a.max(b)));
                self.alike(b, a, assumed, left)
            }
            (Check::List { item: one, .. }, Check::List { item: other, .. })
            | (Check::Map { value: one, .. }, Check::Map { value: other, .. }) => {
                self.alike(*one, *other, assumed, left)
            }
            (Check::Record(one), Check::Record(other)) => self.records_alike(one, other, assumed, left),
            (Check::Enum(one), Check::Enum(other)) => is_plain(one) && is_plain(other),
            (Check::Enum(members), Check::Text(_) | Check::Bool | Check::Any)
            | (Check::Text(_) | Check::Bool | Check::Any, Check::Enum(members)) => is_plain(members),
            (Check::Any, Check::Text(_) | Check::Bool) | (Check::Text(_) | Check::Bool, Check::Any) => true,
            (one, other) => {
                !matches!(one, Check::Map { .. } | Check::Record(_))
                    && std::mem::discriminant(one) == std::mem::discriminant(other)
            }
        }
    }

    fn records_alike(
        &self,
        one: &RecordCheck,
        other: &RecordCheck,
        assumed: &mut HashSet<(NodeId, NodeId)>,
        left: &mut usize,
    ) -> bool {
        if one.names.is_some() || other.names.is_some() {
            return false;
        }
        for (a, b) in [(one, other), (other, one)] {
            for (position, field) in a.fields.iter().enumerate() {
                let alike = match (b.position(position, field.name()), b.rest) {
                    (Some(at), _) => {
                        let twin = &b.fields[at];
                        field.listed.default() == twin.listed.default()
                            && self.alike(field.node, twin.node, assumed, left)
                    }
                    (None, Some(rest)) => {
                        field.listed.default().is_none() && self.alike(field.node, rest, assumed, left)
                    }
                    // Nothing fits both.
                    (None, None) if field.listed.is_demanded() => return true,
                    (None, None) => field.listed.default().is_none(),
                };
                if !alike {
                    return false;
                }
            }
        }
        match (one.rest, other.rest) {
            (Some(one), Some(other)) => self.alike(one, other, assumed, left),
            _ => true,
        }
    }
}

/// Whether all members are text or bools, which are read only as themselves.
fn is_plain(members: &Members) -> bool {
    members.iter().all(|member| matches!(member, Value::Null | Value::Bool(_) | Value::String(_)))
}
