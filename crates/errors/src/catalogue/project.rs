//! Codes about the files of a project folder: reading them, their keys, names and references.

use crate::{Code, Fault, Kind, Retry};

/// There is no project here.
pub static NO_PROJECT: Code = Code {
    id: "P0001",
    name: "no-project",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "There is no project here",
    page: r#"
A project is a folder that holds `tenon.yaml`. Tenon looked in the folder it was given (the current one by default) and found none.

Start one with `tenon init my-project`, or name the folder: `tenon check path/to/project`.
"#,
};

/// A file of the project cannot be read.
pub static UNREADABLE_FILE: Code = Code {
    id: "P0002",
    name: "unreadable-file",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A file of the project cannot be read",
    page: r#"
The file is named by the project, but reading it failed: it is missing, not permitted, or not in the
encoding that it should have: UTF-8, unless a byte order mark or the declaration of an XML document names another one.

Correct the path (paths are relative to the project folder), the permissions of the file, or its encoding.
"#,
};

/// A file is not well-formed.
pub static BAD_SYNTAX: Code = Code {
    id: "P0003",
    name: "bad-syntax",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A file is not well-formed",
    page: r#"
The text is not valid YAML or JSON, or YAML reads a value differently from how it was meant.

```yaml
fields: { total: round(row.total, 2) }      # a comma ends a text in braces: `round(row.total` and `2)`
filter: !row.paid                           # a tag, not a negation
note: row.gate ? "at the gate" : "on stand" # the colon ends a key
```

Put an expression in quotes where it holds a comma or a bracket in braces, ` ? ` and `: `, ` #`, or starts with a quote, a bracket
or `!`: the report shows it quoted. Indent with spaces, never with tabs, and close every brace, bracket and quote.
"#,
};

/// A key appears twice in one object.
pub static DUPLICATE_KEY: Code = Code {
    id: "P0004",
    name: "duplicate-key",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A key appears twice in one object",
    page: r#"
One of the two would silently win, so neither is accepted.

```yaml
tables:
  airports: { in: db, contract: airport, key: faa }
  airports: { in: db, contract: airline, key: carrier }   # again
```

Remove or rename one of them. The same holds for two files of a project that define the same name.
"#,
};

/// A path points outside the project folder.
pub static FILE_OUTSIDE_PROJECT: Code = Code {
    id: "P0005",
    name: "file-outside-project",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A path points outside the project folder",
    page: r#"
Everything a project needs lies in its folder, so that a copy of the folder is a copy of the project. Absolute paths, and paths that lead out of the folder
by `..`, are refused; `sub/../a.csv` stays inside, and is `a.csv`.

Move the file into the folder and write its relative path.
"#,
};

/// A key that this object does not have.
pub static UNKNOWN_KEY: Code = Code {
    id: "P0101",
    name: "unknown-key",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A key that this object does not have",
    page: r#"
Unknown keys are errors, because a mistyped key that is ignored is a setting that silently has no effect.

```yaml
tables:
  airports: { in: db, contract: airport, kee: faa }   # `key` was meant
```

Use the suggested key, or see `tenon schema` for all keys of every object.
"#,
};

/// A required key is absent.
pub static MISSING_KEY: Code = Code {
    id: "P0102",
    name: "missing-key",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A required key is absent",
    page: r#"
The object cannot be understood without this key.

```yaml
topics:
  orders: { in: bus }          # which contract do its messages follow?
```

Add the key; the message names it, and `tenon schema` describes its value.
"#,
};

/// A value is of the wrong kind.
pub static WRONG_TYPE: Code = Code {
    id: "P0103",
    name: "wrong-type",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A value is of the wrong kind",
    page: r#"
For example there is a list where an object is expected, or text where a number is.

Write the kind of value that the message names.
"#,
};

/// A value is not one of those allowed here.
pub static BAD_VALUE: Code = Code {
    id: "P0104",
    name: "bad-value",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A value is not one of those allowed here",
    page: r#"
The value is of the right kind, but its content cannot be used: an unknown word, an unknown time zone, a negative number.

Use one of the values that the message or the hint lists.
"#,
};

/// A duration, size or rate is not written with its unit.
pub static BAD_UNIT: Code = Code {
    id: "P0105",
    name: "bad-unit",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A duration, size or rate is not written with its unit",
    page: r#"
Durations, sizes and rates carry their unit, so that nobody has to know whether 30 means seconds or minutes.

| what | examples | units |
|---|---|---|
| duration | `250ms`, `5s`, `2m`, `1h`, `7d` | `ms s m h d` |
| size | `512KiB`, `2MiB`, `1GiB` | `B KiB MiB GiB` |
| rate | `100/s`, `10/m per client` | a number over `s`, `m`, `h` or `d` |
"#,
};

