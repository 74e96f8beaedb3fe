//! APIs whose description is made of their operations.

use crate::shop::{Served, Shop};

const MADE: &str = "auth: none
    expose: { rest: /v1, soap: /soap }";

const OPERATIONS: &str = "place: { input: order, output: placed, flow: place }
      told: { soap: Tell, doc: 'Tells & <hears>.', input: tell, output: told, flow: tell }
      add: { rest: POST /sums, soap: none, input: terms, output: sum, flow: add }
      order: { rest: 'GET /orders/{number}', table: orders }
      orders: { rest: GET /orders, table: orders, filter: [customer, number], sort: [number, customer] }";

async fn shop() -> (Shop, Served) {
    let shop = Shop::new(MADE, OPERATIONS);
    let served = shop.start().await;
    (shop, served)
}

/// The message that asks `operation` for what `inside` says.
fn asking(operation: &str, inside: &str) -> String {
    format!("<{operation} xmlns='urn:shop:shop'>{inside}</{operation}>")
}

#[tokio::test]
async fn operations_are_called_by_the_description_that_is_made_of_them() {
    let (_shop, served) = shop().await;
    for (customer, count) in [("ann", 1), ("bob", 2), ("eve", 3)] {
        let counts = "<counts>7</counts>".repeat(count);
        let order = asking("place", &format!("<customer>{customer}</customer><session/>{counts}"));
        let placed = served.by_11("urn:shop:shop:place", "", &order).await;
        let number = count.to_string();
        assert_eq!((placed.status, placed.text("number")), (200, Some(number.as_str())), "{placed:?}");
    }
    let told = served.by_12("urn:shop:shop:Tell", "", &asking("Tell", "<customer>zoe</customer>")).await;
    assert_eq!((told.status, told.text("customer")), (200, Some("zoe")), "{told:?}");
    let sum = served.by_11("urn:shop:shop:add", "", &asking("add", "<a>1</a><b>2</b>")).await;
    assert_eq!((sum.status, sum.text("code")), (500, Some("A0401")), "{sum:?}");
    let long = asking("place", "<customer>much too long a name</customer><session/>");
    let long = served.by_11("", "", &long).await;
    assert_eq!((long.status, long.text("code")), (500, Some("D0001")), "{long:?}");
}

#[tokio::test]
async fn rows_are_read_by_key_and_in_pages() {
    let (_shop, served) = shop().await;
    for (customer, count) in [("ann", 1), ("bob", 2), ("eve", 3)] {
        let counts = "<counts>7</counts>".repeat(count);
        let order = asking("place", &format!("<customer>{customer}</customer><session/>{counts}"));
        assert_eq!(served.by_11("", "", &order).await.status, 200);
    }
    let row = served.by_11("", "", &asking("order", "<number>2</number>")).await;
    assert_eq!((row.status, row.text("customer"), row.text("note")), (200, Some("bob"), None), "{row:?}");
    let none = served.by_12("", "", &asking("order", "<number>77</number>")).await;
    assert_eq!((none.status, none.text("code")), (400, Some("A0103")), "{none:?}");
    let page = |inside: &str| asking("orders", inside);
    let customers = |body: &str| -> Vec<String> {
        let parts = body.split("customer>").skip(1).step_by(2);
        parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
    };
    let all = served.by_11("", "", &page("")).await;
    assert_eq!(customers(&all.body), ["ann", "bob", "eve"], "{all:?}");
    let first = served.by_11("", "", &page("<sort>-customer</sort><limit>2</limit>")).await;
    assert_eq!(customers(&first.body), ["eve", "bob"], "{first:?}");
    let cursor = first.text("next").unwrap();
    let next = format!("<sort>-customer</sort><limit>2</limit><cursor>{cursor}</cursor>");
    let next = served.by_11("", "", &page(&next)).await;
    assert_eq!((customers(&next.body), next.text("next")), (vec!["ann".to_owned()], None), "{next:?}");
    let filtered = "<filter><customer><in><value>bob</value><value>eve</value></in></customer><number><gt>2</gt></number></filter>";
    let filtered = served.by_11("", "", &page(filtered)).await;
    assert_eq!(customers(&filtered.body), ["eve"], "{filtered:?}");
    for (inside, code) in [
        ("<limit>0</limit>", "D0001"),
        ("<sort>note</sort>", "D0001"),
        ("<sort>number</sort><sort>-number</sort>", "A0104"),
        ("<cursor>x</cursor>", "A0105"),
    ] {
        let answer = served.by_11("", "", &page(inside)).await;
        assert_eq!((answer.status, answer.text("code")), (500, Some(code)), "{inside} {answer:?}");
    }
}

#[tokio::test]
async fn the_description_is_served_with_what_the_project_says() {
    let (_shop, served) = shop().await;
    let wsdl = served.send("GET /soap?wsdl", &[], b"").await;
    assert_eq!(wsdl.status, 200);
    for part in [
        "targetNamespace=\"urn:shop:shop\"",
        "<documentation>Tells &amp; &lt;hears&gt;.</documentation>",
        &format!("<soap12:address location=\"http://{}/soap\"/>", served.address),
        "soapAction=\"urn:shop:shop:Tell\"",
    ] {
        assert!(wsdl.body.contains(part), "{part}: {}", wsdl.body);
    }
    assert!(!wsdl.body.contains("\"add\""), "{}", wsdl.body);
}

#[test]
fn what_a_description_cannot_say_is_told_or_refused() {
    let shop = Shop::new(MADE, OPERATIONS);
    let told = shop.told();
    let expected = "A0007 the WSDL of `place` says less than its contracts";
    assert!(told.iter().any(|it| it == expected), "{told:#?}");
    let odd = Shop::new(MADE, &OPERATIONS.replace("soap: Tell", "soap: '1\"/><x'")).told();
    assert_eq!(odd, ["P0106 `1\"/><x` cannot be the name of an element"]);
    shop.file(
        "contracts/told/1.json",
        r#"{ "type": "object", "required": ["by"], "properties": { "by": { "type": "object", "additionalProperties": { "type": "integer" } } }, "additionalProperties": false }"#,
    );
    let told = shop.but("reply: { customer: tell.customer }", "reply: { by: { value: { a: 1 } } }").told();
    let expected = "M0103 what the operation answers does not fit what `Tell` promises";
    assert!(told.iter().any(|it| it == expected), "{told:#?}");
}
