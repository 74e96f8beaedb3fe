//! Whether elements come as a content model says: an automaton that counts, and never looks ahead.
//!
//! Its state is the path from the model to the leaf that came last, with how often each part on it has come. The model is
//! deterministic, so one path is enough.

use crate::{
    xml::Name,
    xsd::{
        layout::Layout,
        model::{Particle, Term},
    },
};

pub(super) struct Matcher<'m> {
    root: &'m Particle,
    layout: &'m Layout,
    path: Vec<Step<'m>>,
}

struct Step<'m> {
    particle: &'m Particle,
    /// How often it has begun.
    count: u32,
    /// Of a sequence or choice, which part came last.
    at: usize,
    /// Of `all`, which parts came.
    seen: Vec<bool>,
}

impl<'m> Matcher<'m> {
    pub(super) fn new(root: &'m Particle, layout: &'m Layout) -> Self {
        Self { root, layout, path: Vec::new() }
    }

    /// Takes an element `name`: the leaf that it is at; `None` if it cannot come here, which changes nothing.
    pub(super) fn take(&mut self, name: &Name) -> Option<usize> {
        if self.path.is_empty() {
            return self.can_begin(self.root, name).then(|| self.begin(self.root, name))?;
        }
        for depth in (0..self.path.len()).rev() {
            let step = &self.path[depth];
            let particle = step.particle;
            if let Some(next) = self.within(step, name)? {
                let parts = parts(&particle.term);
                self.path.truncate(depth + 1);
                let step = &mut self.path[depth];
                step.at = next;
                if let Some(seen) = step.seen.get_mut(next) {
                    *seen = true;
                }
                return self.begin(&parts[next], name);
            }
            let may_repeat = particle.max.is_none_or(|max| step.count < max);
            if may_repeat && self.can_begin(particle, name) {
                let count = step.count + 1;
                self.path.truncate(depth);
                let leaf = self.begin(particle, name);
                self.path[depth].count = count;
                return leaf;
            }
            if !is_enough(step) {
                return None;
            }
        }
        None
    }

    /// The part of the round that has begun to which `name` belongs. The outer `None` says that something else has to come
    /// first, the inner one that the round may be over.
    #[allow(clippy::option_option, reason = "both are said above")]
    fn within(&self, step: &Step<'m>, name: &Name) -> Option<Option<usize>> {
        match &step.particle.term {
            Term::Sequence(parts) => {
                for (at, part) in parts.iter().enumerate().skip(step.at + 1) {
                    if self.can_begin(part, name) {
                        return Some(Some(at));
                    }
                    if !part.is_emptiable() {
                        return None;
                    }
                }
                Some(None)
            }
            Term::All(parts) => {
                let open = || parts.iter().enumerate().filter(|(at, _)| !step.seen[*at]);
                match open().find(|(_, part)| self.can_begin(part, name)) {
                    Some((at, _)) => Some(Some(at)),
                    None => open().all(|(_, part)| part.is_emptiable()).then_some(None),
                }
            }
            Term::Choice(_) | Term::Element(..) | Term::Any(..) => Some(None),
        }
    }

    fn can_begin(&self, particle: &Particle, name: &Name) -> bool {
        match &particle.term {
            Term::Element(_, leaf) | Term::Any(_, leaf) => self.layout.leaves[*leaf].accepts(name),
            Term::Choice(parts) | Term::All(parts) => parts.iter().any(|part| self.can_begin(part, name)),
            Term::Sequence(parts) => {
                for part in parts {
                    if self.can_begin(part, name) {
                        return true;
                    }
                    if !part.is_emptiable() {
                        return false;
                    }
                }
                false
            }
        }
    }

    /// Goes down to the leaf for `name`, which can begin `particle`.
    fn begin(&mut self, particle: &'m Particle, name: &Name) -> Option<usize> {
        let mut particle = particle;
        loop {
            let parts = parts(&particle.term);
            let at = parts.iter().position(|part| self.can_begin(part, name)).unwrap_or(0);
            let is_all = matches!(particle.term, Term::All(_));
            let seen = if is_all { (0..parts.len()).map(|part| part == at).collect() } else { Vec::new() };
            self.path.push(Step { particle, count: 1, at, seen });
            match &particle.term {
                Term::Element(_, leaf) | Term::Any(_, leaf) => return Some(*leaf),
                _ => particle = parts.get(at)?,
            }
        }
    }

    /// What has to come before the end, as far as it is known by name; empty if nothing has to.
    pub(super) fn missing(&self) -> Vec<&'m Name> {
        let (_, is_complete) = self.next();
        if is_complete { Vec::new() } else { self.expected() }
    }

    /// Whether the elements may end here.
    pub(super) fn is_complete(&self) -> bool {
        self.next().1
    }

    /// The names of what may come here.
    pub(super) fn expected(&self) -> Vec<&'m Name> {
        self.next().0
    }

    fn next(&self) -> (Vec<&'m Name>, bool) {
        let mut names = Vec::new();
        if self.path.is_empty() {
            self.first(self.root, &mut names);
            return (names, self.root.is_emptiable());
        }
        for step in self.path.iter().rev() {
            match &step.particle.term {
                Term::Sequence(parts) => {
                    for part in parts.iter().skip(step.at + 1) {
                        self.first(part, &mut names);
                        if !part.is_emptiable() {
                            return (names, false);
                        }
                    }
                }
                Term::All(parts) => {
                    let open = || parts.iter().zip(&step.seen).filter(|(_, seen)| !**seen);
                    open().for_each(|(part, _)| self.first(part, &mut names));
                    if !open().all(|(part, _)| part.is_emptiable()) {
                        return (names, false);
                    }
                }
                _ => {}
            }
            if step.particle.max.is_none_or(|max| step.count < max) {
                self.first(step.particle, &mut names);
            }
            if !is_enough(step) {
                return (names, false);
            }
        }
        (names, true)
    }

    fn first(&self, particle: &'m Particle, names: &mut Vec<&'m Name>) {
        match &particle.term {
            Term::Element(_, leaf) | Term::Any(_, leaf) => {
                names.extend(self.layout.leaves[*leaf].names.iter().map(|(name, _)| name));
            }
            Term::Choice(parts) | Term::All(parts) => parts.iter().for_each(|part| self.first(part, names)),
            Term::Sequence(parts) => {
                for part in parts {
                    self.first(part, names);
                    if !part.is_emptiable() {
                        return;
                    }
                }
            }
        }
    }
}

/// Whether the part has come often enough.
fn is_enough(step: &Step<'_>) -> bool {
    step.count >= step.particle.min || (Particle { min: 1, ..step.particle.clone() }).is_emptiable()
}

fn parts(term: &Term) -> &[Particle] {
    match term {
        Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => parts,
        Term::Element(..) | Term::Any(..) => &[],
    }
}
