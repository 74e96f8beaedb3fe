//! What an expression reads: the variables and fields, in order, without duplicates.

use tenon_model::Str;

use crate::{
    Path,
    evaluate::{Node, Op, PathNode, Root},
};

/// Collects the paths that compiled expressions read.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    found: Vec<(Path, Use)>,
    /// What each variable of a macro is an item of, where that can be said.
    locals: Vec<Option<Path>>,
}

/// Why a path is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Its value is used.
    Value,
    /// Only to go over its items, whose own reads say more.
    Range,
}

impl Reads {
    /// A collector for expressions that see `locals`.
    pub(crate) fn below(locals: &[Option<Path>]) -> Self {
        Self { found: Vec::new(), locals: locals.to_vec() }
    }

    /// The path of a node that is a variable or field, for naming what its items are.
    pub(crate) fn path_of(&self, node: &Node) -> Option<Path> {
        if let Op::Path(path) = &node.op { self.path(path) } else { None }
    }

    /// The paths, without those that only lead to others.
    pub(crate) fn finish(self) -> Vec<Path> {
        let mut paths: Vec<Path> = Vec::new();
        for (path, usage) in &self.found {
            let leads = *usage == Use::Range && self.found.iter().any(|(other, _)| is_below(other, path));
            if !leads && !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        paths
    }

    /// Adds what `node` reads.
    pub(crate) fn visit(&mut self, node: &Node) {
        match &node.op {
            Op::Constant(_) | Op::Now | Op::Fail(_) => {}
            Op::Draw(_, at) => at.iter().for_each(|at| self.visit(at)),
            Op::Path(path) => self.found.extend(self.path(path).map(|path| (path, Use::Value))),
            Op::Field(operand, ..)
            | Op::Not(operand)
            | Op::Negate(operand)
            | Op::IsPresent(operand)
            | Op::Wrap(operand) => self.visit(operand),
            Op::Index(parts, _) | Op::Binary(_, parts) => {
                self.visit(&parts.0);
                self.visit(&parts.1);
            }
            Op::Search(search) => {
                self.visit(&search.text);
                search.rest.iter().for_each(|node| self.visit(node));
            }
            Op::Call(_, nodes) | Op::And(nodes) | Op::Or(nodes) | Op::Join(nodes) => {
                for node in nodes {
                    self.visit(node);
                }
            }
            Op::List(items) => items.iter().for_each(|item| self.visit(&item.value)),
            Op::Map(entries) => {
                for entry in entries {
                    self.visit(&entry.key);
                    self.visit(&entry.value);
                }
            }
            Op::Conditional(parts) => {
                self.visit(&parts.0);
                self.visit(&parts.1);
                self.visit(&parts.2);
            }
            Op::Loop(spec) => {
                let of = self.range(&spec.range);
                let locals = if spec.pairs { vec![None, of] } else { vec![of] };
                self.inside(locals, spec.filter.iter().chain([&spec.body]));
            }
            Op::Bind(parts) | Op::OptMap { parts, .. } => {
                let path = self.path_of(&parts.0);
                match path.clone() {
                    Some(path) => self.found.push((path, Use::Value)),
                    None => self.visit(&parts.0),
                }
                self.inside(vec![path], [&parts.1]);
            }
        }
    }

    /// Adds what a range reads; what its items are, where that can be said.
    pub(crate) fn range(&mut self, range: &Node) -> Option<Path> {
        let Some(path) = self.path_of(range) else {
            self.visit(range);
            return None;
        };
        let items = path.items();
        self.found.push((path, Use::Range));
        Some(items)
    }

    fn inside<'n>(&mut self, locals: Vec<Option<Path>>, nodes: impl IntoIterator<Item = &'n Node>) {
        let depth = self.locals.len();
        self.locals.extend(locals);
        for node in nodes {
            self.visit(node);
        }
        self.locals.truncate(depth);
    }

    fn path(&self, path: &PathNode) -> Option<Path> {
        let root = match path.root {
            Root::Slot(slot) => Path::variable(slot, path.name.clone()),
            Root::Local(at) => self.locals.get(at)?.clone()?,
        };
        Some(path.steps.iter().fold(root, |path, step| path.field(Str::clone(&step.name))))
    }
}

fn is_below(path: &Path, above: &Path) -> bool {
    path.variable == above.variable
        && path.steps.len() > above.steps.len()
        && path.steps.starts_with(&above.steps)
}
