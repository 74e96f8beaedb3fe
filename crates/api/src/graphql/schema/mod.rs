//! The schema of an API: its text, and for each field where the value comes from.

mod inputs;
mod names;
mod objects;
mod roots;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use apollo_compiler::{Schema, collections, schema::Implementers, validation::Valid};
use tenon_contracts::json::Decoder;
use tenon_errors::{Report, Reports, catalogue::engine::INTERNAL};
use tenon_model::{Str, Value, shape::Part};
use tenon_plan::{Api, GraphqlExposure, Operation, Plan};

pub(crate) use self::{
    inputs::{Filters, Input, Orders},
    names::Takes,
};

use crate::{operation::Served, rest::query::ListSpec};

/// A schema and what it takes to answer requests that fit it.
pub(crate) struct Model {
    /// The schema as text (GraphQL's schema definition language).
    pub(crate) sdl: String,
    /// The schema as documents are validated against it.
    pub(crate) schema: Valid<Schema>,
    /// Needed by introspection.
    pub(crate) implementers: collections::HashMap<apollo_compiler::Name, Implementers>,
    /// The fields of `Query` and `Mutation`.
    pub(crate) roots: HashMap<Str, Root>,
    /// The object types.
    pub(crate) objects: Vec<Object>,
    /// The input types that stand for records.
    pub(crate) inputs: Vec<HashMap<Str, (Str, Input, bool)>>,
    /// Whether clients may ask for the schema.
    pub(crate) introspection: bool,
    /// The deepest selection.
    pub(crate) max_depth: usize,
    /// The largest answer, in bytes.
    pub(crate) max_answer: usize,
    /// What has another name than the project gives it, with both: `Order.c-d` and `c_d`.
    pub(crate) renamed: Vec<(String, String)>,
}

/// An object type.
#[derive(Debug, Default)]
pub(crate) struct Object {
    /// The name of the type.
    pub(crate) name: Str,
    /// Its fields, by their names in GraphQL.
    pub(crate) members: HashMap<Str, Member>,
}

/// Where the value of a field comes from.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// From a field of the row or record.
    Field {
        /// Its name in the data.
        name: Str,
        /// Where it stands in a record that has all fields.
        position: usize,
        /// What it holds.
        output: Output,
        /// Whether it is never null.
        required: bool,
    },
    /// From a row of another table.
    Reference(Arc<Reference>),
}

/// What a field holds.
#[derive(Debug, Clone)]
pub(crate) enum Output {
    /// Something without fields of its own.
    Leaf,
    /// An object of this type.
    Object(usize),
    /// A list.
    List(Box<Output>),
}

/// A reference from the rows of one table to those of another.
#[derive(Debug)]
pub(crate) struct Reference {
    /// The table referred to; reads of one level are batched by it.
    pub(crate) table: Str,
    /// The columns that hold the key, in the order of the key.
    pub(crate) columns: Vec<Str>,
    /// The type of the row referred to.
    pub(crate) object: usize,
    /// What may read the table. The first that the caller may call does.
    pub(crate) readers: Vec<Arc<Served>>,
}

/// A field of `Query` or `Mutation`.
pub(crate) struct Root {
    /// The operation.
    pub(crate) served: Arc<Served>,
    /// What it takes and gives.
    pub(crate) kind: RootKind,
}

/// What a root field does.
pub(crate) enum RootKind {
    /// Reads one row.
    Get {
        /// The arguments, in the order of the key, with what reads the values of their columns.
        key: Vec<(Str, Decoder)>,
        /// The type of the row.
        object: usize,
    },
    /// Reads a page.
    List {
        /// What may be asked.
        spec: ListSpec,
        /// The columns that may be filtered by, by their names in GraphQL.
        filter: Filters,
        /// The orders, by the names of their enum values: column and whether it is descending.
        sort: Orders,
        /// The type of the rows.
        object: usize,
        /// The name of the type of the page.
        page: Str,
    },
    /// Sends a message.
    Send {
        /// Reads the message.
        decoder: Decoder,
        /// How the argument translates to the contract.
        input: Input,
        /// What the reply holds.
        output: Output,
    },
}

