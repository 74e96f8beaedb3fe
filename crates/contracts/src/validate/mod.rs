//! Whether a value that is already decoded follows a contract: what mappings make is checked here.

mod at_once;

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::data::{TOO_DEEP, TOO_LARGE, WRONG_KIND},
};
use tenon_model::{Key, Map, Shape, Value, map::Hint};

use crate::{
    canonical,
    compiled::{
        Check, Classes, Compiled, Node, NodeId, RecordCheck, UnionCheck, check_decimal, check_float,
        check_length,
    },
    json, lexical, refinement,
    violation::{self, Failure, Found, Path, Violations},
};

/// The most levels of a value; what decoders allow.
const MAX_DEPTH: usize = 64;
/// The most values that are looked at while variants of nested unions are being tried.
const MAX_PROBES: usize = 1_000_000;

/// Checks values against a contract. Made once per plan; cheap to clone.
#[derive(Debug, Clone)]
pub struct Validator {
    compiled: Arc<Compiled>,
    is_refined: bool,
}

impl Validator {
    /// A validator for values of `shape`.
    ///
    /// # Errors
    /// `C0001` if the shape refers to what is not defined, `C0005` if a pattern cannot be run.
    pub fn new(shape: &Shape) -> Result<Self, Report> {
        let compiled = Compiled::new(shape)?;
        Ok(Self { is_refined: compiled.is_refined(), compiled: Arc::new(compiled) })
    }

    /// Whether `value` follows the contract. Kinds are exact: a date field holds a date and no text, a number field a
    /// double; an integer passes where decimals are expected. A field that is not required may be absent, also where a
    /// default would stand in for it.
    ///
    /// # Errors
    /// `D0001` with a detail for each violation, at most 20, each with its path; `D0103` for a value of more than 64
    /// levels.
    pub fn check(&self, value: &Value) -> Result<(), Report> {
        if !self.is_refined && at_once::holds(&self.compiled, value) {
            debug_assert!(self.judge(value).is_ok(), "what holds at once holds");
            return Ok(());
        }
        self.judge(value)
    }

    /// What is wrong with `value`.
    fn judge(&self, value: &Value) -> Result<(), Report> {
        let mut run = Run {
            compiled: &self.compiled,
            violations: Violations::default(),
            probing: false,
            probes: MAX_PROBES,
        };
        match run.value(self.compiled.root, value, &Path::ROOT, 0) {
            Ok(()) | Err(Stop::Mismatch) => run.violations.finish(()),
            Err(Stop::Fatal(report)) => Err(report),
        }
    }
}

/// Why checking stopped.
enum Stop {
    Fatal(Report),
    /// A variant that was being tried does not fit.
    Mismatch,
}

struct Run<'c> {
    compiled: &'c Compiled,
    violations: Violations,
    probing: bool,
    probes: usize,
}

