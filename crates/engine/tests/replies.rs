//! Replies that are stored with the keys of requests, when the contract of replies has gone on since.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use serde_json::Value;
use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ORDER: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" } } }"#;
/// A receipt with a further field.
const FURTHER: &str = r#"{ "type": "object", "required": ["id"REQUIRED], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "state": { "type": "string"DEFAULT } } }"#;

/// Orders that are published, and replied to with a receipt.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.file("contracts/order/1.json", ORDER);
        project.file("contracts/receipt/1.json", ORDER);
        project.replies("receipt", "{ id: order.id }");
        project
    }

    /// What the operation replies with, and how that is made.
    fn replies(&self, output: &str, reply: &str) {
        let text = format!(
            "project: shop
server: {{ listen: '127.0.0.1:0' }}
systems: {{ bus: {{ broker: {{ url: embedded }} }} }}
topics: {{ orders: {{ in: bus, contract: order }} }}
apis:
  shop:
    auth: none
    expose: {{ rest: /v1, graphql: /graphql }}
    operations:
      send: {{ rest: POST /orders, input: order, output: {output}, flow: send }}
flows:
  send: {{ steps: [{{ publish: orders }}], reply: {reply} }}
"
        );
        self.file("tenon.yaml", &text);
    }

    /// The second version of receipts, whose further field has a value or not.
    fn second(&self, has_default: bool) {
        let (required, default) =
            if has_default { ("", r#", "default": "open""#) } else { (r#", "state""#, "") };
        let text = FURTHER.replace("REQUIRED", required).replace("DEFAULT", default);
        self.file("contracts/receipt/2.json", &text);
        self.replies("receipt", "{ id: order.id, state: { value: done } }");
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What an order with a key is answered, over REST and over GraphQL. The effects of both were there once.
    async fn asked(&self) -> [(u16, Value); 2] {
        let options = Options::new(self.path().to_owned(), None, true);
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let running = Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"));
        let address = running.address().unwrap();
        let rest = post(address, "/v1/orders", "rest", r#"{"id":"a"}"#).await;
        let query = r#"{"query":"mutation { send(input: { id: \"a\" }) { __typename id } }"}"#;
        let graphql = post(address, "/graphql", "graphql", query).await;
        let world = running.world();
        let (_, topic) = world.topics.iter().next().unwrap();
        assert_eq!(topic.status().await.unwrap().end, 2, "each order was published once");
        running.drain().await;
        [rest, graphql]
    }

    /// Makes the stored replies those of an earlier Tenon.
    fn forget_versions(&self) {
        let connection = rusqlite::Connection::open(self.path().join(".tenon/tenon.db")).unwrap();
        let changed = connection.execute("UPDATE claims SET said = '[]'", []).unwrap();
        assert_eq!(changed, 2);
    }
}

/// The status and body of the answer.
async fn post(address: SocketAddr, path: &str, key: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nidempotency-key: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// Both answers refuse, with this code in a detail, and say this.
fn refused([rest, graphql]: &[(u16, Value); 2], code: &str, said: &str) {
    let (status, problem) = rest;
    assert_eq!((*status, &problem["code"]), (409, &"F0032".into()), "{problem}");
    let error = &graphql.1["errors"][0];
    assert_eq!(error["extensions"]["code"], "F0032", "{graphql:?}");
    for (message, details) in
        [(&problem["detail"], &problem["errors"]), (&error["message"], &error["extensions"]["errors"])]
    {
        assert!(message.as_str().unwrap().contains(said), "{message}");
        assert_eq!(details[0]["code"], code, "{details}");
    }
}

#[tokio::test]
async fn a_stored_reply_is_lifted_to_the_version_of_today() {
    let project = Project::new();
    let [rest, graphql] = project.asked().await;
    assert_eq!(rest, (200, serde_json::json!({ "id": "a" })));
    assert_eq!(graphql.1["data"]["send"]["id"], "a", "{graphql:?}");
    assert_eq!(project.asked().await, [rest.clone(), graphql.clone()], "the same version");

    project.second(true);
    let lifted = serde_json::json!({ "id": "a", "state": "open" });
    for _ in 0..2 {
        let again = project.asked().await;
        assert_eq!(again, [(200, lifted.clone()), graphql.clone()], "not what a new order would get");
        project.forget_versions();
    }
}

#[tokio::test]
async fn a_stored_reply_that_cannot_be_lifted_is_refused_with_both_versions() {
    let project = Project::new();
    project.asked().await;
    project.second(false);
    refused(&project.asked().await, "D0402", "follows `receipt@1`, and cannot be read as `receipt@2`");

    fs::remove_file(project.path().join("contracts/receipt/1.json")).unwrap();
    refused(&project.asked().await, "D0401", "follows `receipt@1`, and cannot be read as `receipt@2`");

    project.replies("order", "{ id: order.id }");
    refused(&project.asked().await, "D0401", "follows `receipt@1`, and cannot be read as `order@1`");
}

#[tokio::test]
async fn a_stored_reply_whose_version_was_edited_in_place_says_so() {
    let project = Project::new();
    project.asked().await;
    project.second(false);
    fs::rename(
        project.path().join("contracts/receipt/2.json"),
        project.path().join("contracts/receipt/1.json"),
    )
    .unwrap();
    refused(&project.asked().await, "D0001", "follows `receipt@1` as it was");
}

#[tokio::test]
async fn a_stored_reply_of_an_earlier_tenon_that_does_not_fit_is_refused() {
    let project = Project::new();
    project.asked().await;
    project.forget_versions();
    project.second(false);
    refused(&project.asked().await, "D0001", "cannot be read as `receipt@2`");
}

#[tokio::test]
async fn a_request_is_still_the_same_one_when_its_contract_has_got_a_field_with_a_default() {
    let project = Project::new();
    let first = project.asked().await;
    project.file(
        "contracts/order/2.json",
        &FURTHER.replace("REQUIRED", "").replace("DEFAULT", r#", "default": "open""#),
    );
    assert_eq!(project.asked().await, first);
}
