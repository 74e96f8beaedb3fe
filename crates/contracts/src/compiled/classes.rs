//! Which kinds of JSON value each position can accept: what tells the variants of a union apart at their first byte.

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};
use tenon_model::Value;

use super::{Check, Compiled, NodeId};

/// A set of the six kinds of JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes(u8);

impl Classes {
    pub(crate) const NONE: Classes = Classes(0);
    pub(crate) const NULL: Classes = Classes(1);
    pub(crate) const BOOL: Classes = Classes(2);
    pub(crate) const NUMBER: Classes = Classes(4);
    pub(crate) const TEXT: Classes = Classes(8);
    pub(crate) const LIST: Classes = Classes(16);
    pub(crate) const OBJECT: Classes = Classes(32);
    pub(crate) const ALL: Classes = Classes(63);

    /// The kind of the JSON value that starts with `byte`.
    pub(crate) fn of_first_byte(byte: u8) -> Self {
        match byte {
            b'n' => Self::NULL,
            b't' | b'f' => Self::BOOL,
            b'"' => Self::TEXT,
            b'[' => Self::LIST,
            b'{' => Self::OBJECT,
            _ => Self::NUMBER,
        }
    }

    /// The kind of JSON value that `value` is written as.
    pub(crate) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOL,
            Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) => Self::NUMBER,
            Value::List(_) => Self::LIST,
            Value::Map(_) => Self::OBJECT,
            Value::String(_)
            | Value::Bytes(_)
            | Value::Timestamp(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::LocalDateTime(_)
            | Value::Duration(_)
            | Value::Period(_)
            | Value::Uuid(_) => Self::TEXT,
        }
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Compiled {
    /// Works out the classes of every position.
    ///
    /// # Errors
    /// `C0001` for a union that contains itself without anything around it: no value would ever decide it.
    pub(super) fn classify(&mut self) -> Result<(), Report> {
        let mut states = vec![State::New; self.nodes.len()];
        for id in 0..self.nodes.len() {
            self.classify_node(id, &mut states)?;
        }
        Ok(())
    }

    /// Recursive through unions only, which are as deep as the shape is.
    fn classify_node(&mut self, id: NodeId, states: &mut [State]) -> Result<Classes, Report> {
        match states[id] {
            State::Done => return Ok(self.nodes[id].classes),
            State::Open => {
                let message = format!("`{}` contains itself as an alternative", self.nodes[id].shape.name());
                return Err(
                    Report::new(&BAD_CONTRACT, message).hint("remove the alternative that leads back")
                );
            }
            State::New => states[id] = State::Open,
        }
        let mut classes = if self.nodes[id].nullable { Classes::NULL } else { Classes::NONE };
        let variants: Vec<NodeId> = match &self.nodes[id].check {
            Check::Union(union) => union.variants.iter().map(|(_, variant)| *variant).collect(),
            check => {
                classes = classes.and(own_classes(check));
                Vec::new()
            }
        };
        for variant in variants {
            classes = classes.and(self.classify_node(variant, states)?);
        }
        if !self.nodes[id].refinements.is_empty() && !self.nodes[id].nullable {
            classes = classes.without(Classes::NULL);
        }
        states[id] = State::Done;
        self.nodes[id].classes = classes;
        Ok(classes)
    }
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open,
    Done,
}

fn own_classes(check: &Check) -> Classes {
    match check {
        Check::Any => Classes::ALL,
        Check::Bool => Classes::BOOL,
        Check::Int(_) | Check::Float(_) => Classes::NUMBER,
        Check::Decimal(_) => Classes::NUMBER,
        Check::Text(_)
        | Check::Bytes(_)
        | Check::Timestamp
        | Check::Date
        | Check::Time
        | Check::LocalDateTime
        | Check::Duration
        | Check::Period
        | Check::Uuid => Classes::TEXT,
        Check::Enum(values) => {
            values.iter().fold(Classes::NONE, |classes, value| classes.and(Classes::of_value(value)))
        }
        Check::List { .. } => Classes::LIST,
        Check::Map { .. } | Check::Record(_) => Classes::OBJECT,
        Check::Union(_) => Classes::NONE,
    }
}
