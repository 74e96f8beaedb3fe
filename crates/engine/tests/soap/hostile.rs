//! What is no message, and what is one and not understood: each has its fault.

use crate::shop::{Answer, BY_FILE, OPERATIONS, SOAP11, SOAP12, Shop, envelope, order};

const XML: (&str, &str) = ("content-type", "text/xml; charset=utf-8");
const NEW: (&str, &str) = ("content-type", "application/soap+xml; charset=utf-8");

fn fault(answer: &Answer) -> (u16, &str, Option<&str>) {
    let code = answer.text("faultcode").or_else(|| answer.text("Value")).unwrap_or_default();
    (answer.status, code, answer.text("code"))
}

/// What it is, the header that says so, the body, and the fault.
type Case = (&'static str, (&'static str, &'static str), Vec<u8>, (u16, &'static str, Option<&'static str>));

#[tokio::test]
async fn each_message_that_is_none_has_its_fault() {
    let shop = Shop::new(BY_FILE, OPERATIONS);
    let served = shop.start().await;
    let good = envelope(SOAP11, "", &order("ann"));
    let dtd = format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{good}");
    let deep = envelope(
        SOAP11,
        "",
        &format!("<s:place xmlns:s='urn:shop'>{}{}</s:place>", "<s:a>".repeat(300), "</s:a>".repeat(300)),
    );
    let two = good.replace("</e:Envelope>", "<e:Body/></e:Envelope>");
    let more = good.replace("</e:Body>", "<again/></e:Body>");
    let latin = good.replace("ann", "\u{e9}").chars().map(|c| c as u8).collect::<Vec<u8>>();
    let large = good.replace("ann", &"a".repeat(70_000));
    let cases: Vec<Case> = vec![
        ("a document type", XML, dtd.into(), (500, "soap:Client", Some("D0301"))),
        ("an entity", XML, good.replace("ann", "&b;").into(), (500, "soap:Client", Some("D0301"))),
        ("too deep", XML, deep.into(), (413, "soap:Client", Some("D0103"))),
        ("too large", XML, large.into(), (413, "soap:Client", Some("A0106"))),
        ("cut off", XML, good[..good.len() - 20].into(), (500, "soap:Client", Some("D0301"))),
        ("nothing", XML, "".into(), (500, "soap:Client", Some("D0301"))),
        ("text", XML, "hello".into(), (500, "soap:Client", Some("D0301"))),
        ("another document", XML, "<order/>".into(), (500, "soap:Client", Some("D0301"))),
        ("something behind", XML, format!("{good}<more/>").into(), (500, "soap:Client", Some("D0301"))),
        ("two bodies", XML, two.into(), (500, "soap:Client", Some("D0001"))),
        ("two elements", XML, more.into(), (500, "soap:Client", Some("D0001"))),
        ("bytes that are no text", XML, latin, (500, "soap:Client", Some("D0105"))),
        (
            "an unknown encoding",
            ("content-type", "text/xml; charset=klingon"),
            good.as_str().into(),
            (500, "soap:Client", Some("D0105")),
        ),
        ("JSON", ("content-type", "application/json"), "{}".into(), (415, "soap:Client", Some("A0107"))),
        (
            "attachments",
            ("content-type", "multipart/related; type=\"application/xop+xml\""),
            "--a".into(),
            (415, "soap:Client", Some("A0107")),
        ),
        (
            "a version in the type of the other",
            NEW,
            good.as_str().into(),
            (415, "soap:Client", Some("A0107")),
        ),
        ("an unknown version", XML, envelope("urn:soap", "", "").into(), (500, "soap:VersionMismatch", None)),
        (
            "another body",
            XML,
            envelope(SOAP11, "", "<other xmlns='urn:shop'/>").into(),
            (500, "soap:Client", Some("A0401")),
        ),
        ("an empty body", XML, envelope(SOAP11, "", "").into(), (500, "soap:Client", Some("A0401"))),
        (
            "no body",
            NEW,
            format!("<e:Envelope xmlns:e='{SOAP12}'/>").into(),
            (400, "soap:Sender", Some("A0401")),
        ),
        (
            "a wrong value",
            NEW,
            envelope(SOAP12, "", &order("ann").replace("1.50", "much")).into(),
            (400, "soap:Sender", Some("D0001")),
        ),
    ];
    for (what, media_type, body, expected) in cases {
        let answer = served.send("POST /soap", &[media_type], &body).await;
        assert_eq!(fault(&answer), expected, "{what}: {answer:?}");
        assert!(
            answer.head.contains("x-request-id: ") && answer.body.contains(":Fault>"),
            "{what}: {answer:?}"
        );
    }
    let latin: Vec<u8> = good.replace("ann", "\u{e9}").chars().map(|c| c as u8).collect();
    let answer = served.send("POST /soap", &[("content-type", "text/xml; charset=iso-8859-1")], &latin).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let gzip = served.send("POST /soap", &[XML, ("content-encoding", "gzip")], b"x").await;
    assert_eq!(fault(&gzip), (415, "soap:Client", Some("A0107")), "{gzip:?}");
    let bare = served.send("POST /soap", &[], b"").await;
    assert_eq!(fault(&bare), (415, "soap:Client", Some("A0107")), "{bare:?}");
}

#[tokio::test]
async fn an_action_and_a_body_of_two_operations_are_for_neither() {
    let shop = Shop::new(BY_FILE, OPERATIONS);
    let served = shop.start().await;
    for (action, expected) in [("urn:shop/tell", "A0401"), ("urn:other", "A0401")] {
        let answer = served.by_11(action, "", &order("ann")).await;
        assert_eq!(fault(&answer), (500, "soap:Client", Some(expected)), "{answer:?}");
    }
    let kept = served.send("GET /v1/orders/2", &[], b"").await;
    assert_eq!(kept.status, 404, "nothing was done");
}

#[tokio::test]
async fn headers_that_have_to_be_understood_are() {
    let shop = Shop::new(BY_FILE, OPERATIONS);
    let served = shop.start().await;
    let other = |must: &str| format!("<o:trace xmlns:o='urn:o' e:mustUnderstand='{must}'>x</o:trace>");
    let session = "<s:session xmlns:s='urn:shop' e:mustUnderstand='1'>s1</s:session>";
    let known = served.by_11("urn:shop/place", &format!("{session}{}", other("0")), &order("ann")).await;
    assert_eq!(known.status, 200, "{known:?}");
    let old = served.by_11("urn:shop/place", &other("1"), &order("ann")).await;
    assert_eq!(fault(&old), (500, "soap:MustUnderstand", None), "{old:?}");
    assert!(
        old.text("faultstring").unwrap().contains("{urn:o}trace") && !old.body.contains("detail"),
        "{old:?}"
    );
    let new = served.by_12("urn:shop/place", &other("true"), &order("ann")).await;
    assert_eq!(fault(&new), (500, "soap:MustUnderstand", None), "{new:?}");
    let elsewhere = other("1").replace("<o:trace ", "<o:trace e:actor='urn:elsewhere' ");
    let elsewhere = served.by_11("urn:shop/place", &elsewhere, &order("ann")).await;
    assert_eq!(elsewhere.status, 200, "{elsewhere:?}");
}

#[tokio::test]
async fn a_version_without_a_port_is_told_which_there_are() {
    let api = BY_FILE.replace("shop.wsdl }", "shop.wsdl, ports: [Port12] }");
    let operations = OPERATIONS.replace("add: {", "add: { soap: none, rest: POST /sums,");
    let shop = Shop::new(&api, &operations);
    let served = shop.start().await;
    let old = served.by_11("urn:shop/place", "", &order("ann")).await;
    assert_eq!(fault(&old), (500, "soap:VersionMismatch", None), "{old:?}");
    assert!(old.body.contains(SOAP11) && old.body.contains(&format!("xmlns:v=\"{SOAP12}\"")), "{old:?}");
    let wsdl = served.send("GET /soap?wsdl", &[], b"").await;
    assert_eq!(wsdl.body.matches(&format!("location=\"http://{}/soap\"", served.address)).count(), 1);
}

#[tokio::test]
async fn who_may_not_call_is_told_so_by_a_fault() {
    let api = "auth: { api_keys: { bob: { key: '${secret:KEY}', scopes: [orders] } } }
    expose: { soap: { path: /soap, wsdl: services/shop.wsdl } }";
    let operations = "place:
        scope: orders
        input: order
        output: placed
        flow: place
        limit: 1/h
        soap: { fields: { customer: request.body.customer, session: { value: '' }, counts: { value: [] } } }
      tell: { scope: stories, input: tell, output: told, flow: tell }
      add: { scope: orders, input: terms, output: sum, flow: add }";
    let shop = Shop::new(api, operations);
    let served = shop.start().await;
    let key = std::fs::read_to_string(shop.path().join(".tenon/secrets/KEY")).unwrap();
    let body = envelope(SOAP11, "", &order("ann"));
    let none = served.send("POST /soap", &[XML], body.as_bytes()).await;
    assert_eq!(fault(&none), (401, "soap:Client.Authentication", Some("S0001")), "{none:?}");
    assert!(none.head.contains("www-authenticate: "), "{none:?}");
    let wrong = served.send("POST /soap", &[NEW, ("x-api-key", "no-such-key-0123456789")], b"").await;
    assert_eq!((wrong.status, wrong.text("code")), (401, Some("S0002")), "{wrong:?}");
    assert!(wrong.body.contains(":FailedAuthentication<"), "{wrong:?}");
    let key = ("x-api-key", key.trim());
    let tell = envelope(SOAP11, "", "<tell xmlns='urn:shop'><customer>bob</customer></tell>");
    let other = served.send("POST /soap", &[XML, key], tell.as_bytes()).await;
    assert_eq!(fault(&other), (500, "soap:Client", Some("S0003")), "{other:?}");
    let allowed = served.send("POST /soap", &[XML, key], body.as_bytes()).await;
    assert_eq!(allowed.status, 200, "{allowed:?}");
    let often = served.send("POST /soap", &[XML, key], body.as_bytes()).await;
    assert_eq!(fault(&often), (429, "soap:Server", Some("A0110")), "{often:?}");
    assert!(often.head.contains("retry-after: "), "{often:?}");
}

#[tokio::test]
async fn callers_prove_who_they_are_in_the_message_where_the_project_lets_them() {
    let api = "auth: { api_keys: { bob: { key: '${secret:KEY}', scopes: [orders] } } }
    expose: { rest: /v1, soap: { path: /soap, wsdl: services/shop.wsdl, ports: [PortSums], ws_security: true } }";
    let operations = "add: { scope: orders, input: terms, output: sum, flow: add }
      place: { rest: POST /orders, soap: none, scope: orders, input: order, output: placed, flow: place }
      tell: { rest: POST /told, soap: none, scope: orders, input: tell, output: told, flow: tell }";
    let shop = Shop::new(api, operations);
    let served = shop.start().await;
    let key = std::fs::read_to_string(shop.path().join(".tenon/secrets/KEY")).unwrap();
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    let security = |inside: &str| {
        format!("<w:Security xmlns:w='{wsse}' xmlns:u='{wsu}' e:mustUnderstand='1'>{inside}</w:Security>")
    };
    let token = |name: &str, key: &str, of: &str| {
        format!(
            "<w:UsernameToken><w:Username>{name}</w:Username><w:Password Type='urn:x#{of}'>{key}</w:Password></w:UsernameToken>"
        )
    };
    let until =
        |year: u16| format!("<u:Timestamp><u:Expires>{year}-01-31T12:00:00Z</u:Expires></u:Timestamp>");
    let right = token("bob", key.trim(), "PasswordText");
    let body = "<p:add xmlns:p='urn:sums'><a>40</a><b>2</b></p:add>";
    for (header, expected) in [
        (right.clone(), (200, None)),
        (format!("{}{right}", until(2999)), (200, None)),
        (format!("{}{right}", until(2001)), (401, Some("S0002"))),
        (token("ann", key.trim(), "PasswordText"), (401, Some("S0002"))),
        (token("bob", "0123456789abcdef0123", "PasswordText"), (401, Some("S0002"))),
        (token("bob", key.trim(), "PasswordDigest"), (401, Some("S0002"))),
        (until(2999), (401, Some("S0001"))),
        (format!("{right}<x:Signature xmlns:x='urn:x'/>"), (500, None)),
    ] {
        let answer = served.by_11("add", &security(&header), body).await;
        assert_eq!((answer.status, answer.text("code")), expected, "{header} {answer:?}");
        assert!(!answer.body.contains(key.trim()), "{answer:?}");
    }
    let headers = [XML, ("x-api-key", key.trim())];
    let both =
        served.send("POST /soap", &headers, envelope(SOAP11, &security(&right), body).as_bytes()).await;
    assert_eq!((both.status, both.text("code")), (401, Some("S0002")), "{both:?}");
    let plain = served.send("POST /soap", &headers, envelope(SOAP11, "", body).as_bytes()).await;
    assert_eq!(plain.status, 200, "{plain:?}");
}
