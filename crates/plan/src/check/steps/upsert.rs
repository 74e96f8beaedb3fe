//! `upsert: TABLE`.

use tenon_document::Node;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering, require_message};
use crate::StepKind;

const KEY: Key =
    Key::optional("upsert", Value::Reference("table"), "", "Writes the message as a row of a table.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static DESCRIPTOR: Descriptor = Descriptor {
    name: "upsert",
    summary: "Writes the message as a row of a table, whose contract it has to follow; a row of the same key is replaced.",
    spec: &Spec { name: "upsert step", doc: "Writes the message as a row of a table.", keys: &[KEY] },
    guarantees: &[
        "The row is durable before the message's source is acknowledged.",
        "Writing the same message again changes nothing.",
    ],
    codes: &[],
    example: "upsert: orders",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    let table = lowering.names.tables.find(node, lowering.context)?;
    let what = format!("table `{}`", table.name);
    let slot = require_message(node, &what, &table.contract, lowering.variables, lowering.context)?;
    Some(StepKind::Upsert { table, slot })
}
