//! From documents to a program: every schema that a first one leads to, once.

use std::collections::HashMap;

use bigdecimal::ToPrimitive;
use tenon_document::{Node, Tree};
use tenon_errors::{Report, Reports};
use tenon_model::{Decimal, Str};

use super::{
    Program, SchemaId,
    format::TextForm,
    identity,
    keyword::{Keyword, Properties, Schema, TypeSet},
    pattern::Pattern,
};
use crate::json_schema::{
    draft::Draft,
    read::{Side, form, scan, written},
    resources::{Resources, address_of},
};

/// A program, and where its schemas come from.
pub(in crate::json_schema) struct Compiled {
    pub(in crate::json_schema) program: Program,
    /// The schemas by the addresses of their nodes.
    pub(in crate::json_schema) ids: HashMap<usize, SchemaId>,
    /// What could not be compiled, which is taken to allow everything.
    pub(in crate::json_schema) problems: Vec<Report>,
}

/// The keywords of the vocabulary for validation, which a metaschema may leave out.
const VALIDATION: &[&str] = &[
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
];

/// Compiles the schemas of `first` and all that they lead to. `asserts_formats` decides whether `format` asserts something.
pub(in crate::json_schema) fn compile<'d>(
    resources: &Resources<'d>,
    first: &[&'d Node],
    side: Side,
    asserts_formats: bool,
) -> Compiled {
    let count = resources.list().len();
    let program =
        Program { schemas: Vec::new(), dynamic: vec![Vec::new(); count], recursive: vec![None; count] };
    let mut compiler = Compiler {
        resources,
        side,
        asserts_formats,
        compiled: Compiled { program, ids: HashMap::new(), problems: Vec::new() },
        open: Vec::new(),
        children: Vec::new(),
        entered: vec![false; count],
    };
    for node in first {
        compiler.id(node);
    }
    while let Some((id, node)) = compiler.open.pop() {
        let schema = compiler.schema(node);
        compiler.compiled.program.schemas[id] = schema;
    }
    compiler.compiled
}

struct Compiler<'r, 'd> {
    resources: &'r Resources<'d>,
    side: Side,
    asserts_formats: bool,
    compiled: Compiled,
    open: Vec<(SchemaId, &'d Node)>,
    /// Those of the schema that is being compiled.
    children: Vec<SchemaId>,
    /// The resources whose anchors were noted.
    entered: Vec<bool>,
}

impl<'d> Compiler<'_, 'd> {
    fn id(&mut self, node: &'d Node) -> SchemaId {
        if let Some(id) = self.compiled.ids.get(&address_of(node)) {
            return *id;
        }
        let id = self.compiled.program.schemas.len();
        self.compiled.program.schemas.push(Schema::default());
        self.compiled.ids.insert(address_of(node), id);
        self.open.push((id, node));
        id
    }

    fn child(&mut self, node: &'d Node) -> SchemaId {
        let id = self.id(node);
        self.children.push(id);
        id
    }

    /// Notes what others may mean by `$dynamicRef` and `$recursiveRef` inside of a resource.
    fn enter(&mut self, home: usize) {
        if std::mem::replace(&mut self.entered[home], true) {
            return;
        }
        let resource = &self.resources.list()[home];
        let mut dynamic: Vec<(String, &'d Node)> =
            resource.dynamic.iter().map(|(name, node)| ((*name).to_owned(), *node)).collect();
        dynamic.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, node) in dynamic {
            let id = self.id(node);
            self.compiled.program.dynamic[home].push((name, id));
        }
        if resource.root.get("$recursiveAnchor").and_then(Node::as_bool) == Some(true) {
            self.compiled.program.recursive[home] = Some(self.id(resource.root));
        }
    }

