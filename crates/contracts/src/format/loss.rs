//! What a format cannot express of a type, as far as it is the same for all formats.

use std::collections::HashSet;

use tenon_model::{
    Kind, Shape,
    shape::{Part, Refinement},
    types::{About, Member},
};

use crate::parts;

/// Something about a type that a format cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Where, as in `lines[].price`; empty for the whole.
    pub path: String,
    /// What is lost, as the rest of a sentence that starts with the path: "has a pattern, which Avro cannot say".
    pub message: String,
}

/// What a format says of types with names beside their values.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Says {
    pub(crate) doc: bool,
    pub(crate) deprecation: bool,
    pub(crate) aliases: bool,
    /// The numbers of members, where they are not counted from zero.
    pub(crate) numbers: bool,
    /// What members stand for, and which of them will go.
    pub(crate) members: bool,
}

impl Loss {
    /// A loss for each part of `shape` with rules beyond its kind that `format` does not say.
    pub(crate) fn of_rules<'s>(
        format: &'s str,
        shape: &'s Shape,
        says: impl Fn(&Refinement) -> bool,
    ) -> Vec<Self> {
        let mut losses = Vec::new();
        parts::walk(shape, &mut |part| {
            if part.shape.refinement.as_ref().is_some_and(|refinement| !says(refinement)) {
                let message = format!("has rules that look at the whole value, which {format} cannot say");
                losses.push(Self { path: part.path.clone(), message });
            }
        });
        losses
    }

    /// A loss for each type with a name of which more is said than `format` says.
    pub(crate) fn of_names(format: &str, shape: &Shape, says: Says) -> Vec<Self> {
        let (mut losses, mut known) = (Vec::new(), HashSet::new());
        parts::walk(shape, &mut |part| {
            let Kind::Named(named) = &part.shape.kind else { return };
            if !known.insert(Part::from(named)) {
                return;
            }
            let lost = says.lost(&named.about());
            losses.extend(lost.into_iter().map(|what| {
                let message = format!("is of a type {what}, which {format} cannot say");
                Self { path: part.path.clone(), message }
            }));
        });
        losses
    }
}

impl Says {
    fn lost(self, about: &About) -> Vec<String> {
        let of_members = |is: fn(&Member) -> bool| about.members.iter().any(is) && !self.members;
        // Counted from zero in their order is what every format makes of members.
        let is_counted = |(at, member): (usize, &Member)| {
            member.number.is_none_or(|number| usize::try_from(number) == Ok(at))
        };
        let are_counted = about.members.iter().enumerate().all(is_counted);
        let lost = [
            (about.doc.is_some() && !self.doc, "that has a description".to_owned()),
            (about.is_deprecated && !self.deprecation, "that is deprecated".to_owned()),
            (
                !about.aliases.is_empty() && !self.aliases,
                format!("that is also called {}", about.aliases.join(", ")),
            ),
            (!are_counted && !self.numbers, "whose members have numbers".to_owned()),
            (of_members(|member| member.doc.is_some()), "whose members have descriptions".to_owned()),
            (of_members(|member| member.is_deprecated), "whose members are deprecated in part".to_owned()),
        ];
        lost.into_iter().filter(|(is_lost, _)| *is_lost).map(|(_, what)| what).collect()
    }
}
