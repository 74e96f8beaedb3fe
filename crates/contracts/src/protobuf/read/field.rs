//! Fields and extensions: their types, how many values they have, what absence means.

use tenon_errors::{Report, catalogue::contract::ASSERTS_NOTHING};
use tenon_model::{Key, Str, Value};

use super::{
    ast::{self, Constant, Label, Syntax, Ty},
    build::{Builder, is_deprecated},
    features::{Features, Presence},
    names::Symbol,
    options::Level,
};
use crate::{
    builder::{Absent, Listed},
    protobuf::{
        definitions::{Cardinality, Field, Scalar, Type},
        read::default,
    },
};

impl Builder<'_, '_> {
    pub(super) fn field(
        &mut self,
        file: usize,
        scope: &str,
        around: Features,
        field: &ast::Field,
    ) -> Option<Field> {
        self.check_label(file, field);
        let json_name = self.json_name(file, field);
        self.made(file, scope, around, field, (Str::new(&field.name.text), json_name), false)
    }

    pub(super) fn extension(
        &mut self,
        file: usize,
        scope: &str,
        around: Features,
        field: &ast::Field,
        full: &str,
    ) -> Option<Field> {
        self.check_label(file, field);
        let name = Str::from(format!("[{full}]"));
        self.made(file, scope, around, field, (name.clone(), name), true)
    }

    fn made(
        &mut self,
        file: usize,
        scope: &str,
        around: Features,
        field: &ast::Field,
        (name, json_name): (Str, Str),
        is_extension: bool,
    ) -> Option<Field> {
        self.options(file, scope, Level::Field, &field.options);
        let features = self.merged(file, around, &field.options);
        let value = match &field.ty {
            Ty::Map(_, value) => value,
            ty => ty,
        };
        let ty = self.ty(file, scope, value, features)?;
        let cardinality = self.cardinality(file, field, ty, features, is_extension);
        let default = self.default(file, field, ty, cardinality);
        if let (Type::Enum(id), Cardinality::Implicit) = (ty, cardinality)
            && self.enums[id].is_closed
        {
            let message =
                format!("`{}` is closed, and absence of this field is not told", self.enums[id].name);
            self.problem(file, &field.name.span, message, "write `optional`, or use an open enumeration");
        }
        Some(Field {
            listed: Listed::new(Key::String(name.clone()), absent(cardinality, default.as_ref())),
            name,
            json_name,
            number: u32::try_from(field.number).unwrap_or_default(),
            ty,
            cardinality,
            default,
            oneof: field.oneof,
            is_deprecated: is_deprecated(&field.options),
            doc: field.doc.as_deref().map(Str::new),
        })
    }

    fn ty(&mut self, file: usize, scope: &str, ty: &Ty, features: Features) -> Option<Type> {
        let (name, is_group) = match ty {
            Ty::Scalar(scalar) => return Some(Type::Scalar(*scalar)),
            Ty::Named(name) => (name, features.is_delimited),
            Ty::Group(name) => (name, true),
            Ty::Map(..) => return None,
        };
        let is_type = |it| matches!(it, Symbol::Message(_) | Symbol::Enum(_));
        let found = self.names.find(file, scope, name, is_type);
        match self.reports.take(found)? {
            Symbol::Message(id) if is_group => Some(Type::Group(id)),
            Symbol::Message(id) => Some(Type::Message(id)),
            Symbol::Enum(id) => Some(Type::Enum(id)),
            _ => None,
        }
    }

    fn cardinality(
        &mut self,
        file: usize,
        field: &ast::Field,
        ty: Type,
        features: Features,
        is_extension: bool,
    ) -> Cardinality {
        if let Ty::Map(key, _) = &field.ty {
            return Cardinality::Map(*key);
        }
        let label = field.label.as_ref().map(|(label, _)| *label);
        let packed = field.options.iter().find(|option| option.is("packed"));
        let can_pack =
            !matches!(ty, Type::Scalar(Scalar::String | Scalar::Bytes) | Type::Message(_) | Type::Group(_));
        if let Some(option) = packed {
            let is_edition = self.names.files[file].file.syntax.is_edition();
            if is_edition || !can_pack || label != Some(Label::Repeated) {
                let hint = if is_edition { "write `features.repeated_field_encoding`" } else { "remove it" };
                let message = "`packed` is for repeated numbers, bools and enumerations before editions";
                self.problem(file, &option.span, message.to_owned(), hint);
            }
        }
        if label == Some(Label::Repeated) {
            let is_packed = match packed.map(|option| &option.value) {
                Some(Constant::Word(word)) => word == "true",
                _ => features.is_packed,
            };
            return Cardinality::Repeated { is_packed: is_packed && can_pack };
        }
        let is_message = matches!(ty, Type::Message(_) | Type::Group(_));
        match (label, features.presence) {
            (Some(Label::Required), _) => Cardinality::Required,
            (_, Presence::Required) if field.oneof.is_none() && !is_extension => Cardinality::Required,
            (None, Presence::Implicit) if field.oneof.is_none() && !is_message && !is_extension => {
                Cardinality::Implicit
            }
            _ => Cardinality::Optional,
        }
    }