/// A name has a form that cannot be used everywhere.
pub static BAD_NAME: Code = Code {
    id: "P0106",
    name: "bad-name",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A name has a form that cannot be used everywhere",
    page: r#"
Names become file names, table names, URL parts and variables. They start with a letter and go on with letters, digits, `-` and `_`, at most 64 in all.

Choose a name of that form.
"#,
};

/// A file of the project is larger or deeper than allowed.
pub static TOO_DEEP_OR_LARGE: Code = Code {
    id: "P0107",
    name: "too-deep-or-large",
    kind: Kind::ResourceExhausted,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A file of the project is larger or deeper than allowed",
    page: r#"
Project files are bounded: 4 MiB of text, 100 levels, 100,000 nodes. Descriptions in OpenAPI and AsyncAPI, which others write, may have
32 MiB and 2,000,000 nodes. Larger ones are generated data, which belongs in a data file.

Split the file, or move data out of it.
"#,
};

/// A name refers to nothing.
pub static UNKNOWN_NAME: Code = Code {
    id: "P0201",
    name: "unknown-name",
    kind: Kind::NotFound,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A name refers to nothing",
    page: r#"
The name should be that of a system, contract, table, topic, flow, operation or file of this project, and there is none of that name.

```yaml
tables:
  airports: { in: databse, contract: airport, key: faa }   # no system `databse`
```

Use the suggested name, or define what is missing.
"#,
};

/// A system of the wrong kind is named.
pub static WRONG_SYSTEM: Code = Code {
    id: "P0202",
    name: "wrong-system",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A system of the wrong kind is named",
    page: r#"
A table lives in a `sql` system, a topic in a `broker`. This name is a system of another kind.

Name a system of the right kind, or define one under `systems`.
"#,
};

/// An environment variable is not set and has no default.
pub static MISSING_VARIABLE: Code = Code {
    id: "P0203",
    name: "missing-variable",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An environment variable is not set and has no default",
    page: r#"
A connection setting refers to `${NAME}`, and the environment holds no such variable.

Set the variable, or give a default: `${NAME:default}`.
"#,
};

/// A variable is used where none is allowed.
pub static MISPLACED_VARIABLE: Code = Code {
    id: "P0204",
    name: "misplaced-variable",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A variable is used where none is allowed",
    page: r#"
`${NAME}` is allowed in connection settings only (systems, server, auth), so that what a project does never depends on where it runs.

Write the value itself.
"#,
};

/// Things wait for each other in a circle.
pub static CYCLE: Code = Code {
    id: "P0205",
    name: "cycle",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Things wait for each other in a circle",
    page: r#"
For example two flows that each run `after` the other: neither could start.

Remove one of the references.
"#,
};

/// A definition that nothing uses.
pub static UNUSED_DEFINITION: Code = Code {
    id: "P0206",
    name: "unused-definition",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A definition that nothing uses",
    page: r#"
A table, topic or system that no flow and no operation refers to is most often a mistyped name elsewhere.

Use it or remove it.
"#,
};

/// An address to listen on cannot be used.
pub static BAD_ADDRESS: Code = Code {
    id: "P0301",
    name: "bad-address",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An address to listen on cannot be used",
    page: r#"
`server.listen` is an IP address and a port, for example `127.0.0.1:8080` or `[::1]:8443`; port 0 asks for any free one.

Write an address of this machine. Tenon binds to loopback unless told otherwise.
"#,
};

/// The port is taken by another process.
pub static PORT_IN_USE: Code = Code {
    id: "P0302",
    name: "port-in-use",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Backoff,
    title: "The port is taken by another process",
    page: r#"
The server could not start here, because something else listens on this address.

Stop the other process, or choose another port with `server.listen` or `tenon run --listen 127.0.0.1:0`; for the internal listener, with `server.internal`.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &NO_PROJECT,
    &UNREADABLE_FILE,
    &BAD_SYNTAX,
    &DUPLICATE_KEY,
    &FILE_OUTSIDE_PROJECT,
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &WRONG_TYPE,
    &BAD_VALUE,
    &BAD_UNIT,
    &BAD_NAME,
    &TOO_DEEP_OR_LARGE,
    &UNKNOWN_NAME,
    &WRONG_SYSTEM,
    &MISSING_VARIABLE,
    &MISPLACED_VARIABLE,
    &CYCLE,
    &UNUSED_DEFINITION,
    &BAD_ADDRESS,
    &PORT_IN_USE,
];
