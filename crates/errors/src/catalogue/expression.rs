//! Codes about CEL expressions and mapping templates: their syntax, names and types.

use crate::{Code, Fault, Kind, Retry};

/// An expression is not valid CEL.
pub static BAD_EXPRESSION: Code = Code {
    id: "M0001",
    name: "bad-expression",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An expression is not valid CEL",
    page: r#"
Expressions are in CEL, the Common Expression Language (cel.dev).

```yaml
fields: { total: price * }      # an operand is missing
```

Correct the syntax at the place named.
"#,
};

/// An expression uses a name that is not defined here.
pub static UNKNOWN_VARIABLE: Code = Code {
    id: "M0002",
    name: "unknown-variable",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An expression uses a name that is not defined here",
    page: r#"
In a flow an expression sees the current message under the name of its contract, what lookups added under their `as` names, and the functions of CEL.
A bare word that was meant as text is a constant:

```yaml
status: { value: accepted }      # not `status: accepted`
```

Use the suggested name, or write a constant.
"#,
};

/// A contract has no such field.
pub static UNKNOWN_FIELD: Code = Code {
    id: "M0003",
    name: "unknown-field",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A contract has no such field",
    page: r#"
The contract of this value is closed and lists no field of this name, so the access could never succeed.

Use the suggested field, or add the field to the contract.
"#,
};

/// There is no such function.
pub static UNKNOWN_FUNCTION: Code = Code {
    id: "M0004",
    name: "unknown-function",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "There is no such function",
    page: r#"
The name is not a function or method that Tenon knows, or not one with this many arguments.

Use the suggested function; the book's chapter on expressions lists them all.
"#,
};

/// Values of these types cannot be combined.
pub static TYPE_MISMATCH: Code = Code {
    id: "M0005",
    name: "type-mismatch",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Values of these types cannot be combined",
    page: r#"
For example text is added to a number, or a list is compared with a timestamp.

Convert one of them by name: `string(x)`, `int(x)`, `double(x)`, `timestamp(x)`.
"#,
};

/// A field that may be absent is used as if it were always there.
pub static ABSENT_VALUE: Code = Code {
    id: "M0006",
    name: "absent-value",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A field that may be absent is used as if it were always there",
    page: r#"
The contract says that this field is optional or nullable. Somewhere there is a message without it, and the expression would fail on that message.

```yaml
gate: row.gate                                  # row.gate may be absent
gate: row.?gate.orValue("none")                 # gives a default
gate: 'has(row.gate) ? row.gate : "none"'       # a condition needs quotes
```

An optional target field takes an optional value as it is: `gate: row.?gate`.
"#,
};

/// An expression failed on this message.
pub static EVALUATION_FAILED: Code = Code {
    id: "M0007",
    name: "evaluation-failed",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "An expression failed on this message",
    page: r#"
The expression is well typed, but on these values it has no result: a division by zero, an overflow, a text that is not a number.

Guard the expression (`"x == 0 ? 0.0 : y / x"`, in quotes), or let the contract of the input exclude such values.
"#,
};

/// An expression is too long, too deep, or its evaluation too costly.
pub static EXPRESSION_LIMIT: Code = Code {
    id: "M0008",
    name: "expression-limit",
    kind: Kind::ResourceExhausted,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An expression is too long, too deep, or its evaluation too costly",
    page: r#"
Expressions are bounded: 16 KiB of text, 100 levels, and a budget of steps at run time, so that no message can stop a flow.

Split the work into several steps.
"#,
};

/// A part of an expression fails on every message.
pub static CONSTANT_FAILURE: Code = Code {
    id: "M0009",
    name: "constant-failure",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A part of an expression fails on every message",
    page: r#"
The part has no result, whatever the message is: a text that is not a timestamp, a form or a time zone that does not exist, an item
that a list does not have, a division by zero, an argument that a function never takes (`round(x, 99)`).

A part that some messages never come to is not refused: behind a condition that depends on the message, beside an operand that may decide
(`x || y`), in a macro over a list that may be empty.

```yaml
due: placed_at + duration("5 days")     # not a duration
due: placed_at + duration("120h")
```

Correct the constant.
"#,
};

/// A mapping does not set a field that its target requires.
pub static MISSING_TARGET_FIELD: Code = Code {
    id: "M0101",
    name: "missing-target-field",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A mapping does not set a field that its target requires",
    page: r#"
The target contract requires this field and gives no default, so every message would be rejected.

Add the field to the mapping.
"#,
};

/// A mapping sets a field that its target does not have.
pub static UNKNOWN_TARGET_FIELD: Code = Code {
    id: "M0102",
    name: "unknown-target-field",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A mapping sets a field that its target does not have",
    page: r#"
The target contract is closed and has no field of this name.

Use the suggested field, or remove the line.
"#,
};

/// A mapped value does not fit its target field.
pub static TARGET_MISMATCH: Code = Code {
    id: "M0103",
    name: "target-mismatch",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A mapped value does not fit its target field",
    page: r#"
The kind or the range of the value is not that of the field. A conversion that may lose something has to be named: `int(x)`, `math.round(x)`, `string(x)`.

Convert the value, or correct the contract.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &BAD_EXPRESSION,
    &UNKNOWN_VARIABLE,
    &UNKNOWN_FIELD,
    &UNKNOWN_FUNCTION,
    &TYPE_MISMATCH,
    &ABSENT_VALUE,
    &EVALUATION_FAILED,
    &EXPRESSION_LIMIT,
    &CONSTANT_FAILURE,
    &MISSING_TARGET_FIELD,
    &UNKNOWN_TARGET_FIELD,
    &TARGET_MISMATCH,
];
