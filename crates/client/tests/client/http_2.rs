//! HTTP/2 by prior knowledge, and what servers say about requests that they do not process.

use http::HeaderValue;
use tenon_client::{Client, Settings, Versions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::server::{Server, answering, get, post, raw, reply, settings};

fn client(server: &Server) -> Client {
    Client::new(Settings { versions: Versions::Two, ..settings(&[&server.url()]) }).unwrap()
}

/// A frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn go_away(last: u32) -> Vec<u8> {
    let no_error = 0_u32;
    frame(7, 0, 0, &[last.to_be_bytes(), no_error.to_be_bytes()].concat())
}

fn reset(stream: u32, reason: u32) -> Vec<u8> {
    frame(3, 0, stream, &reason.to_be_bytes())
}

/// `:status: 200` (RFC 7541, appendix A), and the end of the stream.
fn ok(stream: u32) -> Vec<u8> {
    frame(1, 5, stream, &[0x88])
}

/// Greets, and reads until a request has come: its stream.
async fn request(stream: &mut TcpStream, is_new: bool) -> Option<u32> {
    if is_new {
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).await.ok()?;
        stream.write_all(&frame(4, 0, 0, &[])).await.ok()?;
    }
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.ok()?;
        match head[3] {
            1 => return Some(u32::from_be_bytes([head[5], head[6], head[7], head[8]])),
            4 if head[4] == 0 => stream.write_all(&frame(4, 1, 0, &[])).await.ok()?,
            _ => {}
        }
    }
}

/// A server whose first connection answers its first request with `first`, and whose others answer every one.
async fn first_says(first: fn(u32) -> Vec<u8>) -> Server {
    raw(move |mut stream, number| async move {
        let mut is_new = true;
        while let Some(of) = request(&mut stream, is_new).await {
            let answer = if number == 0 && is_new { first(of) } else { ok(of) };
            is_new = false;
            stream.write_all(&answer).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn requests_share_a_connection_without_tls() {
    let server = answering(|request, _| async move { reply(200, format!("{:?}", request.version())) }).await;
    let client = client(&server);
    let calls = (0..20).map(|_| client.send(post("/", "abc")));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().body, "HTTP/2.0");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_the_server_has_not_processed_is_sent_again_even_if_it_acts() {
    const REFUSED_STREAM: u32 = 7;
    for first in [|_| go_away(0), |of| reset(of, REFUSED_STREAM)] as [fn(u32) -> Vec<u8>; 2] {
        let server = first_says(first).await;
        let response = client(&server).send(post("/", "")).await.unwrap();
        assert_eq!((response.status.as_u16(), response.attempts), (200, 2));
    }
}

#[tokio::test]
async fn what_the_server_may_have_processed_is_not_sent_again_if_it_acts() {
    const CANCEL: u32 = 8;
    // Reset in the middle, and a connection that goes away with this request as its last one, and then breaks.
    for is_reset in [true, false] {
        let server = raw(move |mut stream, number| async move {
            let mut is_new = true;
            while let Some(of) = request(&mut stream, is_new).await {
                let answer = match (number == 0 && is_new, is_reset) {
                    (true, true) => reset(of, CANCEL),
                    (true, false) => go_away(of),
                    _ => ok(of),
                };
                stream.write_all(&answer).await.unwrap();
                if !is_reset && number == 0 {
                    return;
                }
                is_new = false;
            }
        })
        .await;
        let client = client(&server);
        let failure = client.send(post("/", "")).await.unwrap_err();
        assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0403", true), "{failure}");
        assert_eq!(server.connections(), 1);
        assert_eq!(client.send(get("/")).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_request_that_a_leaving_server_still_processes_is_answered() {
    let server = first_says(|of| [go_away(of), ok(of)].concat()).await;
    let client = client(&server);
    assert_eq!(client.send(post("/", "")).await.unwrap().attempts, 1);
    assert_eq!(client.send(post("/", "")).await.unwrap().attempts, 1);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_head_of_http_2_that_is_too_large_is_not_read() {
    for (count, code) in [(9, "Y0408"), (20, "Y0406")] {
        let server = answering(move |_, _| async move {
            let mut response = reply(200, "");
            let value = HeaderValue::from_str(&"x".repeat(8 << 10)).unwrap();
            for _ in 0..count {
                response.headers_mut().append("x-long", value.clone());
            }
            response
        })
        .await;
        let failure = client(&server).send(post("/", "")).await.unwrap_err();
        assert_eq!((failure.report.code().id, failure.may_have_acted), (code, true), "{failure}");
        assert!(failure.report.message().contains("more than 65536 bytes"), "{failure}");
    }
}

#[tokio::test]
async fn a_part_of_an_answer_of_http_2_is_not_taken_for_the_whole() {
    // `:status: 200`, `content-length: 9` (RFC 7541, section 6.2.2), and less than that, ended in two ways.
    fn head(of: u32) -> Vec<u8> {
        frame(1, 4, of, &[&[0x88, 0x0f, 0x0d, 1], b"9".as_slice()].concat())
    }
    fn ends(of: u32) -> Vec<u8> {
        [head(of), frame(0, 1, of, b"abc")].concat()
    }
    fn is_reset(of: u32) -> Vec<u8> {
        [head(of), frame(0, 0, of, b"abc"), reset(of, 2)].concat()
    }
    for first in [ends, is_reset] as [fn(u32) -> Vec<u8>; 2] {
        let server = first_says(first).await;
        let failure = client(&server).send(post("/", "")).await.unwrap_err();
        assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0403", true), "{failure}");
        assert_eq!(client(&server).send(get("/")).await.unwrap().status, 200);
    }
}
