//! Who calls, against projects that run: keys and passwords over real connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "callers/banned.rs"]
mod banned;
#[path = "callers/certified.rs"]
mod certified;
#[path = "callers/development.rs"]
mod development;
#[path = "callers/introspected.rs"]
mod introspected;
#[path = "callers/issuer.rs"]
mod issuer;
#[path = "callers/support.rs"]
mod support;
#[path = "callers/tokens.rs"]
mod tokens;

use base64::{Engine, engine::general_purpose::STANDARD};
use support::{Project, start};
use tenon_engine::callers;
use tenon_security::{SecretText, api_key::KeyHash};

const HASHED: &str = r#"{ api_keys: {
      ann-2025: { owner: ann, hash: "OLD", scopes: [read], expires: "2020-01-01T00:00:00Z" },
      ann-2026: { owner: ann, hash: "NEW", scopes: [read] } },
    basic: { bob: { hash: "$2y$08$abcdefghijklmnopqrstuubAvJmxpQuyV3jn7x.SUSPxe.DearCPe", scopes: [read] } } }"#;

fn hash(key: &str) -> String {
    KeyHash::of("test", &SecretText::new(key)).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_passwords_are_known_by_their_hashes_and_it_is_told_when_they_were_used() {
    let auth = HASHED
        .replace("OLD", &hash("the key of the last year"))
        .replace("NEW", &hash("the key of this year"));
    let project = Project::new(&auth);
    let (running, options) = start(&project).await;
    let basic = |text: &str| format!("authorization: Basic {}", STANDARD.encode(text));
    for (header, status) in [
        ("x-api-key: the key of this year".to_owned(), 200),
        ("authorization: Bearer the key of this year".to_owned(), 200),
        ("x-api-key: the key of the last year".to_owned(), 401),
        (format!("x-api-key: {}", hash("the key of this year")), 401),
        (basic("bob:correct horse"), 200),
        (basic("bob:correct horse"), 200),
        (basic("bob:wrong horse"), 401),
        (basic("eve:correct horse"), 401),
    ] {
        let answer = support::get(&running, "/v1/notes", &[&header]).await;
        assert_eq!(answer.status, status, "{header}: {answer:?}");
        let challenges = answer.all("www-authenticate").len();
        assert_eq!(challenges, if status == 401 { 2 } else { 0 }, "{answer:?}");
    }
    let metrics = support::get(&running, "/metrics", &[]).await.body;
    for (kind, name, used) in
        [("api-key", "ann-2025", false), ("api-key", "ann-2026", true), ("basic", "bob", true)]
    {
        let line = format!(
            "tenon_credential_last_used_timestamp_seconds{{api=\"notes\",kind=\"{kind}\",credential=\"{name}\"}} "
        );
        let value = metrics.lines().find_map(|it| it.strip_prefix(&line)).unwrap();
        assert_eq!(value != "0", used, "{name}: {value}");
    }
    let plan = running.plan();
    let asked = tokio::task::spawn_blocking({
        let (plan, options) = (plan.clone(), options.clone());
        move || callers::credentials(&plan, &options).unwrap()
    });
    let (listed, runs) = asked.await.unwrap();
    let shown: Vec<_> =
        listed.iter().map(|it| (it.name.as_str(), it.owner.as_str(), it.last_used.is_some())).collect();
    assert!(runs);
    assert_eq!(shown, [("ann-2025", "ann", false), ("ann-2026", "ann", true), ("bob", "bob", true)]);
    running.drain().await;
    let (listed, runs) = callers::credentials(&plan, &options).unwrap();
    assert!(!runs && listed.iter().all(|it| it.last_used.is_none()));
}
