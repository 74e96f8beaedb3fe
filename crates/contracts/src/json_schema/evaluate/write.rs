//! Demands as JSON Schema 2020-12.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json, json};
use tenon_model::Decimal;

use super::{
    Demand, Program, SchemaId,
    keyword::{Keyword, Properties, Schema, TypeSet},
};

/// The deepest that schemas are written inside of each other; what is deeper has a name of its own.
const MAX_INLINE: usize = 24;

/// A demand as a schema.
pub(in crate::json_schema) struct Written {
    /// Refers to the definitions as `#/$defs/NAME`.
    pub(in crate::json_schema) schema: Json,
    /// What it refers to, by name.
    pub(in crate::json_schema) definitions: Vec<(String, Json)>,
}

/// Writes `demand`; `name` gives each definition a name. `None` for what means something only inside of its own document:
/// references that what is around them decides, and `contains` as 2019-09 has it beside `unevaluatedItems`.
pub(in crate::json_schema) fn write(demand: &Demand, name: &mut dyn FnMut() -> String) -> Option<Written> {
    let program = &*demand.program;
    let reached = Reached::from(program, demand.all_of.iter().chain(&demand.none_of).copied())?;
    let names: HashMap<SchemaId, String> = reached.shared.iter().map(|id| (*id, name())).collect();
    let writer = Writer { program, names };
    let definitions = reached.shared.iter().map(|id| (writer.names[id].clone(), writer.schema(*id)));
    let definitions = definitions.collect();
    let all_of = demand.all_of.iter().map(|id| writer.child(*id));
    let none_of = demand.none_of.iter().map(|id| json!({ "not": writer.child(*id) }));
    let mut all: Vec<Json> = all_of.chain(none_of).collect();
    let schema = if all.len() == 1 { all.remove(0) } else { json!({ "allOf": all }) };
    Some(Written { schema, definitions })
}

/// The schemas that a demand leads to.
struct Reached {
    /// Those that are written once, under a name: several refer to them, or they are deep inside. In the order of their finding.
    shared: Vec<SchemaId>,
}

impl Reached {
    fn from(program: &Program, first: impl Iterator<Item = SchemaId>) -> Option<Self> {
        let mut open: Vec<(SchemaId, usize)> = first.map(|id| (id, 0)).collect();
        open.reverse();
        let (mut seen, mut shared, mut is_shared) = (HashSet::new(), Vec::new(), HashSet::new());
        let (mut is_blind, mut asks_items) = (false, false);
        while let Some((id, depth)) = open.pop() {
            let is_first = seen.insert(id);
            let depth = if depth < MAX_INLINE { depth } else { 0 };
            if (!is_first || depth == 0 && seen.len() > 1) && is_shared.insert(id) {
                shared.push(id);
            }
            if !is_first {
                continue;
            }
            let schema = &program.schemas[id];
            for keyword in &schema.keywords {
                match keyword {
                    Keyword::DynamicRef(..) | Keyword::RecursiveRef(_) => return None,
                    Keyword::Contains { marks, .. } => is_blind |= !marks,
                    Keyword::UnevaluatedItems(_) => asks_items = true,
                    _ => {}
                }
                open.extend(children(keyword).into_iter().map(|child| (child, depth + 1)));
            }
        }
        (!(is_blind && asks_items)).then_some(Self { shared })
    }
}

/// The schemas that a keyword leads to.
fn children(keyword: &Keyword) -> Vec<SchemaId> {
    match keyword {
        Keyword::Items { prefix, rest } => prefix.iter().chain(rest).copied().collect(),
        Keyword::Properties(Properties { by_name, patterns, additional }) => {
            by_name.values().chain(patterns.iter().map(|(_, _, id)| id)).chain(additional).copied().collect()
        }
        Keyword::DependentSchemas(all) => all.iter().map(|(_, id)| *id).collect(),
        Keyword::AllOf(ids) | Keyword::AnyOf(ids) | Keyword::OneOf(ids) => ids.clone(),
        Keyword::If { condition, then, other } => {
            [Some(condition), then.as_ref(), other.as_ref()].into_iter().flatten().copied().collect()
        }
        Keyword::Contains { schema: id, .. }
        | Keyword::PropertyNames(id)
        | Keyword::Not(id)
        | Keyword::Ref(id)
        | Keyword::UnevaluatedItems(id)
        | Keyword::UnevaluatedProperties(id) => vec![*id],
        _ => Vec::new(),
    }
}

struct Writer<'p> {
    program: &'p Program,
    names: HashMap<SchemaId, String>,
}

