//! Contract first: operations behind a description of the project.

use crate::shop::{BY_FILE, OPERATIONS, Served, Shop, order};

async fn shop() -> (Shop, Served) {
    let shop = Shop::new(BY_FILE, OPERATIONS);
    let served = shop.start().await;
    (shop, served)
}

#[tokio::test]
async fn both_versions_reach_the_operation_by_action_or_by_body() {
    let (_shop, served) = shop().await;
    let session = "<s:session xmlns:s='urn:shop'>s1</s:session>";
    for action in ["urn:shop/place", ""] {
        let old = served.by_11(action, session, &order("ann")).await;
        assert_eq!(
            (old.status, old.text("number"), old.text("at")),
            (200, Some("2"), Some("2026-01-31T12:00:00Z")),
            "{old:?}"
        );
        assert!(old.head.contains("content-type: text/xml; charset=utf-8"), "{old:?}");
        let new = served.by_12(action, session, &order("ann")).await;
        assert_eq!((new.status, new.text("number")), (200, Some("2")), "{new:?}");
        assert!(new.head.contains("content-type: application/soap+xml; charset=utf-8"), "{new:?}");
        assert!(new.head.contains("x-request-id: "), "{new:?}");
    }
    let kept = served.send("GET /v1/orders/2", &[], b"").await;
    assert_eq!(kept.body, r#"{"number":2,"customer":"ann","session":"s1"}"#);
    let sum = served.by_11("add", "", "<p:add xmlns:p='urn:sums'><a>40</a><b>2</b></p:add>").await;
    assert_eq!((sum.status, sum.text("sum")), (200, Some("42")), "{sum:?}");
    let told =
        served.by_12("urn:shop/tell", "", "<tell xmlns='urn:shop'><customer>bob</customer></tell>").await;
    assert_eq!((told.status, told.body.as_str()), (202, ""));
    let kept = served.send("GET /v1/orders/99", &[], b"").await;
    assert!(kept.body.contains("bob"), "{kept:?}");
}

#[tokio::test]
async fn refusals_become_declared_faults_or_problems() {
    let (_shop, served) = shop().await;
    let declared = served.by_11("urn:shop/place", "", &order("mallory")).await;
    assert_eq!(
        (declared.status, declared.text("faultcode"), declared.text("faultstring")),
        (500, Some("soap:Client"), Some("not mallory"))
    );
    assert!(declared.body.contains("<detail><"), "{declared:?}");
    assert_eq!(declared.text("customer"), Some("mallory"), "{declared:?}");
    let declared = served.by_12("urn:shop/place", "", &order("mallory")).await;
    assert_eq!(
        (declared.status, declared.text("Text"), declared.text("customer")),
        (400, Some("not mallory"), Some("mallory"))
    );
    let plain = served.by_11("urn:shop/place", "", &order("nobody")).await;
    assert_eq!(
        (plain.status, plain.text("code"), plain.text("faultcode")),
        (500, Some("F0040"), Some("soap:Client")),
        "{plain:?}"
    );
    assert!(plain.text("instance").unwrap().starts_with("urn:uuid:"), "{plain:?}");
    // What the operation takes is narrower than what the description lets through.
    let long = served.by_12("urn:shop/place", "", &order("much too long a name")).await;
    assert_eq!(
        (long.status, long.text("code"), long.text("pointer")),
        (400, Some("D0001"), Some("#/customer")),
        "{long:?}"
    );
}

#[tokio::test]
async fn the_description_names_the_service_where_it_is_asked() {
    let (_shop, served) = shop().await;
    let wsdl = served.send("GET /soap?wsdl", &[], b"").await;
    let address = format!("http://{}/soap", served.address);
    assert_eq!(wsdl.status, 200);
    assert!(wsdl.head.contains("content-type: text/xml; charset=utf-8"));
    assert_eq!(wsdl.body.matches(&format!("location=\"{address}\"")).count(), 3, "{}", wsdl.body);
    assert!(wsdl.body.contains(&format!("schemaLocation=\"{address}?xsd=1\"")), "{}", wsdl.body);
    let schema = served.send("GET /soap?xsd=1", &[], b"").await;
    assert_eq!((schema.status, schema.body.as_str()), (200, include_str!("shop.xsd")));
    for line in ["GET /soap", "GET /soap?xsd=2", "GET /soap?other"] {
        let none = served.send(line, &[], b"").await;
        assert_eq!((none.status, none.text("code")), (405, Some("A0102")), "{line} {none:?}");
    }
    let named = BY_FILE.replace("path: /soap,", "path: /soap, url: 'https://shop.example/soap?a&b', ");
    let shop = Shop::new(&named, OPERATIONS);
    let wsdl = shop.start().await.send("GET /soap?wsdl", &[], b"").await;
    assert!(wsdl.body.contains("location=\"https://shop.example/soap?a&amp;b\""), "{}", wsdl.body);
    let closed = BY_FILE.replace("path: /soap,", "path: /soap, describe: false, ");
    let shop = Shop::new(&closed, OPERATIONS);
    assert_eq!(shop.start().await.send("GET /soap?wsdl", &[], b"").await.status, 405);
}

#[tokio::test]
async fn what_is_described_and_not_served_is_refused_by_name() {
    let without = BY_FILE.replace("shop.wsdl }", "shop.wsdl, without: [add] }");
    let operations = OPERATIONS.replace("      add: { input: terms, output: sum, flow: add }\n", "");
    let shop = Shop::new(&without, &operations).but(
        "  add:\n    steps:\n      - log: { message: \"'adding'\" }\n    reply: { sum: terms.a + terms.b }\n",
        "",
    );
    let served = shop.start().await;
    let sum = served.by_11("add", "", "<p:add xmlns:p='urn:sums'><a>40</a><b>2</b></p:add>").await;
    assert_eq!(
        (sum.status, sum.text("code"), sum.text("faultcode")),
        (500, Some("A0404"), Some("soap:Client")),
        "{sum:?}"
    );
}

#[test]
fn what_does_not_meet_the_description_is_found_before_it_is_served() {
    for (from, to, expected) in [
        ("heard: { soap: tell,", "heard: { soap: tel,", "P0201 the description has no operation `tel`"),
        (
            "heard: { soap: tell,",
            "heard: {",
            "P0102 the description has an operation `tell`, and `shop` does not serve it",
        ),
        (
            "shop.wsdl }",
            "shop.wsdl, ports: [Port] }",
            "P0201 the description has no port `Port` to SOAP over HTTP",
        ),
        (
            "shop.wsdl }",
            "shop.wsdl, without: [add] }",
            "P0104 `add` is served, and listed as one that is not",
        ),
        ("shop.wsdl }", "shop.wsdl, without: [ad] }", "P0201 the description has no operation `ad`"),
        (
            "customer: request.body.customer\n            session",
            "session",
            "M0101 the required field `customer` is not set",
        ),
        (" refused: {", " refusd: {", "P0201 `place` declares no fault `refusd`"),
        (
            "detail: { customer: request.body.customer }",
            "detail: { customer: request.body.line }",
            "M0103 `customer` takes text",
        ),
        ("soap: none", "soap: add", "P0104 two operations serve `add` of the description"),
        (
            "expose: { rest: /v1, soap: { path: /soap,",
            "expose: { rest: /v1, graphql: /soap, soap: { path: /soap,",
            "A0001 `/soap` is the path of SOAP and of GraphQL",
        ),
    ] {
        let told = Shop::new(BY_FILE, OPERATIONS).but(from, to).told();
        assert!(told.iter().any(|it| it.starts_with(expected)), "{from} -> {to}: {told:#?}");
    }
    let alone = BY_FILE.replace("rest: /v1, ", "");
    let told = Shop::new(&alone, OPERATIONS).told();
    assert!(told.iter().any(|it| it == "P0104 the operation `order` is served nowhere"), "{told:#?}");
    let wide = OPERATIONS.replace("output: sum,", "output: wide,");
    let shop = Shop::new(BY_FILE, &wide);
    shop.file(
        "contracts/wide/1.json",
        r#"{ "type": "object", "required": ["sum"], "properties": { "sum": { "type": "number" } } }"#,
    );
    let told = shop.told();
    let expected = "M0103 what the operation answers does not fit what `add` promises";
    assert!(told.iter().any(|it| it.starts_with(expected)), "{told:#?}");
}
