//! What a SOAP service offers: the operations of one binding of its WSDL.

use tenon_contracts::wsdl::{Binding, Description, Document, Port, Wsdl};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        contract::{ASSERTS_NOTHING, BAD_CONTRACT},
        project::{BAD_VALUE, MISSING_KEY, UNKNOWN_NAME},
    },
};
use tenon_model::Str;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value, remote::Versions};

use super::{
    Callable, Offered, Offering,
    addresses::URL,
    described::document,
    meant,
    spec::{CODES, GUARANTEES},
};
use crate::{check::Context, parse::Object};

/// The kind.
pub(super) const KIND: Callable = Callable {
    descriptor: &Descriptor {
        name: "soap",
        summary: "A SOAP service whose operations are called.",
        spec: &Spec {
            name: "soap system",
            doc: "A SOAP service whose operations are called, in SOAP 1.1 or 1.2 as its description says.",
            keys: &[
                Key::required(
                    "wsdl",
                    Value::Path,
                    "Its description in WSDL 1.1, a file of the project. What it imports belongs to the project as well.",
                ),
                Key::optional(
                    "port",
                    Value::Text,
                    "",
                    "The port that is called, by its name. Without it there is only one to choose.",
                ),
                Key::optional(
                    "binding",
                    Value::Text,
                    "",
                    "The binding that is called, by its name, where the description has no port for it.",
                ),
                Key::optional(
                    "url",
                    URL,
                    "",
                    "Where it is; of several instances, calls are balanced. The address of the port without it.",
                ),
            ],
        },
        guarantees: GUARANTEES,
        codes: CODES,
        example: "erp: { soap: { wsdl: systems/erp.wsdl, url: \"${ERP_URL:http://127.0.0.1:9000/orders}\" }, timeout: 5s }",
    },
    is_whole: true,
    versions: Versions::Agreed,
    misplaced: |_| None,
    read,
};

/// Reads what stands under `soap`.
fn read(offering: &Offering<'_>, context: &mut Context<'_>) -> Option<Offered> {
    let object = offering.object;
    let file = object.get("wsdl")?;
    let hint = "name a file in WSDL 1.1, which begins with `definitions`";
    let document = document(file, &Wsdl, hint, Document::read, context)?;
    let (notes, left_out): (Vec<_>, Vec<_>) =
        document.notes().iter().cloned().partition(|note| note.code() == &ASSERTS_NOTHING);
    notes.into_iter().for_each(|note| context.warning(note));
    let (binding, servers) = chosen(document.description(), file, object, context)?;
    let (operations, exchanges) = document.of_binding(binding);
    Some(Offered { operations, exchanges, servers, left_out })
}

/// The binding that is called, by its position, and where it is served.
fn chosen(
    description: &Description,
    file: &Node,
    object: Object<'_>,
    context: &mut Context<'_>,
) -> Option<(usize, Vec<Str>)> {
    let ports: Vec<&Port> = description.services.iter().flat_map(|service| &service.ports).collect();
    match (object.entry("port"), object.entry("binding")) {
        (None, None) => only(description, &ports, file, context),
        (Some((_, node)), None) => {
            let name = node.as_str()?;
            let Some(port) = ports.iter().find(|port| port.name == name) else {
                unknown("port", node, name, ports.iter().map(|port| port.name.as_str()), context);
                return None;
            };
            Some((port.binding, port.address.iter().cloned().collect()))
        }
        (None, Some((_, node))) => {
            let name = node.as_str()?;
            let Some(at) = description.bindings.iter().position(|binding| binding.name == name) else {
                unknown(
                    "binding",
                    node,
                    name,
                    description.bindings.iter().map(|it| it.name.as_str()),
                    context,
                );
                return None;
            };
            Some((at, served(&ports, at)))
        }
        (Some(_), Some((second, _))) => {
            let message = "`port` and `binding` both say what is called";
            context.problem(Report::new(&BAD_VALUE, message).at(second.place()).hint("remove one of them"));
            None
        }
    }
}

/// The only binding that there is to choose.
fn only(
    description: &Description,
    ports: &[&Port],
    file: &Node,
    context: &mut Context<'_>,
) -> Option<(usize, Vec<Str>)> {
    let has_operations = |at: &usize| !description.bindings[*at].operations.is_empty();
    let mut with_port: Vec<usize> = ports.iter().map(|port| port.binding).filter(has_operations).collect();
    with_port.sort_unstable();
    with_port.dedup();
    let bound: Vec<usize> = (0..description.bindings.len()).filter(has_operations).collect();
    match (&with_port[..], &bound[..]) {
        ([at], _) | ([], [at]) => Some((*at, served(ports, *at))),
        ([], []) => {
            let message = "the description has no operation that can be called by SOAP over HTTP";
            let report = Report::new(&BAD_CONTRACT, message).at(file.place());
            context.problem(report.hint("see `tenon contract show` for what it has, and why it is left out"));
            None
        }
        ([], several) => {
            let bindings = several.iter().map(|at| &description.bindings[*at]);
            let named = bindings.map(|binding| named(&binding.name, binding)).collect();
            ask_for("binding", named, file, context);
            None
        }
        _ => {
            let with_operations = ports.iter().filter(|port| has_operations(&port.binding));
            let named = with_operations.map(|port| named(&port.name, &description.bindings[port.binding]));
            ask_for("port", named.collect(), file, context);
            None
        }
    }
}

/// The addresses of the ports of a binding.
fn served(ports: &[&Port], binding: usize) -> Vec<Str> {
    ports.iter().filter(|port| port.binding == binding).filter_map(|port| port.address.clone()).collect()
}

fn named(name: &Str, binding: &Binding) -> (Str, String) {
    (name.clone(), format!("`{name}` ({})", binding.version.name()))
}

/// A problem for what has to be chosen.
fn ask_for(what: &str, named: Vec<(Str, String)>, file: &Node, context: &mut Context<'_>) {
    let first = named.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let shown: Vec<_> = named.into_iter().map(|(_, shown)| shown).collect();
    let message = format!("the description has several {what}s: {}", shown.join(", "));
    let report = Report::new(&MISSING_KEY, message).at(file.place());
    context.problem(report.hint(format!("say which one is called, for example `{what}: {first}`")));
}

fn unknown<'n>(
    what: &str,
    node: &Node,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    context: &mut Context<'_>,
) {
    let report =
        Report::new(&UNKNOWN_NAME, format!("the description has no {what} `{name}` to SOAP over HTTP"));
    context.problem(report.at(node.place()).hint(meant(name, known)));
}
