//! Where what was written and what was meant differ.

use std::{fmt, sync::Arc};

use tenon_contracts::{
    format::Codec,
    json::{self, Decoder},
    relate::{Change, Outcome, Relation, Rule, relate},
    sample::{Samples, Sort},
};
use tenon_errors::Report;
use tenon_model::{
    Field, Key, Kind, Shape, Str, Value,
    relate::{self as compare, Difference, Policy, Relating, Spot, Standing, Step},
    types::{About, Member},
};

use crate::told;

/// How many values of a type are written.
const VALUES: usize = 12;

/// A part that is not what it was.
#[derive(Debug)]
pub(crate) struct Gap {
    pub(crate) steps: Vec<Step>,
    pub(crate) what: String,
    /// Whether it is a whole that differs by something inside of it.
    pub(crate) is_whole: bool,
    /// Whether values are of another kind: a date is no text.
    is_of_kind: bool,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, which {}", told::path(&self.steps), self.what)
    }
}

/// What differs between the type `shape` and the type `back` that it was written as, and is not told.
pub(crate) fn untold(
    shape: &Shape,
    back: &Shape,
    text: &str,
    codec: Option<&dyn Codec>,
    is_told: &dyn Fn(&Gap) -> bool,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (old, new, way) in [(shape, back, "from"), (back, shape, "to")] {
        // A value that shows a difference is looked for where one is not told.
        if found(old, new, Relating::READ, way).iter().any(|gap| !is_told(gap)) {
            gaps.extend(as_text(old, new, way));
        }
        gaps.extend(found(old, new, Relating::HELD, way).into_iter().filter(|gap| gap.is_of_kind));
    }
    about(shape, back, text, &mut Vec::new(), &mut gaps);
    if let Some(codec) = codec {
        gaps.extend(as_bytes(shape, codec));
    }
    gaps.retain(|gap| !is_told(gap));
    gaps
}

/// What JSON that follows the one is not for the other. What no value shows may be one that is not seen to be the same.
fn as_text(old: &Shape, new: &Shape, way: &str) -> Vec<Gap> {
    let gap = |change: Change| {
        let (steps, witness) = (steps(&change.path), change.witness?);
        if !is_about(&witness.outcome, &steps, old) {
            return None;
        }
        let told = witness.told();
        Some(Gap {
            steps,
            what: format!("{} ({way} what was written: {} {told})", change.message, witness.value),
            is_whole: matches!(change.rule, Rule::AlternativeMissing | Rule::DefaultChanged),
            is_of_kind: false,
        })
    };
    relate(old, new, Relation::STORED).changes.into_iter().filter_map(gap).collect()
}

/// Whether what is refused or misread is at the steps, around them or inside.
fn is_about(outcome: &Outcome, steps: &[Step], shape: &Shape) -> bool {
    let names = |step: &Step, name: &str| match step {
        Step::Field(field) => *name == **field,
        _ => true,
    };
    // That an item repeats another one is about the list.
    let pointer = |report: &Report| {
        let pointer = report.data_path().unwrap_or_default().to_owned();
        let is_repeated = report.message().contains(" repeats the item at ");
        match pointer.rsplit_once('/').filter(|_| is_repeated) {
            Some((list, _)) => list.to_owned(),
            None => pointer,
        }
    };
    let on_the_way = |report: &Report| {
        let pointer = pointer(report);
        pointer.split('/').skip(1).zip(steps).all(|(name, step)| names(step, &name.replace("~1", "/")))
    };
    // Of alternatives, what is around is refused.
    let least = if told::part(shape, steps).is_some() { steps.len() } else { 0 };
    let depth = |report: &Report| pointer(report).split('/').skip(1).count();
    let is_there = |report: &Report| on_the_way(report) && depth(report) >= least;
    match outcome {
        Outcome::Refused(report) => on_the_way(report) && report.details().iter().any(is_there),
        Outcome::Misread { written, read } => {
            let mut at = Vec::new();
            difference(shape, written, read, &mut at);
            at.iter().zip(steps).all(|(found, step)| found == step || matches!(step, Step::Other(_)))
        }
    }
}

/// The steps of a path as people read it; no name that is made up has a point.
fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let name = part.trim_end_matches("[]");
        match name {
            "" => {}
            "*" => steps.push(Step::Other("*".into())),
            name => steps.push(Step::Field(name.into())),
        }
        steps.extend(std::iter::repeat_n(Step::Item, (part.len() - name.len()) / 2));
    }
    steps
}

