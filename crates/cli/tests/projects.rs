//! Projects whose own test documents hold what goes through every part.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Command};

/// Runs the test documents of the project in `folder`.
fn passes(folder: &str) {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let output = Command::new(env!("CARGO_BIN_EXE_tenon"))
        .arg("test")
        .arg(project)
        .env_remove("UPDATE")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_first_and_the_last_instant_go_everywhere() {
    passes("tests/dates");
}

#[test]
fn local_date_times_and_periods_go_everywhere() {
    passes("tests/terms");
}

#[test]
fn what_is_sent_stays_what_it_is() {
    passes("tests/kept");
}

#[test]
fn expressions_know_what_protobuf_and_avro_can_say() {
    passes("tests/expressions");
}

#[test]
fn an_order_goes_through_five_encodings_and_three_versions() {
    passes("tests/encodings");
}

#[test]
fn orders_go_through_four_formats() {
    passes("../../examples/orders");
}
