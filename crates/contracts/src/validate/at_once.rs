//! Whether a value follows its contract, without saying why it does not: nearly every value does, and one pass over it shows that.

use tenon_model::{Map, Value, map::Hint};

use super::{MAX_DEPTH, MAX_PROBES, fitting, name, scalar};
use crate::{
    canonical,
    compiled::{Check, Classes, Compiled, NodeId, RecordCheck, UnionCheck, check_length},
};

/// Whether `value` certainly follows a contract in which no shape is refined. What is not certain is for the validator to judge, as
/// are records whose fields come in another order than that of the contract.
pub(super) fn holds(compiled: &Compiled, value: &Value) -> bool {
    Pass { compiled, probing: false, probes: MAX_PROBES }.holds(compiled.root, value, 0)
}

struct Pass<'c> {
    compiled: &'c Compiled,
    /// Whether a variant of a union is being tried.
    probing: bool,
    probes: usize,
}

impl Pass<'_> {
    fn holds(&mut self, id: NodeId, value: &Value, depth: usize) -> bool {
        let node = self.compiled.node(id);
        if depth > MAX_DEPTH || self.is_tired() {
            return false;
        }
        if value.is_null() && node.classes.meets(Classes::NULL) {
            return true;
        }
        match (&node.check, value) {
            (Check::Record(record), Value::Map(map)) => self.record(record, map, depth),
            (Check::List { item, length, unique }, Value::List(items)) => {
                check_length(length, items.len(), "items").is_ok()
                    && items.iter().all(|value| self.holds(*item, value, depth + 1))
                    && !(*unique && canonical::first_repeat(items).is_some())
            }
            (Check::Map { key: kind, value: id, length }, Value::Map(map)) => {
                check_length(length, map.len(), "entries").is_ok()
                    && map.iter().all(|(key, value)| kind.is(key) && self.holds(*id, value, depth + 1))
            }
            (Check::Union(union), value) => self.union(union, value, depth),
            (Check::Any, value) => is_bounded(value, depth),
            _ => scalar(node, value).is_ok(),
        }
    }

    /// Whether too much was tried already.
    fn is_tired(&mut self) -> bool {
        self.probes = self.probes.saturating_sub(usize::from(self.probing));
        self.probes == 0
    }

    fn record(&mut self, record: &RecordCheck, map: &Map, depth: usize) -> bool {
        let is_there = |at: usize| map.get_near(&Hint::new(at), record.fields[at].name()).is_some();
        if check_length(&record.length, map.len(), "fields").is_err()
            || record.choices.iter().any(|choice| choice.check(is_there).is_err())
        {
            return false;
        }
        let mut entries = map.iter();
        let mut next = entries.next();
        for field in &record.fields {
            match next {
                Some((key, value)) if key.is(field.name()) => {
                    if !self.holds(field.node, value, depth + 1) {
                        return false;
                    }
                    next = entries.next();
                }
                _ if field.listed.is_demanded() => return false,
                _ => {}
            }
        }
        next.into_iter().chain(entries).all(|(key, value)| {
            let name = name(key);
            let rest = if record.position(0, &name).is_some() { None } else { record.other(&name) };
            rest.is_some_and(|rest| self.holds(rest, value, depth + 1))
        })
    }

    fn union(&mut self, union: &UnionCheck, value: &Value, depth: usize) -> bool {
        if let (Some(tag), Value::Map(map)) = (&union.tag, value) {
            let variant = map.get(tag).and_then(Value::as_str).and_then(|name| union.variant(name));
            return variant.is_some_and(|variant| self.holds(variant, value, depth));
        }
        let fitting = fitting(self.compiled, union, value);
        let outer = std::mem::replace(&mut self.probing, true);
        let fits = fitting.into_iter().any(|id| self.holds(id, value, depth));
        self.probing = outer;
        fits
    }
}

/// Whether what no contract describes is not too deep, and holds no number that data cannot hold.
fn is_bounded(value: &Value, depth: usize) -> bool {
    match value {
        _ if depth > MAX_DEPTH => false,
        Value::List(items) => items.iter().all(|item| is_bounded(item, depth + 1)),
        Value::Map(map) => map.iter().all(|(_, item)| is_bounded(item, depth + 1)),
        Value::Float(n) => n.is_finite(),
        _ => true,
    }
}
