//! Whether a failure is of the kind that a test wants. cel-spec names kinds by words that each implementation has its own form of;
//! Tenon's are told by the codes of reports and by their words.

use tenon_errors::Report;

/// A kind of failure.
struct Kind {
    /// Words of what tests want, one of which is in it.
    wanted: &'static [&'static str],
    /// Codes of refusals that are of this kind.
    codes: &'static [&'static str],
    /// Words of failures of this kind.
    words: &'static [&'static str],
}

/// The first whose words a test uses counts.
const KINDS: &[Kind] = &[
    Kind { wanted: &["by zero"], codes: &[], words: &["divides by zero"] },
    Kind {
        wanted: &["index out of range", "substring range", "invalid_argument"],
        codes: &[],
        words: &[
            "position",
            "outside",
            "beyond",
            "no character",
            "no item",
            "before its start",
            "`[]` does not take",
        ],
    },
    Kind { wanted: &["index 2 out of range"], codes: &[], words: &["more clauses than values"] },
    Kind {
        wanted: &["overflow", "range"],
        codes: &[],
        words: &["overflows", "outside", "beyond the range", "is not an", "is not a"],
    },
    Kind { wanted: &["negative offset"], codes: &[], words: &["cannot be shifted by -"] },
    Kind { wanted: &["repeated key"], codes: &[], words: &["appears twice"] },
    Kind { wanted: &["key type"], codes: &["M0005"], words: &["cannot be a key", "does not take the key"] },
    Kind { wanted: &["UTF-8"], codes: &[], words: &["not UTF-8"] },
    Kind {
        wanted: &["no such key"],
        codes: &["M0003"],
        words: &["there is no key", "there is no field", "has no field"],
    },
    Kind { wanted: &["no_such_field"], codes: &["M0003"], words: &["has no field"] },
    Kind { wanted: &["undeclared reference", "unknown variable"], codes: &["M0002"], words: &[] },
    Kind { wanted: &["unbound function"], codes: &["M0004"], words: &[] },
    Kind {
        wanted: &["clause can only be used", "can be formatted as"],
        codes: &[],
        words: &["does not take"],
    },
    Kind { wanted: &["unrecognized formatting clause"], codes: &[], words: &["is not a clause"] },
    Kind { wanted: &["zone value"], codes: &[], words: &["has a zone"] },
    Kind { wanted: &["IPv4-mapped"], codes: &[], words: &["an IPv4 address within"] },
    Kind {
        wanted: &["parse error"],
        codes: &[],
        words: &["is not a valid IP address", "is not a block of IP addresses"],
    },
    Kind { wanted: &["conversion", "invalid"], codes: &[], words: &["is not a", "no conversion"] },
    // cel-spec names the operator that does not take the failure of an operand; here that failure itself is named.
    Kind {
        wanted: &["no matching overload"],
        codes: &["M0005"],
        words: &["does not take", "divides by zero"],
    },
    Kind {
        wanted: &["overload", "unsupported field type", "does not support field selection"],
        codes: &["M0005"],
        words: &[
            "does not take",
            "has no field",
            "there is no field",
            "have types that do not match",
            "needs",
        ],
    },
    // The test of the plumbing wants any failure, of which it has its own name.
    Kind { wanted: &["foo"], codes: &[], words: &["divides by zero"] },
];

/// Whether `report` is a failure of the kind that `wanted` names.
pub(super) fn is(wanted: &str, report: &Report) -> bool {
    let kind = KINDS.iter().find(|kind| kind.wanted.iter().any(|words| wanted.contains(words)));
    let Some(kind) = kind else { return false };
    kind.codes.contains(&report.code().id) || kind.words.iter().any(|words| report.message().contains(words))
}
