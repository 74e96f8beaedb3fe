//! Names as Protobuf allows them, each once.

use std::collections::HashSet;

use crate::protobuf::read::lower_camel;

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

/// What the fields of a message have that is theirs alone: names, names in JSON, and numbers.
#[derive(Default)]
pub(super) struct Members {
    pub(super) names: NameSet,
    /// What they are called in JSON, or may be: the names that they have in the contract.
    in_json: HashSet<String>,
    number: u32,
}

/// Numbers that Protobuf keeps for itself.
const OWN: std::ops::RangeInclusive<u32> = 19_000..=19_999;

impl Members {
    /// Of a message for fields of these names.
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self { in_json: names.map(str::to_owned).collect(), ..Self::default() }
    }

    /// The next number.
    pub(super) fn number(&mut self) -> u32 {
        self.number = if self.number + 1 == *OWN.start() { OWN.end() + 1 } else { self.number + 1 };
        self.number
    }

    /// Whether the field `wanted`, which is called `name`, has to be told its name in JSON: the usual one is another, or is that
    /// of another field.
    pub(super) fn is_told_json_name(&mut self, wanted: &str, name: &str) -> bool {
        let usual = lower_camel(name);
        usual != wanted && (name != wanted || !self.in_json.insert(usual))
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
