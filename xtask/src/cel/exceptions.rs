//! What does not pass, by file and test, with the reason. Everything else has to.

/// The file, the names of its tests, and why they do not pass.
pub(super) const EXCEPTIONS: &[(&str, &[&str], &str)] = &[
    ("optionals", &["map_optional_has", "map_optional_select_has"], HOLDS_DATA),
    (
        "type_deduction",
        &[
            "optional_none",
            "optional_none_2",
            "optional_dyn_promotion",
            "optional_dyn_promotion_2",
            "null_assignable_to_abstract_parameter_candidate",
        ],
        HOLDS_DATA,
    ),
    ("string_ext", &["type() support for string"], HOLDS_DATA),
    (
        "string_ext",
        &["object not allowed", "object inside list", "object inside map"],
        "a message is a record, and `%s` writes records",
    ),
    (
        "type_deduction",
        &[
            "function_result_type",
            "multiple_parameters_generality",
            "multiple_parameters_generality_2",
            "multiple_parameters_parameterized_ovl",
            "multiple_parameters_parameterized_ovl_2",
        ],
        "hosts declare no functions: every function is in one catalogue, documented, and bounded in what it costs",
    ),
    (
        "type_deduction",
        &["wrapper_primitive_assignable"],
        "what may be null is named where a value is needed, before there is a message; CEL lets each message find out",
    ),
    (
        "block_ext",
        &["optional_map"],
        "what may be absent is named where a value is needed, before there is a message; CEL lets each message find out",
    ),
    (
        "macros2",
        &["list_elem_type_exhaustive"],
        "an operator takes every type that its operand may have, until a test of the type says more; CEL lets each message find out",
    ),
    (
        "timestamps",
        &["sub_time_duration_over", "sub_time_duration_under"],
        "lengths have the range of google.protobuf.Duration, not that of 64 bits of nanoseconds",
    ),
];

const HOLDS_DATA: &str = "lists and maps hold data, which systems can store; optionals and types are not";
