//! Kills the process with SIGKILL while its flow calls a system that acts: nothing is called twice, and each message is done, or a dead
//! letter that says that it is in doubt.
//!
//! `CRASH_RUNS` sets the number of kills (10 unless set), `CRASH_SEED` repeats a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod common;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use common::{Random, number};

/// Messages for each kill.
const MESSAGES: usize = 400;
/// How long the system takes.
const TAKES: Duration = Duration::from_millis(5);

/// What the system was asked to do, and how often.
type Acted = Arc<Mutex<BTreeMap<String, u32>>>;

#[test]
fn a_process_that_is_killed_while_it_calls_calls_nothing_twice() {
    let kills = number("CRASH_RUNS").unwrap_or(10);
    let mut random = Random::new();
    let acted = Acted::default();
    let address = serve(&acted);
    let (mut killed, mut doubted) = (0, 0);
    while killed < kills {
        let project = project(address);
        acted.lock().unwrap().clear();
        for _ in 0..5.min(kills - killed) {
            let mut child = start(project.path());
            common::pause(Duration::from_millis(300).mul_f64(0.2 + random.fraction()));
            if child.try_wait().unwrap().is_some() {
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
        }
        assert!(start(project.path()).wait().unwrap().success());
        let acted = acted.lock().unwrap();
        let twice: Vec<_> = acted.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "called twice: {twice:?}");
        let (done, doubts) = left(project.path());
        assert_eq!(done.len() + doubts, MESSAGES, "{} done and {doubts} in doubt", done.len());
        for id in &done {
            assert!(acted.contains_key(id), "{id} is done and was never called");
        }
        assert!(acted.len() <= done.len() + doubts);
        doubted += doubts;
    }
    println!("{killed} kills; {doubted} calls were in doubt, and none was made twice");
}

/// A system that takes orders, each in a moment, and counts them.
fn serve(acted: &Acted) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let acted = Arc::clone(acted);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let acted = Arc::clone(&acted);
            thread::spawn(move || answer(stream, &acted));
        }
    });
    address
}

fn answer(stream: TcpStream, acted: &Acted) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if !reader.read_line(&mut head).is_ok_and(|read| read > 0) {
                return;
            }
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let id = head.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().to_owned();
        *acted.lock().unwrap().entry(id).or_default() += 1;
        common::pause(TAKES);
        let reply = b"HTTP/1.1 204 Done\r\n\r\n";
        if reader.get_mut().write_all(reply).is_err() {
            return;
        }
    }
}

fn project(address: SocketAddr) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let contract = r#"{ "type": "object", "additionalProperties": false, "required": ["id"], "properties": { "id": { "type": "string" } } }"#;
    write("contracts/order/1.json", contract);
    let mut rows = "id\n".to_owned();
    (0..MESSAGES).for_each(|id| writeln!(rows, "o{id}").unwrap());
    write("data/orders.csv", &rows);
    write(
        "tenon.yaml",
        &format!(
            "project: shop
systems:
  files: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: 'sqlite://shop.db' }} }}
  erp: {{ http: {{ url: 'http://{address}', operations: {{ submit: {{ request: 'POST /orders/{{id}}', input: order }} }} }}, at_most: 8 }}
tables: {{ done: {{ in: db, contract: order, key: id }} }}
flows:
  submit:
    from: {{ file: {{ in: files, path: orders.csv, contract: order }} }}
    steps:
      - call: {{ operation: erp.submit, fields: {{ id: order.id }} }}
      - upsert: done
"
        ),
    );
    folder
}

fn start(project: &Path) -> std::process::Child {
    let mut command: Command = common::tenon(&["run", "--until-idle"]);
    command.current_dir(project).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The messages that are done, and how many dead letters there are, all of them in doubt.
fn left(project: &Path) -> (Vec<String>, usize) {
    let run = |arguments: &[&str]| {
        let output = common::tenon(arguments).current_dir(project).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let rows = run(&["tables", "done", "--limit", "100000", "--format", "jsonl"]);
    let id = |line: &str| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let dead = run(&["dead", "list", "--format", "jsonl", "--limit", "100000"]);
    let dead: Vec<_> = dead.lines().filter(|line| !line.trim().is_empty()).collect();
    assert!(dead.iter().all(|line| line.contains("Y0425")), "{dead:?}");
    let count = |line: &&&str| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        entry["count"].as_u64().unwrap_or(1)
    };
    (
        rows.lines().map(id).collect(),
        usize::try_from(dead.iter().map(|line| count(&line)).sum::<u64>()).unwrap(),
    )
}
