//! Messages of the types that a host lends: made, read, named.

use std::{ops::Range, sync::Arc};

use tenon_errors::{
    catalogue::expression::{BAD_EXPRESSION, TYPE_MISMATCH, UNKNOWN_FIELD},
    nearest,
};
use tenon_model::{Shape, Str, Value, map::Hint, shape::KeyKind};

use super::{
    Checked, Checker,
    exact::Digits,
    names::listed,
    select::{GetOf, Wanted},
};
use crate::{
    evaluate::{Get, MessageNode, Node, Op, SetterNode, StepNode, Val},
    messages::{Enumeration, Holds, Item, MessageType, MessageTypes, Natural, Scalar},
    syntax::{Ast, Setter},
    types::{Ty, View, enumerations},
};

impl Checker<'_, '_> {
    fn types(&self) -> Option<Arc<dyn MessageTypes>> {
        self.environment.scope.types().cloned()
    }

    /// `Type{field: value}`.
    pub(super) fn message(&mut self, ast: &Ast, name: &Str, rooted: bool, setters: &[Setter]) -> Checked {
        let scope = self.environment.scope;
        let message = self.types().and_then(|types| {
            let found = scope.candidates(name, rooted).find_map(|name| types.message(&name))?;
            Some((types, found))
        });
        let Some((types, message)) = message else {
            return match scope.candidates(name, rooted).find_map(|name| scope.contract(&name)) {
                Some(contract) => self.object(ast, (name, &contract), setters),
                None => self.no_type(ast, name),
            };
        };
        let setters = setters.iter().map(|setter| self.setter(&message, &*types, setter)).collect();
        let ty = match message.natural {
            Some(Natural::Wrapper(scalar)) => ty_of_scalar(scalar),
            Some(natural) => ty_of_natural(natural),
            None => Ty::Message(message.name.clone()),
        };
        let op = Op::Message(Box::new(MessageNode { types, message, setters }));
        let checked = self.make(op, &ast.span, ty);
        self.fold(checked)
    }

    /// There is nothing of the name that could be made.
    fn no_type(&mut self, ast: &Ast, name: &str) -> Checked {
        let (message, hint) = self.why_none(name);
        self.report(&BAD_EXPRESSION, &ast.span, message, hint);
        self.failed(ast)
    }

    /// What is said of a name that nothing has, and the hint.
    fn why_none(&self, name: &str) -> (String, String) {
        let scope = self.environment.scope;
        let of_contract = name.rsplit_once('.').filter(|(contract, _)| scope.contract(contract).is_some());
        if let Some((contract, ty)) = of_contract {
            let version = ty.strip_prefix('v').and_then(|version| version.parse::<u32>().ok());
            let what =
                version.map_or_else(|| format!("names no type `{ty}`"), |it| format!("has no version {it}"));
            return (format!("the contract `{contract}` {what}"), String::new());
        }
        let map = || "write a map: `{\"field\": value}`".to_owned();
        if scope.contract_names().next().is_some() {
            let near = nearest(name, scope.contract_names()).map(|near| format!("write `{near}{{...}}`"));
            return (format!("there is no contract `{name}`"), near.unwrap_or_else(map));
        }
        if self.types().is_some() {
            return (format!("there is no message type `{name}`"), String::new());
        }
        (format!("`{name}{{...}}` makes a Protobuf message, and there are no message types here"), map())
    }

    fn setter(&mut self, message: &MessageType, types: &dyn MessageTypes, setter: &Setter) -> SetterNode {
        // A field of a message keeps the nearest of a number that its type has, as it does on the wire.
        let (value, ty) = self.with(Digits::Nearest, |checker| {
            if setter.optional { checker.part(&setter.value, true) } else { checker.value(&setter.value) }
        });
        match message.field(&setter.field) {
            Some(field) if !takes(&field.holds, &ty, types) => {
                let message = format!("the field `{}` does not take {}", setter.field, ty.name());
                self.report(&TYPE_MISMATCH, &setter.value.span, message, "");
            }
            Some(_) => {}
            None => self.no_field(message, &setter.field, &setter.span),
        }
        SetterNode { field: setter.field.clone(), optional: setter.optional, value }
    }

    fn no_field(&mut self, message: &MessageType, name: &str, span: &Range<usize>) {
        let names = message.fields().iter().map(|field| field.name.as_str());
        let hint = nearest(name, names).map(|near| format!("write `{near}`")).unwrap_or_default();
        self.report(&UNKNOWN_FIELD, span, format!("`{}` has no field `{name}`", message.name), hint);
    }

