//! What bounds the work of everything that follows a schema: how deep it is, and that its values are finite.

use std::collections::HashSet;

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};

use super::Reader;
use crate::avro::{
    MAX_DEPTH,
    schema::{Form, NodeId},
};

impl Reader<'_> {
    /// Types may contain each other in long chains; whatever walks through them does so in bounded depth.
    pub(super) fn check_depth(&mut self, types: &[NodeId]) {
        let mut seen = HashSet::new();
        let mut open: Vec<(NodeId, usize)> = types.iter().rev().map(|id| (*id, 0)).collect();
        while let Some((id, depth)) = open.pop() {
            if depth > MAX_DEPTH {
                let message =
                    format!("the types of the schema contain each other more than {MAX_DEPTH} levels deep");
                self.problems.push(Report::new(&BAD_CONTRACT, message).hint("nest the types less deep"));
                return;
            }
            if seen.insert(id) {
                let parts = self.nodes.get(id).form.parts();
                open.extend(parts.into_iter().rev().map(|part| (part, depth + 1)));
            }
        }
    }

    /// A record that always contains itself has no value that ends.
    pub(super) fn check_finite(&mut self) {
        let mut finite = vec![false; self.nodes.all().len()];
        loop {
            let mut grew = false;
            for (at, node) in self.nodes.all().iter().enumerate() {
                let is = |id: &NodeId| finite.get(id.at()).copied().unwrap_or(true);
                let ends = match &node.form {
                    Form::Union(branches) => branches.is_empty() || branches.iter().any(is),
                    Form::Record(record) => record.fields.iter().all(|field| is(&field.node)),
                    _ => true,
                };
                if ends && !finite[at] {
                    (finite[at], grew) = (true, true);
                }
            }
            if !grew {
                break;
            }
        }
        let endless = self.nodes.all().iter().zip(&finite).find(|(_, finite)| !**finite);
        if let Some(name) = endless.and_then(|(node, _)| node.form.name()) {
            let message = format!("every value of `{}` would contain another one without end", name.full);
            let hint = "let the field that contains it be a union with `null`";
            self.problems.push(Report::new(&BAD_CONTRACT, message).hint(hint));
        }
    }
}