impl Writer<'_> {
    /// A schema where another one leads to it.
    fn child(&self, id: SchemaId) -> Json {
        match self.names.get(&id) {
            Some(name) => json!({ "$ref": format!("#/$defs/{name}") }),
            None => self.schema(id),
        }
    }

    fn children(&self, ids: &[SchemaId]) -> Json {
        ids.iter().map(|id| self.child(*id)).collect()
    }

    fn by_name<'n>(&self, all: impl Iterator<Item = (&'n str, SchemaId)>) -> Json {
        let mut all: Vec<(&str, SchemaId)> = all.collect();
        all.sort_unstable();
        Json::Object(all.into_iter().map(|(name, id)| (name.to_owned(), self.child(id))).collect())
    }

    fn schema(&self, id: SchemaId) -> Json {
        let Schema { keywords, nullable, .. } = &self.program.schemas[id];
        let mut object = Map::new();
        let mut apart = Vec::new();
        for keyword in keywords {
            if matches!(keyword, Keyword::Never) {
                return Json::Bool(false);
            }
            for (key, value) in self.keyword(keyword) {
                // What has its key taken stands beside it.
                if key == "allOf" {
                    apart.extend(value.as_array().cloned().unwrap_or_default());
                } else if object.contains_key(key) {
                    apart.push(json!({ key: value }));
                } else {
                    object.insert(key.to_owned(), value);
                }
            }
        }
        match (&apart[..], object.is_empty()) {
            ([], true) => return Json::Bool(true),
            ([], false) => {}
            ([only], true) if !nullable => return only.clone(),
            _ => drop(object.insert("allOf".into(), Json::Array(apart))),
        }
        if *nullable { json!({ "anyOf": [{ "type": "null" }, object] }) } else { Json::Object(object) }
    }

    fn keyword(&self, keyword: &Keyword) -> Vec<(&'static str, Json)> {
        let one = |key, value| vec![(key, value)];
        match keyword {
            Keyword::Items { prefix, rest } => {
                let prefix = (!prefix.is_empty()).then(|| ("prefixItems", self.children(prefix)));
                prefix.into_iter().chain(rest.map(|rest| ("items", self.child(rest)))).collect()
            }
            Keyword::Contains { schema, min, max, .. } => {
                let mut all = one("contains", self.child(*schema));
                all.extend((*min != 1).then(|| ("minContains", json!(min))));
                all.extend(max.map(|max| ("maxContains", json!(max))));
                all
            }
            Keyword::Properties(properties) => self.properties(properties),
            Keyword::PropertyNames(id) => one("propertyNames", self.child(*id)),
            Keyword::DependentSchemas(all) => {
                one("dependentSchemas", self.by_name(all.iter().map(|(name, id)| (name.as_str(), *id))))
            }
            Keyword::AllOf(ids) => one("allOf", self.children(ids)),
            Keyword::AnyOf(ids) => one("anyOf", self.children(ids)),
            Keyword::OneOf(ids) => one("oneOf", self.children(ids)),
            Keyword::Not(id) => one("not", self.child(*id)),
            Keyword::If { condition, then, other } => {
                let mut all = one("if", self.child(*condition));
                all.extend(then.map(|id| ("then", self.child(id))));
                all.extend(other.map(|id| ("else", self.child(id))));
                all
            }
            Keyword::Ref(id) => one("allOf", json!([self.child(*id)])),
            Keyword::UnevaluatedItems(id) => one("unevaluatedItems", self.child(*id)),
            Keyword::UnevaluatedProperties(id) => one("unevaluatedProperties", self.child(*id)),
            _ => assertion(keyword).into_iter().collect(),
        }
    }

    fn properties(&self, properties: &Properties) -> Vec<(&'static str, Json)> {
        let Properties { by_name, patterns, additional } = properties;
        let mut all = Vec::new();
        if !by_name.is_empty() {
            all.push(("properties", self.by_name(by_name.iter().map(|(name, id)| (name.as_str(), *id)))));
        }
        if !patterns.is_empty() {
            let patterns = patterns.iter().map(|(text, _, id)| (text.as_str(), *id));
            all.push(("patternProperties", self.by_name(patterns)));
        }
        all.extend(additional.map(|id| ("additionalProperties", self.child(id))));
        all
    }
}

/// A keyword that leads to no other schema.
fn assertion(keyword: &Keyword) -> Option<(&'static str, Json)> {
    Some(match keyword {
        Keyword::Types(types, _) => ("type", type_names(*types)),
        Keyword::Members(_, _, members) => {
            let members = members.iter().filter_map(|text| serde_json::from_str(text).ok());
            ("enum", Json::Array(members.collect()))
        }
        Keyword::Minimum(bound, true) => ("exclusiveMinimum", number(bound)),
        Keyword::Minimum(bound, false) => ("minimum", number(bound)),
        Keyword::Maximum(bound, true) => ("exclusiveMaximum", number(bound)),
        Keyword::Maximum(bound, false) => ("maximum", number(bound)),
        Keyword::MultipleOf(unit) => ("multipleOf", number(unit)),
        Keyword::MinLength(min) => ("minLength", json!(min)),
        Keyword::MaxLength(max) => ("maxLength", json!(max)),
        Keyword::Pattern(pattern, _) => ("pattern", json!(pattern.as_str())),
        Keyword::Format(name, _) => ("format", json!(name.as_str())),
        Keyword::MinItems(min) => ("minItems", json!(min)),
        Keyword::MaxItems(max) => ("maxItems", json!(max)),
        Keyword::UniqueItems => ("uniqueItems", json!(true)),
        Keyword::Required(names) => {
            ("required", names.iter().map(|name| Json::from(name.as_str())).collect())
        }
        Keyword::MinProperties(min) => ("minProperties", json!(min)),
        Keyword::MaxProperties(max) => ("maxProperties", json!(max)),
        Keyword::DependentRequired(all) => {
            let lists = all.iter().map(|(name, others)| {
                (name.to_string(), others.iter().map(|other| Json::from(other.as_str())).collect())
            });
            ("dependentRequired", Json::Object(lists.collect()))
        }
        _ => return None,
    })
}

fn type_names(types: TypeSet) -> Json {
    let has = |bit| types.0 & bit != 0;
    let names = [
        (has(TypeSet::NULL), "null"),
        (has(TypeSet::BOOL), "boolean"),
        (has(TypeSet::INTEGER) && !has(TypeSet::FRACTION), "integer"),
        (has(TypeSet::FRACTION), "number"),
        (has(TypeSet::TEXT), "string"),
        (has(TypeSet::LIST), "array"),
        (has(TypeSet::OBJECT), "object"),
    ];
    let names: Vec<&str> = names.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect();
    if let [only] = names[..] { json!(only) } else { json!(names) }
}

fn number(number: &Decimal) -> Json {
    serde_json::from_str(&number.to_string()).unwrap_or_default()
}
