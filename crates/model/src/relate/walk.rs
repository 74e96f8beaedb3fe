//! The walk over two shapes together.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use super::{
    Difference, Form, Policy, Question, Relating, Spot, Standing, Step, Unit,
    likeness::Likeness,
    scalars::{has_own_form, share_text},
    spans::Span,
};
use crate::{
    Field, Kind, Record, Shape,
    shape::{Length, List, MapOf, Part, Refinement, Text},
};

pub(super) struct Walk<'p> {
    pub(super) how: Relating,
    pub(super) policy: &'p mut dyn Policy,
    /// How pairs stand that were compared, or are being.
    known: HashMap<(Part, Part), Standing>,
    /// Those pairs in their order, so that what an attempt found is forgotten with it.
    order: Vec<(Part, Part)>,
    /// Whether an alternative is being tried, so that nothing is told.
    is_trying: bool,
    left: usize,
    /// Whether it is enough to know that something keeps the source from being within.
    pub(super) is_hasty: bool,
    /// What is easily seen of unions that were compared, by where they lie; each keeps its union there.
    pub(super) unions: HashMap<usize, Rc<Likeness>>,
    /// The alternatives beside the one that is the source, by their prints.
    pub(super) beside: Rc<HashSet<u64>>,
    /// Where the walk is.
    at: Vec<Step>,
    /// The shapes there and on the way to there.
    pairs: Vec<(Shape, Shape)>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(how: Relating, policy: &'p mut dyn Policy) -> Self {
        Self {
            how,
            policy,
            known: HashMap::new(),
            order: Vec::new(),
            is_trying: how.question == Question::Apart,
            left: how.pairs,
            is_hasty: false,
            unions: HashMap::new(),
            beside: Rc::default(),
            at: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Tells of a difference here, which leaves the source at best this `standing`.
    pub(super) fn differ(&mut self, difference: &Difference<'_>, standing: Standing) -> Standing {
        self.differ_below(None, difference, standing)
    }

    /// Tells of a difference about the field `name` of the records here.
    pub(super) fn differ_at(
        &mut self,
        name: &str,
        difference: &Difference<'_>,
        standing: Standing,
    ) -> Standing {
        self.differ_below(Some(&Step::Field(name.into())), difference, standing)
    }

    /// Tells of a difference one step further, between these shapes.
    pub(super) fn differ_beyond(
        &mut self,
        step: Step,
        [source, target]: [&Shape; 2],
        difference: &Difference<'_>,
        standing: Standing,
    ) -> Standing {
        self.at.push(step);
        self.pairs.push((source.clone(), target.clone()));
        self.differ(difference, standing);
        self.pairs.pop();
        self.at.pop();
        standing
    }

    fn differ_below(
        &mut self,
        last: Option<&Step>,
        difference: &Difference<'_>,
        standing: Standing,
    ) -> Standing {
        if let (false, Some((source, target))) = (self.is_trying, self.pairs.last()) {
            self.policy.differs(Spot { steps: &self.at, last, source, target }, difference, standing);
        }
        standing
    }

    /// Whether what is found is told, rather than only how it stands.
    pub(super) fn tells(&self) -> bool {
        !self.is_trying
    }

    pub(super) fn is_of(&self, form: Form) -> bool {
        self.how.form == form
    }

    pub(super) fn seeks_apart(&self) -> bool {
        self.how.question == Question::Apart
    }

    /// Compares what is one step further.
    pub(super) fn below(&mut self, step: Step, source: &Shape, target: &Shape) -> Standing {
        self.enter(step, source, target, true)
    }

    /// Compares what is one step further; `counts_null` says whether null does.
    pub(super) fn enter(
        &mut self,
        step: Step,
        source: &Shape,
        target: &Shape,
        counts_null: bool,
    ) -> Standing {
        self.at.push(step);
        let standing = self.compare(source, target, counts_null);
        self.at.pop();
        standing
    }

    /// How the source stands to an alternative; nothing is told, and what is found is forgotten unless it is within.
    pub(super) fn attempt(&mut self, source: &Shape, target: &Shape, counts_null: bool) -> Standing {
        let before = self.order.len();
        let outer = std::mem::replace(&mut self.is_trying, true);
        let standing = self.compare(source, target, counts_null);
        self.is_trying = outer;
        if standing != Standing::Within {
            for pair in self.order.drain(before..) {
                self.known.remove(&pair);
            }
        }
        standing
    }

    pub(super) fn compare(&mut self, source: &Shape, target: &Shape, counts_null: bool) -> Standing {
        self.pairs.push((source.clone(), target.clone()));
        let standing = self.pair(source, target, counts_null);
        self.pairs.pop();
        standing
    }

    fn pair(&mut self, source: &Shape, target: &Shape, counts_null: bool) -> Standing {
        self.left = self.left.saturating_sub(1);
        if self.pairs.len() > self.how.depth || self.left == 0 {
            return self.differ(&Difference::TooComplex, Standing::Refused);
        }
        let null = if counts_null { self.null(source, target) } else { None };
        let pair = Part::of(source).zip(Part::of(target));
        if let Some(known) = pair.as_ref().and_then(|pair| self.known.get(pair)) {
            return with_null(*known, null);
        }
        if let Some(pair) = &pair {
            self.known.insert(pair.clone(), Standing::Within);
            self.order.push(pair.clone());
        }
        let standing = self.not_null(source, target);
        if let Some(known) = pair.as_ref().and_then(|pair| self.known.get_mut(pair)) {
            *known = standing;
        }
        with_null(standing, null)
    }

    /// How null stands, where the source may be null.
    fn null(&mut self, source: &Shape, target: &Shape) -> Option<Standing> {
        let is_open = self.is_of(Form::Values) && source.is_open();
        match (!is_open && source.allows_null(), target.allows_null()) {
            (false, _) => None,
            (true, true) => Some(Standing::Within),
            (true, false) => Some(self.differ(&Difference::Null, Standing::Refused)),
        }
    }

    fn not_null(&mut self, source: &Shape, target: &Shape) -> Standing {
        let (from, to) = (source.resolved(), target.resolved());
        let mut standing = Standing::Within;
        if !self.seeks_apart() {
            let known = [&source.refinement, &from.refinement];
            let is_known = |it: &&Refinement| known.into_iter().flatten().any(|known| known == *it);
            if ![&target.refinement, &to.refinement].into_iter().flatten().all(|it| is_known(&it)) {
                standing = self.differ(&Difference::Rules, Standing::Open);
            }
        }
        standing.min(self.kinds(&from, &to))
    }

    fn kinds(&mut self, source: &Shape, target: &Shape) -> Standing {
        if is_empty(&source.kind) || is_empty(&target.kind) && self.seeks_apart() {
            return if self.seeks_apart() { Standing::Apart } else { Standing::Within };
        }
        match (&source.kind, &target.kind) {
            (_, Kind::Any) => Standing::Within,
            (Kind::Any | Kind::Named(_), _) | (_, Kind::Named(_)) if self.is_of(Form::Values) => {
                self.differ(&Difference::Unknown, Standing::Open)
            }
            (Kind::Any, Kind::Union(union)) => self.union_target(source, union),
            (Kind::Any | Kind::Named(_), _) | (_, Kind::Named(_)) => {
                self.differ(&Difference::Unknown, Standing::Refused)
            }
            (Kind::Union(_), Kind::Union(_)) if source.kind == target.kind && !self.seeks_apart() => {
                Standing::Within
            }
            (Kind::Union(union), _) => self.union_source(union, target),
            (Kind::Enum(values), _) => self.members_source(values, target),
            (_, Kind::Enum(values)) => self.members_target(source, values),
            (_, Kind::Union(union)) => self.union_target(source, union),
            (Kind::List(a), Kind::List(b)) => self.lists(a, b),
            (Kind::Map(a), Kind::Map(b)) => self.maps(a, b),
            (Kind::Record(a), Kind::Record(b)) => self.records(a, b),
            (Kind::Record(a), Kind::Map(b)) => self.record_as_map(a, b),
            (Kind::Map(a), Kind::Record(b)) => self.map_as_record(a, b),
            (a, b) => self.scalars(a, b),
        }
    }

    fn scalars(&mut self, source: &Kind, target: &Kind) -> Standing {
        let is_text = self.is_of(Form::Text);
        match (source, target) {
            (Kind::Int(a), Kind::Int(b)) => self.span(&Span::of_int(a), &Span::of_int(b)),
            (Kind::Int(a), Kind::Float(b)) if self.how.converts => {
                let (a, b) = (Span::of_int(a), Span::of_float(b));
                let exact = self.exactness(&a);
                exact.min(self.span(&a, &b))
            }
            (Kind::Int(a), Kind::Decimal(b)) if self.how.converts => {
                self.span(&Span::of_int(a), &Span::of_float(b))
            }
            (Kind::Float(a), Kind::Float(b)) | (Kind::Decimal(a), Kind::Decimal(b)) => {
                self.span(&Span::of_float(a), &Span::of_float(b))
            }
            (Kind::Float(a), Kind::Decimal(b)) if is_text => {
                self.span(&Span::of_float(a), &Span::of_float(b))
            }
            (Kind::String(a), Kind::String(b)) => self.text(a, b),
            (kind, Kind::String(text))
                if is_text
                    && (has_own_form(kind) || matches!(kind, Kind::Bytes(_)))
                    && **text == Text::default() =>
            {
                Standing::Within
            }
            (Kind::Bytes(a), Kind::Bytes(b)) => self.length(Unit::Octets, *a, *b),
            (a, b) if a == b => Standing::Within,
            (a, b) => {
                let standing = self.of_other_kinds(a, b);
                self.differ(&Difference::Kind, standing)
            }
        }
    }

    /// Whether values of two kinds have anything in common.
    fn of_other_kinds(&self, source: &Kind, target: &Kind) -> Standing {
        let span = |kind: &Kind| match kind {
            Kind::Int(range) => Some(Span::of_int(range)),
            Kind::Float(range) => Some(Span::of_float(range)),
            _ => None,
        };
        let are_apart = match span(source).zip(span(target)) {
            Some((source, target)) => source.is_apart(&target),
            None => !share_text(source, target),
        };
        if self.is_of(Form::Values) || are_apart { Standing::Apart } else { Standing::Refused }
    }

    fn lists(&mut self, source: &List, target: &List) -> Standing {
        let mut standing = self.length(Unit::Items, source.length, target.length);
        if standing == Standing::Apart && self.seeks_apart() {
            return standing;
        }
        if target.unique && !source.unique && source.length.max.is_none_or(|most| most > 1) {
            standing = standing.min(self.differ(&Difference::Repeated, Standing::Open));
        }
        let can_be_empty = can_both_be_empty(source.length, target.length);
        let items = self.below(Step::Item, &source.item, &target.item);
        standing.min(part(items, !can_be_empty))
    }

    fn maps(&mut self, source: &MapOf, target: &MapOf) -> Standing {
        let mut standing = self.length(Unit::Entries, source.length, target.length);
        if source.key != target.key {
            let difference = Difference::Keys(source.key, target.key);
            standing = standing.min(self.differ(&difference, Standing::Refused));
        }
        let can_be_empty = can_both_be_empty(source.length, target.length);
        let values = self.below(Step::Other("key1".into()), &source.value, &target.value);
        standing.min(part(values, !can_be_empty))
    }
}

/// How a whole stands by a part of it that is always there, or may be missing on both sides.
pub(super) fn part(standing: Standing, is_always_there: bool) -> Standing {
    if is_always_there { standing } else { standing.max(Standing::Refused) }
}

fn can_both_be_empty(source: Length, target: Length) -> bool {
    [source, target].iter().all(|length| length.min.unwrap_or(0) == 0)
}

/// Whether nothing is of this shape.
pub(super) fn is_nothing(shape: &Shape) -> bool {
    is_empty(&shape.resolved().kind) && !shape.allows_null()
}

/// Whether no value but null is of this kind.
fn is_empty(kind: &Kind) -> bool {
    match kind {
        Kind::Enum(values) => values.iter().all(crate::Value::is_null),
        Kind::Union(union) => union.variants.is_empty(),
        _ => false,
    }
}

/// How a source that may be null stands, by how its other values do.
fn with_null(standing: Standing, null: Option<Standing>) -> Standing {
    match null {
        None => standing,
        // Null is one of both.
        Some(Standing::Within) => standing.max(Standing::Refused),
        Some(refused) => standing.min(refused),
    }
}

/// A record that lists nothing, and whose fields are what the values of a map are.
pub(super) fn open(value: &Shape, length: Length) -> Arc<Record> {
    let mut record = Record::new(Vec::<Field>::new());
    record.rest = Some(value.clone());
    record.length = length;
    Arc::new(record)
}
