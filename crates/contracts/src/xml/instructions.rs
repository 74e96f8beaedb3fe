//! The declaration that a document may begin with, and processing instructions, which look like it.

use super::{
    attributes::{self, Raw},
    characters::{is_name, is_space},
};

/// The longest declaration: as far as it is looked for what encoding it declares.
const DECLARATION: usize = crate::charset::DECLARATION;

/// What is wrong with the instruction that has this `content` between `<?` and `?>`, if anything is; `is_first` says that nothing
/// comes before it.
#[must_use]
pub fn wrong_instruction(content: &str, is_first: bool) -> Option<String> {
    let target = &content[..content.find(is_space).unwrap_or(content.len())];
    match target {
        "xml" if is_first => wrong_declaration(content),
        "xml" => Some("the declaration `<?xml` is only allowed at the very start".to_owned()),
        other if other.eq_ignore_ascii_case("xml") => {
            Some(format!("`<?{other}` is reserved: the declaration is written `<?xml`"))
        }
        other if !is_name(other) => Some(format!("{other:?} is not a valid name of an instruction")),
        _ => None,
    }
}

/// The declaration (XML 1.0, section 2.8) has a version, and may have an encoding and then `standalone`. The fifth edition would read
/// any version 1.x as 1.0. But 1.1 has other characters and line breaks, which would then be changed without a word, and there is
/// no other one.
fn wrong_declaration(content: &str) -> Option<String> {
    if content.len() > DECLARATION {
        return Some(format!("the declaration has more than {DECLARATION} bytes"));
    }
    let found = match attributes::raw(&content["xml".len()..], 0, 3) {
        Ok(found) => found,
        Err((_, message)) => return Some(format!("the declaration is not well-formed: {message}")),
    };
    let names: Vec<&str> = found.iter().map(|it| it.name).collect();
    let is_in_order = matches!(
        *names,
        ["version"]
            | ["version", "encoding"]
            | ["version", "standalone"]
            | ["version", "encoding", "standalone"]
    );
    if !is_in_order {
        let message = "the declaration has a `version`, then perhaps an `encoding`, then perhaps `standalone`, and nothing else";
        return Some(message.to_owned());
    }
    found.iter().find_map(|Raw { name, value, .. }| match *name {
        "version" if value != "1.0" => {
            Some(format!("the document is in version {value:?} of XML, and only 1.0 is read"))
        }
        "encoding" if !is_encoding(value) => Some(format!("{value:?} is not a valid name of an encoding")),
        "standalone" if !matches!(&**value, "yes" | "no") => {
            Some(format!("`standalone` is {value:?}, and may be `yes` or `no`"))
        }
        _ => None,
    })
}

/// `EncName` (production 81).
fn is_encoding(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}
