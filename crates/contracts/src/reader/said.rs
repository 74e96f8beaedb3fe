//! What a message says of itself.

use tenon_model::Headers;

/// The header that names contract and version.
pub(crate) const CONTRACT: &str = "contract";
/// The header that names the media type.
pub(crate) const CONTENT_TYPE: &str = "content-type";
/// The header that names the schema in a registry (Confluent).
pub(crate) const SCHEMA_ID: &str = "__value_schema_id";

/// What a message says of itself, as far as it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said<'a> {
    /// The contract that it follows: `order@1`.
    pub contract: Option<&'a str>,
    /// The media type of its bytes.
    pub content_type: Option<&'a str>,
    /// The id of its schema in a registry.
    pub schema_id: Option<&'a str>,
}

impl<'a> Said<'a> {
    /// What the headers of a message say.
    #[must_use]
    pub fn of(headers: &'a Headers) -> Self {
        let mut said = Self::default();
        for (name, value) in headers.iter() {
            let place = match name.as_str() {
                CONTRACT => &mut said.contract,
                CONTENT_TYPE => &mut said.content_type,
                SCHEMA_ID => &mut said.schema_id,
                _ => continue,
            };
            place.get_or_insert(value.as_str());
        }
        said
    }
}
