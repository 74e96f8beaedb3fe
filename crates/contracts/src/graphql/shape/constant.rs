//! Constants as values of the shapes that they are defaults of.

use tenon_model::{Kind, Shape, Value};

use super::Shaper;
use crate::{
    graphql::model::{Constant, Form, Sort, TypeRef, Wrap},
    json,
};

impl Shaper<'_, '_> {
    /// The value that `constant` is for the type `ty`; `None` where the type is a scalar whose values the constant cannot be.
    pub(super) fn value(&mut self, constant: &Constant, ty: &TypeRef) -> Option<Value> {
        let written = self.coerced(constant, &ty.name.text, &ty.wraps)?;
        let shape = self.closed(ty);
        let decoded = json::Decoder::new(&shape).ok()?.decode(written.to_string().as_bytes());
        if decoded.is_err() {
            let message =
                format!("the default is not a value of {ty} as the contract reads it, so it is left out");
            self.note(
                &format!("default {:?}", constant.span),
                &constant.span,
                message,
                "correct the default",
            );
        }
        decoded.ok()
    }

    /// The shape of `ty` as far as constants are read by it: input objects are taken as they are written, since their types
    /// may not be defined yet.
    fn closed(&mut self, ty: &TypeRef) -> Shape {
        let name = ty.name.text.as_str();
        let mut shape = match self.model.get(name).map(|ty| ty.sort) {
            Some(Sort::Enum) => Shape::string().nullable(),
            Some(Sort::Scalar) => super::scalar::custom(name).nullable(),
            Some(_) => Shape::ANY,
            None => super::scalar::built_in(name).unwrap_or(Shape::ANY).nullable(),
        };
        for wrap in &ty.wraps {
            shape = match wrap {
                Wrap::NonNull => shape.non_null(),
                Wrap::List => Shape::list(shape).nullable(),
            };
        }
        if matches!(shape.kind, Kind::Any) { Shape::ANY } else { shape }
    }

    /// The constant as JSON, by the rules of input coercion: what is no list stands for a list of it.
    fn coerced(&self, constant: &Constant, name: &str, wraps: &[Wrap]) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        Some(match (wraps, &constant.form) {
            (_, Form::Null) => Json::Null,
            ([inner @ .., Wrap::NonNull], _) => self.coerced(constant, name, inner)?,
            ([inner @ .., Wrap::List], Form::List(items)) => {
                let items = items.iter().map(|item| self.coerced(item, name, inner));
                Json::Array(items.collect::<Option<_>>()?)
            }
            ([inner @ .., Wrap::List], _) => Json::Array(vec![self.coerced(constant, name, inner)?]),
            ([], Form::Bool(is)) => Json::Bool(*is),
            ([], Form::Int(digits)) if name == "ID" => Json::String(digits.clone()),
            ([], Form::Int(digits) | Form::Float(digits)) => serde_json::from_str(digits).ok()?,
            ([], Form::Text(text) | Form::Enum(text)) => Json::String(text.clone()),
            ([], Form::List(items)) => {
                Json::Array(items.iter().map(|item| self.coerced(item, name, &[])).collect::<Option<_>>()?)
            }
            ([], Form::Object(given)) => {
                // The defaults of what is left out are not filled in: each could bring more of them along.
                let fields = self.model.input(name);
                let mut object = serde_json::Map::new();
                for (key, value) in given {
                    let value = match fields.and_then(|fields| fields.get(&key.text)) {
                        Some(field) => self.coerced(value, &field.ty.name.text, &field.ty.wraps)?,
                        None => self.coerced(value, "", &[])?,
                    };
                    object.insert(key.text.clone(), value);
                }
                Json::Object(object)
            }
        })
    }
}
