//! An exact evaluator of JSON Schema: every keyword of drafts 4 to 2020-12, on values with all their digits.
//!
//! The reader folds a schema into types as far as types can say it, and attaches a [`Demand`] where they cannot. [`compile`]
//! makes a [`Program`] of the documents once; [`run`] holds a value against one of its schemas, within bounds of steps and depth.

mod apply;
mod compile;
mod format;
mod identity;
mod keyword;
mod marks;
mod number;
mod pattern;
mod run;
mod tell;
mod write;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use tenon_model::{
    Value,
    shape::{Breach, Rule},
};

pub(super) use self::{compile::compile, pattern::Pattern, write::write};
use self::{keyword::Schema, run::Run};
use crate::json::Decoder;

/// The position of a schema in its program.
pub(super) type SchemaId = usize;

/// Every schema of some documents, ready to run.
pub(super) struct Program {
    schemas: Vec<Schema>,
    /// What `$dynamicAnchor` names, by resource.
    dynamic: Vec<Vec<(String, SchemaId)>>,
    /// The schemas with `$recursiveAnchor` at the top of their resources.
    recursive: Vec<Option<SchemaId>>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("schemas", &self.schemas.len()).finish_non_exhaustive()
    }
}

/// What a value has to follow at one position: some schemas, and the opposite of others.
#[derive(Debug)]
pub(super) struct Demand {
    pub(super) program: Arc<Program>,
    pub(super) all_of: Vec<SchemaId>,
    pub(super) none_of: Vec<SchemaId>,
    /// What tells it from others, once somebody asks.
    text: OnceLock<String>,
}

impl Demand {
    pub(super) fn new(program: Arc<Program>, all_of: Vec<SchemaId>, none_of: Vec<SchemaId>) -> Self {
        Self { program, all_of, none_of, text: OnceLock::new() }
    }

    /// Whether `value`, which is decoded verbatim, follows.
    ///
    /// # Errors
    /// Why it cannot be decided.
    pub(super) fn accepts(&self, value: &Value) -> Result<bool, String> {
        let mut run = Run::new(&self.program);
        for id in &self.all_of {
            if !run.holds(*id, value, None)? {
                return Ok(false);
            }
        }
        for id in &self.none_of {
            if run.holds(*id, value, None)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Rule for Demand {
    fn check(&self, json: &str, most: usize) -> Result<Vec<Breach>, String> {
        let value =
            Decoder::verbatim().decode(json.as_bytes()).map_err(|report| report.message().to_owned())?;
        if self.accepts(&value)? {
            return Ok(Vec::new());
        }
        tell::breaches(self, &value, most)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn text(&self) -> &str {
        self.text.get_or_init(|| identity::of(self))
    }
}