    fn check_label(&mut self, file: usize, field: &ast::Field) {
        let syntax = self.names.files[file].file.syntax;
        let is_plain = field.oneof.is_none() && !matches!(field.ty, Ty::Map(..));
        let (message, hint) = match (&field.label, syntax) {
            (Some(_), _) if !is_plain => {
                ("fields of a oneof, and maps, have no label".to_owned(), "remove the label")
            }
            (None, Syntax::Proto2) if is_plain => (
                "the field has no label".to_owned(),
                "write `optional`, `repeated` or `required` before its type",
            ),
            (Some((Label::Required, _)), Syntax::Proto3) => {
                ("proto3 has no required fields".to_owned(), "remove `required`")
            }
            (Some((Label::Required, _)), syntax) if syntax.is_edition() => (
                "editions have no label `required`".to_owned(),
                "write `[features.field_presence = LEGACY_REQUIRED]`",
            ),
            (Some((Label::Optional, _)), syntax) if syntax.is_edition() => {
                ("editions have no label `optional`".to_owned(), "remove it: absence is told already")
            }
            _ => return,
        };
        let span = field.label.as_ref().map_or(&field.name.span, |(_, span)| span).clone();
        self.problem(file, &span, message, hint);
    }

    fn json_name(&mut self, file: usize, field: &ast::Field) -> Str {
        let Some(option) = field.options.iter().find(|option| option.is("json_name")) else {
            return lower_camel(&field.name.text).into();
        };
        match &option.value {
            Constant::Text(text) => match std::str::from_utf8(text) {
                Ok(name) if !name.starts_with('[') => Str::new(name),
                _ => {
                    let message = "a name in JSON is UTF-8 and does not begin with `[`".to_owned();
                    self.problem(file, &option.value_span, message, "write another name");
                    Str::default()
                }
            },
            _ => {
                self.problem(file, &option.value_span, "`json_name` is text".to_owned(), "put it in quotes");
                Str::default()
            }
        }
    }

    /// What an absent field stands for.
    fn default(
        &mut self,
        file: usize,
        field: &ast::Field,
        ty: Type,
        cardinality: Cardinality,
    ) -> Option<Value> {
        let written = field.options.iter().find(|option| option.is("default"));
        if let Some(option) = written {
            let has_presence = matches!(cardinality, Cardinality::Optional | Cardinality::Required);
            if !has_presence || matches!(ty, Type::Message(_) | Type::Group(_)) {
                let message = "only a single scalar whose absence is told has a default".to_owned();
                self.problem(file, &option.span, message, "remove the default");
                return None;
            }
            let read = match ty {
                Type::Enum(id) => default::of_enum(&option.value, &self.enums[id]),
                Type::Scalar(scalar) => default::of_scalar(&option.value, scalar),
                _ => return None,
            };
            return match read {
                Ok(value) => self.kept_default(file, field, option, value),
                Err(message) => {
                    self.problem(file, &option.value_span, message, "write a value of the field's type");
                    None
                }
            };
        }
        match (cardinality, ty) {
            (Cardinality::Implicit, Type::Scalar(scalar)) => Some(scalar.zero()),
            (Cardinality::Implicit, Type::Enum(id)) => self.enums[id].by_number.get(&0).cloned(),
            (Cardinality::Repeated { .. }, _) => Some(Value::list(Vec::new())),
            (Cardinality::Map(_), _) => Some(Value::Map(std::sync::Arc::default())),
            _ => None,
        }
    }
}

impl Builder<'_, '_> {
    /// `value`, if an absent field may be filled in with it; else that is noted.
    fn kept_default(
        &mut self,
        file: usize,
        field: &ast::Field,
        option: &ast::Opt,
        value: Value,
    ) -> Option<Value> {
        let name = &field.name.text;
        let message = match &value {
            Value::Float(n) if !n.is_finite() => {
                format!("the default of `{name}` is not a finite number, and has no effect")
            }
            _ if field.oneof.is_some() => {
                format!(
                    "the default of `{name}` stands for nothing where another field of its oneof is there, and is not filled in"
                )
            }
            _ => return Some(value),
        };
        let place = self.names.files[file].place(&option.span);
        let report = Report::new(&ASSERTS_NOTHING, message).at(place);
        self.notes.push(report.hint("remove the default, and say in a mapping what absence means"));
        None
    }
}

/// What it means that a field is not there; one that is required has to be, whatever default it has.
fn absent(cardinality: Cardinality, default: Option<&Value>) -> Absent {
    match (cardinality, default) {
        (Cardinality::Required, _) => Absent::Missing,
        (_, Some(default)) => Absent::Default(default.clone()),
        (_, None) => Absent::Nothing,
    }
}

/// `order_id` as `orderId`.
pub(crate) fn lower_camel(name: &str) -> String {
    let mut made = String::with_capacity(name.len());
    let mut is_start = false;
    for letter in name.chars() {
        if letter == '_' {
            is_start = true;
        } else {
            made.push(if is_start { letter.to_ascii_uppercase() } else { letter });
            is_start = false;
        }
    }
    made
}
