//! Types with null and without it.

use super::Ty;

impl Ty {
    /// Whether a contract says that it may be null.
    pub(crate) fn may_be_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Data(shape) => !shape.is_open() && shape.allows_null(),
            _ => false,
        }
    }

    /// The same type without null.
    pub(crate) fn non_null(&self) -> Self {
        match self {
            Self::Data(shape) if shape.is_open() => self.clone(),
            Self::Data(shape) => Self::Data(shape.without_null()),
            other => other.clone(),
        }
    }

    /// The same type, or null.
    pub(crate) fn or_null(&self) -> Self {
        match self {
            Self::Data(shape) => Self::Data(shape.clone().nullable()),
            Self::Nothing => Self::Null,
            Self::Uint | Self::List(_) => Self::Data(self.to_shape().nullable()),
            Self::Null => Self::Null,
            // A message that is not there is null without being declared so.
            Self::Message(_) => self.clone(),
            _ => Self::DYN,
        }
    }
}
