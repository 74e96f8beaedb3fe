//! The macros that go over lists and maps (cel-spec `langdef.md`, "Macros"; two-variable comprehensions).

use std::{cmp::Ordering, ops::ControlFlow};

use tenon_errors::Report;
use tenon_model::{Map, Value};

use super::{Budget, Failure, Loop, LoopKind, Machine, Node, Val, collections, compare, fields};

/// Runs a loop over the value of its range.
#[inline(never)]
pub(super) fn run(node: &Node, spec: &Loop, machine: &mut Machine<'_>) -> Result<Val, Report> {
    let range = spec.range.evaluate(machine)?;
    let Val::Data(range) = range else {
        return Err(machine.report_kinds(
            &spec.range,
            Failure::NoOverload,
            spec.kind.name(),
            &[range.kind_name()],
        ));
    };
    let mut state = State::new(spec.kind);
    match &range {
        Value::List(items) => {
            for (position, item) in items.iter().enumerate() {
                let position = Value::Int(i64::try_from(position).unwrap_or(i64::MAX));
                if state.step(node, spec, machine, &position, item)?.is_break() {
                    break;
                }
            }
        }
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let key = key.to_value();
                let item = if spec.pairs { value } else { &key };
                if state.step(node, spec, machine, &key, item)?.is_break() {
                    break;
                }
            }
        }
        other => {
            let kinds = [other.kind_name()];
            return Err(machine.report_kinds(&spec.range, Failure::NoOverload, spec.kind.name(), &kinds));
        }
    }
    state.finish(node, spec.kind, machine)
}

/// What a loop has gathered so far.
struct State {
    kind: LoopKind,
    /// `exists_one`: how many were true.
    count: usize,
    /// `all` and `exists`: the first failure, which a decisive item overrules.
    failed: Option<Report>,
    decided: bool,
    list: Vec<Value>,
    keys: Vec<Value>,
    map: Map,
}

impl State {
    fn new(kind: LoopKind) -> Self {
        Self {
            kind,
            count: 0,
            failed: None,
            decided: false,
            list: Vec::new(),
            keys: Vec::new(),
            map: Map::new(),
        }
    }

    /// Visits one item: `key` is its position or key.
    fn step(
        &mut self,
        node: &Node,
        spec: &Loop,
        machine: &mut Machine<'_>,
        key: &Value,
        item: &Value,
    ) -> Result<ControlFlow<()>, Report> {
        machine.context.budget.spend(1).map_err(|failure| machine.report(node, failure, spec.kind.name()))?;
        let depth = machine.locals.len();
        if spec.pairs {
            machine.locals.push(Val::Data(key.clone()));
        }
        machine.locals.push(Val::Data(item.clone()));
        let result = self.visit(spec, machine, key, item);
        machine.locals.truncate(depth);
        result
    }

    fn visit(
        &mut self,
        spec: &Loop,
        machine: &mut Machine<'_>,
        key: &Value,
        item: &Value,
    ) -> Result<ControlFlow<()>, Report> {
        if let Some(filter) = &spec.filter
            && !filter.truth(machine, spec.kind.name())?
        {
            return Ok(ControlFlow::Continue(()));
        }
        match self.kind {
            LoopKind::All | LoopKind::Exists => return Ok(self.quantify(spec, machine)),
            LoopKind::ExistsOne => self.count += usize::from(spec.body.truth(machine, "exists_one")?),
            LoopKind::Filter => {
                if spec.body.truth(machine, "filter")? {
                    self.list.push(item.clone());
                }
            }
            LoopKind::Map => self.list.push(spec.body.data(machine)?),
            LoopKind::SortBy => {
                self.keys.push(spec.body.data(machine)?);
                self.list.push(item.clone());
            }
            LoopKind::TransformMap => {
                let value = spec.body.data(machine)?;
                self.insert(spec, machine, key, value)?;
            }
            LoopKind::TransformMapEntry => {
                let Value::Map(entries) = spec.body.data(machine)? else {
                    return Err(machine.report(&spec.body, Failure::NoOverload, "transformMapEntry"));
                };
                for (key, value) in entries.iter() {
                    self.insert(spec, machine, &key.to_value(), value.clone())?;
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn insert(
        &mut self,
        spec: &Loop,
        machine: &Machine<'_>,
        key: &Value,
        value: Value,
    ) -> Result<(), Report> {
        collections::insert(&mut self.map, key, value)
            .map_err(|failure| machine.report(&spec.body, failure, self.kind.name()))
    }

    /// `all` stops at false and `exists` at true, whatever failed before.
    fn quantify(&mut self, spec: &Loop, machine: &mut Machine<'_>) -> ControlFlow<()> {
        match spec.body.truth(machine, self.kind.name()) {
            Ok(truth) if truth == (self.kind == LoopKind::Exists) => {
                self.decided = true;
                ControlFlow::Break(())
            }
            Ok(_) => ControlFlow::Continue(()),
            Err(report) if machine.is_exhausted(&report) => {
                self.failed = Some(report);
                ControlFlow::Break(())
            }
            Err(report) => {
                self.failed.get_or_insert(report);
                ControlFlow::Continue(())
            }
        }
    }

    fn finish(self, node: &Node, kind: LoopKind, machine: &mut Machine<'_>) -> Result<Val, Report> {
        Ok(match kind {
            LoopKind::All | LoopKind::Exists => match self.failed {
                Some(report) if !self.decided => return Err(report),
                _ => Val::bool(self.decided == (kind == LoopKind::Exists)),
            },
            LoopKind::ExistsOne => Val::bool(self.count == 1),
            LoopKind::Map | LoopKind::Filter => Val::Data(Value::list(self.list)),
            LoopKind::TransformMap | LoopKind::TransformMapEntry => Val::Data(Value::Map(self.map.into())),
            LoopKind::SortBy => {
                let sorted = sort_by(self.list, &self.keys);
                Val::Data(sorted.map_err(|failure| machine.report(node, failure, kind.name()))?)
            }
        })
    }
}

/// `items` in the order of `keys`; equal keys keep their order.
pub(crate) fn sort_by(items: Vec<Value>, keys: &[Value]) -> Result<Value, Failure> {
    if let Some(first) = keys.first()
        && keys.iter().any(|key| compare::compare(first, key).is_none())
    {
        return Err(Failure::because("the items have no order among each other"));
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| compare::compare(&keys[*a], &keys[*b]).unwrap_or(Ordering::Equal));
    let mut slots: Vec<Option<Value>> = items.into_iter().map(Some).collect();
    Ok(Value::list(order.into_iter().filter_map(|at| slots[at].take()).collect()))
}

/// Whether a list has the item, or a map the key.
pub(super) fn contains(item: &Value, range: &Value, budget: &mut Budget) -> Result<bool, Failure> {
    match range {
        Value::List(items) => compare::has(items, item, budget),
        Value::Map(map) => Ok(fields::entry(map, item).is_some()),
        _ => Err(Failure::NoOverload),
    }
}

impl LoopKind {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Map => "map",
            Self::Filter => "filter",
            Self::TransformMap => "transformMap",
            Self::TransformMapEntry => "transformMapEntry",
            Self::SortBy => "sortBy",
        }
    }
}