impl Run<'_> {
    fn value(&mut self, id: NodeId, value: &Value, path: &Path<'_>, depth: usize) -> Result<(), Stop> {
        let node = self.compiled.node(id);
        if depth > MAX_DEPTH {
            return Err(Stop::Fatal(Report::new(
                &TOO_DEEP,
                format!("the data has more than {MAX_DEPTH} levels"),
            )));
        }
        if self.probing {
            self.probes = self.probes.checked_sub(1).ok_or_else(undecided)?;
        }
        if value.is_null() && node.classes.meets(Classes::NULL) {
            return Ok(());
        }
        let before = self.violations.total();
        self.by_kind(node, value, path, depth)?;
        if node.refinements.is_empty() || self.violations.total() > before {
            return Ok(());
        }
        let text = json::to_string(value);
        for refinement in &node.refinements {
            for report in refinement::breaches(refinement, &text, path).map_err(Stop::Fatal)? {
                self.reject(|| report)?;
            }
        }
        Ok(())
    }

    fn by_kind(&mut self, node: &Node, value: &Value, path: &Path<'_>, depth: usize) -> Result<(), Stop> {
        match (&node.check, value) {
            (Check::Any, value) => self.any(value, path, depth),
            (Check::List { item, length, unique }, Value::List(items)) => {
                self.judge(check_length(length, items.len(), "items"), &Found::Token("the list"), path)?;
                for (index, value) in items.iter().enumerate() {
                    self.value(*item, value, &path.item(index), depth + 1)?;
                }
                match if *unique { canonical::first_repeat(items) } else { None } {
                    Some((first, at)) => {
                        let found = Found::Value(&items[at]);
                        self.judge(Err(Failure::repeated(&path.item(first))), &found, &path.item(at))
                    }
                    None => Ok(()),
                }
            }
            (Check::Map { key: kind, value: id, length }, Value::Map(map)) => {
                self.judge(check_length(length, map.len(), "entries"), &Found::Token("the map"), path)?;
                for (key, value) in map.iter() {
                    if !kind.is(key) {
                        self.judge(Err(Failure::key(*kind)), &Found::Token(&name(key)), path)?;
                    }
                    self.value(*id, value, &path.field(&name(key), false), depth + 1)?;
                }
                Ok(())
            }
            (Check::Record(record), Value::Map(map)) => self.record(record, map, path, depth),
            (Check::Union(union), value) => self.union(node, union, value, path, depth),
            (_, value) => self.judge(scalar(node, value), &Found::Value(value), path),
        }
    }

    /// What no contract describes is still bounded in depth.
    fn any(&mut self, value: &Value, path: &Path<'_>, depth: usize) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err(Stop::Fatal(Report::new(
                &TOO_DEEP,
                format!("the data has more than {MAX_DEPTH} levels"),
            )));
        }
        match value {
            Value::List(items) => items.iter().try_for_each(|item| self.any(item, path, depth + 1)),
            Value::Map(map) => map.iter().try_for_each(|(_, item)| self.any(item, path, depth + 1)),
            Value::Float(n) if !n.is_finite() => self.judge(
                Err(Failure::Bounds("is not a finite number".to_owned())),
                &Found::Value(value),
                path,
            ),
            _ => Ok(()),
        }
    }

    fn record(&mut self, record: &RecordCheck, map: &Map, path: &Path<'_>, depth: usize) -> Result<(), Stop> {
        self.judge(check_length(&record.length, map.len(), "fields"), &Found::Token("the object"), path)?;
        for choice in &record.choices {
            let is_there = |at: usize| map.get_near(&Hint::new(at), record.fields[at].name()).is_some();
            self.judge(choice.check(is_there), &Found::Token("the object"), path)?;
        }
        let mut listed = 0;
        for (position, field) in record.fields.iter().enumerate() {
            match map.get_near(&Hint::new(position), field.name()) {
                Some(value) => {
                    listed += 1;
                    self.value(field.node, value, &path.field(field.name(), field.hidden), depth + 1)?;
                }
                None if field.listed.is_demanded() => {
                    self.reject(|| violation::missing(field.name(), path))?;
                }
                None => {}
            }
        }
        if listed == map.len() {
            return Ok(());
        }
        let mut hint = 0;
        for (key, value) in map.iter() {
            let name = name(key);
            match record.position(hint, &name) {
                Some(position) => hint = position + 1,
                None => match record.other(&name) {
                    Some(rest) => self.value(rest, value, &path.field(&name, false), depth + 1)?,
                    None => self.reject(|| violation::unexpected(&name, record.names(), path))?,
                },
            }
        }
        Ok(())
    }

    fn union(
        &mut self,
        node: &Node,
        union: &UnionCheck,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Stop> {
        if let (Some(tag), Value::Map(map)) = (&union.tag, value) {
            let at_tag = path.field(tag, false);
            return match map.get(tag) {
                None => self.reject(|| violation::missing(tag, path)),
                Some(found) => match found.as_str().and_then(|name| union.variant(name)) {
                    Some(variant) => self.value(variant, value, path, depth),
                    None => {
                        let failure = Failure::Bounds(format!("is not one of {}", union.names()));
                        self.judge(Err(failure), &Found::Value(found), &at_tag)
                    }
                },
            };
        }
        let fitting = fitting(self.compiled, union, value);
        if let [only] = fitting[..] {
            return self.value(only, value, path, depth);
        }
        let outer = std::mem::replace(&mut self.probing, true);
        let mut fits = Ok(false);
        for variant in fitting {
            match self.value(variant, value, path, depth) {
                Err(Stop::Mismatch) => {}
                decided => {
                    fits = decided.map(|()| true);
                    break;
                }
            }
        }
        self.probing = outer;
        match fits? {
            true => Ok(()),
            false => self.reject(|| {
                let message = format!("expected {}, found {}", node.shape.name(), shown(value, path));
                Report::new(&WRONG_KIND, message).path(path.pointer())
            }),
        }
    }

    fn judge(
        &mut self,
        checked: Result<(), Failure>,
        found: &Found<'_>,
        path: &Path<'_>,
    ) -> Result<(), Stop> {
        checked.or_else(|failure| self.reject(|| failure.report(found, path)))
    }

    fn reject(&mut self, report: impl FnOnce() -> Report) -> Result<(), Stop> {
        if self.probing {
            return Err(Stop::Mismatch);
        }
        if self.violations.wanted() {
            self.violations.push(report());
        } else {
            self.violations.count();
        }
        Ok(())
    }
}

