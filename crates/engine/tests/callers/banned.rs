//! Callers who are refused at once.

use tenon_engine::{
    Options,
    bans::{self, Change},
};
use tenon_security::{
    SecretText,
    api_key::KeyHash,
    ban::{Ban, Banned},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{self, Project, request, start};

async fn change(options: &Options, change: Change) -> (bool, bool) {
    let options = options.clone();
    tokio::task::spawn_blocking(move || bans::change(&options, &change).unwrap()).await.unwrap()
}

fn add(kind: &str, name: &str) -> Change {
    let banned = Banned::of_parts(kind, name).unwrap().unwrap();
    Change::Add(banned, Ban { until: None, reason: "leaked".into() })
}

fn lift(kind: &str, name: &str) -> Change {
    Change::Lift(Banned::of_parts(kind, name).unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_counts_at_once_and_after_the_next_start() {
    let hash = |key: &str| KeyHash::of("test", &SecretText::new(key)).unwrap();
    let project = Project::new(&format!(
        "{{ api_keys: {{ ann-1: {{ owner: ann, hash: \"{}\", scopes: [read] }}, ann-2: {{ owner: ann, hash: \"{}\", scopes: [read] }} }} }}",
        hash("the first key of ann"),
        hash("the second key of ann")
    ));
    let (running, options) = start(&project).await;
    let status = async |running: &tenon_engine::Running| {
        let mut found = Vec::new();
        for key in ["the first key of ann", "the second key of ann"] {
            let answer = support::get(running, "/v1/notes", &[&format!("x-api-key: {key}")]).await;
            assert!(
                answer.status != 403 || (answer.body.contains("S0008") && !answer.body.contains("leaked"))
            );
            found.push(answer.status);
        }
        found
    };
    assert_eq!(status(&running).await, [200, 200]);
    assert_eq!(change(&options, add("credential", "ann-1")).await, (true, true));
    assert_eq!(change(&options, add("credential", "ann-1")).await, (false, true));
    assert_eq!(status(&running).await, [403, 200]);
    assert_eq!(change(&options, add("principal", "ann")).await, (true, true));
    assert_eq!(status(&running).await, [403, 403]);
    running.drain().await;

    let (running, options) = start(&project).await;
    assert_eq!(status(&running).await, [403, 403]);
    assert_eq!(change(&options, lift("principal", "ann")).await, (true, true));
    assert_eq!(change(&options, lift("principal", "bob")).await, (false, true));
    assert_eq!(status(&running).await, [403, 200]);

    // A connection that is open already is refused with its next request, and a new one before anything is said.
    let mut open = tokio::net::TcpStream::connect(running.address().unwrap()).await.unwrap();
    open.write_all(b"GET /livez HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    open.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    assert_eq!(change(&options, add("address", "127.0.0.0/8")).await, (true, true));
    open.write_all(request("/livez", &[]).as_bytes()).await.unwrap();
    let mut rest = String::new();
    open.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("HTTP/1.1 403") && rest.contains("S0008"), "{rest}");
    let mut closed = tokio::net::TcpStream::connect(running.address().unwrap()).await.unwrap();
    let mut nothing = Vec::new();
    // It is closed, or reset where the request was on its way.
    let _ = closed.read_to_end(&mut nothing).await;
    assert!(nothing.is_empty(), "{nothing:?}");
    running.drain().await;

    // Without a running project the bans are changed for the next start.
    assert_eq!(change(&options, lift("address", "127.0.0.0/8")).await, (true, false));
    let left: Vec<_> =
        bans::all(&options).unwrap().into_iter().map(|(banned, _)| banned.to_string()).collect();
    assert_eq!(left, ["credential `ann-1`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bans_that_cannot_be_read_keep_the_project_from_starting() {
    let project = Project::new("{ basic: {} }");
    let options = project.options(false);
    std::fs::create_dir_all(&options.state).unwrap();
    std::fs::write(options.state.join("bans.json"), "[{}]").unwrap();
    assert_eq!(bans::all(&options).unwrap_err().code().id, "E0003");
    let plan = tenon_engine::load(&options).plan.unwrap();
    let refused = tenon_engine::Running::start(plan, options).await.err().unwrap();
    assert!(refused.iter().any(|report| report.message().contains("bans.json")), "{refused:?}");
}
