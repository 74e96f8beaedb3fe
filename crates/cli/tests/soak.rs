//! Sends messages through flows that publish, keep and add up, and through APIs, and looks at what the process holds: memory,
//! files and threads have to be flat.
//!
//! `SOAK_SECONDS` sets how long; then memory may grow by no more than 5 bytes for each message after the first quarter.
//! Without it the test sends a fixed number of messages, for which only files and threads have to be flat: so little
//! memory says nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod common;

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use common::{LIMIT, number};

/// Readings in a request.
const BATCH: u64 = 100;
const METERS: u64 = 1_000;
/// Requests of the short form before the first look, and after it.
const FEW: u64 = 100;
/// The most bytes that a message may leave behind.
const MOST: f64 = 5.0;
/// So many threads come and go with work that blocks. One that is left behind now and then is more than these after minutes.
const PASSING: usize = 8;

/// What the process holds.
#[derive(Debug, Clone, Copy)]
struct Holds {
    messages: u64,
    memory: u64,
    files: usize,
    threads: usize,
}

#[test]
fn a_process_that_works_for_long_holds_no_more_than_one_that_has_just_begun() {
    let seconds = number("SOAK_SECONDS");
    let state = tempfile::tempdir().unwrap();
    let mut server = Client::start(state.path());
    let mut sent = 0;
    match seconds {
        Some(seconds) => sent = server.send_for(Duration::from_secs(seconds) / 4, sent),
        None => (0..FEW).for_each(|_| server.send(&mut sent)),
    }
    server.await_flows(sent);
    let before = server.holds(sent);
    println!("after the first quarter: {before:?}");
    match seconds {
        Some(seconds) => sent = server.send_for(Duration::from_secs(seconds) * 3 / 4, sent),
        None => (0..FEW).for_each(|_| server.send(&mut sent)),
    }
    server.await_flows(sent);
    let after = server.holds(sent);
    println!("at the end: {after:?}");
    assert!(after.files <= before.files + 2, "files: {} and then {}", before.files, after.files);
    assert!(
        after.threads <= before.threads + PASSING,
        "threads: {} and then {}",
        before.threads,
        after.threads
    );
    if seconds.is_some() {
        let messages = (after.messages - before.messages) as f64;
        let each = after.memory.saturating_sub(before.memory) as f64 / messages;
        println!("{messages} messages, each of which left {each:.2} bytes in memory");
        assert!(each <= MOST, "a message left {each:.2} bytes behind");
    }
}

struct Client {
    server: common::Server,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn start(state: &Path) -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readings");
        let mut command = common::tenon(&["run", "--dev", "--listen", "127.0.0.1:0"]);
        command.arg(project).arg("--state").arg(state);
        let server = common::Server::start(command);
        let stream = BufReader::new(server.connect());
        Self { server, stream }
    }

    fn send_for(&mut self, time: Duration, mut sent: u64) -> u64 {
        let started = Instant::now();
        while started.elapsed() < time {
            self.send(&mut sent);
        }
        sent
    }

    /// Sends a batch, every other one with a key, and now and then reads.
    fn send(&mut self, sent: &mut u64) {
        *sent += 1;
        let mut body = format!("{{\"id\":\"{sent}\",\"readings\":[");
        for n in 0..BATCH {
            let (meter, value) = ((*sent * BATCH + n).wrapping_mul(7919) % METERS, (*sent + n) % 100);
            let comma = if n == 0 { "" } else { "," };
            write!(body, "{comma}{{\"meter\":\"m{meter}\",\"value\":{value}}}").unwrap();
        }
        body.push_str("]}");
        let key = if sent.is_multiple_of(2) { format!("idempotency-key: {sent}\r\n") } else { String::new() };
        let head = format!(
            "POST /v1/batches HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n{key}content-length: {}\r\n\r\n",
            body.len()
        );
        let (status, answer) = self.ask(&format!("{head}{body}"));
        assert_eq!(status, 200, "{answer}");
        if sent.is_multiple_of(10) {
            for path in ["/v1/totals?limit=20&sort=-count", "/v1/totals/m7", "/metrics"] {
                self.ask(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
            }
        }
    }

    fn ask(&mut self, request: &str) -> (u16, String) {
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length, mut line) = (0, 0, String::new());
        while line != "\r\n" {
            line.clear();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the connection has ended");
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            if let Some(rest) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = rest.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    /// Returns when every reading is added up.
    fn await_flows(&mut self, sent: u64) {
        let started = Instant::now();
        while self.done() < 3 * sent * BATCH {
            assert!(started.elapsed() < LIMIT, "the flows are {LIMIT:?} behind");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// How many messages the flows that read the topic are done with.
    fn done(&mut self) -> u64 {
        let (_, metrics) = self.ask("GET /metrics HTTP/1.1\r\nhost: test\r\n\r\n");
        let lines = metrics.lines().filter(|line| line.starts_with("tenon_flow_messages_total{"));
        let of_topic = lines.filter(|line| !line.contains("flow=\"take\"") && !line.contains("retried"));
        of_topic.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum::<f64>() as u64
    }

    fn holds(&self, sent: u64) -> Holds {
        let files = Path::new("/proc").join(self.server.child.id().to_string()).join("fd");
        // One message for each reading in each of the flows that read the topic, and the reading that was published.
        Holds {
            messages: 4 * sent * BATCH,
            memory: self.server.status("RssAnon:") << 10,
            files: std::fs::read_dir(files).unwrap().count(),
            threads: self.server.status("Threads:") as usize,
        }
    }
}
