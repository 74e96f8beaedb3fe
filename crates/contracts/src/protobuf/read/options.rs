//! The options that Protobuf itself has (`google/protobuf/descriptor.proto`), and what they are set to.

use super::ast::Constant;

/// What an option is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    File,
    Message,
    Field,
    Oneof,
    Enum,
    Member,
    Service,
    Method,
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Message => "a message",
            Self::Field => "a field",
            Self::Oneof => "a oneof",
            Self::Enum => "an enumeration",
            Self::Member => "a member of an enumeration",
            Self::Service => "a service",
            Self::Method => "a method",
        }
    }

    /// Whether what stands there describes values.
    pub(super) fn is_of_data(self) -> bool {
        matches!(self, Self::Message | Self::Field | Self::Oneof | Self::Enum | Self::Member)
    }

    fn own(self) -> &'static [&'static str] {
        match self {
            Self::File => FILE,
            Self::Message => &[
                "message_set_wire_format",
                "no_standard_descriptor_accessor",
                "deprecated",
                "map_entry",
                "deprecated_legacy_json_field_conflicts",
            ],
            Self::Field => FIELD,
            Self::Oneof => &[],
            Self::Enum => &["allow_alias", "deprecated", "deprecated_legacy_json_field_conflicts"],
            Self::Member => &["deprecated", "debug_redact", "feature_support"],
            Self::Service => &["deprecated"],
            Self::Method => &["deprecated", "idempotency_level"],
        }
    }
}

/// Whether Protobuf has an option of this name there.
pub(super) fn exists(level: Level, name: &str) -> bool {
    matches!(name, "features" | "uninterpreted_option") || level.own().contains(&name)
}

/// What the option `name` of Protobuf is set to, in words, where `value` is something else.
pub(super) fn expected(name: &str, value: &Constant) -> Option<String> {
    if TEXTS.contains(&name) {
        return (!matches!(value, Constant::Text(_))).then(|| "a text".to_owned());
    }
    let words = if BOOLS.contains(&name) {
        &["true", "false"][..]
    } else {
        WORDS.iter().find(|(option, _)| *option == name)?.1
    };
    let is_one = matches!(value, Constant::Word(word) if words.contains(&word.as_str()));
    (!is_one).then(|| format!("one of {}", words.join(", ")))
}

const BOOLS: &[&str] = &[
    "allow_alias",
    "cc_enable_arenas",
    "cc_generic_services",
    "debug_redact",
    "deprecated",
    "deprecated_legacy_json_field_conflicts",
    "java_generate_equals_and_hash",
    "java_generic_services",
    "java_multiple_files",
    "java_string_check_utf8",
    "lazy",
    "map_entry",
    "message_set_wire_format",
    "no_standard_descriptor_accessor",
    "packed",
    "php_generic_services",
    "py_generic_services",
    "unverified_lazy",
    "weak",
];

const TEXTS: &[&str] = &[
    "csharp_namespace",
    "go_package",
    "java_outer_classname",
    "java_package",
    "objc_class_prefix",
    "php_class_prefix",
    "php_metadata_namespace",
    "php_namespace",
    "ruby_package",
    "swift_prefix",
];

const WORDS: &[(&str, &[&str])] = &[
    ("ctype", &["STRING", "CORD", "STRING_PIECE"]),
    ("idempotency_level", &["IDEMPOTENCY_UNKNOWN", "NO_SIDE_EFFECTS", "IDEMPOTENT"]),
    ("jstype", &["JS_NORMAL", "JS_STRING", "JS_NUMBER"]),
    ("optimize_for", &["SPEED", "CODE_SIZE", "LITE_RUNTIME"]),
    ("retention", &["RETENTION_UNKNOWN", "RETENTION_RUNTIME", "RETENTION_SOURCE"]),
];

const FILE: &[&str] = &[
    "java_package",
    "java_outer_classname",
    "java_multiple_files",
    "java_generate_equals_and_hash",
    "java_string_check_utf8",
    "optimize_for",
    "go_package",
    "cc_generic_services",
    "java_generic_services",
    "py_generic_services",
    "php_generic_services",
    "deprecated",
    "cc_enable_arenas",
    "objc_class_prefix",
    "csharp_namespace",
    "swift_prefix",
    "php_class_prefix",
    "php_namespace",
    "php_metadata_namespace",
    "ruby_package",
];

const FIELD: &[&str] = &[
    "ctype",
    "packed",
    "jstype",
    "lazy",
    "unverified_lazy",
    "deprecated",
    "weak",
    "debug_redact",
    "retention",
    "targets",
    "edition_defaults",
    "feature_support",
    "default",
    "json_name",
];
