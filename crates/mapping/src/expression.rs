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
    checked: Ty,
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
        let known = if checked.implicit { Ty::optional(checked.ty) } else { checked.ty };
        let (reads, origins) = reads.finish();
        let node = quiet(checked.node, &reads, scope);
        let (ty, text) = (known.to_type(), Str::new(text));
        Self(Arc::new(Compiled { text, ty, checked: known, node, places, reads, origins }))
    }

    /// What its results are.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.0.ty
    }

    /// What its results are, as CEL writes types: `list(int)`, `wrapper(string)`. Unlike a [`Type`], it tells unsigned integers,
    /// messages and types from other values.
    #[must_use]
    pub fn cel_type(&self) -> String {
        self.0.checked.cel_name()
    }

    /// Its value on `frame`; `None` where it is optional and there is none.
    ///
    /// # Errors
    /// `M0007` if these values have no result, `M0008` if it takes too many steps.
    pub fn evaluate(&self, frame: &Frame) -> Result<Option<Value>, Report> {
        let mut machine = Machine::new(frame, &self.0.places);
        let node = &self.0.node;
        match node.result(&mut machine)? {
            Val::Data(value) | Val::Present(value) => Ok(Some(value)),
            Val::Absent => Ok(None),
            // A type as a result is its name: there is no other way to show it.
            Val::Type(name) => Ok(Some(Value::String(name))),
            Val::Wrapped(inner) if !matches!(*inner, Val::Present(_) | Val::Absent | Val::Wrapped(_)) => {
                let data = Arc::unwrap_or_clone(inner).into_data();
                data.map(Some).map_err(|failure| machine.report(node, failure, ""))
            }
            Val::Wrapped(_) => {
                Err(machine.report(node, Failure::because("the result is an optional of an optional"), ""))
            }
            Val::Failed(report) => Err(Arc::unwrap_or_clone(report)),
            other @ (Val::Net(_) | Val::Enum(..)) => {
                other.into_data().map(Some).map_err(|failure| machine.report(node, failure, ""))
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
