//! Input types: messages as arguments, and the filters and orders of lists.

use std::collections::HashMap;

use tenon_contracts::json::Decoder;
use tenon_errors::Report;
use tenon_model::{Kind, Record, Shape, Str, shape::Part};
use tenon_ports::{Comparison, comparison::unordered};

use super::{
    Builder, description,
    names::{field_names, pascal},
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

/// The columns that may be filtered by, with what reads their values, by their names in GraphQL.
pub(crate) type Filters = HashMap<Str, (Str, Decoder)>;
/// The orders that may be asked for, as column and whether it is descending, by the names of their enum values.
pub(crate) type Orders = HashMap<Str, (Str, bool)>;

impl Builder<'_> {
    /// The input type of `shape` as GraphQL writes it, without its `!`.
    pub(super) fn input(&mut self, shape: &Shape, owner: &str) -> (String, Input) {
        let part = Part::of(shape);
        let shape = &*shape.resolved();
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
                let (input, name) = self.record(record, part.unwrap_or_else(|| Part::from(record)), owner);
                (name, Input::Record(input))
            }
            _ => {
                let name = self.names.scalar(shape).unwrap_or_else(|| self.names.json());
                (name.to_owned(), Input::Leaf)
            }
        }
    }

    fn record(&mut self, record: &Record, part: Part, owner: &str) -> (usize, String) {
        if let Some(known) = self.known_inputs.get(&part) {
            return known.clone();
        }
        let name = self.names.type_name(&format!("{owner}Input"));
        let input = self.inputs.len();
        self.known_inputs.insert(part, (input, name.clone()));
        self.inputs.push(HashMap::new());
        self.open_inputs.insert(input);
        let block = self.blocks.len();
        self.blocks.push(String::new());
        let mut text = format!("{}input {name} {{\n", description(record.doc.as_ref(), ""));
        let names = field_names(record.fields().iter().map(|field| field.name.as_str()));
        for (field, field_name) in record.fields().iter().zip(names) {
            self.names.note(&name, &field.name, &field_name);
            let (input_type, translation) =
                self.input(&field.shape, &format!("{owner}{}", pascal(&field.name)));
            let nullable = field.shape.allows_null();
            // A type that has to hold itself would have no end: GraphQL refuses it, and the contract every value of it.
            let is_circle = matches!(translation, Input::Record(inner) if self.open_inputs.contains(&inner));
            self.inputs[input].insert(field_name.clone(), (field.name.clone(), translation, nullable));
            let is_required = field.required && !nullable;
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
        let is_ordered = unordered(shape).is_none();
        if let Some(name) = self.comparisons.get(&(scalar.clone(), is_ordered)) {
            return name.clone();
        }
        // Beside what other texts are compared by; no boolean and no enum type of GraphQL has an order.
        let others_have_order = scalar == "String" && !is_ordered;
        let of = if others_have_order { "Equality" } else { "" };
        let name = self.names.type_name(&format!("{}{of}Filter", pascal(&scalar)));
        let fields: String = Comparison::for_values(shape)
            .map(|comparison| match comparison {
                Comparison::In => format!("  {}: [{scalar}!]\n", comparison.word()),
                Comparison::Null => format!("  {}: Boolean\n", comparison.word()),
                _ => format!("  {}: {scalar}\n", comparison.word()),
            })
            .collect();
        self.blocks.push(format!("\"Conditions that must all hold.\"\ninput {name} {{\n{fields}}}\n"));
        self.comparisons.insert((scalar, is_ordered), name.clone());
        name
    }

    /// The input type that filters by `columns`: its name, and the columns by their names in GraphQL.
    ///
    /// # Errors
    /// As for [`Decoder::new`].
    pub(super) fn filter(
        &mut self,
        owner: &str,
        columns: &[(Str, Shape)],
    ) -> Result<Option<(String, Filters)>, Report> {
        if columns.is_empty() {
            return Ok(None);
        }
        let name = self.names.type_name(&format!("{owner}Filter"));
        let (mut text, mut names) = (format!("input {name} {{\n"), HashMap::new());
        let fields = field_names(columns.iter().map(|(column, _)| column.as_str()));
        for ((column, shape), field) in columns.iter().zip(fields) {
            let comparison = self.comparison(shape, &format!("{owner}{}", pascal(column)));
            text.push_str(&format!("  {field}: {comparison}\n"));
            names.insert(field, (column.clone(), Decoder::new(shape)?));
        }
        text.push_str("}\n");
        self.blocks.push(text);
        Ok(Some((name, names)))
    }

    /// The enum of the orders of `columns`: its name, and the orders by the names of its values.
    pub(super) fn sort(&mut self, owner: &str, columns: &[(Str, Shape)]) -> Option<(String, Orders)> {
        if columns.is_empty() {
            return None;
        }
        let name = self.names.type_name(&format!("{owner}Sort"));
        let (mut text, mut names) = (format!("enum {name} {{\n"), HashMap::new());
        let orders: Vec<(String, &Str, bool)> = columns
            .iter()
            .flat_map(|(column, _)| {
                [("asc", false), ("desc", true)]
                    .map(|(suffix, descending)| (format!("{column}_{suffix}"), column, descending))
            })
            .collect();
        let values = field_names(orders.iter().map(|(wanted, ..)| wanted.as_str()));
        for ((_, column, descending), value) in orders.iter().zip(values) {
            text.push_str(&format!("  {value}\n"));
            names.insert(value, ((*column).clone(), *descending));
        }
        text.push_str("}\n");
        self.blocks.push(text);
        Some((name, names))
    }
}
