//! Through a proxy.

use std::sync::{Arc, Mutex};

use http::header;
use tenon_client::{Client, Failure, Settings, Versions};
use tenon_security::SecretText;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};

use crate::{
    certificates::Authority,
    server::{Closed, Server, answering, get, post, raw, read_request, reply, settings},
};

type Seen = Arc<Mutex<Vec<String>>>;

/// A proxy that makes tunnels to this address, wherever they are wanted to, and what it was asked.
async fn tunnels(to: std::net::SocketAddr) -> (Server, Seen) {
    let seen = Seen::default();
    let asked = Arc::clone(&seen);
    let server = raw(move |mut stream, _| {
        let asked = Arc::clone(&asked);
        async move {
            let head = read_request(&mut stream).await;
            asked.lock().unwrap().push(head);
            stream.write_all(b"HTTP/1.1 200 Connection established\r\nvia: a\r\n\r\n").await.unwrap();
            let mut server = TcpStream::connect(to).await.unwrap();
            // Clients that leave are part of the tests.
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
    })
    .await;
    (server, seen)
}

fn through(proxy: &Server, settings: Settings) -> Client {
    Client::new(Settings { proxy: Some(proxy.url().parse().unwrap()), ..settings }).unwrap()
}

async fn failure(client: Client) -> Failure {
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0001", false), "{failure}");
    failure
}

#[tokio::test]
async fn a_proxy_reads_requests_without_tls_in_their_absolute_form() {
    let proxy = raw(|mut stream, _| async move {
        let head = read_request(&mut stream).await;
        let mut lines = head.lines();
        let (first, host) = (lines.next().unwrap(), lines.find(|line| line.starts_with("host:")).unwrap());
        let body = format!("{first}|{host}");
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    // The proxy finds the address of the name.
    let client = through(&proxy, settings(&["http://erp.example:8080/api"]));
    let response = client.send(get("/a?b")).await.unwrap();
    assert_eq!(response.body, "GET http://erp.example:8080/api/a?b HTTP/1.1|host: erp.example:8080");
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_server() {
    let authority = Authority::new();
    let server = authority.server(&["erp.example"], None, |_| {}).await;
    let (proxy, seen) = tunnels(server.address).await;
    let client = through(&proxy, Settings { tls: authority.trust(), ..settings(&["https://erp.example"]) });
    for _ in 0..3 {
        assert_eq!(client.send(get("/")).await.unwrap().body, "HTTP/2.0");
    }
    let asked = ["CONNECT erp.example:443 HTTP/1.1\r\nhost: erp.example:443\r\n\r\n"];
    assert_eq!(*seen.lock().unwrap(), asked);
}

#[tokio::test]
async fn http_2_without_tls_goes_through_a_tunnel() {
    let server = answering(|request, _| async move { reply(200, format!("{:?}", request.version())) }).await;
    let (proxy, seen) = tunnels(server.address).await;
    let client = through(&proxy, Settings { versions: Versions::Two, ..settings(&["http://[::1]:81"]) });
    assert_eq!(client.send(get("/")).await.unwrap().body, "HTTP/2.0");
    assert!(seen.lock().unwrap()[0].starts_with("CONNECT [::1]:81 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told() {
    let table = [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "refuses to connect, with the status 407"),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nabc", "refuses to connect, with the status 403"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not speak HTTP"),
        ("", "broke the connection (unexpected end of file)"),
    ];
    for (answer, expected) in table {
        let proxy = raw(move |mut stream, _| async move {
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let told = failure(through(&proxy, settings(&["https://erp.example"]))).await;
        let said = format!("the proxy {} {expected}", proxy.url());
        assert!(told.report.message().contains(&said), "{told}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_answers_without_an_end_is_told() {
    let closed = Closed::new();
    let settings = || settings(&["https://erp.example"]);
    let proxy = Some(closed.url().parse().unwrap());
    let gone = failure(Client::new(Settings { proxy, ..settings() }).unwrap()).await;
    assert!(gone.report.message().contains("cannot be reached: the connection is refused"), "{gone}");
    let endless = raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        while stream.write_all(&[b'a'; 1_024]).await.is_ok() {}
        let _ = stream.read_u8().await;
    })
    .await;
    let told = failure(through(&endless, settings())).await;
    assert!(told.report.message().contains("answers without an end"), "{told}");
}

#[tokio::test]
async fn a_proxy_is_told_who_is_calling_and_the_server_is_not() {
    let with_user = |settings: Settings| {
        let proxy_user = Some(("Aladdin".into(), SecretText::new("open sesame")));
        Settings { proxy_user, ..settings }
    };
    let proof = "proxy-authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
    let server = answering(|request, _| async move {
        reply(200, request.headers().contains_key(header::PROXY_AUTHORIZATION).to_string())
    })
    .await;
    let (proxy, seen) = tunnels(server.address).await;
    let two = Settings { versions: Versions::Two, ..settings(&["http://erp.example"]) };
    assert_eq!(through(&proxy, with_user(two)).send(get("/")).await.unwrap().body, "false");
    assert!(seen.lock().unwrap()[0].contains(proof));
    let forwards = raw(|mut stream, _| async move {
        let head = read_request(&mut stream).await;
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{head}", head.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let client = through(&forwards, with_user(settings(&["http://erp.example"])));
    let head = client.send(get("/")).await.unwrap().body;
    assert!(std::str::from_utf8(&head).unwrap().contains(proof));
}

#[test]
fn a_proxy_by_tls_is_refused() {
    let proxy = Some("https://proxy.example".parse().unwrap());
    let report = Client::new(Settings { proxy, ..settings(&["https://erp.example"]) }).unwrap_err();
    assert_eq!(report.code().id, "Y0410");
    assert_eq!(report.message(), "the proxy of `erp` is reached by `https`, which is not supported");
}
