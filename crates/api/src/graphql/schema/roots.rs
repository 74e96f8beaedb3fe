//! The fields of `Query` and `Mutation`: one for each operation.

use std::{collections::HashMap, sync::Arc};

use tenon_contracts::{Contract, json::Decoder};
use tenon_errors::{Report, Reports, catalogue::engine::INTERNAL};
use tenon_model::Str;
use tenon_plan::{OperationKind, Table};

use super::{
    Builder, Output, Root, RootKind, description,
    names::{field_names, identifier, pascal},
};
use crate::{operation::Served, rest::query::ListSpec};

impl Builder<'_> {
    /// Adds a field for each operation.
    pub(super) fn roots(&mut self) -> Result<(), Reports> {
        // Types of rows come first, so that they have the plain names of their contracts.
        for served in self.served {
            if let OperationKind::Get { table } | OperationKind::List { table, .. } = &served.definition.kind
            {
                self.row(table);
            }
        }
        let mut reports = Reports::new();
        let names = field_names(self.served.iter().map(|served| served.definition.name.as_str()));
        for (served, name) in self.served.iter().zip(names) {
            self.names.note("", &served.definition.name, &name);
            let made = match &served.definition.kind {
                OperationKind::Get { table } => self.get(&name, table),
                OperationKind::List { table, filter, sort, page_size, max_page_size } => {
                    let definition = &served.definition.name;
                    let spec = ListSpec::new(definition, table, filter, sort, (*page_size, *max_page_size));
                    self.list(&name, table, spec)
                }
                OperationKind::Send { input, output, .. } => self.send(&name, input, output),
            };
            match made {
                Ok((text, kind)) => self.add(name, served, &text, kind),
                Err(report) => reports.push(report),
            }
        }
        reports.finish(()).map_err(|reports| {
            let context = format!("the API `{}` cannot be served as GraphQL", self.api.name);
            Report::new(&INTERNAL, context).at(self.api.place.clone()).with_details(reports).into()
        })
    }

    fn add(&mut self, name: Str, served: &Arc<Served>, text: &str, kind: RootKind) {
        let order = served.definition.default_order();
        let says: Vec<_> = served.definition.doc.as_deref().into_iter().chain(order.as_deref()).collect();
        let line = format!("{}  {text}\n", description(Some(&Str::from(says.join("\n\n"))), "  "));
        match &kind {
            RootKind::Send { .. } if !served.definition.only_asks() => self.mutation.push(line),
            RootKind::Send { .. } | RootKind::Get { .. } | RootKind::List { .. } => self.query.push(line),
        }
        self.roots.insert(name, Root { served: Arc::clone(served), kind });
    }

    fn get(&mut self, name: &str, table: &Table) -> Result<(String, RootKind), Report> {
        let object = self.row_of(table)?;
        let mut key: Vec<(Str, Decoder)> = Vec::new();
        let mut arguments = Vec::new();
        let columns: Vec<_> =
            table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at)).collect();
        let names = field_names(columns.iter().map(|column| column.name.as_str()));
        for (column, argument) in columns.into_iter().zip(names) {
            let owner = format!("{}{}", self.objects[object].name, pascal(&column.name));
            let (input_type, _) = self.input(&column.shape, &owner);
            arguments.push(format!("{argument}: {input_type}!"));
            key.push((argument, Decoder::new(&column.shape)?));
        }
        let text = format!("{name}({}): {}", arguments.join(", "), self.objects[object].name);
        Ok((text, RootKind::Get { key, object }))
    }

    fn list(&mut self, name: &str, table: &Table, spec: ListSpec) -> Result<(String, RootKind), Report> {
        let object = self.row_of(table)?;
        let row = self.objects[object].name.clone();
        let filter = self.filter(&row, &spec.filter)?;
        let sort = self.sort(&row, &spec.sort);
        let page = self.names.type_name(&format!("{row}Page"));
        self.blocks.push(format!(
            "\"A page of rows.\"\ntype {page} {{\n  items: [{row}!]!\n  \
             \"Pass it as `after` for the next page; null on the last one.\"\n  next: String\n}}\n"
        ));
        let mut arguments = Vec::new();
        if let Some((input_type, _)) = &filter {
            arguments.push(format!("filter: {input_type}"));
        }
        if let Some((input_type, _)) = &sort {
            arguments.push(format!("sort: [{input_type}!]"));
        }
        arguments.push("first: Int".to_owned());
        arguments.push("after: String".to_owned());
        let text = format!("{name}({}): {page}", arguments.join(", "));
        let (filter, sort) =
            (filter.map_or_else(HashMap::new, |(_, it)| it), sort.map_or_else(HashMap::new, |(_, it)| it));
        Ok((text, RootKind::List { spec, filter, sort, object, page: page.into() }))
    }

    fn send(
        &mut self,
        name: &str,
        input: &Contract,
        output: &Contract,
    ) -> Result<(String, RootKind), Report> {
        let decoder = Decoder::new(&input.shape)?;
        let (input_type, translation) = self.input(&input.shape, &pascal(&input.reference.name));
        // A reply that is a row of a table can be followed like one.
        let table = self.served.iter().find_map(|served| match &served.definition.kind {
            OperationKind::Get { table } | OperationKind::List { table, .. } => {
                (table.contract.reference == output.reference).then_some(table)
            }
            OperationKind::Send { .. } => None,
        });
        let (output_type, output) = match table.and_then(|table| self.row(table)) {
            Some(object) => (self.objects[object].name.to_string(), Output::Object(object)),
            None => self.output(&output.shape, &pascal(&output.reference.name)),
        };
        let text = format!("{}(input: {input_type}!): {output_type}", identifier(name));
        Ok((text, RootKind::Send { decoder, input: translation, output }))
    }

    fn row_of(&mut self, table: &Table) -> Result<usize, Report> {
        self.row(table).ok_or_else(|| {
            Report::new(&INTERNAL, format!("the contract of the table `{}` is not a record", table.name))
        })
    }
}
