//! What keeps a processor busy is done beside the threads that serve connections, and short requests do not wait for it.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use tenon_compute::AllPlaces;
use tenon_plan::Limits;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::testing::{Answer, EDITOR, READER, Server, plan, service};

/// Long enough for a test that hangs to be told from one that is slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server whose GraphQL answers may be as large as the row `large`.
async fn server() -> Server {
    let server = Server::start().await;
    let mut plan = plan(Limits::default());
    let api = Arc::get_mut(&mut plan.apis[0]).unwrap();
    api.graphql.as_mut().unwrap().max_answer = 8 << 20;
    server.services.store(Arc::new(service(&plan, &server.backend, Vec::new())));
    server
}

fn request(method: &str, target: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {target} HTTP/1.1\r\nhost: a\r\n{headers}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_long_waits_for_a_place_and_what_is_short_is_answered() {
    let server = server().await;
    let reader = format!("x-api-key: {READER}\r\n");
    let gzip = format!("{reader}accept-encoding: gzip\r\n");
    let editor = format!("x-api-key: {EDITOR}\r\n");
    let query = |document: &str| format!("{{\"query\":\"{document}\"}}");
    let padded = format!("{{\"carrier\":\"UA\",\"number\":7}}{}", " ".repeat(100 << 10));
    let long = [
        request("GET", "/v1/flights/large", &reader, ""),
        request("GET", "/v1/flights/large", &gzip, ""),
        request("POST", "/graphql", &reader, &query("{ flight(id: \\\"large\\\") { carrier } }")),
        request("POST", "/graphql", &reader, &query("{ __schema { types { name } } }")),
        request("POST", "/v1/flights", &editor, &padded),
    ];
    let short = [
        request("GET", "/v1/flights?limit=2", &gzip, ""),
        request("POST", "/graphql", &reader, &query("{ __typename flight(id: \\\"f1\\\") { carrier } }")),
        request("POST", "/v1/flights", &editor, "{\"carrier\":\"UA\",\"number\":7}"),
    ];
    let ask = async |request: &str| {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    };
    for request in &long {
        let places = AllPlaces::take().await;
        let mut waiting = ask(request).await;
        for request in &short {
            let answer = timeout(PATIENCE, Answer::read(&mut ask(request).await)).await.unwrap();
            assert_eq!(answer.status / 100, 2, "{answer:?}");
        }
        // What comes after it on its own connection is not read before it is answered, so nothing can have come.
        let nothing = waiting.try_read(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock, "{request}");
        drop(places);
        let answer = timeout(PATIENCE, Answer::read(&mut waiting)).await.unwrap();
        assert_eq!(answer.status / 100, 2, "{}", answer.status);
    }
}
