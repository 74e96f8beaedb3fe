//! The versions of OpenAPI, and where they differ.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::contract::UNSUPPORTED_KEYWORD};

use crate::json_schema::Dialect;

/// A version of OpenAPI, in order of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the versions")]
pub enum Version {
    V2_0,
    V3_0,
    V3_1,
    V3_2,
}

impl Version {
    /// The version that the document names.
    ///
    /// # Errors
    /// `C0002` for one that is not known.
    pub(super) fn of(root: &Node) -> Result<Self, Report> {
        let (key, value) = match (root.entry("openapi"), root.entry("swagger")) {
            (Some((_, value)), _) => ("openapi", value),
            (None, Some((_, value))) => ("swagger", value),
            (None, None) => {
                let message = "the document has neither `openapi` nor `swagger`";
                return Err(Report::new(&UNSUPPORTED_KEYWORD, message)
                    .at(root.place())
                    .hint("add `openapi: 3.1.1` at the top"));
            }
        };
        // Without quotes, YAML reads the version of 2.0 as a number.
        let text = value.scalar_text().unwrap_or_default();
        let is = |prefix: &str| text == prefix || text.starts_with(&format!("{prefix}."));
        let found = match key {
            "swagger" if is("2.0") => Some(Self::V2_0),
            "openapi" if is("3.0") => Some(Self::V3_0),
            "openapi" if is("3.1") => Some(Self::V3_1),
            "openapi" if is("3.2") => Some(Self::V3_2),
            _ => None,
        };
        found.ok_or_else(|| {
            let message = format!("`{key}` is `{text}`, which is not a supported version");
            Report::new(&UNSUPPORTED_KEYWORD, message)
                .at(value.place())
                .hint("write the description in OpenAPI 2.0, 3.0, 3.1 or 3.2")
        })
    }

    /// What it is called: `OpenAPI 3.1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V2_0 => "OpenAPI 2.0",
            Self::V3_0 => "OpenAPI 3.0",
            Self::V3_1 => "OpenAPI 3.1",
            Self::V3_2 => "OpenAPI 3.2",
        }
    }

    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::V2_0 => Dialect::OpenApi20,
            Self::V3_0 => Dialect::OpenApi30,
            Self::V3_1 | Self::V3_2 => Dialect::OpenApi31,
        }
    }

    /// The object that holds the schemas with names, from the top.
    pub(super) fn schemas_at(self) -> &'static [&'static str] {
        if self == Self::V2_0 { &["definitions"] } else { &["components", "schemas"] }
    }
}
