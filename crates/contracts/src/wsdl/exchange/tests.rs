//! Requests as they are sent, and replies of every kind that servers and those on the way send.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use tenon_errors::{Kind, Report};
use tenon_model::Value;

use crate::{
    format::{Answer, Effect, Exchange, Incoming, NoFiles, Refusal, Source},
    json,
    wsdl::Document,
};

const SHOP: &str = include_str!("../../../../../fuzz/types/everything.wsdl");
const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
const ANSWER: &str = "<getOrderResponse xmlns='urn:shop'><total>1.50</total></getOrderResponse>";

/// The exchange of `operation` in the binding at this position: 0 and 1 have `getOrder` in SOAP 1.1 and 1.2, 2 is rpc.
fn exchange(binding: usize, operation: &str) -> Arc<dyn Exchange> {
    let document = Document::read(&Source { file: "a.wsdl", text: SHOP, files: &NoFiles }).unwrap();
    let (operations, exchanges) = document.of_binding(binding);
    let at = operations.iter().position(|it| it.name == operation).unwrap();
    exchanges.exchange(at).unwrap().unwrap()
}

fn value(json: &str) -> Value {
    json::Decoder::open().decode(json.as_bytes()).unwrap()
}

fn message(namespace: &str, inside: &str) -> String {
    format!("<e:Envelope xmlns:e='{namespace}'>{inside}</e:Envelope>")
}

fn fault_11(code: &str, detail: &str) -> String {
    let fault =
        format!("<e:Fault><faultcode>{code}</faultcode><faultstring>why so</faultstring>{detail}</e:Fault>");
    message(SOAP11, &format!("<e:Body>{fault}</e:Body>"))
}

fn fault_12(code: &str, subcode: &str) -> String {
    let code = format!("<e:Code><e:Value>{code}</e:Value>{subcode}</e:Code>");
    let fault =
        format!("<e:Fault>{code}<e:Reason><e:Text xml:lang='en'>why so</e:Text></e:Reason></e:Fault>");
    message(SOAP12, &format!("<e:Body>{fault}</e:Body>"))
}