/// All that keeps the one from being the other.
fn found(old: &Shape, new: &Shape, how: Relating, way: &'static str) -> Vec<Gap> {
    let mut found = Found { gaps: Vec::new(), way };
    compare::relate(old, new, how, &mut found);
    found.gaps
}

struct Found {
    gaps: Vec<Gap>,
    way: &'static str,
}

impl Policy for Found {
    fn differs(&mut self, spot: Spot<'_>, difference: &Difference<'_>, standing: Standing) {
        let (one, other) = (spot.source.name(), spot.target.name());
        let is_within = spot.steps.iter().any(|step| matches!(step, Step::Variant(_)));
        self.gaps.push(Gap {
            steps: spot.steps.iter().chain(spot.last).cloned().collect(),
            what: format!("is {one} and {other} ({} what was written): {difference:?}", self.way),
            is_whole: is_within
                || matches!(difference, Difference::Alternatives(_) | Difference::Default(..)),
            is_of_kind: matches!(difference, Difference::Kind) && standing <= Standing::Refused,
        });
    }
}

/// What is said of fields and of types.
fn about(old: &Shape, new: &Shape, text: &str, at: &mut Vec<Step>, gaps: &mut Vec<Gap>) {
    // Types that contain themselves are followed for a while.
    if at.len() > 5 {
        return;
    }
    let gap = |what| Gap { steps: at.clone(), what, is_whole: false, is_of_kind: false };
    gaps.extend(of_type(old, new, text).into_iter().map(gap));
    let mut below = |step: Step, old: &Shape, new: &Shape, said: Vec<String>| {
        at.push(step);
        gaps.extend(said.into_iter().map(|what| Gap {
            steps: at.clone(),
            what,
            is_whole: false,
            is_of_kind: false,
        }));
        about(old, new, text, at, gaps);
        at.pop();
    };
    match (&old.resolved().kind, &new.resolved().kind) {
        (Kind::List(old), Kind::List(new)) => below(Step::Item, &old.item, &new.item, Vec::new()),
        (Kind::Map(old), Kind::Map(new)) => {
            below(Step::Other("*".into()), &old.value, &new.value, Vec::new());
        }
        (Kind::Record(old), Kind::Record(new)) => {
            for field in old.fields() {
                let Some((_, other)) = new.field(&field.name) else { continue };
                let said = said(field, other);
                below(Step::Field(field.name.clone()), &field.shape, &other.shape, said);
            }
        }
        _ => {}
    }
}

