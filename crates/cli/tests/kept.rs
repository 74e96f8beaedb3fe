//! What is sent stays what it is, through requests, mappings, topics, tables and replies.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Command};

#[test]
fn what_is_sent_stays_what_it_is() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    let output = Command::new(env!("CARGO_BIN_EXE_tenon"))
        .arg("test")
        .arg(project)
        .env_remove("UPDATE")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}
