//! Types as they are called: in messages to people, and as CEL writes them.

use tenon_model::Kind;

use super::{Ty, View, joined};

impl Ty {
    /// A short name for messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Enum(values) if values.len() == 1 && matches!(self.view(), View::Text) => {
                    if self.may_be_null() { "text or null".to_owned() } else { "text".to_owned() }
                }
                _ if matches!(self.view(), View::Nothing) => "nothing".to_owned(),
                _ => shape.name(),
            },
            Self::Uint => "unsigned integer".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Type => "type".to_owned(),
            Self::Address => "network address".to_owned(),
            Self::Block => "block of network addresses".to_owned(),
            Self::Message(name) | Self::Enum(name) => name.to_string(),
            Self::Nothing => "nothing".to_owned(),
            Self::List(item) => format!("list of {}", item.name()),
            Self::Map(key, value) => format!("map of {} to {}", key.name(), value.name()),
            Self::Optional(inner) => format!("optional {}", inner.name()),
        }
    }

    /// As CEL writes it: `list(int)`. What is known beyond CEL's types is left out.
    pub(crate) fn cel_name(&self) -> String {
        let is_wrapped = !self.is_dyn() && *self != Self::Null && self.may_be_null();
        let name = self.plain_name();
        let is_scalar = matches!(name.as_str(), "bool" | "int" | "uint" | "double" | "string" | "bytes");
        if is_wrapped && is_scalar { format!("wrapper({name})") } else { name }
    }

    fn plain_name(&self) -> String {
        match self.view() {
            View::Dyn | View::Nothing | View::Union(_) => "dyn".to_owned(),
            View::Message(name) | View::Enum(name) => name.to_string(),
            View::List(item) => format!("list({})", item.cel_name()),
            View::Map(key, value) => format!("map({}, {})", key.cel_name(), value.cel_name()),
            View::Record(record) => {
                let fields = record.fields().iter().map(|field| Self::Data(field.shape.clone()));
                let value = fields.fold(Self::Nothing, |before, ty| joined(&before, &ty));
                format!("map(string, {})", value.cel_name())
            }
            View::Optional(inner) => format!("optional_type({})", inner.cel_name()),
            view => super::narrow::type_of(&view).unwrap_or("dyn").to_owned(),
        }
    }
}