impl Model {
    /// The schema of `api`, whose operations are `served`. `performer` gives what performs an operation that the plan does
    /// not have: reading a table that is only referred to.
    pub(crate) fn new(
        plan: &Plan,
        api: &Api,
        exposure: &GraphqlExposure,
        served: &[Arc<Served>],
        performer: &dyn Fn(Operation) -> Arc<Served>,
    ) -> Result<Self, Reports> {
        let mut builder = Builder::new(plan, api, served, performer);
        builder.roots()?;
        let sdl = builder.text();
        let schema = Schema::parse_and_validate(sdl.as_str(), "schema.graphql").map_err(|invalid| {
            let message =
                format!("the schema made for the API `{}` is not valid: {}", api.name, invalid.errors);
            Reports::from(Report::new(&INTERNAL, message).at(api.place.clone()))
        })?;
        Ok(Self {
            implementers: schema.implementers_map(),
            sdl,
            schema,
            roots: builder.roots,
            objects: builder.objects,
            inputs: builder.inputs,
            introspection: exposure.introspection,
            max_depth: exposure.max_depth,
            max_answer: exposure.max_answer,
            renamed: builder.names.into_renamed(),
        })
    }

    /// Whether the fields of `value` can be selected, for lists through their items.
    pub(crate) fn object_of(&self, output: &Output) -> Option<usize> {
        match output {
            Output::Leaf => None,
            Output::Object(object) => Some(*object),
            Output::List(item) => self.object_of(item),
        }
    }
}

/// Builds the schema text block by block, and the model beside it.
struct Builder<'a> {
    plan: &'a Plan,
    api: &'a Api,
    served: &'a [Arc<Served>],
    performer: &'a dyn Fn(Operation) -> Arc<Served>,
    names: names::Names,
    /// The definitions of types, in the order in which they were needed.
    blocks: Vec<String>,
    query: Vec<String>,
    mutation: Vec<String>,
    roots: HashMap<Str, Root>,
    objects: Vec<Object>,
    /// The types of records that were met, by the part of a contract and the table that they are rows of.
    known_objects: HashMap<(Part, Option<Str>), usize>,
    inputs: Vec<HashMap<Str, (Str, Input, bool)>>,
    known_inputs: HashMap<Part, (usize, String)>,
    /// The input types whose fields are being made.
    open_inputs: HashSet<usize>,
    /// The names of enum types, by their values.
    enums: Vec<(Arc<[Value]>, String)>,
    /// What reads the tables that no operation of the API reads.
    only_referred_to: HashMap<Str, Arc<Served>>,
    /// The input types that compare a scalar, by its name and whether its values have an order.
    comparisons: HashMap<(String, bool), String>,
}

impl<'a> Builder<'a> {
    fn new(
        plan: &'a Plan,
        api: &'a Api,
        served: &'a [Arc<Served>],
        performer: &'a dyn Fn(Operation) -> Arc<Served>,
    ) -> Self {
        Self {
            plan,
            api,
            served,
            performer,
            names: names::Names::default(),
            blocks: Vec::new(),
            query: Vec::new(),
            mutation: Vec::new(),
            roots: HashMap::new(),
            objects: Vec::new(),
            known_objects: HashMap::new(),
            inputs: Vec::new(),
            known_inputs: HashMap::new(),
            open_inputs: HashSet::new(),
            enums: Vec::new(),
            only_referred_to: HashMap::new(),
            comparisons: HashMap::new(),
        }
    }

    /// The whole schema as text.
    fn text(&self) -> String {
        let mut text = String::new();
        // The standard asks for at least one query field.
        let query = if self.query.is_empty() { "  _: Boolean\n".to_owned() } else { self.query.concat() };
        text.push_str(&format!("type Query {{\n{query}}}\n"));
        if !self.mutation.is_empty() {
            text.push_str(&format!("\ntype Mutation {{\n{}}}\n", self.mutation.concat()));
        }
        for block in
            self.blocks.iter().map(String::as_str).chain(self.names.scalars().map(|text| -> &str { text }))
        {
            text.push('\n');
            text.push_str(block);
        }
        text
    }
}

/// A description as a block string, indented.
fn description(doc: Option<&Str>, indent: &str) -> String {
    match doc.map(|doc| doc.trim()).filter(|doc| !doc.is_empty()) {
        Some(doc) => {
            // A block string may hold anything but its own end, and controls that source text may not have.
            let doc: String = doc.chars().filter(|c| !c.is_control() || *c == '\n').collect();
            let doc = doc.replace("\"\"\"", "\\\"\"\"").replace('\n', &format!("\n{indent}"));
            format!("{indent}\"\"\"\n{indent}{doc}\n{indent}\"\"\"\n")
        }
        None => String::new(),
    }
}
