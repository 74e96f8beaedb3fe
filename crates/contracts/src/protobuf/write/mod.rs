//! Shapes as `.proto`, in edition 2023, which can say most of them: presence, defaults, closed enumerations.
//!
//! Numbers of fields follow the order of the fields, so equal shapes have equal files. Whoever keeps a file in use keeps its
//! numbers, and adds to it by hand.

mod enumeration;
mod fields;
mod names;
mod scalar;

use std::collections::HashMap;

use tenon_errors::{Report, Reports, catalogue::contract::NOT_WRITABLE};
use tenon_model::{Kind, Named, Record, Shape, Str};

use self::names::{NameSet, pascal};
use crate::format::{Loss, Written};

/// `shape` as a file whose first message is called by `name`.
///
/// # Errors
/// `C0008` where it is no record.
pub(super) fn write(name: &str, shape: &Shape) -> Result<Written, Reports> {
    let Some(record) = shape.as_record() else {
        let message = format!("a contract in Protobuf is a message, and `{name}` is {}", shape.name());
        let report = Report::new(&NOT_WRITABLE, message);
        return Err(report.hint("put it into a field of an object").into());
    };
    let mut writer = Writer::default();
    let title = writer.types.take(&pascal(name));
    writer.root = Some((shape.resolved().into_owned(), title.clone()));
    if shape.allows_null() {
        writer.lose("", "may be null as a whole, and messages are not");
    }
    if !record.fields().iter().any(fields::is_unknown) {
        writer.lose("", "is written as messages, which keep under `unknown_fields` what they do not know");
    }
    let named = if let Kind::Named(named) = &shape.kind { Some(named) } else { None };
    writer.message(&title, &record, named, "");
    let mut text = String::from("edition = \"2023\";\n");
    writer.imports.sort_unstable();
    writer.imports.iter().for_each(|import| text.push_str(&format!("\nimport \"{import}\";")));
    if !writer.imports.is_empty() {
        text.push('\n');
    }
    for block in writer.blocks {
        text.push('\n');
        text.push_str(&block);
    }
    Ok(Written { text, losses: writer.losses })
}

/// The file as far as it is written.
#[derive(Default)]
struct Writer {
    types: NameSet,
    /// The names of members, which stand beside their enumerations.
    members: NameSet,
    /// What the members of the enumerations are called in the file, by what they are called in the contract.
    enumerations: HashMap<String, HashMap<String, String>>,
    /// The types that are written or being written, with their names in the file.
    known: Vec<(Named, String)>,
    /// The type that the file is for, with its name.
    root: Option<(Shape, String)>,
    imports: Vec<&'static str>,
    /// The messages and enumerations, in the order in which they are first needed.
    blocks: Vec<String>,
    losses: Vec<Loss>,
    /// How many messages are being written.
    depth: usize,
}

/// The most messages inside of each other. Deeper data is refused anyway.
const MAX_DEPTH: usize = 100;

impl Writer {
    fn lose(&mut self, path: &str, message: impl Into<String>) {
        self.losses.push(Loss { path: path.to_owned(), message: message.into() });
    }

    fn import(&mut self, file: &'static str) {
        if !self.imports.contains(&file) {
            self.imports.push(file);
        }
    }

    /// A message; `named` says more of it.
    fn message(&mut self, name: &str, record: &Record, named: Option<&Named>, path: &str) {
        // What is found on the way comes after.
        let at = self.blocks.len();
        self.blocks.push(String::new());
        if record.rest.is_some() {
            self.lose(path, "allows other fields, which a message only keeps unread");
        }
        if record.length.min.is_some() || record.length.max.is_some() {
            self.lose(path, "bounds how many fields there are, which Protobuf cannot say");
        }
        let mut block = String::new();
        let about = named.map(Named::about).unwrap_or_default();
        comment(record.doc.as_ref().or(about.doc.as_ref()).map(Str::as_str), "", &mut block);
        block.push_str(&format!("message {name} {{\n"));
        if about.is_deprecated {
            block.push_str("  option deprecated = true;\n");
        }
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            self.fields(record, path, &mut block);
            self.depth -= 1;
        } else {
            self.lose(path, format!("lies inside of {MAX_DEPTH} other types, and its fields are left out"));
        }
        block.push_str("}\n");
        self.blocks[at] = block;
    }
}

/// A comment of several lines.
fn comment(doc: Option<&str>, indent: &str, out: &mut String) {
    for line in doc.into_iter().flat_map(str::lines) {
        out.push_str(format!("{indent}// {line}").trim_end());
        out.push('\n');
    }
}
