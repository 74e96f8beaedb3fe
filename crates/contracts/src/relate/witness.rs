//! Values that show that a contract does not read what another one allows: made where they differ, and run through both.

use serde_json::Value as Json;
use tenon_errors::Report;
use tenon_model::{Shape, Value, relate::Step};

use crate::{
    canonical,
    json::Decoder,
    sample::{self, Edges, Hints, Maker, Samples, Sort},
};

/// A value that the writer's contract allows, and what the reader's contract makes of it.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The value as it is written.
    pub value: Value,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What the reader's contract makes of a value.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is refused.
    Refused(Report),
    /// It means one thing to the writer and another to the reader.
    Misread {
        /// To the writer.
        written: Value,
        /// To the reader.
        read: Value,
    },
}

impl Witness {
    /// What becomes of it, as a sentence without an end: `is refused: expected integer, found "text"`.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.outcome {
            Outcome::Refused(report) => match report.details().first() {
                Some(detail) => format!("is refused: {}{}", at(detail.data_path()), detail.message()),
                None => format!("is refused: {}", report.message()),
            },
            Outcome::Misread { written, read } => format!("was {written}, and is read as {read}"),
        }
    }
}

fn at(path: Option<&str>) -> String {
    path.filter(|path| !path.is_empty()).map(|path| format!("{path}: ")).unwrap_or_default()
}

/// The two contracts, ready to judge values.
pub(super) struct Judges {
    writer: Decoder,
    reader: Decoder,
    maker: Maker,
}

/// How well a value shows a change: the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clarity {
    /// The change is all that is wrong with it.
    Alone,
    /// The change is among what is wrong with it.
    Among,
    /// What is around the change is wrong, as where no alternative fits.
    Around,
}

impl Judges {
    /// `None` for a shape that cannot be run.
    pub(super) fn new(writer: &Shape, reader: &Shape) -> Option<Self> {
        let (writer, reader) = (Decoder::new(writer).ok()?, Decoder::new(reader).ok()?);
        Some(Self { writer, reader, maker: Maker::default() })
    }

    /// A value of `root` that shows what has changed at `spot`, made of what may stand at the end of `steps`, where the
    /// contracts say `here` and `there`.
    pub(super) fn witness<'s>(
        &self,
        root: &Shape,
        (steps, spot): (&[Step], impl Iterator<Item = &'s Step>),
        (here, there): (&Shape, &Shape),
    ) -> Option<Witness> {
        let spot = pointer(spot);
        let mut best: Option<(Clarity, Witness)> = None;
        let hints = Hints::of(there);
        // Of what no alternative takes, that is said of the whole: a clearer value is not likely to come.
        let is_alternative = steps.iter().any(|step| matches!(step, Step::Variant(_)));
        let mut left = if is_alternative { TRIED_AFTER } else { usize::MAX };
        for leaf in sample::candidates(here, &Edges { maker: &self.maker, hints: &hints }, 0) {
            for base in self.maker.bases() {
                if left == 0 || self.maker.is_worn() {
                    return best.map(|(_, witness)| witness);
                }
                left -= usize::from(best.is_some());
                let Some(whole) = sample::place(root, steps, &leaf, base) else { continue };
                let Some((clarity, witness)) = self.judge(&whole, &spot) else { continue };
                if clarity == Clarity::Alone {
                    return Some(witness);
                }
                if best.as_ref().is_none_or(|(found, _)| clarity < *found) {
                    best = Some((clarity, witness));
                }
            }
        }
        best.map(|(_, witness)| witness)
    }

    /// As [`Judges::witness`], where nothing says what to look for: among values of either contract at `steps`, such as break
    /// one rule of the reader, and the fields of two of its values together.
    pub(super) fn searched(
        &self,
        root: &Shape,
        steps: &[Step],
        (here, there): (&Shape, &Shape),
    ) -> Option<Witness> {
        let spot = pointer(steps.iter());
        let some = |shape: &Shape, sort, count| {
            Samples::new(shape, sort, 1).take(count).map(|it| it.value).collect::<Vec<Json>>()
        };
        let read = some(there, Sort::Valid, TRIED_TOGETHER);
        let mut leaves = both(&read);
        leaves.extend(some(there, Sort::Invalid, TRIED));
        leaves.extend(read);
        leaves.extend(some(here, Sort::Boundary, TRIED));
        leaves.extend(some(here, Sort::Valid, TRIED));
        let mut best: Option<(Clarity, Witness)> = None;
        for leaf in leaves {
            if self.maker.is_worn() {
                break;
            }
            let found = self
                .maker
                .bases()
                .find_map(|base| self.judge(&sample::place(root, steps, &leaf, base)?, &spot));
            let Some((clarity, witness)) = found else { continue };
            if clarity == Clarity::Alone {
                return Some(witness);
            }
            if best.as_ref().is_none_or(|(known, _)| clarity < *known) {
                best = Some((clarity, witness));
            }
        }
        best.map(|(_, witness)| witness)
    }

