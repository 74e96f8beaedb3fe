//! What a project serves of itself, over real connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONTRACT: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" } } }"#;

/// A project that moves rows into a table, and serves `apis`.
fn project(apis: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("contracts/note/")).unwrap();
    fs::write(folder.path().join("contracts/note/1.json"), CONTRACT).unwrap();
    fs::write(folder.path().join("notes.csv"), "id\na\n").unwrap();
    let text = format!(
        "project: notes
systems:
  db: {{ sql: {{ url: \"sqlite://notes.db\" }} }}
  files: {{ files: {{ folder: . }} }}
tables:
  notes: {{ in: db, contract: note, key: id }}
flows:
  load: {{ from: {{ file: {{ in: files, path: notes.csv, contract: note }} }}, steps: [{{ upsert: notes }}] }}
{apis}"
    );
    fs::write(folder.path().join("tenon.yaml"), text).unwrap();
    folder
}

fn options(folder: &Path) -> Options {
    Options::new(folder.to_owned(), None, true)
}

async fn start(options: Options) -> Running {
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"))
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn a_project_without_apis_has_its_health_and_metrics() {
    let (one, two) = (project(""), project(""));
    let (first, second) = (start(options(one.path())).await, start(options(two.path())).await);
    let (here, there) = (first.address().unwrap(), second.address().unwrap());
    assert!(here.ip().is_loopback() && there.ip().is_loopback() && here != there);
    for address in [here, there] {
        for path in ["/livez", "/readyz", "/metrics"] {
            assert!(get(address, path).await.starts_with("HTTP/1.1 200"), "{path}");
        }
        assert!(get(address, "/v1/notes").await.starts_with("HTTP/1.1 404"));
    }
    first.drain().await;
    second.drain().await;
}

#[tokio::test]
async fn a_project_without_apis_listens_where_it_is_told_to_and_nowhere_else() {
    let folder = project("");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let told = Options { listen: Some(taken.local_addr().unwrap()), ..options(folder.path()) };
    let problems = load(&told).plan.unwrap_err();
    assert_eq!(problems.iter().map(|report| report.code().id).collect::<Vec<_>>(), ["P0302"]);
    drop(taken);
    let running = start(told.clone()).await;
    assert_eq!(running.address(), told.listen);
    running.drain().await;
}

#[tokio::test]
async fn the_description_names_the_port_that_is_served() {
    let folder = project(
        "apis:
  notes:
    auth: none
    expose: { rest: /v1 }
    operations:
      list: { rest: GET /notes, table: notes }
",
    );
    let anywhere = Options { listen: Some(([127, 0, 0, 1], 0).into()), ..options(folder.path()) };
    let running = start(anywhere).await;
    let address = running.address().unwrap();
    let description = get(address, "/openapi.json").await;
    assert!(description.contains(&format!("http://{address}")), "{description}");
    assert!(!description.contains("127.0.0.1:0\""), "{description}");
    running.drain().await;
}

const NOTES: &str = "apis:
  notes:
    auth: none
    expose: { rest: /v1 }
    operations:
      list: { rest: GET /notes, table: notes }
      add: { rest: POST /notes, input: note, output: note, flow: write }
      note: { rest: 'GET /notes/{id}', table: notes, cache: 60s }
      put: { rest: 'PUT /notes/{id}', input: note, output: note, flow: write }
      push: { rest: POST /push, input: note, output: note, flow: write }
";

/// A project whose notes have a number, and are written by a flow; `id` is said of their key as well.
fn written(apis: &str, id: &str) -> tempfile::TempDir {
    let folder = project(apis);
    let text = fs::read_to_string(folder.path().join("tenon.yaml")).unwrap();
    let flow = "flows:\n  write: { steps: [{ upsert: notes }], reply: { id: note.id } }\n";
    fs::write(folder.path().join("tenon.yaml"), text.replace("flows:\n", flow)).unwrap();
    let contract =
        CONTRACT.replace("\"id\": {", &format!("\"n\": {{ \"type\": \"integer\" }}, \"id\": {{ {id}"));
    fs::write(folder.path().join("contracts/note/1.json"), contract).unwrap();
    folder
}

/// Sends a message with one more header; the status, the code if it is refused, and the entity tag.
async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    header: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n{header}\r\n\r\n{body}",
        body.len()
    );
    let request = request.replace("\r\n\r\n\r\n", "\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let between = |start: &str, end: &str| {
        let text = answer.split_once(start).map_or("", |(_, rest)| rest);
        text.split_once(end).map_or("", |(text, _)| text).to_owned()
    };
    (between("HTTP/1.1 ", " ").parse().unwrap(), between("\"code\":\"", "\""), between("etag: ", "\r\n"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_with_a_precondition_is_done_only_if_that_holds() {
    let folder = written(NOTES, "");
    let running = start(Options { listen: Some(([127, 0, 0, 1], 0).into()), ..options(folder.path()) }).await;
    running.idle().await;
    let address = running.address().unwrap();
    let put = |header: String, n: u32| async move {
        let (status, code, _) = send(address, "PUT", "/v1/notes/z", &header, &format!("{{\"n\":{n}}}")).await;
        (status / 100, code)
    };
    let tag = || async { send(address, "GET", "/v1/notes/z", "", "").await.2 };
    let (done, failed) = ((2, String::new()), (4, "A0116".to_owned()));
    assert_eq!(put("if-match: *".into(), 0).await, failed);
    assert_eq!(put("if-none-match: *".into(), 1).await, done);
    assert_eq!(put("if-none-match: *".into(), 2).await, failed);
    let first = tag().await;
    assert_eq!(first.len(), 18);
    assert_eq!(put(format!("if-match: W/{first}"), 3).await, failed);
    assert_eq!(put("if-match: \"other\"".into(), 3).await, failed);
    assert_eq!(put(format!("if-match: \"other\", {first}"), 3).await, done);
    // What a GET keeps for a minute is older than what the change is held against.
    assert_eq!(put(format!("if-match: {first}"), 4).await, failed);
    assert_eq!(
        put("if-unmodified-since: Sat, 29 Oct 1994 19:43:31 GMT".into(), 4).await,
        (4, "A0117".into())
    );
    assert_eq!(put("if-match: z".into(), 4).await, (4, "A0113".into()));
    assert_eq!(put(String::new(), 5).await, done);
    let (status, code, _) = send(address, "POST", "/v1/push", "if-match: *", "{\"id\":\"p\"}").await;
    assert_eq!((status, code.as_str()), (412, "A0117"));

    // Of many who have read the same, one may change it.
    let list = send(address, "GET", "/v1/notes", "", "").await.2;
    let changes = (0..20).map(|n| {
        let (header, body) = (format!("if-match: {list}"), format!("{{\"id\":\"c{n}\"}}"));
        tokio::spawn(async move { send(address, "POST", "/v1/notes", &header, &body).await })
    });
    let mut done = 0;
    for change in changes.collect::<Vec<_>>() {
        let (status, code, _) = change.await.unwrap();
        done += usize::from(status / 100 == 2);
        assert!(status / 100 == 2 || (status, code.as_str()) == (412, "A0116"), "{status} {code}");
    }
    assert_eq!(done, 1);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_cached_read_gives_after_a_change_is_what_the_next_change_is_held_against() {
    let apis = NOTES.replace("table: notes }", "table: notes, cache: 60s }").replace(
        "      push:",
        "      later: { rest: POST /later, input: note, output: note, flow: defer }\n      push:",
    );
    let folder = written(&apis, "");
    let text = fs::read_to_string(folder.path().join("tenon.yaml")).unwrap();
    let text = text.replace("systems:\n", "systems:\n  bus: { broker: { url: embedded } }\n").replace(
        "flows:\n",
        "topics: { changes: { in: bus, contract: note } }\nflows:\n  defer: { steps: [{ publish: changes }], reply: { id: \
         note.id } }\n  take: { from: changes, steps: [{ upsert: notes }] }\n",
    );
    fs::write(folder.path().join("tenon.yaml"), text).unwrap();
    let running = start(Options { listen: Some(([127, 0, 0, 1], 0).into()), ..options(folder.path()) }).await;
    running.idle().await;
    let address = running.address().unwrap();
    let tag = |path: &'static str| async move { send(address, "GET", path, "", "").await.2 };
    let change = |method, path, tag: String, n: u32| async move {
        let body = format!("{{\"id\":\"z\",\"n\":{n}}}");
        let body = if method == "PUT" { format!("{{\"n\":{n}}}") } else { body };
        send(address, method, path, &format!("if-match: {tag}"), &body).await.0 / 100
    };
    assert_eq!(send(address, "PUT", "/v1/notes/z", "", "{\"n\":0}").await.0 / 100, 2);
    for n in 1..5 {
        assert_eq!(change("PUT", "/v1/notes/z", tag("/v1/notes/z").await, n).await, 2, "the row, {n}");
        assert_eq!(change("POST", "/v1/notes", tag("/v1/notes").await, 10 + n).await, 2, "the list, {n}");
        assert_eq!(tag("/v1/notes/z").await, tag("/v1/notes/z").await);
    }
    // Another flow changes it some time later.
    let before = [tag("/v1/notes/z").await, tag("/v1/notes").await];
    assert_eq!(send(address, "POST", "/v1/later", "", "{\"id\":\"z\",\"n\":99}").await.0 / 100, 2);
    running.idle().await;
    let after = [tag("/v1/notes/z").await, tag("/v1/notes").await];
    assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
    assert_eq!(change("PUT", "/v1/notes/z", after[0].clone(), 100).await, 2);
    // What nobody has changed is still kept.
    tag("/v1/notes/z").await;
    assert_eq!(send(address, "PUT", "/v1/notes/y", "", "{\"n\":1}").await.0 / 100, 2);
    let again = get(address, "/v1/notes/z").await;
    assert!(again.contains("\r\nage: "), "{again}");
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_with_a_precondition_that_is_sent_again_with_its_key_gets_the_first_reply() {
    let folder = written(NOTES, "");
    let here = || Options { listen: Some(([127, 0, 0, 1], 0).into()), ..options(folder.path()) };
    let mut first = String::new();
    // The second time in a process that has not seen the requests before.
    for round in 0..2 {
        let running = start(here()).await;
        running.idle().await;
        let address = running.address().unwrap();
        let put = |header: String, n: u32| async move {
            let body = format!("{{\"n\":{n}}}");
            let (status, code, _) = send(address, "PUT", "/v1/notes/z", &header, &body).await;
            (status / 100, code)
        };
        let tag = || async { send(address, "GET", "/v1/notes/z", "", "").await.2 };
        let done = (2, String::new());
        // What made the row is repeated while there is one.
        let make = "if-none-match: *\r\nidempotency-key: make";
        assert_eq!(put(make.into(), 1).await, done);
        if round == 0 {
            first = tag().await;
        }
        let change = format!("if-match: {first}\r\nidempotency-key: change");
        assert_eq!(put(change.clone(), 2).await, done);
        let changed = tag().await;
        assert_eq!(put(change.clone(), 2).await, done);
        assert_eq!(put(make.into(), 1).await, done);
        assert_eq!(tag().await, changed, "nothing has happened again");
        assert_eq!(put(change, 3).await, (4, "F0011".into()), "another request with the same key");
        // A request that was refused has not acted, and is held against the state anew.
        let other = format!("if-match: {first}\r\nidempotency-key: other");
        assert_eq!(put(other.clone(), 4).await, (4, "A0116".into()));
        assert_eq!(put(other, 4).await, (4, "A0116".into()));
        assert_eq!(put(format!("if-match: {first}"), 2).await, (4, "A0116".into()), "without a key");
        // Over a resource that is a list.
        let list = send(address, "GET", "/v1/notes", "", "").await.2;
        let post = format!("if-match: {list}\r\nidempotency-key: post-{round}");
        for _ in 0..2 {
            let body = format!("{{\"id\":\"p{round}\"}}");
            assert_eq!(send(address, "POST", "/v1/notes", &post, &body).await.0 / 100, 2);
        }
        running.drain().await;
    }
}

#[tokio::test]
async fn a_reload_that_fails_late_leaves_everything_to_the_next_one() {
    let folder = project("");
    let write = |database: &str, apis: &str| {
        let text = fs::read_to_string(folder.path().join("tenon.yaml")).unwrap();
        let head = text.split("apis:").next().unwrap();
        let from = head.find("sqlite://").unwrap();
        let to = from + head[from..].find('"').unwrap();
        let text = format!("{}sqlite://{database}{}{apis}", &head[..from], &head[to..]);
        fs::write(folder.path().join("tenon.yaml"), text).unwrap();
    };
    let here = Options { development: false, ..Options::new(folder.path().to_owned(), None, false) };
    let running = start(Options { listen: Some(([127, 0, 0, 1], 0).into()), ..here.clone() }).await;
    let secret = folder.path().join("secrets/LATE_KEY");
    fs::create_dir_all(secret.parent().unwrap()).unwrap();
    fs::write(&secret, "0123456789abcdef0123456789abcdef").unwrap();
    write(
        "other.db",
        "apis:
  notes:
    auth: { api_keys: { reader: { key: '${secret:LATE_KEY}', scopes: [read] } } }
    expose: { rest: /v1 }
    operations:
      list: { rest: GET /notes, table: notes, scope: read }
",
    );
    let there = load(&here).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    fs::remove_file(&secret).unwrap();
    running.reload(there).await.unwrap_err();
    // Back and forth, as quickly as it goes: what one plan lets go of, the next takes back.
    for database in ["notes.db", "third.db", "notes.db", "other.db", "notes.db"] {
        write(database, "");
        let back = load(&here).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        running.reload(back).await.unwrap_or_else(|reports| panic!("{database}: {reports:?}"));
    }
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_spell_one_key_in_their_own_ways_one_may_change_its_row() {
    let folder = written(&NOTES.replace(", cache: 60s", ""), "\"format\": \"uuid\",");
    fs::write(folder.path().join("notes.csv"), "id\n").unwrap();
    let running = start(Options { listen: Some(([127, 0, 0, 1], 0).into()), ..options(folder.path()) }).await;
    let address = running.address().unwrap();
    let spelled = |n: usize| {
        let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        let upper = |(at, c): (usize, char)| if at % (n + 1) == 0 { c.to_ascii_uppercase() } else { c };
        format!("/v1/notes/{}", id.char_indices().map(upper).collect::<String>())
    };
    let mut header = "if-none-match: *".to_owned();
    for round in 0..10 {
        let changes = (0..6).map(|n| {
            let (path, header) = (spelled(n), header.clone());
            let body = format!("{{\"n\":{}}}", round * 10 + n);
            tokio::spawn(async move { send(address, "PUT", &path, &header, &body).await.0 / 100 })
        });
        let mut done = 0;
        for change in changes.collect::<Vec<_>>() {
            done += usize::from(change.await.unwrap() == 2);
        }
        assert_eq!(done, 1, "in round {round}");
        header = format!("if-match: {}", send(address, "GET", &spelled(0), "", "").await.2);
    }
    running.drain().await;
}

#[tokio::test]
async fn a_port_that_is_taken_at_the_moment_is_a_warning_where_nothing_is_started() {
    let folder = project("");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let told =
        Options { listen: Some(taken.local_addr().unwrap()), only_looks: true, ..options(folder.path()) };
    let loaded = load(&told);
    assert!(loaded.plan.is_ok());
    assert_eq!(loaded.warnings.iter().map(|report| report.code().id).collect::<Vec<_>>(), ["P0302"]);
}

#[tokio::test]
async fn the_apis_are_not_told_to_listen_where_the_internal_listener_is() {
    for (internal, listen) in
        [("127.0.0.1:9", "127.0.0.1:9"), ("127.0.0.1:9", "0.0.0.0:9"), ("'[::]:9'", "127.0.0.1:9")]
    {
        let folder = project(&format!("server: {{ internal: {internal} }}"));
        let told = Options { listen: Some(listen.parse().unwrap()), ..options(folder.path()) };
        let problems = load(&Options { only_looks: true, ..told }).plan.unwrap_err();
        let ids: Vec<_> = problems.iter().map(|report| report.code().id).collect();
        assert_eq!(ids, ["P0301"], "{internal} {listen}");
        let elsewhere =
            Options { listen: Some(([127, 0, 0, 1], 10).into()), only_looks: true, ..options(folder.path()) };
        assert!(load(&elsewhere).plan.is_ok());
    }
}

#[tokio::test]
async fn a_get_through_a_flow_takes_fields_of_its_input_in_the_query_and_no_body() {
    let folder = project(
        "apis:
  notes:
    auth: none
    expose: { rest: /v1 }
    operations:
      quote: { rest: \"GET /quotes/{product}\", flow: quote, input: order, output: price }
      done: { rest: POST /quotes, flow: quote, input: order, output: price, status: 204 }
",
    );
    let record = |properties: &str, required: &str| {
        format!(
            "{{ \"type\": \"object\", \"additionalProperties\": false, \"required\": [{required}], \
             \"properties\": {{ {properties} }} }}"
        )
    };
    let order = record(
        "\"product\": { \"type\": \"string\" }, \"qty\": { \"type\": \"integer\" }, \
         \"code\": { \"type\": \"string\" }",
        "\"product\", \"qty\"",
    );
    let price = record(
        "\"product\": { \"type\": \"string\" }, \"qty\": { \"type\": \"integer\" }",
        "\"product\", \"qty\"",
    );
    for (name, contract) in [("order", order), ("price", price)] {
        fs::create_dir_all(folder.path().join("contracts").join(name)).unwrap();
        fs::write(folder.path().join("contracts").join(name).join("1.json"), contract).unwrap();
    }
    let main = folder.path().join("tenon.yaml");
    let text = fs::read_to_string(&main).unwrap();
    let flow = "flows:\n  quote: { steps: [], reply: { product: order.product, qty: order.qty } }\n";
    fs::write(&main, text.replace("flows:\n", flow)).unwrap();
    let anywhere = Options { listen: Some(([127, 0, 0, 1], 0).into()), ..options(folder.path()) };
    let running = start(anywhere).await;
    let address = running.address().unwrap();
    for (target, status, part) in [
        ("/v1/quotes/a%20b?qty=3", 200, "{\"product\":\"a b\",\"qty\":3}"),
        ("/v1/quotes/a?qty=3&code=x", 200, "\"qty\":3"),
        ("/v1/quotes/a", 400, "`qty`"),
        ("/v1/quotes/a?qty=three", 400, "parameter `qty`"),
        ("/v1/quotes/a?qty=3&qty=4", 400, "more than once"),
        ("/v1/quotes/a?qt=3", 400, "write `qty`"),
        ("/v1/quotes/a?qty=3&product=b", 400, "parameter `product`: there is no such parameter"),
    ] {
        let answer = get(address, target).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(part),
            "{target}: {answer}"
        );
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = "{\"qty\":3}";
    let request = format!(
        "GET /v1/quotes/a HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("a GET request takes no body here"),
        "{answer}"
    );
    let description = get(address, "/openapi.json").await;
    let (_, description) = description.split_once("\r\n\r\n").unwrap();
    let description: serde_json::Value = serde_json::from_str(description).unwrap();
    let quote = &description["paths"]["/v1/quotes/{product}"]["get"];
    assert!(quote.get("requestBody").is_none(), "{quote}");
    let in_query: Vec<_> =
        quote["parameters"].as_array().unwrap().iter().filter(|it| it["in"] == "query").collect();
    let named: Vec<_> =
        in_query.iter().map(|it| (it["name"].as_str().unwrap(), it["required"].as_bool().unwrap())).collect();
    assert_eq!(named, [("qty", true), ("code", false)]);
    let done = &description["paths"]["/v1/quotes"]["post"]["responses"]["204"];
    assert!(done["description"].is_string() && done.get("content").is_none(), "{done}");
    running.drain().await;
}
