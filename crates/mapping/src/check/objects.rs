//! Objects of contracts: `order{id: x}` makes one, and is held against the contract as a mapping is.

use std::sync::Arc;

use tenon_errors::catalogue::expression::TYPE_MISMATCH;
use tenon_model::{
    Field, Kind, Record, Shape, Str, Value,
    relate::{Relating, exactly, is_within},
};

use super::{Checked, Checker};
use crate::{
    evaluate::{EntryNode, Op, Val},
    fits::{Misfit, a, fits},
    syntax::{Ast, Setter},
    types::Ty,
};

impl Checker<'_, '_> {
    /// The object of `contract`, which is called `name`, with these fields.
    pub(super) fn object(
        &mut self,
        ast: &Ast,
        (name, contract): (&Str, &Shape),
        setters: &[Setter],
    ) -> Checked {
        let (nodes, fields) = self.set(ast, name, setters);
        let made = Ty::Data(Shape::record(fields));
        match fits(&made, contract) {
            Ok(convert) => {
                let map = self.make(Op::Map(nodes.into()), &ast.span, made.clone());
                let op = Op::Made(Box::new(map.node), convert);
                let checked = self.make(op, &ast.span, known(&made, contract));
                self.fold(checked)
            }
            Err(misfits) => {
                for misfit in &misfits {
                    self.misfit(ast, name, setters, misfit);
                }
                self.failed(ast)
            }
        }
    }

    /// The fields that are set, and what they are.
    fn set(&mut self, ast: &Ast, name: &str, setters: &[Setter]) -> (Vec<EntryNode>, Vec<Field>) {
        let (mut nodes, mut fields) = (Vec::with_capacity(setters.len()), Vec::<Field>::new());
        for setter in setters {
            let (value, ty) = self.part(&setter.value, setter.optional);
            if fields.iter().any(|field| field.name == setter.field) {
                let message = format!("`{name}{{...}}` sets the field `{}` twice", setter.field);
                self.report(&TYPE_MISMATCH, &setter.span, message, "set it once");
                continue;
            }
            let shape = match ty {
                Ty::Null => exactly(&Value::Null),
                ty => ty.to_shape(),
            };
            let required = !setter.optional;
            fields.push(Field { required, ..Field::optional(setter.field.clone(), shape) });
            let key =
                self.constant(Val::Data(Value::String(setter.field.clone())), &ast.span, Ty::text()).node;
            nodes.push(EntryNode { optional: setter.optional, key, value });
        }
        (nodes, fields)
    }

    fn misfit(&mut self, ast: &Ast, name: &str, setters: &[Setter], misfit: &Misfit) {
        let path = misfit.below.trim_start_matches('.');
        let first = path.split(['.', '[']).next().unwrap_or_default();
        let setter = setters.iter().find(|setter| setter.field == first);
        let message = match (&misfit.takes, setter) {
            (_, None) if path.is_empty() => format!("`{name}` is {}, and this is an object", takes(misfit)),
            (None, _) => format!("`{path}` of `{name}` {}", misfit.message),
            (Some(takes), Some(setter)) if first == path => {
                let what = self.quote(&setter.value);
                format!("`{path}` of `{name}` takes {takes}, and {what} {}", misfit.message)
            }
            (Some(takes), _) => {
                format!("`{path}` of `{name}` takes {takes}, and what it is set to {}", misfit.message)
            }
        };
        let span = setter.map_or(&ast.span, |setter| &setter.value.span);
        let hint = misfit.hint.replace("set the fields one by one", "set it");
        let hint = match (hint.strip_prefix("the target has "), setter) {
            (Some(near), _) => format!("write {}", near.trim_end_matches(": set it")),
            (None, Some(setter)) if first == path => hint.replace("{x}", self.source(&setter.value)),
            (None, _) if path.is_empty() => String::new(),
            (None, _) if hint.contains("{x}") => "convert it where it is made".to_owned(),
            (None, _) => hint,
        };
        let message = message.replace("the target", "the contract");
        self.report(misfit.code, span, message, hint);
    }
}

fn takes(misfit: &Misfit) -> String {
    misfit.takes.clone().unwrap_or_else(|| a("value"))
}

/// What is known of the object: of a field that is certainly what the contract says, that; of another one only what it is set to,
/// since nothing has shown yet that the contract allows it.
fn known(made: &Ty, contract: &Shape) -> Ty {
    let Ty::Data(source) = made else { return Ty::DYN };
    if is_within(source, contract, Relating::FIT) {
        return Ty::Data(contract.clone());
    }
    let (Some(set), Some(record)) = (source.as_record(), contract.as_record()) else { return Ty::DYN };
    let mut fields = Vec::with_capacity(record.fields().len());
    for field in record.fields() {
        let Some((_, own)) = set.field(&field.name) else {
            fields.extend(field.stand_in().is_some().then(|| field.clone()));
            continue;
        };
        let is_certain = is_within(&own.shape, &field.shape, Relating::FIT)
            && (!own.shape.allows_null() || field.shape.allows_null());
        let shape = if is_certain { field.shape.clone() } else { converted(&own.shape, &field.shape) };
        fields.push(Field {
            shape,
            required: own.required || field.stand_in().is_some(),
            default: None,
            ..field.clone()
        });
    }
    let others = set.fields().iter().filter(|own| record.field(&own.name).is_none());
    fields.extend(others.map(|own| Field { shape: Shape::ANY, ..own.clone() }));
    let mut known = Record::new(fields);
    known.name.clone_from(&record.name);
    Ty::Data(Shape::of(Kind::Record(Arc::new(known))))
}

/// What a value is once it was made what the target takes, without what only the value can show.
fn converted(source: &Shape, target: &Shape) -> Shape {
    let kind = match (&source.resolved().kind, &target.resolved().kind) {
        (Kind::Int(_), Kind::Float(_)) => Shape::FLOAT.kind,
        (Kind::Int(_), Kind::Decimal(_)) => Shape::DECIMAL.kind,
        (Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Union(_), _) | (_, Kind::Union(_)) => {
            return Shape::ANY;
        }
        (kind, _) => kind.clone(),
    };
    Shape { nullable: source.allows_null() && target.allows_null(), ..Shape::of(kind) }
}