/// Where lines end, not every format keeps.
fn words(doc: Option<&Str>) -> Option<String> {
    doc.map(|doc| doc.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What is compared is told by its name.
fn compare_to(differences: &mut Vec<String>, what: &str, old: &dyn fmt::Debug, new: &dyn fmt::Debug) {
    if format!("{old:?}") != format!("{new:?}") {
        differences.push(format!("has the {what} {old:?}, and {new:?} there"));
    }
}

fn about_type(shape: &Shape) -> Arc<About> {
    match &shape.kind {
        Kind::Named(named) => named.about(),
        _ => Arc::default(),
    }
}

fn doc_of_type(shape: &Shape) -> Option<Str> {
    match &shape.resolved().kind {
        Kind::Record(record) if record.doc.is_some() => record.doc.clone(),
        _ => about_type(shape).doc.clone(),
    }
}

fn of_type(old: &Shape, new: &Shape, text: &str) -> Vec<String> {
    let mut differences = Vec::new();
    let (one, other) = (about_type(old), about_type(new));
    if let Some(doc) = doc_of_type(old).filter(|doc| !text.contains(&**doc)) {
        differences.push(format!("is described as {doc:?}, and not there"));
    }
    if one.is_deprecated && !text.contains("deprecated") {
        differences.push("is deprecated, and not there".to_owned());
    }
    // Members that say nothing of themselves need not be there.
    let members = |about: &About| -> Vec<String> {
        let member = |(at, it): (usize, &Member)| {
            let number = it.number.filter(|number| usize::try_from(*number) != Ok(at));
            let is_told = number.is_some() || it.doc.is_some() || it.is_deprecated;
            is_told
                .then(|| format!("{} {number:?} {:?} {}", it.name, words(it.doc.as_ref()), it.is_deprecated))
        };
        about.members.iter().enumerate().filter_map(member).collect()
    };
    compare_to(&mut differences, "members", &members(&one), &members(&other));
    differences
}

fn said(old: &Field, new: &Field) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, old: &dyn fmt::Debug, new: &dyn fmt::Debug| {
        compare_to(&mut differences, what, old, new);
    };
    // A field may be described by its type.
    let (doc, found) = (words(old.doc.as_ref()), words(new.doc.as_ref()));
    if doc.is_some() || found != words(doc_of_type(&old.shape).as_ref()) {
        compare("description", &doc, &found);
    }
    // A field of a type that will go goes with it.
    let goes = old.deprecated || new.deprecated && about_type(&old.shape).is_deprecated;
    compare("mark of deprecation", &goes, &new.deprecated);
    compare("sensitivity", &old.sensitivity, &new.sensitivity);
    // Of what may be anything, a date is text.
    let text = |field: &Field| field.default.as_ref().map(json::to_string);
    if old.default != new.default && text(old) != text(new) {
        compare("default", &old.default, &new.default);
    }
    differences
}

/// What comes back of values in the encoding of the format.
fn as_bytes(shape: &Shape, codec: &dyn Codec) -> Vec<Gap> {
    let decoder = Decoder::new(shape).unwrap();
    let samples = [(Sort::Boundary, VALUES), (Sort::Valid, VALUES)];
    let samples = samples.into_iter().flat_map(|(sort, count)| Samples::new(shape, sort, 1).take(count));
    let mut gaps = Vec::new();
    for sample in samples {
        let Ok(value) = decoder.decode(sample.value.to_string().as_bytes()) else { continue };
        let mut bytes = Vec::new();
        match codec.encode(&value, &mut bytes).and_then(|()| codec.decode(&bytes)) {
            Err(report) => gaps.push(refused(shape, &value, &report)),
            Ok(back) => {
                let mut at = Vec::new();
                if let Some(what) = difference(shape, &value, &back, &mut at) {
                    gaps.push(Gap {
                        steps: at,
                        what: format!("{what} in {value}"),
                        is_whole: false,
                        is_of_kind: false,
                    });
                }
            }
        }
    }
    gaps
}

fn refused(shape: &Shape, value: &Value, report: &Report) -> Gap {
    let details = report.details().first().and_then(Report::data_path);
    let pointer = report.data_path().or(details).unwrap_or_default();
    let mut steps = Vec::new();
    let mut here = Some(value);
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        // Behind alternatives, only the value says what a step is.
        let is_item = matches!(here, Some(Value::List(_)));
        let step = match told::part(shape, &steps).map(|part| part.kind) {
            Some(Kind::List(_)) => Step::Item,
            _ if is_item => Step::Item,
            part => entry(part, &name),
        };
        steps.push(step);
        here = here.and_then(|value| match value {
            Value::List(items) => items.get(name.parse::<usize>().ok()?),
            Value::Map(map) => map.iter().find(|(key, _)| key.to_string() == name).map(|(_, value)| value),
            _ => None,
        });
    }
    Gap { steps, what: format!("is refused of {value}: {report}"), is_whole: true, is_of_kind: false }
}

/// The step to a field, or to an entry of a map.
fn entry(kind: Option<Kind>, name: &str) -> Step {
    match kind {
        Some(Kind::Record(record)) if record.field(name).is_none() && record.rest.is_some() => {
            Step::Other("*".into())
        }
        Some(Kind::Map(_)) => Step::Other("*".into()),
        _ => Step::Field(name.into()),
    }
}

/// How two values differ first, and where.
fn difference(shape: &Shape, old: &Value, new: &Value, at: &mut Vec<Step>) -> Option<String> {
    match (old, new) {
        (Value::List(old), Value::List(new)) if old.len() == new.len() => {
            at.push(Step::Item);
            let found = old.iter().zip(new.iter()).find_map(|(old, new)| difference(shape, old, new, at));
            if found.is_none() {
                at.pop();
            }
            found
        }
        (Value::Map(old), Value::Map(new)) => {
            let kind = told::part(shape, at).map(|part| part.kind);
            let keys: Vec<&Key> = old.iter().chain(new.iter()).map(|(key, _)| key).collect();
            for key in keys {
                at.push(entry(kind.clone(), &key.to_string()));
                let found = match (old.get_key(key), new.get_key(key)) {
                    (Some(old), Some(new)) => difference(shape, old, new, at),
                    (old, new) => Some(format!("was {old:?}, and is {new:?}")),
                };
                if found.is_some() {
                    return found;
                }
                at.pop();
            }
            None
        }
        (old, new) => (old != new).then(|| format!("was {old:?}, and is {new:?}")),
    }
}
