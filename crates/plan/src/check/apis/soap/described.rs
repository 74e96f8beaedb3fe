//! The description that an API is served by: of the project, or made of its operations.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::{
    format::{Files, Loss, Operation as Declared, Source},
    wsdl::{self, Binding, Document, Offered, Port, Published, Wsdl},
};
use tenon_document::Node;
use tenon_errors::{
    Place, Report,
    catalogue::{
        api::SOAP_SAYS_LESS,
        contract::{ASSERTS_NOTHING, BAD_CONTRACT},
        project::{BAD_NAME, UNKNOWN_NAME, UNREADABLE_FILE},
    },
    nearest::nearest,
};
use tenon_model::{Shape, Str};

use super::{NONE, Served, shapes};
use crate::{
    Operation, OperationKind,
    check::{Context, contracts::InProject, remotes},
    parse::{Object, read},
};

/// What an API is served by.
pub(super) struct Described<'n> {
    pub(super) document: Document,
    /// The positions of the bindings that are served, each once.
    pub(super) bindings: Vec<usize>,
    pub(super) published: Published,
    /// Where what is wrong with it as a whole is told.
    pub(super) node: &'n Node,
    /// Whether it is made of the operations.
    pub(super) is_made: bool,
}

impl Described<'_> {
    /// The operations of the bindings that are served: positions, and what the description says of them.
    pub(super) fn operations(&self) -> impl Iterator<Item = (usize, usize, &Binding, Declared)> {
        self.bindings.iter().flat_map(|at| {
            let (operations, _) = self.document.of_binding(*at);
            let binding = &self.document.description().bindings[*at];
            operations.into_iter().enumerate().map(move |(position, it)| (*at, position, binding, it))
        })
    }
}

/// The description in `file`.
pub(super) fn by_file<'n>(
    file: &'n Node,
    object: Object<'_>,
    context: &mut Context<'_>,
) -> Option<Described<'n>> {
    let hint = "name a file in WSDL 1.1, which begins with `definitions`";
    let document = remotes::document(file, &Wsdl, hint, Document::read, context)?;
    let (notes, left_out): (Vec<_>, Vec<_>) =
        document.notes().iter().cloned().partition(|note| note.code() == &ASSERTS_NOTHING);
    notes.into_iter().for_each(|note| context.warning(note));
    let description = document.description();
    let all: Vec<&Port> = description.services.iter().flat_map(|service| &service.ports).collect();
    let ports = match object.get("ports").and_then(Node::as_list) {
        Some(named) => some(&all, named, context)?,
        None => all,
    };
    let mut bindings: Vec<usize> = ports.iter().map(|port| port.binding).collect();
    bindings.sort_unstable();
    bindings.dedup();
    bindings.retain(|at| !description.bindings[*at].operations.is_empty());
    if bindings.is_empty() {
        let message = "the description has no port with an operation that can be served by SOAP over HTTP";
        let report = Report::new(&BAD_CONTRACT, message).at(file.place()).with_details(left_out);
        context.problem(report.hint("see `tenon contract show` for what it has; a `service` says its ports"));
        return None;
    }
    // What is promised and cannot be kept is not served in silence.
    left_out.into_iter().for_each(|report| context.warning(report));
    let names: Vec<Str> = ports.iter().map(|port| port.name.clone()).collect();
    let path = file.as_str()?;
    let text = context.text(path)?;
    let files = InProject::new(context.folder);
    let published = Published::read(&Source { file: path, text: &text, files: &files }, &names);
    let published = context.take_at(file, published)?;
    Some(Described { document, bindings, published, node: file, is_made: false })
}

/// The ports that the project names.
fn some<'p>(all: &[&'p Port], named: &[Node], context: &mut Context<'_>) -> Option<Vec<&'p Port>> {
    let mut ports = Some(Vec::new());
    for node in named {
        let Some(name) = node.as_str() else { continue };
        let found = all.iter().find(|port| port.name == name);
        if found.is_none() {
            let message = format!("the description has no port `{name}` to SOAP over HTTP");
            let report = Report::new(&UNKNOWN_NAME, message).at(node.place());
            let meant = nearest(name, all.iter().map(|port| port.name.as_str()));
            context.problem(report.hint(match meant {
                Some(meant) => format!("write `{meant}`"),
                None => "name one that it has".to_owned(),
            }));
        }
        ports = ports.zip(found).map(|(mut ports, port)| {
            ports.push(*port);
            ports
        });
    }
    ports
}

/// What an operation is called, and what it takes and answers.
struct Made {
    name: Str,
    doc: Option<Str>,
    sides: [Shape; 2],
    place: Place,
}

/// The file that a description is called by which no file has.
const FILE: &str = "(made of the operations)";

