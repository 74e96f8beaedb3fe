//! What is said of a difference: as seen when the writer has the old contract, and when it has the new one.

use tenon_model::{
    Kind, Shape, Value,
    relate::{Difference, Spot, Unit},
};

use super::Rule;

/// The rest of a sentence that starts with the place.
pub(super) struct Words {
    /// Where the writer has the old contract.
    pub(super) narrowed: String,
    /// Where the writer has the new one.
    pub(super) widened: String,
}

fn words(narrowed: impl Into<String>, widened: impl Into<String>) -> Words {
    Words { narrowed: narrowed.into(), widened: widened.into() }
}

/// What kind of change a difference is.
pub(super) fn rule(difference: &Difference<'_>) -> Rule {
    match difference {
        Difference::Null => Rule::NullRefused,
        Difference::Unknown | Difference::Kind => Rule::KindChanged,
        Difference::Member(_) => Rule::ValueRemoved,
        Difference::Alternatives(_) => Rule::AlternativeMissing,
        Difference::Below(..) | Difference::Above(..) => Rule::RangeNarrowed,
        Difference::Multiple(_) => Rule::MultipleRequired,
        Difference::Double | Difference::Single => Rule::PrecisionLost,
        Difference::Shorter(..) | Difference::Longer(..) => Rule::LengthNarrowed,
        Difference::Pattern(_) => Rule::PatternChanged,
        Difference::Format(_) => Rule::FormatChanged,
        Difference::Repeated => Rule::UniqueRequired,
        Difference::Keys(..) => Rule::KeysChanged,
        Difference::Choice(_) => Rule::ChoiceNarrowed,
        Difference::Required { .. } => Rule::FieldRequired,
        Difference::Removed(_) => Rule::FieldRemoved,
        Difference::Claimed => Rule::FieldClaimed,
        Difference::Closed => Rule::RecordClosed,
        Difference::Names(_) => Rule::NamesNarrowed,
        Difference::Default(..) => Rule::DefaultChanged,
        Difference::Rules | Difference::TooComplex => Rule::TooComplex,
    }
}

/// What is said where a value shows that rules about the whole are broken.
pub(super) fn broken() -> Words {
    words(
        "has rules that look at the whole value, and what could be there before breaks them",
        "had rules that look at the whole value, and what can be there now breaks them",
    )
}

/// What is said of a difference at `spot`; `data` is what the reader gets.
pub(super) fn of(difference: &Difference<'_>, spot: &Spot<'_>, data: &str) -> Words {
    match difference {
        Difference::Null => {
            words("could be null before, and no longer can", "can be null now, and could not before")
        }
        Difference::Unknown | Difference::Kind => of_kind(spot),
        Difference::Member(value) => words(
            format!("could be {value} before, and no longer can"),
            format!("can be {value} now, and could not before"),
        ),
        Difference::Alternatives(count) => {
            let a = name(&spot.source.resolved());
            words(
                format!(
                    "was {a}, and none of the {count} alternatives that there are now accepts all of that"
                ),
                format!(
                    "is now {a}, and none of the {count} alternatives that there were accepted all of that"
                ),
            )
        }
        Difference::Repeated => words(
            "could repeat items before, and no longer can",
            "can repeat items now, and could not before",
        ),
        Difference::Keys(source, target) => {
            let (a, b) = (source.name(), target.name());
            words(
                format!("had keys of {a}, and now has keys of {b}"),
                format!("had keys of {b}, and now has keys of {a}"),
            )
        }
        Difference::Rules => words(
            "has rules that look at the whole value, and whether they were kept before cannot be known",
            "has rules that look at the whole value, and whether they are kept cannot be known",
        ),
        Difference::TooComplex => words("is too complex to compare", "is too complex to compare"),
        Difference::Shorter(unit, _, target) => {
            let (what, min) = (unit_name(*unit), target.min.unwrap_or_default());
            words(
                format!("could have fewer {what} before, and now needs at least {min}"),
                format!("can have fewer {what} now, and needed at least {min} before"),
            )
        }
        Difference::Longer(unit, _, target) => {
            let (what, max) = (unit_name(*unit), target.max.unwrap_or_default());
            words(
                format!("could have more {what} before, and can now have at most {max}"),
                format!("can have more {what} now, and could have at most {max} before"),
            )
        }
        Difference::Pattern(pattern) => {
            words(format!("must now match `{pattern}`"), format!("had to match `{pattern}` before"))
        }
        Difference::Format(format) => {
            let format = format.name();
            words(
                format!("must now have the format `{format}`"),
                format!("had to have the format `{format}` before"),
            )
        }
        Difference::Below(..)
        | Difference::Above(..)
        | Difference::Multiple(_)
        | Difference::Double
        | Difference::Single => of_number(difference),
        _ => of_field(difference, spot, data),
    }
}

