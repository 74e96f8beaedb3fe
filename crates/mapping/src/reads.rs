//! What an expression reads: the variables and fields, in order, without duplicates.

use tenon_model::Str;

use crate::{
    Path,
    evaluate::{Loop, LoopKind, Node, Op, PathNode, Root},
    functions::{Origin, Run},
};

/// Collects the paths that compiled expressions read.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    found: Vec<(Path, Use)>,
    /// What else they come from.
    origins: Vec<Origin>,
    /// What each variable of a macro is an item of.
    locals: Vec<Item>,
}

/// What a variable of a macro or of an `each` is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    /// The items of a field, where it is one of those.
    pub(crate) path: Option<Path>,
    /// Else what the list that it is in comes from.
    pub(crate) of: (Vec<Path>, Vec<Origin>),
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
    pub(crate) fn below(locals: &[Item]) -> Self {
        Self { locals: locals.to_vec(), ..Self::default() }
    }

    /// The path of a node that is a variable or field, for naming what its items are.
    pub(crate) fn path_of(&self, node: &Node) -> Option<Path> {
        if let Op::Path(path) = &node.op { self.path(path) } else { None }
    }

    /// The paths, without those that only lead to others, and what else there is.
    pub(crate) fn finish(self) -> (Vec<Path>, Vec<Origin>) {
        let mut paths: Vec<Path> = Vec::new();
        for (path, usage) in &self.found {
            let leads = *usage == Use::Range && self.found.iter().any(|(other, _)| is_below(other, path));
            if !leads && !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        (paths, self.origins)
    }

    /// Adds what `node` reads.
    pub(crate) fn visit(&mut self, node: &Node) {
        match &node.op {
            Op::Now => self.comes_from(Run::Now),
            Op::Draw(..) => self.comes_from(Run::Draw),
            Op::Call(function, _) => self.comes_from(function.run),
            Op::Path(path) => self.read(path),
            Op::Block(slots, body) => self.block(slots, body),
            Op::Loop(spec) => {
                self.go_over(spec);
                // What passes is the result, with all that it holds.
                if let Some(items) = self.items_of(node) {
                    self.found.push((items, Use::Value));
                }
            }
            Op::Bind(parts) | Op::OptMap { parts, .. } => {
                let path = self.path_of(&parts.0);
                match path.clone() {
                    Some(path) => self.found.push((path, Use::Value)),
                    None => self.visit(&parts.0),
                }
                self.inside(vec![Item { path, ..Item::default() }], [&parts.1]);
            }
            _ => {}
        }
        node.op.operands().into_iter().flatten().for_each(|operand| self.visit(operand));
    }

    /// Whoever reads a slot reads what its value comes from.
    fn block(&mut self, slots: &[Node], body: &Node) {
        let depth = self.locals.len();
        for slot in slots {
            let path = self.path_of(slot);
            match path.clone() {
                Some(path) => self.found.push((path, Use::Value)),
                None => self.visit(slot),
            }
            self.locals.push(Item { path, ..Item::default() });
        }
        self.visit(body);
        self.locals.truncate(depth);
    }

    /// Adds what a range reads; what its items are, where that can be said.
    pub(crate) fn range(&mut self, range: &Node) -> Option<Path> {
        match (&range.op, self.path_of(range)) {
            (_, Some(path)) => self.found.push((path, Use::Range)),
            (Op::Loop(spec), None) => self.go_over(spec),
            (_, None) => self.visit(range),
        }
        self.items_of(range)
    }

    fn go_over(&mut self, spec: &Loop) {
        let path = match spec.of_items {
            true => self.range(&spec.range),
            false => {
                self.visit(&spec.range);
                None
            }
        };
        let of = Item { path, ..Item::default() };
        let locals = if spec.pairs { vec![Item::default(), of] } else { vec![of] };
        self.inside(locals, spec.filter.iter().chain([&spec.body]));
    }

    /// What the items of a list are that is a field, or some of the items of one.
    fn items_of(&self, list: &Node) -> Option<Path> {
        match &list.op {
            Op::Path(path) => self.path(path).map(|path| path.items()),
            Op::Loop(spec)
                if matches!(spec.kind, LoopKind::Filter | LoopKind::SortBy)
                    && spec.of_items
                    && !spec.pairs =>
            {
                self.items_of(&spec.range)
            }
            _ => None,
        }
    }

    fn read(&mut self, path: &PathNode) {
        if let Some(path) = self.path(path) {
            return self.found.push((path, Use::Value));
        }
        let Root::Local(at) = path.root else { return };
        let Some((reads, origins)) = self.locals.get(at).map(|item| item.of.clone()) else { return };
        self.found.extend(reads.into_iter().map(|path| (path, Use::Value)));
        for origin in origins.into_iter().filter(|origin| !self.origins.contains(origin)).collect::<Vec<_>>()
        {
            self.origins.push(origin);
        }
    }

    fn comes_from(&mut self, run: Run) {
        let origin = run.origin().filter(|origin| !self.origins.contains(origin));
        self.origins.extend(origin);
    }

    fn inside<'n>(&mut self, locals: Vec<Item>, nodes: impl IntoIterator<Item = &'n Node>) {
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
            Root::Local(at) => self.locals.get(at)?.path.clone()?,
        };
        Some(path.steps.iter().fold(root, |path, step| path.field(Str::clone(&step.name))))
    }
}

fn is_below(path: &Path, above: &Path) -> bool {
    path.variable == above.variable
        && path.steps.len() > above.steps.len()
        && path.steps.starts_with(&above.steps)
}
