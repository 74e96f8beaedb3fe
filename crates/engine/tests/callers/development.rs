//! Tokens of the issuer for development.

use std::{fs, time::Duration};

use serde_json::{Value, json};
use tenon_engine::{
    Options, Running,
    development::{Wanted, mint},
};

use crate::{
    support::{self, Project, start_with},
    tokens::Signer,
};

fn wanted() -> Wanted {
    Wanted {
        api: None,
        issuer: None,
        subject: "ann".to_owned(),
        scopes: vec!["read".to_owned()],
        holds: Duration::from_secs(60),
        claims: vec![("tenant".to_owned(), json!("acme"))],
    }
}

async fn minted(running: &Running, options: &Options, wanted: Wanted) -> Result<String, String> {
    let (plan, options) = (running.plan(), options.clone());
    let mint = move || mint(&plan, &options, &wanted).map_err(|report| report.to_string());
    tokio::task::spawn_blocking(mint).await.unwrap()
}

async fn status(running: &Running, token: &str) -> u16 {
    support::get(running, "/v1/notes", &[&format!("authorization: Bearer {token}")]).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_for_development_accepts_its_own_tokens_and_no_other_run_does() {
    let auth = "{ jwt: { issuer: \"https://i\", audience: notes, jwks: jwks.json, type: at+jwt, scope_claims: [roles],
        claims: { tenant: { type: text } } } }";
    let project = Project::new(auth);
    fs::write(project.folder().join("jwks.json"), Signer::new().jwks()).unwrap();
    let (running, options) = start_with(project.options(true)).await;
    let token = minted(&running, &options, wanted()).await.unwrap();
    assert_eq!(status(&running, &token).await, 200);
    let without = minted(&running, &options, Wanted { scopes: Vec::new(), ..wanted() }).await.unwrap();
    assert_eq!(status(&running, &without).await, 403);
    let ended = Wanted { claims: vec![("exp".to_owned(), json!(1))], ..wanted() };
    assert_eq!(status(&running, &minted(&running, &options, ended).await.unwrap()).await, 401);
    let odd = Wanted { claims: vec![("tenant".to_owned(), json!(7))], ..wanted() };
    assert_eq!(status(&running, &minted(&running, &options, odd).await.unwrap()).await, 401);
    for wrong in [
        Wanted { api: Some("others".to_owned()), ..wanted() },
        Wanted { issuer: Some("https://j".to_owned()), ..wanted() },
        Wanted { holds: Duration::from_secs(31 * 24 * 3600), ..wanted() },
    ] {
        assert!(minted(&running, &options, wrong).await.unwrap_err().starts_with("[E0002]"));
    }
    let keys = support::get(&running, "/.well-known/tenon-development.jwks.json", &[]).await;
    let keys: Value = serde_json::from_str(&keys.body).unwrap();
    assert_eq!(
        (keys["keys"][0]["kid"].as_str(), &keys["keys"][0]["d"]),
        (Some("tenon-development"), &Value::Null)
    );
    running.drain().await;

    // The same state folder, with the key in it.
    let (running, options) = start_with(project.options(false)).await;
    assert_eq!(status(&running, &token).await, 401);
    assert_eq!(support::get(&running, "/.well-known/tenon-development.jwks.json", &[]).await.status, 404);
    let refused = minted(&running, &options, wanted()).await.unwrap_err();
    assert!(refused.contains("for development alone"), "{refused}");
    let refused = minted(&running, &project.options(true), wanted()).await.unwrap_err();
    assert!(refused.contains("runs without `--dev`"), "{refused}");
    running.drain().await;
}
