//! Systems of SOAP: what is asked, and what becomes of answers and faults.

use crate::{
    server::{Asked, Reply, Server},
    shop::{SUBMIT_BY_SOAP as SUBMIT, Shop},
};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

fn envelope(namespace: &str, body: &str) -> String {
    format!("<e:Envelope xmlns:e='{namespace}'><e:Body>{body}</e:Body></e:Envelope>")
}

fn taken(asked: &Asked) -> Reply {
    let is_new = asked.body.contains(SOAP12);
    let (namespace, media_type) =
        if is_new { (SOAP12, "application/soap+xml") } else { (SOAP11, "text/xml") };
    let body = "<submitted xmlns='urn:crm'><name>taken</name></submitted>";
    Reply::Of(200, media_type, envelope(namespace, body))
}

/// A fault in SOAP 1.1.
fn fault(code: &str, detail: &str) -> Reply {
    let fault = format!(
        "<e:Fault><faultcode>e:{code}</faultcode><faultstring xml:lang='en'>we are closed</faultstring>{detail}</e:Fault>"
    );
    Reply::Of(500, "text/xml", envelope(SOAP11, &fault))
}

const CLOSED: &str = "<detail><closed xmlns='urn:crm'><until>2026-01-02</until></closed></detail>";

#[tokio::test]
async fn messages_are_asked_in_the_version_of_the_port_at_the_whole_address() {
    for (port, content_type, action) in [
        ("old", "text/xml; charset=utf-8", Some("\"urn:submit\"")),
        ("new", "application/soap+xml; charset=utf-8; action=\"urn:submit\"", None),
    ] {
        let server = Server::start(taken).await;
        let shop = Shop::of_soap(&server, port, "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows, letters.len()), (vec!["1 taken".to_owned()], 0));
        let asked = &server.asked()[0];
        assert_eq!(asked.line, "POST /soap/orders/?client=100");
        assert_eq!((asked.header("content-type"), asked.header("soapaction")), (Some(content_type), action));
        assert!(asked.body.contains("<id>1</id>"), "{}", asked.body);
    }
}

#[tokio::test]
async fn faults_are_what_the_project_says_of_them() {
    for (code, detail, rule, expected, name) in [
        ("Client", "", "", Some("Y0421"), None),
        // It may have acted: nobody knows.
        ("Server", "", "", Some("Y0425"), None),
        ("Server", CLOSED, "", Some("Y0425"), None),
        ("Client", CLOSED, "", Some("Y0421"), None),
        (
            "Server",
            CLOSED,
            ", failures: { Closed: { reject: conflict, message: \"failure.name + ' until ' + string(failure.value.until) + ': ' + failure.detail\" } }",
            Some("F0043"),
            None,
        ),
        ("Server.Late", "", ", failures: { Server: { reject: invalid } }", Some("F0041"), None),
        ("Server", "", ", failures: { Server: retry }", None, Some("1 taken")),
    ] {
        let server = Server::start(taken).await;
        server.next([fault(code, detail)]);
        let step = SUBMIT.replace(", as: answer", &format!("{rule}, as: answer"));
        let shop = Shop::of_soap(&server, "old", "", &step, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        let found = letters.first().map(|letter| letter.code.as_str());
        assert_eq!((found, rows.first().map(String::as_str)), (expected, name), "{code} {rule} {letters:?}");
        if rule.contains("message") {
            assert_eq!(letters[0].message, "Closed until 2026-01-02: we are closed");
        } else if let Some(letter) = letters.first() {
            assert!(letter.report.contains("we are closed"), "{}", letter.report);
        }
    }
}

#[tokio::test]
async fn a_system_that_refuses_by_faults_is_not_left_alone() {
    let orders: Vec<String> = (1..=20).map(|at| format!("{at},ann")).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    for (code, detail) in [("Client", ""), ("Server", CLOSED)] {
        let server = Server::start(move |_| fault(code, detail)).await;
        let shop = Shop::of_soap(&server, "old", ", breaker: { failures: 2 }, at_most: 1", SUBMIT, &orders);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), server.asked().len()), (0, 20, 20), "{code}");
    }
}

