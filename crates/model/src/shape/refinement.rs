//! What a contract demands of a value beyond what shapes can say.

use std::{any::Any, fmt, sync::Arc};

/// A demand that only a look at a whole value decides: "if this field is there, that one is not", "one item at least is even".
///
/// It stands beside the kind of a [`Shape`](super::Shape) and not around it. Whoever asks what a value is (mappings, tables,
/// APIs) sees the kind, which allows all that the contract allows and perhaps more. Whoever decides whether a value follows its
/// contract asks the refinement as well. Null is decided by the shape alone.
#[derive(Clone)]
pub struct Refinement(Arc<dyn Rule>);

/// Decides about values by their JSON.
pub trait Rule: fmt::Debug + Send + Sync {
    /// What is wrong with the value that is written as `json`, which is valid JSON; at most `most` of it. Nothing if it follows
    /// the rule.
    ///
    /// # Errors
    /// Why it cannot be decided in bounded time.
    fn check(&self, json: &str, most: usize) -> Result<Vec<Breach>, String>;

    /// The rule itself, for the format that it comes from and writes it back.
    fn as_any(&self) -> &dyn Any;

    /// What tells it from every other rule: rules of equal text accept the same.
    fn text(&self) -> &str;
}

/// Something that is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The names and positions that lead to it from the value that was checked.
    pub path: Vec<Step>,
    /// What it is, as the rest of a sentence that starts with the place. It repeats nothing of the value, which may be secret.
    pub message: String,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To the field of this name.
    Name(String),
    /// To the item at this position.
    Index(usize),
}

impl Refinement {
    /// The refinement by `rule`.
    pub fn new(rule: impl Rule + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// What decides.
    #[must_use]
    pub fn rule(&self) -> &dyn Rule {
        &*self.0
    }

    /// What tells it from every other one while it lives.
    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).cast::<()>().addr()
    }
}

impl fmt::Debug for Refinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refinement").field(&self.0.text()).finish()
    }
}

impl PartialEq for Refinement {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address() || self.0.text() == other.0.text()
    }
}
