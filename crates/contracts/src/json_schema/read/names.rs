//! What a schema says about fields by their names: by patterns, and by what it asks of every name.

use tenon_document::{Node, Tree};
use tenon_model::{Kind, Sensitivity, Shape, Str, Value, shape::Names};

use super::{Reader, parts::Part, together::Entry};
use crate::json;

impl<'d> Reader<'d> {
    /// What the names of the other fields say about them; `None` where they say nothing.
    pub(super) fn names_of_rest(
        &mut self,
        parts: &[Part<'d>],
        sensitivity: &mut Option<Sensitivity>,
    ) -> Option<Names> {
        let by_name: Vec<&Part<'d>> = parts.iter().filter(|part| !part.patterns.is_empty()).collect();
        let demanded = self.demanded_of_names(parts);
        let others: Vec<Entry<'d>> = parts.iter().filter_map(|part| part.others().map(Entry::of)).collect();
        let [part] = by_name[..] else {
            let pattern = demanded?;
            if !by_name.is_empty() {
                self.is_inexact = true;
                return None;
            }
            let others = self.together(&others, None).shape;
            return Some(Names { patterns: vec![(pattern, others)], others: None });
        };
        let elsewhere = others.len() - usize::from(part.others().is_some());
        if demanded.is_some() || elsewhere > 0 {
            self.is_inexact = true;
            return None;
        }
        let mut patterns: Vec<(Vec<&str>, Shape)> = Vec::new();
        for (pattern, _, schema) in &part.patterns {
            let schema = self.schema(schema, None);
            *sensitivity = (*sensitivity).max(schema.sensitivity);
            // Patterns with one meaning are one.
            match patterns.iter_mut().find(|(_, shape)| *shape == schema.shape) {
                Some((known, _)) => known.push(pattern),
                None => patterns.push((vec![pattern], schema.shape)),
            }
        }
        let patterns: Vec<(Str, Shape)> =
            patterns.into_iter().map(|(patterns, shape)| (any_of(&patterns), shape)).collect();
        let others = match part.others() {
            Some(others) => self.schema(others, None).shape,
            None => Shape::ANY,
        };
        // A name that two patterns match would have to follow both.
        if patterns.len() > 1 && !are_apart(&patterns) {
            self.is_inexact = true;
        }
        if patterns.iter().all(|(_, shape)| *shape == others) {
            return None;
        }
        Some(Names { patterns, others: (!others.is_never()).then_some(others) })
    }

    /// The pattern that `propertyNames` demands of the names of other fields.
    fn demanded_of_names(&mut self, parts: &[Part<'d>]) -> Option<Str> {
        let mut nodes = parts.iter().filter_map(|part| part.node.get("propertyNames"));
        let names = nodes.next()?;
        self.is_inexact |= nodes.any(|other| other != names);
        self.name_pattern(names)
    }

    /// The pattern that says the same about a name as this schema.
    fn name_pattern(&mut self, names: &'d Node) -> Option<Str> {
        if *names.tree() == Tree::Bool(false) {
            return Some(Str::new("[^\\s\\S]"));
        }
        let flat = self.flatten(&[Entry::of(names)]);
        let schema = self.schema(names, None);
        self.is_inexact |= schema.shape.refinement.is_some();
        match &schema.shape.kind {
            Kind::Any if flat.groups.is_empty() => None,
            Kind::Enum(values) => {
                let values: Vec<String> =
                    values.iter().filter_map(|value| value.as_str()).map(regex::escape).collect();
                Some(Str::from(format!("^(?:{})$", values.join("|"))))
            }
            _ => self.pattern_of_text(names, &schema.shape),
        }
    }

    fn pattern_of_text(&mut self, names: &'d Node, shape: &Shape) -> Option<Str> {
        let text = match &shape.kind {
            Kind::String(text) => Some(text),
            Kind::Union(union) => union.variants.iter().find_map(|(_, shape)| match &shape.kind {
                Kind::String(text) => Some(text),
                _ => None,
            }),
            _ => None,
        };
        let Some(text) = text.filter(|text| text.format.is_none()) else {
            self.is_inexact = true;
            return None;
        };
        let is_bounded = text.length.min.is_some_and(|min| min > 0) || text.length.max.is_some();
        match (&text.pattern, is_bounded) {
            (Some(pattern), false) => Some(pattern.clone()),
            (None, true) => {
                let most = text.length.max.map(|max| max.to_string()).unwrap_or_default();
                let pattern = format!("^[\\s\\S]{{{},{most}}}$", text.length.min.unwrap_or(0));
                self.runs(&pattern, names).then(|| Str::from(pattern))
            }
            (None, false) => None,
            (Some(_), true) => {
                self.is_inexact = true;
                None
            }
        }
    }

    pub(super) fn is_name(&mut self, name: &str, names: &'d Node) -> bool {
        let shape = self.schema(names, None).shape;
        let decoder = json::Decoder::unfinished(&shape);
        let text = json::to_string(&Value::from(name));
        decoder.is_ok_and(|decoder| decoder.decode(text.as_bytes()).is_ok())
    }
}

/// One pattern that says the same as several.
fn any_of(patterns: &[&str]) -> Str {
    match patterns {
        [only] => Str::new(only),
        all => Str::from(format!("(?:{})", all.join(")|(?:"))),
    }
}

/// Whether it is certain that no name matches two of the patterns: each starts with letters of its own.
fn are_apart(patterns: &[(Str, Shape)]) -> bool {
    let starts: Option<Vec<&str>> = patterns.iter().map(|(pattern, _)| literal_start(pattern)).collect();
    starts.is_some_and(|mut starts| {
        // In their order, what begins with another one comes right behind such a one.
        starts.sort_unstable();
        starts.windows(2).all(|pair| !pair[1].starts_with(pair[0]))
    })
}

/// The plain letters that every text starts with that the anchored pattern matches.
fn literal_start(pattern: &str) -> Option<&str> {
    let rest = pattern.strip_prefix('^')?;
    if rest.contains('|') {
        return None;
    }
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_/@ ".contains(c))).unwrap_or(rest.len());
    // What may be repeated no times is not certain to be there.
    let is_optional = rest[end..].starts_with(['?', '*', '{']);
    let end = if is_optional { end.saturating_sub(1) } else { end };
    (end > 0).then(|| &rest[..end])
}
