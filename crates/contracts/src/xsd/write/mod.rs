//! Shapes as XML Schema, and what it cannot say of them.
//!
//! Every field is an element, in order; a list repeats its element. What a shape says and a schema does not is a loss with its path.

mod element;
mod names;
mod pattern;
mod scalar;
mod text;

use tenon_errors::Reports;
use tenon_model::{Kind, Named, Shape};

use self::text::Text;
use crate::format::{Loss, Written};

/// The deepest shape that is written.
const MAX_DEPTH: usize = 64;

/// `shape` as a schema with the element `name` at its top.
///
/// # Errors
/// None: whatever a schema cannot say is a loss.
pub(super) fn write(name: &str, shape: &Shape) -> Result<Written, Reports> {
    let mut writer = Writer { out: Text::default(), losses: Vec::new(), types: Vec::new() };
    writer.out.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    writer.out.open("xs:schema", &[("xmlns:xs", super::XSD), ("elementFormDefault", "qualified")]);
    let name = writer.name(name, "");
    writer.element(&name, shape, &[], None, "", 0);
    writer.named(0);
    writer.out.close("xs:schema");
    Ok(Written { text: writer.out.finish(), losses: writer.losses })
}

/// The schema of the namespace `target` with these elements at its top, and what it cannot say of each.
pub(crate) fn of_elements(
    target: &str,
    elements: &[(String, &Shape, Option<&str>)],
) -> (String, Vec<Vec<Loss>>) {
    let mut writer = Writer { out: Text::default(), losses: Vec::new(), types: Vec::new() };
    let attributes = [
        ("xmlns:xs", super::XSD),
        ("xmlns", target),
        ("targetNamespace", target),
        ("elementFormDefault", "qualified"),
    ];
    writer.out.open("xs:schema", &attributes);
    let mut losses = Vec::new();
    for (name, shape, doc) in elements {
        let first = writer.types.len();
        writer.element(name, shape, &[], *doc, "", 0);
        writer.named(first);
        losses.push(std::mem::take(&mut writer.losses));
    }
    writer.out.close("xs:schema");
    (writer.out.finish(), losses)
}

struct Writer {
    out: Text,
    losses: Vec<Loss>,
    /// The types that are written at the top.
    types: Vec<Titled>,
}

/// A type that is written at the top.
#[derive(Clone)]
struct Titled {
    named: Named,
    /// What it is called there.
    title: String,
    /// Where it came first.
    path: String,
}

impl Writer {
    /// Writes the types at the top from the one at `at` on, with those that they bring.
    fn named(&mut self, mut at: usize) {
        while let Some(Titled { named, title, path }) = self.types.get(at).cloned() {
            if let Some(shape) = named.get() {
                let doc = named.about().doc.clone();
                self.definition(&title, &shape, doc.as_deref(), &path);
            }
            at += 1;
        }
    }

    fn lose(&mut self, path: &str, message: impl Into<String>) {
        let loss = Loss { path: path.to_owned(), message: message.into() };
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    /// `name` as one that XML allows.
    fn name(&mut self, name: &str, path: &str) -> String {
        let plain = names::plain(name);
        if plain != name {
            self.lose(path, format!("is called {name:?}, which is not a name in XML: it becomes `{plain}`"));
        }
        plain
    }

    /// What the type is called at the top.
    fn type_name(&mut self, named: &Named, path: &str) -> String {
        if let Some(known) = self.types.iter().find(|known| known.named.is_same(named)) {
            return known.title.clone();
        }
        let plain = self.name(named.name(), path);
        let mut title = plain.clone();
        let mut number = 2;
        while self.types.iter().any(|other| other.title == title) {
            title = format!("{plain}_{number}");
            number += 1;
        }
        self.types.push(Titled { named: named.clone(), title: title.clone(), path: path.to_owned() });
        title
    }
}

/// Whether the values are written as text.
fn is_scalar(shape: &Shape) -> bool {
    match &shape.resolved().kind {
        Kind::Any | Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Named(_) => false,
        Kind::Union(union) => {
            !union.variants.is_empty() && union.variants.iter().all(|(_, variant)| is_plain(variant))
        }
        _ => true,
    }
}

fn is_plain(shape: &Shape) -> bool {
    let kind = &shape.resolved().kind;
    !shape.nullable && !matches!(kind, Kind::Union(_)) && is_scalar(shape)
}
