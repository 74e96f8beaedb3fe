//! `tenon contract`, run in a folder.

use std::{path::Path, process::Command};

/// Runs it, and returns what it printed, which has to end with `code` and to say all of `contains`.
#[track_caller]
pub fn check(folder: &Path, arguments: &[&str], code: i32, contains: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    let output = command.current_dir(folder).arg("contract").args(arguments).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    for part in contains {
        assert!(text.contains(part), "{arguments:?} does not say `{part}`: {text}");
    }
    String::from_utf8_lossy(&output.stdout).into_owned()
}
