//! What expressions read that a contract calls personal or secret, so that no report of a failure shows it.

use tenon_errors::{Report, catalogue::expression::EVALUATION_FAILED};
use tenon_model::{Kind, Shape, Str, sensitive::has_sensitive_fields};

use crate::{
    Path, Scope, Step,
    evaluate::{Node, Op},
};

impl Scope {
    /// Whether what is read along `path` is, or holds, what a contract calls personal or secret.
    #[must_use]
    pub fn is_sensitive(&self, path: &Path) -> bool {
        let Some((slot, _)) = &path.variable else { return false };
        self.is_hidden(*slot) || self.at(*slot).is_some_and(|ty| along(&ty.shape, &path.steps))
    }
}

/// Whether a field on the way, or anything in what it leads to, is sensitive.
fn along(shape: &Shape, steps: &[Step]) -> bool {
    let shape = &*shape.resolved();
    let Some((step, rest)) = steps.split_first() else { return has_sensitive_fields(shape) };
    match (&shape.kind, step) {
        (Kind::Union(union), _) => union.variants.iter().any(|(_, variant)| along(variant, steps)),
        (Kind::Record(record), Step::Field(name)) => match record.field(name) {
            Some((_, field)) => field.sensitivity.is_some() || along(&field.shape, rest),
            None => record.rest.as_ref().is_some_and(|shape| along(shape, rest)),
        },
        (Kind::List(list), Step::Items) => along(&list.item, rest),
        (Kind::Map(map), _) => along(&map.value, rest),
        // An index, or a part of a scalar: whatever it is of.
        _ => has_sensitive_fields(shape),
    }
}

/// `node`, whose failures do not show values if any of what it `reads` is sensitive.
pub(crate) fn quiet(node: Node, reads: &[Path], scope: &Scope) -> Node {
    let Some(path) = reads.iter().find(|path| scope.is_sensitive(path)) else { return node };
    let (at, what) = (node.at, Str::from(path.to_string()));
    Node::new(Op::Quiet(Box::new((node, what))), at)
}

/// The report of a failure without its values.
#[allow(clippy::needless_pass_by_value, reason = "the form that map_err needs")]
pub(crate) fn without_values(report: Report, what: &str) -> Report {
    if report.code().id != EVALUATION_FAILED.id {
        return report;
    }
    let message = format!(
        "the expression fails on `{what}`, which its contract calls sensitive, so values are not shown"
    );
    report.places().iter().cloned().fold(Report::new(&EVALUATION_FAILED, message), Report::at)
}
