//! Schemas: each read once, with what it says to people.

use tenon_document::{Node, Tree};
use tenon_errors::{Reports, catalogue::contract::BAD_CONTRACT, nearest};
use tenon_model::{Kind, Sensitivity, Shape, Str};

use super::{
    MAX_DEPTH, MAX_PARTS, MAX_STEPS, Pending, Reader, Schema,
    check::asserts,
    reference::{self, State},
    together::{self, Demand, Entry, address},
    types,
};

/// How many parts a schema of a description has at most before it becomes a type that others refer to.
const MANY_PARTS: usize = 2_000;

impl<'d> Reader<'d> {
    /// Reads the schema at the top, and every definition, used or not.
    pub(super) fn top(&mut self) -> Schema {
        let mut schema = self.schema(self.root, None);
        self.make_exact(&[Entry::of(self.root)], &mut schema);
        for key in ["$defs", "definitions"] {
            self.unused_definitions(key);
        }
        if schema.sensitivity.is_some() {
            let node = self.root.get("x-sensitivity").unwrap_or(self.root);
            let message = "`x-sensitivity` is used at the top, and only fields can be sensitive".to_owned();
            self.unsupported(node, message, "move `x-sensitivity` to the fields that are sensitive");
        }
        if schema.shape.is_never() && self.problems.is_empty() {
            self.notes.add(self.root, "no value can follow this contract", "remove the contradiction");
        }
        schema
    }

    /// Reads `node`. `name` is what the type is called where it has no title.
    pub(super) fn schema(&mut self, node: &'d Node, name: Option<&str>) -> Schema {
        self.together(&[Entry::of(node)], name)
    }

