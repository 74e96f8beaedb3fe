//! A contract: a shape with a name, a version and what its author says about it.

use std::sync::Arc;

use tenon_model::{ContractRef, Shape, Str, Value};

/// One version of a contract, read from its file.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Its name and version.
    pub reference: ContractRef,
    /// What values it allows.
    pub shape: Shape,
    /// A short name for people.
    pub title: Option<Str>,
    /// What it stands for, in Markdown.
    pub doc: Option<Str>,
    /// The file that it was read from, relative to the project.
    pub file: Arc<str>,
    /// Values that its author gives as examples; each follows the contract.
    pub examples: Vec<Value>,
}
