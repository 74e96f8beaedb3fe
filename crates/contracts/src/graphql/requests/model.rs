//! What a file of GraphQL's executable definitions says (specification of September 2025, section 2).

use crate::graphql::model::{Constant, Directive, Field, Name, Operation, Span};

/// Operations and the fragments that they are made of.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Executable {
    pub(in crate::graphql) operations: Vec<Requested>,
    pub(in crate::graphql) fragments: Vec<Fragment>,
}

impl Executable {
    pub(in crate::graphql) fn fragment(&self, name: &str) -> Option<&Fragment> {
        self.fragments.iter().find(|fragment| fragment.name.text == name)
    }
}

/// An operation.
#[derive(Debug)]
pub(in crate::graphql) struct Requested {
    pub(in crate::graphql) operation: Operation,
    pub(in crate::graphql) doc: Option<String>,
    pub(in crate::graphql) name: Option<Name>,
    /// What it takes, with the directives of each.
    pub(in crate::graphql) variables: Vec<Field>,
    pub(in crate::graphql) directives: Vec<Directive>,
    pub(in crate::graphql) selections: Vec<Selection>,
    pub(in crate::graphql) span: Span,
}

/// A part of operations that has a name.
#[derive(Debug)]
pub(in crate::graphql) struct Fragment {
    pub(in crate::graphql) name: Name,
    pub(in crate::graphql) on: Name,
    pub(in crate::graphql) directives: Vec<Directive>,
    pub(in crate::graphql) selections: Vec<Selection>,
    pub(in crate::graphql) span: Span,
}

/// What is asked for of a type.
#[derive(Debug)]
pub(in crate::graphql) enum Selection {
    Field(Selected),
    /// What a fragment says.
    Spread {
        name: Name,
        directives: Vec<Directive>,
    },
    /// What is asked for of values of another type; of this one without it.
    Inline {
        on: Option<Name>,
        directives: Vec<Directive>,
        selections: Vec<Selection>,
    },
}

/// A field that is asked for.
#[derive(Debug)]
pub(in crate::graphql) struct Selected {
    /// What the answer calls it: its alias or its name.
    pub(in crate::graphql) key: Name,
    pub(in crate::graphql) name: Name,
    pub(in crate::graphql) arguments: Vec<(Name, Constant)>,
    pub(in crate::graphql) directives: Vec<Directive>,
    pub(in crate::graphql) selections: Vec<Selection>,
}

/// Whether something may be left out of an answer, by the directives that stand with it.
pub(in crate::graphql) fn is_conditional(directives: &[Directive]) -> bool {
    directives.iter().any(|directive| matches!(directive.name.text.as_str(), "include" | "skip"))
}
