//! What expressions read that a contract calls personal or secret, so that it does not end up where everybody reads it.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::security::SENSITIVE_EXPOSED};
use tenon_mapping::Expression;

use super::{Context, variables::Variables};

/// A problem if the value of `expression`, which is shown in `what`, is made from a sensitive field.
pub(crate) fn refuse(
    expression: &Expression,
    node: &Node,
    what: &str,
    variables: &Variables,
    context: &mut Context<'_>,
) -> Option<()> {
    let Some(read) = expression.reads().iter().find(|path| variables.scope.is_sensitive(path)) else {
        return Some(());
    };
    let message = format!("{what} shows `{read}`, which its contract calls sensitive");
    let report = Report::new(&SENSITIVE_EXPOSED, message).at(node.place());
    context.problem(report.hint("leave it out, or name something that is not sensitive, such as an id"));
    None
}

/// Whether the value of `expression` is made from a sensitive field.
pub(crate) fn is_read(expression: &Expression, variables: &Variables) -> bool {
    expression.reads().iter().any(|path| variables.scope.is_sensitive(path))
}
