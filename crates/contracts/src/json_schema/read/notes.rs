//! What is legal in a schema and asserts nothing, or less than it seems to: told once for each thing, not for each place.

use tenon_document::Node;
use tenon_errors::{Code, Report, catalogue::contract::ASSERTS_NOTHING};

/// What there is to say about a schema that is read all the same.
#[derive(Default)]
pub(super) struct Notes(Vec<Note>);

struct Note {
    code: &'static Code,
    /// The same for everything that is told together.
    message: String,
    hint: String,
    first: Node,
    places: Vec<usize>,
}

impl Notes {
    /// Says that something at `node` asserts nothing.
    pub(super) fn add(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        self.add_as(&ASSERTS_NOTHING, node, message.into(), hint.into());
    }

    /// The same for a problem that does not count, because nothing refers to where it is.
    pub(super) fn add_as(&mut self, code: &'static Code, node: &Node, message: String, hint: String) {
        let at = node.offset();
        match self.0.iter_mut().find(|note| note.message == message && note.code.id == code.id) {
            Some(note) if note.places.contains(&at) => {}
            Some(note) => note.places.push(at),
            None => self.0.push(Note { code, message, hint, first: node.clone(), places: vec![at] }),
        }
    }

    pub(super) fn finish(self) -> Vec<Report> {
        let report = |note: Note| {
            let message = match note.places.len() {
                1 => note.message,
                count => format!("{}; the same in {} more places", note.message, count - 1),
            };
            Report::new(note.code, message).at(note.first.place()).hint(note.hint)
        };
        self.0.into_iter().map(report).collect()
    }
}
