//! Systems of gRPC: what is asked, and what becomes of answers, statuses and replies that break.

use crate::{
    grpc_server::{Asked, End, Server},
    shop::Shop,
};

const SUBMIT: &str = "call: { operation: crm.Submit, fields: { id: order.id }, as: answer }";
const GET: &str = "call: { operation: crm.Get, fields: { id: order.customer }, as: answer }";

/// `{ "name": "taken" }`.
const TAKEN: &[u8] = b"\0\0\0\0\x07\x0a\x05taken";

fn taken(_: &Asked) -> End {
    End::Of(TAKEN.to_vec(), vec![("grpc-status", "0")])
}

fn status(code: &'static str, message: &'static str) -> End {
    End::Of(Vec::new(), vec![("grpc-status", code), ("grpc-message", message)])
}

#[tokio::test]
async fn methods_are_asked_by_messages_over_one_connection() {
    let server = Server::start(taken).await;
    let shop =
        Shop::of_grpc(&server.url(), ", auth: { bearer: \"${secret:KEY}\" }", SUBMIT, &["1,ann", "2,bob"]);
    shop.file("secrets/KEY", "tok-123");
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 taken".to_owned(), "2 taken".to_owned()], 0));
    let asked = server.asked();
    assert_eq!((asked.len(), server.connections()), (2, 1));
    assert!(asked.iter().any(|asked| asked.body == b"\0\0\0\0\x03\x0a\x011"), "{asked:?}");
    assert_eq!((asked[0].path.as_str(), asked[0].method.as_str()), ("/crm.v1.Crm/Submit", "POST"));
    let head = |name: &str| asked[0].headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(head("content-type").as_deref(), Some("application/grpc+proto"));
    assert_eq!(
        (head("te").as_deref(), head("authorization").as_deref()),
        (Some("trailers"), Some("Bearer tok-123"))
    );
    let left = head("grpc-timeout").unwrap();
    let millis: u32 = left.strip_suffix('m').unwrap().parse().unwrap();
    assert!((1..=30_000).contains(&millis), "{left}");
    assert!(head("traceparent").is_some());
}

