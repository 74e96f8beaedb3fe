//! The ways in which a changed contract can fail to read what another one allowed, each with the name that reports and gates
//! use.

/// A way in which one contract does not read everything that another one allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Null was allowed.
    NullRefused,
    /// It was a value of another kind.
    KindChanged,
    /// A value of an enumeration is gone.
    ValueRemoved,
    /// No alternative of a union reads it.
    AlternativeMissing,
    /// A number may be outside the bounds.
    RangeNarrowed,
    /// A number may be no multiple of what is asked for.
    MultipleRequired,
    /// A number may lose digits.
    PrecisionLost,
    /// A text, a list, a map or an object may be too short or too long.
    LengthNarrowed,
    /// A text may not match.
    PatternChanged,
    /// A text may not have the form.
    FormatChanged,
    /// A list may repeat items.
    UniqueRequired,
    /// The keys of a map are of another kind.
    KeysChanged,
    /// Fields that could be there together exclude each other.
    ChoiceNarrowed,
    /// A field has to be there.
    FieldRequired,
    /// A field is not allowed any more.
    FieldRemoved,
    /// A field that was not listed may have held something else.
    FieldClaimed,
    /// Fields that are not listed are not allowed any more.
    RecordClosed,
    /// Names of fields that are not listed are not allowed any more.
    NamesNarrowed,
    /// An absent field stands for something else.
    DefaultChanged,
    /// Rules about the whole value refuse what was allowed.
    RulesNarrowed,
    /// It could not be found out.
    TooComplex,
}

impl Rule {
    /// Every rule with its id and what it says, as a title and as advice.
    pub const ALL: &'static [(Rule, &'static str, &'static str, &'static str)] = &[
        (Self::NullRefused, "null-refused", "Null is no longer allowed", "keep null allowed"),
        (
            Self::KindChanged,
            "kind-changed",
            "The kind of a value has changed",
            "keep the kind, and add a field of the new kind beside it",
        ),
        (
            Self::ValueRemoved,
            "value-removed",
            "A value of an enumeration is gone",
            "keep the value, and mark it as deprecated",
        ),
        (
            Self::AlternativeMissing,
            "alternative-missing",
            "No alternative reads the value",
            "add an alternative that reads it",
        ),
        (Self::RangeNarrowed, "range-narrowed", "A bound of a number is narrower", "keep the wider bound"),
        (
            Self::MultipleRequired,
            "multiple-required",
            "A number must be a multiple",
            "leave the multiple out",
        ),
        (
            Self::PrecisionLost,
            "precision-lost",
            "A number may lose digits",
            "keep the kind of number that holds all digits",
        ),
        (
            Self::LengthNarrowed,
            "length-narrowed",
            "A length is bounded more narrowly",
            "keep the wider bound",
        ),
        (
            Self::PatternChanged,
            "pattern-changed",
            "A text must match another pattern",
            "keep the pattern, or leave it out",
        ),
        (
            Self::FormatChanged,
            "format-changed",
            "A text must have another format",
            "keep the format, or leave it out",
        ),
        (Self::UniqueRequired, "unique-required", "Items may no longer repeat", "allow repeated items"),
        (Self::KeysChanged, "keys-changed", "The keys of a map have changed", "keep the kind of the keys"),
        (
            Self::ChoiceNarrowed,
            "choice-narrowed",
            "Fields now exclude each other",
            "allow the fields together",
        ),
        (Self::FieldRequired, "field-required", "A field is now required", "make the field optional"),
        (
            Self::FieldRemoved,
            "field-removed",
            "A field is no longer allowed",
            "keep the field, and mark it as deprecated",
        ),
        (
            Self::FieldClaimed,
            "field-claimed",
            "A new field may have held something else",
            "close the contract with `additionalProperties: false` before fields are added, or compare leniently",
        ),
        (
            Self::RecordClosed,
            "record-closed",
            "Further fields are no longer allowed",
            "keep further fields allowed",
        ),
        (
            Self::NamesNarrowed,
            "names-narrowed",
            "Names of further fields are no longer allowed",
            "keep the names allowed",
        ),
        (Self::DefaultChanged, "default-changed", "An absent field means something else", "keep the default"),
        (
            Self::RulesNarrowed,
            "rules-narrowed",
            "Rules about the whole value are narrower",
            "keep the rules, or allow what they allowed",
        ),
        (Self::TooComplex, "too-complex", "The contracts are too complex to compare", "split the contract"),
    ];

    /// Whether it says something of a field being there, and not of what it holds.
    #[must_use]
    pub fn is_of_presence(self) -> bool {
        matches!(
            self,
            Self::FieldRequired
                | Self::FieldRemoved
                | Self::FieldClaimed
                | Self::DefaultChanged
                | Self::ChoiceNarrowed
        )
    }

    fn entry(self) -> Option<&'static (Rule, &'static str, &'static str, &'static str)> {
        Self::ALL.iter().find(|(rule, ..)| *rule == self)
    }

    /// Its name in reports, gates and SARIF.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.entry().map_or("", |(_, id, ..)| id)
    }

    /// What it says, for lists of rules.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.entry().map_or("", |(_, _, title, _)| title)
    }

    /// How it is avoided, as one imperative sentence.
    #[must_use]
    pub fn hint(self) -> &'static str {
        self.entry().map_or("", |(.., hint)| hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_one_entry_with_a_name_of_its_own() {
        let mut ids: Vec<_> = Rule::ALL.iter().map(|(_, id, ..)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Rule::ALL.len());
        assert_eq!(Rule::ALL.len(), Rule::TooComplex as usize + 1);
        assert!(Rule::ALL.iter().all(|(rule, id, title, hint)| {
            rule.id() == *id && !title.is_empty() && hint.chars().next().is_some_and(char::is_lowercase)
        }));
    }
}
