//! How the rows of a file are read: its format, and the dialect of CSV.

use std::sync::Arc;

use tenon_contracts::{
    Contract,
    format::{Codec, Encoding, encoding},
    text::{Ragged, RowDecoder, RowRules, csv::Dialect},
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{data::WRONG_HEADER, project::BAD_VALUE},
};
use tenon_model::{Record, Str};
use tenon_ports::{
    Compression, CsvFormat, ENCODINGS, FileFormat, Key, ROW as DEFAULT_ROW, RowFormat, SpecValue as Value,
    XmlFormat,
};

use crate::{
    check::Context,
    parse::{Object, read},
};

/// The bounds of `row`: a row is held in memory as a whole, and many of them at a time.
const ROWS: std::ops::RangeInclusive<u64> = 1 << 10..=16 << 20;

pub(super) const FORMAT: Key = Key::optional(
    "format",
    Value::Word(&["csv", "jsonl", "json", "xml", "avro"]),
    "csv",
    "Comma-separated values (RFC 4180), one JSON value per line, a JSON document, an XML document whose contract is an XML Schema, or an object container file of Avro whose contract is an Avro schema.",
);
pub(super) const ITEMS: Key = Key::optional(
    "items",
    Value::Text,
    "",
    "Where the rows of a document are. For `json` the list whose items are the rows, as a JSON pointer (RFC 6901), such as `/data/orders`; a document that is a list needs none, and anything but a list is one row. For `xml` the names of the elements from the top of the document to the rows, without prefixes, such as `/orders/order`; without it the document is one row.",
);
pub(super) const COMPRESSION: Key = Key::optional(
    "compression",
    Value::Word(&["none", "gzip", "zstd"]),
    "",
    "How the file is compressed; otherwise its ending says so: `.gz`, `.zst`.",
);
pub(super) const ENCODING: Key = Key::optional(
    "encoding",
    Value::Word(ENCODINGS),
    "",
    "The encoding of the text. Without it, a byte order mark or the declaration of XML decides; without one, it is UTF-8. `latin-1` is ISO 8859-1.",
);
pub(super) const ROW: Key =
    Key::optional("row", Value::Size, "1MiB", "The largest row, from `1KiB` to `16MiB`.");
pub(super) const ABSENT: Key = Key::optional(
    "absent",
    Value::List(&Value::Text),
    "",
    "Cells of these texts count as absent; the empty cell always does. Only for `csv`, as is all that follows.",
);
pub(super) const QUOTED_ABSENT: Key = Key::optional(
    "quoted_absent",
    Value::Bool,
    "false",
    "Whether quoted cells can be absent, too: `\"\"`, and `\"NA\"` with `absent: [NA]`. Otherwise they are texts.",
);
pub(super) const DELIMITER: Key =
    Key::optional("delimiter", Value::Text, ",", "The character between cells.");
pub(super) const QUOTE: Key = Key::optional(
    "quote",
    Value::Text,
    "'\"'",
    "The character around cells that hold delimiters or line breaks, doubled inside them; `none` if there is no such character.",
);
pub(super) const ESCAPE: Key = Key::optional(
    "escape",
    Value::Text,
    "",
    "A character that takes the special meaning from the next one, as `\\` in `\\\"`; doubled quotes count as well.",
);
pub(super) const COMMENT: Key =
    Key::optional("comment", Value::Text, "", "Lines that begin with this character are skipped.");
pub(super) const SKIP: Key = Key::optional(
    "skip",
    Value::Integer(0, 10_000),
    "0",
    "How many lines come before the names of the columns, or before the first row with `header`.",
);
pub(super) const HEADER: Key = Key::optional(
    "header",
    Value::Either(&[Value::Word(&["none"]), Value::List(&Value::Text)]),
    "",
    "The names of the columns, where the file does not begin with them; `none` for the fields of the contract in their order.",
);
pub(super) const RAGGED: Key = Key::optional(
    "ragged",
    Value::Word(&["refuse", "pad", "truncate", "fit"]),
    "refuse",
    "What happens to a row with too few or too many cells: it is a dead letter, its missing cells are absent (`pad`), those beyond the last column are left out (`truncate`), or both (`fit`).",
);

/// The keys that only one format has.
const OF_CSV: &[Key] = &[ABSENT, QUOTED_ABSENT, DELIMITER, QUOTE, ESCAPE, COMMENT, SKIP, HEADER, RAGGED];

