//! The part of a shape that a reader wants: what it does not name is judged and not built.

use tenon_model::Str;

use super::{Check, Compiled, NodeId};

impl Compiled {
    /// The same, of which only the fields that `paths` lead to are read, and what is in them.
    pub(crate) fn part(mut self, paths: &[Vec<Str>]) -> Self {
        let paths: Vec<&[Str]> = paths.iter().map(Vec::as_slice).collect();
        self.root = self.part_of(self.root, &paths);
        self
    }

    /// The position of a copy of node `id` that reads what `paths` lead to; the original is left to whoever reads all of it.
    /// As deep as the paths are.
    fn part_of(&mut self, id: NodeId, paths: &[&[Str]]) -> NodeId {
        if paths.iter().any(|path| path.is_empty()) {
            return id;
        }
        let mut node = self.nodes[id].clone();
        match &mut node.check {
            Check::Record(record) => {
                for field in &mut record.fields {
                    let below: Vec<&[Str]> = paths
                        .iter()
                        .filter_map(|path| path.split_first())
                        .filter_map(|(name, rest)| (name == field.name()).then_some(rest))
                        .collect();
                    field.listed.is_wanted = !below.is_empty();
                    if field.listed.is_wanted {
                        field.node = self.part_of(field.node, &below);
                    }
                }
                record.wanted = record.fields.iter().filter(|field| field.listed.is_wanted).count();
                let is_listed =
                    |path: &&&[Str]| path.first().is_some_and(|name| record.record.field(name).is_some());
                record.wants_others = !paths.iter().all(|path| is_listed(&path));
            }
            Check::List { item, unique: false, .. } => *item = self.part_of(*item, paths),
            _ => return id,
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}