#[tokio::test]
async fn statuses_are_what_the_project_says_of_them() {
    for (code, rule, expected, name) in [
        ("5", "", Some("Y0422"), None),
        ("3", "", Some("Y0421"), None),
        // It may have acted: nobody knows.
        ("14", "", Some("Y0425"), None),
        ("2", "", Some("Y0425"), None),
        ("4", "", Some("Y0425"), None),
        (
            "9",
            ", failures: { FAILED_PRECONDITION: { reject: conflict, message: \"failure.name + ': ' + failure.detail\" } }",
            Some("F0043"),
            None,
        ),
        ("14", ", failures: { UNAVAILABLE: retry }", None, Some("1 taken")),
    ] {
        let server = Server::start(taken).await;
        server.next([status(code, "we are %C3%BCberall closed")]);
        let step = SUBMIT.replace(", as: answer", &format!("{rule}, as: answer"));
        let shop = Shop::of_grpc(&server.url(), "", &step, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        let found = letters.first().map(|letter| letter.code.as_str());
        assert_eq!((found, rows.first().map(String::as_str)), (expected, name), "{code} {rule} {letters:?}");
        if rule.contains("message") {
            assert_eq!(letters[0].message, "FAILED_PRECONDITION: we are überall closed");
        } else if let Some(letter) = letters.first() {
            assert!(letter.report.contains("we are überall closed"), "{}", letter.report);
        }
    }
}

#[tokio::test]
async fn what_a_status_says_beside_is_seen_by_rules() {
    // google.rpc.Status with an ErrorInfo whose reason is `CLOSED`.
    let details = "CAkaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLkVycm9ySW5mbxIKCgZDTE9TRUQSAA";
    let server = Server::start(taken).await;
    server.next([End::Of(Vec::new(), vec![("grpc-status", "9"), ("grpc-status-details-bin", details)])]);
    let rule = ", failures: { FAILED_PRECONDITION: { reject: conflict, message: \"string(failure.value.details[0].reason)\" } }";
    let step = SUBMIT.replace(", as: answer", &format!("{rule}, as: answer"));
    let shop = Shop::of_grpc(&server.url(), "", &step, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert_eq!((letters[0].code.as_str(), letters[0].message.as_str()), ("F0043", "CLOSED"));
}

#[tokio::test]
async fn what_only_reads_is_asked_again_after_what_may_pass() {
    let server = Server::start(taken).await;
    server.next([status("14", ""), End::Reset]);
    let shop = Shop::of_grpc(&server.url(), "", GET, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 taken".to_owned()], 0, 3));
    // A reply that ends without a status was cut off on its way.
    server.next([End::Of(TAKEN.to_vec(), Vec::new())]);
    let shop = Shop::of_grpc(&server.url(), "", GET, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows.len(), letters.len(), server.asked().len()), (1, 0, 5));
}

#[tokio::test]
async fn what_acts_is_not_asked_again_unless_it_was_turned_away() {
    for end in [
        End::Reset,
        status("14", ""),
        status("13", ""),
        status("8", ""),
        End::Http(502, "<h1>Bad gateway</h1>"),
    ] {
        let server = Server::start(taken).await;
        server.next([end.clone()]);
        let shop = Shop::of_grpc(&server.url(), "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), letters[0].code.as_str()), (0, 1, "Y0425"), "{end:?}");
        assert_eq!(server.asked().len(), 1, "{end:?}");
    }
    for code in ["8", "14"] {
        let server = Server::start(taken).await;
        server.next([End::Of(Vec::new(), vec![("grpc-status", code), ("grpc-retry-pushback-ms", "1")])]);
        let shop = Shop::of_grpc(&server.url(), "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), server.asked().len()), (1, 0, 2), "{code}");
    }
}

#[tokio::test]
async fn a_system_that_refuses_by_statuses_is_not_left_alone_and_one_that_fails_is() {
    let orders: Vec<String> = (1..=20).map(|at| format!("{at},ann")).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let beside = ", breaker: { failures: 2 }, at_most: 1";
    for code in ["3", "5", "9", "12"] {
        let server = Server::start(move |_| status(code, "no")).await;
        let shop = Shop::of_grpc(&server.url(), beside, SUBMIT, &orders);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), server.asked().len()), (0, 20, 20), "{code}");
    }
    let server = Server::start(|_| status("13", "no")).await;
    let shop = Shop::of_grpc(&server.url(), beside, GET, &orders);
    let running = shop.start().await;
    let world = running.world();
    let (_, crm) = world.remotes.iter().next().unwrap();
    while crm.is_up().is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(crm.is_up().unwrap_err().code().id, "Y0404");
    running.drain().await;
}

#[tokio::test]
async fn a_reply_that_is_not_as_described_is_told_with_what_is_wrong() {
    let ok = || vec![("grpc-status", "0")];
    for (end, says) in [
        (End::Of(b"\0\0\0\0\x02\x0a\xff".to_vec(), ok()), "does not follow the description"),
        (End::Of(TAKEN[..8].to_vec(), ok()), "cut off"),
        (End::Of(Vec::new(), ok()), "has 0 messages"),
        (End::Of(b"\x01\0\0\0\x02ab".to_vec(), ok()), "compressed by `identity`"),
        (End::Of(TAKEN.to_vec(), Vec::new()), "without a status"),
        (End::Http(200, "<h1>Sign in</h1>"), "is not one of gRPC"),
    ] {
        let server = Server::start(move |_| end.clone()).await;
        let shop = Shop::of_grpc(&server.url(), "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), letters[0].code.as_str()), (0, 1, "Y0420"), "{says}");
        assert!(letters[0].report.contains(says), "{}", letters[0].report);
    }
}

#[tokio::test]
async fn an_answer_of_more_bytes_than_allowed_and_one_without_end_are_refused() {
    let long = || [b"\0\0\x10\0\0".as_slice(), &vec![0; 1 << 20]].concat();
    let server = Server::start(move |_| End::Of(long(), vec![("grpc-status", "0")])).await;
    let shop = Shop::of_grpc(&server.url(), ", max_reply: 1KiB", SUBMIT, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert!(letters[0].code == "Y0425" && letters[0].report.contains("1024 bytes"), "{letters:?}");

    let server = Server::start(|_| End::Never).await;
    let shop = Shop::of_grpc(&server.url(), ", timeout: 100ms", SUBMIT, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert!(letters[0].code == "Y0425" && letters[0].report.contains("Y0402"), "{letters:?}");
}

#[tokio::test]
async fn what_a_method_streams_is_a_list() {
    let twice = [TAKEN, TAKEN].concat();
    let server = Server::start(move |_| End::Of(twice.clone(), vec![("grpc-status", "0")])).await;
    let step = "call: { operation: crm.Names, fields: { id: order.customer }, as: names }\n      - let: { answer: \"{'name': string(names.size()) + names[1].name}\" }";
    let shop = Shop::of_grpc(&server.url(), "", step, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 2taken".to_owned()], 0), "{letters:?}");
}

#[tokio::test]
async fn a_message_that_was_answered_is_not_asked_for_again() {
    // The reply is kept with what stands after its body, and read again when the message is replayed.
    let server =
        Server::start(|_| End::Of(b"\0\0\0\0\x02\x0a\xff".to_vec(), vec![("grpc-status", "0")])).await;
    let shop = Shop::of_grpc(&server.url(), "", SUBMIT, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert_eq!(letters[0].code, "Y0420");
    server.becomes(taken);
    shop.replay().await;
    assert_eq!((server.asked().len(), shop.rows().len()), (1, 0));
}
