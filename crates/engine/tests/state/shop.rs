//! A shop whose state can be damaged.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tenon_engine::{Options, Running, load};
use tenon_errors::Reports;
use tenon_flows::FlowState;
use tenon_ports::Query;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sales come from a file and by HTTP, are published, and summed in a database that holds its own position.
pub const PROJECT: &str = "project: shop
server: { listen: \"127.0.0.1:0\" }
systems:
  files: { files: { folder: \".\" } }
  db: { sql: { url: \"sqlite://shop.db\" } }
  bus: { broker: { url: embedded } }
topics:
  sales: { in: bus, contract: sale, key: sale.store }
tables:
  totals: { in: db, contract: sale, key: store }
apis:
  shop:
    auth: none
    expose: { rest: /v1 }
    operations:
      sell: { rest: POST /sales, input: sale, output: sale, flow: sell }
      totals: { rest: GET /totals, table: totals }
flows:
  load:
    from: { file: { in: files, path: sales.csv, format: csv, contract: sale } }
    steps: [{ publish: sales }]
  sell: { steps: [{ publish: sales }], reply: { store: sale.store, amount: sale.amount } }
  sum:
    from: sales
    steps: [{ aggregate: { into: totals, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }]
";

pub const CONTRACT: &str = r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false,
  "properties": { "store": { "type": "string" }, "amount": { "type": "integer" } } }"#;

pub struct Shop(pub tempfile::TempDir);

impl Shop {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/sale")).unwrap();
        fs::write(folder.path().join("contracts/sale/1.json"), CONTRACT).unwrap();
        fs::write(folder.path().join("tenon.yaml"), PROJECT).unwrap();
        fs::write(folder.path().join("sales.csv"), "store,amount\nS1,100\nS2,200\nS1,11\n").unwrap();
        Self(folder)
    }

    pub fn state(&self) -> PathBuf {
        self.0.path().join(".tenon")
    }

    pub fn options(&self) -> Options {
        Options::new(self.0.path().to_owned(), None, true)
    }

    pub async fn try_start(&self) -> Result<Running, Reports> {
        let plan = load(&self.options()).plan?;
        Running::start(plan, self.options()).await
    }

    pub async fn start(&self) -> Running {
        self.try_start().await.unwrap_or_else(|reports| panic!("{reports:?}"))
    }

    /// Runs until nothing is left to do, and stops.
    pub async fn run(&self) -> Seen {
        match self.try_start().await {
            Ok(running) => {
                settled(&running).await;
                let seen = Seen::of(&running).await;
                running.drain().await;
                seen
            }
            Err(reports) => Seen { refused: codes(&reports), ..Seen::default() },
        }
    }
}

/// What a run has shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The codes that the start was refused with.
    pub refused: Vec<&'static str>,
    /// The codes that flows failed with.
    pub failed: Vec<&'static str>,
    /// Messages in the topic and the sum of all amounts, where they can be read.
    pub messages: Option<u64>,
    pub total: Option<i64>,
}

impl Seen {
    pub async fn of(running: &Running) -> Self {
        let failed = running.progress().into_iter().filter_map(|(_, progress)| match progress.state() {
            FlowState::Failed(report) | FlowState::Stalled(report) => Some(report.code().id),
            _ => None,
        });
        let world = running.world();
        let status = world.topics.values().next().unwrap().status().await;
        let query = Query { limit: 100, ..Query::default() };
        let rows = world.databases.values().next().unwrap().list("totals", query).await;
        let amount = |row: &tenon_model::Value| {
            let row: serde_json::Value =
                serde_json::from_str(&tenon_contracts::json::to_string(row)).unwrap();
            row["amount"].as_i64().unwrap()
        };
        Self {
            refused: Vec::new(),
            failed: failed.collect(),
            messages: status.ok().map(|status| status.end),
            total: rows.ok().map(|page| page.rows.iter().map(amount).sum()),
        }
    }

    pub fn sound(messages: u64, total: i64) -> Self {
        Self { messages: Some(messages), total: Some(total), ..Self::default() }
    }

    pub fn refused(code: &'static str) -> Self {
        Self { refused: vec![code], ..Self::default() }
    }
}

pub fn codes(reports: &Reports) -> Vec<&'static str> {
    reports.iter().map(|report| report.code().id).collect()
}

pub async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64 << 10];
    let read =
        tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

pub async fn sell(address: SocketAddr, amount: u32) -> String {
    let body = format!("{{\"store\":\"S1\",\"amount\":{amount}}}");
    let length = body.len();
    let head = "POST /v1/sales HTTP/1.1\r\nhost: test\r\ncontent-type: application/json";
    ask(address, &format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")).await
}

/// A sale that may be sent again.
pub async fn sell_with_key(address: SocketAddr, key: &str) -> String {
    let body = "{\"store\":\"S1\",\"amount\":1}";
    let head = format!(
        "POST /v1/sales HTTP/1.1\r\nhost: test\r\nidempotency-key: {key}\r\ncontent-type: application/json"
    );
    ask(address, &format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await
}

pub async fn ready(address: SocketAddr) -> String {
    ask(address, "GET /readyz HTTP/1.1\r\nhost: test\r\n\r\n").await
}

pub fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.is_file() {
            // Not sockets.
            fs::copy(&path, target).unwrap();
        }
    }
}

/// Waits until there is nothing more to do, or something does not go on.
async fn settled(running: &Running) {
    let stalled = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        while !running.progress().iter().any(|(_, it)| matches!(it.state(), FlowState::Stalled(_))) {
            ticks.tick().await;
        }
    };
    tokio::select! {
        () = running.idle() => {}
        () = stalled => {}
    }
}
