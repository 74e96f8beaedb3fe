//! `each: LIST`, `as: NAME`.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        data::TOO_LARGE,
        expression::TYPE_MISMATCH,
        project::{BAD_VALUE, MISSING_KEY},
    },
};
use tenon_mapping::Type;
use tenon_model::{Kind as ShapeKind, Shape};
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{
    StepKind,
    check::{expressions, sensitive, variables},
};

const KEY: Key = Key::optional(
    "each",
    Value::Expression,
    "",
    "Takes the steps that follow once for each item of a list; `as` names the item.",
);

const AS: Key = Key::beside("as", &["each"], Value::Text, "The name of the item for the steps that follow.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: Some(AS) };

static DESCRIPTOR: Descriptor = Descriptor {
    name: "each",
    summary: "Splits a message: the steps that follow are taken once for each item of a list (splitter).",
    spec: &Spec {
        name: "each step",
        doc: "Splits a message: the steps that follow are taken once for each item of a list.",
        keys: &[KEY, AS],
    },
    guarantees: &[
        "All items of a message take effect, or none: where one fails, the whole message becomes a dead letter.",
        "An item that a `filter` stops ends there, and what the steps before did for it stays done; the others go on.",
        "Items of one message do not see each other's effects, and a `reply` sees the names from before `each`.",
        "A list of more than 10,000 items is refused.",
    ],
    codes: &[&TOO_LARGE],
    example: "each: order.lines\nas: line",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    let known = lowering.variables.are_known();
    let name = match lowering.beside.clone() {
        Some(node) => variables::name(&node, lowering.context),
        None => {
            let report = Report::new(&MISSING_KEY, "`each` needs `as` beside it, which is missing");
            let hint = "add `as`: what an item is called in the steps that follow";
            lowering.context.problem(report.at(node.place()).hint(hint));
            None
        }
    };
    if lowering.variables.is_split() {
        let report = Report::new(&BAD_VALUE, "the message is split already by an `each` before this one");
        let hint = "make one list of all items, for example with `flatten`, or split what this flow publishes in another flow";
        lowering.context.problem(report.at(node.place()).hint(hint));
        return None;
    }
    let list =
        known.then(|| expressions::compile(node, &lowering.variables.scope, lowering.context)).flatten();
    let item = list.as_ref().and_then(|list| {
        expressions::require_present(list, node, "the list of `each`", lowering.context)?;
        item(&list.ty().shape, node, lowering)
    });
    let is_sensitive = list.as_ref().is_some_and(|list| sensitive::is_read(list, lowering.variables));
    lowering.variables.split();
    let slot = lowering.variables.add(name?, item.clone().map_or_else(variables::unknown, Type::of));
    if is_sensitive {
        lowering.variables.hide(slot);
    }
    item.and(list).map(|list| StepKind::Each { list, slot })
}

/// What an item of the list is.
fn item(shape: &Shape, node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<Shape> {
    match &shape.resolved().kind {
        ShapeKind::List(list) => Some(list.item.clone()),
        ShapeKind::Any => Some(Shape::ANY),
        _ => {
            let message =
                format!("`each` goes through a list, and this is {}", expressions::described(shape));
            let report = Report::new(&TYPE_MISMATCH, message).at(node.place());
            lowering.context.problem(report.hint("name a list, for example `order.lines`"));
            None
        }
    }
}
