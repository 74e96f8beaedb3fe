//! How values are written in paths, query strings, headers and cookies: the styles of OpenAPI (3.2.0, Parameter Object, Style Values), which
//! are expansions of URI templates (RFC 6570) where those have them.

mod escape;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use self::write::text_of;
pub use self::{read::StyleDecoder, write::encode};

/// A style with what is set about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Style {
    /// Which one.
    pub form: Form,
    /// Whether the items of lists and the fields of objects are written each for itself.
    pub explode: bool,
    /// Whether characters with a meaning in addresses are written as they are (RFC 3986, reserved).
    pub allow_reserved: bool,
}

/// The styles. The names are those of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of OpenAPI")]
pub enum Form {
    Matrix,
    Label,
    Simple,
    Form,
    SpaceDelimited,
    PipeDelimited,
    /// The `tsv` of OpenAPI 2.0.
    TabDelimited,
    DeepObject,
    /// As a cookie, where nothing is escaped (3.2).
    Cookie,
}

impl Form {
    /// Every style by the name that OpenAPI 3 has for it.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("matrix", Self::Matrix),
        ("label", Self::Label),
        ("simple", Self::Simple),
        ("form", Self::Form),
        ("spaceDelimited", Self::SpaceDelimited),
        ("pipeDelimited", Self::PipeDelimited),
        ("deepObject", Self::DeepObject),
        ("cookie", Self::Cookie),
    ];

    /// The style of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, form)| *form)
    }

    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, form)| *form == self).map_or("tabDelimited", |(name, _)| name)
    }

    /// What stands between the items of a list that is not exploded, as it is in an address.
    fn separator(self) -> &'static str {
        match self {
            Self::SpaceDelimited => "%20",
            Self::PipeDelimited => "%7C",
            Self::TabDelimited => "%09",
            _ => ",",
        }
    }
}
