//! How two versions of what can be asked of a system relate: operations that are gone, parts that are now needed, types that no longer
//! fit, each in the direction in which it travels.
//!
//! Every format gives its operations as [`Subject`]s: what HTTP splits into parameters, media types and statuses are parts, and what has
//! no parts of its own has an input and an output. Both sides are taken to send only what their description lists.

use std::collections::{HashMap, HashSet};

use tenon_errors::Place;
use tenon_model::Shape;

use super::{Change, Direction, OpenRecords, Relation, Role, relate};
use crate::format::Operation;

/// An operation, as it is compared.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What tells that it is the same operation in another version.
    pub key: String,
    /// How it is shown to people.
    pub title: String,
    /// What it consists of.
    pub parts: Vec<Part>,
    /// The ways to be let in, of which one is enough; without any, everybody is.
    pub access: Vec<Way>,
    /// Where it is declared.
    pub place: Place,
}

/// What has to be shown to be let in, as words: the schemes and the scopes.
pub type Way = Vec<String>;

/// A part of an operation.
#[derive(Debug, Clone)]
pub struct Part {
    /// What tells that it is the same part in another version.
    pub key: String,
    /// How it is shown to people: "the query parameter `limit`".
    pub title: String,
    /// Who writes it: [`Role::Request`] for clients, [`Role::Reply`] for the service.
    pub role: Role,
    /// Whether it is always there.
    pub required: bool,
    /// What it may be; `None` for what is only there or not.
    pub shape: Option<Shape>,
    /// How it is written: what is called so in both versions has to be the same.
    pub facts: Vec<(&'static str, String)>,
    /// Where it is declared.
    pub place: Place,
}

/// Something that clients of one version and a service of the other do not agree about.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Which direction does not hold.
    pub direction: Direction,
    /// The operation.
    pub operation: String,
    /// What kind of change it is, as reports and gates name it.
    pub rule: &'static str,
    /// What has changed, as a sentence.
    pub message: String,
    /// How it is avoided.
    pub hint: &'static str,
    /// Who breaks.
    pub breaks: &'static str,
    /// Where the new description says it, or the old one where the new one says nothing.
    pub place: Place,
    /// The change of a type that it comes from.
    pub change: Option<Change>,
}

