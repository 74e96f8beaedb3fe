//! The least values of types that contain each other: whether there is one that ends, and how large it is.

use std::collections::{HashMap, HashSet, VecDeque};

use tenon_model::{Kind, Named, Record, Shape, relate::Step, shape::Part};

use super::{example::MOST_ITEMS, place::path};

/// How many parts of one type are looked at; a larger one counts as endless.
const MOST_PARTS: usize = 100_000;

/// How large the least value of each type is that was asked about.
#[derive(Debug, Default)]
pub(super) struct Least {
    /// By the reference to the type; `None` where no value ends.
    known: HashMap<Part, Option<usize>>,
}

/// What a value needs, so that it ends.
#[derive(Debug)]
enum Needs {
    /// All of these, each so often.
    All(Vec<(usize, Needs)>),
    /// One of these.
    Any(Vec<Needs>),
    /// A value of this type.
    Type(Part),
}

impl Needs {
    /// Nothing: it is a value already.
    const NOTHING: Self = Self::All(Vec::new());
    /// What nothing can be.
    const NEVER: Self = Self::Any(Vec::new());

    fn of(shape: &Shape, types: &mut Vec<Named>, left: &mut usize) -> Self {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return Self::NEVER;
        }
        if shape.nullable {
            return Self::NOTHING;
        }
        match &shape.kind {
            Kind::Named(named) => {
                types.push(named.clone());
                Self::Type(Part::from(named))
            }
            Kind::List(list) => Self::times(list.length.min, &list.item, types, left),
            Kind::Map(map) => Self::times(map.length.min, &map.value, types, left),
            Kind::Record(record) => Self::of_record(record, types, left),
            Kind::Union(union) => {
                Self::Any(union.variants.iter().map(|(_, it)| Self::of(it, types, left)).collect())
            }
            Kind::Enum(values) if values.is_empty() => Self::NEVER,
            _ => Self::NOTHING,
        }
    }

    fn times(min: Option<u64>, shape: &Shape, types: &mut Vec<Named>, left: &mut usize) -> Self {
        match usize::try_from(min.unwrap_or(0).min(MOST_ITEMS)).unwrap_or(0) {
            0 => Self::NOTHING,
            count => Self::All(vec![(count, Self::of(shape, types, left))]),
        }
    }

    fn of_record(record: &Record, types: &mut Vec<Named>, left: &mut usize) -> Self {
        let required = record.fields().iter().filter(|field| field.required);
        let mut all: Vec<_> = required.map(|field| (1, Self::of(&field.shape, types, left))).collect();
        for choice in record.choices.iter().filter(|choice| choice.is_required) {
            let fields = choice.fields.iter().filter_map(|name| record.field(name));
            all.push((1, Self::Any(fields.map(|(_, field)| Self::of(&field.shape, types, left)).collect())));
        }
        Self::All(all)
    }

    /// How many parts the least value has, as far as is known.
    fn size(&self, known: &HashMap<Part, Option<usize>>) -> Option<usize> {
        match self {
            Self::All(parts) => parts.iter().try_fold(1usize, |sum, (count, part)| {
                Some(sum.saturating_add(part.size(known)?.saturating_mul(*count)))
            }),
            Self::Any(ways) => ways.iter().filter_map(|way| way.size(known)).min(),
            Self::Type(part) => known.get(part).copied().flatten(),
        }
    }
}

impl Least {
    /// How many parts the least value of `shape` has; `None` where each would contain another without end.
    pub(super) fn size(&mut self, shape: &Shape) -> Option<usize> {
        let mut types = Vec::new();
        let needs = Needs::of(shape, &mut types, &mut { MOST_PARTS });
        self.learn(types);
        needs.size(&self.known)
    }

    /// Finds out about these types and all that they lead to. A type is known once all that it needs is; what is never known
    /// does not end.
    fn learn(&mut self, mut types: Vec<Named>) {
        let mut open: Vec<(Part, Needs)> = Vec::new();
        let mut seen = HashSet::new();
        let mut users: HashMap<Part, Vec<usize>> = HashMap::new();
        while let Some(named) = types.pop() {
            let part = Part::from(&named);
            if self.known.contains_key(&part) || !seen.insert(part.clone()) {
                continue;
            }
            let before = types.len();
            let needs =
                named.get().map_or(Needs::NEVER, |shape| Needs::of(&shape, &mut types, &mut { MOST_PARTS }));
            for used in &types[before..] {
                users.entry(Part::from(used)).or_default().push(open.len());
            }
            open.push((part, needs));
        }
        let mut waiting: VecDeque<usize> = (0..open.len()).collect();
        while let Some(at) = waiting.pop_front() {
            let (part, needs) = &open[at];
            if self.known.contains_key(part) {
                continue;
            }
            if let Some(size) = needs.size(&self.known) {
                self.known.insert(part.clone(), Some(size));
                waiting.extend(users.get(part).into_iter().flatten());
            }
        }
        for (part, _) in open {
            self.known.entry(part).or_insert(None);
        }
    }

    /// The way on which a value of `shape` would contain another of a type that it is inside of; `None` where one ends.
    pub(super) fn circle(&mut self, shape: &Shape) -> Option<String> {
        let (mut shape, mut steps, mut met) = (shape.clone(), Vec::new(), HashSet::new());
        while self.size(&shape).is_none() {
            if let Kind::Named(named) = &shape.kind
                && !met.insert(Part::from(named))
            {
                return Some(path(&steps));
            }
            let (step, next) = self.endless(&shape.resolved().kind)?;
            steps.extend(step);
            shape = next;
        }
        None
    }

    /// The part of a value because of which it does not end.
    fn endless(&mut self, kind: &Kind) -> Option<(Option<Step>, Shape)> {
        match kind {
            Kind::List(list) => Some((Some(Step::Item), list.item.clone())),
            Kind::Map(map) => Some((Some(Step::Other("key1".into())), map.value.clone())),
            Kind::Record(record) => {
                let mut required = record.fields().iter().filter(|field| field.required);
                let field = required.find(|field| self.size(&field.shape).is_none())?;
                Some((Some(Step::Field(field.name.clone())), field.shape.clone()))
            }
            Kind::Union(union) => union.variants.first().map(|(_, variant)| (None, variant.clone())),
            _ => None,
        }
    }
}
