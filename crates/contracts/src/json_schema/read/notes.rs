//! What is legal in a schema and asserts nothing, or less than it seems to: told once for each thing, not for each place.

use std::collections::{HashMap, HashSet};

use tenon_document::Node;
use tenon_errors::{Code, Place, Report, catalogue::contract::ASSERTS_NOTHING};

/// What there is to say about a schema that is read all the same.
#[derive(Default)]
pub(crate) struct Notes {
    notes: Vec<Note>,
    /// Their positions by code and message.
    known: HashMap<(&'static str, String), usize>,
}

struct Note {
    code: &'static Code,
    /// The same for everything that is told together.
    message: String,
    hint: String,
    /// Not the node itself, which may be as large as the document.
    first: Place,
    places: HashSet<usize>,
}

impl Notes {
    /// Says that something at `node` asserts nothing.
    pub(crate) fn add(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        self.add_as(&ASSERTS_NOTHING, node, message.into(), hint.into());
    }

    /// The same for a problem that does not count, because nothing refers to where it is.
    pub(crate) fn add_as(&mut self, code: &'static Code, node: &Node, message: String, hint: String) {
        let at = node.offset();
        match self.known.get(&(code.id, message.clone())) {
            Some(position) => drop(self.notes[*position].places.insert(at)),
            None => {
                self.known.insert((code.id, message.clone()), self.notes.len());
                self.notes.push(Note {
                    code,
                    message,
                    hint,
                    first: node.place(),
                    places: HashSet::from([at]),
                });
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<Report> {
        let report = |note: Note| {
            let message = match note.places.len() {
                1 => note.message,
                count => format!("{}; the same in {} more places", note.message, count - 1),
            };
            Report::new(note.code, message).at(note.first).hint(note.hint)
        };
        self.notes.into_iter().map(report).collect()
    }
}
