//! The first and the last instants that data can hold, through every part of a project.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Command};

#[test]
fn the_ends_of_the_range_go_everywhere() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dates");
    let output = Command::new(env!("CARGO_BIN_EXE_tenon"))
        .arg("test")
        .arg(project)
        .env_remove("UPDATE")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}
