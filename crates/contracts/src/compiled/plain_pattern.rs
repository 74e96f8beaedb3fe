//! Patterns that are a row of characters of some classes, such as `^[A-Z]{3}-[0-9]+$`: most are, and need no automaton.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The most parts of such a pattern.
const MOST_PARTS: usize = 16;

/// A pattern that matches the whole of a text, part by part, and never has to go back.
#[derive(Debug, Clone)]
pub(super) struct PlainPattern(Box<[Part]>);

/// ASCII characters of a set, so many in a row.
#[derive(Debug, Clone)]
struct Part {
    set: u128,
    min: usize,
    max: usize,
}

impl PlainPattern {
    /// `pattern`, in the syntax of the `regex` crate, if it is one.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
        let HirKind::Concat(all) = hir.kind() else { return None };
        let [first, inner @ .., last] = &all[..] else { return None };
        let is_look = |hir: &Hir, look| *hir.kind() == HirKind::Look(look);
        if !is_look(first, Look::Start) || !is_look(last, Look::End) {
            return None;
        }
        let mut parts = Vec::new();
        for hir in inner {
            add(hir, &mut parts)?;
        }
        (parts.len() <= MOST_PARTS && (0..parts.len()).all(|at| is_clear(&parts[at..])))
            .then(|| Self(parts.into()))
    }

    /// Whether it matches `text`.
    #[inline]
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let mut at = 0;
        for part in &self.0 {
            let start = at;
            while at - start < part.max && text.get(at).is_some_and(|byte| part.has(*byte)) {
                at += 1;
            }
            if at - start < part.min {
                return false;
            }
        }
        at == text.len()
    }
}

impl Part {
    #[inline]
    fn has(&self, byte: u8) -> bool {
        byte < 128 && self.set >> byte & 1 == 1
    }
}

/// Whether what follows the first part cannot begin within it, so that taking all that fits is right.
fn is_clear(parts: &[Part]) -> bool {
    let Some((first, rest)) = parts.split_first() else { return true };
    let reached = rest.iter().position(|part| part.min > 0).map_or(rest, |at| &rest[..=at]);
    first.min == first.max || reached.iter().all(|part| part.set & first.set == 0)
}

/// Adds what `hir` matches; `None` where it is more than a row of characters.
fn add(hir: &Hir, parts: &mut Vec<Part>) -> Option<()> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            for byte in literal.0.iter() {
                parts.push(Part { set: 1u128.checked_shl(u32::from(*byte))?, min: 1, max: 1 });
            }
            Some(())
        }
        HirKind::Class(_) => {
            parts.push(Part { set: set_of(hir)?, min: 1, max: 1 });
            Some(())
        }
        HirKind::Repetition(many) => {
            let max = many.max.map_or(usize::MAX, |max| max as usize);
            parts.push(Part { set: set_of(&many.sub)?, min: many.min as usize, max });
            Some(())
        }
        HirKind::Capture(group) => add(&group.sub, parts),
        HirKind::Concat(all) => all.iter().try_for_each(|hir| add(hir, parts)),
        _ => None,
    }
}

/// The set of single ASCII characters that `hir` matches, if it matches just such.
fn set_of(hir: &Hir) -> Option<u128> {
    let ranges: Vec<(u32, u32)> = match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
        }
        HirKind::Literal(literal) if literal.0.len() == 1 => {
            vec![(u32::from(literal.0[0]), u32::from(literal.0[0]))]
        }
        _ => return None,
    };
    ranges.into_iter().try_fold(0, |set, (start, end)| {
        (end < 128).then(|| (start..=end).fold(set, |set, at| set | 1u128 << at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_classes_matches_what_its_regular_expression_matches() {
        let patterns = [
            "^[A-Z0-9]{3}$",
            "^o-[0-9]+$",
            "^[A-Z]{2,3}-?x$",
            "^a*b$",
            "^(?:ab)c[d-f]{0,2}$",
            "^[0-9]+[a-c]$",
            "^-?[0-9]$",
        ];
        let letters = ["a", "b", "c", "A", "Z", "0", "9", "-", "x", "o", "d", "é", "\n"];
        for pattern in patterns {
            let plain = PlainPattern::of(pattern).unwrap_or_else(|| panic!("{pattern} is plain"));
            let regex = regex::Regex::new(pattern).unwrap();
            let mut texts = vec![String::new()];
            for _ in 0..4 {
                for text in &texts {
                    assert_eq!(plain.is_match(text.as_bytes()), regex.is_match(text), "{pattern} {text:?}");
                }
                texts = texts
                    .iter()
                    .flat_map(|text| letters.iter().map(move |it| format!("{text}{it}")))
                    .collect();
            }
        }
    }

    #[test]
    fn what_may_have_to_go_back_is_left_to_an_automaton() {
        for pattern in [
            "^a*a$",
            "^[a-z]+[a-c]$",
            "^a?b?a$",
            "^a|b$",
            "a",
            "^a",
            "^é$",
            "^[^a]$",
            "(?m)^a$",
            "^(?:ab)*$",
            "^\\b$",
        ] {
            assert!(PlainPattern::of(pattern).is_none(), "{pattern}");
        }
    }
}
