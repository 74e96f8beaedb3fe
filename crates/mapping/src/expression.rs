//! A compiled expression: text in, then a value for each frame.

use std::sync::Arc;

use tenon_errors::{Place, Report, Reports};
use tenon_model::{Str, Value};

use crate::{
    Frame, Locate, Path, Scope, Type,
    check::{self, Checked, Environment},
    evaluate::{Failure, Machine, Node, Val},
    functions::Origin,
    reads::Reads,
    sensitive::quiet,
    types::Ty,
};

/// A checked and compiled expression. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    text: Str,
    ty: Type,
    node: Node,
    places: Vec<Place>,
    reads: Vec<Path>,
    origins: Vec<Origin>,
}

impl Expression {
    /// Reads, checks and compiles `text`, whose variables are those of `scope`.
    ///
    /// # Errors
    /// Every problem, each with its place: `M0001` to `M0006`, `M0008` and `M0009`.
    pub fn compile(text: &str, at: &dyn Locate, scope: &Scope) -> Result<Self, Reports> {
        let mut environment = Environment::new(scope);
        let checked = check::compile(text, at, &mut environment)?;
        Ok(Self::new(text, checked, environment.places, scope))
    }

    /// Compiles `text` although its types may not fit: what does not is found when it is evaluated. CEL allows this;
    /// Tenon does not for projects, where everything is checked first.
    ///
    /// # Errors
    /// `M0001` and `M0008` where `text` is not CEL.
    #[doc(hidden)]
    pub fn compile_unchecked(text: &str, at: &dyn Locate, scope: &Scope) -> Result<Self, Reports> {
        let mut environment = Environment::new(scope);
        let (checked, _) = check::compile_anyway(text, at, &mut environment)?;
        Ok(Self::new(text, checked, environment.places, scope))
    }

    fn new(text: &str, checked: Checked, places: Vec<Place>, scope: &Scope) -> Self {
        let mut reads = Reads::default();
        reads.visit(&checked.node);
        let ty = if checked.implicit { Ty::optional(checked.ty).to_type() } else { checked.ty.to_type() };
        let (reads, origins) = reads.finish();
        let node = quiet(checked.node, &reads, scope);
        Self(Arc::new(Compiled { text: Str::new(text), ty, node, places, reads, origins }))
    }

    /// What its results are.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.0.ty
    }

    /// Its value on `frame`; `None` where it is optional and there is none.
    ///
    /// # Errors
    /// `M0007` if these values have no result, `M0008` if it takes too many steps.
    pub fn evaluate(&self, frame: &Frame) -> Result<Option<Value>, Report> {
        let mut machine = Machine::new(frame, &self.0.places);
        let node = &self.0.node;
        match node.evaluate(&mut machine)? {
            Val::Data(value) | Val::Present(value) => Ok(Some(value)),
            Val::Absent => Ok(None),
            // A type as a result is its name: there is no other way to show it.
            Val::Type(name) => Ok(Some(Value::from(name))),
            Val::Wrapped(_) => {
                Err(machine.report(node, Failure::because("the result is an optional of an optional"), ""))
            }
        }
    }

    /// The variables and fields that it reads, without duplicates, in order.
    #[must_use]
    pub fn reads(&self) -> &[Path] {
        &self.0.reads
    }

    /// What its value comes from besides: the clock, or ids that are made anew.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.0.origins
    }

    /// The text as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }
}
