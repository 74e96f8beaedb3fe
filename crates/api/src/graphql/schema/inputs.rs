//! Input types: messages as arguments, and the filters and orders of lists.

use std::collections::HashMap;
use std::sync::Arc;

use tenon_model::{Kind, Record, Shape, Str};

use super::{
    Builder, description,
    names::{field_name, pascal},
};

/// How an argument translates to data.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// As it is.
    Leaf,
    /// Item by item; a single value counts as a list of one (GraphQL, section 3.11).
    List(Box<Input>),
    /// Field by field, by the names of this input type.
    Record(usize),
}

/// The columns that may be filtered by, with their shapes, by their names in GraphQL.
pub(crate) type Filters = HashMap<Str, (Str, Shape)>;
/// The orders that may be asked for, as column and whether it is descending, by the names of their enum values.
pub(crate) type Orders = HashMap<Str, (Str, bool)>;

impl Builder<'_> {
    /// The input type of `shape` as GraphQL writes it, without its `!`.
    pub(super) fn input(&mut self, shape: &Shape, owner: &str) -> (String, Input) {
        let shape = shape.resolved();
        match &shape.kind {
            Kind::Enum(values) => match self.enumeration(values, owner) {
                Some(name) => (name, Input::Leaf),
                None => (self.names.scalar(shape).unwrap_or("JSON").to_owned(), Input::Leaf),
            },
            Kind::List(list) => {
                let (item, input) = self.input(&list.item, owner);
                let mark = if list.item.nullable { "" } else { "!" };
                (format!("[{item}{mark}]"), Input::List(Box::new(input)))
            }
            Kind::Record(record) if !record.fields().is_empty() => {
                let (input, name) = self.record(record, owner);
                (name, Input::Record(input))
            }
            _ => {
                let name = self.names.scalar(shape).unwrap_or_else(|| self.names.json());
                (name.to_owned(), Input::Leaf)
            }
        }
    }

    fn record(&mut self, record: &Arc<Record>, owner: &str) -> (usize, String) {
        let address = Arc::as_ptr(record) as usize;
        if let Some(known) = self.known_inputs.get(&address) {
            return known.clone();
        }
        let name = self.names.type_name(&format!("{owner}Input"));
        let input = self.inputs.len();
        self.known_inputs.insert(address, (input, name.clone()));
        self.inputs.push(HashMap::new());
        self.open_inputs.insert(input);
        let block = self.blocks.len();
        self.blocks.push(String::new());
        let mut text = format!("{}input {name} {{\n", description(record.doc.as_ref(), ""));
        for field in record.fields() {
            let (input_type, translation) =
                self.input(&field.shape, &format!("{owner}{}", pascal(&field.name)));
            let nullable = field.shape.nullable || field.shape.resolved().nullable;
            let field_name = field_name(&field.name, |name| self.inputs[input].contains_key(name));
            // A type that has to hold itself would have no end: GraphQL refuses it, and the contract every value of it.
            let is_circle = matches!(translation, Input::Record(inner) if self.open_inputs.contains(&inner));
            self.inputs[input].insert(field_name.clone(), (field.name.clone(), translation, nullable));
            let is_required = field.required && field.default.is_none() && !nullable;
            let mark = if is_required && !is_circle { "!" } else { "" };
            text.push_str(&format!(
                "{}  {field_name}: {input_type}{mark}\n",
                description(field.doc.as_ref(), "  ")
            ));
        }
        text.push_str("}\n");
        self.open_inputs.remove(&input);
        self.blocks[block] = text;
        (input, name)
    }

    /// The input type that compares values of `shape`.
    pub(super) fn comparison(&mut self, shape: &Shape, owner: &str) -> String {
        let (scalar, _) = self.input(shape, owner);
        if let Some(name) = self.comparisons.get(&scalar) {
            return name.clone();
        }
        let name = self.names.type_name(&format!("{}Filter", pascal(&scalar)));
        self.blocks.push(format!(
            "\"Conditions that must all hold.\"\ninput {name} {{\n  eq: {scalar}\n  ne: {scalar}\n  lt: {scalar}\n  lte: {scalar}\n  \
             gt: {scalar}\n  gte: {scalar}\n  in: [{scalar}!]\n  null: Boolean\n}}\n"
        ));
        self.comparisons.insert(scalar, name.clone());
        name
    }

    /// The input type that filters by `columns`: its name, and the columns by their names in GraphQL.
    pub(super) fn filter(&mut self, owner: &str, columns: &[(Str, Shape)]) -> Option<(String, Filters)> {
        if columns.is_empty() {
            return None;
        }
        let name = self.names.type_name(&format!("{owner}Filter"));
        let (mut text, mut names) = (format!("input {name} {{\n"), HashMap::new());
        for (column, shape) in columns {
            let comparison = self.comparison(shape, &format!("{owner}{}", pascal(column)));
            let field = field_name(column, |name| names.contains_key(name));
            text.push_str(&format!("  {field}: {comparison}\n"));
            names.insert(field, (column.clone(), shape.clone()));
        }
        text.push_str("}\n");
        self.blocks.push(text);
        Some((name, names))
    }

    /// The enum of the orders of `columns`: its name, and the orders by the names of its values.
    pub(super) fn sort(&mut self, owner: &str, columns: &[(Str, Shape)]) -> Option<(String, Orders)> {
        if columns.is_empty() {
            return None;
        }
        let name = self.names.type_name(&format!("{owner}Sort"));
        let (mut text, mut names) = (format!("enum {name} {{\n"), HashMap::new());
        for (column, _) in columns {
            for (suffix, descending) in [("asc", false), ("desc", true)] {
                let value = field_name(&format!("{column}_{suffix}"), |name| names.contains_key(name));
                text.push_str(&format!("  {value}\n"));
                names.insert(value, (column.clone(), descending));
            }
        }
        text.push_str("}\n");
        self.blocks.push(text);
        Some((name, names))
    }
}
