//! Tokens that only their issuer can read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::join_all;
use tenon_ports::Clock;

use crate::{
    issuer::{Asked, Issuer},
    support::{self, Project, start_with},
};

fn auth(issuer: &Issuer) -> String {
    format!(
        "{{ introspection: {{ issuer: \"https://i\", url: \"{}\", client: notes, secret: \"${{secret:ASK}}\",
        audience: notes }} }}",
        issuer.url("/introspect")
    )
}

/// Says of `good` that it holds for an hour, of `short` for the shortest time, and of all others that they do not.
fn answers(asked: &Asked) -> (u16, String) {
    let now = jiff::Timestamp::now().as_second();
    let active = |exp: i64| {
        format!(r#"{{"active":true,"iss":"https://i","aud":"notes","sub":"ann","scope":"read","exp":{exp}}}"#)
    };
    let token = asked.body.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap();
    let answer = match token {
        "good" => active(now + 3600),
        "ended" => active(now - 3600),
        _ => r#"{"active":false}"#.to_owned(),
    };
    (200, answer)
}

async fn started(issuer: &Issuer) -> (tenon_engine::Running, tenon_engine::Options, Project) {
    let project = Project::new(&auth(issuer));
    std::fs::create_dir(project.folder().join("secrets")).unwrap();
    std::fs::write(project.folder().join("secrets/ASK"), "s:cret").unwrap();
    let (running, options) = start_with(project.options(false)).await;
    (running, options, project)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_is_asked_once_for_all_that_wait_and_not_again_for_a_while() {
    let issuer = Issuer::start(answers).await;
    let (running, _, _project) = started(&issuer).await;
    issuer.close();
    let bearer = ["authorization: Bearer good"];
    let waiting = join_all((0..20).map(|_| support::get(&running, "/v1/notes", &bearer)));
    let opened = async {
        while issuer.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        issuer.open();
    };
    let (answers, ()) = tokio::join!(waiting, opened);
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let asked = issuer.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(
        (asked[0].target.as_str(), asked[0].body.as_str()),
        ("/introspect", "token=good&token_type_hint=access_token")
    );
    // `notes:s%3Acret`: both are escaped before they are joined.
    assert!(asked[0].head.to_lowercase().contains("authorization: basic bm90zxm6cyuzqwnyzxq="), "{asked:?}");
    for (token, status, questions) in [("bad", 401, 2), ("bad", 401, 2), ("ended", 401, 3), ("good", 200, 3)]
    {
        let answer = support::get(&running, "/v1/notes", &[&format!("authorization: Bearer {token}")]).await;
        assert_eq!((answer.status, issuer.asked().len()), (status, questions), "{token} {answer:?}");
    }
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_issuer_is_away_nobody_is_told_that_a_token_does_not_hold() {
    let away = Arc::new(AtomicBool::new(false));
    let is_away = Arc::clone(&away);
    let issuer =
        Issuer::start(move |asked| match (is_away.load(Relaxed), asked.body.contains("token=odd")) {
            (true, _) => (500, String::new()),
            (_, true) => (200, "[]".to_owned()),
            _ => answers(asked),
        })
        .await;
    let (running, _, _project) = started(&issuer).await;
    let status = async |token: &str| {
        let answer = support::get(&running, "/v1/notes", &[&format!("authorization: Bearer {token}")]).await;
        let wait = answer.all("retry-after").first().map(|wait| wait.parse::<u64>().unwrap());
        assert_eq!(wait.is_some(), answer.status == 503, "{answer:?}");
        assert!(answer.status != 503 || answer.body.contains("S0007"), "{answer:?}");
        answer.status
    };
    assert_eq!((status("good").await, status("odd").await), (200, 503));
    away.store(true, Relaxed);
    assert_eq!((status("good").await, status("fresh").await), (200, 503), "what is known goes on counting");
    away.store(false, Relaxed);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_counts_beyond_the_end_of_its_token() {
    struct Later(AtomicBool);
    #[async_trait::async_trait]
    impl Clock for Later {
        fn now(&self) -> jiff::Timestamp {
            let hours = if self.0.load(Relaxed) { 2 } else { 0 };
            jiff::Timestamp::now() + Duration::from_secs(hours * 3600)
        }

        async fn sleep(&self, wait: Duration) {
            tokio::time::sleep(wait).await;
        }
    }
    let issuer = Issuer::start(answers).await;
    let project = Project::new(&auth(&issuer));
    let clock = Arc::new(Later(AtomicBool::new(false)));
    let mut options = project.options(true);
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let (running, _) = start_with(options).await;
    let bearer = ["authorization: Bearer good"];
    assert_eq!(support::get(&running, "/v1/notes", &bearer).await.status, 200);
    clock.0.store(true, Relaxed);
    // It was kept with an end, which has passed: it is asked for again, and the answer is one that ends in the past.
    assert_eq!(support::get(&running, "/v1/notes", &bearer).await.status, 401);
    running.drain().await;
}
