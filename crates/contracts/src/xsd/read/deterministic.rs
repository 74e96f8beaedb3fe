//! Whether every element of a document belongs to one part of its content model without looking ahead: "unique particle attribution"
//! (XML Schema Part 1, section 3.8.6).
//!
//! Which leaves may come first, and which may come next after the end, is enough: two leaves that may come at the same point have
//! to have different names (Brüggemann-Klein and Wood, One-unambiguous regular languages, 1998). Numbers of occurrences are
//! counted, so that a part that comes an exact number of times is left only then.

use std::collections::HashMap;

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};

use super::Reader;
use crate::{
    xml::Name,
    xsd::model::{Complex, Content, Model, Particle, Term, Wildcard},
};

/// A leaf as it is told apart from others.
#[derive(Clone, Copy)]
struct Leaf<'p> {
    number: usize,
    what: What<'p>,
}

#[derive(Clone, Copy)]
enum What<'p> {
    Name(&'p Name),
    Any(&'p Wildcard),
}

/// The leaves that may come at one point.
#[derive(Clone, Default)]
struct Set<'p> {
    names: HashMap<&'p Name, usize>,
    any: Vec<(usize, &'p Wildcard)>,
}

type Clash = (String, usize);

impl<'p> Set<'p> {
    fn add(&mut self, leaf: Leaf<'p>) {
        match leaf.what {
            What::Name(name) => drop(self.names.entry(name).or_insert(leaf.number)),
            What::Any(wildcard) => self.any.push((leaf.number, wildcard)),
        }
    }

    fn leaves(&self) -> impl Iterator<Item = Leaf<'p>> {
        let names = self.names.iter().map(|(name, number)| Leaf { number: *number, what: What::Name(name) });
        names.chain(self.any.iter().map(|(number, any)| Leaf { number: *number, what: What::Any(any) }))
    }

    /// What stands for two leaves, one of each set.
    fn clash(&self, other: &Self) -> Option<Clash> {
        self.leaves().find_map(|leaf| {
            let differs = |number: &usize| *number != leaf.number;
            match leaf.what {
                What::Name(name) => {
                    let twice = other.names.get(name).is_some_and(differs);
                    let lets_in = |(number, any): &(usize, &Wildcard)| {
                        differs(number) && any.allows(name.namespace.as_deref())
                    };
                    (twice || other.any.iter().any(lets_in))
                        .then(|| (format!("`{}`", name.local), leaf.number))
                }
                What::Any(any) => {
                    let named = other
                        .names
                        .iter()
                        .any(|(name, number)| differs(number) && any.allows(name.namespace.as_deref()));
                    let wild = other.any.iter().any(|(number, other)| differs(number) && any.meets(other));
                    (named || wild).then(|| ("an element that `any` lets in".to_owned(), leaf.number))
                }
            }
        })
    }

    fn extend(&mut self, other: &Self) {
        other.leaves().for_each(|leaf| self.add(leaf));
    }
}

/// What is known of a part.
struct Known<'p> {
    /// What may come first in it.
    first: Set<'p>,
    /// What may go on in it where it could have ended.
    further: Set<'p>,
    is_emptiable: bool,
}

impl Reader<'_> {
    /// Reports of each content model the first element of which it is open to which part it belongs. What may stand for an element counts
    /// as it, so that this can only be seen when all are read.
    pub(super) fn check_deterministic(&mut self) {
        let model = &self.model;
        let clash = |complex: &Complex| match &complex.content {
            Content::Elements(particle) => {
                known(model, particle).err().map(|(what, _)| (what, complex.place.clone()))
            }
            _ => None,
        };
        let clashes: Vec<_> = model.complex.iter().filter_map(clash).collect();
        for (what, place) in clashes {
            let message =
                format!("{what} could belong to two parts of the content, and nothing says to which");
            let report = Report::new(&BAD_CONTRACT, message).at(place);
            self.push(
                report.hint(
                    "give one of the parts another name, or put what they have in common before a choice",
                ),
            );
        }
    }
}

fn known<'p>(model: &'p Model, particle: &'p Particle) -> Result<Known<'p>, Clash> {
    let mut known = term(model, particle)?;
    if particle.max != Some(1) {
        clash(&known.first, &known.further)?;
        if particle.max != Some(particle.min) || known.is_emptiable {
            known.further.extend(&known.first);
        }
    }
    known.is_emptiable |= particle.min == 0;
    Ok(known)
}

fn term<'p>(model: &'p Model, particle: &'p Particle) -> Result<Known<'p>, Clash> {
    let mut whole = Known { first: Set::default(), further: Set::default(), is_emptiable: false };
    match &particle.term {
        Term::Element(id, number) => {
            for member in model.substitutes(*id).iter() {
                whole.first.add(Leaf { number: *number, what: What::Name(&model.elements[*member].name) });
            }
        }
        Term::Any(wildcard, number) => whole.first.add(Leaf { number: *number, what: What::Any(wildcard) }),
        Term::Choice(parts) => {
            whole.is_emptiable = parts.is_empty();
            for part in parts {
                let part = known(model, part)?;
                clash(&part.first, &whole.first)?;
                whole.first.extend(&part.first);
                whole.further.extend(&part.further);
                whole.is_emptiable |= part.is_emptiable;
            }
        }
        Term::All(parts) => {
            whole.is_emptiable = true;
            for part in parts {
                let part = known(model, part)?;
                clash(&part.first, &whole.first)?;
                whole.first.extend(&part.first);
                whole.is_emptiable &= part.is_emptiable;
            }
            whole.further = whole.first.clone();
        }
        Term::Sequence(parts) => {
            whole.is_emptiable = true;
            for part in parts {
                let part = known(model, part)?;
                clash(&part.first, &whole.further)?;
                if whole.is_emptiable {
                    clash(&part.first, &whole.first)?;
                    whole.first.extend(&part.first);
                }
                if part.is_emptiable {
                    whole.further.extend(&part.first);
                    whole.further.extend(&part.further);
                } else {
                    whole.further = part.further;
                }
                whole.is_emptiable &= part.is_emptiable;
            }
        }
    }
    Ok(whole)
}

fn clash(one: &Set<'_>, other: &Set<'_>) -> Result<(), Clash> {
    one.clash(other).map_or(Ok(()), Err)
}
