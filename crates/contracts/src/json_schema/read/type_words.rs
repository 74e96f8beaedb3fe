//! What databases and programming languages call a type, and what JSON Schema calls it.

use tenon_errors::nearest;

use super::types::TYPES;

/// What a type is called elsewhere, in lower case, and what is written for it.
const WORDS: &[(&str, &str)] = &[
    ("any", ""),
    ("array", "array"),
    ("arraylist", "array"),
    ("bigint", "integer"),
    ("binary", BYTES),
    ("bit", "boolean"),
    ("blob", BYTES),
    ("bool", "boolean"),
    ("byte", "integer"),
    ("bytea", BYTES),
    ("bytes", BYTES),
    ("char", "string"),
    ("character varying", "string"),
    ("currency", DECIMAL),
    ("date", "\"type\": \"string\", \"format\": \"date\""),
    ("date-time", TIMESTAMP),
    ("datetime", TIMESTAMP),
    ("dec", DECIMAL),
    ("decimal", DECIMAL),
    ("dict", "object"),
    ("dictionary", "object"),
    ("double", "number"),
    ("double precision", "number"),
    ("duration", "\"type\": \"string\", \"format\": \"duration\""),
    ("dynamic", ""),
    ("email", "\"type\": \"string\", \"format\": \"email\""),
    ("enum", "\"enum\": [\"...\"]"),
    ("float", "number"),
    ("guid", UUID),
    ("hash", "object"),
    ("instant", TIMESTAMP),
    ("int", "integer"),
    ("interval", PERIOD),
    ("json", ""),
    ("jsonb", ""),
    ("list", "array"),
    ("localdate", "\"type\": \"string\", \"format\": \"date\""),
    ("localdatetime", LOCAL),
    ("long", "integer"),
    ("map", "object"),
    ("mixed", ""),
    ("money", DECIMAL),
    ("nil", "null"),
    ("none", "null"),
    ("numeric", DECIMAL),
    ("nvarchar", "string"),
    ("obj", "object"),
    ("period", PERIOD),
    ("real", "number"),
    ("record", "object"),
    ("sequence", "array"),
    ("serial", "integer"),
    ("set", "\"type\": \"array\", \"uniqueItems\": true"),
    ("short", "integer"),
    ("smallint", "integer"),
    ("str", "string"),
    ("struct", "object"),
    ("text", "string"),
    ("time", "\"type\": \"string\", \"format\": \"time\""),
    ("timestamp", TIMESTAMP),
    ("timestamp without time zone", LOCAL),
    ("timestamptz", TIMESTAMP),
    ("tinyint", "integer"),
    ("tuple", "array"),
    ("undefined", "null"),
    ("unknown", ""),
    ("uri", URI),
    ("url", URI),
    ("uuid", UUID),
    ("varchar", "string"),
    ("void", "null"),
];

const BYTES: &str = "\"type\": \"string\", \"contentEncoding\": \"base64\"";
const DECIMAL: &str = "\"type\": \"number\", \"format\": \"decimal\"";
const LOCAL: &str = "\"type\": \"string\", \"format\": \"date-time-local\"";
const PERIOD: &str = "\"type\": \"string\", \"format\": \"period\"";
const TIMESTAMP: &str = "\"type\": \"string\", \"format\": \"date-time\"";
const URI: &str = "\"type\": \"string\", \"format\": \"uri\"";
const UUID: &str = "\"type\": \"string\", \"format\": \"uuid\"";

/// What to write for a type that there is not.
pub(super) fn hint(name: &str) -> String {
    if let Some(item) = item_of(name) {
        let item = written(item).unwrap_or_else(|| "\"type\": \"...\"".to_owned());
        return format!("write `\"type\": \"array\", \"items\": {{ {item} }}`");
    }
    if let Some(nullable) = name.trim().strip_suffix('?') {
        let known = known(nullable.trim()).unwrap_or("string");
        return format!("write `\"type\": [\"{known}\", \"null\"]`");
    }
    // `varchar(20)`, `decimal(10, 2)`
    let bare = name.split('(').next().unwrap_or_default().trim();
    match known(bare) {
        Some("") => "leave out `type`: a schema without it takes any value".to_owned(),
        Some(meant) => format!("write `{meant}`"),
        None => {
            let all: Vec<_> = TYPES.iter().map(|(known, ..)| *known).collect();
            match nearest(name, all.iter().copied()) {
                Some(meant) => format!("write `{meant}`"),
                None => format!("write one of `{}`", all.join("`, `")),
            }
        }
    }
}

/// What is written for what a type is called elsewhere; nothing for any value at all.
fn known(name: &str) -> Option<&'static str> {
    let folded = name.to_lowercase();
    let own = TYPES.iter().map(|(known, ..)| *known).find(|known| *known == folded);
    let sized = || {
        let digits = folded.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match &folded[..folded.len() - digits.len()] {
            "int" | "uint" | "i" | "u" if is_number => Some("integer"),
            "float" | "f" if is_number => Some("number"),
            _ => None,
        }
    };
    own.or_else(|| WORDS.iter().find(|(word, _)| *word == folded).map(|(_, meant)| *meant)).or_else(sized)
}

/// A whole schema of one type.
fn written(name: &str) -> Option<String> {
    let meant = known(name)?;
    Some(match meant {
        "" => String::new(),
        keys if keys.starts_with('"') => keys.to_owned(),
        word => format!("\"type\": \"{word}\""),
    })
}

/// The item of `array of string`, `list<string>`, `string[]` and the like.
fn item_of(name: &str) -> Option<&str> {
    let name = name.trim();
    if let Some(item) = name.strip_suffix("[]").or_else(|| name.strip_prefix("[]")) {
        return Some(item.trim());
    }
    let (list, rest) = name.split_once([' ', '<', '[', '('])?;
    if !matches!(list.to_lowercase().as_str(), "array" | "list" | "sequence" | "set") {
        return None;
    }
    let item = rest.trim().trim_end_matches(['>', ']', ')']);
    Some(item.strip_prefix("of ").unwrap_or(item).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_listed_once_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0), "{WORDS:?}");
    }

    #[test]
    fn a_type_of_another_language_is_answered_with_the_one_of_json_schema() {
        let check = |name: &str, expected: &str| assert_eq!(hint(name), expected, "{name}");
        check("int", "write `integer`");
        check("INT", "write `integer`");
        check("long", "write `integer`");
        check("int64", "write `integer`");
        check("str", "write `string`");
        check("String", "write `string`");
        check("varchar(20)", "write `string`");
        check("bool", "write `boolean`");
        check("float", "write `number`");
        check("Float64", "write `number`");
        check("double", "write `number`");
        check("date", "write `\"type\": \"string\", \"format\": \"date\"`");
        check("datetime", "write `\"type\": \"string\", \"format\": \"date-time\"`");
        check("decimal(10, 2)", "write `\"type\": \"number\", \"format\": \"decimal\"`");
        check("list", "write `array`");
        check("array of string", "write `\"type\": \"array\", \"items\": { \"type\": \"string\" }`");
        check("list<int>", "write `\"type\": \"array\", \"items\": { \"type\": \"integer\" }`");
        check(
            "uuid[]",
            "write `\"type\": \"array\", \"items\": { \"type\": \"string\", \"format\": \"uuid\" }`",
        );
        check("string?", "write `\"type\": [\"string\", \"null\"]`");
        check("any", "leave out `type`: a schema without it takes any value");
        check("numbr", "write `number`");
        check("colour", "write one of `null`, `boolean`, `integer`, `number`, `string`, `array`, `object`");
    }
}
