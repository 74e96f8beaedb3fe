//! What each keyword asks of a value.

use std::cmp::Ordering;

use tenon_model::{Map, Value};

use super::{
    SchemaId,
    keyword::{Keyword, Properties},
    marks::Marks,
    number,
    run::Run,
};
use crate::canonical;

type Held = Result<bool, String>;

impl Run<'_> {
    /// Whether the value follows one keyword.
    pub(super) fn keyword(&mut self, keyword: &Keyword, value: &Value, marks: Option<&mut Marks>) -> Held {
        Ok(match (keyword, value) {
            (Keyword::Never, _) => false,
            (Keyword::Types(types, _), _) => types.0 & number::type_of(value) != 0,
            (Keyword::Members(_, forms, _), _) => forms.contains(&canonical::canonical(value)),
            (Keyword::Minimum(bound, exclusive), _) => match number::compare(value, bound) {
                Some(Ordering::Less) => false,
                Some(Ordering::Equal) => !exclusive,
                _ => true,
            },
            (Keyword::Maximum(bound, exclusive), _) => match number::compare(value, bound) {
                Some(Ordering::Greater) => false,
                Some(Ordering::Equal) => !exclusive,
                _ => true,
            },
            (Keyword::MultipleOf(unit), _) => number::is_multiple(value, unit).unwrap_or(true),
            (Keyword::MinLength(min), Value::String(text)) => text.chars().count() as u64 >= *min,
            (Keyword::MaxLength(max), Value::String(text)) => text.chars().count() as u64 <= *max,
            (Keyword::Pattern(_, pattern), Value::String(text)) => pattern.is_match(text)?,
            (Keyword::Format(_, form), Value::String(text)) => form.fits(text),
            (Keyword::MinItems(min), Value::List(items)) => items.len() as u64 >= *min,
            (Keyword::MaxItems(max), Value::List(items)) => items.len() as u64 <= *max,
            (Keyword::UniqueItems, Value::List(items)) => canonical::first_repeat(items).is_none(),
            (Keyword::Items { prefix, rest }, Value::List(items)) => {
                return self.items(prefix, *rest, items, marks);
            }
            (Keyword::Contains { schema, min, max, marks: is_marking }, Value::List(items)) => {
                return self.contains(*schema, (*min, *max), items, marks.filter(|_| *is_marking));
            }
            (Keyword::UnevaluatedItems(id), Value::List(items)) => {
                return self.unevaluated(*id, items.iter(), marks);
            }
            (Keyword::MinProperties(min), Value::Map(map)) => map.len() as u64 >= *min,
            (Keyword::MaxProperties(max), Value::Map(map)) => map.len() as u64 <= *max,
            (Keyword::Required(names), Value::Map(map)) => names.iter().all(|name| map.get(name).is_some()),
            (Keyword::DependentRequired(all), Value::Map(map)) => all.iter().all(|(name, others)| {
                map.get(name).is_none() || others.iter().all(|other| map.get(other).is_some())
            }),
            (Keyword::Properties(properties), Value::Map(map)) => {
                return self.properties(properties, map, marks);
            }
            (Keyword::PropertyNames(id), Value::Map(map)) => {
                for (key, _) in map.iter() {
                    if !self.holds(*id, &Value::from(key.as_str().unwrap_or_default()), None)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Keyword::UnevaluatedProperties(id), Value::Map(map)) => {
                return self.unevaluated(*id, map.iter().map(|(_, value)| value), marks);
            }
            (Keyword::DependentSchemas(all), Value::Map(map)) => {
                let ids = all.iter().filter(|(name, _)| map.get(name).is_some()).map(|(_, id)| *id);
                return self.every(ids, value, marks);
            }
            _ => return self.alternatives(keyword, value, marks),
        })
    }

    /// Keywords that hold other schemas against the same value.
    fn alternatives(&mut self, keyword: &Keyword, value: &Value, marks: Option<&mut Marks>) -> Held {
        match keyword {
            Keyword::AllOf(_) | Keyword::Ref(_) | Keyword::DynamicRef(..) | Keyword::RecursiveRef(_) => {
                self.every(self.leads_to(keyword).into_iter(), value, marks)
            }
            Keyword::AnyOf(ids) => self.any(ids, value, marks),
            Keyword::OneOf(ids) => self.one(ids, value, marks),
            Keyword::Not(id) => Ok(!self.holds(*id, value, None)?),
            Keyword::If { condition, then, other } => {
                let mut marks = marks;
                let next = if self.holds(*condition, value, marks.as_deref_mut())? { then } else { other };
                next.map_or(Ok(true), |id| self.holds(id, value, marks))
            }
            // What is left speaks of values of another type.
            _ => Ok(true),
        }
    }

    fn every(
        &mut self,
        ids: impl Iterator<Item = SchemaId>,
        value: &Value,
        mut marks: Option<&mut Marks>,
    ) -> Held {
        for id in ids {
            if !self.holds(id, value, marks.as_deref_mut())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&mut self, ids: &[SchemaId], value: &Value, mut marks: Option<&mut Marks>) -> Held {
        let mut held = false;
        for id in ids {
            held |= self.holds(*id, value, marks.as_deref_mut())?;
            // Where somebody asks, every alternative that holds has looked at something.
            if held && marks.is_none() {
                break;
            }
        }
        Ok(held)
    }

    fn one(&mut self, ids: &[SchemaId], value: &Value, mut marks: Option<&mut Marks>) -> Held {
        let mut count = 0;
        for id in ids {
            count += usize::from(self.holds(*id, value, marks.as_deref_mut())?);
            if count > 1 {
                return Ok(false);
            }
        }
        Ok(count == 1)
    }

    fn items(
        &mut self,
        prefix: &[SchemaId],
        rest: Option<SchemaId>,
        items: &[Value],
        mut marks: Option<&mut Marks>,
    ) -> Held {
        for (position, item) in items.iter().enumerate() {
            let Some(id) = prefix.get(position).copied().or(rest) else { break };
            if !self.holds(id, item, None)? {
                return Ok(false);
            }
            if let Some(marks) = marks.as_deref_mut() {
                marks.mark(position);
            }
        }
        Ok(true)
    }

    fn contains(
        &mut self,
        id: SchemaId,
        (min, max): (u64, Option<u64>),
        items: &[Value],
        mut marks: Option<&mut Marks>,
    ) -> Held {
        let mut count = 0;
        for (position, item) in items.iter().enumerate() {
            if self.holds(id, item, None)? {
                count += 1;
                if let Some(marks) = marks.as_deref_mut() {
                    marks.mark(position);
                }
            }
        }
        Ok(count >= min && max.is_none_or(|max| count <= max))
    }

    fn properties(&mut self, properties: &Properties, map: &Map, mut marks: Option<&mut Marks>) -> Held {
        for (position, (key, value)) in map.iter().enumerate() {
            for id in properties.about(key.as_str().unwrap_or_default())? {
                if !self.holds(id, value, None)? {
                    return Ok(false);
                }
                if let Some(marks) = marks.as_deref_mut() {
                    marks.mark(position);
                }
            }
        }
        Ok(true)
    }

    fn unevaluated<'v>(
        &mut self,
        id: SchemaId,
        values: impl Iterator<Item = &'v Value>,
        marks: Option<&mut Marks>,
    ) -> Held {
        let Some(marks) = marks else { return Ok(true) };
        for (position, value) in values.enumerate() {
            if !marks.has(position) {
                if !self.holds(id, value, None)? {
                    return Ok(false);
                }
                marks.mark(position);
            }
        }
        Ok(true)
    }
}
