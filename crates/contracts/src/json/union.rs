//! Unions: the variant is known by its tag, or by the kind of the value, or found by trying all of them.

use tenon_errors::{
    Report,
    catalogue::data::{TOO_LARGE, WRONG_KIND},
    clip,
};
use tenon_model::Value;

use super::{
    decode::{Decoding, Stop},
    tokens::Tokens,
};
use crate::{
    compiled::{Classes, FEW, Node, NodeId, UnionCheck},
    reading,
    violation::{self, Failure, Found, Path},
};

/// How much is told of why one alternative does not fit: alternatives of alternatives have such reasons in each other.
const MOST_LETTERS: usize = 300;

impl<S: Tokens> Decoding<'_, S> {
    pub(super) fn union(
        &mut self,
        node: &Node,
        union: &UnionCheck,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        if let Some(tag) = &union.tag {
            return self.tagged(node, union, tag, path, depth);
        }
        let class = self.cursor.peek().map_or(Classes::NONE, Classes::of_first_byte);
        let compiled = self.compiled;
        let mut fitting =
            union.variants.iter().map(|(_, id)| *id).filter(|id| compiled.node(*id).classes.meets(class));
        match (fitting.next(), fitting.next()) {
            (None, _) => self.wrong_kind(node, path, depth),
            (Some(only), None) => self.value(only, path, depth),
            (Some(first), Some(second)) => {
                let all: Vec<NodeId> = [first, second].into_iter().chain(fitting).collect();
                let Some(by_fields) = union.by_fields.as_ref().filter(|_| class == Classes::OBJECT) else {
                    return self.best_fitting(&all, Vec::new, all.len(), node, union.alike, path, depth);
                };
                let names = self.names(depth)?;
                let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                names.sort_unstable();
                names.dedup();
                let ids = |positions: Vec<usize>| -> Vec<NodeId> {
                    let ids = positions.into_iter().map(|position| union.variants[position].1);
                    ids.filter(|id| compiled.node(*id).classes.meets(class)).collect()
                };
                let allowed = by_fields.allowed(compiled, &union.variants, &names);
                let nearest = || ids(by_fields.nearest(union.variants.len(), &allowed, &names));
                self.best_fitting(&ids(allowed.clone()), nearest, all.len(), node, union.alike, path, depth)
            }
        }
    }

    /// The names of the fields of the object here.
    fn names(&mut self, depth: usize) -> Result<Vec<S::Text>, Stop> {
        self.limits.check_depth(depth)?;
        let start = self.cursor.clone();
        let mut names = Vec::new();
        let mut goes_on = self.cursor.enter(b'}');
        while goes_on {
            names.push(self.cursor.field_name()?);
            self.cursor.skip_value(depth + 1, &self.limits)?;
            goes_on = self.cursor.goes_on(b'}')?;
        }
        self.charge(self.cursor.read() - start.read())?;
        self.cursor = start;
        Ok(names)
    }

    /// Tries the variants. Of those that fit the one counts whose value would be written as the text is here, so that their
    /// order chooses nothing: `"2013-01-01"` is a date where it may be one, `1.50` is a decimal and `00501` a text. Where none fits, the
    /// `nearest` of the `count` variants that need not be tried say why as well.
    #[allow(clippy::too_many_arguments, reason = "what is tried, and where")]
    fn best_fitting(
        &mut self,
        variants: &[NodeId],
        nearest: impl FnOnce() -> Vec<NodeId>,
        count: usize,
        node: &Node,
        alike: bool,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        let start = self.cursor.clone();
        let mut reasons = Vec::new();
        let mut readings: Vec<Value> = Vec::new();
        let mut end = start.clone();
        for variant in variants {
            match self.probe(*variant, path, depth)? {
                Err(reason) => reasons.push((*variant, reason)),
                Ok(value) if alike => return Ok(value),
                Ok(value) => {
                    end = self.cursor.clone();
                    readings.push(value);
                }
            }
            self.charge(self.cursor.read() - start.read())?;
            self.cursor = start.clone();
        }
        if readings.len() > 1 {
            let keeps_zeros = std::mem::replace(&mut self.keeps_zeros, true);
            let source = self.any(path, depth);
            self.keeps_zeros = keeps_zeros;
            return Ok(best(readings, &source?));
        }
        if let Some(only) = readings.pop() {
            self.cursor = end;
            return Ok(only);
        }
        if self.probing.as_ref().is_none_or(Option::is_none) {
            for variant in nearest().into_iter().take(FEW.saturating_sub(reasons.len())) {
                if let Err(reason) = self.probe(variant, path, depth)? {
                    reasons.push((variant, reason));
                }
                self.charge(self.cursor.read() - start.read())?;
                self.cursor = start.clone();
            }
        }
        self.cursor.skip_value(depth, &self.limits)?;
        let compiled = self.compiled;
        self.reject_with(|| {
            let told = reasons.iter().take(FEW).map(|(variant, reason)| {
                let name = compiled.node(*variant).shape.name();
                let because =
                    reason.as_ref().map(|it| format!(" because {}", clip(it.message(), MOST_LETTERS)));
                format!("not {name}{}", because.unwrap_or_default())
            });
            let mut told: Vec<String> = told.collect();
            if count > told.len() {
                told.push(format!("and none of {} more", count - told.len()));
            }
            let message = format!("expected {}: {}", node.shape.name(), told.join("; "));
            Report::new(&WRONG_KIND, message).path(path.pointer())
        })
    }

    /// Tries one variant: the value that it reads, or why it does not fit, as far as that is told.
    fn probe(
        &mut self,
        variant: NodeId,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Result<Value, Option<Report>>, Stop> {
        let outer = self.probing.replace(None);
        let result = self.value(variant, path, depth);
        let reason = std::mem::replace(&mut self.probing, outer).flatten();
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(Stop::Mismatch) => Ok(Err(reason)),
            Err(fatal) => Err(fatal),
        }
    }

    fn tagged(
        &mut self,
        node: &Node,
        union: &UnionCheck,
        tag: &str,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        if self.cursor.peek() != Some(b'{') {
            return self.wrong_kind(node, path, depth);
        }
        let start = self.cursor.clone();
        let found = self.tag_value(tag, depth)?;
        self.charge(self.cursor.read() - start.read())?;
        self.cursor = start;
        let variant = match &found {
            Tag::Text(name) => union.variant(name),
            Tag::Other | Tag::Missing => None,
        };
        if let Some(variant) = variant {
            return self.value(variant, path, depth);
        }
        self.cursor.skip_value(depth, &self.limits)?;
        let at_tag = path.field(tag, false);
        match found {
            Tag::Text(name) => {
                let failure = || Failure::Bounds(format!("is not one of {}", union.names()));
                self.reject(failure, &Found::Text(&name), &at_tag)
            }
            Tag::Other => {
                let failure = || Failure::Kind(format!("one of {}", union.names()));
                self.reject(failure, &Found::Token("something else"), &at_tag)
            }
            Tag::Missing => self.reject_with(|| violation::missing(tag, path)),
        }
    }

    /// Looks ahead in the object here for its tag. Most objects have it first.
    fn tag_value(&mut self, tag: &str, depth: usize) -> Result<Tag, Stop> {
        self.limits.check_depth(depth)?;
        let mut goes_on = self.cursor.enter(b'}');
        while goes_on {
            if self.cursor.field_name()?.as_ref() == tag {
                return Ok(match self.cursor.skip_space() {
                    Some(b'"') => Tag::Text(self.cursor.string()?.as_ref().to_owned()),
                    _ => Tag::Other,
                });
            }
            self.cursor.skip_value(depth + 1, &self.limits)?;
            goes_on = self.cursor.goes_on(b'}')?;
        }
        Ok(Tag::Missing)
    }

    /// Counts bytes that are read again, so that nested unions cannot multiply the work without bound.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Stop> {
        match self.rework.checked_sub(bytes) {
            Some(left) => {
                self.rework = left;
                Ok(())
            }
            None => {
                let message = "the alternatives of the contract cannot be told apart in bounded time";
                Err(Report::new(&TOO_LARGE, message)
                    .hint("give the alternatives of the contract a tag field with a `const`")
                    .into())
            }
        }
    }
}

/// The reading that is written most like `source`.
fn best(readings: Vec<Value>, source: &Value) -> Value {
    let weighed = readings.into_iter().map(|value| (reading::deviation(&value, source), value));
    let best = weighed.min_by(|(a, one), (b, other)| {
        a.cmp(b).then_with(|| reading::compare(one, other)).then_with(|| {
            // Equal values may still have their fields in another order.
            super::to_string(one).cmp(&super::to_string(other))
        })
    });
    best.map(|(_, value)| value).unwrap_or_default()
}

enum Tag {
    Text(String),
    Other,
    Missing,
}
