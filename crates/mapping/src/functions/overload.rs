//! What functions take and give, as the checker matches it against types.

use crate::types::{Ty, View, unify};

/// One way to call a function.
#[derive(Debug)]
pub(crate) struct Overload {
    pub(crate) style: Style,
    /// What it takes; of a method, the receiver first.
    pub(crate) takes: &'static [Form],
    /// Whether the last may be repeated.
    pub(crate) repeats: bool,
    pub(crate) gives: Form,
}

/// Whether the first argument stands before the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `name(a, b)`
    Function,
    /// `a.name(b)`
    Method,
}

impl Overload {
    pub(crate) const fn function(takes: &'static [Form], gives: Form) -> Self {
        Self { style: Style::Function, takes, repeats: false, gives }
    }

    pub(crate) const fn method(takes: &'static [Form], gives: Form) -> Self {
        Self { style: Style::Method, takes, repeats: false, gives }
    }

    /// A function whose last argument may be repeated.
    pub(crate) const fn repeating(takes: &'static [Form], gives: Form) -> Self {
        Self { style: Style::Function, takes, repeats: true, gives }
    }

    /// Whether it takes this many arguments.
    pub(crate) fn takes_count(&self, count: usize) -> bool {
        count == self.takes.len() || (self.repeats && count > self.takes.len())
    }

    /// What it gives for arguments of these types; `None` where they do not fit.
    pub(crate) fn apply(&self, arguments: &[Ty]) -> Option<Ty> {
        if !self.takes_count(arguments.len()) {
            return None;
        }
        let mut variables = Variables::default();
        for (position, argument) in arguments.iter().enumerate() {
            let form = self.takes.get(position).or(self.takes.last())?;
            if !form.accepts(argument, &mut variables) {
                return None;
            }
        }
        Some(self.gives.ty(&variables))
    }

    /// Whether it takes an optional somewhere.
    pub(crate) fn takes_optional(&self) -> bool {
        self.takes.iter().any(|form| matches!(form, Form::Optional(_)))
    }

    /// The line of the reference: `text.contains(text) -> bool`.
    pub(crate) fn signature(&self, name: &str) -> String {
        let mut names: Vec<String> = self.takes.iter().map(|form| form.name()).collect();
        if self.repeats {
            names.push("...".to_owned());
        }
        let gives = self.gives.name();
        match self.style {
            Style::Function => format!("{name}({}) -> {gives}", names.join(", ")),
            Style::Method => {
                let receiver = names.remove(0);
                format!("{receiver}.{name}({}) -> {gives}", names.join(", "))
            }
        }
    }
}