    /// A field of a message, or of what may be one, which takes the operand; `None` where it is none.
    pub(super) fn message_member(
        &mut self,
        ast: &Ast,
        operand: &mut Option<(Node, Ty)>,
        name: &Str,
        span: &Range<usize>,
        get: GetOf,
    ) -> Option<Checked> {
        let types = self.types()?;
        let field = match operand.as_ref()?.1.view() {
            View::Message(message) => {
                let message = types.message(&message);
                match message.as_deref().map(|message| (message, message.field(name))) {
                    Some((_, Some(field))) => ty_of(&field.holds, &*types),
                    Some((message, None)) => {
                        self.no_field(message, name, span);
                        Ty::DYN
                    }
                    None => Ty::DYN,
                }
            }
            View::Dyn => Ty::DYN,
            _ => return None,
        };
        let (node, _) = operand.take()?;
        let null_is_none = field.may_be_null() && !field.is_dyn();
        let (how, ty) = match get.wanted {
            Wanted::Has => (Get::Has { null_is_none }, Ty::BOOL),
            Wanted::Value if !get.through_optional && get.known => (Get::Value, field.non_null()),
            Wanted::Value if !get.through_optional => (Get::Value, field),
            _ => (Get::Optional { null_is_none }, Ty::optional(field.non_null())),
        };
        let step = StepNode {
            name: name.clone(),
            hint: Hint::default(),
            lenient: get.lenient,
            mixed: false,
            integer: false,
        };
        let checked = self.make(Op::Member(Box::new(node), step, how, types), &ast.span, ty);
        Some(self.fold(checked))
    }

    /// What a name stands for that is no variable: a type, or a member of an enumeration.
    pub(super) fn named(&mut self, ast: &Ast, name: &str, rooted: bool) -> Option<Checked> {
        if let Some(types) = self.types() {
            let scope = self.environment.scope;
            for candidate in scope.candidates(name, rooted) {
                let is_type = types.message(&candidate).is_some()
                    || (types.has_enum_types() && types.enumeration(&candidate).is_some());
                if is_type {
                    return Some(self.constant(Val::Type(candidate), &ast.span, Ty::Type));
                }
                if let Some((enumeration, number)) = member_of(&*types, &candidate) {
                    return Some(self.enum_constant(ast, &*types, &enumeration, number));
                }
            }
        }
        self.type_name(ast, name).or_else(|| self.member_by_name(ast, name))
    }

    /// `Color.RED` for a member of an enumeration that a contract names: the text that stands for it in data.
    fn member_by_name(&mut self, ast: &Ast, name: &str) -> Option<Checked> {
        let (of, member) = name.rsplit_once('.')?;
        let members = enumerations::members(self.environment.scope.shapes(), of);
        if members.is_empty() {
            return None;
        }
        if members.iter().any(|known| known == member) {
            let value = Value::from(member);
            let ty = Ty::literal(&value);
            return Some(self.constant(Val::Data(value), &ast.span, ty));
        }
        let hint = match nearest(member, members.iter().map(Str::as_str)) {
            Some(near) => format!("write `{of}.{near}`"),
            None => format!("use one of {}", listed(&members)),
        };
        self.report(&UNKNOWN_FIELD, &ast.span, format!("`{of}` has no member `{member}`"), hint);
        Some(self.failed(ast))
    }

    fn enum_constant(
        &mut self,
        ast: &Ast,
        types: &dyn MessageTypes,
        enumeration: &Enumeration,
        number: i32,
    ) -> Checked {
        let name = enumeration.name.clone();
        if types.has_enum_types() {
            return self.constant(Val::Enum(name.clone(), number), &ast.span, Ty::Enum(name));
        }
        // The one member of `google.protobuf.NullValue` is null where a value is set, and an integer to CEL.
        let value = Value::Int(number.into());
        let ty = Ty::literal(&value);
        self.constant(Val::Data(value), &ast.span, ty)
    }

    /// `Color(2)` or `Color("RED")`, where enumerations are types of their own.
    pub(super) fn enum_call(
        &mut self,
        ast: &Ast,
        name: &str,
        rooted: bool,
        arguments: &[Ast],
    ) -> Option<Checked> {
        let types = self.types().filter(|types| types.has_enum_types())?;
        let [argument] = arguments else { return None };
        let scope = self.environment.scope;
        let found = scope.candidates(name, rooted).find_map(|name| types.enumeration(&name))?;
        let (node, ty) = self.present(argument);
        if !matches!(ty.view(), View::Int | View::Text | View::Dyn | View::Enum(_)) {
            let message = format!("`{name}` does not take {}", ty.name());
            self.report(&TYPE_MISMATCH, &argument.span, message, "give it a number or the name of a member");
        }
        let ty = Ty::Enum(found.name.clone());
        let checked = self.make(Op::ToEnum(Box::new(node), found), &ast.span, ty);
        Some(self.fold(checked))
    }