fn of_kind(spot: &Spot<'_>) -> Words {
    let (source, target) = (spot.source.resolved(), spot.target.resolved());
    let (a, b) = (name(&source), name(&target));
    if matches!(source.kind, Kind::Any | Kind::Named(_)) || matches!(target.kind, Kind::Named(_)) {
        return words(
            format!("could be anything before, and must now be {b}"),
            format!("can be anything now, and had to be {b} before"),
        );
    }
    words(format!("was {a}, and is now {b}"), format!("was {b}, and is now {a}"))
}

fn of_number(difference: &Difference<'_>) -> Words {
    match difference {
        Difference::Below(min, exclusive) => {
            let least = if *exclusive { "greater than" } else { "at least" };
            words(
                format!("could be less before, and must now be {least} {min}"),
                format!("can be less now, and had to be {least} {min} before"),
            )
        }
        Difference::Above(max, exclusive) => {
            let most = if *exclusive { "less than" } else { "at most" };
            words(
                format!("could be greater before, and must now be {most} {max}"),
                format!("can be greater now, and had to be {most} {max} before"),
            )
        }
        Difference::Multiple(unit) => words(
            format!("must now be a multiple of {unit}"),
            format!("had to be a multiple of {unit} before"),
        ),
        Difference::Double => words(
            "was a 64-bit integer, and is now a double, which cannot hold all of those",
            "is now a 64-bit integer, and was a double, which cannot hold all of those",
        ),
        _ => words(
            "is now a number of single precision, which does not hold all that it could be",
            "was a number of single precision, which does not hold all that it can be now",
        ),
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Characters => "characters",
        Unit::Octets => "bytes",
        Unit::Items => "items",
        Unit::Entries => "entries",
        Unit::Fields => "fields",
    }
}

fn of_field(difference: &Difference<'_>, spot: &Spot<'_>, data: &str) -> Words {
    match difference {
        Difference::Choice(choice) => {
            let fields = choice.fields.join("`, `");
            words(
                format!("may now have only one of `{fields}`"),
                format!("could have only one of `{fields}` before"),
            )
        }
        Difference::Required { is_listed: true, .. } => {
            words("could be absent before, and is now required", "can be absent now, and was required before")
        }
        Difference::Required { .. } => words(
            format!("is now required, and {data} may lack it"),
            format!("was required, and {data} may lack it"),
        ),
        Difference::Removed(_) => words(
            "was a field of the contract, and no longer is",
            "is a new field, and the old contract allows no others",
        ),
        Difference::Claimed => {
            let name = name(spot.target);
            words(
                format!("is now {name}, but {data} may hold anything there, since other fields were allowed"),
                format!("was {name}, but {data} may hold anything there, since other fields are allowed"),
            )
        }
        Difference::Closed => words(
            "could have other fields before, and no longer can",
            "can have other fields now, and could not before",
        ),
        Difference::Names(Some(names)) => {
            let patterns: Vec<&str> = names.patterns.iter().map(|(pattern, _)| pattern.as_str()).collect();
            let names = patterns.join("`, `");
            words(
                format!("must now have names that match `{names}`"),
                format!("had to have names that match `{names}` before"),
            )
        }
        Difference::Default(_, written, read) => {
            let said = |default: &Option<&Value>| default.map_or("no value".to_owned(), ToString::to_string);
            let (written, read) = (said(written), said(read));
            words(
                format!("may be absent in {data}, which meant {written} before and means {read} now"),
                format!("may be absent in {data}, which means {written} now and meant {read} before"),
            )
        }
        _ => words(
            "could have other names before, and no longer can",
            "can have other names now, and could not before",
        ),
    }
}

pub(super) fn name(shape: &Shape) -> String {
    shape.clone().non_null().name()
}
