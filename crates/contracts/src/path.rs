//! How people write where something stands in a type: `lines[].price`, `prices.*`; the whole is empty.

/// The field `name` of what is at `path`.
pub(crate) fn field(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The entries of the map at `path`, or the fields that its record does not list.
pub(crate) fn entry(path: &str) -> String {
    field(path, "*")
}

/// The items of the list at `path`.
pub(crate) fn item(path: &str) -> String {
    format!("{path}[]")
}
