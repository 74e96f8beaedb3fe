//! The choices of a content model that records show: elements of which one comes, and that come nowhere else.

use tenon_model::{Str, shape::Choice};

use super::{
    layout::Layout,
    model::{Particle, Term},
};

/// The choices of which the alternatives are single elements that come nowhere else.
pub(super) fn of(particle: &Particle, layout: &Layout) -> Vec<Choice> {
    let mut uses = vec![0usize; layout.slots.len()];
    layout.leaves.iter().for_each(|leaf| uses[leaf.slot] += 1);
    let mut found = Vec::new();
    collect(particle, true, &mut |choice, parts, is_demanded| {
        let slots: Option<Vec<usize>> = parts
            .iter()
            .map(|part| match part.term {
                Term::Element(_, leaf) | Term::Any(_, leaf) => Some(layout.leaves[leaf].slot),
                _ => None,
            })
            .collect();
        let Some(slots) = slots.filter(|slots| slots.len() > 1 && slots.iter().all(|slot| uses[*slot] == 1))
        else {
            return;
        };
        let name = if found.is_empty() {
            Str::new("choice")
        } else {
            Str::from(format!("choice_{}", found.len() + 1))
        };
        found.push(Choice {
            name,
            fields: slots.iter().map(|slot| layout.slots[*slot].field.clone()).collect(),
            is_required: is_demanded && !choice.is_emptiable(),
        });
    });
    found
}

/// Calls `visit` for every choice that comes once at most, and says whether it has to be there.
fn collect<'p>(
    particle: &'p Particle,
    is_demanded: bool,
    visit: &mut impl FnMut(&'p Particle, &'p [Particle], bool),
) {
    if particle.max != Some(1) {
        return;
    }
    match &particle.term {
        Term::Choice(parts) => visit(particle, parts, is_demanded),
        Term::Sequence(parts) => {
            parts.iter().for_each(|part| collect(part, is_demanded && particle.min > 0, visit));
        }
        _ => {}
    }
}
