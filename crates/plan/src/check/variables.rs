//! The variables of a flow: the message under the name of its contract, and what steps add.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::Contract;
use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_NAME};
use tenon_mapping::{Expression, Scope, Type};
use tenon_model::{Shape, Str};
use tenon_security::{caller, jwt::DeclaredClaim};

use super::Context;

/// Words that CEL reserves (cel-spec, section Syntax).
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// The variables that expressions see at one point of a flow.
pub(crate) struct Variables {
    /// Names and types, by slot.
    pub(crate) scope: Scope,
    /// The slot of the current message.
    pub(crate) slot: usize,
    /// What the current message follows; `None` once that cannot be known, and expressions are not looked at any more.
    pub(crate) contract: Option<Arc<Contract>>,
    /// What a reply sees, where the message was split: the variables from before that.
    whole: Option<Scope>,
}

impl Variables {
    /// The variables at the start: the message in slot 0. Expressions make objects of the contracts of `named`.
    pub(crate) fn new(contract: Option<Arc<Contract>>, named: Arc<BTreeMap<Str, Shape>>) -> Self {
        let mut variables = Self::none(named);
        variables.become_message(contract);
        variables
    }

    /// The variables at the start, where the message in slot 0 has no contract of the project that could name it.
    pub(crate) fn called(
        name: &'static str,
        contract: Arc<Contract>,
        named: Arc<BTreeMap<Str, Shape>>,
    ) -> Self {
        let mut variables = Self::none(named);
        variables.slot = variables.add(name, Type::of(contract.shape.clone()));
        variables.contract = Some(contract);
        variables
    }

    fn none(named: Arc<BTreeMap<Str, Shape>>) -> Self {
        Self { scope: Scope::new().with_contracts(named), slot: 0, contract: None, whole: None }
    }

    /// Adds who calls, as `caller`, and returns the slot. A message of that name comes first.
    pub(crate) fn add_caller(&mut self, claims: &[DeclaredClaim]) -> Option<usize> {
        if self.scope.lookup(caller::NAME).is_some() {
            return None;
        }
        Some(self.add(caller::NAME, Type::of(caller::shape(claims))))
    }

    /// Adds a variable and returns its slot.
    pub(crate) fn add(&mut self, name: impl Into<Str>, ty: Type) -> usize {
        self.scope = self.scope.with(name, ty);
        self.scope.len() - 1
    }

    /// Adds a message that is the current one from here on, and returns its slot.
    pub(crate) fn become_message(&mut self, contract: Option<Arc<Contract>>) -> usize {
        if let Some(contract) = &contract {
            let ty = Type::of(contract.shape.clone());
            self.slot = self.add(contract.reference.name.identifier(), ty);
        }
        self.contract = contract;
        self.slot
    }

    /// From here on only messages go on for which `condition` has turned out as `truth`.
    pub(crate) fn learn(&mut self, condition: &Expression, truth: bool) {
        self.scope = self.scope.knowing(condition.text(), truth);
    }

    /// From here on there is a message for each item of a list.
    pub(crate) fn split(&mut self) {
        self.whole = Some(self.scope.clone());
    }

    /// Whether the message was split.
    pub(crate) fn is_split(&self) -> bool {
        self.whole.is_some()
    }

    /// What can be said of the message as a whole: the names from before it was split.
    pub(crate) fn of_whole(&self) -> Scope {
        self.whole.as_ref().unwrap_or(&self.scope).clone()
    }

    /// The value in `slot` was made from what a contract calls personal or secret.
    pub(crate) fn hide(&mut self, slot: usize) {
        self.scope.hide(slot);
    }

    /// Whether expressions can be looked at.
    pub(crate) fn are_known(&self) -> bool {
        self.contract.is_some()
    }
}

/// The type of a variable that could not be made: anything, so that its uses are not reported again.
pub(crate) fn unknown() -> Type {
    Type::of(Shape::ANY)
}

/// Whether CEL reserves the word.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// The name of a variable in `node`; a problem if expressions could not write it.
pub(crate) fn name(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let name = node.as_str()?;
    let identifier = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if identifier && !is_reserved(name) {
        return Some(Str::new(name));
    }
    let report = if is_reserved(name) {
        Report::new(&BAD_NAME, format!("`{name}` is a word of the expression language"))
            .hint("choose another name")
    } else {
        let message = format!("`{name}` is not the name of a variable");
        Report::new(&BAD_NAME, message).hint("write a letter, followed by letters, digits and `_`")
    };
    context.problem(report.at(node.place()));
    None
}
