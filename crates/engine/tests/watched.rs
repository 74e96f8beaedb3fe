//! What can be seen of a project that runs: how far flows are behind, which do not go on, and what a reload has changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use tenon_engine::{Options, Running, changes, load};
use tenon_model::Headers;
use tenon_plan::DataFiles;
use tenon_ports::Record;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ORDER: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "integer" } } }"#;

const PROJECT: &str = r#"project: shop
server: { listen: "127.0.0.1:0" }
systems:
  here: { files: {} }
  db: { sql: { url: "sqlite://shop.db" } }
  bus: { broker: { url: embedded } }
tables:
  orders: { in: db, contract: order, key: id }
  late: { in: db, contract: order, key: id }
topics:
  orders: { in: bus, contract: order }
  copies: { in: bus, contract: order }
flows:
  fill: { from: { file: { in: here, path: day.csv, contract: order } }, steps: [{ publish: copies }] }
  keep: { from: orders, steps: [{ upsert: orders }] }
  copy: { from: orders, steps: [{ publish: copies }] }
  late: { from: orders, after: [fill], steps: [{ upsert: late }] }
"#;

fn write(project: &Path, text: &str) {
    fs::create_dir_all(project.join("contracts/order")).unwrap();
    fs::write(project.join("contracts/order/1.json"), ORDER).unwrap();
    fs::write(project.join("tenon.yaml"), text).unwrap();
}

