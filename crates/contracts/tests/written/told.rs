//! Whether the losses tell of a gap.

use tenon_contracts::format::Loss;
use tenon_model::{Kind, Named, Shape, relate::Step};

use crate::gaps::Gap;

/// The path as losses have it.
pub(crate) fn path(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Field(name) => out.push_str(&format!(".{name}")),
            Step::Other(_) => out.push_str(".*"),
            Step::Item => out.push_str("[]"),
            Step::Variant(_) => {}
        }
    }
    out.strip_prefix('.').map(str::to_owned).unwrap_or(out)
}

/// The path of a loss without the names of alternatives, `price(decimal)`, which values do not show.
fn plain(path: &str) -> String {
    let mut depth = 0;
    let mut keep = |letter: &char| {
        depth += i32::from(*letter == '(');
        depth -= i32::from(*letter == ')');
        depth == 0 && *letter != ')'
    };
    let plain: String = path.chars().filter(&mut keep).collect();
    plain.strip_prefix('.').map(str::to_owned).unwrap_or(plain)
}

/// A loss is told at the part itself; or at one around it which is written as something else; or inside of it, where a whole is
/// refused for a part. Of a type with a name it is told where the type comes first.
pub(crate) fn is_told(losses: &[Loss], gap: &Gap, from: &Shape, to: &Shape) -> bool {
    ways(from, &gap.steps).iter().any(|steps| {
        let full = path(steps);
        let is_here = |loss: &Loss| plain(&loss.path) == full;
        // What has another name there is missed by its own, and is there by the other.
        let is_renamed = |loss: &Loss| match steps.last() {
            _ if names(loss).iter().any(|name| gap.what.contains(&format!("`{name}`"))) => true,
            Some(Step::Field(name)) => loss.message.contains(&format!("`{name}`")),
            _ => false,
        };
        let is_inside = |loss: &Loss| gap.is_whole && is_within(&plain(&loss.path), &full);
        losses.iter().any(|loss| is_here(loss) || is_renamed(loss) || is_inside(loss))
            || (0..steps.len()).any(|at| {
                !is_same(from, to, &steps[..=at])
                    && losses.iter().any(|loss| plain(&loss.path) == path(&steps[..at]))
            })
    })
}

/// What the part is called here and there, where it has another name.
fn names(loss: &Loss) -> Vec<&str> {
    let Some((_, there)) = loss.message.split_once("is called `") else { return Vec::new() };
    loss.path.rsplit('.').take(1).chain(there.split('`').take(1)).collect()
}

/// All ways that lead to the same part of the same type.
fn ways(shape: &Shape, steps: &[Step]) -> Vec<Vec<Step>> {
    let mut homes = Vec::new();
    find_homes(shape, &mut Vec::new(), &mut homes);
    let mut ways = vec![steps.to_vec(), anyhow(shape, steps)];
    for at in 0..=steps.len() {
        let Some(Kind::Named(named)) = unresolved(shape, &steps[..at]).map(|shape| shape.kind) else {
            continue;
        };
        let same = homes.iter().filter(|(_, other)| other.is_same(&named));
        ways.extend(same.map(|(home, _)| [home, &steps[at..]].concat()));
    }
    ways
}

/// The steps, where those behind alternatives may lead to entries of maps.
fn anyhow(shape: &Shape, steps: &[Step]) -> Vec<Step> {
    let step = |(at, step): (usize, &Step)| match part(shape, &steps[..=at]) {
        None => Step::Other("*".into()),
        Some(_) => step.clone(),
    };
    steps.iter().enumerate().map(step).collect()
}

/// Where types with a name are.
fn find_homes(shape: &Shape, at: &mut Vec<Step>, homes: &mut Vec<(Vec<Step>, Named)>) {
    if let Kind::Named(named) = &shape.kind {
        homes.push((at.clone(), named.clone()));
    }
    // Types that contain themselves are followed for a while.
    if at.len() > 4 {
        return;
    }
    let mut below = |step: Step, shape: &Shape| {
        at.push(step);
        find_homes(shape, at, homes);
        at.pop();
    };
    match &shape.resolved().kind {
        Kind::List(list) => below(Step::Item, &list.item),
        Kind::Map(map) => below(Step::Other("*".into()), &map.value),
        Kind::Record(record) => {
            record.fields().iter().for_each(|field| below(Step::Field(field.name.clone()), &field.shape));
        }
        _ => {}
    }
}

fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| outer.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether the steps lead to the same part in both shapes: no loss of what is around it tells of that part.
fn is_same(from: &Shape, to: &Shape, steps: &[Step]) -> bool {
    part(from, steps).is_some() && part(to, steps).is_some()
}

pub(crate) fn part(shape: &Shape, steps: &[Step]) -> Option<Shape> {
    unresolved(shape, steps).map(|shape| shape.resolved().into_owned())
}

fn unresolved(shape: &Shape, steps: &[Step]) -> Option<Shape> {
    let mut shape = shape.clone();
    for step in steps {
        shape = match (&shape.resolved().kind, step) {
            (Kind::Record(record), Step::Field(name)) => record.field(name)?.1.shape.clone(),
            (Kind::List(list), Step::Item) => list.item.clone(),
            (Kind::Map(map), Step::Other(_)) => map.value.clone(),
            _ => return None,
        };
    }
    Some(shape)
}