    fn schema(&mut self, node: &'d Node) -> Schema {
        let home = self.resources.home(node);
        self.enter(home);
        self.children.clear();
        let mut schema = Schema { resource: home, own: identity::own(node), ..Schema::default() };
        if *node.tree() == Tree::Bool(false) {
            schema.keywords.push(Keyword::Never);
        }
        let resource = &self.resources.list()[home];
        let is_lone_reference = node.get("$ref").is_some() && !resource.draft.has_ref_siblings();
        for (key, value) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            if (is_lone_reference && name != "$ref") || (!resource.validates && VALIDATION.contains(&name)) {
                continue;
            }
            let keyword = self.keyword(name, node, value, resource.draft);
            schema.keywords.extend(keyword);
        }
        schema.keywords.sort_by_key(rank);
        schema.nullable = node.get("nullable").and_then(Node::as_bool) == Some(true);
        schema.needs_marks = schema
            .keywords
            .iter()
            .any(|it| matches!(it, Keyword::UnevaluatedItems(_) | Keyword::UnevaluatedProperties(_)));
        schema.children = std::mem::take(&mut self.children);
        schema
    }

    fn keyword(&mut self, name: &str, node: &'d Node, value: &'d Node, draft: Draft) -> Option<Keyword> {
        Some(match name {
            "$ref" => Keyword::Ref(self.target(node, value)?),
            "$dynamicRef" => {
                let anchor = value.as_str()?.rsplit('#').next()?.to_owned();
                Keyword::DynamicRef(self.target(node, value)?, anchor)
            }
            "$recursiveRef" if draft == Draft::Draft2019 => Keyword::RecursiveRef(self.target(node, value)?),
            "allOf" => Keyword::AllOf(self.list(value)?),
            "anyOf" => Keyword::AnyOf(self.list(value)?),
            "oneOf" => Keyword::OneOf(self.list(value)?),
            "not" => Keyword::Not(self.child(value)),
            "if" => Keyword::If {
                condition: self.child(value),
                then: node.get("then").map(|node| self.child(node)),
                other: node.get("else").map(|node| self.child(node)),
            },
            "contains" => {
                let count =
                    |key| if draft >= Draft::Draft2019 { node.get(key).and_then(count) } else { None };
                Keyword::Contains {
                    schema: self.child(value),
                    min: count("minContains").unwrap_or(1),
                    max: count("maxContains"),
                    marks: draft >= Draft::Draft2020,
                }
            }
            "items" if node.get("prefixItems").is_none() && value.as_list().is_none() => {
                Keyword::Items { prefix: Vec::new(), rest: Some(self.child(value)) }
            }
            "items" if node.get("prefixItems").is_none() => Keyword::Items {
                prefix: self.list(value)?,
                rest: node.get("additionalItems").map(|node| self.child(node)),
            },
            "prefixItems" => Keyword::Items {
                prefix: self.list(value)?,
                rest: node.get("items").map(|node| self.child(node)),
            },
            "unevaluatedItems" => Keyword::UnevaluatedItems(self.child(value)),
            "unevaluatedProperties" => Keyword::UnevaluatedProperties(self.child(value)),
            "propertyNames" => Keyword::PropertyNames(self.child(value)),
            "dependentSchemas" => Keyword::DependentSchemas(self.by_name(value)?),
            "dependentRequired" => Keyword::DependentRequired(lists(value)?),
            "dependencies" => return self.dependencies(value),
            "properties" | "patternProperties" | "additionalProperties" => {
                return self.properties(name, node);
            }
            _ => return self.assertion(name, node, value),
        })
    }

    /// Keywords that hold no schemas.
    fn assertion(&mut self, name: &str, node: &'d Node, value: &'d Node) -> Option<Keyword> {
        Some(match name {
            "type" => types(value)?,
            "const" => members("const", std::slice::from_ref(value)),
            "enum" => members("enum", value.as_list()?),
            "minimum" => Keyword::Minimum(
                decimal(value)?,
                node.get("exclusiveMinimum").and_then(Node::as_bool) == Some(true),
            ),
            "maximum" => Keyword::Maximum(
                decimal(value)?,
                node.get("exclusiveMaximum").and_then(Node::as_bool) == Some(true),
            ),
            "exclusiveMinimum" => Keyword::Minimum(decimal(value)?, true),
            "exclusiveMaximum" => Keyword::Maximum(decimal(value)?, true),
            "multipleOf" => Keyword::MultipleOf(decimal(value).filter(|unit| *unit > Decimal::from(0))?),
            "minLength" => Keyword::MinLength(count(value)?),
            "maxLength" => Keyword::MaxLength(count(value)?),
            "minItems" => Keyword::MinItems(count(value)?),
            "maxItems" => Keyword::MaxItems(count(value)?),
            "minProperties" => Keyword::MinProperties(count(value)?),
            "maxProperties" => Keyword::MaxProperties(count(value)?),
            "uniqueItems" if value.as_bool() == Some(true) => Keyword::UniqueItems,
            "required" => {
                let mut names = texts(value.as_list()?);
                names.retain(|name| !self.side.hides(self.resources, node, name));
                Keyword::Required(names)
            }
            "pattern" => {
                let pattern = value.as_str()?;
                Keyword::Pattern(Str::new(pattern), self.pattern(pattern, value)?)
            }
            "format" if self.asserts_formats => {
                let name = value.as_str()?;
                Keyword::Format(Str::new(name), TextForm::named(name)?)
            }
            _ => return None,
        })
    }

    fn pattern(&mut self, pattern: &str, node: &Node) -> Option<Pattern> {
        Pattern::new(pattern).map_err(|report| self.compiled.problems.push(report.at(node.place()))).ok()
    }

    fn target(&mut self, node: &'d Node, value: &'d Node) -> Option<SchemaId> {
        match self.resources.target(node, value.as_str()?) {
            Ok(target) => Some(self.child(target)),
            Err(lost) => {
                if self.compiled.problems.len() < Reports::MOST_HINTED {
                    self.compiled.problems.push(lost.report(value));
                }
                None
            }
        }
    }

    fn list(&mut self, value: &'d Node) -> Option<Vec<SchemaId>> {
        Some(value.as_list()?.iter().map(|node| self.child(node)).collect())
    }

    fn by_name(&mut self, value: &'d Node) -> Option<Vec<(Str, SchemaId)>> {
        let entries = value.entries()?.iter();
        Some(entries.filter_map(|(key, node)| Some((Str::new(key.as_str()?), self.child(node)))).collect())
    }

    /// `dependencies` holds schemas and lists of names.
    fn dependencies(&mut self, value: &'d Node) -> Option<Keyword> {
        let (mut schemas, mut required) = (Vec::new(), Vec::new());
        for (key, node) in value.entries()? {
            let name = Str::new(key.as_str()?);
            match node.as_list() {
                Some(names) => required.push((name, texts(names))),
                None => schemas.push((name, self.child(node))),
            }
        }
        // The names that fields need are schemas of their own, so that both are one keyword.
        if !required.is_empty() {
            let id = self.compiled.program.schemas.len();
            let keywords = vec![Keyword::DependentRequired(required)];
            self.compiled.program.schemas.push(Schema { keywords, ..Schema::default() });
            return Some(if schemas.is_empty() {
                Keyword::AllOf(vec![id])
            } else {
                let both = self.compiled.program.schemas.len();
                let keywords = vec![Keyword::DependentSchemas(schemas)];
                self.compiled.program.schemas.push(Schema { keywords, ..Schema::default() });
                Keyword::AllOf(vec![id, both])
            });
        }
        Some(Keyword::DependentSchemas(schemas))
    }

    /// All that speaks of properties, at the first of its keywords.
    fn properties(&mut self, name: &str, node: &'d Node) -> Option<Keyword> {
        let keys = ["properties", "patternProperties", "additionalProperties"];
        if keys.iter().find(|key| node.get(key).is_some()) != Some(&name) {
            return None;
        }
        let by_name = node.get("properties").and_then(|value| self.by_name(value)).unwrap_or_default();
        let mut properties = Properties { by_name: by_name.into_iter().collect(), ..Properties::default() };
        for (key, node) in node.get("patternProperties").and_then(Node::entries).unwrap_or_default() {
            let id = self.child(node);
            let text = Str::new(key.as_str().unwrap_or_default());
            if let Some(pattern) = self.pattern(&text, key) {
                properties.patterns.push((text, pattern, id));
            }
        }
        properties.additional = node.get("additionalProperties").map(|node| self.child(node));
        Some(Keyword::Properties(properties))
    }
}