/// The form of a type in an overload.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Any value, also null.
    Any,
    /// A type that stands for the same one wherever it occurs in an overload; may include null.
    A,
    /// A number of any kind.
    Number,
    Bool,
    Int,
    Uint,
    Float,
    Decimal,
    Text,
    Bytes,
    Timestamp,
    Date,
    Time,
    LocalDateTime,
    Duration,
    Period,
    Uuid,
    Type,
    /// A network address.
    Address,
    /// A block of network addresses.
    Block,
    List(&'static Form),
    Map,
    Optional(&'static Form),
}

/// What `A` stands for, once an argument has said so.
#[derive(Debug, Default)]
struct Variables {
    a: Option<Ty>,
}

impl Form {
    /// Whether it may be null, so that a nullable argument needs no guard.
    pub(crate) fn allows_null(self) -> bool {
        matches!(self, Self::Any | Self::A)
    }

    fn accepts(self, ty: &Ty, variables: &mut Variables) -> bool {
        match (self, ty.view()) {
            (Self::Any, _) => true,
            (Self::A, _) => variables.bind(ty),
            (_, View::Dyn | View::Nothing)
            | (Self::Number, View::Int | View::Uint | View::Float | View::Decimal)
            | (Self::Bool, View::Bool)
            | (Self::Int, View::Int)
            | (Self::Uint, View::Uint)
            | (Self::Float, View::Float)
            | (Self::Decimal, View::Decimal)
            | (Self::Text, View::Text)
            | (Self::Bytes, View::Bytes)
            | (Self::Timestamp, View::Timestamp)
            | (Self::Date, View::Date)
            | (Self::Time, View::Time)
            | (Self::LocalDateTime, View::LocalDateTime)
            | (Self::Duration, View::Duration)
            | (Self::Period, View::Period)
            | (Self::Uuid, View::Uuid)
            | (Self::Type, View::Type)
            | (Self::Address, View::Address)
            | (Self::Block, View::Block)
            // A member of an enumeration that is a type of its own has a number.
            | (Self::Int, View::Enum(_))
            | (Self::Map, View::Map(..) | View::Record(_)) => true,
            (Self::List(item), View::List(ty)) => {
                (item.allows_null() || !ty.may_be_null()) && item.accepts(&ty, variables)
            }
            (Self::Optional(inner), View::Optional(ty)) => inner.accepts(ty, variables),
            // One of several shapes: a number of any kind may be any of them.
            (Self::Number, View::Union(union)) => {
                let mut variants = union.variants.iter().map(|(_, shape)| Ty::Data(shape.clone()));
                variants.all(|variant| self.accepts(&variant, variables))
            }
            _ => false,
        }
    }

    fn ty(self, variables: &Variables) -> Ty {
        use tenon_model::Shape;
        match self {
            Self::Any | Self::Map | Self::Number => Ty::DYN,
            Self::A => variables.a.clone().unwrap_or(Ty::DYN),
            Self::Bool => Ty::BOOL,
            Self::Int => Ty::INT,
            Self::Uint => Ty::Uint,
            Self::Float => Ty::FLOAT,
            Self::Decimal => Ty::Data(Shape::DECIMAL),
            Self::Text => Ty::text(),
            Self::Bytes => Ty::Data(Shape::BYTES),
            Self::Timestamp => Ty::Data(Shape::TIMESTAMP),
            Self::Date => Ty::Data(Shape::DATE),
            Self::Time => Ty::Data(Shape::TIME),
            Self::LocalDateTime => Ty::Data(Shape::LOCAL_DATE_TIME),
            Self::Duration => Ty::Data(Shape::DURATION),
            Self::Period => Ty::Data(Shape::PERIOD),
            Self::Uuid => Ty::Data(Shape::UUID),
            Self::Type => Ty::Type,
            Self::Address => Ty::Address,
            Self::Block => Ty::Block,
            Self::List(item) => Ty::list(item.ty(variables)),
            Self::Optional(inner) => Ty::optional(match inner {
                Self::A if variables.a.is_none() => Ty::Nothing,
                inner => inner.ty(variables),
            }),
        }
    }

    /// How messages and the reference call it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::A => "A".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Uint => "uint".to_owned(),
            Self::Float => "double".to_owned(),
            Self::Decimal => "decimal".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::Timestamp => "timestamp".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Time => "time".to_owned(),
            Self::LocalDateTime => "localDateTime".to_owned(),
            Self::Duration => "duration".to_owned(),
            Self::Period => "period".to_owned(),
            Self::Uuid => "uuid".to_owned(),
            Self::Type => "type".to_owned(),
            Self::Address => "ip".to_owned(),
            Self::Block => "cidr".to_owned(),
            Self::List(item) => format!("list({})", item.name()),
            Self::Map => "map".to_owned(),
            Self::Optional(inner) => format!("optional({})", inner.name()),
        }
    }
}

impl Variables {
    fn bind(&mut self, ty: &Ty) -> bool {
        let bound = match &self.a {
            None => Some(ty.clone()),
            Some(before) => unify(before, ty),
        };
        let fits = bound.is_some();
        if fits {
            self.a = bound;
        }
        fits
    }
}
