//! Clients that do not read what they ask for, do not finish what they send, or send nothing at all, against a process that the
//! system holds to 512 MiB of memory or to 1,024 files: it goes on, and serves everybody else meanwhile. `make readers` runs
//! this at full strength and prints the peak memory of each attack.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod common;

use std::{
    fmt::Write as _,
    fs,
    io::{ErrorKind, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use common::{Answer, Server, limits, number};
use tenon_engine::process;

/// The memory that a process may take: the system kills one that takes more.
const MOST: u64 = 512 << 20;
/// Connections that do nothing, and the files that a process may have open.
const IDLE: usize = 1_500;
const FILES: u64 = 1_024;
/// The size of a page of 200 rows.
const PAGE: usize = 2_000_000;
/// How long the attackers hold on.
const HOLD: Duration = Duration::from_secs(6);

const PROJECT: &str = "project: pages
systems:
  db: { sql: { url: 'sqlite://pages.db' } }
  files: { files: { folder: data } }
tables:
  pages: { in: db, contract: page, key: id }
apis:
  pages:
    auth: none
    expose: { rest: /v1 }
    operations:
      page: { rest: 'GET /pages/{id}', table: pages }
      pages: { rest: GET /pages, table: pages, page_size: 200, max_page_size: 200 }
      write: { rest: POST /pages, input: page, output: page, flow: write }
flows:
  load: { from: { file: { in: files, path: pages.jsonl, format: jsonl, contract: page } }, steps: [{ upsert: pages }] }
  write: { steps: [{ upsert: pages }], reply: { id: page.id, text: { value: ok } } }
";
const CONTRACT: &str = r#"{ "type": "object", "required": ["id", "text"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "text": { "type": "string" } } }"#;

/// A running project.
struct Target {
    server: Server,
    // Removed after the process has ended.
    _memory: limits::Memory,
    _folder: tempfile::TempDir,
}

impl Target {
    /// One that may not take more than [`MOST`].
    fn start() -> Self {
        Self::within(limits::Memory::of(MOST), |command| command)
    }

    fn within(memory: limits::Memory, limited: impl FnOnce(Command) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/page")).unwrap();
        fs::create_dir_all(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("tenon.yaml"), PROJECT).unwrap();
        fs::write(folder.path().join("contracts/page/1.json"), CONTRACT).unwrap();
        let mut rows = String::new();
        for row in 0..200 {
            writeln!(rows, "{{\"id\":\"{row:03}\",\"text\":\"{}\"}}", "x".repeat(PAGE / 200)).unwrap();
        }
        fs::write(folder.path().join("data/pages.jsonl"), rows).unwrap();
        let mut command = common::tenon(&["run", "--listen", "127.0.0.1:0", "--log-format", "text"]);
        command.env("TENON_LOG", "error").current_dir(folder.path());
        let server = Server::start(memory.hold(&limited(command)));
        let target = Self { server, _memory: memory, _folder: folder };
        let began = Instant::now();
        while target.server.get("/v1/pages/199").is_none_or(|answer| answer.status != 200) {
            assert!(began.elapsed() < common::LIMIT, "the rows are not there");
        }
        target
    }

    #[track_caller]
    fn get(&self, attack: &str, path: &str) -> Answer {
        let answer = self.server.get(path).unwrap_or_else(|| panic!("{attack}: {path}: no answer"));
        assert_eq!(answer.status, 200, "{attack}: {path}: {}{}", answer.head, answer.body);
        answer
    }

    /// Others are served while the attack goes on, and the process is not too large after it.
    fn withstands(&mut self, attack: &str, mut go_on: impl FnMut()) {
        let began = Instant::now();
        let mut served = 0;
        while began.elapsed() < HOLD {
            go_on();
            for path in ["/livez", "/v1/pages/007", "/v1/pages?limit=2"] {
                self.get(attack, path);
                served += 1;
            }
        }
        assert!(self.get(attack, "/v1/pages").body.len() > PAGE, "{attack}: a whole page");
        assert_eq!(self.server.has_ended(), None, "{attack}");
        let peak = self.server.status("VmHWM:") << 10;
        eprintln!("{attack}: peak {} MiB, {served} requests of others served meanwhile", peak >> 20);
        assert!(peak < MOST, "{attack}: {peak}");
    }
}

/// At how much more than a fifth of full strength.
fn strength() -> usize {
    number("ATTACK").unwrap_or(1) as usize
}

#[test]
fn the_limit_of_memory_is_a_real_one() {
    let memory = limits::Memory::of(64 << 20);
    if matches!(memory, limits::Memory::None) {
        return;
    }
    let takes = |bytes: u64| {
        let mut command = Command::new("sh");
        // The last line, which is all of it, is kept in memory.
        command.args(["-c", &format!("head -c {bytes} /dev/zero | tail -n 1 > /dev/null")]);
        memory.hold(&command).status().unwrap().success()
    };
    assert!(takes(1 << 20), "what is within the limit goes on");
    assert!(!takes(256 << 20), "what is beyond it is killed");
}

#[test]
fn readers_that_do_not_read_are_withstood() {
    let mut target = Target::start();
    let mut readers = Vec::new();
    for _ in 0..60 * strength() {
        let mut stream = target.server.connect();
        stream.write_all(b"GET /v1/pages HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        readers.push(stream);
    }
    target.withstands("readers over HTTP/1", || {});
    drop(readers);
}

#[test]
fn streams_that_are_not_read_are_withstood() {
    let mut target = Target::start();
    let mut connections = Vec::new();
    for _ in 0..2 {
        let mut stream = target.server.connect();
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
        for request in 0..40 * strength() {
            // GET, http, a path and an authority, as literals without an index.
            let mut head = b"\x82\x86\x04\x09/v1/pages\x01\x01a".to_vec();
            let id = u32::try_from(request * 2 + 1).unwrap();
            bytes.extend_from_slice(&[0, 0, u8::try_from(head.len()).unwrap(), 1, 5]);
            bytes.extend_from_slice(&id.to_be_bytes());
            bytes.append(&mut head);
        }
        stream.write_all(&bytes).unwrap();
        connections.push(stream);
    }
    target.withstands("streams over HTTP/2", || {});
    drop(connections);
}

#[test]
fn bodies_that_are_not_finished_are_withstood() {
    let mut target = Target::start();
    let length = 2 << 20;
    let head = format!(
        "POST /v1/pages HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let piece = vec![b' '; 64 << 10];
    let mut begun = Vec::new();
    for _ in 0..140 * strength() {
        let mut stream = target.server.connect();
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        begun.push((stream, 0));
    }
    target.withstands("bodies", || {
        for (stream, sent) in &mut begun {
            // All but the last byte.
            while *sent < length - 1 {
                match stream.write(&piece[..piece.len().min(length - 1 - *sent)]) {
                    Ok(written) => *sent += written,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => *sent = length,
                }
            }
        }
    });
    drop(begun);
}

#[test]
fn connections_that_do_nothing_leave_files_to_requests() {
    process::raise_file_limit();
    let own = process::file_limit().unwrap_or(u64::MAX);
    if own < 2 * IDLE as u64 {
        println!(
            "SKIPPED: {IDLE} connections that do nothing, for which this test may not open enough files ({own})"
        );
        return;
    }
    // A soft limit is raised; within a hard one, connections that do nothing make place for others.
    for hard in [own.min(65_536), FILES] {
        let target = Target::within(limits::Memory::None, |it| limits::files(&it, FILES, hard));
        let mut idle: Vec<TcpStream> = Vec::new();
        for number in 0..IDLE {
            let mut stream = target.server.connect();
            // Some have said nothing, some have begun to, and some have been served.
            stream
                .write_all([&b""[..], b"GET", b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"][number % 3])
                .unwrap();
            idle.push(stream);
        }
        for number in 0..20 {
            let body = format!("{{\"id\":\"new-{number}\",\"text\":\"x\"}}");
            let answer = common::ask(target.server.address, "POST", "/v1/pages", "", &body);
            let answer = answer.unwrap_or_else(|| panic!("no answer with a limit of {hard}"));
            assert_eq!(answer.status / 100, 2, "with a limit of {hard}: {}{}", answer.head, answer.body);
            // What it says is what requests meet.
            target.get(&format!("a limit of {hard} files"), "/readyz");
        }
        drop(idle);
    }
}
