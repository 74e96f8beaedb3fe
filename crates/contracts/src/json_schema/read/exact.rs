//! What types cannot say: the schemas themselves, compiled, beside the shape that comes nearest.

use std::{collections::HashMap, sync::Arc};

use tenon_model::{Value, shape::Refinement};

use super::{
    Reader, Schema, Side,
    together::{Demand, Entry, address},
};
use crate::json_schema::evaluate;

impl<'d> Reader<'d> {
    /// Where the shape allows more than `entries` do, they are attached to it. What cannot be attached here is left to what is
    /// around it.
    pub(super) fn make_exact(&mut self, entries: &[Entry<'d>], schema: &mut Schema) {
        if !self.is_inexact || schema.shape.is_never() {
            self.is_inexact = false;
            return;
        }
        let is_whole =
            matches!(entries, [entry] if entry.node().is_some_and(|node| std::ptr::eq(node, self.root)));
        if self.resources.has_dynamic() && !is_whole {
            return;
        }
        let Some(demand) = self.demand(entries) else { return };
        self.is_inexact = false;
        // Null is judged once, here.
        let spares_null = entries.iter().all(|entry| entry.spares_null);
        if let Ok(accepted) = demand.accepts(&Value::Null) {
            schema.shape.nullable = accepted || spares_null;
        }
        schema.shape.refinement = Some(Refinement::new(demand));
    }

    fn demand(&mut self, entries: &[Entry<'d>]) -> Option<evaluate::Demand> {
        let is_schema = |entry: &Entry<'_>| matches!(entry.demand, Demand::Schema(_) | Demand::Not(_));
        if !entries.iter().all(is_schema) {
            return None;
        }
        let nodes = entries.iter().filter_map(|entry| match entry.demand {
            Demand::Schema(node) | Demand::Not(node) => Some(node),
            _ => None,
        });
        let nodes: Vec<_> = nodes.collect();
        let side = self.side;
        let holds = |(of, _, ids): &(Side, Arc<evaluate::Program>, HashMap<usize, usize>)| {
            *of == side && nodes.iter().all(|node| ids.contains_key(&address(node)))
        };
        if !self.programs.iter().any(holds) {
            // All that the contract leads to; what nothing refers to is compiled by itself.
            if !self.programs.iter().any(|(of, ..)| *of == side) {
                let first = self.first.clone();
                self.compile(&first);
            }
            if !self.programs.iter().any(holds) {
                self.compile(&nodes);
            }
        }
        let (_, program, ids) = self.programs.iter().find(|it| holds(it))?;
        let (mut all_of, mut none_of) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry.demand {
                Demand::Schema(node) => all_of.extend(ids.get(&address(node))),
                Demand::Not(node) => none_of.extend(ids.get(&address(node))),
                _ => {}
            }
        }
        Some(evaluate::Demand::new(Arc::clone(program), all_of, none_of))
    }

    fn compile(&mut self, first: &[&'d tenon_document::Node]) {
        let compiled = evaluate::compile(&self.resources, first, self.side, true);
        for report in compiled.problems {
            self.push(report);
        }
        self.programs.push((self.side, Arc::new(compiled.program), compiled.ids));
    }
}
