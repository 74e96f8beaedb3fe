//! The message types that the tests of cel-spec name, as `.proto` files: `cel.expr.conformance.proto2.TestAllTypes` and its like.
//! They have a field of every type, alone, in lists and in maps, so that most of them are told by rules.
//!
//! Names, numbers and defaults are those of `proto/cel/expr/conformance` in google/cel-spec, as far as a test depends on them.

use std::fmt::Write as _;

/// The scalars, in the order of the numbers of their fields, with the defaults that proto2 gives them.
const SCALARS: &[(&str, &str)] = &[
    ("int32", "-32"),
    ("int64", "-64"),
    ("uint32", "32"),
    ("uint64", "64"),
    ("sint32", ""),
    ("sint64", ""),
    ("fixed32", ""),
    ("fixed64", ""),
    ("sfixed32", ""),
    ("sfixed64", ""),
    ("float", "3.0"),
    ("double", "6.4"),
    ("bool", "true"),
    ("string", "\"empty\""),
    ("bytes", "\"none\""),
];
/// The messages of `google.protobuf` that have fields, by the end of the field's name, in the order of the numbers.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("any", "Any"),
    ("duration", "Duration"),
    ("timestamp", "Timestamp"),
    ("struct", "Struct"),
    ("value", "Value"),
    ("int64_wrapper", "Int64Value"),
    ("int32_wrapper", "Int32Value"),
    ("double_wrapper", "DoubleValue"),
    ("float_wrapper", "FloatValue"),
    ("uint64_wrapper", "UInt64Value"),
    ("uint32_wrapper", "UInt32Value"),
    ("string_wrapper", "StringValue"),
    ("bool_wrapper", "BoolValue"),
    ("bytes_wrapper", "BytesValue"),
];
const KEYS: &[&str] = &["bool", "int32", "int64", "uint32", "uint64", "string"];
/// Fields that have the names of words that CEL reserves.
const WORDS: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The file of the package `cel.expr.conformance.proto2` or `.proto3`.
pub(super) fn file(syntax: &str) -> String {
    let is_proto2 = syntax == "proto2";
    let one = if is_proto2 { "optional " } else { "" };
    let mut text = format!("syntax = \"{syntax}\";\npackage cel.expr.conformance.{syntax};\n");
    for import in ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"] {
        let _ = writeln!(text, "import \"google/protobuf/{import}.proto\";");
    }
    let _ = writeln!(text, "enum GlobalEnum {{ GOO = 0; GAR = 1; GAZ = 2; }}");
    let _ = writeln!(
        text,
        "message NestedTestAllTypes {{ {one}NestedTestAllTypes child = 1; {one}TestAllTypes payload = 2; }}"
    );
    let _ = writeln!(
        text,
        "message TestAllTypes {{\n message NestedMessage {{ {one}int32 bb = 1; }}\n enum NestedEnum {{ FOO = 0; BAR = 1; BAZ = 2; }}"
    );
    let mut field = |line: String| {
        let end = if line.ends_with('}') { "" } else { ";" };
        let _ = writeln!(text, " {line}{end}");
    };
    for (at, (scalar, default)) in SCALARS.iter().enumerate() {
        let default = match *default {
            default if is_proto2 && !default.is_empty() => format!(" [default = {default}]"),
            _ => String::new(),
        };
        field(format!("{one}{scalar} single_{scalar} = {}{default}", at + 1));
        field(format!("repeated {scalar} repeated_{scalar} = {}", at + 31));
    }
    for (at, (name, ty)) in WELL_KNOWN.iter().enumerate() {
        field(format!("{one}google.protobuf.{ty} single_{name} = {}", at + 100));
        field(format!("repeated google.protobuf.{ty} repeated_{name} = {}", at + 120));
    }
    for (name, ty, number) in [
        ("in", "bool", 18),
        ("list_value", "google.protobuf.ListValue", 114),
        ("null_value", "google.protobuf.NullValue", 115),
        ("field_mask", "google.protobuf.FieldMask", 117),
        ("empty", "google.protobuf.Empty", 118),
        ("standalone_message", "NestedMessage", 23),
        ("standalone_enum", "NestedEnum", 24),
    ] {
        field(format!("{one}{ty} {name} = {number}"));
    }
    field("optional google.protobuf.NullValue optional_null_value = 116".to_owned());
    field("repeated NestedMessage repeated_nested_message = 51".to_owned());
    field("repeated NestedEnum repeated_nested_enum = 52".to_owned());
    let default = if is_proto2 { " [default = BAR]" } else { "" };
    field(format!(
        "oneof nested_type {{ NestedMessage single_nested_message = 21; NestedEnum single_nested_enum = 22{default}; }}"
    ));
    field("oneof kind { NestedTestAllTypes oneof_type = 400; NestedMessage oneof_msg = 401; bool oneof_bool = 402; }".to_owned());
    for (at, word) in WORDS.iter().enumerate() {
        field(format!("{one}bool {word} = {}", at + 500));
    }
    let mut number = 600;
    for key in KEYS {
        let scalars = SCALARS.iter().map(|(scalar, _)| (*scalar, (*scalar).to_owned()));
        let known = WELL_KNOWN.iter().map(|(name, ty)| (*name, format!("google.protobuf.{ty}")));
        let own = [("enum", "NestedEnum".to_owned()), ("message", "NestedMessage".to_owned())];
        for (name, ty) in scalars.chain(known).chain(own) {
            field(format!("map<{key}, {ty}> map_{key}_{name} = {number}"));
            number += 1;
        }
    }
    if is_proto2 {
        text.push_str(" extensions 1000 to max;\n}\n");
        text.push_str(EXTENSIONS);
    } else {
        text.push_str("}\n");
    }
    text
}

const EXTENSIONS: &str = "message TestRequired { required int32 required_int32 = 1; }
extend TestAllTypes {
 optional int32 int32_ext = 1000;
 optional TestAllTypes nested_ext = 1001;
 optional TestAllTypes test_all_types_ext = 1002;
 optional TestAllTypes.NestedEnum nested_enum_ext = 1003;
 repeated TestAllTypes repeated_test_all_types = 1004;
}
message Proto2ExtensionScopedMessage {
 extend TestAllTypes {
  optional int64 int64_ext = 1005;
  optional TestAllTypes message_scoped_nested_ext = 1006;
  optional TestAllTypes.NestedEnum nested_enum_ext = 1007;
  repeated TestAllTypes message_scoped_repeated_test_all_types = 1008;
 }
}
";
