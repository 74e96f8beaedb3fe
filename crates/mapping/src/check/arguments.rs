//! Arguments that are checked before there is a message: forms and time zones.

use tenon_errors::catalogue::expression::CONSTANT_FAILURE;

use super::{Checker, select::constant_text};
use crate::{
    evaluate::Node,
    functions::{form_problem, zone_problem},
    syntax::Ast,
};

impl Checker<'_, '_> {
    /// Reports forms and time zones that are constants and would fail on every message.
    pub(super) fn constant_arguments(&mut self, name: &str, nodes: &[Node], parts: &[&Ast]) {
        let count = nodes.len();
        if let Some(form) = nodes.get(1).and_then(constant_text)
            && let Some(bad) = form_problem(name, form, count)
        {
            self.report(&CONSTANT_FAILURE, &parts[1].span, bad.message, bad.hint);
        }
        if let (Some(zone), Some(part)) = (nodes.last().and_then(constant_text), parts.last())
            && let Some(message) = zone_problem(name, zone, count)
        {
            self.report(&CONSTANT_FAILURE, &part.span, message, "correct the time zone");
        }
    }
}
