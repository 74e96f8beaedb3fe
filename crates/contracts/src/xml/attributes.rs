//! The attributes of a start tag, with their places.

use std::{borrow::Cow, collections::HashSet};

use super::{
    Name,
    characters::{is_name, is_space},
    escape,
};

/// An attribute of an element.
#[derive(Debug, Clone)]
pub(crate) struct Attribute<'t> {
    /// Its name; without a prefix it is in no namespace.
    pub(crate) name: Name,
    /// Its value, with references resolved.
    pub(crate) value: Cow<'t, str>,
    /// Where it starts in the text.
    pub(crate) at: usize,
}

/// An attribute as it is written.
pub(super) struct Raw<'t> {
    pub(super) name: &'t str,
    pub(super) value: Cow<'t, str>,
    pub(super) at: usize,
}

/// What is wrong with a tag, and where.
pub(super) type Wrong = (usize, String);

/// The attributes in `text`, which starts at `base`: what stands between the name of an element and the end of its tag.
pub(super) fn raw(text: &str, base: usize, most: usize) -> Result<Vec<Raw<'_>>, Wrong> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        let at = base + text.len() - trimmed.len();
        if trimmed.is_empty() {
            break;
        }
        if trimmed.len() == rest.len() {
            return Err((at, "expected a space before the attribute".to_owned()));
        }
        let (name, after) =
            trimmed.split_once('=').ok_or_else(|| (at, "expected `=` and a value".to_owned()))?;
        let name = name.trim_end_matches(is_space);
        if !name.split(':').all(is_name) || name.matches(':').count() > 1 {
            return Err((at, format!("{name:?} is not a valid name of an attribute")));
        }
        let after = after.trim_start_matches(is_space);
        let start = base + text.len() - after.len();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let quote = quote.ok_or_else(|| (start, format!("the value of `{name}` is not in quotes")))?;
        let end =
            after[1..].find(quote).ok_or_else(|| (start, format!("the value of `{name}` has no end")))?;
        let value = escape::attribute(&after[1..=end]).map_err(|inside| {
            (
                start + 1 + inside,
                format!("the value of `{name}` has a `<`, or a reference to what XML does not define"),
            )
        })?;
        found.push(Raw { name, value, at });
        if found.len() > most {
            return Err((at, format!("the element has more than {most} attributes")));
        }
        rest = &after[end + 2..];
    }
    Ok(found)
}

/// The first attribute whose name another one has as well.
pub(super) fn repeated<'a>(attributes: &'a [Attribute<'_>]) -> Option<&'a Attribute<'a>> {
    match attributes.len() {
        0 | 1 => None,
        2..=8 => attributes
            .iter()
            .enumerate()
            .find(|(at, it)| attributes[..*at].iter().any(|other| other.name == it.name))
            .map(|(_, it)| it),
        _ => {
            let mut known = HashSet::new();
            attributes.iter().find(|it| !known.insert(&it.name))
        }
    }
}
