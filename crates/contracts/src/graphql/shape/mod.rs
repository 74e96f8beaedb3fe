//! Types as shapes, and the fields of the root types as operations.

mod constant;
mod operations;
mod scalar;
mod selected;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_errors::{Report, catalogue::contract::ASSERTS_NOTHING};
use tenon_model::{
    Field as ShapeField, Kind, Named, Record, Shape, Str, Types, Value,
    shape::{Choice, Union},
    types::{About, Member},
};

pub use self::operations::Arguments;
pub(super) use self::selected::{Answers, fragments};
use super::{
    Read,
    model::{Directive, Field, Model, Sort, Span, Type, TypeRef, Wrap, directive},
};
use crate::{
    format::{Definition, Schema},
    problems::Text,
};

/// The field that tells the alternatives of interfaces and unions apart (specification, section 4.4).
pub(super) const TYPE_NAME: &str = "__typename";

/// Everything that `model` says.
pub(super) fn read(model: &Model, text: &Text<'_>) -> Read {
    let mut shaper = Shaper::new(model, text);
    shaper.define();
    let roots: HashSet<String> = model.roots().into_iter().map(|(_, name)| name).collect();
    let types = model.types.iter().enumerate().filter(|(_, ty)| !roots.contains(&ty.name.text));
    let types = types.map(|(at, ty)| shaper.definition(at, ty)).collect();
    let operations = shaper.operations();
    let arguments = shaper.arguments();
    let inputs =
        model.types.iter().filter(|ty| ty.sort == Sort::Input).map(|ty| Str::new(&ty.name.text)).collect();
    Read {
        schema: Schema { types, operations, notes: shaper.notes, codecs: None, ..Schema::default() },
        arguments,
        inputs,
    }
}

/// The most notes of a file.
const MOST_NOTES: usize = 100;

pub(super) struct Shaper<'m, 't> {
    model: &'m Model,
    text: &'m Text<'t>,
    /// The types, in the order of the model.
    named: Vec<Named>,
    /// Object types as alternatives of interfaces and unions: with the field that names them.
    tagged: HashMap<usize, Named>,
    /// The positions of the types that implement an interface, by its name.
    implementers: HashMap<&'m str, Vec<usize>>,
    pub(super) notes: Vec<Report>,
    noted: HashSet<String>,
}

impl<'m, 't> Shaper<'m, 't> {
    pub(super) fn new(model: &'m Model, text: &'m Text<'t>) -> Self {
        let arena = Types::default();
        let named = model.types.iter().map(|ty| arena.declare(ty.name.text.as_str())).collect();
        let mut implementers: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut tagged = HashMap::new();
        for (at, ty) in model.types.iter().enumerate().filter(|(_, ty)| ty.sort == Sort::Object) {
            for interface in &ty.interfaces {
                implementers.entry(interface.text.as_str()).or_default().push(at);
                tagged.entry(at).or_insert_with(|| arena.declare(ty.name.text.as_str()));
            }
        }
        for member in model.types.iter().flat_map(|ty| &ty.members) {
            if let Some(at) = model.position(&member.text) {
                tagged.entry(at).or_insert_with(|| arena.declare(member.text.as_str()));
            }
        }
        Self { model, text, named, tagged, implementers, notes: Vec::new(), noted: HashSet::new() }
    }

    fn note(&mut self, subject: &str, span: &Span, message: String, hint: &str) {
        if self.notes.len() < MOST_NOTES && self.noted.insert(subject.to_owned()) {
            self.notes.push(Report::new(&ASSERTS_NOTHING, message).at(self.text.place(span)).hint(hint));
        }
    }

    pub(super) fn define(&mut self) {
        let model = self.model;
        for (at, ty) in model.types.iter().enumerate() {
            let shape = match ty.sort {
                Sort::Scalar => self.scalar(ty),
                Sort::Object => self.record(ty, None),
                Sort::Interface => {
                    self.union(self.implementers.get(ty.name.text.as_str()).map_or(&[][..], Vec::as_slice))
                }
                Sort::Union => {
                    let members = ty.members.iter().filter_map(|member| model.position(&member.text));
                    self.union(&members.collect::<Vec<_>>())
                }
                Sort::Enum => enumeration(ty),
                Sort::Input => self.record(ty, None),
            };
            self.named[at].define(&shape);
            self.named[at].describe(about(ty));
            if let Some(tagged) = self.tagged.get(&at).cloned() {
                tagged.define(&self.record(ty, Some(TYPE_NAME)));
                tagged.describe(about(ty));
            }
        }
    }

    fn definition(&self, at: usize, ty: &Type) -> Definition {
        Definition {
            name: Str::new(&ty.name.text),
            // What is said of the values of an enumeration hangs on its name.
            shape: match ty.sort {
                Sort::Enum => Shape::of(Kind::Named(self.named[at].clone())),
                _ => self.named[at].get().unwrap_or(Shape::ANY),
            },
            title: None,
            doc: ty.doc.as_deref().map(Str::new),
            examples: Vec::new(),
        }
    }

