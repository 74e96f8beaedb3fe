//! Tokens of an OAuth 2 server.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::join_all;
use http::header;
use serde_json::{Value, json};
use tenon_client::{
    Client, Failure, Request, Settings,
    credentials::{Authentication, Exchange, Grant, Keeps, OAuth, Refresh, Subject, TokenEndpoint},
};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tenon_ports::Clock;
use tenon_security::SecretText;

use crate::server::{RuntimeClock, Server, answering, get, raw, read_request, reply, settings};

pub(crate) type Form = BTreeMap<String, String>;

/// The form of a request.
pub(crate) fn form(body: &[u8]) -> Form {
    let text = std::str::from_utf8(body).unwrap();
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (unescaped(name), unescaped(value))).collect()
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// A token endpoint that answers by form and number of the request.
async fn issuer(answer: fn(&Form, usize) -> (u16, Value)) -> Server {
    answering(move |request: http::Request<Bytes>, number| async move {
        let (status, body) = answer(&form(request.body()), number);
        reply(status, body.to_string())
    })
    .await
}

/// Tokens `token-0`, `token-1` and so on, each for 100 seconds.
fn counted(_: &Form, number: usize) -> (u16, Value) {
    (200, json!({ "access_token": format!("token-{number}"), "token_type": "bearer", "expires_in": 100 }))
}

/// A system that says which token it got, and takes those from the number `least` on.
async fn system(least: Arc<AtomicU64>) -> Server {
    answering(move |request: http::Request<Bytes>, _| {
        let token = request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned();
        let number = token.rsplit('-').next().unwrap().parse().unwrap_or(u64::MAX);
        let status = if number >= least.load(SeqCst) { 200 } else { 401 };
        async move { reply(status, token) }
    })
    .await
}

pub(crate) fn endpoint(issuer: &Server, authentication: Authentication) -> TokenEndpoint {
    let url = format!("{}/oauth/token?tenant=a", issuer.url()).parse().unwrap();
    TokenEndpoint { url, authentication, scope: Some("read write".into()), parameters: Vec::new() }
}

fn with_secret() -> Authentication {
    Authentication::Basic { id: "tenon:1".into(), secret: SecretText::new("hunter2 é") }
}

fn client(system: &Server, issuer: &Server, grant: Grant) -> Client {
    let settings = settings(&[&system.url()]);
    let oauth = OAuth::new(settings.clone(), endpoint(issuer, with_secret()), grant).unwrap();
    Client::new(Settings { credentials: Some(Arc::new(oauth)), ..settings }).unwrap()
}

/// A client with the client's own credentials.
fn own(system: &Server, issuer: &Server) -> Client {
    client(system, issuer, Grant::ClientCredentials)
}

async fn said(client: &Client) -> String {
    let response = client.send(get("/")).await.unwrap();
    String::from_utf8(response.body.to_vec()).unwrap()
}

async fn failure(client: &Client, request: Request) -> Failure {
    let failure = client.send(request).await.unwrap_err();
    assert!(!failure.may_have_acted && !failure.to_string().contains("hunter2"), "{failure}");
    failure
}

#[tokio::test]
async fn a_token_is_asked_for_as_rfc_6749_says_and_used_for_each_call() {
    let asked = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&asked);
    let issuer = answering(move |request: http::Request<Bytes>, number| {
        let of = |name| request.headers()[name].to_str().unwrap();
        *seen.lock().unwrap() = format!(
            "{} {} {} {} {}",
            request.method(),
            request.uri(),
            of(header::CONTENT_TYPE),
            of(header::AUTHORIZATION),
            std::str::from_utf8(request.body()).unwrap()
        );
        async move { reply(200, counted(&Form::new(), number).1.to_string()) }
    })
    .await;
    let system = system(Arc::default()).await;
    let client = own(&system, &issuer);
    for _ in 0..3 {
        assert_eq!(said(&client).await, "Bearer token-0");
    }
    // `tenon%3A1:hunter2%20%C3%A9`
    let pair = "dGVub24lM0ExOmh1bnRlcjIlMjAlQzMlQTk=";
    let expected = format!(
        "POST /oauth/token?tenant=a application/x-www-form-urlencoded Basic {pair} \
         grant_type=client_credentials&scope=read%20write"
    );
    assert_eq!(*asked.lock().unwrap(), expected);
}

