//! The keywords of one schema: which cannot be enforced, and which assert nothing.

use tenon_document::Node;
use tenon_errors::nearest;

use super::{
    Dialect, Reader, embedded, number, text,
    together::address,
    types::{self, TYPES, Types},
};
use crate::json_schema::keywords::{self, Group};

/// What is said of `required` as a flag of the field itself, as draft 3 has it.
pub(super) const REQUIRED_FLAG: &str = "`required` is true or false here, so it has no effect";
pub(super) const REQUIRED_HINT: &str =
    "list the name of the field in `required` of the object around it, such as `\"required\": [\"id\"]`";

/// Whether the keyword says something about values.
pub(super) fn asserts(name: &str) -> bool {
    name != "nullable" && !matches!(keywords::group(name), None | Some(Group::Annotation | Group::Top))
}

/// The types that the `format` says something about.
pub(super) fn format_types(value: &Node) -> Types {
    let name = value.as_str().unwrap_or_default();
    let of_text = if text::formats().any(|known| known == name) { Types::TEXT } else { Types::NONE };
    let of_number = if number::is_format(name) { Types::NUMBER } else { Types::NONE };
    of_text.or(of_number)
}

impl<'d> Reader<'d> {
    /// Reports keywords that cannot be enforced, and notes those that assert nothing. Once for each schema.
    pub(super) fn check_keywords(&mut self, node: &'d Node) {
        if !self.checked.insert(address(node)) {
            return;
        }
        let is_ignored = node.get("$ref").is_some() && !self.draft(node).has_ref_siblings();
        for (key, value) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            match keywords::group(name) {
                None if self.is_known_beside(node, name) => {}
                None => self.unknown_keyword(key, name),
                Some(Group::Annotation | Group::Top) => {}
                Some(_) if is_ignored && name != "$ref" => {
                    let message = format!(
                        "`{name}` is used beside `$ref`, where the draft of this contract ignores it"
                    );
                    let hint = match self.is_embedded() {
                        true => "write the reference in an `allOf`, and this beside it",
                        false => {
                            "name the draft https://json-schema.org/draft/2020-12/schema, where it counts"
                        }
                    };
                    self.notes.add(key, message, hint);
                }
                Some(Group::Whole) if says_nothing(node, name, value) => {
                    self.notes.add(key, format!("`{name}` asserts nothing here"), "remove it");
                }
                Some(Group::Whole) => {}
                Some(Group::Format) => self.check_format(node, value),
                Some(_)
                    if name == "contentEncoding"
                        && value.as_str().is_some_and(|encoding| encoding != "base64") =>
                {
                    let message =
                        format!("the encoding `{}` asserts nothing", value.as_str().unwrap_or_default());
                    self.notes.add(value, message, "write `base64`, which is enforced");
                }
                Some(_) => {}
            }
        }
        if !is_ignored {
            self.check_applicable(node);
        }
        self.check_draft(node);
        self.check_annotations(node);
    }

    /// Whether the schema has keywords that no shape can say.
    pub(super) fn has_residue(&self, node: &'d Node) -> bool {
        if node.get("$ref").is_some() && !self.draft(node).has_ref_siblings() {
            return false;
        }
        node.entries().unwrap_or_default().iter().any(|(key, value)| {
            let name = key.as_str().unwrap_or_default();
            keywords::group(name) == Some(Group::Whole) && !says_nothing(node, name, value)
        })
    }

    /// Whether the keyword is one of the description around the schema.
    fn is_known_beside(&self, node: &Node, name: &str) -> bool {
        let is_parameter = || self.parameters.contains(&address(node));
        self.is_embedded()
            && (keywords::OF_DESCRIPTIONS.contains(&name)
                || (is_parameter() && embedded::OF_PARAMETERS.contains(&name))
                || (self.dialect == Dialect::OpenApi20 && name == "collectionFormat"))
    }

    fn unknown_keyword(&mut self, key: &Node, name: &str) {
        let guess = nearest(name, keywords::ALL.iter().map(|keyword| keyword.name));
        let hint = match guess {
            Some(guess) => format!("write `{guess}`"),
            None => format!("remove it, or write `x-{name}` if it is a note of your own"),
        };
        let dialect = self.dialect.name();
        self.notes.add(key, format!("{dialect} has no keyword `{name}`, so it has no effect"), hint);
    }

    /// A format that is unknown asserts nothing, as the standard says, and neither does one of another type.
    fn check_format(&mut self, node: &'d Node, value: &'d Node) {
        let Some(name) = value.as_str() else { return self.wrong_kind(value, "format", "text") };
        // OpenAPI's formats for what no text of JSON is restricted by: they are for those who show or send it.
        if self.is_embedded() && matches!(name, "binary" | "password") {
            return;
        }
        let about = format_types(value);
        if about == Types::NONE {
            let known = text::formats().chain(number::formats());
            let hint = match nearest(name, known) {
                Some(guess) => format!("write `{guess}`"),
                None if matches!(name, "json" | "csv" | "xml" | "yaml") => {
                    "remove it: how messages are encoded is set where they come from, not in their contract"
                        .to_owned()
                }
                None => "say the same with `pattern`, or remove the format".to_owned(),
            };
            return self.notes.add(
                value,
                format!("the format `{name}` is not known, so it has no effect"),
                hint,
            );
        }
        if let Some(types) = self.types_of(node).filter(|types| !types.meets(about)) {
            let message = format!("the format `{name}` has no effect on {}", names(types));
            self.notes.add(value, message, "remove the format, or correct the type");
        }
    }

    /// Notes keywords that say nothing about the types of the schema, or that let every other type pass.
    fn check_applicable(&mut self, node: &'d Node) {
        let types = self.types_of(node);
        for (key, value) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            let about = keywords::group(name)
                .filter(|group| *group != Group::Format)
                .map_or(Types::NONE, types::about);
            if let Some(types) = types.filter(|types| about != Types::NONE && !types.meets(about)) {
                if name == "required" && value.as_bool().is_some() {
                    self.notes.add(value, REQUIRED_FLAG, REQUIRED_HINT);
                    continue;
                }
                let message = format!("`{name}` has no effect on {}", names(types));
                self.notes.add(key, message, format!("remove `{name}`, or correct the type"));
            }
        }
        if let Some((key, _)) = node.entry("discriminator")
            && node.get("oneOf").is_none()
            && node.get("anyOf").is_none()
        {
            self.notes.add(
                key,
                "`discriminator` is used without `oneOf`, so it has no effect",
                "add `oneOf` with the variants",
            );
        }
    }

    /// Reports annotations that are no annotations: whoever reads them would be misled.
    fn check_annotations(&mut self, node: &'d Node) {
        for key in ["title", "description"] {
            self.text(node, key);
        }
        for key in ["deprecated", "nullable"] {
            self.flag(node, key);
        }
    }
}

/// Whether a keyword that looks at whole values asserts nothing where it stands.
fn says_nothing(node: &Node, name: &str, value: &Node) -> bool {
    match name {
        "minContains" | "maxContains" => node.get("contains").is_none(),
        "unevaluatedItems" | "unevaluatedProperties" => value.as_bool() == Some(true),
        _ => false,
    }
}

/// The names of the types.
fn names(types: Types) -> String {
    let names: Vec<&str> = match types.and(Types::NUMBER) == Types::NUMBER {
        true => TYPES
            .iter()
            .filter(|(name, it, _)| types.meets(*it) && *name != "integer")
            .map(|(name, ..)| *name)
            .collect(),
        false => TYPES
            .iter()
            .filter(|(name, it, _)| types.meets(*it) && *name != "number")
            .map(|(name, ..)| *name)
            .collect(),
    };
    names.join(" or ")
}
