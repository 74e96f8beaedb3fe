//! Kills the process with SIGKILL while clients send payments with idempotency keys, again until they are answered; edits and
//! reloads the project, and fills its disk, meanwhile. Then counts: nothing answered is lost, nothing is done twice or by
//! half, and every repeat got the first answer.
//!
//! `CRASH_RUNS` sets the number of kills (20 unless set), `CRASH_SEED` repeats a run. Full disks need root, for a small
//! file system in memory; without it the test says that it goes without them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod common;

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use common::{LIMIT, Random, number, signal};
use serde_json::Value;

const CLIENTS: u64 = 6;
/// The size of the small disk; topics and databases of a run take a few megabytes.
const DISK: &str = "size=160m";
const PATHS: [&str; 4] = ["/v1/pay", "/v1/note", "/v1/add", "/v1/pay-again"];

/// What the clients share.
struct Traffic {
    address: SocketAddr,
    stop: AtomicBool,
    sent: AtomicU64,
    unanswered: AtomicU64,
    repeated: AtomicU64,
}

/// An answer that a client has got: the body that was sent, and the one that came back.
type Answered = HashMap<String, (usize, String, String)>;

#[test]
fn a_request_that_is_sent_until_it_is_answered_takes_effect_once_whatever_happens_to_the_process() {
    let kills = number("CRASH_RUNS").unwrap_or(20) as usize;
    let mut random = Random::new();
    let folder = tempfile::tempdir().unwrap();
    let project = Project::new(folder.path());
    let traffic = Traffic {
        address: free_address(),
        stop: AtomicBool::new(false),
        sent: AtomicU64::new(0),
        unanswered: AtomicU64::new(0),
        repeated: AtomicU64::new(0),
    };
    let (mut reloads, mut full) = (0, 0);
    let answered = std::thread::scope(|scope| {
        let traffic = &traffic;
        let clients: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || client(n, traffic))).collect();
        for killed in 0..kills {
            let mut server = project.start(traffic.address);
            await_ready(traffic.address, &mut server, &project);
            pause(random.below(250));
            if random.below(3) == 0 {
                project.edit(killed);
                signal(&server, "HUP");
                reloads += 1;
                pause(random.below(150));
            }
            if project.has_small_disk && random.below(4) == 0 {
                project.fill();
                full += 1;
                pause(random.below(200));
                if random.below(2) == 0 {
                    project.free();
                    pause(random.below(100));
                }
            }
            server.kill().unwrap();
            server.wait().unwrap();
            project.free();
            if killed % 50 == 49 {
                println!("{} of {kills} kills, {} requests", killed + 1, traffic.sent.load(Relaxed));
            }
        }
        let mut server = project.start(traffic.address);
        await_ready(traffic.address, &mut server, &project);
        traffic.stop.store(true, Relaxed);
        let mut answered = Answered::new();
        for client in clients {
            answered
                .extend(client.join().unwrap_or_else(|_| panic!("a client failed, seed {}", random.seed)));
        }
        signal(&server, "TERM");
        server.wait().unwrap();
        answered
    });
    println!(
        "{kills} kills, {reloads} reloads, {full} full disks: {} requests answered, {} attempts unanswered or refused, {} repeats compared",
        answered.len(),
        traffic.unanswered.load(Relaxed),
        traffic.repeated.load(Relaxed)
    );
    compare(&project, &answered, random.seed);
}

/// Sends one payment after the other, each until it is answered, and now and then one again that was answered before.
fn client(number: u64, traffic: &Traffic) -> Answered {
    let mut random = Random::from(number);
    let mut answered: Vec<(String, usize, String, String)> = Vec::new();
    let mut n = 0_u64;
    while !traffic.stop.load(Relaxed) {
        n += 1;
        let (id, path) = (format!("{number}-{n}"), random.below(3) as usize);
        let (account, amount) = (random.below(5), random.below(100));
        let body = format!("{{\"id\":\"{id}\",\"account\":\"a{account}\",\"amount\":{amount}}}");
        let reply = until_answered(traffic, path, &id, &body);
        answered.push((id, path, body, reply));
        if random.below(8) == 0 {
            let (id, path, body, reply) = &answered[random.below(answered.len() as u64) as usize];
            // By the other operation of the flow, where there is one, and in another spelling.
            let path = if *path == 0 { 3 * random.below(2) as usize } else { *path };
            let spelled = body.replace(":\"", ": \"").replace('}', " }");
            assert_eq!(until_answered(traffic, path, id, &spelled), *reply, "the answer to a repeat of {id}");
            traffic.repeated.fetch_add(1, Relaxed);
        }
    }
    answered.into_iter().map(|(id, path, body, reply)| (id, (path, body, reply))).collect()
}

fn until_answered(traffic: &Traffic, path: usize, key: &str, body: &str) -> String {
    let started = Instant::now();
    loop {
        match post(traffic.address, PATHS[path], key, body) {
            Some((200, reply)) => {
                traffic.sent.fetch_add(1, Relaxed);
                return reply;
            }
            // In hand, on a full disk, or going down.
            None | Some((409 | 503, _)) => {
                traffic.unanswered.fetch_add(1, Relaxed);
            }
            Some((status, reply)) => {
                panic!("{} with the key {key} was answered {status}: {reply}", PATHS[path])
            }
        }
        assert!(
            started.elapsed() < LIMIT,
            "the request with the key {key} was not answered within {LIMIT:?}"
        );
        pause(5);
    }
}

/// The status and body of an answer, if one came as a whole.
fn post(address: SocketAddr, path: &str, key: &str, body: &str) -> Option<(u16, String)> {
    let answer = common::ask(address, "POST", path, &format!("idempotency-key: {key}\r\n"), body)?;
    Some((answer.status, answer.body))
}

