//! Content models: sequences, choices, groups, and how often each comes.

use tenon_errors::Place;

use super::{At, Reader, Space};
use crate::{
    xml::Element as Node,
    xsd::model::{Particle, Term},
};

const PARTS: &[&str] = &["element", "group", "choice", "sequence", "any"];

impl<'d> Reader<'d> {
    /// What `node` describes; `None` if it never comes.
    pub(super) fn particle(&mut self, node: &'d Node, at: At) -> Option<Particle> {
        if !self.count(node) {
            return None;
        }
        let (min, max) = self.occurs(node);
        self.depth += 1;
        let term = self.term(node, at);
        self.depth -= 1;
        let term = term?;
        let is_all = matches!(term, Term::All(_));
        if is_all && max != Some(1) {
            self.bad(node, "`all` comes once at most".to_owned(), "leave out `maxOccurs`");
        }
        (max != Some(0)).then(|| Particle { min, max, term, place: node.place.clone() })
    }

    fn term(&mut self, node: &'d Node, at: At) -> Option<Term> {
        match &*node.name.local {
            "element" => {
                let id = match node.get("ref") {
                    Some(text) => {
                        let global = self.find(Space::Element, node, text, at)?;
                        self.global_element(global)?
                    }
                    None => self.local_element(node, at)?,
                };
                Some(Term::Element(id, 0))
            }
            "any" => Some(Term::Any(self.wildcard(node, at)?, 0)),
            "group" => {
                let Some(text) = node.get("ref") else {
                    self.bad(node, "the group has no `ref`".to_owned(), "refer to a group");
                    return None;
                };
                let global = self.find(Space::Group, node, text, at)?;
                Some(self.group_of(global)?.term)
            }
            "sequence" => Some(Term::Sequence(self.inside(node, PARTS, at))),
            "choice" => Some(Term::Choice(self.inside(node, PARTS, at))),
            _ => {
                let parts = self.inside(node, &["element"], at);
                for part in parts.iter().filter(|part| part.max != Some(1)) {
                    let message = "an element of `all` comes once at most".to_owned();
                    self.bad_at(&part.place, message, "use a sequence");
                }
                Some(Term::All(parts))
            }
        }
    }

    fn inside(&mut self, node: &'d Node, allowed: &[&str], at: At) -> Vec<Particle> {
        let parts = self.parts(node, allowed);
        parts.into_iter().filter_map(|part| self.particle(part, at)).collect()
    }

    /// What the group at the top under `global` describes.
    pub(super) fn group_of(&mut self, global: usize) -> Option<Particle> {
        let node = self.globals[global].node;
        let parts = self.parts(node, &["sequence", "choice", "all"]);
        match parts[..] {
            [part] => self.particle(part, self.at(global)),
            _ => {
                let message = "a group has one of `sequence`, `choice` and `all`".to_owned();
                self.bad(node, message, "write one of them");
                None
            }
        }
    }

    fn occurs(&mut self, node: &Node) -> (u32, Option<u32>) {
        let mut number = |name: &str| -> Option<u32> {
            let text = node.get(name)?;
            let number = text.trim().parse().ok();
            if number.is_none() {
                self.bad(node, format!("`{name}` is {text:?}"), "write a whole number");
            }
            number
        };
        let min = number("minOccurs").unwrap_or(1);
        let max = match node.get("maxOccurs").map(str::trim) {
            Some("unbounded") => None,
            _ => Some(number("maxOccurs").unwrap_or(1)),
        };
        if max.is_some_and(|max| max < min) {
            self.bad(
                node,
                format!("`minOccurs` is {min}, which is more than `maxOccurs`"),
                "correct one of the two",
            );
        }
        (min, max)
    }

    fn bad_at(&mut self, place: &Place, message: String, hint: &str) {
        let report = tenon_errors::Report::new(&tenon_errors::catalogue::contract::BAD_CONTRACT, message);
        self.push(report.at(place.clone()).hint(hint));
    }
}
