//! Constants as values of the shapes that they are defaults of.

use tenon_model::{Shape, Value};

use super::Shaper;
use crate::{
    graphql::model::{Constant, Form, Name, Sort, TypeRef, Wrap},
    json,
};

impl Shaper<'_, '_> {
    /// The value that `constant` is for the type `ty`; `None` where it is none of a scalar as the contract reads it, which is noted.
    pub(super) fn value(&mut self, constant: &Constant, ty: &TypeRef) -> Option<Value> {
        let value = self.coerced(constant, &ty.name.text, &ty.wraps);
        if value.is_none() {
            let message =
                format!("the default is not a value of {ty} as the contract reads it, so it is left out");
            self.note(
                &format!("default {:?}", constant.span),
                &constant.span,
                message,
                "correct the default",
            );
        }
        value
    }

    /// The constant by the rules of input coercion: what is no list stands for a list of it.
    fn coerced(&self, constant: &Constant, name: &str, wraps: &[Wrap]) -> Option<Value> {
        Some(match (wraps, &constant.form) {
            (_, Form::Null) => Value::Null,
            ([inner @ .., Wrap::NonNull], _) => self.coerced(constant, name, inner)?,
            ([inner @ .., Wrap::List], Form::List(items)) => {
                let items = items.iter().map(|item| self.coerced(item, name, inner));
                Value::list(items.collect::<Option<_>>()?)
            }
            ([inner @ .., Wrap::List], _) => Value::list(vec![self.coerced(constant, name, inner)?]),
            ([], Form::Object(given)) if let Some(fields) = self.model.input(name) => {
                // The defaults of what is left out are not filled in: each could bring more of them along.
                let mut values = Vec::with_capacity(given.len());
                for (key, value) in given {
                    let ty = &fields.get(&key.text)?.ty;
                    values.push((key.text.as_str(), self.coerced(value, &ty.name.text, &ty.wraps)?));
                }
                Value::record(values)
            }
            ([], _) => {
                let shape = self.of_scalar(name);
                json::Decoder::new(&shape).ok()?.decode(plain(constant, name)?.to_string().as_bytes()).ok()?
            }
        })
    }

    /// What values of a type are that is no input object.
    fn of_scalar(&self, name: &str) -> Shape {
        match self.model.get(name).map(|ty| ty.sort) {
            Some(Sort::Enum) => Shape::string(),
            Some(Sort::Scalar) => super::scalar::custom(name),
            Some(_) => Shape::ANY,
            None => super::scalar::built_in(name).unwrap_or(Shape::ANY),
        }
    }
}

/// The constant as JSON.
fn plain(constant: &Constant, name: &str) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    Some(match &constant.form {
        Form::Null => Json::Null,
        Form::Bool(is) => Json::Bool(*is),
        Form::Int(digits) if name == "ID" => Json::String(digits.clone()),
        Form::Int(digits) | Form::Float(digits) => serde_json::from_str(digits).ok()?,
        Form::Text(text) | Form::Enum(text) => Json::String(text.clone()),
        // No default has one.
        Form::Variable(_) => return None,
        Form::List(items) => Json::Array(items.iter().map(|item| plain(item, "")).collect::<Option<_>>()?),
        Form::Object(given) => {
            let field = |(key, value): &(Name, Constant)| Some((key.text.clone(), plain(value, "")?));
            Json::Object(given.iter().map(field).collect::<Option<_>>()?)
        }
    })
}
