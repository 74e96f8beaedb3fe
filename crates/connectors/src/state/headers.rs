//! The stored form of headers: JSON, as `[["contract", "order@1"], ...]`.

use tenon_model::Headers;

pub(super) fn store(headers: &Headers) -> String {
    let pairs: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    serde_json::json!(pairs).to_string()
}

/// `None` if it was not written by [`store`].
pub(super) fn load(text: &str) -> Option<Headers> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).ok()?;
    let mut headers = Headers::new();
    pairs.into_iter().for_each(|(name, value)| headers.set(name, value));
    Some(headers)
}
