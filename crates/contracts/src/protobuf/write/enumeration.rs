//! Enumerations, with the numbers that their format gives their members.

use std::collections::{HashMap, HashSet};

use tenon_model::{Kind, Named, Value, shape::Union};

use super::{Writer, comment, scalar::are_names};

impl Writer {
    /// An enumeration of names; `named` says more of them.
    pub(super) fn enumeration(
        &mut self,
        name: &str,
        values: &[Value],
        named: Option<&Named>,
        is_open: bool,
        path: &str,
    ) -> String {
        let name = self.types.take(name);
        let about = named.map(Named::about).unwrap_or_default();
        let known: HashMap<&str, _> = about.members.iter().map(|it| (it.name.as_str(), it)).collect();
        let mut free = 0;
        let (mut lines, mut members) = (Vec::new(), HashMap::new());
        for member in values.iter().filter_map(Value::as_str) {
            let known = known.get(member);
            let number = known.and_then(|known| known.number).unwrap_or(free);
            free = free.max(number.saturating_add(1));
            let written = self.members.take(member);
            if written != member {
                self.lose(path, format!("has the member {member}, which is called {written}: another enumeration has that name"));
            }
            let mut line = String::new();
            comment(known.and_then(|known| known.doc.as_deref()), "  ", &mut line);
            let option =
                if known.is_some_and(|known| known.is_deprecated) { " [deprecated = true]" } else { "" };
            line.push_str(&format!("  {written} = {number}{option};\n"));
            lines.push((number, line));
            members.insert(member.to_owned(), written);
        }
        // An open enumeration begins with zero.
        lines.sort_by_key(|(number, _)| is_open && *number != 0);
        let mut block = String::new();
        comment(about.doc.as_deref(), "", &mut block);
        block.push_str(&format!("enum {name} {{\n"));
        let mut numbers = HashSet::new();
        let options = [
            (!is_open, "features.enum_type = CLOSED"),
            (about.is_deprecated, "deprecated = true"),
            (!lines.iter().all(|(number, _)| numbers.insert(*number)), "allow_alias = true"),
        ];
        for (_, option) in options.into_iter().filter(|(is_set, _)| *is_set) {
            block.push_str(&format!("  option {option};\n"));
        }
        lines.iter().for_each(|(_, line)| block.push_str(line));
        block.push_str("}\n");
        self.blocks.push(block);
        self.enumerations.insert(name.clone(), members);
        name
    }
}

/// The members of an open enumeration as the reader makes it: names, or integers of 32 bits.
pub(super) fn open_members(union: &Union) -> Option<Vec<Value>> {
    let [(_, names), (_, numbers)] = &union.variants[..] else { return None };
    match (&names.kind, &numbers.kind) {
        (Kind::Enum(values), Kind::Int(range))
            if range.min == Some(i32::MIN.into())
                && range.max == Some(i32::MAX.into())
                && are_names(values) =>
        {
            Some(values.to_vec())
        }
        _ => None,
    }
}
