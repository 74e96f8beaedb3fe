//! Codes about contracts: reading them, and what they can and cannot say.

use crate::{Code, Fault, Kind, Retry};

/// A contract is not valid in its own format.
pub static BAD_CONTRACT: Code = Code {
    id: "C0001",
    name: "bad-contract",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A contract is not valid in its own format",
    page: r#"
The file is well-formed, but it is not a valid schema: a keyword has the wrong kind of value, a reference points to nothing, a range is empty.

Correct the schema at the place named.
"#,
};

/// A keyword that Tenon would have to ignore.
pub static UNSUPPORTED_KEYWORD: Code = Code {
    id: "C0002",
    name: "unsupported-keyword",
    kind: Kind::Unimplemented,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A keyword that Tenon would have to ignore",
    page: r#"
A part of a contract that is ignored is a promise that is not kept, so a keyword that cannot be enforced is an error and never dropped.

Say the same with the keywords that are supported, or remove it. The book's chapter on contracts lists them.
"#,
};

/// A contract has no such version.
pub static NO_CONTRACT_VERSION: Code = Code {
    id: "C0003",
    name: "no-contract-version",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A contract has no such version",
    page: r#"
Contracts live in `contracts/NAME/VERSION.json` (or `.yaml`); a reference is `name` (the newest) or `name@2`.

Refer to a version that exists, or add the file.
"#,
};

/// A file in contracts/ has a name that says nothing.
pub static BAD_CONTRACT_FILE: Code = Code {
    id: "C0004",
    name: "bad-contract-file",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A file in contracts/ has a name that says nothing",
    page: r#"
Files are named by version: `contracts/order/1.json`, `contracts/order/2.json`. One that ends in `.yaml` is read as YAML; one that ends in `.json` strictly as JSON. Each version has one file.

Rename the file to its version number with the extension of its format.
"#,
};

/// A pattern is not a regular expression that can be run in bounded time.
pub static BAD_PATTERN: Code = Code {
    id: "C0005",
    name: "bad-pattern",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A pattern is not a regular expression that can be run in bounded time",
    page: r#"
The pattern of a contract is not a regular expression of ECMA-262, or is so large that it cannot be prepared.

Correct the pattern. Patterns run on untrusted data: most of them in linear time; one with look-around or a back-reference goes back
at most 100,000 times, and a text for which that is not enough is refused (`D0104`).
"#,
};

/// A default or example does not fit its own schema.
pub static BAD_DEFAULT: Code = Code {
    id: "C0006",
    name: "bad-default",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A default or example does not fit its own schema",
    page: r#"
The schema declares a value that it would itself reject. In JSON Schema and OpenAPI, where defaults and examples are hints, that is a
warning and the value is not used: a field without a value stays absent. In the other formats it is an error.

Correct the default, or the schema around it.
"#,
};

/// A part of a contract has no effect.
pub static ASSERTS_NOTHING: Code = Code {
    id: "C0007",
    name: "asserts-nothing",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A part of a contract has no effect",
    page: r#"
This is a warning. The contract is read as its format says, and something in it restricts nothing: a keyword that JSON Schema does not have (a mistyped one, or a note of another tool), a format that is not known, a bound on text beside the type `integer`, a keyword beside `$ref` in a draft that ignores it, a keyword without `type`, which lets values of every other type pass.

If it is a slip, correct it. If it is a note of your own, put `x-` in front of it, and the warning goes away.
"#,
};

/// A contract format has nothing that comes near to a part of a contract.
pub static NOT_WRITABLE: Code = Code {
    id: "C0008",
    name: "not-writable",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A contract format cannot say a part of a contract",
    page: r#"
A contract was to be written in another format, which has no counterpart for the part named: not even a wider type whose loss could be reported.

Write the contract in another format, or leave the part out of it.
"#,
};

/// A contract cannot be stored as a table.
pub static NOT_STORABLE: Code = Code {
    id: "C0101",
    name: "not-storable",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A contract cannot be stored as a table",
    page: r#"
A table needs an object at the top whose key fields are required scalars. This contract is something else, so no DDL can be derived from it.

Use an object contract, and name required scalar fields as the key.
"#,
};

/// A contract that stored data follows was changed.
pub static STORED_DATA_MISREAD: Code = Code {
    id: "C0201",
    name: "stored-data-misread",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Stored data would be misread by this contract",
    page: r#"
The state folder holds messages, rows or dead letters that follow a contract as it was, and the contract that the project now names for them does not read everything that was valid then: a field is required that may be missing in what is stored, a kind or a bound has changed, an absent field would mean something else. Continuing would turn good messages into dead letters, or change what they say.

Undo the change, and write it as a new version: copy the file of the contract to the next number (`contracts/order/2.json`), and leave `topics` and `tables` that hold data at the old one (`contract: order@1`) until it is moved. A change that reads everything that is stored is accepted as it is, such as a further optional field, a wider bound or another alternative. Where the data is no longer wanted, remove it: drop the dead letters, or start with a new state folder.
"#,
};

/// What was written with a schema is not read by another one.
pub static UNREADABLE_WRITER: Code = Code {
    id: "C0202",
    name: "unreadable-writer",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Data written with this schema is not read by that one",
    page: r#"
Avro data is read with two schemas: the one that it was written with, and the one that the reader expects. They fit if every part that was written is read, or skipped, and every part that is expected was written, or has a default. The message begins with the name that Avro's own tools have for the reason: `NAME_MISMATCH`, `FIXED_SIZE_MISMATCH`, `MISSING_ENUM_SYMBOLS`, `READER_FIELD_MISSING_DEFAULT_VALUE`, `TYPE_MISMATCH` or `MISSING_UNION_BRANCH`. The path is that of the part in the reader's schema.

Change the reader's schema as the hint says, most often by a default or an alias.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &BAD_CONTRACT,
    &UNSUPPORTED_KEYWORD,
    &NO_CONTRACT_VERSION,
    &BAD_CONTRACT_FILE,
    &BAD_PATTERN,
    &BAD_DEFAULT,
    &ASSERTS_NOTHING,
    &NOT_WRITABLE,
    &NOT_STORABLE,
    &STORED_DATA_MISREAD,
    &UNREADABLE_WRITER,
];