/// Looks at what is left, without a server.
fn compare(project: &Project, answered: &Answered, seed: u64) {
    let of = |paths: &[usize]| -> BTreeMap<String, Value> {
        let some = answered.iter().filter(|(_, (path, ..))| paths.contains(path));
        some.map(|(id, (_, body, _))| (id.clone(), serde_json::from_str(body).unwrap())).collect()
    };
    let (paid, noted, added) = (of(&[0]), of(&[1]), of(&[2]));
    for (topic, expected) in [("paid", &paid), ("noted", &noted)] {
        let messages = project.look(&["topics", topic]);
        let mut ids: Vec<_> = messages.iter().map(|it| it["value"]["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        let mut wanted: Vec<_> = expected.keys().map(String::as_str).collect();
        wanted.sort_unstable();
        assert_eq!(ids, wanted, "each payment is in the topic `{topic}` once, seed {seed}");
        if topic == "paid" {
            for message in &messages {
                let value = &message["value"];
                let reply: Value = serde_json::from_str(&answered[value["id"].as_str().unwrap()].2).unwrap();
                assert_eq!(reply["at"], value["at"], "what was answered is what happened, seed {seed}");
            }
        }
    }
    let rows = project.look(&["tables", "payments"]);
    assert_eq!(rows.len(), paid.len(), "each payment is a row, seed {seed}");
    assert_eq!(totals(&project.look(&["tables", "totals"])), sums(&paid), "the totals, seed {seed}");
    assert_eq!(totals(&project.look(&["tables", "sums"])), sums(&added), "the sums, seed {seed}");
}

fn totals(rows: &[Value]) -> BTreeMap<String, (i64, i64)> {
    let total = |row: &Value| {
        let account = row["account"].as_str().unwrap().to_owned();
        let (count, amount) = (row["count"].as_i64().unwrap(), row["amount"].as_i64().unwrap());
        let mean = row["mean"].as_f64().unwrap();
        assert!((mean - amount as f64 / count as f64).abs() < 1e-9, "{row}: the average is that of the sum");
        (account, (count, amount))
    };
    rows.iter().map(total).collect()
}

fn sums(payments: &BTreeMap<String, Value>) -> BTreeMap<String, (i64, i64)> {
    let mut sums = BTreeMap::new();
    for payment in payments.values() {
        let (count, amount) = sums.entry(payment["account"].as_str().unwrap().to_owned()).or_insert((0, 0));
        *count += 1;
        *amount += payment["amount"].as_i64().unwrap();
    }
    sums
}

/// A copy of the project, whose state lies on a small disk where that can be had.
struct Project {
    folder: PathBuf,
    state: PathBuf,
    has_small_disk: bool,
}

impl Project {
    fn new(folder: &Path) -> Self {
        let (copy, state) = (folder.join("payments"), folder.join("state"));
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payments");
        assert!(Command::new("cp").arg("-r").args([&original, &copy]).status().unwrap().success());
        std::fs::create_dir(&state).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(&state).stderr(Stdio::null());
        let has_small_disk = mount.status().is_ok_and(|status| status.success());
        if !has_small_disk {
            println!(
                "SKIPPED: full disks, which need root and `mount`; kills and reloads go on without them"
            );
        }
        Self { folder: copy, state, has_small_disk }
    }

    fn start(&self, address: SocketAddr) -> Child {
        let said = std::fs::File::create(self.folder.join("stderr")).unwrap();
        let mut command = self.tenon(&["run", self.folder.to_str().unwrap()]);
        command.arg("--listen").arg(address.to_string());
        command.stdout(Stdio::null()).stderr(said).spawn().unwrap()
    }

    fn tenon(&self, arguments: &[&str]) -> Command {
        let mut command = common::tenon(arguments);
        command.arg("--state").arg(self.state.join("tenon")).arg("--dev");
        command
    }

    /// Another project each time, that does the same.
    fn edit(&self, number: usize) {
        let (file, new) = (self.folder.join("tenon.yaml"), self.folder.join("tenon.yaml.new"));
        let text = std::fs::read_to_string(&file).unwrap();
        let text = match text.contains("- let:") {
            true => text.lines().filter(|line| !line.contains("- let:")).collect::<Vec<_>>().join("\n"),
            false => text
                .replace("    steps:\n", &format!("    steps:\n      - let: {{ edited: \"{number}\" }}\n")),
        };
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &file).unwrap();
    }

    /// Takes all space that is left.
    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.state.join("ballast")).unwrap();
        for size in [1 << 20, 1 << 12] {
            while ballast.write_all(&vec![1; size]).is_ok() {}
        }
    }

    fn free(&self) {
        let _ = std::fs::remove_file(self.state.join("ballast"));
    }

    fn look(&self, arguments: &[&str]) -> Vec<Value> {
        let mut command = self.tenon(arguments);
        command.args(["--format", "jsonl", "--limit", "10000000", "-C"]).arg(&self.folder);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>().unwrap()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if self.has_small_disk {
            let _ = Command::new("umount").arg("-l").arg(&self.state).status();
        }
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn await_ready(address: SocketAddr, server: &mut Child, project: &Project) {
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = server.try_wait().unwrap() {
            let said = std::fs::read_to_string(project.folder.join("stderr")).unwrap();
            panic!("the server ended with {status}:\n{said}");
        }
        assert!(started.elapsed() < LIMIT, "the server was not there within {LIMIT:?}");
        pause(5);
    }
}

fn pause(millis: u64) {
    common::pause(Duration::from_millis(millis));
}