    /// An object or input type; with `tag`, the field of that name says which type it is.
    fn record(&mut self, ty: &'m Type, tag: Option<&str>) -> Shape {
        let name = Str::new(&ty.name.text);
        let mut fields = Vec::with_capacity(ty.fields.len() + 1);
        if let Some(tag) = tag {
            let only: Arc<[Value]> = Arc::from([Value::String(name.clone())]);
            fields.push(ShapeField::required(tag, Shape::of(Kind::Enum(only))));
        }
        let is_one_of = directive(&ty.directives, "oneOf").is_some();
        for field in &ty.fields {
            fields.push(match ty.sort {
                Sort::Input => self.input(field, is_one_of),
                _ => self.output(field),
            });
        }
        let mut record = Record::new(fields);
        if is_one_of {
            let fields = ty.fields.iter().map(|field| Str::new(&field.name.text)).collect();
            record.choices = vec![Choice { name: name.clone(), fields, is_required: true }];
        }
        record.name = Some(name);
        record.doc = ty.doc.as_deref().map(Str::new);
        Shape::of(Kind::Record(Arc::new(record)))
    }

    fn output(&mut self, field: &'m Field) -> ShapeField {
        let shape = self.reference(&field.ty);
        let required = !shape.nullable;
        described(ShapeField { required, ..ShapeField::optional(field.name.text.as_str(), shape) }, field)
    }

    /// A field of an input type, or an argument. Exactly one field of `@oneOf` types is given, and not null.
    fn input(&mut self, field: &'m Field, is_one_of: bool) -> ShapeField {
        if field.ty.name.text == "ID" {
            let message = "`ID` is text in a contract, and services take integers as well".to_owned();
            self.note("ID", &field.ty.name.span, message, "write identifiers as text");
        }
        let mut shape = self.reference(&field.ty);
        shape.nullable &= !is_one_of;
        let default = field.default.as_ref().and_then(|default| self.value(default, &field.ty));
        let required = field.is_required();
        described(
            ShapeField { required, default, ..ShapeField::optional(field.name.text.as_str(), shape) },
            field,
        )
    }

    fn reference(&mut self, ty: &TypeRef) -> Shape {
        let name = ty.name.text.as_str();
        let base = match self.model.position(name) {
            Some(at) => Shape::of(Kind::Named(self.named[at].clone())),
            None => scalar::built_in(name).unwrap_or(Shape::ANY),
        };
        wrapped(base.nullable(), ty)
    }

    fn union(&self, members: &[usize]) -> Shape {
        let variant = |at: &usize| {
            let named = self.tagged.get(at)?;
            Some((named.name().clone(), Shape::of(Kind::Named(named.clone()))))
        };
        let variants = members.iter().filter_map(variant).collect();
        Shape::of(Kind::Union(Arc::new(Union { tag: Some(Str::new(TYPE_NAME)), variants })))
    }
}

/// `base`, which may be null, in what `ty` puts around it.
fn wrapped(base: Shape, ty: &TypeRef) -> Shape {
    // Null is allowed wherever `!` does not stand behind.
    ty.wraps.iter().fold(base, |shape, wrap| match wrap {
        Wrap::NonNull => shape.non_null(),
        Wrap::List => Shape::list(shape).nullable(),
    })
}

fn described(field: ShapeField, from: &Field) -> ShapeField {
    ShapeField {
        deprecated: is_deprecated(&from.directives),
        doc: with_reason(from.doc.as_deref(), &from.directives),
        ..field
    }
}

pub(super) fn is_deprecated(directives: &[Directive]) -> bool {
    directive(directives, "deprecated").is_some()
}

/// The description, and why something is deprecated.
pub(super) fn with_reason(doc: Option<&str>, directives: &[Directive]) -> Option<Str> {
    let reason = directive(directives, "deprecated").and_then(|it| super::model::text_argument(it, "reason"));
    match (doc, reason) {
        (doc, None) => doc.map(Str::new),
        (None, Some(reason)) => Some(Str::from(format!("{REASON}{reason}"))),
        (Some(doc), Some(reason)) => Some(Str::from(format!("{doc}\n\n{REASON}{reason}"))),
    }
}

/// How the reason of a deprecation begins in a description.
pub(super) const REASON: &str = "Deprecated: ";

fn enumeration(ty: &Type) -> Shape {
    Shape::of(Kind::Enum(ty.values.iter().map(|value| Value::from(value.name.text.as_str())).collect()))
}

fn about(ty: &Type) -> About {
    let member = |value: &super::model::Member| Member {
        name: Str::new(&value.name.text),
        number: None,
        doc: with_reason(value.doc.as_deref(), &value.directives),
        is_deprecated: is_deprecated(&value.directives),
    };
    About {
        doc: ty.doc.as_deref().map(Str::new),
        members: ty.values.iter().map(member).collect(),
        ..About::default()
    }
}
