//! What a condition tells about the parts that it guards: `has(x.f) ? ... : ...` makes `x.f` present.

use tenon_model::Str;

use super::{Checker, Fact};
use crate::syntax::{Ast, Binary, Syntax, Unary};

impl Checker<'_, '_> {
    /// Whether a variable or field is known to be there.
    pub(super) fn knows(&self, fact: &Fact) -> bool {
        self.facts.contains(fact)
    }

    /// The variable or field that `ast` names; optional selects lead to the same.
    pub(super) fn fact(&self, ast: &Ast) -> Option<Fact> {
        match &ast.syntax {
            Syntax::Name { name, rooted } => Some((self.resolve(name, *rooted)?.0, Vec::new())),
            Syntax::Select { operand, field, .. } => {
                let (root, mut fields) = self.fact(operand)?;
                fields.push(field.clone());
                Some((root, fields))
            }
            _ => None,
        }
    }

    /// What is known to be there where `condition` turned out as `truth`.
    pub(super) fn facts_of(&self, condition: &Ast, truth: bool) -> Vec<Fact> {
        match &condition.syntax {
            Syntax::Unary(Unary::Not, inner) => self.facts_of(inner, !truth),
            Syntax::And(operands) if truth => {
                operands.iter().flat_map(|ast| self.facts_of(ast, true)).collect()
            }
            Syntax::Or(operands) if !truth => {
                operands.iter().flat_map(|ast| self.facts_of(ast, false)).collect()
            }
            Syntax::Binary(Binary::NotEqual, left, right) if truth => self.not_null_facts(left, right),
            Syntax::Binary(Binary::Equal, left, right) if !truth => self.not_null_facts(left, right),
            Syntax::Call { target: None, name, arguments, .. } if truth && name == "has" => {
                arguments.first().map(|field| self.with_prefixes(field)).unwrap_or_default()
            }
            Syntax::Call { target: Some(target), name, .. } if truth && name == "hasValue" => {
                self.with_prefixes(target)
            }
            _ => Vec::new(),
        }
    }

    fn not_null_facts(&self, left: &Ast, right: &Ast) -> Vec<Fact> {
        match (&left.syntax, &right.syntax) {
            (Syntax::Null, _) => self.with_prefixes(right),
            (_, Syntax::Null) => self.with_prefixes(left),
            _ => Vec::new(),
        }
    }

    /// Where a field is there, so is everything that it is a field of.
    fn with_prefixes(&self, ast: &Ast) -> Vec<Fact> {
        let Some((root, fields)) = self.fact(ast) else { return Vec::new() };
        (0..=fields.len()).map(|length| (root, fields[..length].iter().map(Str::clone).collect())).collect()
    }
}