#[tokio::test]
async fn what_only_reads_is_asked_again_after_a_fault_of_the_server() {
    let server = Server::start(taken).await;
    server.next([fault("Server", ""), Reply::Closed]);
    let shop = Shop::of_soap(&server, "old", ", effects: { submit: safe }", SUBMIT, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 taken".to_owned()], 0, 3));
}

#[tokio::test]
async fn what_acts_is_not_asked_again_unless_it_certainly_did_not_act() {
    let page = || Reply::Of(502, "text/html", "<h1>Bad gateway</h1>".into());
    for reply in [Reply::Closed, Reply::Truncated, page()] {
        let server = Server::start(taken).await;
        server.next([reply.clone()]);
        let shop = Shop::of_soap(&server, "new", "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), letters[0].code.as_str()), (0, 1, "Y0425"), "{reply:?}");
        assert_eq!(server.asked().len(), 1, "{reply:?}");
    }
    let server = Server::start(taken).await;
    server.next([Reply::With(503, vec![("retry-after", "0")], String::new())]);
    let shop = Shop::of_soap(&server, "new", "", SUBMIT, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows.len(), letters.len(), server.asked().len()), (1, 0, 2));
}

#[tokio::test]
async fn a_reply_that_is_not_as_described_is_told_with_what_is_wrong() {
    let answer = "<submitted xmlns='urn:crm'><name>taken</name></submitted>";
    let header = format!(
        "<e:Envelope xmlns:e='{SOAP11}'><e:Header><h xmlns='urn:h' e:mustUnderstand='1'/></e:Header><e:Body>{answer}</e:Body></e:Envelope>"
    );
    for (reply, says) in [
        (envelope(SOAP11, "<submitted xmlns='urn:crm'/>"), "/name"),
        (envelope(SOAP12, answer), "an envelope of SOAP 1.2"),
        (header, "{urn:h}h"),
        ("<h1>Sign in</h1>".to_owned(), "no envelope of SOAP"),
        (String::new(), "the reply is empty"),
    ] {
        let given = reply.clone();
        let server = Server::start(move |_| Reply::Of(200, "text/xml", given.clone())).await;
        let shop = Shop::of_soap(&server, "old", "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), letters[0].code.as_str()), (0, 1, "Y0420"), "{reply}");
        assert!(letters[0].report.contains(says), "{}", letters[0].report);
        assert_eq!(server.asked().len(), 1, "what was not understood may have acted: {reply}");
    }
}

#[tokio::test]
async fn an_operation_without_an_answer_is_done_when_it_was_taken() {
    let server = Server::start(|_| Reply::With(202, vec![], String::new())).await;
    let step = "call: { operation: crm.tell, fields: { id: order.id } }\n      - let: { answer: \"kept{id: '', name: 'told'}\" }";
    let shop = Shop::of_soap(&server, "old", "", step, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 told".to_owned()], 0), "{letters:?}");
    assert_eq!(server.asked()[0].header("soapaction"), Some("\"urn:tell\""));
}

#[tokio::test]
async fn each_message_says_who_is_calling_and_waits_while_that_is_refused() {
    let fault = "<e:Fault><faultcode xmlns:w='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'>w:FailedAuthentication</faultcode><faultstring>who?</faultstring></e:Fault>";
    let server = Server::start(taken).await;
    server.next([Reply::Of(500, "text/xml", envelope(SOAP11, fault))]);
    let auth = ", auth: { ws_security: { user: tenon, password: '${secret:ERP_PASSWORD}', send_password: digest, timestamp: 5m } }";
    let shop = Shop::of_soap(&server, "old", auth, SUBMIT, &["1,ann"]);
    shop.file("secrets/ERP_PASSWORD", "hunter2");
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 taken".to_owned()], 0, 2));
    let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
    for body in &bodies {
        assert!(
            body.contains("<wsse:Username>tenon</wsse:Username>") && body.contains("<wsu:Expires>"),
            "{body}"
        );
        assert!(body.contains("soap:mustUnderstand=\"1\"") && !body.contains("hunter2"), "{body}");
    }
    assert_ne!(bodies[0], bodies[1], "no number is used twice");
}
