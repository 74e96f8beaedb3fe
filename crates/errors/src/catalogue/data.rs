//! Codes about data that does not follow its contract or its format.

use crate::{Code, Fault, Kind, Retry};

/// A message does not follow its contract.
pub static CONTRACT_VIOLATION: Code = Code {
    id: "D0001",
    name: "contract-violation",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message does not follow its contract",
    page: r#"
Every violation is named with its path in the data, what was expected, and the value that was found.

Correct the sender, or the contract. A row or message that fails is dead-lettered with its original bytes; after the fix, `tenon dead replay` runs it again.
"#,
};

/// A required field is absent.
pub static MISSING_FIELD: Code = Code {
    id: "D0002",
    name: "missing-field",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A required field is absent",
    page: r#"
The contract requires the field, and the data does not hold it. In CSV an empty cell, or one of the source's `absent` markers, counts as absent.

Send the field, or make it optional in a new version of the contract.
"#,
};

/// A field that the contract does not have.
pub static UNEXPECTED_FIELD: Code = Code {
    id: "D0003",
    name: "unexpected-field",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A field that the contract does not have",
    page: r#"
The contract is closed (`additionalProperties: false`), so an unknown field is most often a mistyped one.

Remove the field or correct its name.
"#,
};

/// A value is not of the kind that the contract requires.
pub static WRONG_KIND: Code = Code {
    id: "D0004",
    name: "wrong-kind",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A value is not of the kind that the contract requires",
    page: r#"
For example there is text where a number is required, or a text that is not a date in a date field.

Send a value of the kind that the message names.
"#,
};

/// A value lies outside the bounds of the contract.
pub static OUT_OF_BOUNDS: Code = Code {
    id: "D0005",
    name: "out-of-bounds",
    kind: Kind::OutOfRange,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A value lies outside the bounds of the contract",
    page: r#"
A number is too small or too large, a text or list too short or too long, or not one of the allowed values.

Send a value within the bounds that the message names.
"#,
};

/// A text does not have the form that the contract requires.
pub static BAD_FORMAT: Code = Code {
    id: "D0006",
    name: "bad-format",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A text does not have the form that the contract requires",
    page: r#"
The field has a pattern or a format (`date-time`, `uuid`, `email`), and the text does not match it.

Send a text of that form.
"#,
};

/// The bytes are not JSON.
pub static BAD_JSON: Code = Code {
    id: "D0101",
    name: "bad-json",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The bytes are not JSON",
    page: r#"
The place names the line and column at which reading failed.

Send well-formed JSON (RFC 8259) in UTF-8.
"#,
};

/// An object holds the same field twice.
pub static DUPLICATE_FIELD: Code = Code {
    id: "D0102",
    name: "duplicate-field",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "An object holds the same field twice",
    page: r#"
RFC 8259 leaves open which of the two counts, and different systems choose differently: a known way past validation. So such objects are refused.

Send each field once.
"#,
};

/// The data is nested deeper than allowed.
pub static TOO_DEEP: Code = Code {
    id: "D0103",
    name: "too-deep",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The data is nested deeper than allowed",
    page: r#"
Nesting is bounded (64 levels), so that no message can exhaust the stack.

Send flatter data.
"#,
};

/// A message, row or value is larger than allowed.
pub static TOO_LARGE: Code = Code {
    id: "D0104",
    name: "too-large",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message, row or value is larger than allowed",
    page: r#"
Sizes are bounded so that no message can exhaust the memory: 1 MiB for a row or message and 2 MiB for a request body unless the project says otherwise.
Of a row of CSV with line breaks in quotes, all lines count, and none of them is taken for a row of its own.

Send less at once, or raise the limit in the project.
"#,
};

/// The bytes are not UTF-8.
pub static BAD_ENCODING: Code = Code {
    id: "D0105",
    name: "bad-encoding",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The bytes are not in the expected encoding",
    page: r#"
Text is UTF-8 everywhere, except in files of flows that say another `encoding` or that begin with the byte order mark of UTF-16. The
position of the first wrong byte is named.

Name the encoding of the file, or convert the data to UTF-8 before it is read.
"#,
};

/// A number has more digits than can be kept exactly.
pub static NUMBER_TOO_LARGE: Code = Code {
    id: "D0106",
    name: "number-too-large",
    kind: Kind::OutOfRange,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A number has more digits than can be kept exactly",
    page: r#"
A field of the format `decimal` keeps every digit, up to 1,000 of them and exponents up to 6,000. A plain `number` is a double, which keeps 15 digits of every number and up to 17 of some: 0.1 is kept, 12345678901234567.89 would become 12345678901234568. A number that would come out as another is refused, never rounded.

Give the field the format `decimal`, or the type `string` if it is an identifier.
"#,
};

/// A compressed file is damaged, cut off or followed by something else.
pub static BAD_COMPRESSION: Code = Code {
    id: "D0107",
    name: "bad-compression",
    kind: Kind::InvalidArgument,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A compressed file is damaged, cut off or followed by something else",
    page: r#"
What came out of the file before that point was read, and is right. The flow stops there: what follows is not known. A file may have several
gzip members or Zstandard frames, one after the other; the message says at which byte the one begins that cannot be read, or at which the last one ends
where something else follows.

Deliver the file again, as a whole: under another name first, and renamed when it is complete. A file is decompressed by its ending, `.gz` or
`.zst`; the key `compression` says otherwise.
"#,
};

/// The items of a document are not where they are said to be.
pub static NO_ITEMS: Code = Code {
    id: "D0108",
    name: "no-items",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The items of a document are not where they are said to be",
    page: r#"
`items` leads to the rows of a document: for JSON it is a pointer (RFC 6901) to the list whose items they are, such as `/data/orders`; for XML it is the names of the elements from the top to the rows, such as `/orders/order`. The document is well-formed, and has nothing there; the message says how far `items` leads and what is found.

Correct `items`, or the file.
"#,
};

