//! What tests of the whole process share: starting it, asking it, signals, chance, and limits of the system.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stdout,
    reason = "each test uses some of this, and is told what is skipped"
)]

pub mod contract;
pub mod limits;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The longest that anything is waited for.
pub const LIMIT: Duration = Duration::from_secs(120);
/// The longest that an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary under test with these arguments.
pub fn tenon(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    command.args(arguments);
    command
}

/// A number that is set by a variable.
pub fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// A process that serves, ended with the test.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
    /// What it says after that, as far as anybody will read it.
    says: Option<std::thread::JoinHandle<String>>,
}

/// The most of it.
const SAID: usize = 1 << 20;

impl Server {
    /// Starts a `tenon run`, and returns when it says where it serves.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let Some(line) = lines.next() else { panic!("the server has ended:\n{said}") };
            let line = line.unwrap();
            let url = line.split_once("http://").map_or("", |(_, rest)| rest);
            let end = url.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(url.len());
            if let Ok(address) = url[..end].parse() {
                break address;
            }
            said.push_str(&line);
            said.push('\n');
        };
        // Whatever else it says, nobody may keep it waiting.
        let says = std::thread::spawn(move || {
            lines.map_while(Result::ok).fold(String::new(), |mut said, line| {
                if said.len() < SAID {
                    said.push_str(&line);
                    said.push('\n');
                }
                said
            })
        });
        Self { child, address, says: Some(says) }
    }

    /// Waits until it has ended, and returns what it has said meanwhile.
    pub fn wait(&mut self) -> String {
        self.child.wait().unwrap();
        self.says.take().unwrap().join().unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// The answer to a GET, if one comes.
    pub fn get(&self, path: &str) -> Option<Answer> {
        ask(self.address, "GET", path, "", "")
    }

    /// A number of the process's status, such as `VmHWM:` in kilobytes.
    pub fn status(&self, name: &str) -> u64 {
        let file = Path::new("/proc").join(self.child.id().to_string()).join("status");
        let status = std::fs::read_to_string(file).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Whether the process has ended, and how.
    pub fn has_ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The answer to a request on a connection of its own, if one comes as a whole. `headers` end with a line break each.
pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let length = match body.is_empty() {
        true => String::new(),
        false => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
    };
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}{length}\r\n{body}");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    if length.is_some_and(|length: usize| length != body.len()) {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Sends a signal to a process: `TERM`, `HUP`.
pub fn signal(process: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.id().to_string()]).status();
    assert!(status.unwrap().success());
}

pub fn pause(time: Duration) {
    let until = Instant::now() + time;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

/// A small generator (`SplitMix64`), so that a failure can be repeated by its seed, as far as its timing allows.
pub struct Random {
    pub seed: u64,
    state: u64,
}

impl Random {
    /// From `CRASH_SEED`, or from the time.
    pub fn new() -> Self {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        Self::from(number("CRASH_SEED").unwrap_or(clock))
    }

    pub fn from(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number from 0 up to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
