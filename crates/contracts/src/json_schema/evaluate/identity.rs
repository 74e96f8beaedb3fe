//! What tells demands apart: all that is asserted, however it is named and wherever it stands.

use std::{collections::HashMap, fmt::Write};

use tenon_document::{Node, Tree};

use super::{Demand, SchemaId, keyword::Keyword};
use crate::json_schema::{
    keywords::{self, Group},
    read::written,
    resources::{HOLDERS, Holds},
};

/// The text of a demand: each schema once, with those that it leads to by number.
pub(super) fn of(demand: &Demand) -> String {
    let program = &demand.program;
    let mut numbers: HashMap<SchemaId, usize> = HashMap::new();
    let mut order: Vec<SchemaId> = Vec::new();
    let mut number = |id: SchemaId, order: &mut Vec<SchemaId>| {
        *numbers.entry(id).or_insert_with(|| {
            order.push(id);
            order.len() - 1
        })
    };
    let mut out = String::new();
    for (sign, ids) in [('+', &demand.all_of), ('-', &demand.none_of)] {
        for id in ids {
            let _ = write!(out, "{sign}{}", number(*id, &mut order));
        }
    }
    let mut position = 0;
    while let Some(id) = order.get(position).copied() {
        position += 1;
        let schema = &program.schemas[id];
        out.push('\n');
        out.push_str(&schema.own);
        for child in &schema.children {
            let _ = write!(out, " {}", number(*child, &mut order));
        }
        // What these mean is decided by what is around them.
        if schema.keywords.iter().any(|it| matches!(it, Keyword::DynamicRef(..) | Keyword::RecursiveRef(_))) {
            for (name, id) in program.dynamic.iter().flatten() {
                let _ = write!(out, " {name}={}", number(*id, &mut order));
            }
            for id in program.recursive.iter().flatten() {
                let _ = write!(out, " {}", number(*id, &mut order));
            }
        }
    }
    out
}

/// What a schema asserts itself.
pub(super) fn own(node: &Node) -> String {
    let mut out = String::new();
    for (key, value) in node.entries().unwrap_or_default() {
        let name = key.as_str().unwrap_or_default();
        let is_silent = matches!(keywords::group(name), None | Some(Group::Annotation | Group::Top));
        if is_silent && name != "nullable" {
            continue;
        }
        let _ = write!(out, "{name}:");
        let holds = HOLDERS.iter().find(|(known, _)| *known == name).map(|(_, holds)| *holds);
        match (holds, value.tree()) {
            (Some(Holds::ByName), Tree::Map(entries)) => {
                for (name, value) in entries {
                    let _ = write!(out, "{:?}", name.as_str().unwrap_or_default());
                    if value.as_list().is_some() {
                        out.push_str(&written(value));
                    }
                }
            }
            (Some(_), Tree::List(items)) => {
                let _ = write!(out, "{}", items.len());
            }
            (Some(_), _) => out.push('*'),
            (None, _) if matches!(name, "$ref" | "$dynamicRef" | "$recursiveRef") => out.push('*'),
            (None, _) => out.push_str(&written(value)),
        }
        out.push(';');
    }
    if let Tree::Bool(b) = node.tree() {
        let _ = write!(out, "{b}");
    }
    out
}
