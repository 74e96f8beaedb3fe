//! `after`: which flow waits for which, and that none waits for itself.

use std::collections::{BTreeMap, BTreeSet};

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, CYCLE},
};
use tenon_model::Name;

use crate::{
    check::{Context, names},
    parse::{Object, Project, read},
};

/// The order in which flows start.
pub(super) struct Order {
    /// What each flow runs after.
    pub(super) after: BTreeMap<Name, Vec<Name>>,
    /// The flows, each after those that it runs after, otherwise in the order of the project.
    pub(super) sorted: Vec<Name>,
}

/// A flow in the graph: those that it waits for, with the node that says so.
type Waits<'n> = BTreeMap<Name, Vec<(Name, &'n Node)>>;

/// Reads `after` of every flow.
pub(super) fn check(project: &Project, context: &mut Context<'_>) -> Order {
    let flows: Vec<_> = project.section("flows").map(|(name, _, node)| (name, Object::new(node))).collect();
    let known: BTreeMap<_, _> = flows.iter().map(|(name, object)| (name.as_str(), *object)).collect();
    let mut waits = Waits::new();
    for (name, object) in &flows {
        let mut of_flow = Vec::new();
        for node in object.get("after").and_then(Node::as_list).unwrap_or_default() {
            of_flow.extend(wait(node, *object, &known, context).map(|other| (other, node)));
        }
        waits.insert(name.clone(), of_flow);
    }
    report_cycles(&waits, context);
    let sorted = sorted(flows.iter().map(|(name, _)| name), &waits);
    let after = waits
        .into_iter()
        .map(|(name, of)| (name, of.into_iter().map(|(other, _)| other).collect()))
        .collect();
    Order { after, sorted }
}

/// The flow that an item of `after` names, if waiting for it makes sense.
fn wait(
    node: &Node,
    of: Object<'_>,
    known: &BTreeMap<&str, Object<'_>>,
    context: &mut Context<'_>,
) -> Option<Name> {
    let text = read::text(node)?;
    let Some(other) = known.get(text.as_str()) else {
        context.problem(names::unknown("flow", &text, known.keys().copied()).at(node.place()));
        return None;
    };
    let problem = if of.get("from").is_none() {
        Some((
            "a flow that takes requests starts at once, so it cannot wait for others".to_owned(),
            "remove `after`",
        ))
    } else if other.get("from").is_none_or(|from| from.entries().is_none()) {
        Some((
            format!("the flow `{text}` reads no file, so it never finishes"),
            "name flows that read a file",
        ))
    } else {
        None
    };
    if let Some((message, hint)) = problem {
        context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(hint));
        return None;
    }
    Name::new(&text)
}

/// One report for each circle, at the reference that closes it. Every flow is visited once; the walk is a loop, because
/// a chain of flows may be long.
fn report_cycles(waits: &Waits<'_>, context: &mut Context<'_>) {
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    for start in waits.keys() {
        let mut path: Vec<(&Name, usize)> = vec![(start, 0)];
        let mut on_path = BTreeSet::from([start]);
        while let Some((name, next)) = path.last_mut() {
            let name = *name;
            let found = if done.contains(name) { None } else { waits.get(name).and_then(|of| of.get(*next)) };
            *next += 1;
            let Some((other, node)) = found else {
                done.insert(name);
                on_path.remove(name);
                path.pop();
                continue;
            };
            if on_path.contains(other) {
                let path: Vec<_> = path.iter().map(|(name, _)| *name).collect();
                context.problem(circle(&path, other).at(node.place()));
            } else if !done.contains(other) {
                on_path.insert(other);
                path.push((other, 0));
            }
        }
    }
}

/// The report for a path that comes back to `name`.
fn circle(path: &[&Name], name: &Name) -> Report {
    let from = path.iter().position(|it| *it == name).unwrap_or(0);
    let names: Vec<_> = path[from..].iter().chain([&name]).map(|name| format!("`{name}`")).collect();
    Report::new(&CYCLE, format!("flows wait for each other in a circle: {}", names.join(" after ")))
        .hint("remove one of the references")
}

/// Kahn's algorithm, taking the first in the order of the project that waits for nothing left.
fn sorted<'n>(names: impl Iterator<Item = &'n Name>, waits: &Waits<'_>) -> Vec<Name> {
    let names: Vec<_> = names.collect();
    let position: BTreeMap<_, _> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut left: Vec<usize> = names.iter().map(|name| waits.get(*name).map_or(0, Vec::len)).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    for (at, name) in names.iter().enumerate() {
        for (other, _) in waits.get(*name).into_iter().flatten() {
            if let Some(other) = position.get(other) {
                followers[*other].push(at);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..names.len()).filter(|at| left[*at] == 0).collect();
    let mut sorted = Vec::with_capacity(names.len());
    while let Some(at) = ready.pop_first() {
        sorted.push(names[at].clone());
        for follower in &followers[at] {
            left[*follower] -= 1;
            if left[*follower] == 0 {
                ready.insert(*follower);
            }
        }
    }
    sorted
}