/// A way in which an operation can fail to be what others take it for: its name in reports and gates, what it says, and advice.
pub type OperationRule = (&'static str, &'static str, &'static str);

/// Every rule about operations. What is a matter of types has the [`Rule`](super::Rule) of the type.
pub const RULES: &[OperationRule] = &[
    ("operation-removed", "An operation is gone", "keep the operation, and mark it as deprecated"),
    ("part-removed", "A part of a request is not taken any more", "keep it, and mark it as deprecated"),
    ("part-required", "A part of a request is now required", "make it optional"),
    (
        "reply-removed",
        "A reply, or a part of it, is not given any more",
        "keep it, and mark it as deprecated",
    ),
    ("reply-optional", "A part of a reply may now be left out", "keep it required"),
    ("writing-changed", "A value is written in another way", "keep how it is written"),
    ("access-narrowed", "A way to be let in is not enough any more", "keep the way in"),
];

/// The most differences that are told of one part.
const MAX_OF_PART: usize = 5;

/// The operations of a format that has no parts of its own.
#[must_use]
pub fn subjects(operations: &[Operation]) -> Vec<Subject> {
    operations.iter().map(subject).collect()
}

fn subject(operation: &Operation) -> Subject {
    let part = |key: &str, title: String, role: Role, shape: &Shape, streams: bool| Part {
        key: key.to_owned(),
        title,
        role,
        required: true,
        shape: Some(shape.clone()),
        facts: vec![("stream", streams.to_string())],
        place: operation.place.clone(),
    };
    let mut parts = vec![
        part("input", "its input".to_owned(), Role::Request, &operation.input, operation.streams_input),
        part("output", "its output".to_owned(), Role::Reply, &operation.output, operation.streams_output),
    ];
    for failure in &operation.errors {
        let title = format!("its failure `{}`", failure.name);
        parts.push(part(&format!("failure {}", failure.name), title, Role::Reply, &failure.shape, false));
    }
    Subject {
        key: operation.name.to_string(),
        title: format!("{} ({})", operation.name, operation.address),
        parts,
        access: Vec::new(),
        place: operation.place.clone(),
    }
}

/// What does not hold in `direction`: backward, clients of the old version ask a service of the new one; forward, clients of the new
/// version ask a service of the old one.
#[must_use]
pub fn compare(old: &[Subject], new: &[Subject], direction: Direction) -> Vec<Difference> {
    let (clients, service) = match direction {
        Direction::Backward => (old, new),
        Direction::Forward => (new, old),
    };
    let mut comparison = Comparison { direction, found: Vec::new() };
    let by_key: HashMap<&str, &Subject> = service.iter().map(|it| (it.key.as_str(), it)).collect();
    for client in clients {
        match by_key.get(client.key.as_str()) {
            Some(service) => comparison.operation(client, service),
            None => comparison.add(
                &client.title,
                "operation-removed",
                match direction {
                    Direction::Backward => "the operation is gone".to_owned(),
                    Direction::Forward => "the operation is new".to_owned(),
                },
                client.place.clone(),
            ),
        }
    }
    comparison.found
}

struct Comparison {
    direction: Direction,
    found: Vec<Difference>,
}

impl Comparison {
    fn add(&mut self, operation: &str, rule: &'static str, message: String, place: Place) {
        self.found.push(Difference {
            direction: self.direction,
            operation: operation.to_owned(),
            rule,
            message,
            hint: match self.direction {
                Direction::Backward => {
                    RULES.iter().find(|(id, ..)| *id == rule).map_or("", |(.., hint)| hint)
                }
                Direction::Forward => "let the service have the new description before its clients",
            },
            breaks: match self.direction {
                Direction::Backward => "clients that still have the old description",
                Direction::Forward => "new clients of a service that still has the old description",
            },
            place,
            change: None,
        });
    }

    /// The place in the new version, where both have the part.
    fn newer<'p>(&self, client: &'p Place, service: &'p Place) -> Place {
        if self.direction == Direction::Backward { service.clone() } else { client.clone() }
    }

    fn operation(&mut self, client: &Subject, service: &Subject) {
        let by_key: HashMap<&str, &Part> = service.parts.iter().map(|it| (it.key.as_str(), it)).collect();
        for part in &client.parts {
            match by_key.get(part.key.as_str()) {
                Some(other) => self.part(&client.title, part, other),
                None => self.missing(&client.title, part),
            }
        }
        let known: HashSet<&str> = client.parts.iter().map(|it| it.key.as_str()).collect();
        for part in service.parts.iter().filter(|it| !known.contains(it.key.as_str())) {
            if part.role == Role::Request && part.required {
                let message = format!("{} is required, and clients do not send it", part.title);
                self.add(&client.title, "part-required", message, part.place.clone());
            }
        }
        self.access(client, service);
    }

    /// A part that only the clients know.
    fn missing(&mut self, operation: &str, part: &Part) {
        let (rule, message) = match part.role {
            Role::Request => ("part-removed", format!("{} is not taken any more", part.title)),
            _ => ("reply-removed", format!("{} is not given any more", part.title)),
        };
        let message = match self.direction {
            Direction::Backward => message,
            Direction::Forward => format!("{} is new", part.title),
        };
        self.add(operation, rule, message, part.place.clone());
    }

    fn part(&mut self, operation: &str, client: &Part, service: &Part) {
        let place = self.newer(&client.place, &service.place);
        let is_request = client.role == Role::Request;
        if is_request && service.required && !client.required {
            let message = format!("{} is required, and clients may leave it out", client.title);
            self.add(operation, "part-required", message, place.clone());
        }
        if !is_request && client.required && !service.required {
            let message = format!("{} may be left out, and clients rely on it", client.title);
            self.add(operation, "reply-optional", message, place.clone());
        }
        for (name, value) in &client.facts {
            let Some((_, other)) =
                service.facts.iter().find(|(known, other)| known == name && other != value)
            else {
                continue;
            };
            let (was, is) =
                if self.direction == Direction::Backward { (value, other) } else { (other, value) };
            let message = format!("the {name} of {} was `{was}` and is `{is}`", client.title);
            self.add(operation, "writing-changed", message, place.clone());
        }
        let (Some(before), Some(after)) = (&client.shape, &service.shape) else { return };
        let (old, new) =
            if self.direction == Direction::Backward { (before, after) } else { (after, before) };
        let how = Relation { direction: self.direction, role: client.role, open: OpenRecords::Lenient };
        for change in relate(old, new, how).changes.into_iter().take(MAX_OF_PART) {
            let message = match change.path.as_str() {
                "" => format!("{} {}", client.title, change.message),
                path => format!("`{path}` of {} {}", client.title, change.message),
            };
            self.found.push(Difference {
                direction: self.direction,
                operation: operation.to_owned(),
                rule: change.rule.id(),
                message,
                hint: change.rule.hint(),
                breaks: change.breaks,
                place: place.clone(),
                change: Some(change),
            });
        }
    }

    /// Every way in that clients know has to show enough.
    fn access(&mut self, client: &Subject, service: &Subject) {
        let is_enough = |shown: &Way| {
            service.access.is_empty()
                || service.access.iter().any(|needed| needed.iter().all(|word| shown.contains(word)))
        };
        let anonymous = Way::new();
        let ways: Vec<&Way> = match client.access.is_empty() {
            true => vec![&anonymous],
            false => client.access.iter().collect(),
        };
        for way in ways.into_iter().filter(|way| !is_enough(way)) {
            let message = match way.is_empty() {
                true => "callers have to show who they are".to_owned(),
                false => format!("`{}` is not enough to be let in", way.join("` with `")),
            };
            let place = self.newer(&client.place, &service.place);
            self.add(&client.title, "access-narrowed", message, place);
        }
    }
}