/// How a file is read, or nothing after a problem. The compression of files without the key is that of their ending.
pub(super) fn check(
    object: Object<'_>,
    contract: Option<&Contract>,
    context: &mut Context<'_>,
) -> Option<FileFormat> {
    let max_row = row(object, context);
    let word = object.text("encoding");
    let encoding = word.and_then(|word| ENCODINGS.iter().copied().find(|name| *name == word.as_str()));
    let rows = match object.get("format").map(read::text) {
        None => csv(object, contract, context),
        Some(Some(word)) if word == "csv" => csv(object, contract, context),
        Some(Some(word)) if word == "jsonl" => {
            only(object, OF_CSV, "a file of JSON lines", context);
            only(object, &[ITEMS], "a file of JSON lines", context);
            Some(RowFormat::JsonLines)
        }
        Some(Some(word)) if word == "json" => {
            only(object, OF_CSV, "a JSON document", context);
            items(object, context)
        }
        Some(Some(word)) if word == "xml" => {
            only(object, OF_CSV, "an XML document", context);
            let items = elements(object, context);
            let codec = codec(object, &encoding::XML, contract?, context);
            Some(RowFormat::Xml(XmlFormat { items: items?, codec: codec? }))
        }
        Some(Some(word)) if word == "avro" => {
            only(object, OF_CSV, "an Avro file", context);
            only(object, &[ITEMS, ENCODING], "an Avro file", context);
            let schema = codec(object, &encoding::AVRO, contract?, context)?.avro_schema().cloned();
            schema.map(|schema| RowFormat::Avro { schema })
        }
        // Reported as a word that is none: whether the file begins like CSV says nothing then.
        Some(_) => None,
    };
    Some(FileFormat { rows: rows?, compression: Compression::None, encoding, max_row: max_row?, part: None })
}

/// How the file at `path` is compressed.
pub(super) fn compression(object: Object<'_>, path: &str) -> Compression {
    let word = object.text("compression");
    let said = |(_, name, ending): &&(Compression, &str, &str)| match &word {
        Some(word) => name == word,
        None => !ending.is_empty() && path.to_ascii_lowercase().ends_with(ending),
    };
    Compression::ALL.iter().find(said).map(|(compression, ..)| *compression).unwrap_or_default()
}

/// The elements that lead to the rows of an XML document.
fn elements(object: Object<'_>, context: &mut Context<'_>) -> Option<Arc<[Str]>> {
    let Some(node) = object.get("items") else { return Some(Arc::from([])) };
    let text = read::text(node)?;
    let mut parts = text.split('/');
    let is_name =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || ":[]@*<>".contains(c));
    if parts.next() == Some("") && parts.clone().all(is_name) {
        return Some(parts.map(Str::from).collect());
    }
    let message = format!("`{text}` is not a path of elements");
    let report = Report::new(&BAD_VALUE, message).at(node.place());
    context
        .problem(report.hint("write the names without prefixes, each after a `/`, such as `/orders/order`"));
    None
}

/// What reads rows in `encoding`, which the contract has to have.
fn codec(
    object: Object<'_>,
    encoding: &Encoding,
    contract: &Contract,
    context: &mut Context<'_>,
) -> Option<Arc<dyn Codec>> {
    if let Some(codec) = contract.codec(encoding) {
        return Some(Arc::clone(codec));
    }
    let known: Vec<_> = contract.encodings().map(|known| format!("`{}`", known.name)).collect();
    let message = format!(
        "`format` is `{}`, and `{}`, which is `{}`, has {} alone",
        encoding.name,
        contract.reference,
        contract.file,
        known.join(" and ")
    );
    let node = object.get("format")?;
    let report = Report::new(&BAD_VALUE, message).at(node.place());
    context.problem(report.hint(match encoding.name {
        "avro" => "write the contract as an Avro schema, in a file that ends in `.avsc`",
        _ => "write the contract as an XML Schema, in a file that ends in `.xsd`",
    }));
    None
}

/// The way to the items of a document.
fn items(object: Object<'_>, context: &mut Context<'_>) -> Option<RowFormat> {
    let Some(node) = object.get("items") else { return Some(RowFormat::Json { items: Arc::from([]) }) };
    let text = read::text(node)?;
    let mut parts = text.split('/');
    let is_well_formed = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if parts.next() != Some("") || !is_well_formed {
        let message = format!("`{text}` is not a JSON pointer");
        let report = Report::new(&BAD_VALUE, message).at(node.place());
        let shown = text.trim_start_matches(['$', '.', '#', '/']).replace('.', "/");
        context.problem(report.hint(format!("write `/{shown}`, with a `/` before each name")));
        return None;
    }
    Some(RowFormat::Json {
        items: parts.map(|part| Str::from(part.replace("~1", "/").replace("~0", "~"))).collect(),
    })
}

fn row(object: Object<'_>, context: &mut Context<'_>) -> Option<usize> {
    let Some(node) = object.get("row") else { return Some(DEFAULT_ROW) };
    let size = object.size("row")?;
    if ROWS.contains(&size) {
        return usize::try_from(size).ok();
    }
    let message = format!("`row` is {}, and 1KiB to 16MiB are allowed", read::text(node).unwrap_or_default());
    context.problem(
        Report::new(&BAD_VALUE, message).at(node.place()).hint("write a size from `1KiB` to `16MiB`"),
    );
    None
}

/// Reports keys that say nothing about this kind of file.
fn only(object: Object<'_>, others: &[Key], what: &str, context: &mut Context<'_>) {
    for key in others {
        if let Some((node, _)) = object.entry(key.name) {
            let report = Report::new(&BAD_VALUE, format!("`{}` does not apply to {what}", key.name));
            context.problem(report.at(node.place()).hint(format!("remove `{}`", key.name)));
        }
    }
}

