//! Records: their fields, and what they may have beside them.

use std::{collections::HashMap, sync::Arc};

use super::{Length, Shape};
use crate::{Str, Value};

/// Named fields in order, and whether others are allowed beside them.
#[derive(Debug, Clone)]
pub struct Record {
    /// The name of the type, where the contract gives one.
    pub name: Option<Str>,
    /// What the contract says about it.
    pub doc: Option<Str>,
    /// What fields beyond the listed ones may be; `None` when the record is closed.
    pub rest: Option<Shape>,
    /// What their names say about them, where it says anything; whatever it allows, `rest` allows as well.
    pub names: Option<Arc<Names>>,
    /// How many fields a record has, listed or not.
    pub length: Length,
    /// Fields of which only one may be there: Protobuf's `oneof`, a choice of XSD.
    pub choices: Vec<Choice>,
    fields: Vec<Field>,
    index: Arc<HashMap<Str, usize>>,
}

impl Record {
    /// A closed, unnamed record of `fields`. Of fields with equal names the first counts.
    #[must_use]
    pub fn new(fields: Vec<Field>) -> Self {
        let mut index = HashMap::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            index.entry(field.name.clone()).or_insert(at);
        }
        Self {
            name: None,
            doc: None,
            rest: None,
            names: None,
            length: Length::default(),
            choices: Vec::new(),
            fields,
            index: Arc::new(index),
        }
    }

    /// The same record with `fields`, which have the names that its fields have.
    #[must_use]
    pub(crate) fn with_fields(&self, fields: Vec<Field>) -> Self {
        Self { fields, ..self.clone() }
    }

    /// The same record with other `fields`, of any names. Of fields with equal names the first counts.
    #[must_use]
    pub fn with_new_fields(&self, fields: Vec<Field>) -> Self {
        let fresh = Self::new(fields);
        Self { fields: fresh.fields, index: fresh.index, ..self.clone() }
    }

    /// The listed fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The listed field `name` and its position.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.index.get(name).map(|at| (*at, &self.fields[*at]))
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.rest, &self.names, &self.length, &self.choices, &self.fields)
            == (&other.name, &other.rest, &other.names, &other.length, &other.choices, &other.fields)
    }
}

/// Optional fields of a record of which at most one may be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the choice is called.
    pub name: Str,
    /// The names of the fields.
    pub fields: Vec<Str>,
    /// Whether one of them has to be there.
    pub is_required: bool,
}

/// What fields beyond the listed ones may be, by their names: what the first pattern that matches says, else `others`.
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// Regular expressions (linear-time syntax) that match somewhere in a name, with what such a field may be.
    pub patterns: Vec<(Str, Shape)>,
    /// What a field that no pattern matches may be; `None` where there may be none.
    pub others: Option<Shape>,
}

/// One field of a [`Record`].
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in the data.
    pub name: Str,
    /// What its value may be.
    pub shape: Shape,
    /// Whether it has to be there.
    pub required: bool,
    /// What the contract gives as its default. It stands in for an absent field only where the field is not required: see
    /// [`Field::stand_in`].
    pub default: Option<Value>,
    /// Whether the contract warns that it will go.
    pub deprecated: bool,
    /// How its content has to be treated.
    pub sensitivity: Option<Sensitivity>,
    /// What the contract says about it.
    pub doc: Option<Str>,
}

impl Field {
    /// A required field without further properties.
    #[must_use]
    pub fn required(name: impl Into<Str>, shape: Shape) -> Self {
        Self {
            name: name.into(),
            shape,
            required: true,
            default: None,
            deprecated: false,
            sensitivity: None,
            doc: None,
        }
    }

    /// An optional field without further properties.
    #[must_use]
    pub fn optional(name: impl Into<Str>, shape: Shape) -> Self {
        Self { required: false, ..Self::required(name, shape) }
    }

    /// What an absent field stands for: the default of a field that need not be there. A record without a required field
    /// breaks its contract, whatever default that has.
    #[must_use]
    pub fn stand_in(&self) -> Option<&Value> {
        self.default.as_ref().filter(|_| !self.required)
    }

    /// Whether a reader can meet a record in which this field has no value to give: absent without a default.
    #[must_use]
    pub fn may_be_absent(&self) -> bool {
        !self.required && self.default.is_none()
    }
}

/// How the content of a field has to be treated (ODCS `classification`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sensitivity {
    /// About an identifiable person.
    Personal,
    /// Never to appear in logs, reports or dead-letter listings.
    Secret,
}
