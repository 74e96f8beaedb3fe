//! The rules of the type system (specification, September 2025, section 3): every problem of a file, each at its place.

mod alike;
mod circles;
mod defaults;
mod directives;
mod implements;
mod inputs;
mod names;
pub(super) mod requests;
mod values;

use std::collections::{HashMap, HashSet};

use tenon_errors::{Report, catalogue::contract::ASSERTS_NOTHING, nearest};

use super::model::{BUILT_IN, Field, Model, Name, Operation, Sort, Span, Type, TypeRef};
use crate::problems::Problems;

/// Checks `model`, of which `astray` are the extensions that extend nothing. What most services take and the specification
/// does not is noted.
pub(super) fn check(model: &Model, astray: &[Type], problems: &mut Problems<'_>) -> Option<Report> {
    let mut check =
        Check { model, problems, required: required(model), early: Vec::new(), variables: HashMap::new() };
    check.names();
    check.roots();
    check.extensions(astray);
    for ty in &model.types {
        if check.problems.is_full() {
            return None;
        }
        check.ty(ty);
    }
    check.directives();
    check.input_circles();
    check.default_circles();
    check.early()
}

/// The fields of input types that have to be given.
fn required(model: &Model) -> HashMap<&str, Vec<&Field>> {
    let inputs = model.types.iter().filter(|ty| ty.sort == Sort::Input);
    let required = inputs.map(|ty| {
        let fields = ty.fields.iter().filter(|field| field.is_required());
        (ty.name.text.as_str(), fields.collect())
    });
    required.collect()
}

struct Check<'m, 'p, 'r> {
    model: &'m Model,
    problems: &'r mut Problems<'p>,
    /// The fields of input types that have to be given.
    required: HashMap<&'m str, Vec<&'m Field>>,
    /// Fields that are deprecated though those of their interfaces are not, with those.
    early: Vec<(Span, String)>,
    /// In an operation: what it takes.
    variables: HashMap<&'m str, &'m Field>,
}

impl<'m> Check<'m, '_, '_> {
    /// Schemas from before the rule (September 2025) deprecate fields whose interfaces do not. It says nothing about data.
    fn early(&self) -> Option<Report> {
        let (span, path) = self.early.iter().min_by_key(|(span, _)| span.start)?;
        let more = match self.early.len() - 1 {
            0 => String::new(),
            more => format!(", as are {more} more of their kind"),
        };
        let message = format!("the field is deprecated, and `{path}`, which it implements, is not{more}");
        let report = Report::new(&ASSERTS_NOTHING, message).at(self.problems.text.place(span));
        Some(report.hint("deprecate the field of the interface as well"))
    }

    fn extensions(&mut self, astray: &[Type]) {
        for extension in astray {
            let name = &extension.name;
            match self.model.sort(&name.text) {
                None => self.unknown(name),
                Some(_) if BUILT_IN.contains(&name.text.as_str()) => {
                    let message = format!("the scalar `{}` is built in and cannot be extended", name.text);
                    self.problems.bad(&name.span, message, "define a scalar of another name");
                }
                Some(sort) => {
                    let message = format!(
                        "`{}` is {} and is extended as {}",
                        name.text,
                        sort.called(),
                        extension.sort.called()
                    );
                    self.problems.bad(&name.span, message, "extend it as what it is");
                }
            }
        }
    }

    fn roots(&mut self) {
        let mut definitions = self.model.schemas.iter().filter(|schema| !schema.is_extension);
        let definition = definitions.next();
        for second in definitions {
            self.problems.bad(&second.span, "the schema is defined twice", "write `extend schema`");
        }
        let mut operations = HashSet::new();
        let mut types = HashSet::new();
        for (operation, name) in self.model.schemas.iter().flat_map(|schema| &schema.roots) {
            if !operations.insert(*operation) {
                let message = format!("the schema names its type for `{}` twice", operation.word());
                self.problems.bad(&name.span, message, "name one type");
            }
            if !types.insert(name.text.as_str()) {
                let message = format!("`{}` is the root of two kinds of operations", name.text);
                self.problems.bad(&name.span, message, "give each kind a type of its own");
            }
            match self.model.sort(&name.text) {
                None => self.unknown(name),
                Some(Sort::Object) => {}
                Some(sort) => {
                    let message =
                        format!("`{}` is {}, and operations need an object type", name.text, sort.called());
                    self.problems.bad(&name.span, message, "name an object type");
                }
            }
        }
        let roots = self.model.roots();
        let has_query = roots.iter().any(|(operation, _)| *operation == Operation::Query);
        match (definition, roots.first()) {
            (Some(definition), _) if !has_query => {
                self.problems.bad(
                    &definition.span,
                    "the schema has no type for `query`",
                    "add `query: Query`",
                );
            }
            // A file of types alone is a part of a schema.
            (None, Some((_, name))) if !has_query => {
                if let Some(ty) = self.model.get(name) {
                    let message = format!("there is the type `{name}` for operations, and none for `query`");
                    self.problems.bad(&ty.name.span, message, "add `type Query`");
                }
            }
            _ => {}
        }
        for operation in Operation::ALL.into_iter().filter(|_| definition.is_none()) {
            let Some(ty) = self.model.get(operation.usual_type()) else { continue };
            if ty.sort != Sort::Object {
                let message =
                    format!("`{}` is {}, and operations need an object type", ty.name.text, ty.sort.called());
                self.problems.bad(
                    &ty.name.span,
                    message,
                    "make it an object type, or name another one in `schema`",
                );
            }
        }
    }