fn csv(object: Object<'_>, contract: Option<&Contract>, context: &mut Context<'_>) -> Option<RowFormat> {
    only(object, &[ITEMS], "a CSV file", context);
    let defaults = Dialect::default();
    // A quote that is given is held against the delimiter itself.
    let unsaid: &[&str] = if object.get("quote").is_none() { &["quote"] } else { &[] };
    let delimiter = character(object, "delimiter", unsaid, context);
    let quote = match object.text("quote") {
        Some(word) if word == "none" => Some(None),
        _ => character(object, "quote", &["delimiter"], context).map(|quote| quote.or(defaults.quote)),
    };
    let escape = character(object, "escape", &["delimiter", "quote"], context);
    let comment = character(object, "comment", &["delimiter", "quote", "escape"], context);
    let rules = RowRules {
        absent: object.items("absent").iter().filter_map(read::text).collect(),
        quoted_absent: object.get("quoted_absent").and_then(Node::as_bool).unwrap_or_default(),
        ragged: object
            .text("ragged")
            .and_then(|word| Ragged::ALL.iter().find(|(_, name)| *name == word.as_str()))
            .map(|(rule, _)| *rule)
            .unwrap_or_default(),
    };
    let dialect =
        Dialect { delimiter: delimiter?.unwrap_or(defaults.delimiter), quote: quote?, escape: escape? };
    let header = header(object, contract, &rules, dialect, context)?;
    let skip = object.integer("skip").and_then(|lines| u32::try_from(lines).ok()).unwrap_or_default();
    Some(RowFormat::Csv(CsvFormat { dialect, comment: comment?, skip, header, rules }))
}

/// The character under `key`, where there is one, which none of `others` may be as well.
#[expect(clippy::option_option, reason = "a problem is something else than an absent key")]
fn character(
    object: Object<'_>,
    key: &str,
    others: &[&str],
    context: &mut Context<'_>,
) -> Option<Option<u8>> {
    let Some(node) = object.get(key) else { return Some(None) };
    let text = read::text(node)?;
    let refused =
        |message: String, hint: &str| Report::new(&BAD_VALUE, message).at(node.place()).hint(hint.to_owned());
    let [character] = text.as_bytes() else {
        let example = if key == "delimiter" { "`\";\"` or `\"\\t\"`" } else { "`\"'\"` or `\"#\"`" };
        let report = refused(
            format!("`{text}` cannot be {}", a(key)),
            &format!("write one ASCII character, for example {example}"),
        );
        context.problem(report);
        return None;
    };
    if !character.is_ascii() || b"\r\n".contains(character) {
        let report = refused(
            format!("`{}` cannot be {}", text.escape_debug(), a(key)),
            "write one ASCII character that is not a line break",
        );
        context.problem(report);
        return None;
    }
    let means = |other: &&&str| {
        let own = match (object.text(other), **other) {
            (Some(text), _) => text,
            (None, "delimiter") => Str::new_static(","),
            (None, "quote") => Str::new_static("\""),
            (None, _) => return false,
        };
        own == text
    };
    if let Some(other) = others.iter().find(means) {
        context.problem(refused(
            format!("`{text}` cannot be {}, since it is {}", a(key), a(other)),
            "write another character for one of them",
        ));
        return None;
    }
    Some(Some(*character))
}

fn a(key: &str) -> &'static str {
    match key {
        "delimiter" => "a delimiter",
        "quote" => "the quote",
        "escape" => "the escape",
        _ => "the comment character",
    }
}

/// The names of the columns where the file does not have them, held against the contract.
#[expect(clippy::option_option, reason = "a problem is something else than an absent key")]
fn header(
    object: Object<'_>,
    contract: Option<&Contract>,
    rules: &RowRules,
    dialect: Dialect,
    context: &mut Context<'_>,
) -> Option<Option<Vec<Str>>> {
    let Some(node) = object.get("header") else { return Some(None) };
    let contract = contract?;
    let names: Vec<Str> = match node.as_list() {
        Some(names) => names.iter().filter_map(read::text).collect(),
        None => {
            let names = |record: Arc<Record>| record.fields().iter().map(|it| it.name.clone()).collect();
            contract.shape.as_record().map(names).unwrap_or_default()
        }
    };
    let unwritable = |name: &&Str| {
        dialect.quote.is_none()
            && dialect.escape.is_none()
            && name.bytes().any(|byte| byte == dialect.delimiter || b"\r\n".contains(&byte))
    };
    if let Some(name) = names.iter().find(unwritable) {
        let report =
            Report::new(&BAD_VALUE, format!("`{name}` cannot be the name of a column without quotes"));
        context.problem(report.at(node.place()).hint("leave out the delimiter in the name"));
        return None;
    }
    let columns: Vec<&str> = names.iter().map(Str::as_str).collect();
    if let Err(reports) = RowDecoder::new(&contract.shape, &columns, rules) {
        let message = format!("`header` does not fit the contract `{}`", contract.reference);
        let report = Report::new(&WRONG_HEADER, message).at(node.place()).with_details(reports);
        context.problem(report.hint("name the columns as the contract names its fields"));
        return None;
    }
    Some(Some(names))
}
