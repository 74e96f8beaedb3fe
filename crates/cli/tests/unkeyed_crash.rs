//! Kills the process with SIGKILL while clients send payments without keys, into a database and a topic: each payment is in both
//! or in neither, and one that was answered is in both.
//!
//! `CRASH_RUNS` sets the number of kills (20 unless set), `CRASH_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use common::{Random, Server, ask, number, pause, signal, tenon};
use serde_json::Value;

const CLIENTS: u64 = 6;

struct Project {
    _folder: tempfile::TempDir,
    project: String,
    state: String,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payments");
        assert!(Command::new("cp").arg("-r").arg(original).arg(folder.path()).status().unwrap().success());
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        Self { project: path("payments"), state: path("state"), _folder: folder }
    }

    fn start(&self) -> Server {
        Server::start(tenon(&[
            "run",
            &self.project,
            "--state",
            &self.state,
            "--dev",
            "--listen",
            "127.0.0.1:0",
        ]))
    }

    fn look(&self, what: &[&str]) -> Vec<Value> {
        let more = [
            "--format",
            "jsonl",
            "--limit",
            "10000000",
            "-C",
            &self.project,
            "--state",
            &self.state,
            "--dev",
        ];
        let output = tenon(&[what, &more].concat()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>().unwrap()
    }
}

/// Sends payments, each once; returns those that were answered.
fn client(client: u64, address: &Mutex<SocketAddr>, stop: &AtomicBool) -> Vec<String> {
    let mut answered = Vec::new();
    for n in 0.. {
        if stop.load(Relaxed) {
            break;
        }
        let id = format!("{client}-{n}");
        let body = format!("{{\"id\":\"{id}\",\"account\":\"a{}\",\"amount\":{}}}", n % 5, n % 100);
        let at = *address.lock().unwrap();
        match ask(at, "POST", "/v1/pay", "", &body) {
            Some(answer) if answer.status == 200 => answered.push(id),
            // Going down.
            Some(answer) => assert_eq!(answer.status, 503, "{answer:?}"),
            None => pause(Duration::from_millis(5)),
        }
    }
    answered
}

#[test]
fn a_request_without_a_key_is_in_all_systems_or_in_none_when_the_process_is_killed() {
    let kills = number("CRASH_RUNS").unwrap_or(20);
    let (mut random, project) = (Random::new(), Project::new());
    let mut server = project.start();
    let (address, stop) = (Mutex::new(server.address), AtomicBool::new(false));
    let answered: Vec<String> = std::thread::scope(|scope| {
        let (address, stop) = (&address, &stop);
        let clients: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || client(n, address, stop))).collect();
        for _ in 0..kills {
            pause(Duration::from_millis(20 + random.below(200)));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            server = project.start();
            *address.lock().unwrap() = server.address;
        }
        stop.store(true, Relaxed);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    signal(&server.child, "TERM");
    server.child.wait().unwrap();
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let messages: Vec<String> = project.look(&["topics", "paid"]).iter().map(|it| id(&it["value"])).collect();
    let published: BTreeSet<String> = messages.iter().cloned().collect();
    assert_eq!(published.len(), messages.len(), "nothing is published twice, seed {}", random.seed);
    let rows = project.look(&["tables", "payments"]);
    let kept: BTreeSet<String> = rows.iter().map(id).collect();
    assert_eq!(kept, published, "each is in both or in neither, seed {}", random.seed);
    assert!(answered.iter().all(|id| kept.contains(id)), "what was answered is there, seed {}", random.seed);
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in &rows {
        let (count, amount) = sums.entry(row["account"].as_str().unwrap().to_owned()).or_default();
        *count += 1;
        *amount += row["amount"].as_i64().unwrap();
    }
    let total = |row: &Value| {
        let account = row["account"].as_str().unwrap().to_owned();
        (account, (row["count"].as_i64().unwrap(), row["amount"].as_i64().unwrap()))
    };
    let totals: BTreeMap<_, _> = project.look(&["tables", "totals"]).iter().map(total).collect();
    assert_eq!(totals, sums, "each is counted once, seed {}", random.seed);
    println!("{kills} kills: {} payments answered, {} there", answered.len(), kept.len());
    assert!(kept.len() >= answered.len() && !answered.is_empty());
}