    fn ty(&mut self, ty: &'m Type) {
        match ty.sort {
            Sort::Scalar => {}
            Sort::Object | Sort::Interface => {
                self.needs(ty, ty.fields.is_empty(), "field");
                ty.fields.iter().for_each(|field| self.field(ty, field));
                self.implements(ty);
            }
            Sort::Union => {
                self.needs(ty, ty.members.is_empty(), "member");
                self.members(ty);
            }
            Sort::Enum => {
                self.needs(ty, ty.values.is_empty(), "value");
                self.distinct(ty.values.iter().map(|value| &value.name), "value", &ty.name.text);
            }
            Sort::Input => {
                self.needs(ty, ty.fields.is_empty(), "field");
                self.distinct(ty.fields.iter().map(|field| &field.name), "field", &ty.name.text);
                for field in &ty.fields {
                    self.input_value(field, &format!("{}.{}", ty.name.text, field.name.text));
                }
                self.one_of(ty);
            }
        }
        if matches!(ty.sort, Sort::Object | Sort::Interface) {
            self.distinct(ty.fields.iter().map(|field| &field.name), "field", &ty.name.text);
        }
    }

    fn needs(&mut self, ty: &Type, is_empty: bool, what: &str) {
        if is_empty {
            let message = format!("`{}` is {} and has no {what}", ty.name.text, ty.sort.called());
            self.problems.bad(&ty.name.span, message, format!("add at least one {what}"));
        }
    }

    fn field(&mut self, ty: &Type, field: &'m Field) {
        self.refers(&field.ty, "field", Sort::is_output);
        let path = format!("{}.{}", ty.name.text, field.name.text);
        self.distinct(field.arguments.iter().map(|argument| &argument.name), "argument", &path);
        for argument in &field.arguments {
            self.input_value(argument, &format!("{path}({})", argument.name.text));
        }
    }

    /// An argument or a field of an input type, which is at `path`.
    fn input_value(&mut self, value: &'m Field, path: &str) {
        self.refers(&value.ty, "argument or field of an input type", Sort::is_input);
        if value.is_required()
            && let Some(deprecated) = super::model::directive(&value.directives, "deprecated")
        {
            let message = format!("`{path}` is required and deprecated, so nobody could leave it out");
            self.problems.bad(&deprecated.name.span, message, "make it nullable or give it a default first");
        }
        if let Some(default) = &value.default {
            self.default(default, &value.ty, path);
        }
    }

    /// What a type reference leads to has to be there, and be of a kind that may stand there.
    fn refers(&mut self, reference: &TypeRef, place: &str, may: fn(Sort) -> bool) {
        let name = &reference.name;
        match self.model.sort(&name.text) {
            None => self.unknown(name),
            Some(sort) if !may(sort) => {
                let message =
                    format!("`{}` is {}, which cannot be the type of a {place}", name.text, sort.called());
                self.problems.bad(&name.span, message, "use a type that is allowed there");
            }
            Some(_) => {}
        }
    }

    fn members(&mut self, ty: &'m Type) {
        self.distinct(ty.members.iter(), "member", &ty.name.text);
        for member in &ty.members {
            match self.model.sort(&member.text) {
                None => self.unknown(member),
                Some(Sort::Object) => {}
                Some(sort) => {
                    let message =
                        format!("`{}` is {}, and unions have object types", member.text, sort.called());
                    self.problems.bad(&member.span, message, "name an object type");
                }
            }
        }
    }

    /// The name among `known` that was probably meant.
    fn nearest<'n>(&self, name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        if self.problems.is_full() { None } else { nearest(name, known) }
    }

    fn unknown(&mut self, name: &Name) {
        let known = self.model.types.iter().map(|ty| ty.name.text.as_str()).chain(BUILT_IN);
        let hint = match self.nearest(&name.text, known) {
            Some(meant) => format!("write `{meant}`"),
            None => "define the type".to_owned(),
        };
        self.problems.bad(&name.span, format!("there is no type `{}`", name.text), hint);
    }
}