/// The bytes are not valid in the binary form of their format.
pub static BAD_BINARY: Code = Code {
    id: "D0109",
    name: "bad-binary",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The bytes are not valid in the binary form of their format",
    page: r#"
The message ends in the middle of a field, or a length, a number or a mark in it is not one that the format has. Most often the bytes are of another format, are framed (a schema registry puts five bytes before each message), or were cut off.

Send what the contract's format writes, without a frame.
"#,
};

/// A row is not well-formed CSV.
pub static BAD_CSV: Code = Code {
    id: "D0201",
    name: "bad-csv",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A row is not well-formed CSV",
    page: r#"
For example a quoted cell that is never closed, or text after a closing quote (RFC 4180).

Where a quote is not closed, and the rest of the file is no larger than a row may be, only its first line is given up, and each line after it is read as
a row, so that one stray quote costs one row. Where more of the file follows, nothing up to the next quote, or to the end of the file, is read as a row: what stands in quotes may be one
large cell. One dead letter then names the line in which the quote stands, and the lines that were not read. A cell that is only larger than `row` allows is `D0104`.

Correct the row; its original bytes are in the dead letters, with the line it starts on.
"#,
};

/// A row has more or fewer cells than the header.
pub static WRONG_COLUMN_COUNT: Code = Code {
    id: "D0202",
    name: "wrong-column-count",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A row has more or fewer cells than the header",
    page: r#"
Cells could not be assigned to columns without guessing.

Correct the row; a cell that holds the delimiter needs quotes.
"#,
};

/// The header of a file does not fit the contract of its rows.
pub static WRONG_HEADER: Code = Code {
    id: "D0203",
    name: "wrong-header",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The header of a file does not fit the contract of its rows",
    page: r#"
A column that the contract requires is absent, or there is one that it does not have. Where the file seems to have another delimiter than it
is read with, the message says so instead. Of many columns the first are named. Of an Avro file: it has no header that can be read, or the
schema in it is not read by the contract.

Correct the header, the `delimiter`, or the contract of the rows.
"#,
};

/// The bytes are not well-formed XML.
pub static BAD_XML: Code = Code {
    id: "D0301",
    name: "bad-xml",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The bytes are not well-formed XML",
    page: r#"
The message names the line and column at which reading failed. A declaration `<?xml` stands at the very beginning, before any space or line break, and says version 1.0: in 1.1, other characters are allowed and other line breaks count, so that it is not read as 1.0. A document with a `DOCTYPE` is refused as well: what it declares is never expanded, and nothing outside of the document is read.

Send well-formed XML 1.0 without a document type definition.
"#,
};

/// A message follows a contract or a version that is not known.
pub static UNKNOWN_VERSION: Code = Code {
    id: "D0401",
    name: "unknown-version",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message follows a version that the project does not have",
    page: r#"
A message says in its header `contract` which contract it follows, as `order@2`, and is read as that version and no other. The project has no file of it, or the topic holds messages of another contract. Reading it as something else could misunderstand it.

Add the file of the version to `contracts/`, or correct the sender. Dead letters can be replayed after that.
"#,
};

/// A message of one version cannot be read as another.
pub static NOT_LIFTED: Code = Code {
    id: "D0402",
    name: "not-lifted",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message of one version cannot be read as another",
    page: r#"
A message was read as the version that it says it follows, and the flow works with another version of that contract, which does not allow what the message holds: a field is required that it does not have, a value is gone, a bound is narrower. The details name each place. A version that would read the value as something else, such as octets as text, does not read it either.

Keep the flow at the older version until such messages are gone, or make a version that reads everything that the older one allows; `tenon contract diff` tells whether it does. Dead letters can be replayed after that.
"#,
};

/// A message is in an encoding that its contract does not have.
pub static UNKNOWN_ENCODING: Code = Code {
    id: "D0403",
    name: "unknown-encoding",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message is in an encoding that its contract does not have",
    page: r#"
The header `content-type` of a message, or `encoding` of its topic, names an encoding that the version of the contract does not have. Each contract has JSON; one in Avro has Avro's binary encoding as well, one in Protobuf its binary form, one in XML Schema XML.

Send one of the encodings that the message lists, and name it in `content-type`.
"#,
};

/// The id of a schema is not known.
pub static UNKNOWN_SCHEMA_ID: Code = Code {
    id: "D0404",
    name: "unknown-schema-id",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The id of a schema is not that of a version",
    page: r#"
A message in the wire format of Confluent's clients names the schema that it was written with by its id in a schema registry. The topic's `schema_ids` do not have that id, or the message says something else besides.

Add the id and its version: `schema_ids: { order@1: 101, order@2: 205 }`. Dead letters can be replayed after that.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &CONTRACT_VIOLATION,
    &MISSING_FIELD,
    &UNEXPECTED_FIELD,
    &WRONG_KIND,
    &OUT_OF_BOUNDS,
    &BAD_FORMAT,
    &BAD_JSON,
    &DUPLICATE_FIELD,
    &TOO_DEEP,
    &TOO_LARGE,
    &BAD_ENCODING,
    &NUMBER_TOO_LARGE,
    &BAD_COMPRESSION,
    &NO_ITEMS,
    &BAD_BINARY,
    &BAD_CSV,
    &WRONG_COLUMN_COUNT,
    &WRONG_HEADER,
    &BAD_XML,
    &UNKNOWN_VERSION,
    &NOT_LIFTED,
    &UNKNOWN_ENCODING,
    &UNKNOWN_SCHEMA_ID,
];