    /// The operation of `type(x)` where `x` may be a message.
    pub(super) fn type_of(&self, nodes: &mut Vec<Node>) -> Option<Op> {
        let types = self.types()?;
        Some(Op::TypeOf(Box::new(nodes.pop()?), types))
    }
}

/// The member of an enumeration that a full name stands for: `shop.v1.Color.RED`.
fn member_of(types: &dyn MessageTypes, name: &str) -> Option<(Arc<Enumeration>, i32)> {
    let (of, member) = name.rsplit_once('.')?;
    let enumeration = types.enumeration(of)?;
    let number = enumeration.number(member)?;
    Some((enumeration, number))
}

/// The type of what is read from a field.
fn ty_of(holds: &Holds, types: &dyn MessageTypes) -> Ty {
    match holds {
        Holds::One(Item::Natural(Natural::Wrapper(scalar))) => ty_of_scalar(*scalar).or_null(),
        Holds::One(item) => ty_of_item(item, types.has_enum_types()),
        Holds::List(item) => Ty::list(ty_of_item(item, false)),
        Holds::Map(key, item) => {
            let key = match key {
                KeyKind::Bool => Ty::BOOL,
                KeyKind::Int => Ty::INT,
                KeyKind::Uint => Ty::Uint,
                KeyKind::Text => Ty::text(),
            };
            Ty::map(key, ty_of_item(item, false))
        }
    }
}

/// What lists and maps hold are integers, also of enumerations.
fn ty_of_item(item: &Item, has_enum_types: bool) -> Ty {
    match item {
        Item::Scalar(scalar) | Item::Natural(Natural::Wrapper(scalar)) => ty_of_scalar(*scalar),
        Item::Enum(name) if has_enum_types => Ty::Enum(name.clone()),
        Item::Enum(_) => Ty::INT,
        Item::Message(name) => Ty::Message(name.clone()),
        Item::Natural(natural) => ty_of_natural(*natural),
    }
}

fn ty_of_scalar(scalar: Scalar) -> Ty {
    match scalar {
        Scalar::Bool => Ty::BOOL,
        Scalar::Int32 | Scalar::Int64 => Ty::INT,
        Scalar::Uint32 | Scalar::Uint64 => Ty::Uint,
        Scalar::Float | Scalar::Double => Ty::FLOAT,
        Scalar::String => Ty::text(),
        Scalar::Bytes => Ty::Data(Shape::BYTES),
    }
}

fn ty_of_natural(natural: Natural) -> Ty {
    match natural {
        Natural::Timestamp => Ty::Data(Shape::TIMESTAMP),
        Natural::Duration => Ty::Data(Shape::DURATION),
        Natural::Any | Natural::Value => Ty::DYN,
        Natural::Struct => Ty::map(Ty::text(), Ty::DYN),
        Natural::ListValue => Ty::list(Ty::DYN),
        Natural::Wrapper(scalar) => ty_of_scalar(scalar).or_null(),
        Natural::Null => Ty::Null,
    }
}

/// Whether a field may be given a value of this type, as far as that is known.
fn takes(holds: &Holds, ty: &Ty, types: &dyn MessageTypes) -> bool {
    match (holds, ty.view()) {
        (_, View::Dyn | View::Nothing) => true,
        (Holds::One(item), _) => takes_item(item, ty, types),
        (Holds::List(item), View::List(of)) => matches!(of, Ty::Nothing) || takes_item(item, &of, types),
        (Holds::Map(..), View::Map(..) | View::Record(_)) => true,
        _ => false,
    }
}

fn takes_item(item: &Item, ty: &Ty, types: &dyn MessageTypes) -> bool {
    let is_null = ty.may_be_null();
    match (item, ty.view()) {
        (_, View::Dyn | View::Nothing | View::Union(_))
        | (Item::Natural(Natural::Any | Natural::Value), _) => true,
        (Item::Message(_) | Item::Natural(_), View::Null) => true,
        (Item::Natural(Natural::Null), View::Int) => true,
        (Item::Natural(Natural::Struct), View::Record(_) | View::Map(..)) => true,
        (Item::Natural(Natural::ListValue), View::List(_)) => true,
        (Item::Natural(Natural::Wrapper(scalar)), view) => is_kind(&ty_of_scalar(*scalar), &view),
        (Item::Scalar(scalar), view) => !is_null && is_kind(&ty_of_scalar(*scalar), &view),
        (Item::Enum(name), View::Enum(other)) => *name == other,
        (Item::Enum(_), view) => !types.has_enum_types() && matches!(view, View::Int),
        (Item::Message(name), View::Message(other)) => *name == other,
        (item, view) => is_kind(&ty_of_item(item, types.has_enum_types()), &view),
    }
}

fn is_kind(wanted: &Ty, view: &View<'_>) -> bool {
    std::mem::discriminant(&wanted.view()) == std::mem::discriminant(view)
}
