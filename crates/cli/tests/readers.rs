//! Clients that do not read what they ask for, and do not finish what they send: the process stays below 512 MiB, and serves
//! everybody else meanwhile. `make readers` runs it at full strength and prints the peak memory of each attack.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test fails by panicking")]

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const MOST: u64 = 512 << 20;
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

/// A running project, ended with the test.
struct Server {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Self {
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
        let mut process = Command::new(env!("CARGO_BIN_EXE_tenon"))
            .args(["run", "--listen", "127.0.0.1:0", "--log-format", "text"])
            .env("TENON_LOG", "error")
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let url = line.split_once("http://")?.1;
            url.split([' ', '/']).next()?.parse().ok()
        });
        std::thread::spawn(move || lines.for_each(drop));
        let server = Self { process, address: address.unwrap(), _folder: folder };
        let began = Instant::now();
        while !server.get("/v1/pages/199").starts_with("HTTP/1.1 200") {
            assert!(began.elapsed() < Duration::from_secs(60), "the rows are not there");
        }
        server
    }

    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// The highest resident memory so far.
    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// Others are served while the attack goes on, and the process is not too large after it.
    fn withstands(&self, attack: &str, mut go_on: impl FnMut()) {
        let began = Instant::now();
        let mut served = 0;
        while began.elapsed() < HOLD {
            go_on();
            for path in ["/livez", "/v1/pages/007", "/v1/pages?limit=2"] {
                let answer = self.get(path);
                assert!(
                    answer.starts_with("HTTP/1.1 200"),
                    "{attack}: {path}: {}",
                    &answer[..answer.len().min(300)]
                );
                served += 1;
            }
        }
        assert!(self.get("/v1/pages").len() > PAGE, "{attack}: a whole page");
        let peak = self.peak();
        eprintln!("{attack}: peak {} MiB, {served} requests of others served meanwhile", peak >> 20);
        assert!(peak < MOST, "{attack}: {peak}");
    }
}

/// At how much more than a fifth of full strength.
fn strength() -> usize {
    std::env::var("ATTACK").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

#[test]
fn readers_that_do_not_read_are_withstood() {
    let server = Server::start();
    let mut readers = Vec::new();
    for _ in 0..60 * strength() {
        let mut stream = server.connect();
        stream.write_all(b"GET /v1/pages HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        readers.push(stream);
    }
    server.withstands("readers over HTTP/1", || {});
    drop(readers);
}

#[test]
fn streams_that_are_not_read_are_withstood() {
    let server = Server::start();
    let mut connections = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect();
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
    server.withstands("streams over HTTP/2", || {});
    drop(connections);
}

#[test]
fn bodies_that_are_not_finished_are_withstood() {
    let server = Server::start();
    let length = 2 << 20;
    let head = format!(
        "POST /v1/pages HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let piece = vec![b' '; 64 << 10];
    let mut begun = Vec::new();
    for _ in 0..140 * strength() {
        let mut stream = server.connect();
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        begun.push((stream, 0));
    }
    server.withstands("bodies", || {
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
