//! State folders whose parts were lost, changed or mixed: each is noticed, and nothing counts twice.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tenon_engine::{Options, Running, load, state};
use tenon_errors::Reports;
use tenon_flows::FlowState;
use tenon_ports::Query;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sales come from a file and by HTTP, are published, and summed in a database that holds its own position.
const PROJECT: &str = "project: shop
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

const CONTRACT: &str = r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false,
  "properties": { "store": { "type": "string" }, "amount": { "type": "integer" } } }"#;

struct Shop(tempfile::TempDir);

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/sale")).unwrap();
        fs::write(folder.path().join("contracts/sale/1.json"), CONTRACT).unwrap();
        fs::write(folder.path().join("tenon.yaml"), PROJECT).unwrap();
        fs::write(folder.path().join("sales.csv"), "store,amount\nS1,100\nS2,200\nS1,11\n").unwrap();
        Self(folder)
    }

    fn state(&self) -> PathBuf {
        self.0.path().join(".tenon")
    }

    fn options(&self) -> Options {
        Options::new(self.0.path().to_owned(), None, true)
    }

    async fn try_start(&self) -> Result<Running, Reports> {
        let plan = load(&self.options()).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        Running::start(plan, self.options()).await
    }

    async fn start(&self) -> Running {
        self.try_start().await.unwrap_or_else(|reports| panic!("{reports:?}"))
    }

    /// Runs until nothing is left to do, and stops.
    async fn run(&self) -> Seen {
        match self.try_start().await {
            Ok(running) => {
                running.idle().await;
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
struct Seen {
    /// The codes that the start was refused with.
    refused: Vec<&'static str>,
    /// The codes that flows failed with.
    failed: Vec<&'static str>,
    /// Messages in the topic and the sum of all amounts, where they can be read.
    messages: Option<u64>,
    total: Option<i64>,
}

impl Seen {
    async fn of(running: &Running) -> Self {
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

    fn sound(messages: u64, total: i64) -> Self {
        Self { messages: Some(messages), total: Some(total), ..Self::default() }
    }

    fn refused(code: &'static str) -> Self {
        Self { refused: vec![code], ..Self::default() }
    }
}

fn codes(reports: &Reports) -> Vec<&'static str> {
    reports.iter().map(|report| report.code().id).collect()
}

async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64 << 10];
    let read =
        tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

async fn sell(address: SocketAddr, amount: u32) -> String {
    let body = format!("{{\"store\":\"S1\",\"amount\":{amount}}}");
    let length = body.len();
    let head = "POST /v1/sales HTTP/1.1\r\nhost: test\r\ncontent-type: application/json";
    ask(address, &format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")).await
}

async fn ready(address: SocketAddr) -> String {
    ask(address, "GET /readyz HTTP/1.1\r\nhost: test\r\n\r\n").await
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
}

#[tokio::test]
async fn a_folder_that_is_left_alone_goes_on() {
    let shop = Shop::new();
    assert_eq!(shop.run().await, Seen::sound(3, 311));
    assert_eq!(shop.run().await, Seen::sound(3, 311));
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    assert_eq!(shop.run().await, Seen::sound(4, 320));
}

fn lose_tenon_db(shop: &Shop, but: &str) {
    for name in ["tenon.db", "tenon.db-mark", "tenon.db-wal", "tenon.db-shm"] {
        if name != but && shop.state().join(name).exists() {
            remove(&shop.state().join(name));
        }
    }
}

#[tokio::test]
async fn what_topics_and_databases_hold_is_enough_to_go_on_without_tenon_db() {
    for left_of_it in ["tenon.db-mark", ""] {
        let shop = Shop::new();
        shop.run().await;
        lose_tenon_db(&shop, left_of_it);
        for _ in 0..2 {
            assert_eq!(shop.run().await, Seen::sound(3, 311), "what was published is recognised");
        }
        let shop = Shop::new();
        let text = PROJECT.replace("{ publish: sales }]\n  sell", "{ aggregate: { into: totals, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }]\n  sell");
        assert_ne!(text, PROJECT);
        fs::write(shop.0.path().join("tenon.yaml"), text).unwrap();
        assert_eq!(shop.run().await, Seen::sound(0, 311));
        lose_tenon_db(&shop, left_of_it);
        assert_eq!(shop.run().await, Seen::sound(0, 311));
    }
}

#[tokio::test]
async fn a_lost_tenon_db_is_refused_where_a_file_is_not_the_one_that_was_published() {
    for left_of_it in ["tenon.db-mark", ""] {
        let shop = Shop::new();
        shop.run().await;
        lose_tenon_db(&shop, left_of_it);
        let sales = shop.0.path().join("sales.csv");
        let before = fs::read_to_string(&sales).unwrap();
        fs::write(&sales, format!("{before}S3,5\n")).unwrap();
        for _ in 0..3 {
            assert_eq!(shop.run().await, Seen::refused("Y0205"), "beside {left_of_it}");
        }
        fs::write(&sales, before).unwrap();
        assert_eq!(shop.run().await, Seen::sound(3, 311));
        lose_tenon_db(&shop, left_of_it);
        fs::write(&sales, "store,amount\nS3,5\n").unwrap();
        assert_eq!(shop.run().await, Seen::refused("Y0205"));
        state::accept(&shop.options(), "tenon.db").await.unwrap();
        assert_eq!(shop.run().await, Seen::sound(4, 316));
    }
}

#[tokio::test]
async fn an_older_tenon_db_is_refused_until_it_is_accepted() {
    let shop = Shop::new();
    shop.run().await;
    let older = fs::read(shop.state().join("tenon.db")).unwrap();
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    for mark in [true, false] {
        fs::write(shop.state().join("tenon.db"), &older).unwrap();
        if !mark {
            remove(&shop.state().join("tenon.db-mark"));
        }
        assert_eq!(shop.run().await, Seen::refused("Y0206"), "with its mark: {mark}");
        assert_eq!(shop.run().await, Seen::refused("Y0206"), "again");
    }
    state::accept(&shop.options(), "tenon.db").await.unwrap();
    assert_eq!(shop.run().await, Seen::sound(4, 320));
}

#[tokio::test]
async fn a_topic_that_is_gone_or_older_keeps_only_its_users_from_running() {
    let shop = Shop::new();
    shop.run().await;
    let topic = shop.state().join("topics/sales");
    let kept = shop.state().join("topics/older");
    copy(&topic, &kept);
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    for older in [false, true] {
        if topic.exists() {
            remove(&topic);
        }
        if older {
            copy(&kept, &topic);
        }
        let running = shop.start().await;
        running.idle().await;
        let address = running.address().unwrap();
        assert!(sell(address, 1).await.starts_with("HTTP/1.1 500"));
        assert!(ready(address).await.contains("Y0205"));
        let totals = ask(address, "GET /v1/totals HTTP/1.1\r\nhost: test\r\n\r\n").await;
        assert!(totals.starts_with("HTTP/1.1 200"), "{totals}");
        let seen = Seen::of(&running).await;
        assert_eq!((seen.failed, seen.total), (vec!["Y0205"; 2], Some(320)), "older: {older}");
        running.drain().await;
    }
}

#[tokio::test]
async fn a_database_that_is_gone_or_older_is_refused() {
    let shop = Shop::new();
    shop.run().await;
    let (database, mark) = (shop.state().join("shop.db"), shop.state().join("shop.db-mark"));
    let older = fs::read(&database).unwrap();
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    for (content, with_mark) in
        [(None, true), (None, false), (Some(older.clone()), true), (Some(older), false)]
    {
        let (saved, saved_mark) = (fs::read(&database).unwrap(), fs::read(&mark).unwrap());
        match &content {
            None => remove(&database),
            Some(content) => fs::write(&database, content).unwrap(),
        }
        if !with_mark {
            remove(&mark);
        }
        let seen = shop.run().await;
        assert_eq!(seen.failed, ["Y0205"], "{} with mark {with_mark}", content.is_some());
        assert_eq!(seen.messages, Some(4));
        fs::write(&database, saved).unwrap();
        fs::write(&mark, saved_mark).unwrap();
        assert_eq!(shop.run().await, Seen::sound(4, 320));
    }
}

#[tokio::test]
async fn a_folder_that_is_pulled_away_under_a_running_process_is_noticed_at_once() {
    let shop = Shop::new();
    shop.run().await;
    let running = shop.start().await;
    running.idle().await;
    let address = running.address().unwrap();
    let elsewhere = shop.0.path().join("elsewhere");
    fs::rename(shop.state(), &elsewhere).unwrap();
    let answer = sell(address, 1).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(ready(address).await.contains("Y0207"));
    fs::create_dir(shop.state()).unwrap();
    assert!(sell(address, 1).await.starts_with("HTTP/1.1 503"), "another folder lies in its place");
    fs::remove_dir(shop.state()).unwrap();
    fs::rename(&elsewhere, shop.state()).unwrap();
    assert!(sell(address, 9).await.starts_with("HTTP/1.1 20"));
    for lock in [".lock", "topics/.lock"] {
        remove(&shop.state().join(lock));
    }
    assert_eq!(shop.try_start().await.err().map(|reports| codes(&reports)), Some(vec!["Y0204"]));
    running.drain().await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).unwrap()
        }
    }
}
