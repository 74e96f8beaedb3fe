//! A compiled mapping: from the variables of a frame to a value of the target contract.

use tenon_errors::{Report, Reports, catalogue::expression::BAD_EXPRESSION};
use tenon_model::{Shape, Value};

use crate::{Frame, Path, Scope, Template};

/// A template that was checked against its target, ready to run.
#[derive(Debug, Clone)]
pub struct Mapping {
    lineage: Vec<Lineage>,
}

/// Which sources one element of the target is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The element that is set.
    pub target: Path,
    /// What is read for it, without duplicates; none for a constant.
    pub sources: Vec<Path>,
}

impl Mapping {
    /// Checks `template` against `target` and compiles it.
    ///
    /// # Errors
    /// Every problem of its expressions, and `M0101` to `M0103` where it does not make a value of `target`.
    pub fn compile(template: &Template, _target: &Shape, _scope: &Scope) -> Result<Self, Reports> {
        Err(Report::new(&BAD_EXPRESSION, "mappings cannot be compiled yet").at(template.place()).into())
    }

    /// The target value made of `frame`.
    ///
    /// # Errors
    /// `M0007` and `M0008` as [`Expression::evaluate`](crate::Expression::evaluate), with the path in the target.
    pub fn run(&self, _frame: &Frame) -> Result<Value, Report> {
        Ok(Value::Null)
    }

    /// Which sources each element of the target is made of, in the order of the template.
    #[must_use]
    pub fn lineage(&self) -> Vec<Lineage> {
        self.lineage.clone()
    }
}