async fn start(project: &Path) -> Running {
    let options = Options { data: DataFiles::Warn, ..Options::new(project.to_owned(), None, true) };
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    Running::start(plan, options).await.unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn publish(running: &Running, ids: std::ops::Range<u32>) {
    let topics = running.world().topics;
    let (_, topic) = topics.iter().find(|(name, _)| name.as_str() == "orders").unwrap();
    let record = |id| Record {
        key: None,
        value: format!("{{\"id\":{id}}}").into_bytes().into(),
        headers: Headers::new(),
        time: jiff::Timestamp::UNIX_EPOCH,
        producer: None,
    };
    topic.publish(ids.map(record).collect()).await.unwrap();
}

/// How many messages each flow is behind.
async fn lags(address: SocketAddr) -> Vec<(String, u64)> {
    let metrics = get(address, "/metrics").await;
    let lag = |line: &str| {
        let (flow, lag) = line.strip_prefix("tenon_flow_lag_messages{flow=\"")?.split_once("\"} ")?;
        Some((flow.to_owned(), lag.parse().unwrap()))
    };
    metrics.lines().filter_map(lag).collect()
}

fn behind(flows: &[(&str, u64)]) -> Vec<(String, u64)> {
    flows.iter().map(|(flow, lag)| ((*flow).to_owned(), *lag)).collect()
}

/// Waits until `holds`; what never does fails the test.
async fn until(holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
}

#[tokio::test]
async fn a_flow_is_as_far_behind_as_it_has_not_settled() {
    let project = tempfile::tempdir().unwrap();
    write(project.path(), PROJECT);
    let running = start(project.path()).await;
    let address = running.address().unwrap();
    assert_eq!(lags(address).await, behind(&[("copy", 0), ("keep", 0), ("late", 0)]), "from the start");
    let other = rusqlite::Connection::open(project.path().join(".tenon/shop.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    publish(&running, 0..5).await;
    until(async || lags(address).await == behind(&[("copy", 0), ("keep", 5), ("late", 5)])).await;
    until(async || get(address, "/readyz").await.contains("\"componentId\":\"keep\"")).await;
    assert_eq!(lags(address).await, behind(&[("copy", 0), ("keep", 5), ("late", 5)]), "while it is stalled");
    other.execute_batch("ROLLBACK").unwrap();
    until(async || lags(address).await == behind(&[("copy", 0), ("keep", 0), ("late", 5)])).await;
    let metrics = get(address, "/metrics").await;
    let consumed = |group: &str| {
        format!(
            "messaging_client_consumed_messages_total{{messaging_destination_name=\"orders\",messaging_consumer_group_name=\"{group}\"}}"
        )
    };
    assert!(metrics.contains(&format!("{} 5\n", consumed("keep"))), "{metrics}");
    assert!(!metrics.contains(&consumed("")), "{metrics}");
    running.drain().await;

    let running = start(project.path()).await;
    let seen = lags(running.address().unwrap()).await;
    assert_eq!(seen, behind(&[("copy", 0), ("keep", 0), ("late", 5)]), "what is remembered tells");
    running.drain().await;
}

#[tokio::test]
async fn a_flow_that_waits_for_its_file_is_named_and_so_is_one_that_has_failed() {
    let project = tempfile::tempdir().unwrap();
    write(project.path(), PROJECT);
    let running = start(project.path()).await;
    running.idle().await;
    let ready = get(running.address().unwrap(), "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("Y0302"), "{ready}");
    assert!(ready.contains("the flow `fill`: ") && ready.contains("\"componentId\":\"fill\""), "{ready}");
    running.drain().await;
    fs::write(project.path().join("day.csv"), "number\n1\n").unwrap();
    let running = start(project.path()).await;
    running.idle().await;
    let ready = get(running.address().unwrap(), "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("\"componentId\":\"fill\""), "{ready}");
    running.drain().await;
}

#[test]
fn a_reload_says_what_has_changed() {
    let project = tempfile::tempdir().unwrap();
    let plan = |text: &str| {
        write(project.path(), text);
        load(&Options { data: DataFiles::Ignore, ..Options::new(project.path().to_owned(), None, true) })
            .plan
            .unwrap_or_else(|reports| panic!("{reports:?}"))
    };
    let api = "apis:\n  shop:\n    auth: none\n    expose: { rest: /v1 }\n    operations:\n      list: { rest: GET /orders, table: orders }\n";
    let before = plan(&format!("{PROJECT}{api}"));
    assert_eq!(changes::between(&before, &plan(&format!("{PROJECT}{api}"))), "nothing has changed");
    let text = PROJECT
        .replace("  copy:", "  again:")
        .replace("shop.db", "store.db")
        .replace("[{ upsert: late }]", "[{ filter: order.id > 3 }, { upsert: late }]");
    let api =
        api.replace("GET /orders", "GET /all") + "      one: { rest: \"GET /all/{id}\", table: orders }\n";
    assert_eq!(
        changes::between(&before, &plan(&(text + &api))),
        "1 system changed (`db`), 1 flow added (`again`), 1 flow removed (`copy`), 1 flow changed (`late`), \
         1 operation added (`shop.one`), 1 operation changed (`shop.list`)"
    );
}

fn codes(reports: &tenon_errors::Reports) -> Vec<(&'static str, String)> {
    reports.iter().map(|it| (it.code().id, it.advice().unwrap_or_default().to_owned())).collect()
}

#[tokio::test]
async fn a_second_run_in_the_same_state_folder_is_told_so_and_not_that_its_port_is_taken() {
    let project = tempfile::tempdir().unwrap();
    write(project.path(), PROJECT);
    let running = start(project.path()).await;
    write(project.path(), &PROJECT.replace("127.0.0.1:0", &running.address().unwrap().to_string()));
    let options = Options { data: DataFiles::Warn, ..Options::new(project.path().to_owned(), None, true) };
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    let refused = Running::start(plan, options).await.err().unwrap();
    assert_eq!(codes(&refused)[0].0, "Y0204", "{refused:?}");
    running.drain().await;
}

#[tokio::test]
async fn a_port_of_the_internal_listener_that_is_taken_is_named_by_its_key() {
    let project = tempfile::tempdir().unwrap();
    let options = Options { data: DataFiles::Warn, ..Options::new(project.path().to_owned(), None, true) };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    write(project.path(), &PROJECT.replace("0\" }", &format!("0\", internal: \"{address}\" }}")));
    let (code, hint) = codes(&load(&options).plan.err().unwrap()).remove(0);
    assert!(code == "P0302" && hint.contains("`server.internal`"), "{code} {hint}");
    drop(taken);
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    let taken = std::net::TcpListener::bind(address).unwrap();
    let (code, hint) = codes(&Running::start(plan, options).await.err().unwrap()).remove(0);
    assert!(code == "P0302" && hint.contains("`server.internal`"), "{code} {hint}");
    drop(taken);
}