/// The variants that a value can be by its kind and, of many, by the names of its fields.
fn fitting(compiled: &Compiled, union: &UnionCheck, value: &Value) -> Vec<NodeId> {
    let class = Classes::of_value(value);
    let ids = |positions: &mut dyn Iterator<Item = usize>| {
        let ids = positions.map(|position| union.variants[position].1);
        ids.filter(|id| compiled.node(*id).classes.meets(class)).collect()
    };
    match (&union.by_fields, value) {
        (Some(by_fields), Value::Map(map)) => {
            let names: Vec<_> = map.iter().map(|(key, _)| name(key)).collect();
            let names: Vec<&str> = names.iter().map(|name| &**name).collect();
            ids(&mut by_fields.allowed(compiled, &union.variants, &names).into_iter())
        }
        _ => ids(&mut (0..union.variants.len())),
    }
}

fn scalar(node: &Node, value: &Value) -> Result<(), Failure> {
    match (&node.check, value) {
        (Check::Bool, Value::Bool(_))
        | (Check::Timestamp, Value::Timestamp(_))
        | (Check::Time, Value::Time(_))
        | (Check::Duration, Value::Duration(_))
        | (Check::Period, Value::Period(_))
        | (Check::Uuid, Value::Uuid(_)) => Ok(()),
        (Check::Int(range), Value::Int(n)) => range.check(*n),
        (Check::Int(range), Value::Uint(n)) => range.check_large(i128::from(*n)),
        (Check::Float(range), Value::Float(n)) => check_float(range, *n),
        (Check::Decimal(range), Value::Decimal(n)) => check_decimal(range, n),
        (Check::Decimal(range), Value::Int(n)) => check_decimal(range, &(*n).into()),
        (Check::Text(text), Value::String(value)) => text.check(value),
        (Check::Bytes(length), Value::Bytes(bytes)) => check_length(length, bytes.len(), "bytes"),
        (Check::Date, Value::Date(date)) if lexical::is_date_of_data(*date) => Ok(()),
        (Check::Date, Value::Date(_)) => Err(Failure::Bounds(lexical::NoDate::Range.to_string())),
        (Check::LocalDateTime, Value::LocalDateTime(local)) if lexical::is_date_of_data(local.date()) => {
            Ok(())
        }
        (Check::LocalDateTime, Value::LocalDateTime(_)) => {
            Err(Failure::Bounds(lexical::NoLocalDateTime::Range.to_string()))
        }
        (Check::Enum(members), value) => match members.by_value(value) {
            Some(_) => Ok(()),
            None => Err(node.not_a_member()),
        },
        _ => Err(node.wrong_kind()),
    }
}

fn name(key: &Key) -> std::borrow::Cow<'_, str> {
    match key {
        Key::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

fn shown(value: &Value, path: &Path<'_>) -> String {
    if path.hidden { "(hidden)".to_owned() } else { value.to_string() }
}

fn undecided() -> Stop {
    let message = "the alternatives of the contract cannot be told apart in bounded time";
    Stop::Fatal(
        Report::new(&TOO_LARGE, message)
            .hint("give the alternatives of the contract a tag field with a `const`"),
    )
}

#[cfg(test)]
mod tests;
