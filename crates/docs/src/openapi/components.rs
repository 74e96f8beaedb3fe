//! The parts of an OpenAPI document that others refer to. What nothing refers to is not there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tenon_contracts::{Contract, json_schema};
use tenon_model::ContractRef;
use tenon_plan::{OperationKind, Plan};

use super::problem;

/// The schema of problems.
const PROBLEM: &str = "Problem";

/// Collects what the operations refer to.
pub(super) struct Components {
    /// The component of each contract that an operation uses.
    names: BTreeMap<ContractRef, String>,
    schemas: Map<String, Value>,
    responses: BTreeMap<String, Value>,
    headers: BTreeMap<&'static str, Value>,
    schemes: BTreeMap<&'static str, Value>,
}

impl Components {
    /// Nothing yet, with the names of the contracts that `plan` uses as REST.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut used: BTreeSet<&ContractRef> = BTreeSet::new();
        for api in plan.apis.iter().filter(|api| api.rest.is_some()) {
            for (operation, _) in super::routed(api) {
                match &operation.kind {
                    OperationKind::Get { table } | OperationKind::List { table, .. } => {
                        used.insert(&table.contract.reference);
                    }
                    OperationKind::Send { input, output, .. } => {
                        used.extend([&input.reference, &output.reference]);
                    }
                }
            }
        }
        let mut names: BTreeMap<ContractRef, String> = BTreeMap::new();
        for reference in &used {
            let versions = used.iter().filter(|other| other.name == reference.name).count();
            let name = pascal_case(&reference.name);
            let name = if versions > 1 { format!("{name}V{}", reference.version) } else { name };
            // `new-flight` and `NewFlight` are two contracts, and one may be called as what every problem follows.
            let taken = |name: &String| name == PROBLEM || names.values().any(|it| it == name);
            let name = first_free(&name, taken);
            names.insert((*reference).clone(), name);
        }
        Self {
            names,
            schemas: Map::new(),
            responses: BTreeMap::new(),
            headers: BTreeMap::new(),
            schemes: BTreeMap::new(),
        }
    }

    /// A reference to the schema of `contract`.
    pub(super) fn contract(&mut self, contract: &Contract) -> Value {
        let name = self.names.get(&contract.reference).cloned();
        let name = name.unwrap_or_else(|| pascal_case(&contract.reference.name));
        if !self.schemas.contains_key(&name) {
            // Taken before the definitions inside of it look for free names.
            self.schemas.insert(name.clone(), Value::Null);
            let mut schema = json_schema::write(&contract.shape);
            if let (Some(object), Some(doc)) = (schema.as_object_mut(), &contract.doc) {
                object.insert("description".into(), doc.as_str().into());
            }
            let schema = self.lifted(schema, &name);
            self.schemas.insert(name.clone(), schema);
        }
        reference("schemas", &name)
    }

    /// `schema` with its definitions as components: `#/$defs` in an OpenAPI document would be that of the document.
    fn lifted(&mut self, mut schema: Value, owner: &str) -> Value {
        let definitions = schema.as_object_mut().and_then(|object| object.remove("$defs"));
        let Some(Value::Object(definitions)) = definitions else { return schema };
        let mut names = BTreeMap::new();
        let mut lifted = Vec::new();
        for (name, definition) in definitions {
            let component = self.free(&format!("{owner}{}", identifier(&name)));
            self.schemas.insert(component.clone(), Value::Null);
            let pointer = format!("#/$defs/{}", name.replace('~', "~0").replace('/', "~1"));
            names.insert(pointer, component.clone());
            lifted.push((component, definition));
        }
        redirect(&mut schema, &names);
        for (component, mut definition) in lifted {
            redirect(&mut definition, &names);
            self.schemas.insert(component, definition);
        }
        schema
    }

    fn free(&self, name: &str) -> String {
        let taken =
            |name: &String| self.schemas.contains_key(name) || self.names.values().any(|it| it == name);
        first_free(name, |name| name == PROBLEM || taken(name))
    }

    /// A reference to the problem that is answered with `status`, a number or `default`.
    pub(super) fn problem(&mut self, status: &str) -> Value {
        if !self.responses.contains_key(status) {
            self.schemas.entry(PROBLEM).or_insert_with(problem::schema);
            let response = problem::response(status, self);
            self.responses.insert(status.to_owned(), response);
        }
        reference("responses", status)
    }

    /// A reference to the response header `name`.
    pub(super) fn header(&mut self, name: &'static str, description: &str, kind: &str) -> Value {
        let header = json!({ "description": description, "schema": { "type": kind } });
        self.headers.entry(name).or_insert(header);
        reference("headers", name)
    }

    /// Adds a way to authenticate; gives its name.
    pub(super) fn scheme(&mut self, name: &'static str, scheme: Value) -> &'static str {
        self.schemes.entry(name).or_insert(scheme);
        name
    }

    /// The components object (OAS 3.1.1, section 4.8.7), without empty parts.
    pub(super) fn finish(self) -> Value {
        let collect = |parts: BTreeMap<&str, Value>| {
            Value::Object(parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect())
        };
        let parts = [
            ("schemas", Value::Object(self.schemas)),
            ("responses", Value::Object(self.responses.into_iter().collect())),
            ("headers", collect(self.headers)),
            ("securitySchemes", collect(self.schemes)),
        ];
        let filled =
            parts.into_iter().filter(|(_, part)| part.as_object().is_some_and(|part| !part.is_empty()));
        Value::Object(filled.map(|(name, part)| (name.to_owned(), part)).collect())
    }
}

/// `name`, or with the first number that makes it one that is not taken.
fn first_free(name: &str, taken: impl Fn(&String) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// Makes the references to definitions of the schema references to components.
fn redirect(schema: &mut Value, names: &BTreeMap<String, String>) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), names.get(value.as_str().unwrap_or_default())) {
                    ("$ref", Some(name)) => *value = format!("#/components/schemas/{name}").into(),
                    _ => redirect(value, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, names)),
        _ => {}
    }
}

/// `new-flight` as `NewFlight`.
pub(super) fn pascal_case(name: &str) -> String {
    name.split(['-', '_', '.'])
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

/// The name of a definition with what component names may hold (OAS 3.1.1, section 4.8.7.1).
fn identifier(name: &str) -> String {
    pascal_case(name).replace(|c: char| !c.is_ascii_alphanumeric(), "")
}