#[tokio::test]
async fn calls_that_wait_for_a_token_share_one() {
    let (issuer, system) = (issuer(counted).await, system(Arc::default()).await);
    let client = own(&system, &issuer);
    let all = join_all((0..50).map(|_| said(&client))).await;
    assert!(all.iter().all(|token| token == "Bearer token-0"), "{all:?}");
    assert_eq!(issuer.requests.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_a_token_share_its_failure() {
    let issuer = issuer(|_, _| (401, json!({ "error": "invalid_client" }))).await;
    let system = system(Arc::default()).await;
    let client = own(&system, &issuer);
    let all = join_all((0..50).map(|_| failure(&client, get("/")))).await;
    assert!(all.iter().all(|failure| failure.report.code().id == "Y0411"));
    assert_eq!((issuer.requests.load(SeqCst), system.requests.load(SeqCst)), (1, 0));
    // Those who come later try again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    failure(&client, get("/")).await;
    assert_eq!(issuer.requests.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_ends() {
    let (issuer, system) = (issuer(counted).await, system(Arc::default()).await);
    let client = own(&system, &issuer);
    assert_eq!(said(&client).await, "Bearer token-0");
    tokio::time::sleep(Duration::from_secs(70)).await;
    assert_eq!(said(&client).await, "Bearer token-0");
    assert_eq!(issuer.requests.load(SeqCst), 1);
    tokio::time::sleep(Duration::from_secs(16)).await;
    assert_eq!(said(&client).await, "Bearer token-0", "nobody waits for the new one");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(said(&client).await, "Bearer token-1");
    // Nobody has called for long.
    tokio::time::sleep(Duration::from_secs(96)).await;
    assert_eq!(said(&client).await, "Bearer token-2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_used_until_it_ends() {
    fn first_only(form: &Form, number: usize) -> (u16, Value) {
        if number == 0 { counted(form, 0) } else { (400, json!({ "error": "invalid_scope" })) }
    }
    let (issuer, system) = (issuer(first_only).await, system(Arc::default()).await);
    let client = own(&system, &issuer);
    for _ in 0..94 {
        assert_eq!(said(&client).await, "Bearer token-0");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let tries = issuer.requests.load(SeqCst);
    assert!((2..15).contains(&tries), "{tries}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(failure(&client, get("/")).await.report.code().id, "Y0411");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_fetched_anew_once_for_all() {
    let least = Arc::new(AtomicU64::new(0));
    let (issuer, system) = (issuer(counted).await, system(Arc::clone(&least)).await);
    let client = own(&system, &issuer);
    said(&client).await;
    least.store(1, SeqCst);
    tokio::time::sleep(Duration::from_secs(6)).await;
    let all = join_all((0..20).map(|_| said(&client))).await;
    assert!(all.iter().all(|token| token == "Bearer token-1"), "{all:?}");
    assert_eq!(issuer.requests.load(SeqCst), 2);
    // A new token that is refused would not be better for being fetched again.
    least.store(9, SeqCst);
    assert_eq!(client.send(get("/")).await.unwrap().status, 401);
    assert_eq!(issuer.requests.load(SeqCst), 2);
}

#[tokio::test]
async fn an_endpoint_that_gives_no_token_is_told_with_its_reason() {
    let table = [
        (
            401,
            r#"{"error":"invalid_client","error_description":"no\nsuch client"}"#,
            "`invalid_client`, the client is not known, or does not prove itself as it should (no such client)",
        ),
        (
            400,
            r#"{"error":"invalid_scope"}"#,
            "`invalid_scope`, the scope is not known, or is more than the client may have",
        ),
        (400, r#"{"error":"own_code"}"#, "`own_code`"),
        (404, "<html>", "it answers with the status 404 Not Found"),
        (403, "{}", "it answers with the status 403 Forbidden"),
        (200, "<html>", "its answer is not a JSON object"),
        (200, "{}", "its answer has no `access_token`"),
        (200, r#"{"access_token":""}"#, "its answer has no `access_token`"),
        (
            200,
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            "its token is of the type `DPoP`, where `Bearer` is expected",
        ),
    ];
    for (status, body, expected) in table {
        let issuer = answering(move |_, _| async move { reply(status, body) }).await;
        let system = system(Arc::default()).await;
        let failure = failure(&own(&system, &issuer), get("/")).await;
        let said = format!("`erp` gets no token from {}: {expected}", issuer.url());
        assert_eq!((failure.report.code().id, failure.report.message()), ("Y0411", said.as_str()));
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_told_as_that() {
    let issuer = raw(|mut stream, _| async move { drop(read_request(&mut stream).await) }).await;
    let system = system(Arc::default()).await;
    let failure = failure(&own(&system, &issuer), get("/")).await;
    assert_eq!(failure.report.code().id, "Y0403");
    assert!(failure.report.message().starts_with("`erp` is not called without a token: "), "{failure}");
    assert_eq!(issuer.connections(), 3, "it is asked again");
}

/// What was given to keep.
#[derive(Default)]
struct Kept {
    tokens: Mutex<Vec<String>>,
    is_full: AtomicBool,
}

#[async_trait]
impl Keeps for Kept {
    async fn newest(&self) -> Result<Option<SecretText>, Report> {
        Ok(self.tokens.lock().unwrap().last().map(|token| SecretText::new(token.clone())))
    }

    async fn keep(&self, token: &SecretText) -> Result<(), Report> {
        if self.is_full.load(SeqCst) {
            return Err(Report::new(&IO_FAILED, "the disk is full"));
        }
        self.tokens.lock().unwrap().push(token.expose().to_owned());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_replaced_and_kept_each_time() {
    // It takes each refresh token once.
    fn rotating(form: &Form, number: usize) -> (u16, Value) {
        assert_eq!(form["grant_type"], "refresh_token");
        if form["refresh_token"] != format!("refresh-{number}") {
            return (400, json!({ "error": "invalid_grant" }));
        }
        let mut answer = counted(form, number).1;
        answer["refresh_token"] = json!(format!("refresh-{}", number + 1));
        (200, answer)
    }
    let (issuer, system, kept) =
        (issuer(rotating).await, system(Arc::default()).await, Arc::new(Kept::default()));
    let refresh = Refresh::new(SecretText::new("refresh-0"), Some(Arc::clone(&kept) as _));
    let client = client(&system, &issuer, Grant::Refresh(refresh));
    for number in 0..3 {
        assert_eq!(said(&client).await, format!("Bearer token-{number}"));
        tokio::time::sleep(Duration::from_secs(100)).await;
    }
    assert_eq!(*kept.tokens.lock().unwrap(), ["refresh-1", "refresh-2", "refresh-3"]);
    // Another process takes its turn, and keeps what it is given.
    let again = Refresh::new(SecretText::new("refresh-0"), Some(Arc::clone(&kept) as _));
    let other = self::client(&system, &issuer, Grant::Refresh(again));
    assert_eq!(said(&other).await, "Bearer token-3");
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(said(&client).await, "Bearer token-4");
    // What could not be kept is the newest one all the same.
    tokio::time::sleep(Duration::from_secs(100)).await;
    kept.is_full.store(true, SeqCst);
    assert_eq!(failure(&client, get("/")).await.report.code().id, "E0003");
    kept.is_full.store(false, SeqCst);
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(said(&client).await, "Bearer token-6");
}

#[tokio::test]
async fn a_refresh_token_that_may_have_been_used_is_not_sent_again() {
    let issuer = raw(|mut stream, _| async move { drop(read_request(&mut stream).await) }).await;
    let system = system(Arc::default()).await;
    let refresh = Refresh::new(SecretText::new("hunter2"), None);
    failure(&client(&system, &issuer, Grant::Refresh(refresh)), get("/")).await;
    assert_eq!(issuer.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_nobody_waits_for_any_more_is_not_lost() {
    let issuer = answering(|_, number| async move {
        tokio::time::sleep(Duration::from_secs(3)).await;
        reply(200, counted(&Form::new(), number).1.to_string())
    })
    .await;
    let (system, clock) = (system(Arc::default()).await, RuntimeClock::new());
    let settings = Settings { clock: Arc::clone(&clock) as _, ..settings(&[&system.url()]) };
    let oauth =
        OAuth::new(settings.clone(), endpoint(&issuer, with_secret()), Grant::ClientCredentials).unwrap();
    let client = Client::new(Settings { credentials: Some(Arc::new(oauth)), ..settings }).unwrap();
    let request = Request { deadline: Some(clock.now() + Duration::from_secs(1)), ..get("/") };
    assert_eq!(failure(&client, request).await.report.code().id, "Y0402");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(said(&client).await, "Bearer token-0");
    assert_eq!(issuer.requests.load(SeqCst), 1);
}

#[tokio::test]
async fn each_caller_has_a_token_in_exchange_for_its_own() {
    fn exchanging(form: &Form, _: usize) -> (u16, Value) {
        assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:token-exchange");
        assert_eq!(form["subject_token_type"], "urn:ietf:params:oauth:token-type:access_token");
        let token = format!("for-{}", form["subject_token"]);
        let kind = "urn:ietf:params:oauth:token-type:access_token";
        (200, json!({ "access_token": token, "token_type": "Bearer", "issued_token_type": kind }))
    }
    let (issuer, system) = (issuer(exchanging).await, system(Arc::default()).await);
    let client = client(&system, &issuer, Grant::Exchange(Exchange::new(Subject::Caller)));
    for subject in ["ann", "bob", "ann", "bob"] {
        let request = Request { subject: Some(SecretText::new(subject)), ..get("/") };
        let response = client.send(request).await.unwrap();
        assert_eq!(response.body, format!("Bearer for-{subject}"));
    }
    assert_eq!(issuer.requests.load(SeqCst), 2);
    let failure = failure(&client, get("/")).await;
    assert_eq!(failure.report.message(), "`erp` is called on behalf of callers, and this one has no token");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_of_one_caller_leaves_those_of_others() {
    static FETCHES: AtomicUsize = AtomicUsize::new(0);
    fn exchanging(form: &Form, _: usize) -> (u16, Value) {
        let number = FETCHES.fetch_add(1, SeqCst);
        (
            200,
            json!({ "access_token": format!("{}-{number}", form["subject_token"]), "token_type": "Bearer" }),
        )
    }
    let refused = Arc::new(Mutex::new(String::new()));
    let refuses = Arc::clone(&refused);
    let system = answering(move |request: http::Request<Bytes>, _| {
        let token = request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned();
        let status = if token == *refuses.lock().unwrap() { 401 } else { 200 };
        async move { reply(status, token) }
    })
    .await;
    let issuer = issuer(exchanging).await;
    let client = client(&system, &issuer, Grant::Exchange(Exchange::new(Subject::Caller)));
    let call = async |subject: &str| {
        let request = Request { subject: Some(SecretText::new(subject)), ..get("/") };
        String::from_utf8(client.send(request).await.unwrap().body.to_vec()).unwrap()
    };
    assert_eq!((call("ann").await, call("bob").await), ("Bearer ann-0".into(), "Bearer bob-1".into()));
    tokio::time::sleep(Duration::from_secs(6)).await;
    *refused.lock().unwrap() = "Bearer ann-0".to_owned();
    assert_eq!((call("ann").await, call("bob").await), ("Bearer ann-2".into(), "Bearer bob-1".into()));
}
