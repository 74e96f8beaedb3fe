//! A compiled expression: text in, then a value for each frame.

use tenon_errors::{Report, Reports, catalogue::expression::BAD_EXPRESSION};
use tenon_model::{Str, Value};

use crate::{Frame, Locate, Path, Scope, Type};

/// A checked and compiled expression.
#[derive(Debug, Clone)]
pub struct Expression {
    text: Str,
    ty: Type,
    reads: Vec<Path>,
}

impl Expression {
    /// Reads, checks and compiles `text`, whose variables are those of `scope`.
    ///
    /// # Errors
    /// Every problem, each with its place: `M0001` to `M0006` and `M0008`.
    pub fn compile(text: &str, at: &dyn Locate, _scope: &Scope) -> Result<Self, Reports> {
        Err(Report::new(&BAD_EXPRESSION, "expressions cannot be compiled yet")
            .at(at.place(0..text.len()))
            .into())
    }

    /// What its results are.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// Its value on `frame`; `None` where it is optional and there is none.
    ///
    /// # Errors
    /// `M0007` if these values have no result, `M0008` if it takes too many steps.
    pub fn evaluate(&self, _frame: &Frame) -> Result<Option<Value>, Report> {
        Ok(None)
    }

    /// The variables and fields that it reads, without duplicates, in order.
    #[must_use]
    pub fn reads(&self) -> &[Path] {
        &self.reads
    }

    /// The text as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
