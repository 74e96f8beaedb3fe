//! Signals to a process that has not begun to serve.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    time::Instant,
};

use common::signal;

/// Starts the flights example, and returns when it listens to signals, which is long before it serves.
fn begin(state: &Path) -> Child {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights");
    let mut command = common::tenon(&["run", "--dev", "--listen", "127.0.0.1:0"]);
    command.arg(project).arg("--state").arg(state).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    while !catches_hangups(&child) {
        assert!(began.elapsed() < common::LIMIT && child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    child
}

fn catches_hangups(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim().to_owned();
    u64::from_str_radix(&caught, 16).unwrap() & 1 == 1
}

#[test]
fn a_hangup_before_the_start_is_done_is_a_reload_after_it() {
    let state = tempfile::tempdir().unwrap();
    let mut child = begin(state.path());
    signal(&child, "HUP");
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said: Vec<String> = Vec::new();
    for line in lines {
        said.push(line);
        if said.last().is_some_and(|line| line.contains("reloaded")) {
            break;
        }
    }
    let served = said.iter().position(|line| line.contains("http://"));
    let reloaded = said.iter().position(|line| line.contains("reloaded"));
    assert!(served.is_some() && reloaded > served, "{said:#?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_stop_before_the_start_is_done_ends_the_process_in_order() {
    let state = tempfile::tempdir().unwrap();
    let mut child = begin(state.path());
    signal(&child, "TERM");
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    said.by_ref().for_each(drop);
    assert!(child.wait().unwrap().success());
}
