//! What a condition tells about the parts that it guards: `has(x.f) ? ... : ...` makes `x.f` present, and
//! `type(x) == string ? ... : ...` makes `x` a text.

use tenon_model::Str;

use super::{Checker, Environment, Fact, FactPath, Known};
use crate::{
    Inline, Scope,
    evaluate::value::TYPE_NAMES,
    syntax::{Ast, Binary, Syntax, Unary, parse},
    types::Ty,
};

/// What is known of the names of `scope` once `condition` has turned out as `truth`; nothing of a text that is no expression.
pub(crate) fn learned(condition: &str, scope: &Scope, truth: bool) -> Vec<Fact> {
    let Ok(ast) = parse(condition) else { return Vec::new() };
    let (mut environment, at) = (Environment::new(scope), Inline::new("", condition));
    Checker::new(condition, &ast, &at, &mut environment).facts_of(&ast, truth)
}

impl Checker<'_, '_> {
    /// Whether a variable or field is known to be there.
    pub(super) fn knows(&self, path: &FactPath) -> bool {
        self.facts.iter().any(|fact| fact.path == *path && fact.known == Known::There)
    }

    /// The type of a variable or field, as far as the conditions around this point tell it.
    pub(super) fn narrowed(&self, path: &FactPath, ty: Ty) -> Ty {
        let facts = self.facts.iter().filter(|fact| fact.path == *path);
        facts.fold(ty, |ty, fact| match &fact.known {
            Known::There => ty,
            Known::Is(names) => ty.of_types(names),
            Known::IsNot(name) => ty.not_of_type(name),
            Known::Tag(tag, name) => ty.of_tag(tag, name, true),
            Known::NotTag(tag, name) => ty.of_tag(tag, name, false),
        })
    }

    /// The variable or field that `ast` names; optional selects lead to the same.
    pub(super) fn fact(&self, ast: &Ast) -> Option<FactPath> {
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

    /// What is known where `condition` turned out as `truth`.
    pub(super) fn facts_of(&self, condition: &Ast, truth: bool) -> Vec<Fact> {
        match &condition.syntax {
            Syntax::Unary(Unary::Not, inner) => self.facts_of(inner, !truth),
            Syntax::And(operands) if truth => {
                operands.iter().flat_map(|ast| self.facts_of(ast, true)).collect()
            }
            Syntax::Or(operands) if !truth => {
                operands.iter().flat_map(|ast| self.facts_of(ast, false)).collect()
            }
            Syntax::Or(operands) => self.either(operands),
            Syntax::Binary(operator @ (Binary::Equal | Binary::NotEqual), left, right) => {
                let equal = (*operator == Binary::Equal) == truth;
                let mut facts = self.type_facts(left, right, equal);
                facts.extend(self.type_facts(right, left, equal));
                facts.extend(self.tag_fact(left, right, equal));
                facts.extend(self.tag_fact(right, left, equal));
                if !equal {
                    facts.extend(self.not_null_facts(left, right));
                }
                facts
            }
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

    /// What `type(x) == name` tells.
    fn type_facts(&self, call: &Ast, name: &Ast, equal: bool) -> Vec<Fact> {
        let Syntax::Call { target: None, name: function, arguments, .. } = &call.syntax else {
            return Vec::new();
        };
        let ([tested], "type") = (&arguments[..], function.as_str()) else { return Vec::new() };
        let named = name.dotted().filter(|dotted| self.resolve(dotted, false).is_none());
        let known = named.and_then(|named| TYPE_NAMES.iter().find(|known| **known == named));
        let (Some(path), Some(known)) = (self.fact(tested), known) else { return Vec::new() };
        let mut facts = Vec::new();
        if equal == (*known != "null_type") {
            facts.push(Fact { path: path.clone(), known: Known::There });
        }
        let known = if equal { Known::Is(vec![known]) } else { Known::IsNot(known) };
        facts.push(Fact { path, known });
        facts
    }

    /// What `x.kind == "card"` tells of `x`, where the field tells variants apart.
    fn tag_fact(&self, field: &Ast, text: &Ast, equal: bool) -> Option<Fact> {
        let (Syntax::Select { operand, field, optional: false, .. }, Syntax::String(text)) =
            (&field.syntax, &text.syntax)
        else {
            return None;
        };
        let (field, text) = (field.clone(), text.clone());
        let known = if equal { Known::Tag(field, text) } else { Known::NotTag(field, text) };
        Some(Fact { path: self.fact(operand)?, known })
    }

    /// What holds where one of the operands does: that a value is of one of several types.
    fn either(&self, operands: &[Ast]) -> Vec<Fact> {
        let each: Vec<Vec<Fact>> = operands.iter().map(|ast| self.facts_of(ast, true)).collect();
        let Some((first, others)) = each.split_first() else { return Vec::new() };
        let common = first.iter().filter_map(|fact| {
            let mut known = fact.known.clone();
            for facts in others {
                let same = facts.iter().filter(|other| other.path == fact.path);
                let other = same.map(|other| &other.known).find(|other| {
                    matches!((&known, other), (Known::Is(_), Known::Is(_))) || **other == known
                })?;
                if let (Known::Is(names), Known::Is(more)) = (&mut known, other) {
                    names.extend(more);
                }
            }
            Some(Fact { path: fact.path.clone(), known })
        });
        common.collect()
    }

    /// Where a field is there, so is everything that it is a field of.
    fn with_prefixes(&self, ast: &Ast) -> Vec<Fact> {
        let Some((root, fields)) = self.fact(ast) else { return Vec::new() };
        (0..=fields.len())
            .map(|length| Fact {
                path: (root, fields[..length].iter().map(Str::clone).collect()),
                known: Known::There,
            })
            .collect()
    }
}