/// What has to run late, since it asks what others have looked at; and what is decided fast runs early.
fn rank(keyword: &Keyword) -> u8 {
    match keyword {
        Keyword::Never | Keyword::Types(..) | Keyword::Members(..) => 0,
        Keyword::UnevaluatedItems(_) | Keyword::UnevaluatedProperties(_) => 2,
        _ => 1,
    }
}

fn types(value: &Node) -> Option<Keyword> {
    let nodes = value.as_list().unwrap_or(std::slice::from_ref(value));
    let names: Vec<&str> = nodes.iter().filter_map(Node::as_str).collect();
    let bits = names.iter().fold(0, |bits, name| {
        bits | match *name {
            "null" => TypeSet::NULL,
            "boolean" => TypeSet::BOOL,
            "integer" => TypeSet::INTEGER,
            "number" => TypeSet::INTEGER | TypeSet::FRACTION,
            "string" => TypeSet::TEXT,
            "array" => TypeSet::LIST,
            "object" => TypeSet::OBJECT,
            _ => 0,
        }
    });
    Some(Keyword::Types(TypeSet(bits), names.join(" or ")))
}

fn members(key: &'static str, values: &[Node]) -> Keyword {
    Keyword::Members(key, values.iter().filter_map(form).collect(), values.iter().map(written).collect())
}

fn lists(value: &Node) -> Option<Vec<(Str, Vec<Str>)>> {
    let entries = value.entries()?.iter();
    Some(
        entries.filter_map(|(key, names)| Some((Str::new(key.as_str()?), texts(names.as_list()?)))).collect(),
    )
}

fn texts(nodes: &[Node]) -> Vec<Str> {
    nodes.iter().filter_map(Node::as_str).map(Str::new).collect()
}

fn decimal(value: &Node) -> Option<Decimal> {
    scan(value)?.to_decimal().ok()
}

fn count(value: &Node) -> Option<u64> {
    decimal(value)?.as_big().to_u64()
}