    /// Reads what `entries` say together.
    pub(super) fn together(&mut self, entries: &[Entry<'d>], name: Option<&str>) -> Schema {
        if entries.is_empty() {
            return Schema::of(Shape::ANY);
        }
        let key = (self.side, together::key(entries));
        match self.read.get_mut(&key) {
            Some(State::Read { schema, parts, is_inexact }) => {
                self.parts = self.parts.saturating_add(*parts);
                self.is_inexact |= *is_inexact;
                return schema.clone();
            }
            Some(State::Open { name, nullable, named }) => {
                self.has_recursion = true;
                let named = named.get_or_insert_with(|| self.types.declare(name.clone()));
                return Schema::of(Shape { nullable: *nullable, ..Shape::of(Kind::Named(named.clone())) });
            }
            None => {}
        }
        if self.is_too_large(entries) {
            return Schema::unknown();
        }
        let title =
            entries.iter().filter_map(Entry::node).find_map(|node| node.get("title")).and_then(Node::as_str);
        let own_name = Str::new(title.or(name).unwrap_or("contract"));
        let nullable =
            entries.iter().all(|entry| entry.spares_null || entry.node().is_some_and(accepts_null));
        self.read.insert(key.clone(), State::Open { name: own_name, nullable, named: None });
        let before = self.parts;
        self.parts = self.parts.saturating_add(1);
        self.depth += 1;
        let around = std::mem::take(&mut self.is_inexact);
        let mut schema = self.fresh(entries, name);
        let is_inexact = std::mem::replace(&mut self.is_inexact, around);
        self.is_inexact |= is_inexact;
        self.depth -= 1;
        if let Some(State::Open { named: Some(named), .. }) = self.read.remove(&key) {
            named.define(&schema.shape);
            // Everybody refers to what contains itself by its name: put in place, it would be there once more at each
            // reading.
            schema.shape = Shape { nullable: schema.shape.nullable, ..Shape::of(Kind::Named(named)) };
        }
        let mut parts = self.parts.saturating_sub(before);
        if self.is_embedded() && parts > MANY_PARTS && schema.shape.refinement.is_none() {
            // What is large is there once, under its name, however often it is referred to.
            if !matches!(schema.shape.kind, Kind::Named(_)) {
                let named = self.types.declare(name.unwrap_or("contract"));
                named.define(&schema.shape);
                schema.shape = Shape { nullable: schema.shape.nullable, ..Shape::of(Kind::Named(named)) };
            }
            self.parts = before + 1;
            parts = 1;
        }
        self.read.insert(key, State::Read { schema: schema.clone(), parts, is_inexact });
        schema
    }

    /// Counts steps that `node` takes; whether the bound is kept, beyond which the schema is refused.
    pub(super) fn spend(&mut self, steps: usize, node: &'d Node) -> bool {
        self.steps = self.steps.saturating_add(steps);
        let is_kept = self.steps <= MAX_STEPS;
        if !is_kept {
            self.is_too_large(&[Entry::of(node)]);
        }
        is_kept
    }

    /// Whether so many schemas follow one another, with nothing in between, which is reported once.
    pub(super) fn is_too_deep(&mut self, levels: usize, node: &'d Node) -> bool {
        let around = std::mem::replace(&mut self.depth, levels);
        let is_too_deep = levels >= MAX_DEPTH && self.is_too_large(&[Entry::of(node)]);
        self.depth = around;
        is_too_deep
    }

    /// Whether a bound of the schema is not kept, which is reported once.
    pub(super) fn is_too_large(&mut self, entries: &[Entry<'d>]) -> bool {
        let is_slow = self.steps > MAX_STEPS;
        let is_too_large = is_slow || self.parts > MAX_PARTS || self.depth >= MAX_DEPTH;
        if is_too_large && !std::mem::replace(&mut self.is_exhausted, true) {
            let message = match is_slow {
                true => format!("putting together what the schemas say takes more than {MAX_STEPS} steps"),
                false => format!(
                    "the schema has more than {MAX_PARTS} parts or {MAX_DEPTH} levels with its references followed"
                ),
            };
            let node = entries.iter().find_map(Entry::node).unwrap_or(self.root);
            self.bad(node, message, "split the contract, or refer to fewer definitions");
        }
        is_too_large
    }

    fn fresh(&mut self, entries: &[Entry<'d>], name: Option<&str>) -> Schema {
        if let [Entry { demand: Demand::Schema(node), spares_null }] = entries {
            if !matches!(node.tree(), Tree::Map(_) | Tree::Bool(_)) {
                self.not_a_schema(node);
                return Schema::unknown();
            }
            if let Some((inner, inner_name)) = self.only_inner(node) {
                self.check_keywords(node);
                let spares_null = *spares_null || self.is_nullable(node);
                let inner = self
                    .together(&[Entry::new(Demand::Schema(inner), false)], inner_name.as_deref().or(name));
                let mut schema = self.overlaid(node, inner);
                if spares_null {
                    schema.shape = types::or_null(schema.shape);
                }
                self.default_and_examples(node, &mut schema);
                return schema;
            }
        }
        let flat = self.flatten(entries);
        let plain: Vec<&'d Node> = flat.plain.iter().filter_map(Entry::node).collect();
        let own: Vec<&'d Node> = entries.iter().filter_map(Entry::node).collect();
        let title = own.iter().find_map(|node| self.text(node, "title"));
        let doc = own.iter().find_map(|node| self.text(node, "description"));
        let mut schema = self.build(flat, title.or(name));
        self.make_exact(entries, &mut schema);
        schema.title = title.map(Str::new);
        schema.doc = doc.map(Str::new);
        for node in &plain {
            schema.deprecated |= self.flag(node, "deprecated");
            schema.sensitivity = schema.sensitivity.max(self.sensitivity(node));
        }
        let nodes = if own.len() == 1 && plain.is_empty() { own } else { plain };
        for node in nodes {
            self.default_and_examples(node, &mut schema);
        }
        schema
    }

    /// The schema that `node` says nothing more than, as a reference or a lone alternative, and what it is called.
    fn only_inner(&mut self, node: &'d Node) -> Option<(&'d Node, Option<String>)> {
        let is_alone = |key: &str| {
            let mut names = node.entries().unwrap_or_default().iter().filter_map(|(key, _)| key.as_str());
            names.all(|name| name == key || !asserts(name))
        };
        if node.get("$ref").is_some() {
            let is_alone = !self.draft(node).has_ref_siblings() || is_alone("$ref");
            return if is_alone { Some((self.target(node)?, reference::name_of(node))) } else { None };
        }
        let key =
            ["allOf", "anyOf", "oneOf"].into_iter().find(|key| node.get(key).is_some() && is_alone(key))?;
        match node.get(key)?.as_list()? {
            [inner] => Some((inner, None)),
            _ => None,
        }
    }

    /// What `inner` says, with what `node` around it says to people.
    fn overlaid(&mut self, node: &'d Node, inner: Schema) -> Schema {
        let title = self.text(node, "title").map(Str::new);
        let doc = self.text(node, "description").map(Str::new);
        Schema {
            title: title.or(inner.title),
            doc: doc.or(inner.doc),
            deprecated: inner.deprecated | self.flag(node, "deprecated"),
            sensitivity: inner.sensitivity.max(self.sensitivity(node)),
            ..inner
        }
    }

    fn default_and_examples(&mut self, node: &'d Node, schema: &mut Schema) {
        if let (Some(default), None) = (node.get("default"), &schema.default) {
            schema.default = self.default(default, &schema.shape);
        }
        if node.get("examples").is_some() && !self.is_embedded() {
            self.pending.push(Pending::Examples { node, shape: schema.shape.clone() });
        }
    }

    fn sensitivity(&mut self, node: &'d Node) -> Option<Sensitivity> {
        match self.text(node, "x-sensitivity")? {
            "personal" => Some(Sensitivity::Personal),
            "secret" => Some(Sensitivity::Secret),
            other => {
                let message = format!("`x-sensitivity` is `{other}`, and `personal` or `secret` is required");
                let hint = nearest(other, ["personal", "secret"]).unwrap_or("personal");
                self.bad(node.get("x-sensitivity").unwrap_or(node), message, &format!("write `{hint}`"));
                None
            }
        }
    }

    /// Reads the definitions that nothing refers to, so that their problems are told as well. They keep no value out, so
    /// what is wrong with them is only noted.
    fn unused_definitions(&mut self, key: &str) {
        let Some(definitions) = self.root.get(key) else { return };
        let Some(entries) = definitions.entries() else {
            return self.wrong_kind(definitions, key, "an object");
        };
        for (name, target) in entries {
            let Some(name) = name.as_str() else { continue };
            if self.read.contains_key(&(self.side, together::key(&[Entry::of(target)])))
                || self.checked.contains(&address(target))
            {
                continue;
            }
            // What nobody refers to does not count towards the parts of the contract either.
            let parts = std::mem::replace(&mut self.parts, self.unused_parts);
            let problems = std::mem::take(&mut self.problems);
            let is_exhausted = std::mem::take(&mut self.is_exhausted);
            self.schema(target, Some(name));
            let found: Reports = std::mem::replace(&mut self.problems, problems);
            self.unused_parts = std::mem::replace(&mut self.parts, parts);
            let is_last = std::mem::replace(&mut self.is_exhausted, is_exhausted) && self.depth == 0;
            for report in found {
                if report.code().id == BAD_CONTRACT.id {
                    self.problems.push(report);
                } else {
                    let message =
                        format!("nothing refers to `{name}`, which could not be read: {}", report.message());
                    let hint = report.advice().unwrap_or("remove the definition").to_owned();
                    self.notes.add_as(report.code(), target, message, hint);
                }
            }
            if is_last {
                break;
            }
        }
    }
}

/// Whether the schema allows null, as far as it says so itself: enough for a definition that contains itself.
fn accepts_null(node: &Node) -> bool {
    let names_null = |types: &Node| match types.as_list() {
        Some(types) => types.iter().any(|name| name.as_str() == Some("null")),
        None => types.as_str() == Some("null"),
    };
    let alternatives = ["oneOf", "anyOf"].iter().filter_map(|key| node.get(key)).filter_map(Node::as_list);
    node.get("type").is_some_and(names_null)
        || node.get("nullable").and_then(Node::as_bool) == Some(true)
        || node.get("enum").and_then(Node::as_list).is_some_and(|values| values.iter().any(Node::is_null))
        || alternatives.flatten().any(|variant| variant.get("type").is_some_and(names_null))
}
