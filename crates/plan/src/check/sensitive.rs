//! What expressions read that a contract calls personal or secret, so that it does not end up where everybody reads it.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::security::SENSITIVE_EXPOSED};
use tenon_mapping::{Expression, Path, Step as PathStep};
use tenon_model::{Kind, Shape};
use tenon_security::mask::has_sensitive_fields;

use super::{Context, variables::Variables};

/// A problem if the value of `expression`, which is shown in `what`, is made from a sensitive field.
pub(crate) fn refuse(
    expression: &Expression,
    node: &Node,
    what: &str,
    variables: &Variables,
    context: &mut Context<'_>,
) -> Option<()> {
    let Some(read) = expression.reads().iter().find(|path| is_sensitive(path, variables)) else {
        return Some(());
    };
    let message = format!("{what} shows `{read}`, which its contract calls sensitive");
    let report = Report::new(&SENSITIVE_EXPOSED, message).at(node.place());
    context.problem(report.hint("leave it out, or name something that is not sensitive, such as an id"));
    None
}

/// Whether the value of `expression` is made from a sensitive field.
pub(crate) fn is_read(expression: &Expression, variables: &Variables) -> bool {
    expression.reads().iter().any(|path| is_sensitive(path, variables))
}

fn is_sensitive(path: &Path, variables: &Variables) -> bool {
    let Some((slot, _)) = &path.variable else { return false };
    let shape = variables.scope.at(*slot).map(|ty| &ty.shape);
    variables.is_hidden(*slot) || shape.is_some_and(|shape| along(shape, &path.steps))
}

/// Whether a field on the way, or anything in what it leads to, is sensitive.
fn along(shape: &Shape, steps: &[PathStep]) -> bool {
    let shape = shape.resolved();
    let Some((step, rest)) = steps.split_first() else { return has_sensitive_fields(shape) };
    match (&shape.kind, step) {
        (Kind::Union(union), _) => union.variants.iter().any(|(_, variant)| along(variant, steps)),
        (Kind::Record(record), PathStep::Field(name)) => match record.field(name) {
            Some((_, field)) => field.sensitivity.is_some() || along(&field.shape, rest),
            None => record.rest.as_ref().is_some_and(|shape| along(shape, rest)),
        },
        (Kind::List(list), PathStep::Items) => along(&list.item, rest),
        (Kind::Map(map), _) => along(&map.value, rest),
        // An index, or a part of a scalar: whatever it is of.
        _ => has_sensitive_fields(shape),
    }
}
