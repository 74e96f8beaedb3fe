//! What an expression is made of, for whoever walks over it.

use super::{Node, Op};

impl Op {
    /// The parts, in their order; `None` where some of them see a variable that others give: `Loop`, `Bind`, `OptMap`, `Block`.
    pub(crate) fn operands(&self) -> Option<Vec<&Node>> {
        let operands: Vec<&Node> = match self {
            Self::Loop(_) | Self::Bind(_) | Self::OptMap { .. } | Self::Block(..) => return None,
            Self::Constant(_) | Self::Path(_) | Self::Now | Self::Fail(_) => Vec::new(),
            Self::Draw(_, at) => at.iter().map(|at| &**at).collect(),
            Self::Field(operand, ..)
            | Self::Not(operand)
            | Self::Negate(operand)
            | Self::IsPresent(operand)
            | Self::Wrap(operand)
            | Self::Member(operand, ..)
            | Self::Made(operand, _)
            | Self::TypeOf(operand, _)
            | Self::ToEnum(operand, _) => vec![operand],
            Self::Quiet(parts) => vec![&parts.0],
            Self::Index(parts, _) | Self::Binary(_, parts) => vec![&parts.0, &parts.1],
            Self::Conditional(parts) => vec![&parts.0, &parts.1, &parts.2],
            Self::Call(_, nodes) | Self::And(nodes) | Self::Or(nodes) | Self::Join(nodes) => {
                nodes.iter().collect()
            }
            Self::Search(search) => std::iter::once(&search.text).chain(&search.rest).collect(),
            Self::List(items) => items.iter().map(|item| &item.value).collect(),
            Self::Map(entries) => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
            Self::Message(message) => message.setters.iter().map(|setter| &setter.value).collect(),
        };
        Some(operands)
    }
}
