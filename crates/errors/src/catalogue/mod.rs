//! Every code that Tenon can report, by area. One file per area; each file ends in its ordered list `ALL`.
//!
//! Adding a code is one `static` with its page and one line in `ALL`. Tests hold that ids and names are unique, that
//! each id starts with its area's letter, and that every page shows what to do.

use crate::Code;

pub mod api;
pub mod contract;
pub mod data;
pub mod delivery;
pub mod engine;
pub mod expression;
pub mod project;
pub mod security;
pub mod system;

/// One area of the catalogue.
#[derive(Debug)]
pub struct Area {
    /// The letter that its ids start with.
    pub letter: char,
    /// The heading of the area in the reference.
    pub title: &'static str,
    /// Its codes, in order of id.
    pub codes: &'static [&'static Code],
}

/// All areas, in the order of the reference pages.
pub const AREAS: &[Area] = &[
    Area { letter: 'P', title: "The project folder", codes: project::ALL },
    Area { letter: 'C', title: "Contracts", codes: contract::ALL },
    Area { letter: 'M', title: "Expressions and mappings", codes: expression::ALL },
    Area { letter: 'D', title: "Data", codes: data::ALL },
    Area { letter: 'F', title: "Flows and delivery", codes: delivery::ALL },
    Area { letter: 'Y', title: "Systems", codes: system::ALL },
    Area { letter: 'A', title: "APIs", codes: api::ALL },
    Area { letter: 'S', title: "Security", codes: security::ALL },
    Area { letter: 'E', title: "The engine and its machine", codes: engine::ALL },
];

/// Every code, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    AREAS.iter().flat_map(|area| area.codes.iter().copied())
}

/// The code with this id (any case) or name.
#[must_use]
pub fn find(id_or_name: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id_or_name) || code.name == id_or_name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_names_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for area in AREAS {
            for code in area.codes {
                assert!(seen.insert(code.id), "{} is declared twice", code.id);
                assert!(seen.insert(code.name), "{} is declared twice", code.name);
                let digits = code.id.strip_prefix(area.letter).unwrap_or_default();
                assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.id);
                let kebab =
                    code.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
                assert!(kebab, "{} is not kebab-case", code.name);
            }
            let ids: Vec<_> = area.codes.iter().map(|code| code.id).collect();
            assert!(ids.is_sorted(), "{}: keep `ALL` in order of id", area.title);
        }
    }

    #[test]
    fn every_page_says_why_and_what_to_do() {
        for code in all() {
            assert!(!code.title.is_empty() && !code.title.ends_with('.'), "{}: title", code.id);
            assert!(code.page.trim().len() >= 60, "{}: the page is too short to help", code.id);
        }
    }

    #[test]
    fn a_code_is_found_by_id_in_any_case_and_by_name() {
        assert_eq!(find("p0101").map(|code| code.name), Some("unknown-key"));
        assert_eq!(find("unknown-key").map(|code| code.id), Some("P0101"));
        assert!(find("no-such-code").is_none());
    }
}