fn reply(
    exchange: &dyn Exchange,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Answer, Report> {
    let parsed =
        |(name, value): &(&str, &str)| (http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    let headers: HeaderMap = headers.iter().map(parsed).collect();
    let status = StatusCode::from_u16(status).unwrap();
    exchange.answer(&Incoming { status, headers: &headers, body, trailers: &HeaderMap::new() })
}

fn refusal(exchange: &dyn Exchange, status: u16, headers: &[(&str, &str)], body: &str) -> Refusal {
    match reply(exchange, status, headers, body.as_bytes()) {
        Ok(Answer::Failed(refusal)) => refusal,
        other => panic!("{body}: {other:?}"),
    }
}

fn unexpected(exchange: &dyn Exchange, status: u16, headers: &[(&str, &str)], body: &[u8]) -> String {
    let report = reply(exchange, status, headers, body).unwrap_err();
    assert_eq!(report.code().id, "Y0420");
    let details: Vec<_> = report.details().iter().map(|it| it.message().to_owned()).collect();
    format!("{} {}", report.message(), details.join(" "))
}

#[test]
fn a_request_says_its_action_and_its_encoding() {
    let get = exchange(0, "getOrder");
    assert_eq!(get.effect(), Effect::Acts);
    let sent = get.request(&value(r#"{"headers":{"session":"s"},"body":{"id":7}}"#)).unwrap();
    assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", ""));
    assert_eq!(sent.headers["content-type"], "text/xml; charset=utf-8");
    assert_eq!(sent.headers["soapaction"], "\"urn:shop/get\"");
    assert_eq!(sent.headers["accept"], "text/xml");
    assert!(String::from_utf8_lossy(&sent.body).contains("<id>7</id>"));

    let get = exchange(1, "getOrder");
    let sent = get.request(&value(r#"{"id":7}"#)).unwrap();
    assert_eq!(sent.headers["content-type"], "application/soap+xml; charset=utf-8; action=\"urn:shop/get\"");
    assert!(!sent.headers.contains_key("soapaction"));
    let report = get.request(&value(r#"{"id":"x"}"#)).unwrap_err();
    assert_eq!(report.details()[0].data_path(), Some("/id"));

    // An action that says nothing is said (WS-I R2745).
    assert_eq!(exchange(0, "cancel").request(&value(r#"{"body":1}"#)).unwrap().headers["soapaction"], "\"\"");
}

#[test]
fn an_answer_is_read_in_its_encoding_wherever_that_is_said() {
    let get = exchange(0, "getOrder");
    let done = Answer::Done(value(r#"{"total":1.50}"#));
    let text = message(SOAP11, &format!("<!-- \u{fc} --><e:Header/><e:Body>{ANSWER}</e:Body>"));
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let declared = [b"<?xml version='1.0' encoding='iso-8859-1'?>".as_slice(), &latin].concat();
    assert_eq!(
        reply(&*get, 200, &[("content-type", "text/xml; charset=utf-8")], text.as_bytes()).unwrap(),
        done
    );
    assert_eq!(
        reply(&*get, 200, &[("content-type", "text/xml; charset=\"ISO-8859-1\"")], &latin).unwrap(),
        done
    );
    assert_eq!(reply(&*get, 200, &[("content-type", "text/xml")], &declared).unwrap(), done);
    assert_eq!(reply(&*get, 200, &[], text.as_bytes()).unwrap(), done);
    let says = unexpected(&*get, 200, &[("content-type", "text/xml; charset=ebcdic")], text.as_bytes());
    assert!(says.contains("`ebcdic`"), "{says}");
    assert!(unexpected(&*get, 200, &[("content-type", "text/xml")], &latin).contains("not UTF-8"));

    let add = exchange(2, "add");
    let sum =
        message(SOAP11, "<e:Body><x:addResponse xmlns:x='urn:sums'><sum>3</sum></x:addResponse></e:Body>");
    assert_eq!(reply(&*add, 200, &[], sum.as_bytes()).unwrap(), Answer::Done(value(r#"{"sum":3}"#)));
    // The name of what holds the answer of a call says nothing, and neither does the namespace of its parts.
    let qualified = sum.replace("<sum>3</sum>", "<x:sum>3</x:sum>");
    assert_eq!(reply(&*add, 200, &[], qualified.as_bytes()).unwrap(), Answer::Done(value(r#"{"sum":3}"#)));
    let named = sum.replace("addResponse", "added").replace("urn:sums", "urn:other");
    assert_eq!(reply(&*add, 200, &[], named.as_bytes()).unwrap(), Answer::Done(value(r#"{"sum":3}"#)));
    assert!(unexpected(&*add, 200, &[], named.replace("sum>", "total>").as_bytes()).contains("`sum`"));
}

#[test]
fn what_is_no_answer_by_the_description_is_told() {
    let get = exchange(0, "getOrder");
    let answer = message(SOAP11, &format!("<e:Body>{ANSWER}</e:Body>"));
    let cut = &answer[..answer.len() - 30];
    let understood = "<e:Header><h xmlns='urn:h' e:mustUnderstand='1'/></e:Header>";
    let demanding = message(SOAP11, &format!("{understood}<e:Body>{ANSWER}</e:Body>"));
    let typed = answer.replace("1.50", "dear");
    let doctype = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{answer}");
    let other = message(SOAP12, &format!("<e:Body>{ANSWER}</e:Body>"));
    let older = message("http://www.w3.org/2001/06/soap-envelope", &format!("<e:Body>{ANSWER}</e:Body>"));
    for (body, part) in [
        ("", "the reply is empty"),
        ("<h1>Sign in</h1>", "no envelope of SOAP, and says that it is `text/html`"),
        (cut, "does not follow the description"),
        (&answer[..60], "begins as an envelope of SOAP, and cannot be read to its end"),
        (&demanding, "the header `{urn:h}h` has to be understood"),
        (&typed, "is not a decimal number"),
        (&doctype, "no envelope of SOAP"),
        (&other, "the reply is an envelope of SOAP 1.2, and the binding is to SOAP 1.1"),
        (&older, "an envelope of an unknown version"),
        (&message(SOAP11, "<e:Body/>"), "the body is empty"),
    ] {
        let says = unexpected(&*get, 200, &[("content-type", "text/html")], body.as_bytes());
        assert!(says.contains(part), "{body}: {says}");
    }
    let parts = [("content-type", "multipart/related; type=\"application/xop+xml\"; boundary=b")];
    assert!(unexpected(&*get, 200, &parts, b"--b").contains("in several parts"));
    // With a status that says that it failed, that is what counts.
    for body in ["", "<h1>Bad gateway</h1>", cut, &answer] {
        let refused = refusal(&*get, 502, &[], body);
        assert_eq!(
            (refused.name.as_str(), refused.kind, refused.may_have_acted),
            ("502", Kind::Unavailable, true)
        );
    }
    assert_eq!(refusal(&*get, 404, &[], "<h1>Not found</h1>").detail, "<h1>Not found</h1>");
}

#[test]
fn an_operation_without_an_answer_is_done_when_it_was_taken() {
    let cancel = exchange(0, "cancel");
    for (status, body) in [
        (202, String::new()),
        (200, " \n".into()),
        (204, String::new()),
        (200, message(SOAP11, "<e:Body/>")),
        (200, message(SOAP11, "<e:Body><x/></e:Body>")),
    ] {
        assert_eq!(
            reply(&*cancel, status, &[], body.as_bytes()).unwrap(),
            Answer::Done(Value::Null),
            "{body}"
        );
    }
    assert_eq!(refusal(&*cancel, 200, &[], &fault_11("e:Client", "")).name, "Client");
    assert!(unexpected(&*cancel, 200, &[], b"<h1>Sign in</h1>").contains("no envelope"));
    assert_eq!(refusal(&*cancel, 500, &[], "").kind, Kind::Internal);
}

#[test]
fn faults_are_refusals_by_their_codes_whatever_the_status_is() {
    let get = exchange(0, "getOrder");
    for status in [200, 400, 500] {
        let refused = refusal(&*get, status, &[], &fault_11("e:Client", ""));
        assert_eq!(
            (refused.name.as_str(), refused.kind, refused.may_have_acted),
            ("Client", Kind::InvalidArgument, false)
        );
        assert_eq!((refused.detail.as_str(), refused.value, refused.declared), ("why so", None, None));
        let failed = refusal(&*get, status, &[], &fault_11("e:Server.Data.Lost", ""));
        assert_eq!(failed.names().collect::<Vec<_>>(), ["Server.Data.Lost", "Server.Data", "Server"]);
        assert_eq!((failed.kind, failed.may_have_acted, failed.is_of_system()), (Kind::Internal, true, true));
        let own = refusal(
            &*get,
            status,
            &[],
            &fault_11("E-77", "<faultactor>urn:a</faultactor><detail><x/></detail>"),
        );
        assert_eq!((own.name.as_str(), own.kind, own.may_have_acted), ("{}E-77", Kind::Unknown, true));
        assert!(own.notes[1].contains("urn:a") && own.notes[2].contains("\"name\":\"x\""), "{:?}", own.notes);
    }
    let get = exchange(1, "getOrder");
    for status in [200, 400, 500] {
        let refused = refusal(&*get, status, &[], &fault_12("e:Sender", ""));
        assert_eq!(
            (refused.name.as_str(), refused.kind, refused.may_have_acted),
            ("Sender", Kind::InvalidArgument, false)
        );
        let late = fault_12(
            "e:Receiver",
            "<e:Subcode><e:Value xmlns:s='urn:s'>s:Late</e:Value><e:Subcode><e:Value>e:Very</e:Value></e:Subcode></e:Subcode>",
        );
        let late = refusal(&*get, status, &[], &late);
        let names: Vec<_> = late.names().collect();
        assert_eq!(names, ["{http://www.w3.org/2003/05/soap-envelope}Very", "{urn:s}Late", "Receiver"]);
    }
}

#[test]
fn a_declared_fault_has_its_name_and_its_details() {
    let get = exchange(0, "getOrder");
    let lost = |id: &str| {
        fault_11("e:Server", &format!("<detail><unknown xmlns='urn:shop'><id>{id}</id></unknown></detail>"))
    };
    let refused = refusal(&*get, 500, &[], &lost("7"));
    assert_eq!((refused.names().collect::<Vec<_>>(), refused.declared), (vec!["lost", "Server"], Some(0)));
    assert_eq!(refused.value, Some(value(r#"{"id":7}"#)));
    // The operation is known to end so: it does not pass, but what was done before is not known.
    assert_eq!(
        (refused.kind, refused.may_have_acted, refused.is_of_system()),
        (Kind::FailedPrecondition, true, false)
    );
    // With details that are not as they are described, it is a fault all the same.
    let refused = refusal(&*get, 500, &[], &lost("seven"));
    assert_eq!((refused.name.as_str(), refused.kind, refused.value), ("Server", Kind::Internal, None));
    let report = refused.notes.last().unwrap();
    assert!(report.contains("is not an integer"), "{report}");
}

#[test]
fn a_server_that_has_not_begun_says_so_by_the_status_beside_a_fault() {
    let get = exchange(0, "getOrder");
    let busy = fault_11("e:Server", "");
    for (status, headers, acted, kind) in [
        (429, &[][..], false, Kind::ResourceExhausted),
        (503, &[("retry-after", "1")], false, Kind::Unavailable),
        (503, &[], true, Kind::Unavailable),
        (504, &[], true, Kind::DeadlineExceeded),
        (401, &[], false, Kind::Unauthenticated),
        (501, &[], false, Kind::Internal),
    ] {
        let refused = refusal(&*get, status, headers, &busy);
        assert_eq!((refused.may_have_acted, refused.kind), (acted, kind), "{status}");
    }
}

#[test]
fn faults_about_who_is_calling_and_about_versions_are_told_apart() {
    let get = exchange(0, "getOrder");
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let coded =
        |code: &str| fault_11(code, "").replace("<faultcode>", &format!("<faultcode xmlns:w='{wsse}'>"));
    for code in ["w:FailedAuthentication", "e:Client.Authentication"] {
        let refused = refusal(&*get, 500, &[], &coded(code));
        assert_eq!((refused.kind, refused.may_have_acted), (Kind::Unauthenticated, false), "{code}");
    }
    let subcode = format!("<e:Subcode><e:Value xmlns:w='{wsse}'>w:InvalidSecurity</e:Value></e:Subcode>");
    let get_12 = exchange(1, "getOrder");
    assert_eq!(refusal(&*get_12, 500, &[], &fault_12("e:Sender", &subcode)).kind, Kind::Unauthenticated);

    // A server that has only SOAP 1.1 says so in SOAP 1.1.
    for status in [200, 500] {
        let refused = refusal(&*get_12, status, &[], &fault_11("e:VersionMismatch", ""));
        assert_eq!(
            (refused.name.as_str(), refused.kind, refused.may_have_acted),
            ("VersionMismatch", Kind::Unimplemented, false)
        );
        assert_eq!(refusal(&*get_12, status, &[], &fault_11("e:Client", "")).name, "Client");
    }
}

#[test]
fn rules_can_name_statuses_and_codes_of_the_version() {
    let (old, new) = (exchange(0, "getOrder"), exchange(1, "getOrder"));
    for name in ["500", "5XX", "MustUnderstand", "{urn:s}Late", "{}E7"] {
        assert!(old.may_refuse_as(name) && new.may_refuse_as(name), "{name}");
    }
    for (name, is_old, is_new) in [
        ("Client", true, false),
        ("Server.Busy", true, false),
        ("Sender", false, true),
        ("Receiver.Busy", false, false),
        ("lost", false, false),
        ("{urn:s}", false, false),
    ] {
        assert_eq!((old.may_refuse_as(name), new.may_refuse_as(name)), (is_old, is_new), "{name}");
    }
}

#[test]
fn what_is_asked_and_answered_is_the_same_on_both_sides() {
    for binding in [0, 1] {
        let get = exchange(binding, "getOrder");
        let answering = get.answering().unwrap();
        let input =
            if binding == 0 { r#"{"headers":{"session":"s"},"body":{"id":7}}"# } else { r#"{"id":7}"# };
        assert_eq!(answering.asked(&get.request(&value(input)).unwrap()).unwrap(), value(input));
        let output = value(r#"{"total":2.50}"#);
        let done = answering.done(&output).unwrap();
        assert_eq!(
            (done.status.as_u16(), get.answer(&done.incoming()).unwrap()),
            (200, Answer::Done(output))
        );

        let codes = [
            ["Client", "Client.Bad", "Server", "{urn:s}Late"],
            ["Sender", "MustUnderstand", "Receiver", "{urn:s}Late"],
        ];
        for code in codes[binding] {
            let refused = answering.refused(code, "why so", None).unwrap();
            let status = if code == "Sender" { 400 } else { 500 };
            let Answer::Failed(read) = get.answer(&refused.incoming()).unwrap() else { panic!() };
            assert_eq!(
                (refused.status.as_u16(), read.name.as_str(), read.detail.as_str()),
                (status, code, "why so")
            );
        }
        let detail = value(r#"{"id":7}"#);
        let Answer::Failed(read) =
            get.answer(&answering.refused("lost", "", Some(&detail)).unwrap().incoming()).unwrap()
        else {
            panic!()
        };
        assert_eq!((read.name.as_str(), read.value), ("lost", Some(detail.clone())));
        for (name, detail, part) in [
            ("lost", None, "has details"),
            ("los", None, "neither a declared fault"),
            ("Client", Some(&detail), "no details"),
        ] {
            let name = if binding == 1 && name == "Client" { "Sender" } else { name };
            let report = answering.refused(name, "", detail).unwrap_err();
            assert!(report.details()[0].message().contains(part), "{report}");
        }
    }
    let cancel = exchange(0, "cancel");
    let taken = cancel.answering().unwrap().done(&Value::Null).unwrap();
    assert_eq!(
        (taken.status.as_u16(), cancel.answer(&taken.incoming()).unwrap()),
        (202, Answer::Done(Value::Null))
    );
}
