//! What is said of a reference that leads nowhere.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::contract::{BAD_CONTRACT, UNSUPPORTED_KEYWORD},
};

use super::{address::meant, resources::Lost};

impl Lost<'_> {
    /// The report of a reference at `value` that leads nowhere.
    pub(in crate::json_schema) fn report(&self, value: &Node) -> Report {
        let text = value.as_str().unwrap_or_default();
        let (message, hint) = match self {
            Self::Resource(address) if super::address::is_whole(address) => (
                format!("the reference `{text}` leads to {address}, which is not in this project"),
                format!(
                    "bring it in with `tenon contract import {address}`, or copy the definition to `$defs`"
                ),
            ),
            Self::Resource(address) => (
                format!("the reference `{text}` leads to `{address}`, which is not a file of this project"),
                "correct the path, which starts at the folder of this file".to_owned(),
            ),
            Self::Anchor => (
                format!("the reference `{text}` names no anchor of this document"),
                "refer to a definition as `#/$defs/NAME`, or name it with `$anchor`".to_owned(),
            ),
            Self::Pointer(start, pointer) => (
                format!("the reference `{text}` points to nothing"),
                match meant(start, pointer) {
                    Some(guess) => format!("write `#{guess}`"),
                    None => "define it in `$defs`".to_owned(),
                },
            ),
        };
        let code = if matches!(self, Self::Resource(_)) { &UNSUPPORTED_KEYWORD } else { &BAD_CONTRACT };
        Report::new(code, message).at(value.place()).hint(hint)
    }
}
