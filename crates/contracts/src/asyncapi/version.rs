//! The versions of AsyncAPI.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::contract::UNSUPPORTED_KEYWORD};

/// A version of AsyncAPI, in order of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 2.0 to 2.6: channels with `publish` and `subscribe`.
    V2,
    /// 3.0 and 3.1: operations that send and receive.
    V3,
}

impl Version {
    /// The version that the document names.
    ///
    /// # Errors
    /// `C0002` for one that is not known.
    pub(super) fn of(root: &Node) -> Result<Self, Report> {
        let value = root.get("asyncapi").unwrap_or(root);
        let text = value.scalar_text().unwrap_or_default();
        match text.split('.').next() {
            Some("2") => Ok(Self::V2),
            Some("3") => Ok(Self::V3),
            _ => Err(Report::new(
                &UNSUPPORTED_KEYWORD,
                format!("`asyncapi` is `{text}`, which is not a supported version"),
            )
            .at(value.place())
            .hint("write the description in AsyncAPI 2.x or 3.x")),
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V2 => "AsyncAPI 2",
            Self::V3 => "AsyncAPI 3",
        }
    }
}