/// A description of the operations.
pub(super) fn of_operations<'n>(
    node: &'n Node,
    served: &Served<'_>,
    context: &mut Context<'_>,
) -> Option<Described<'n>> {
    let is_offered = |operation: &&Arc<Operation>| {
        served.said_of(&operation.name).is_some_and(|(_, said)| name_of(said).is_some())
    };
    let offering = served.operations.iter().filter(is_offered);
    let made = offering.clone().filter_map(|operation| {
        let (key, said) = served.said_of(&operation.name)?;
        let name = name_of(said)?.unwrap_or_else(|| Str::new(operation.name.as_str()));
        let sides = [shapes::asked(&operation.kind), shapes::answered(&operation.kind)];
        Some(Made { name, doc: operation.doc.clone(), sides, place: key.place() })
    });
    let made: Vec<Made> = made.collect();
    let problems = context.problems.len();
    made.iter().filter(|it| !is_name(&it.name)).for_each(|it| {
        let report = Report::new(&BAD_NAME, format!("`{}` cannot be the name of an element", it.name));
        let hint = "begin it with a letter or `_`, followed by letters, digits, `_`, `-` and `.`";
        context.problem(report.at(it.place.clone()).hint(hint));
    });
    if context.problems.len() > problems {
        return None;
    }
    let said = node.entries().and_then(|_| Object::new(node).get("namespace")).and_then(read::text);
    let target = said.unwrap_or_else(|| Str::from(format!("urn:{}:{}", served.project, served.api)));
    let offered: Vec<Offered<'_>> = made
        .iter()
        .map(|it| Offered {
            name: &it.name,
            doc: it.doc.as_deref(),
            input: &it.sides[0],
            output: &it.sides[1],
        })
        .collect();
    let (text, losses) = wsdl::write(served.api, &target, &offered);
    let files = NoFiles;
    let source = Source { file: FILE, text: &text, files: &files };
    let document = match Document::read(&source) {
        Ok(document) => document,
        Err(reports) => {
            let message = format!("no description can be made of the operations of `{}`", served.api);
            let mut report = Report::new(&BAD_CONTRACT, message).at(node.place());
            report = report.with_details(reports.into_iter().map(|it| Report::new(it.code(), it.message())));
            context.problem(report.hint("write one, and name it with `wsdl`"));
            return None;
        }
    };
    for ((made, operation), [input, output]) in made.iter().zip(offering).zip(losses) {
        // How a list is asked, and that its answer has rows, is no contract's.
        let (input, output) = match operation.kind {
            OperationKind::List { .. } => {
                (Vec::new(), output.into_iter().filter(|it| it.path != "items").collect())
            }
            _ => (input, output),
        };
        warn(made, [input, output], context);
    }
    let bindings = (0..document.description().bindings.len()).collect();
    let services = &document.description().services;
    let ports: Vec<Str> = services.iter().flat_map(|it| &it.ports).map(|port| port.name.clone()).collect();
    let published = context.take_at(node, Published::read(&source, &ports))?;
    Some(Described { document, bindings, published, node, is_made: true })
}

/// Whether XML has it as a name everywhere, without a prefix.
fn is_name(text: &str) -> bool {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_inside)
}

/// What the project calls an operation in SOAP: `None` inside if it says nothing, `None` if it is not served.
pub(super) fn name_of(said: &Node) -> Option<Option<Str>> {
    let Some(soap) = said.get(super::KEY.name) else { return Some(None) };
    let at = if soap.entries().is_some() { Object::new(soap).get("operation") } else { Some(soap) };
    let name = at.and_then(read::text);
    if name.as_deref() == Some(NONE) { None } else { Some(name) }
}

/// The most losses that a warning lists.
const MOST: usize = 10;

/// A warning for what a description cannot say of what an operation takes and answers.
fn warn(made: &Made, [input, output]: [Vec<Loss>; 2], context: &mut Context<'_>) {
    let mut told: BTreeMap<String, ()> = BTreeMap::new();
    let mut details = Vec::new();
    for (loss, side) in input.iter().map(|it| (it, "request")).chain(output.iter().map(|it| (it, "answer"))) {
        let at = if loss.path.is_empty() { String::new() } else { format!(" `{}`", loss.path) };
        let message = format!("in the {side},{at} {}", loss.message);
        if told.insert(message.clone(), ()).is_none() {
            details.push(Report::new(&SOAP_SAYS_LESS, message));
        }
    }
    if details.is_empty() {
        return;
    }
    let more = details.len().saturating_sub(MOST);
    details.truncate(MOST);
    let mut message = format!("the WSDL of `{}` says less than its contracts", made.name);
    if more > 0 {
        message += &format!(", in {more} points more than are listed");
    }
    let report = Report::new(&SOAP_SAYS_LESS, message).at(made.place.clone()).with_details(details);
    context.warning(report.hint(
        "what it does not say is checked all the same; or write a description, and name it with `wsdl`",
    ));
}

/// A description that is made refers to no file.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        Err(Report::new(&UNREADABLE_FILE, format!("there is no file `{path}`")))
    }
}
