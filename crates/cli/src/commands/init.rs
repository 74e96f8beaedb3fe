//! `tenon init`: a small project that runs.

use std::{fs, path::Path};

use tenon_errors::{
    Report, Reports,
    catalogue::engine::{BAD_USAGE, IO_FAILED},
};

use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

/// The files of the starter project: path and content.
const FILES: &[(&str, &str)] = &[
    ("tenon.yaml", include_str!("starter/tenon.yaml")),
    ("contracts/customer/1.json", include_str!("starter/customer.json")),
    ("contracts/customer-row/1.json", include_str!("starter/customer-row.json")),
    ("data/customers.csv", include_str!("starter/customers.csv")),
    ("tests/customers.md", include_str!("starter/customers.md")),
    (".gitignore", ".tenon/\nsecrets/\n"),
];

pub fn run(folder: &Path, output: &Output) -> Result<Exit, Reports> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let report = Report::new(&BAD_USAGE, format!("`{}` exists and is not empty", folder.display()));
        return Err(report.hint("name a folder that does not exist yet").into());
    }
    for (path, content) in FILES {
        write(&folder.join(path), content)?;
        output.line(folder.join(path).display().to_string());
    }
    output.note(format!("\nNext:\n  cd {}\n  tenon test\n  tenon run --dev", folder.display()));
    Ok(SUCCESS)
}

fn write(path: &Path, content: &str) -> Result<(), Report> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display())))
}
