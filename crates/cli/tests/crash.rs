//! Kills the process with SIGKILL while flights stream, restarts it, and compares with a single pass.
//!
//! `CRASH_RUNS` sets the number of kills (50 unless set), `CRASH_SEED` repeats a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use common::{LIMIT, Random, number};
use serde_json::Value;

/// Where a run writes what it says.
const SAID: &str = "stderr";
/// The kills of one trial; then it is left to finish, so that every trial ends.
const KILLS_PER_TRIAL: usize = 10;

/// What a finished run has left behind.
#[derive(Debug, PartialEq)]
struct Left {
    topic: BTreeMap<String, Value>,
    dead: BTreeSet<String>,
    delays: BTreeSet<String>,
}

#[test]
fn a_process_killed_at_random_points_loses_nothing_and_counts_nothing_twice() {
    let kills = number("CRASH_RUNS").unwrap_or(50) as usize;
    let mut random = Random::new();
    let clean = tempfile::tempdir().unwrap();
    let started = Instant::now();
    finish(clean.path());
    let usual = started.elapsed();
    let expected = look(clean.path());
    assert_eq!(expected.topic.len() + expected.dead.len(), rows(), "a single pass accounts for every row");

    // How long a run is let go on at most before it is killed.
    let (mut killed, mut reach) = (0, usual);
    while killed < kills {
        let state = tempfile::tempdir().unwrap();
        for _ in 0..KILLS_PER_TRIAL.min(kills - killed) {
            let mut child = start(state.path());
            common::pause(reach.mul_f64(random.fraction()));
            if child.try_wait().unwrap().is_some() {
                // It was done before it was killed: the next one has less time, and everything before it.
                reach = reach.mul_f64(0.8);
                break;
            }
            child.kill().unwrap();
            killed += 1;
            child.wait().unwrap();
        }
        finish(state.path());
        let seen = look(state.path());
        assert_eq!(seen.dead, expected.dead, "dead letters after {killed} kills, seed {}", random.seed);
        assert_eq!(seen.topic, expected.topic, "the topic after {killed} kills, seed {}", random.seed);
        assert_eq!(seen.delays, expected.delays, "the statistics after {killed} kills, seed {}", random.seed);
        assert_eq!(seen.delays, single_pass(&seen.topic), "the statistics are those of a single pass");
        println!("{killed} of {kills} kills survived");
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights")
}

fn rows() -> usize {
    std::fs::read_to_string(project().join("data/flights.csv")).unwrap().lines().count() - 1
}

fn tenon(state: &Path, arguments: &[&str]) -> Command {
    let mut command = common::tenon(arguments);
    command.arg("--state").arg(state).arg("--dev");
    command
}

fn start(state: &Path) -> Child {
    let project = project();
    let arguments = ["run", project.to_str().unwrap(), "--until-idle", "--listen", "127.0.0.1:0"];
    let said = std::fs::File::create(state.join(SAID)).unwrap();
    tenon(state, &arguments).stdout(Stdio::null()).stderr(said).spawn().unwrap()
}

fn finish(state: &Path) {
    let mut child = start(state);
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        if let Some(status) = child.try_wait().unwrap() {
            let said = std::fs::read_to_string(state.join(SAID)).unwrap();
            assert!(status.success(), "the last run ended with {status}:\n{said}");
            return;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the last run was not idle within {LIMIT:?}");
}

fn look(state: &Path) -> Left {
    let project = project();
    let lines = |arguments: &[&str]| -> Vec<Value> {
        let arguments: Vec<_> =
            arguments.iter().copied().chain(["-C", project.to_str().unwrap(), "--limit", "100000"]).collect();
        let output = tenon(state, &arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>().unwrap()
    };
    let messages = lines(&["topics", "flights", "--format", "jsonl"]);
    let topic: BTreeMap<_, _> = messages
        .iter()
        .map(|it| (it["value"]["id"].as_str().unwrap().to_owned(), it["value"].clone()))
        .collect();
    assert_eq!(topic.len(), messages.len(), "no flight is in the topic twice");
    let dead = lines(&["dead", "list", "--format", "jsonl"]);
    let dead = dead.iter().map(|it| it["origin"].as_str().unwrap().to_owned()).collect();
    let delays = lines(&["tables", "delays", "--format", "jsonl"]).iter().map(ToString::to_string).collect();
    Left { topic, dead, delays }
}

/// The statistics computed from the topic in one pass, without Tenon.
fn single_pass(topic: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let mut groups: BTreeMap<(String, String), [i64; 5]> = BTreeMap::new();
    for flight in topic.values() {
        let text = |name: &str| flight[name].as_str().unwrap().to_owned();
        let delay = flight["departure_delay_minutes"].as_i64().unwrap_or(0);
        let group = groups.entry((text("carrier"), text("day"))).or_insert([0, 0, 0, 0, i64::MIN]);
        group[0] += 1;
        group[1] += i64::from(text("status") == "cancelled");
        group[2] += i64::from(delay > 15);
        group[3] += delay.max(0);
        group[4] = group[4].max(delay);
    }
    let row = |((carrier, day), [flights, cancelled, delayed, minutes, worst]): (_, [i64; 5])| {
        serde_json::json!({
            "carrier": carrier, "day": day, "flights": flights, "cancelled": cancelled, "delayed": delayed,
            "delay_minutes": minutes, "worst_delay_minutes": worst,
        })
        .to_string()
    };
    groups.into_iter().map(row).collect()
}