    /// What becomes of a value, if the writer allows it and the reader does not read it as what it is.
    fn judge(&self, whole: &Json, spot: &[Option<String>]) -> Option<(Clarity, Witness)> {
        let text = whole.to_string();
        let written = self.maker.judge(&self.writer, &text).ok()?;
        let value = Decoder::verbatim().decode(text.as_bytes()).ok()?;
        match self.maker.judge(&self.reader, &text) {
            Ok(read) if is_alike(&written, &read)? => None,
            Ok(read) => {
                Some((Clarity::Among, Witness { value, outcome: Outcome::Misread { written, read } }))
            }
            Err(report) => {
                let clarity = clarity(&report, spot)?;
                Some((clarity, Witness { value, outcome: Outcome::Refused(report) }))
            }
        }
    }
}

/// How many values are tried for an alternative after one that shows what has changed.
const TRIED_AFTER: usize = 32;
/// How many values of each sort are tried where nothing says what to look for.
const TRIED: usize = 100;
/// How many of them are laid over each other.
const TRIED_TOGETHER: usize = 16;

/// The objects of which each has the fields of two.
fn both(values: &[Json]) -> Vec<Json> {
    let objects = || values.iter().filter_map(Json::as_object);
    let pairs = objects().enumerate().flat_map(|(at, one)| objects().skip(at + 1).map(move |two| (one, two)));
    pairs
        .map(|(one, two)| {
            let mut both = one.clone();
            both.extend(two.clone());
            Json::Object(both)
        })
        .collect()
}

/// Whether two values say the same as JSON. `None` if that cannot be found out.
fn is_alike(one: &Value, other: &Value) -> Option<bool> {
    let plain = |value: &Value| Decoder::open().decode_value(value).ok();
    Some(canonical::equal(&plain(one)?, &plain(other)?))
}

/// How well a refusal shows what is at the spot; `None` if it is about something else.
fn clarity(report: &Report, spot: &[Option<String>]) -> Option<Clarity> {
    let paths: Vec<&str> = match report.details() {
        [] => report.data_path().into_iter().collect(),
        details => details.iter().map(|detail| detail.data_path().unwrap_or_default()).collect(),
    };
    let within = paths.iter().filter(|path| covers(spot, path)).count();
    let around = paths.iter().any(|path| steps_of(path).len() < spot.len() && is_prefix(path, spot));
    match within {
        0 if around || paths.is_empty() => Some(Clarity::Around),
        0 => None,
        within if within == paths.len() => Some(Clarity::Alone),
        _ => Some(Clarity::Among),
    }
}

/// The pointer to what `steps` lead to; `None` where any item, entry or other field is meant.
fn pointer<'s>(steps: impl Iterator<Item = &'s Step>) -> Vec<Option<String>> {
    let of = |step: &Step| match step {
        Step::Field(name) => Some(Some(name.replace('~', "~0").replace('/', "~1"))),
        Step::Other(_) | Step::Item => Some(None),
        Step::Variant(_) => None,
    };
    steps.filter_map(of).collect()
}

fn steps_of(path: &str) -> Vec<&str> {
    path.split('/').skip(1).collect()
}

fn is_same(step: &str, expected: &Option<String>) -> bool {
    expected.as_deref().is_none_or(|expected| expected == step)
}

/// Whether the path leads to the spot or further.
fn covers(spot: &[Option<String>], path: &str) -> bool {
    let steps = steps_of(path);
    steps.len() >= spot.len() && steps.iter().zip(spot).all(|(step, expected)| is_same(step, expected))
}

fn is_prefix(path: &str, spot: &[Option<String>]) -> bool {
    steps_of(path).iter().zip(spot).all(|(step, expected)| is_same(step, expected))
}
