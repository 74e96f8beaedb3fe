//! `let: { NAME: EXPRESSION }`.

use tenon_document::Node;
use tenon_mapping::Type;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{
    StepKind,
    check::{expressions, sensitive, variables},
};

const KEY: Key = Key::optional(
    "let",
    Value::Fields(&Value::Expression),
    "",
    "Names the values of expressions for the steps that follow; each sees those before it.",
);

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static DESCRIPTOR: Descriptor = Descriptor {
    name: "let",
    summary: "Names the values of expressions for the steps that follow.",
    spec: &Spec {
        name: "let step",
        doc: "Names the values of expressions for the steps that follow.",
        keys: &[KEY],
    },
    guarantees: &["Each expression is evaluated once for each message."],
    codes: &[],
    example: "let: { discount: order.total * 0.1, due: order.total - discount }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    let mut values = Some(Vec::new());
    for (key, value) in node.entries()? {
        let name = variables::name(key, lowering.context);
        let known = lowering.variables.are_known();
        let expression = if known {
            expressions::compile(value, &lowering.variables.scope, lowering.context)
        } else {
            None
        };
        let is_sensitive = expression.as_ref().is_some_and(|it| sensitive::is_read(it, lowering.variables));
        let slot = name.map(|name| {
            let ty = expression.as_ref().map_or_else(variables::unknown, |it| Type::clone(it.ty()));
            let slot = lowering.variables.add(name, ty);
            if is_sensitive {
                lowering.variables.hide(slot);
            }
            slot
        });
        values = values.zip(slot.zip(expression)).map(|(mut values, value)| {
            values.push(value);
            values
        });
    }
    values.map(StepKind::Let)
}
