//! Object types: from the records of contracts and the rows of tables.

use std::{collections::HashMap, sync::Arc};

use tenon_model::{
    Kind, Name, Record, Shape, Str, Value,
    shape::{Field, Part},
};
use tenon_plan::{Followed, Operation, OperationKind, Table};

use super::{
    Builder, Member, Object, Output, Reference, description,
    names::{enum_values, field_name, field_names, pascal},
};
use crate::operation::Served;

impl Builder<'_> {
    /// The type of the rows of `table`: its contract's fields, and the rows that they refer to.
    pub(super) fn row(&mut self, table: &Table) -> Option<usize> {
        let (record, part) = (table.contract.shape.as_record()?, Part::of(&table.contract.shape)?);
        let wanted = pascal(&table.contract.reference.name);
        Some(self.object(&record, part, &wanted, (table.contract.doc.as_ref(), Some(table))))
    }

    /// The output type of `shape` as GraphQL writes it, without its `!`; `owner` is what types within are named after.
    pub(super) fn output(&mut self, shape: &Shape, owner: &str) -> (String, Output) {
        let part = Part::of(shape);
        let shape = &*shape.resolved();
        match &shape.kind {
            Kind::Enum(values) => match self.enumeration(values, owner) {
                Some(name) => (name, Output::Leaf),
                None => (self.names.scalar(shape).unwrap_or("JSON").to_owned(), Output::Leaf),
            },
            Kind::List(list) => {
                let (item, output) = self.output(&list.item, owner);
                let mark = if list.item.nullable { "" } else { "!" };
                (format!("[{item}{mark}]"), Output::List(Box::new(output)))
            }
            Kind::Record(record) if !record.fields().is_empty() => {
                let part = part.unwrap_or_else(|| Part::from(record));
                let object = self.object(record, part, owner, (record.doc.as_ref(), None));
                (self.objects[object].name.to_string(), Output::Object(object))
            }
            _ => {
                let name = self.names.scalar(shape).unwrap_or_else(|| self.names.json());
                (name.to_owned(), Output::Leaf)
            }
        }
    }

    /// The type of `record`, made when it is first met. It is known before its fields are looked at, so that contracts may
    /// be recursive.
    fn object(
        &mut self,
        record: &Record,
        part: Part,
        wanted: &str,
        (doc, table): (Option<&Str>, Option<&Table>),
    ) -> usize {
        let known = (part, table.map(|table| Str::from(table.name.as_str())));
        if let Some(object) = self.known_objects.get(&known) {
            return *object;
        }
        let object = self.objects.len();
        let name = self.names.type_name(wanted);
        self.known_objects.insert(known, object);
        self.objects.push(Object { name: Str::from(&name), members: HashMap::new() });
        let block = self.blocks.len();
        self.blocks.push(String::new());
        let mut text = format!("{}type {name} {{\n", description(doc, ""));
        let names = field_names(record.fields().iter().map(|field| field.name.as_str()));
        for ((position, field), own) in record.fields().iter().enumerate().zip(names) {
            self.names.note(&name, &field.name, &own);
            text.push_str(&self.field(object, &name, (own, field), position));
        }
        for reference in table.map_or(&[][..], |table| &table.references) {
            text.push_str(&self.reference(object, reference).unwrap_or_default());
        }
        text.push_str("}\n");
        self.blocks[block] = text;
        object
    }

    fn field(&mut self, object: usize, owner: &str, (name, field): (Str, &Field), position: usize) -> String {
        let (output_type, output) = self.output(&field.shape, &format!("{owner}{}", pascal(&field.name)));
        let required = !field.may_be_absent() && !field.shape.allows_null();
        let member = Member::Field { name: field.name.clone(), position, output, required };
        self.objects[object].members.insert(name.clone(), member);
        let mark = if required { "!" } else { "" };
        let deprecated = if field.deprecated { " @deprecated" } else { "" };
        format!("{}  {name}: {output_type}{mark}{deprecated}\n", description(field.doc.as_ref(), "  "))
    }

    /// The field of a row referred to, where the API shows such rows. A column may have the reference's name already; then
    /// the reference gives way.
    fn reference(&mut self, object: usize, reference: &tenon_plan::Reference) -> Option<String> {
        let table = Arc::clone(self.plan.tables.get(&reference.table)?);
        let readers = self.readers(&table)?;
        let target = self.row(&table)?;
        let members = &self.objects[object].members;
        let wanted = reference.name.as_str();
        let wanted = if members.contains_key(wanted) { format!("{wanted}_row") } else { wanted.to_owned() };
        let name = field_name(&wanted, |name| members.contains_key(name));
        self.names.note(&self.objects[object].name, &wanted, &name);
        let member = Member::Reference(Arc::new(Reference {
            table: Str::from(table.name.as_str()),
            columns: reference.columns.clone(),
            object: target,
            readers,
        }));
        self.objects[object].members.insert(name.clone(), member);
        let doc = Str::from(format!(
            "The row of {} that `{}` refers to.",
            table.name,
            reference.columns.join("`, `")
        ));
        Some(format!("{}  {name}: {}\n", description(Some(&doc), "  "), self.objects[target].name))
    }

    /// What reads `table` for references to it: the operations that expose it, with their access and policies, or else who
    /// the API says may. Nothing where the API leaves references to the table out.
    fn readers(&mut self, table: &Arc<Table>) -> Option<Vec<Arc<Served>>> {
        let exposes = |served: &&Arc<Served>| match &served.definition.kind {
            OperationKind::Get { table: exposed } | OperationKind::List { table: exposed, .. } => {
                exposed.name == table.name
            }
            OperationKind::Send { .. } => false,
        };
        let readers: Vec<_> = self.served.iter().filter(exposes).cloned().collect();
        if !readers.is_empty() {
            return Some(readers);
        }
        let Some(Followed::By(access)) = self.api.references.get(&table.name) else { return None };
        let name = self.free_name(&table.name);
        let performer = self.performer;
        let longest = self.served.iter().map(|served| served.definition.timeout).max().unwrap_or_default();
        let reader = self.only_referred_to.entry(Str::from(table.name.as_str())).or_insert_with(|| {
            performer(Operation {
                name,
                doc: None,
                route: None,
                access: access.clone(),
                kind: OperationKind::Get { table: Arc::clone(table) },
                limit: None,
                cache: None,
                timeout: longest,
                status: 200,
            })
        });
        Some(vec![Arc::clone(reader)])
    }

    /// A name like `wanted` that no operation of the API has, so that metrics and logs do not mix the two up.
    fn free_name(&self, wanted: &Name) -> Name {
        let taken = |name: &Name| self.served.iter().any(|served| served.definition.name == *name);
        let numbered = (2..).map_while(|number| Name::new(&format!("{wanted}-{number}")));
        std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(wanted.clone())
    }

    /// The enum of `values`, if they can be one.
    pub(super) fn enumeration(&mut self, values: &Arc<[Value]>, wanted: &str) -> Option<String> {
        if let Some((_, name)) = self.enums.iter().find(|(known, _)| known == values) {
            return Some(name.clone());
        }
        let texts = enum_values(values)?;
        let name = self.names.type_name(wanted);
        self.blocks.push(format!("enum {name} {{\n  {}\n}}\n", texts.join("\n  ")));
        self.enums.push((Arc::clone(values), name.clone()));
        Some(name)
    }
}
