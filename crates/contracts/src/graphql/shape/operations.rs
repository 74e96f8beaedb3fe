//! The fields of the root types as operations, and what fields take.

use tenon_model::{Kind, Record, Shape, Str};

use super::{Shaper, is_deprecated, with_reason};
use crate::{
    format,
    graphql::model::{Field, Operation},
};

/// What a field takes.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// The type and the field: `Order.lines`.
    pub field: Str,
    /// A record of the arguments.
    pub shape: Shape,
}

impl<'m> Shaper<'m, '_> {
    pub(super) fn operations(&mut self) -> Vec<format::Operation> {
        let model = self.model;
        let mut operations = Vec::new();
        for (operation, name) in model.roots() {
            let Some(ty) = model.get(&name) else { continue };
            for field in &ty.fields {
                operations.push(format::Operation {
                    name: Str::new(&field.name.text),
                    address: Str::from(format!("{} {}", operation.word(), field.name.text)),
                    doc: with_reason(field.doc.as_deref(), &field.directives),
                    deprecated: is_deprecated(&field.directives),
                    input: self.taken(field),
                    output: self.reference(&field.ty),
                    errors: Vec::new(),
                    streams_input: false,
                    streams_output: operation == Operation::Subscription,
                    place: self.text.place(&field.name.span),
                });
            }
        }
        operations
    }

    /// What every field with arguments takes.
    pub(super) fn arguments(&mut self) -> Vec<Arguments> {
        let model = self.model;
        let mut all = Vec::new();
        for ty in &model.types {
            for field in ty.fields.iter().filter(|field| !field.arguments.is_empty()) {
                let name = format!("{}.{}", ty.name.text, field.name.text);
                all.push(Arguments { field: Str::from(name), shape: self.taken(field) });
            }
        }
        all
    }

    fn taken(&mut self, field: &'m Field) -> Shape {
        self.inputs(&field.arguments)
    }

    /// A record of what is given.
    pub(in crate::graphql) fn inputs(&mut self, inputs: &'m [Field]) -> Shape {
        let inputs = inputs.iter().map(|input| self.input(input, false)).collect();
        Shape::of(Kind::Record(std::sync::Arc::new(Record::new(inputs))))
    }
}
