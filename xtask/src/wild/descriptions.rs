//! Descriptions of APIs and of messages, with their types and operations.

use std::path::Path;

use tenon_contracts::format;

use super::Reasons;
use crate::{
    folder::{Folder, files},
    packages,
};

const PACKAGES: &[(&str, &str)] = &[
    ("GitHub OpenAPI", "@octokit/openapi@23.0.2"),
    ("GitHub OpenAPI of webhooks", "@octokit/openapi-webhooks@12.1.0"),
    ("ReadMe's OpenAPI examples", "@readme/oas-examples@8.2.2"),
    ("Blockfrost OpenAPI", "@blockfrost/openapi@0.1.93"),
    ("AsyncAPI generator", "@asyncapi/generator@2.11.0"),
    ("AsyncAPI studio", "@asyncapi/studio@1.4.2"),
];

/// What was read of a collection.
#[derive(Default)]
struct Count {
    documents: usize,
    read: usize,
    types: usize,
    operations: usize,
    reasons: Reasons,
}

/// Reads the descriptions of every package, and prints what was found.
pub(super) fn run() -> Result<(), String> {
    for (title, package) in PACKAGES {
        let mut count = Count::default();
        for path in files(&packages::npm(package)?, &["json", "yaml", "yml"])? {
            describe(&path, &mut count);
        }
        report(title, count);
    }
    Ok(())
}

fn describe(path: &Path, count: &mut Count) {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = Folder(path.parent().unwrap_or(Path::new(".")).to_owned());
    let read = folder.read_file(path, |source| {
        // Files of other kinds lie beside them.
        let format = format::of(source.file, source.text);
        format.filter(|it| matches!(it.name(), "OpenAPI" | "AsyncAPI")).map(|it| it.read(source)).transpose()
    });
    match read {
        Ok(None) => return,
        Ok(Some(schema)) => {
            count.read += 1;
            count.types += schema.types.len();
            count.operations += schema.operations.len();
        }
        Err(problems) => count.reasons.add(&file, &problems),
    }
    count.documents += 1;
}

#[expect(clippy::print_stdout, reason = "a command line tool")]
fn report(title: &str, count: Count) {
    let Count { documents, read, types, operations, reasons } = count;
    println!(
        "{title}: {read} of {documents} descriptions are read, with {types} types and {operations} operations"
    );
    reasons.print();
}
