//! Messages as values and back.

use tenon_model::Value;

use super::shop;
use crate::{
    json,
    wsdl::{Detail, Envelope, Fault, FaultCode, QName, Reason, Reply, SoapVersion, peek},
};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

fn envelope(binding: &str, operation: &str) -> Envelope {
    shop().envelope(binding, operation).unwrap()
}

fn message(namespace: &str, inside: &str) -> String {
    format!("<e:Envelope xmlns:e='{namespace}'>{inside}</e:Envelope>")
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), tenon_errors::Report>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap_or_else(|report| panic!("{report}"));
    String::from_utf8(out).unwrap()
}

fn reason(text: &str) -> Reason {
    Reason { language: Some("en".into()), text: text.into() }
}

fn value(json: &str) -> Value {
    json::Decoder::new(&tenon_model::Shape::ANY).unwrap().decode(json.as_bytes()).unwrap()
}

#[test]
fn a_request_with_a_header_goes_there_and_back() {
    let get = envelope("ShopSoap", "getOrder");
    let request = value(r#"{"headers":{"session":"s1"},"body":{"id":7}}"#);
    let text = written(|out| get.encode_request(&request, out));
    assert_eq!(
        text,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><session xmlns=\"urn:shop\">s1</session></soap:Header><soap:Body><getOrder xmlns=\"urn:shop\"><id>7</id></getOrder></soap:Body></soap:Envelope>"
    );
    assert_eq!(get.decode_request(text.as_bytes()).unwrap(), request);
    assert_eq!(get.content_type(), "text/xml; charset=utf-8");
    assert_eq!(get.soap_action().as_deref(), Some("\"urn:shop/get\""));
    let without = message(SOAP11, "<e:Body><getOrder xmlns='urn:shop'><id>7</id></getOrder></e:Body>");
    assert_eq!(
        json::to_string(&get.decode_request(without.as_bytes()).unwrap()),
        r#"{"headers":{},"body":{"id":7}}"#
    );
}

#[test]
fn rpc_bare_and_empty_messages_have_their_forms() {
    let add = envelope("SumsSoap", "add");
    let text = written(|out| add.encode_request(&value(r#"{"a":1,"b":2}"#), out));
    assert!(text.contains("<n1:add xmlns:n1=\"urn:sums\"><a>1</a><b>2</b></n1:add>"), "{text}");
    assert_eq!(json::to_string(&add.decode_request(text.as_bytes()).unwrap()), r#"{"a":1,"b":2}"#);
    let reply = written(|out| add.encode_reply(&value(r#"{"sum":3}"#), out));
    assert!(reply.contains("addResponse"), "{reply}");
    assert_eq!(add.decode_reply(reply.as_bytes()).unwrap(), Reply::Value(value(r#"{"sum":3}"#)));
    let cancel = envelope("ShopSoap", "cancel");
    // What is no record stands in a field.
    let text = written(|out| cancel.encode_request(&value(r#"{"body":5}"#), out));
    assert!(text.contains("<soap:Body><cancel xmlns=\"urn:shop\">5</cancel></soap:Body>"), "{text}");
    assert_eq!(cancel.decode_request(text.as_bytes()).unwrap(), value(r#"{"body":5}"#));
    let empty = written(|out| cancel.encode_reply(&Value::Null, out));
    assert_eq!(cancel.decode_reply(empty.as_bytes()).unwrap(), Reply::Value(Value::Null));
    assert!(cancel.encode_reply(&Value::Int(1), &mut Vec::new()).is_err());
}

#[test]
fn faults_of_both_versions_are_read_and_written() {
    let detail = || Some(Detail::Declared { name: "lost".into(), value: value(r#"{"id":7}"#) });
    let fault = Fault {
        code: FaultCode::Sender,
        subcodes: Vec::new(),
        reasons: vec![reason("there is no order 7 & no other")],
        actor: Some("urn:me".into()),
        detail: detail(),
    };
    for binding in ["ShopSoap", "ShopSoap12"] {
        let get = envelope(binding, "getOrder");
        let text = written(|out| get.encode_fault(&fault, out));
        assert_eq!(get.decode_reply(text.as_bytes()).unwrap(), Reply::Fault(fault.clone()), "{text}");
    }
    let get = envelope("ShopSoap12", "getOrder");
    assert_eq!(get.content_type(), "application/soap+xml; charset=utf-8; action=\"urn:shop/get\"");
    assert_eq!(get.soap_action(), None);
    let sub = QName { namespace: Some("urn:e".into()), local: "Late".into() };
    let fault = Fault { subcodes: vec![sub], detail: None, ..fault };
    let text = written(|out| get.encode_fault(&fault, out));
    assert!(
        text.contains("<soap:Subcode><soap:Value xmlns:c=\"urn:e\">c:Late</soap:Value></soap:Subcode>"),
        "{text}"
    );
    assert_eq!(get.decode_reply(text.as_bytes()).unwrap(), Reply::Fault(fault));
}

#[test]
fn faults_of_others_are_understood() {
    let get = envelope("ShopSoap", "getOrder");
    let fault = |inside: &str| match get
        .decode_reply(message(SOAP11, &format!("<e:Body><e:Fault>{inside}</e:Fault></e:Body>")).as_bytes())
    {
        Ok(Reply::Fault(fault)) => fault,
        other => panic!("{inside}: {other:?}"),
    };
    let read = fault(
        "<faultcode xmlns:q='http://schemas.xmlsoap.org/soap/envelope/'>q:Server.Busy</faultcode><faultstring xml:lang='en'> busy </faultstring><detail><x xmlns='urn:x' a='1'>why</x></detail>",
    );
    assert_eq!((&read.code, &read.reasons), (&FaultCode::Receiver, &vec![reason("busy")]));
    assert_eq!(read.subcodes[0].to_string(), "{http://schemas.xmlsoap.org/soap/envelope/}Server.Busy");
    let again = Fault { detail: None, ..read.clone() };
    let text = written(|out| get.encode_fault(&again, out));
    assert_eq!(get.decode_reply(text.as_bytes()).unwrap(), Reply::Fault(again));
    let Some(Detail::Other(others)) = read.detail else { panic!("there are details") };
    assert_eq!(
        json::to_string(&others[0]),
        r#"{"name":"x","namespace":"urn:x","attributes":{"a":"1"},"content":["why"]}"#
    );
    let read = fault("<faultcode xmlns:q='urn:q'>q:Own</faultcode><faultstring/>");
    assert_eq!(read.code, FaultCode::Other(QName { namespace: Some("urn:q".into()), local: "Own".into() }));
    // Without a prefix there is only one that can be meant.
    assert_eq!(fault("<faultcode>Client</faultcode><faultstring/>").code, FaultCode::Sender);
    assert_eq!(
        fault("<faultcode>E7</faultcode><faultstring/>").code,
        FaultCode::Other(QName { namespace: None, local: "E7".into() })
    );
    let unbound = message(SOAP11, "<e:Body><e:Fault><faultcode>p:Own</faultcode></e:Fault></e:Body>");
    assert!(get.decode_reply(unbound.as_bytes()).is_err());
}

#[test]
fn a_fault_says_why_in_the_languages_that_it_has() {
    let get = envelope("ShopSoap12", "getOrder");
    let body = "<e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text xml:lang='de'>zu</e:Text>\
                <e:Text xml:lang='en-GB'>closed</e:Text></e:Reason><e:Node>urn:n</e:Node><e:Role>urn:r</e:Role></e:Fault></e:Body>";
    let Reply::Fault(fault) = get.decode_reply(message(SOAP12, body).as_bytes()).unwrap() else { panic!() };
    assert_eq!(fault.reasons.len(), 2);
    assert_eq!(fault.reason().unwrap(), &Reason { language: Some("en-GB".into()), text: "closed".into() });
    assert_eq!(fault.actor.as_deref(), Some("urn:r"));
    let text = written(|out| get.encode_fault(&fault, out));
    assert!(
        text.contains("<soap:Text xml:lang=\"de\">zu</soap:Text><soap:Text xml:lang=\"en-GB\">"),
        "{text}"
    );
    let other = Fault { reasons: fault.reasons[..1].to_vec(), ..fault };
    assert_eq!(other.reason().unwrap().text, "zu");
}

#[test]
fn a_time_stamp_is_understood_and_other_security_is_not() {
    let get = envelope("ShopSoap", "getOrder");
    let read = |inside: &str| {
        let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
        let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
        let security = format!(
            "<s:Security xmlns:s='{wsse}' xmlns:u='{wsu}' e:mustUnderstand='1'>{inside}</s:Security>"
        );
        let text = format!(
            "<e:Header>{security}</e:Header><e:Body><getOrderResponse xmlns='urn:shop'><total>1.50</total></getOrderResponse></e:Body>"
        );
        get.decode_reply(message(SOAP11, &text).as_bytes())
    };
    assert_eq!(
        read("<u:Timestamp><u:Created>2026-01-01T00:00:00Z</u:Created></u:Timestamp>").unwrap(),
        Reply::Value(value(r#"{"total":1.50}"#))
    );
    let report = read("<u:Timestamp/><s:Signature/>").unwrap_err();
    assert!(report.details()[0].message().contains("Security` has to be understood"), "{report}");
}

#[test]
fn what_is_not_the_message_is_told_with_its_place() {
    let get = envelope("ShopSoap", "getOrder");
    let body = "<getOrder xmlns='urn:shop'><id>7</id></getOrder>";
    let cases = [
        (
            "<e:Body/>".to_owned(),
            "the body is empty, and `{urn:shop}getOrder` is expected (line 1, column 65)",
        ),
        (String::new(), "the envelope has no body"),
        (format!("<e:Body>{body}{body}</e:Body>"), "the further element"),
        ("<e:Body><other/></e:Body>".to_owned(), "`{urn:shop}getOrder` is expected"),
        (format!("<e:Body>{body}</e:Body><e:Header/>"), "is not allowed here in an envelope"),
        (
            format!("<e:Header><h xmlns='urn:h' e:mustUnderstand='1'/></e:Header><e:Body>{body}</e:Body>"),
            "the header `{urn:h}h` has to be understood",
        ),
        ("<e:Body><getOrder xmlns='urn:shop'><id>x</id></getOrder></e:Body>".to_owned(), "is not an integer"),
    ];
    for (inside, part) in cases {
        let report = get.decode_request(message(SOAP11, &inside).as_bytes()).unwrap_err();
        let details: Vec<_> = report.details().iter().map(|it| it.message().to_owned()).collect();
        assert!(details.iter().any(|it| it.contains(part)), "{inside}: {details:?}");
    }
    let optional = format!(
        "<e:Header><h xmlns='urn:h' e:mustUnderstand='0'/><i xmlns='urn:h' e:mustUnderstand='1' e:actor='urn:other'/></e:Header><e:Body>{body}</e:Body>"
    );
    assert!(get.decode_request(message(SOAP11, &optional).as_bytes()).is_ok());
    let other = message(SOAP12, &format!("<e:Body>{body}</e:Body>"));
    let report = get.decode_request(other.as_bytes()).unwrap_err();
    assert!(
        report.details()[0]
            .message()
            .contains("an envelope of `http://schemas.xmlsoap.org/soap/envelope/` is expected")
    );
}

#[test]
fn what_the_description_does_not_allow_is_not_written() {
    let get = envelope("ShopSoap", "getOrder");
    let mut out = b"before".to_vec();
    for (given, path) in [
        (r#"{"body":{"id":"x"}}"#, "/body/id"),
        (r#"{"body":{}}"#, "/body/id"),
        (r#"{"id":1}"#, "/id"),
        (r#"{"headers":{"sesion":"x"},"body":{"id":1}}"#, "/headers/sesion"),
        (r#"{"headers":{}}"#, "/body"),
    ] {
        let report = get.encode_request(&value(given), &mut out).unwrap_err();
        assert_eq!(report.details()[0].data_path(), Some(path), "{given}: {report}");
    }
    assert_eq!(out, b"before");
    let fault = Fault {
        code: FaultCode::Receiver,
        subcodes: Vec::new(),
        reasons: Vec::new(),
        actor: None,
        detail: Some(Detail::Declared { name: "los".into(), value: Value::Null }),
    };
    let report = get.encode_fault(&fault, &mut out).unwrap_err();
    assert!(report.details()[0].advice().unwrap().contains("use `lost`"), "{report}");
}

#[test]
fn a_first_look_tells_what_a_server_has_to_know() {
    let text = message(
        SOAP12,
        "<e:Header><a xmlns='urn:h' e:mustUnderstand='true'/><b e:mustUnderstand='true' e:role='urn:x'/></e:Header><e:Body> <x:getOrder xmlns:x='urn:shop'/></e:Body>",
    );
    let seen = peek(text.as_bytes()).unwrap();
    assert_eq!(seen.version, Some(SoapVersion::V12));
    assert_eq!(seen.body.unwrap().to_string(), "{urn:shop}getOrder");
    assert_eq!(seen.to_understand.iter().map(ToString::to_string).collect::<Vec<_>>(), ["{urn:h}a"]);
    assert_eq!(peek(message("urn:old", "<e:Body/>").as_bytes()).unwrap().version, None);
    assert_eq!(peek(message(SOAP11, "<e:Body/>").as_bytes()).unwrap().body, None);
    assert_eq!(peek(b"<html/>").unwrap_err().code().id, "D0301");
}
