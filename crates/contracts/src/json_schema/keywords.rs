//! The keywords of JSON Schema, and what is done with each.

/// What a keyword is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Says something to people; accepted everywhere.
    Annotation,
    /// Decides what the schema is: `type`, `$ref`, `enum`.
    Core,
    /// Bounds numbers.
    Number,
    /// Bounds text.
    Text,
    /// `format`, which bounds text and a few numbers.
    Format,
    /// Bounds lists.
    List,
    /// Bounds objects.
    Object,
    /// Names the schema, or holds others that are referred to.
    Top,
    /// Says something that only a look at the whole value decides.
    Whole,
}

/// A keyword and what it is about.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// As written.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
}

impl Group {
    /// Every group, in the order of the reference.
    pub const ALL: &[Self] = &[
        Self::Core,
        Self::Object,
        Self::List,
        Self::Text,
        Self::Number,
        Self::Format,
        Self::Annotation,
        Self::Top,
        Self::Whole,
    ];

    /// What is done with its keywords, in one sentence.
    #[must_use]
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Annotation => "Say something to people; `default` also fills in what is absent.",
            Self::Core => {
                "Decide what a value is. `nullable` (OpenAPI 3.0) allows null as well; what `not`, `if` and overlapping alternatives say beyond types is enforced on the value."
            }
            Self::Number => "Bound numbers.",
            Self::Text => "Bound text.",
            Self::Format => "Names a form of text or numbers; an unknown one asserts nothing and is noted.",
            Self::List => {
                "Bound lists. Where items differ by their position, each is enforced, and their common type is that of all of them."
            }
            Self::Object => "Bound records and maps.",
            Self::Top => "Name the schema, or hold definitions.",
            Self::Whole => "Look at the whole value: enforced on the JSON as it was sent, beside the types.",
        }
    }
}

/// A keyword that Tenon adds to JSON Schema.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// As written.
    pub name: &'static str,
    /// The values that it takes.
    pub values: &'static [&'static str],
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// Every keyword that Tenon adds. Others that start with `x-` are taken as annotations of other tools.
pub const EXTENSIONS: &[Extension] = &[Extension {
    name: "x-sensitivity",
    values: &["personal", "secret"],
    doc: "The field is about a person, or secret: its values do not appear in logs and reports.",
}];

const fn keyword(name: &'static str, group: Group) -> Keyword {
    Keyword { name, group }
}

/// Every keyword that is known, by group.
pub const ALL: &[Keyword] = &[
    keyword("title", Group::Annotation),
    keyword("description", Group::Annotation),
    keyword("default", Group::Annotation),
    keyword("examples", Group::Annotation),
    keyword("deprecated", Group::Annotation),
    keyword("readOnly", Group::Annotation),
    keyword("writeOnly", Group::Annotation),
    keyword("contentMediaType", Group::Annotation),
    keyword("contentSchema", Group::Annotation),
    keyword("$comment", Group::Annotation),
    keyword("type", Group::Core),
    keyword("enum", Group::Core),
    keyword("const", Group::Core),
    keyword("$ref", Group::Core),
    keyword("oneOf", Group::Core),
    keyword("anyOf", Group::Core),
    keyword("allOf", Group::Core),
    keyword("not", Group::Core),
    keyword("if", Group::Core),
    keyword("then", Group::Core),
    keyword("else", Group::Core),
    keyword("discriminator", Group::Core),
    keyword("nullable", Group::Core),
    keyword("minimum", Group::Number),
    keyword("maximum", Group::Number),
    keyword("exclusiveMinimum", Group::Number),
    keyword("exclusiveMaximum", Group::Number),
    keyword("multipleOf", Group::Number),
    keyword("minLength", Group::Text),
    keyword("maxLength", Group::Text),
    keyword("pattern", Group::Text),
    keyword("contentEncoding", Group::Text),
    keyword("format", Group::Format),
    keyword("items", Group::List),
    keyword("minItems", Group::List),
    keyword("maxItems", Group::List),
    keyword("uniqueItems", Group::List),
    keyword("prefixItems", Group::List),
    keyword("additionalItems", Group::List),
    keyword("properties", Group::Object),
    keyword("required", Group::Object),
    keyword("additionalProperties", Group::Object),
    keyword("minProperties", Group::Object),
    keyword("maxProperties", Group::Object),
    keyword("patternProperties", Group::Object),
    keyword("propertyNames", Group::Object),
    keyword("dependentRequired", Group::Object),
    keyword("dependentSchemas", Group::Object),
    keyword("dependencies", Group::Object),
    keyword("$schema", Group::Top),
    keyword("$id", Group::Top),
    keyword("id", Group::Top),
    keyword("$anchor", Group::Top),
    keyword("$dynamicAnchor", Group::Top),
    keyword("$vocabulary", Group::Top),
    keyword("$defs", Group::Top),
    keyword("definitions", Group::Top),
    keyword("contains", Group::Whole),
    keyword("minContains", Group::Whole),
    keyword("maxContains", Group::Whole),
    keyword("unevaluatedItems", Group::Whole),
    keyword("unevaluatedProperties", Group::Whole),
    keyword("$dynamicRef", Group::Whole),
    keyword("$recursiveRef", Group::Whole),
];

/// The keywords that OpenAPI and AsyncAPI add, which say something to people or to other formats than JSON.
pub const OF_DESCRIPTIONS: &[&str] = &["example", "externalDocs", "xml"];

/// What the keyword `name` is about; `None` if there is no such keyword. Keys that start with `x-` are annotations.
#[must_use]
pub fn group(name: &str) -> Option<Group> {
    if name.starts_with("x-") {
        return Some(Group::Annotation);
    }
    ALL.iter().find(|keyword| keyword.name == name).map(|keyword| keyword.group)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_keyword_is_listed_twice() {
        let names: BTreeSet<_> = ALL.iter().map(|keyword| keyword.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
