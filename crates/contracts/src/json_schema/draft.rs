//! The drafts of JSON Schema, and where they differ.

use tenon_document::Node;

/// A draft of JSON Schema, in order of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Draft3,
    Draft4,
    /// The Schema Object of OpenAPI 2.0 and 3.0, which is a subset of draft-05 with keywords of its own.
    OpenApi30,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

/// The drafts by the ends of their addresses.
const DRAFTS: &[(&str, Draft)] = &[
    ("draft/2020-12/schema", Draft::Draft2020),
    ("draft/2019-09/schema", Draft::Draft2019),
    ("draft-07/schema", Draft::Draft7),
    ("draft-06/schema", Draft::Draft6),
    ("draft-04/schema", Draft::Draft4),
    ("draft-03/schema", Draft::Draft3),
];

/// Whether schemas of the dialect with this address can be read.
pub(crate) fn is_dialect(address: &str) -> bool {
    Draft::named(address).is_some_and(|draft| draft != Draft::Draft3)
}

impl Draft {
    /// The draft that `root` names; the newest if it names none.
    pub(super) fn of(root: &Node) -> Self {
        root.get("$schema").and_then(Node::as_str).and_then(Self::named).unwrap_or(Self::Draft2020)
    }

    /// The draft that `root` names, if it names a known one.
    pub(super) fn named_by(root: &Node) -> Option<Self> {
        root.get("$schema").and_then(Node::as_str).and_then(Self::named)
    }

    /// The draft whose metaschema has this address.
    pub(super) fn named(address: &str) -> Option<Self> {
        let address = address.trim_end_matches('#');
        if matches!(address, "http://json-schema.org/schema" | "https://json-schema.org/schema") {
            return Some(Self::Draft2020);
        }
        // The dialects of OpenAPI 3.1 and later are 2020-12 with a vocabulary of annotations.
        if address.starts_with("https://spec.openapis.org/oas/3.") && address.contains("/dialect/") {
            return Some(Self::Draft2020);
        }
        DRAFTS.iter().find(|(end, _)| address.ends_with(end)).map(|(_, draft)| *draft)
    }

    /// Whether what stands beside a `$ref` counts (2019-09 section 8.2.3.1). Before, it is ignored.
    pub(super) fn has_ref_siblings(self) -> bool {
        self >= Self::Draft2019
    }

    /// The keyword that gives a schema an address of its own.
    pub(super) fn id_keyword(self) -> &'static str {
        if self <= Self::Draft4 { "id" } else { "$id" }
    }
}
