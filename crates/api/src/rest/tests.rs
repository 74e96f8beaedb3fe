//! REST as a client sees it, over a socket.

use std::sync::Arc;

use tenon_plan::Limits;
use tenon_ports::{Predicate, operation::Request};

use crate::testing::{EDITOR, READER, Server, plan, service};

const JSON: (&str, &str) = ("content-type", "application/json");
const NEW_FLIGHT: &str = r#"{"carrier":"UA","number":7}"#;

#[tokio::test]
async fn a_row_is_read_by_its_key() {
    let server = Server::start().await;
    let answer = server.get("/v1/flights/f1").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json()["carrier"], "UA");
    assert_eq!(answer.json()["departure"], "2013-01-01T00:00:01Z");
    assert!(answer.json().get("tail_number").is_none());
    assert_eq!(answer.header("ratelimit-policy"), "\"flight\";q=20;w=1");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(server.get("/v1/airlines/UA").await.header("cache-control"), "public, max-age=30");
}

#[tokio::test]
async fn a_read_takes_no_body() {
    let server = Server::start().await;
    let key = ("x-api-key", READER);
    for target in ["/v1/flights/f1", "/v1/flights", "/graphql?query=%7B__typename%7D"] {
        let refused = server.send("GET", target, &[key, JSON], "{\"origin\":\"EWR\"}").await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "A0113"), "{target}");
        let without = [key, JSON, ("content-length", "0")];
        assert_eq!(server.send("GET", target, &without, "").await.status, 200, "{target}");
        let chunked = |body: &str| {
            format!(
                "GET {target} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {READER}\r\nconnection: close\r\n\
                 transfer-encoding: chunked\r\n\r\n{body}0\r\n\r\n"
            )
        };
        assert_eq!(server.raw(chunked("2\r\n{}\r\n").as_bytes()).await.status, 400, "{target}");
        assert_eq!(server.raw(chunked("").as_bytes()).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn a_kept_answer_says_how_old_it_is() {
    let server = Server::start().await;
    let (fresh, kept) = (server.get("/v1/airlines/UA").await, server.get("/v1/airlines/AA").await);
    assert_eq!((fresh.header("age"), kept.header("age")), ("", "12"));
    assert_eq!(kept.header("cache-control"), "public, max-age=30");
    assert_eq!(kept.json()["name"], "American");
}

#[tokio::test]
async fn every_problem_has_its_status_and_code() {
    let server = Server::start().await;
    for (target, status, code) in [
        ("/v1/flights/nothing", 404, "A0103"),
        ("/v1/flights/%ff", 400, "A0104"),
        ("/v1/flights/f1?x=1", 400, "A0104"),
        ("/v1/flights?carier=UA", 400, "A0104"),
        ("/v1/flights?cursor=abc", 400, "A0105"),
        ("/v1/flights/broken", 500, "Y0102"),
        ("/v1/flights/panic", 500, "E0001"),
        ("/v1/flights/limited", 429, "A0110"),
        ("/v1/flight", 404, "A0101"),
        ("/v1/flights/", 404, "A0101"),
    ] {
        let answer = server.get(target).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{target}");
        let body = answer.json();
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert_eq!(body["instance"], format!("urn:uuid:{}", answer.header("x-request-id")));
        assert_eq!(body["status"], status);
        assert!(!answer.body.contains("secret.db") && !answer.body.contains("on purpose"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_limited_caller_learns_when_to_come_back() {
    let server = Server::start().await;
    let answer = server.get("/v1/flights/limited").await;
    assert_eq!(answer.header("retry-after"), "3");
    assert_eq!(answer.header("ratelimit"), "\"flight\";r=0;t=3");
}

#[tokio::test]
async fn who_may_call_what() {
    let server = Server::start().await;
    for (method, target, headers, status, code) in [
        ("GET", "/v1/flights/f1", &[][..], 401, "S0001"),
        ("GET", "/v1/flights/f1", &[("x-api-key", "wrong")], 401, "S0002"),
        ("GET", "/v1/airlines/UA", &[("x-api-key", "wrong")], 401, "S0002"),
        ("GET", "/v1/flights/f1", &[("x-api-key", READER), ("x-api-key", READER)], 401, "S0002"),
        ("POST", "/v1/flights", &[("x-api-key", READER), JSON], 403, "S0003"),
    ] {
        let body = if method == "POST" { NEW_FLIGHT } else { "" };
        let answer = server.send(method, target, headers, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {target} {headers:?}");
        assert!(answer.header("www-authenticate").contains("realm=\"flights\""), "{answer:?}");
    }
    assert_eq!(server.backend.calls.lock().unwrap().len(), 0);
    assert_eq!(server.send("GET", "/v1/airlines/UA", &[], "").await.status, 200);
    assert_eq!(server.backend.count("airline"), 1);
    let bearer = format!("Bearer {READER}");
    assert_eq!(server.send("GET", "/v1/flights/f1", &[("authorization", &bearer)], "").await.status, 200);
    assert_eq!(server.backend.last().principal.subject, "reader");
}

#[tokio::test]
async fn a_message_goes_through_its_flow() {
    let server = Server::start().await;
    let key = ("idempotency-key", "\"abc-1\"");
    let answer = server.send("POST", "/v1/flights", &[("x-api-key", EDITOR), JSON, key], NEW_FLIGHT).await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (202, Some("scheduled")));
    let call = server.backend.last();
    assert_eq!(call.id, "api-key:0::6:editor:abc-1");
    assert!(matches!(call.request, Request::Send(message) if message.get("number").is_some()));
    assert_eq!(call.client, Some([127, 0, 0, 1].into()));
    server.send("POST", "/v1/flights", &[("x-api-key", EDITOR), JSON], NEW_FLIGHT).await;
    assert_eq!(server.backend.last().id.len(), 36);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let server = Server::start().await;
    let key = ("x-api-key", EDITOR);
    for (headers, body, status, code) in [
        (&[key][..], NEW_FLIGHT, 415, "A0107"),
        (&[key, ("content-type", "text/plain")], NEW_FLIGHT, 415, "A0107"),
        (&[key, JSON, ("content-encoding", "gzip")], NEW_FLIGHT, 415, "A0107"),
        (&[key, JSON, ("accept", "text/html")], NEW_FLIGHT, 406, "A0109"),
        (&[key, JSON, ("idempotency-key", "a b")], NEW_FLIGHT, 400, "A0113"),
        (&[key, JSON, ("idempotency-key", "a"), ("idempotency-key", "b")], NEW_FLIGHT, 400, "A0113"),
        (&[key, JSON, ("idempotency-key", "a"), ("idempotency-key", "a")], NEW_FLIGHT, 400, "A0113"),
        (&[key, JSON], "{\"carrier\":", 400, "D0101"),
        (&[key, JSON], "", 400, "D0101"),
        (&[key, JSON], r#"{"carrier":"UA","number":"x"}"#, 400, "D0001"),
    ] {
        let answer = server.send("POST", "/v1/flights", headers, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{headers:?} {body}");
    }
    let answer = server.send("POST", "/v1/flights", &[key, JSON], r#"{"carrier":"UA","number":"x"}"#).await;
    assert_eq!(answer.json()["errors"][0]["pointer"], "#/number");
}

#[tokio::test]
async fn every_error_names_its_parameter() {
    let server = Server::start().await;
    for (target, parameter) in [
        ("/v1/flights?carier=UA", "carier"),
        ("/v1/flights?number[gte]=x", "number[gte]"),
        ("/v1/flights?cursor=abc", "cursor"),
        ("/v1/flights?limit=0&zzz=1", "limit"),
        ("/v1/flights/f1?x=1", "x"),
    ] {
        let answer = server.get(target).await;
        let error = &answer.json()["errors"][0];
        assert_eq!(error["parameter"], parameter, "{target}");
        assert!(error["detail"].is_string() && error["code"].is_string(), "{target}: {error}");
        assert!(error.get("pointer").is_none(), "{target}");
    }
}

#[tokio::test]
async fn a_list_is_walked_page_by_page() {
    let server = Server::start().await;
    let first = server.get("/v1/flights?carrier=UA&sort=-departure").await;
    let ids = |answer: &crate::testing::Answer| -> Vec<String> {
        let body = answer.json();
        let items = body["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&first), ["f1", "f3"]);
    let link = first.header("link");
    let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
    assert!(next.starts_with("/v1/flights?carrier=UA&sort=-departure&cursor="), "{next}");
    assert!(next.ends_with(first.json()["next"].as_str().unwrap()));
    let second = server.get(next).await;
    assert_eq!(ids(&second), ["f5"]);
    assert_eq!((second.header("link"), second.json().get("next")), ("", None));
    let Request::List(query) = server.backend.last().request else { panic!("a list") };
    assert_eq!(query.after.unwrap().len(), 2);
    assert!(matches!(&query.filters[0].predicate, Predicate::Equal(value) if value.as_str() == Some("UA")));
    let other = next.replace("carrier=UA", "carrier=AA");
    assert_eq!(server.get(&other).await.code(), "A0105");
}

#[tokio::test]
async fn what_the_client_holds_is_not_sent_again() {
    let server = Server::start().await;
    for target in ["/v1/flights/f1", "/v1/flights", "/docs"] {
        let tag = server.get(target).await.header("etag").to_owned();
        let headers = [("x-api-key", READER), ("if-none-match", tag.as_str())];
        let answer = server.send("GET", target, &headers, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (304, ""), "{target}");
        assert_eq!(answer.header("etag"), tag);
    }
}

#[tokio::test]
async fn each_form_of_an_answer_has_a_tag_of_its_own() {
    let server = Server::start().await;
    let key = ("x-api-key", READER);
    let csv = ("accept", "text/html, text/csv;q=0.9, application/json;q=0.5");
    let plain = server.get("/v1/flights").await;
    let rows = server.send("GET", "/v1/flights", &[key, csv], "").await;
    assert_eq!((rows.status, rows.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(rows.body.starts_with("id,carrier,"), "{}", rows.body);
    assert_eq!(rows.header("link"), plain.header("link"));
    assert!([&plain, &rows].iter().all(|it| it.header("vary").contains("accept")), "{}", rows.header("vary"));
    assert_ne!(rows.header("etag"), plain.header("etag"));
    for (accept, tag, status) in [
        (csv, rows.header("etag"), 304),
        (csv, plain.header("etag"), 200),
        (("accept", "*/*"), plain.header("etag"), 304),
        (("accept", "*/*"), rows.header("etag"), 200),
    ] {
        let answer = server.send("GET", "/v1/flights", &[key, accept, ("if-none-match", tag)], "").await;
        assert_eq!(answer.status, status, "{accept:?} {tag}");
    }
    // One row is no list.
    let refused = server.send("GET", "/v1/flights/f1", &[key, ("accept", "text/csv")], "").await;
    assert_eq!((refused.status, refused.code().as_str()), (406, "A0109"));
}

#[tokio::test]
async fn head_options_and_other_methods() {
    let server = Server::start().await;
    let whole = server.get("/v1/flights/f1").await;
    let head = server.send("HEAD", "/v1/flights/f1", &[("x-api-key", READER)], "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    assert_eq!(head.header("etag"), whole.header("etag"));
    let options = server.send("OPTIONS", "/v1/flights", &[], "").await;
    assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, POST, OPTIONS"));
    assert_eq!(server.send("OPTIONS", "*", &[], "").await.status, 204);
    let other = server.send("DELETE", "/v1/flights/f1", &[("x-api-key", READER)], "").await;
    assert_eq!((other.status, other.header("allow")), (405, "GET, HEAD, OPTIONS"));
    assert_eq!(other.code(), "A0102");
}

#[tokio::test]
async fn a_page_of_another_origin_may_call_where_the_project_names_it() {
    let server = Server::start().await;
    let origin = ("origin", "https://app.example");
    let asks = ("access-control-request-method", "POST");
    let preflight = server.send("OPTIONS", "/v1/flights", &[origin, asks], "").await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (204, "POST"));
    assert_eq!(preflight.header("access-control-allow-origin"), "https://app.example");
    assert!(preflight.header("access-control-allow-headers").contains("idempotency-key"));
    assert_eq!((preflight.header("access-control-max-age"), preflight.header("vary")), ("600", "origin"));
    for headers in [&[origin][..], &[origin, ("x-api-key", READER)]] {
        let answer = server.send("GET", "/v1/flights/f1", headers, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example", "{}", answer.status);
        assert!(answer.header("access-control-expose-headers").contains("www-authenticate"));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for (method, target, status) in [
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/flights", 405),
        ("HEAD", "/v1", 404),
        ("PUT", "/graphql", 405),
    ] {
        let answer = server.send(method, target, &[origin], "").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example", "{method} {target}");
    }
    // Without these a browser would not send the request, and its page not read that there is nothing.
    for target in ["/v1/flights", "/v1/nothing", "/v1", "/graphql"] {
        let asks = ("access-control-request-method", "DELETE");
        let answer = server.send("OPTIONS", target, &[origin, asks], "").await;
        assert_eq!(
            (answer.status, answer.header("access-control-allow-methods")),
            (204, "DELETE"),
            "{target}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example", "{target}");
        assert_eq!(server.send("DELETE", target, &[origin], "").await.status / 100, 4, "{target}");
    }
    for (method, target, headers) in [
        ("GET", "/v1/flights/f1", &[("origin", "https://other.example"), ("x-api-key", READER)][..]),
        ("GET", "/v1/flights/f1", &[("x-api-key", READER)]),
        ("OPTIONS", "/v1/flights", &[("origin", "https://other.example"), asks]),
        ("OPTIONS", "/v1/nothing", &[("origin", "https://other.example"), asks]),
        ("OPTIONS", "/docs", &[origin, asks]),
        ("OPTIONS", "/nothing", &[origin, asks]),
        ("GET", "/docs", &[origin]),
        ("GET", "/v11/flights", &[origin]),
    ] {
        let answer = server.send(method, target, headers, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {target} {headers:?}");
    }
    assert!(server.get("/v1/flights/f1").await.headers("vary").contains(&"origin"));
}

#[tokio::test]
async fn an_answer_without_content_has_no_type_of_one() {
    let server = Server::start().await;
    let mut plan = plan(Limits::default());
    let api = Arc::get_mut(&mut plan.apis[0]).unwrap();
    Arc::get_mut(&mut api.operations[2]).unwrap().status = 204;
    server.services.store(Arc::new(service(&plan, &server.backend, Vec::new())));
    let headers = [("x-api-key", EDITOR), ("content-type", "application/json")];
    let answer = server.send("POST", "/v1/flights", &headers, "{\"carrier\":\"UA\",\"number\":7}").await;
    assert_eq!((answer.status, answer.body.as_str(), answer.header("content-type")), (204, "", ""));
}
