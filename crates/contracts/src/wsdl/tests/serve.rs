//! What whoever serves a description needs of it: its files by their addresses, messages as they come, faults, and a description of operations.

use tenon_model::{Field, Shape, Str, Value};

use super::{document, shop};
use crate::{
    format::{InMemory, Source},
    wsdl::{
        Detail, Document, Fault, FaultCode, Offered, Opened, Password, Published, Reply, SoapVersion, WHOLE,
        is_whole, write, write_fault_under,
    },
};

#[test]
fn a_description_is_handed_out_with_the_addresses_of_its_files_and_ports() {
    let main = "<d:definitions xmlns:d='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' targetNamespace='urn:a'>
  <d:import namespace='urn:b' location = '../b.wsdl'/><d:types><x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'>
  <x:import namespace='urn:c' schemaLocation='c.xsd' /><x:import namespace='urn:w' schemaLocation='http://www.w3.org/x.xsd'/>
  <x:import namespace='urn:d' schemaLocation='gone.xsd'/></x:schema></d:types>
  <d:service name='S'><d:port name='P' binding='b'><s:address location='https://example.com/?a=&quot;1&quot;'/></d:port>
  <d:port name='Q' binding='b'><s:address location='https://example.com/q'/></d:port></d:service></d:definitions>";
    let schema = "<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:c'><include schemaLocation='./c.xsd'/></schema>";
    let other = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' targetNamespace='urn:b'><import namespace='urn:a' location='shop/1.wsdl'/></definitions>";
    let files = [("b.wsdl", other), ("shop/c.xsd", schema), ("shop/1.wsdl", main)];
    let source = Source { file: "shop/1.wsdl", text: main, files: &InMemory(&files) };
    let published = Published::read(&source, &[Str::new("P")]).unwrap();
    let text = |query: &str| published.text(query, "http://h/s?a&b");
    let own = text("wsdl").unwrap();
    let expected = main
        .replace("'../b.wsdl'", "\"http://h/s?a&amp;b?wsdl=1\"")
        .replace("'c.xsd'", "\"http://h/s?a&amp;b?xsd=1\"")
        .replace("'https://example.com/?a=&quot;1&quot;'", "\"http://h/s?a&amp;b\"");
    assert_eq!(own, expected);
    assert_eq!(text("WSDL=").as_deref(), Some(own.as_str()));
    assert_eq!(text("xsd=1").unwrap(), schema.replace("'./c.xsd'", "\"http://h/s?a&amp;b?xsd=1\""));
    assert_eq!(text("wsdl=1").unwrap(), other.replace("'shop/1.wsdl'", "\"http://h/s?a&amp;b?wsdl\""));
    for query in ["", "xsd", "xsd=2", "wsdl=2", "wsdl&x"] {
        assert_eq!(text(query), None, "{query}");
    }
}

#[test]
fn a_message_is_looked_at_once_and_read_by_its_operation() {
    let shop = shop();
    let envelope = shop.messages(0, 0).unwrap();
    assert!(shop.messages(0, 9).is_err() && shop.messages(9, 0).is_err());
    let header = |must: u8| {
        format!(
            "<s:Header><x xmlns='urn:x' s:mustUnderstand='{must}'/><session xmlns='urn:shop' s:mustUnderstand='1'>a</session></s:Header>"
        )
    };
    let of = |header: &str| {
        format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>{header}<s:Body><getOrder xmlns='urn:shop'><id>7</id></getOrder></s:Body></s:Envelope>"
        )
    };
    let text = of(&header(1));
    let opened = Opened::new(text.as_bytes(), Some("utf-8")).unwrap();
    assert_eq!(opened.peek().body.as_ref().unwrap().to_string(), "{urn:shop}getOrder");
    assert_eq!(envelope.misunderstood(&opened, false).unwrap().to_string(), "{urn:x}x");
    let text = of(&header(0));
    let opened = Opened::new(text.as_bytes(), None).unwrap();
    assert_eq!(envelope.misunderstood(&opened, false), None);
    let expected = r#"{"headers":{"session":"a"},"body":{"id":7}}"#;
    assert_eq!(crate::json::to_string(&envelope.request_in(&opened, false).unwrap()), expected);
    assert!(envelope.request_is_in_parts() && !envelope.reply_is_in_parts());
    for (bytes, charset, code) in [
        (text.as_bytes(), Some("none-such"), "D0105"),
        (b"\xe9", Some("utf-8"), "D0105"),
        (b"<a/>", None, "D0301"),
        (b"<!DOCTYPE a><a/>", None, "D0301"),
    ] {
        assert_eq!(Opened::new(bytes, charset).unwrap_err().code().id, code);
    }
    let large = vec![b' '; (16 << 20) + 1];
    assert_eq!(Opened::new(&large, None).unwrap_err().code().id, "D0104");
}

#[test]
fn the_call_of_an_rpc_binding_is_known_by_its_name_alone() {
    let sums = shop().messages(2, 0).unwrap();
    for call in ["<t:add xmlns:t='urn:shop'><a>1</a><b>2</b></t:add>", "<add><a>1</a><b>2</b></add>"] {
        let text = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{call}</s:Body></s:Envelope>"
        );
        let value = sums.decode_request(text.as_bytes()).unwrap();
        assert_eq!(crate::json::to_string(&value), r#"{"a":1,"b":2}"#, "{call}");
    }
    let other = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><sub><a>1</a><b>2</b></sub></s:Body></s:Envelope>";
    assert!(sums.decode_request(other.as_bytes()).is_err());
}

