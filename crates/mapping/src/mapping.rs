//! A compiled mapping: from the variables of a frame to a value of the target contract.

use std::sync::Arc;

use tenon_errors::{Place, Report, Reports};
use tenon_model::{Shape, Str, Value};

use crate::{
    Frame, Origin, Path, Scope, Template,
    check::Environment,
    evaluate::Machine,
    template::{Compiler, Maker},
};

/// A template that was checked against its target, ready to run. Cheap to clone.
///
/// What types can prove is proved when it is compiled: every required field is set, kinds fit, a value that may be
/// absent or null stands only where the target allows it, an enum gets only its values, and an integer whose contract
/// states bounds stays within the target's. What only a value can show (lengths, patterns, bounds that the source leaves
/// open, unions) is left to the validator of the target contract, which runs after the mapping.
///
/// An optional field whose value is absent is left out; so is null, where the field may be left out but not be null. A
/// field that is left out gets the default of the target contract, since readers count on it.
#[derive(Debug, Clone)]
pub struct Mapping(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    maker: Maker,
    places: Vec<Place>,
    lineage: Vec<Lineage>,
}

/// Which sources one element of the target is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The element that is set.
    pub target: Path,
    /// What is read for it, without duplicates; none for a constant.
    pub sources: Vec<Path>,
    /// What else it comes from, which is not the same each time.
    pub origins: Vec<Origin>,
    /// How it is made: the expression as written, or the constant.
    pub text: Str,
}

impl Mapping {
    /// Checks `template` against `target` and compiles it.
    ///
    /// # Errors
    /// Every problem of its expressions, and `M0101` to `M0103` where it does not make a value of `target`.
    pub fn compile(template: &Template, target: &Shape, scope: &Scope) -> Result<Self, Reports> {
        let mut compiler = Compiler::new(Environment::new(scope));
        let maker = compiler.compile(template, target, &Path::default(), false);
        let Compiler { environment, reports, lineage, .. } = compiler;
        match maker {
            Some(maker) if reports.is_empty() => {
                Ok(Self(Arc::new(Compiled { maker, places: environment.places, lineage })))
            }
            _ => Err(reports),
        }
    }

    /// The target value made of `frame`.
    ///
    /// # Errors
    /// `M0007` and `M0008` as [`Expression::evaluate`](crate::Expression::evaluate), with the path in the target.
    pub fn run(&self, frame: &Frame) -> Result<Value, Report> {
        let mut machine = Machine::new(frame, &self.0.places);
        Ok(self.0.maker.make(&mut machine)?.unwrap_or_default())
    }

    /// Which sources each element of the target is made of, in the order of the template.
    #[must_use]
    pub fn lineage(&self) -> Vec<Lineage> {
        self.0.lineage.clone()
    }
}
