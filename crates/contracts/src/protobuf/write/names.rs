//! Names as Protobuf allows them, each once.

use std::collections::HashSet;

/// Names that are taken.
#[derive(Default)]
pub(super) struct NameSet(HashSet<String>);

impl NameSet {
    /// `name`, or with a number behind it where it is taken.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut taken = name.to_owned();
        let mut count = 2;
        while !self.0.insert(taken.clone()) {
            taken = format!("{name}{count}");
            count += 1;
        }
        taken
    }
}

/// Whether Protobuf allows it as a name.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// `order-line` as `order_line`: what is no letter and no digit becomes `_`.
pub(super) fn identifier(name: &str) -> String {
    if is_identifier(name) {
        return name.to_owned();
    }
    let plain: String = name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
    if is_identifier(&plain) { plain } else { format!("_{plain}") }
}

/// `shop.order-line` as `OrderLine`.
pub(super) fn pascal(name: &str) -> String {
    let last = name.rsplit(['.', ':', '/', '}']).next().unwrap_or(name);
    let mut made = String::new();
    for part in identifier(last).split('_') {
        let mut letters = part.chars();
        made.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        made.push_str(letters.as_str());
    }
    if is_identifier(&made) { made } else { format!("Message{made}") }
}