#[test]
fn a_fault_needs_no_operation_and_says_which_versions_are_understood() {
    let fault = Fault {
        code: FaultCode::VersionMismatch,
        subcodes: Vec::new(),
        reasons: Vec::new(),
        actor: None,
        detail: None,
    };
    for version in SoapVersion::ALL {
        let mut out = Vec::new();
        write_fault_under(version, &SoapVersion::ALL, &fault, Some(b"<more xmlns=\"urn:m\"/>"), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains(
                "<u:Upgrade xmlns:u=\"http://www.w3.org/2003/05/soap-envelope\"><u:SupportedEnvelope"
            ),
            "{text}"
        );
        let read = shop()
            .messages(if version == SoapVersion::V11 { 0 } else { 1 }, 0)
            .unwrap()
            .decode_reply(text.as_bytes());
        let Ok(Reply::Fault(read)) = read else { panic!("{read:?}: {text}") };
        assert_eq!(read.code, FaultCode::VersionMismatch);
        assert!(matches!(read.detail, Some(Detail::Other(_))), "{text}");
    }
}

#[test]
fn operations_become_a_description_that_reads_as_they_are() {
    let input = Shape::record(vec![
        Field::required("id", Shape::INT),
        Field::optional("tags", Shape::list(Shape::string())),
    ]);
    let output = Shape::list(Shape::string());
    let offered = |name| Offered { name, doc: Some("Finds & <tells>."), input: &input, output: &output };
    let (text, losses) = write("shop", "urn:shop?a&b", &[offered("find"), offered("tell")]);
    let document = document(&text, &[]).unwrap_or_else(|reports| panic!("{reports:#?} {text}"));
    let described = document.description();
    let versions: Vec<_> = described.bindings.iter().map(|it| (it.version, it.operations.len())).collect();
    assert_eq!(versions, [(SoapVersion::V11, 2), (SoapVersion::V12, 2)]);
    assert_eq!(described.services[0].ports.len(), 2);
    let of = |document: &Document| document.of_binding(0).0;
    let find = &of(&document)[0];
    assert_eq!((find.name.as_str(), find.doc.as_deref()), ("find", Some("Finds & <tells>.")));
    assert!(described.bindings[0].operations[0].is_wrapped && is_whole(&output) && !is_whole(&input));
    let mut message = Vec::new();
    let answer = Value::record([(WHOLE, Value::list(vec![Value::from("a")]))]);
    document.messages(1, 0).unwrap().encode_reply(&answer, &mut message).unwrap();
    let message = String::from_utf8(message).unwrap();
    assert!(
        message.contains("<findResponse xmlns=\"urn:shop?a&amp;b\"><value>a</value></findResponse>"),
        "{message}"
    );
    assert_eq!(losses[0][0][0].path, "tags");
    // Elements of one name cannot be told apart.
    let (text, _) = write("shop", "urn:shop", &[offered("find"), offered("findResponse")]);
    assert!(super::document(&text, &[]).is_err());
}

#[test]
fn a_token_with_a_name_is_seen_and_its_password_never_shown() {
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    let peek = |inside: &str| {
        let header = format!(
            "<w:Security xmlns:w='{wsse}' xmlns:u='{wsu}' s:mustUnderstand='1'>{inside}</w:Security>"
        );
        let text = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header>{header}</s:Header><s:Body><getOrder xmlns='urn:shop'><id>7</id></getOrder></s:Body></s:Envelope>"
        );
        let opened = Opened::new(text.as_bytes(), None).unwrap();
        let envelope = shop().messages(0, 0).unwrap();
        let understood = [false, true].map(|knows| envelope.misunderstood(&opened, knows).is_none());
        let read = [false, true].map(|knows| envelope.request_in(&opened, knows).is_ok());
        assert_eq!(understood, read, "{inside}");
        assert_eq!(opened.peek().body.as_ref().unwrap().local, "getOrder");
        (opened.peek().security.clone().unwrap(), understood)
    };
    let token = |password: &str| {
        format!("<w:UsernameToken><w:Username> ann </w:Username>{password}</w:UsernameToken>")
    };
    let (seen, understood) = peek(&token("<w:Password>s &amp; t</w:Password>"));
    let found = seen.token.clone().unwrap();
    assert_eq!(
        (found.name.as_str(), &found.password, understood),
        ("ann", &Password::Text("s & t".into()), [false, true])
    );
    assert!(!format!("{seen:?}").contains("s & t"));
    let (seen, _) =
        peek(&token("<w:Password Type='http://x#PasswordDigest'>abc=</w:Password><w:Nonce>n</w:Nonce>"));
    assert_eq!(seen.token.unwrap().password, Password::Digest);
    let (seen, understood) = peek(
        "<u:Timestamp><u:Created>2026-01-31T12:00:00Z</u:Created><u:Expires>2026-01-31T12:05:00Z</u:Expires></u:Timestamp>",
    );
    assert_eq!(
        (seen.expires.as_deref(), seen.token, understood),
        (Some("2026-01-31T12:05:00Z"), None, [true, true])
    );
    let (seen, understood) = peek(&format!("{}<x:Signature xmlns:x='urn:x'/>", token("")));
    assert_eq!(
        (seen.other.unwrap().to_string(), understood),
        ("{urn:x}Signature".to_owned(), [false, false])
    );
}
