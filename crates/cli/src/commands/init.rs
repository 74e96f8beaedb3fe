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

/// The longest name of a project.
const MAX_NAME: usize = 64;

pub fn run(folder: &Path, output: &Output) -> Result<Exit, Reports> {
    if let Some(report) = occupied(folder) {
        return Err(report.into());
    }
    let name = name_of(folder);
    for (path, content) in FILES {
        write(&folder.join(path), &content.replace("starter", &name))?;
        output.line(folder.join(path).display().to_string());
    }
    let here = Path::new(".").canonicalize().ok();
    let enter = if folder.canonicalize().ok() == here {
        String::new()
    } else {
        format!("  cd {}\n", quoted(&folder.display().to_string()))
    };
    output.note(format!("\nNext:\n{enter}  tenon test\n  tenon run --dev"));
    Ok(SUCCESS)
}

/// Why no project can be made here.
fn occupied(folder: &Path) -> Option<Report> {
    let refused = |what: &str| Report::new(&BAD_USAGE, format!("`{}` {what}", folder.display()));
    if folder.join("tenon.yaml").exists() {
        let hint =
            format!("run `tenon check {}`, or name another folder", quoted(&folder.display().to_string()));
        return Some(refused("is a project already").hint(hint));
    }
    if folder.exists() && !folder.is_dir() {
        return Some(refused("exists and is not a folder").hint("name a folder that does not exist yet"));
    }
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    let hint = "name a folder that is empty or does not exist yet";
    occupied.then(|| refused("exists and is not empty").hint(hint))
}

/// The folder's name as the name of a project.
fn name_of(folder: &Path) -> String {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = absolute.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String =
        name.chars().map(fits).skip_while(|c| !c.is_ascii_alphabetic()).take(MAX_NAME).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { "project".to_owned() } else { name.to_owned() }
}

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ',' | '@' | ':');
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn write(path: &Path, content: &str) -> Result<(), Report> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_like_its_folder() {
        let check =
            |folder: &str, expected: &str| assert_eq!(name_of(Path::new(folder)), expected, "{folder}");
        check("/tmp/shop", "shop");
        check("/tmp/My Shop (2)", "my-shop--2");
        check("/tmp/2nd", "nd");
        check("/tmp/商店", "project");
        check("/", "project");
    }

    #[test]
    fn a_folder_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("a/b-1.c"), "a/b-1.c");
        assert_eq!(quoted("my shop"), "'my shop'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
