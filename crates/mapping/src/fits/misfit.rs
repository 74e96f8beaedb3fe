//! Why a value does not fit, and what to write instead.

use tenon_errors::{
    Code,
    catalogue::expression::{TARGET_MISMATCH, UNKNOWN_TARGET_FIELD},
};
use tenon_model::{Kind, Shape, shape::KeyKind};

use crate::types::{Ty, View};

/// Why a value does not fit.
#[derive(Debug, Clone)]
pub(crate) struct Misfit {
    pub(crate) code: &'static Code,
    /// Where below the value, as in `.customer.id`; empty for the value itself.
    pub(crate) below: String,
    /// What the value is, as in `is text`.
    pub(crate) message: String,
    /// What the target takes in its place, as in `an integer`, where the message does not say it.
    pub(crate) takes: Option<String>,
    /// One sentence; `{x}` in it stands for the value.
    pub(crate) hint: String,
}

impl Misfit {
    /// A value of another kind.
    pub(super) fn kind(ty: &Ty, target: &Shape) -> Self {
        Self::new(format!("is {}", a(&ty.name())), conversion(ty, target))
            .beside(a(&target.clone().non_null().name()))
    }

    /// Null, which the target does not take.
    pub(super) fn null() -> Self {
        Self::new("may be null", "set the fields one by one, with a value for null")
    }

    /// A field that the target requires, and that may be absent.
    pub(super) fn absent() -> Self {
        Self::new("may be absent, and the target requires it", "set the fields one by one")
    }

    /// A field that the target requires, and that there is not.
    pub(super) fn missing() -> Self {
        Self::new("is missing, and the target requires it", "set the fields one by one")
    }

    /// Fields of which nothing is known but that there may be some.
    pub(super) fn closed() -> Self {
        let message = "may have fields that are not listed, and the target allows none";
        let hint = "set the fields one by one, or let the target have other fields too";
        Self { code: &UNKNOWN_TARGET_FIELD, ..Self::new(message, hint) }
    }

    /// A map with keys of another kind.
    pub(super) fn keys(key: &str, target: KeyKind) -> Self {
        let of = |name: &str| format!("a map with keys of {name}");
        let hint = match target {
            KeyKind::Text => "write the keys as text: `string(key)`",
            _ => "convert the keys where the map is made",
        };
        Self::new(format!("is {}", of(key)), hint).beside(of(target.name()))
    }

    /// What the target takes in its place.
    pub(super) fn beside(self, takes: impl Into<String>) -> Self {
        Self { takes: Some(takes.into()), ..self }
    }

    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { code: &TARGET_MISMATCH, below: String::new(), message, takes: None, hint }
    }

    pub(super) fn under(mut self, step: &str) -> Self {
        self.below.insert_str(0, step);
        self
    }

    /// The same of a value that is only one of what it may be.
    pub(super) fn perhaps(mut self) -> Self {
        if let (true, Some(rest)) = (self.below.is_empty(), self.message.strip_prefix("is ")) {
            self.message = format!("may be {rest}");
            "test what it is: `type({x}) == ... ? ... : ...`".clone_into(&mut self.hint);
        }
        self
    }
}

/// The name of a kind with its article: `an integer`, `text`.
pub(crate) fn a(name: &str) -> String {
    const WITHOUT: [&str; 8] = ["anything", "bytes", "nothing", "null", "one of", "text", "an ", "a "];
    match name.chars().next() {
        _ if WITHOUT.iter().any(|it| name.starts_with(it)) => name.to_owned(),
        Some('a' | 'e' | 'i' | 'o') => format!("an {name}"),
        _ if name.starts_with("un") => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// What to write to convert, where there is a way.
fn conversion(ty: &Ty, target: &Shape) -> String {
    let write = |text: &str| format!("write `{text}`");
    match (ty.view(), &target.kind) {
        (View::Float, Kind::Int(_)) => write("int(math.round({x}))"),
        (View::Text | View::Decimal, Kind::Int(_)) => write("int({x})"),
        (View::Text | View::Decimal, Kind::Float(_)) => write("double({x})"),
        (View::Text | View::Float, Kind::Decimal(_)) => write("decimal({x})"),
        (View::Text | View::Int, Kind::Timestamp) => write("timestamp({x})"),
        (View::Text, Kind::Date) => write("date({x})"),
        (View::Timestamp, Kind::Date) => write("date({x}, \"UTC\")"),
        (View::Text, Kind::Time) => write("time({x})"),
        (View::Timestamp, Kind::Time) => write("time({x}, \"UTC\")"),
        (View::Text, Kind::LocalDateTime) => write("localDateTime({x})"),
        (View::Timestamp, Kind::LocalDateTime) => write("localDateTime({x}, \"UTC\")"),
        (View::LocalDateTime, Kind::Timestamp) => write("timestamp({x}, \"UTC\")"),
        (View::LocalDateTime, Kind::Date) => write("date({x})"),
        (View::LocalDateTime, Kind::Time) => write("time({x})"),
        (View::Text, Kind::Duration) => write("duration({x})"),
        (View::Text | View::Duration, Kind::Period) => write("period({x})"),
        (View::Text, Kind::Uuid) => write("uuid({x})"),
        (View::Text, Kind::Bool) => write("bool({x})"),
        (View::Text, Kind::Bytes(_)) => write("bytes({x})"),
        (
            View::Int
            | View::Uint
            | View::Float
            | View::Decimal
            | View::Bool
            | View::Timestamp
            | View::Date
            | View::Time
            | View::LocalDateTime
            | View::Duration
            | View::Period
            | View::Uuid
            | View::Bytes,
            Kind::String(_),
        ) => write("string({x})"),
        (View::Int, Kind::Bool) => write("{x} != 0"),
        (_, Kind::List(_)) if !matches!(ty.view(), View::List(_)) => write("[{x}]"),
        _ => String::new(),
    }
}
