//! What independent validators say of contracts that are refused: whether these are at fault, or their reader.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::packages;

/// The validators, pinned so that two runs can be compared.
const PACKAGES: [&str; 4] = ["lxml==6.1.3", "xmlschema==4.3.2", "zeep==4.3.3", "jsonschema==4.26.0"];
const PROGRAM: &str = include_str!("judges.py");

/// What each validator says: nothing, or why the contract is wrong.
pub(super) struct Verdict(BTreeMap<String, Option<String>>);

impl Verdict {
    /// Whether one of them has nothing to say against it.
    pub(super) fn is_valid(&self) -> bool {
        self.0.values().any(Option::is_none)
    }
}

/// As in `libxml2: Opening and ending tag mismatch`, all of them.
impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = |(judge, message): (&String, &Option<String>)| {
            format!("{judge}: {}", message.as_deref().unwrap_or("valid"))
        };
        f.write_str(&self.0.iter().map(said).collect::<Vec<_>>().join("; "))
    }
}

/// The verdicts on files of one kind (`xsd`, `wsdl` or `json`), in their order.
///
/// # Errors
/// What cannot be installed or run.
pub(super) fn verdicts(kind: &str, files: &[PathBuf]) -> Result<Vec<Verdict>, String> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let python = packages::python("judges", &PACKAGES)?;
    let failed = |error: std::io::Error| format!("the validators cannot be run: {error}");
    let mut child = Command::new(python)
        .args(["-c", PROGRAM, kind])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let list: String = files.iter().map(|path| format!("{}\n", absolute(path).display())).collect();
    let mut input = child.stdin.take().ok_or("the validators read nothing")?;
    let written = std::thread::spawn(move || input.write_all(list.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    written.join().map_err(|_| "the validators read nothing")?.map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let verdicts: Result<Vec<_>, _> =
        text.lines().map(|line| serde_json::from_str(line).map(Verdict)).collect();
    let verdicts = verdicts.map_err(|error| format!("the validators said something else: {error}"))?;
    if verdicts.len() == files.len() {
        Ok(verdicts)
    } else {
        Err(format!("the validators judged {} of {} files", verdicts.len(), files.len()))
    }
}

fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
