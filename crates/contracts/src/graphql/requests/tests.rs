use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_errors::Kind;
use tenon_model::Value;

use super::{Requests, requests};
use crate::{
    format::{Answer, Effect, Exchange, Incoming, NoFiles, Source},
    json::{self, Decoder},
    json_schema,
};

const SHOP: &str = r#"
type Query {
  "A product by its number."
  product(sku: ID!, at: DateTime): Product
  products(filter: Filter = { inStock: true }, first: Int! = 10): [Product!]!
  search(text: String!): [Found!]!
  node(id: ID!): Node
  kept: Kept
  priced: Priced
  total: Float @deprecated(reason: "count them")
}
type Mutation { order(input: OrderInput!): Order! }
type Subscription { ordered: Order! }
scalar DateTime
input Filter { inStock: Boolean, price: Range, tags: [String!] }
input Range { from: Float!, to: Float }
input OrderInput { sku: ID!, quantity: Int! = 1 }
enum Unit { PIECE BOX }
interface Node { id: ID! }
type Product implements Node { id: ID! sku: ID! name: String! unit: Unit price(currency: String!): Float maker: Maker related: [Product!] }
type Maker { name: String! products: [Product!]! }
type Order implements Node { id: ID! number: Int! lines: [Line!]! }
type Line { sku: ID! product: Product }
union Found = Product | Maker
union Kept = Product
interface Priced implements Node { id: ID! amount: Float }
type Offer implements Priced & Node { id: ID! amount: Float! }
"#;

fn read(documents: &str) -> Result<Requests, String> {
    let source = |file, text| Source { file, text, files: &NoFiles };
    let documents = source("shop.operations.graphql", documents);
    let documents = (!documents.text.is_empty()).then_some(&documents);
    requests(&source("shop.graphql", SHOP), documents).map_err(|reports| {
        let said = |report: &tenon_errors::Report| {
            let place = report.places().first().map(ToString::to_string).unwrap_or_default();
            format!("{place}: {}", report.message())
        };
        reports.iter().map(said).collect::<Vec<_>>().join("\n")
    })
}

fn exchange(requests: &Requests, name: &str) -> std::sync::Arc<dyn Exchange> {
    let position = requests.operations.iter().position(|it| it.name == name).unwrap();
    requests.exchanges.exchange(position).unwrap().unwrap()
}

fn value(text: &str) -> Value {
    Decoder::open().decode(text.as_bytes()).unwrap()
}

fn answer(exchange: &dyn Exchange, status: u16, media_type: &str, body: &str) -> Result<Answer, String> {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::try_from(media_type).unwrap())]);
    let status = StatusCode::from_u16(status).unwrap();
    let reply = Incoming { status, headers: &headers, body: body.as_bytes(), trailers: &HeaderMap::new() };
    exchange.answer(&reply).map_err(|report| format!("{}: {report:?}", report.message()))
}

const JSON: &str = "application/json; charset=utf-8";

#[test]
fn an_operation_answers_what_it_asks_for() {
    let all = read(
        r#""What there is." query find($sku: ID!, $deep: Boolean = false) {
  it: product(sku: $sku) { __typename ...Named maker @include(if: $deep) { name } related { sku } related { name } }
}
fragment Named on Product { name unit }
"#,
    )
    .unwrap();
    let operation = &all.operations[0];
    assert_eq!(
        (operation.address.as_str(), operation.doc.as_deref()),
        ("query find", Some("What there is."))
    );
    let output = json_schema::write(&operation.output).to_string();
    let it = operation.output.field("it").unwrap();
    assert!(it.required && it.shape.nullable, "{output}");
    let record = it.shape.as_record().unwrap();
    let names: Vec<_> = record.fields().iter().map(|it| (it.name.as_str(), it.required)).collect();
    let expected =
        [("__typename", true), ("name", true), ("unit", true), ("maker", false), ("related", true)];
    assert_eq!(names, expected);
    let sent = exchange(&all, "find").request(&value(r#"{"sku":"a","deep":true}"#)).unwrap();
    let body = value(std::str::from_utf8(&sent.body).unwrap());
    assert_eq!(json::to_string(body.get("variables").unwrap()), r#"{"sku":"a","deep":true}"#);
    let query = body.get("query").and_then(Value::as_str).unwrap();
    assert!(
        query.starts_with("query find(") && query.ends_with("fragment Named on Product { name unit }"),
        "{query}"
    );
    let answered = |body: &str| answer(&*exchange(&all, "find"), 200, JSON, body);
    let Answer::Done(done) = answered(
        r#"{"data":{"it":{"__typename":"Product","name":"Cup","unit":"BOX","related":[{"sku":"b","name":"Tea"}]}}}"#,
    )
    .unwrap() else {
        panic!()
    };
    assert_eq!(done.get("it").and_then(|it| it.get("unit")), Some(&Value::from("BOX")));
    assert!(matches!(answered(r#"{"data":{"it":null}}"#), Ok(Answer::Done(_))));
    for (body, says) in [
        (
            r#"{"data":{"it":{"__typename":"Product","name":"Cup","unit":"BIN","related":null}}}"#,
            "does not follow",
        ),
        (r#"{"data":{}}"#, "does not follow"),
        (r#"{"data":null}"#, "neither data nor errors"),
        ("{", "not JSON"),
    ] {
        assert!(answered(body).unwrap_err().contains(says), "{body}");
    }
    assert!(answer(&*exchange(&all, "find"), 200, "text/html", "<p>").unwrap_err().contains("text/html"));
}

#[test]
fn alternatives_are_told_apart_by_their_names() {
    let all = read(
        "query s($t: String!) { search(text: $t) { __typename ... on Product { sku } ... on Maker { name } } } \
         query n($id: ID!) { node(id: $id) { id ... on Node { __typename } } }",
    )
    .unwrap();
    let search = exchange(&all, "s");
    let found =
        r#"{"data":{"search":[{"__typename":"Maker","name":"M"},{"__typename":"Product","sku":"a"}]}}"#;
    assert!(matches!(answer(&*search, 200, JSON, found), Ok(Answer::Done(_))));
    let wrong = r#"{"data":{"search":[{"__typename":"Maker","sku":"a"}]}}"#;
    assert!(answer(&*search, 200, JSON, wrong).is_err());
    // What is asked of every node is a record.
    assert!(all.operations[1].output.field("node").unwrap().shape.as_record().is_some());
    // Of a type that all values are of, each field is asked, and what it says of the field counts.
    let all =
        "query k { kept { ... on Product { sku } } priced { ... on Offer { amount } ... on Node { id } } }";
    let output = read(all).unwrap().operations[0].output.clone();
    for (of, name) in [("kept", "sku"), ("priced", "amount"), ("priced", "id")] {
        let field = output.field(of).unwrap().shape.field(name).unwrap();
        assert!(field.required && !field.shape.nullable, "{of}.{name}");
    }
    let refused =
        read("query s($t: String!) { search(text: $t) { ... on Product { sku } ... on Maker { name } } }");
    assert!(refused.unwrap_err().contains("cannot be told apart"));
}

#[test]
fn without_operations_each_field_is_asked_for_as_a_whole() {
    let all = read("").unwrap();
    let names: Vec<_> = all.operations.iter().map(|it| it.address.as_str()).collect();
    let expected = [
        "query product",
        "query products",
        "query search",
        "query node",
        "query kept",
        "query priced",
        "query total",
        "mutation order",
    ];
    assert_eq!(names, expected);
    assert!(all.operations[6].deprecated && all.operations[0].doc.is_some());
    assert!(all.left_out[0].message().contains("a stream"), "{:?}", all.left_out);
    let query = |name: &str, input: &str| {
        let sent = exchange(&all, name).request(&value(input)).unwrap();
        let body = value(std::str::from_utf8(&sent.body).unwrap());
        body.get("query").and_then(Value::as_str).unwrap().to_owned()
    };
    assert_eq!(
        query("product", r#"{"sku":"a"}"#),
        "query product($sku: ID!, $at: DateTime) { product(sku: $sku, at: $at) { id sku name unit maker { name } } }"
    );
    assert_eq!(query("total", "{}"), "query total { total }");
    assert!(query("products", "{}").starts_with("query products($filter: Filter, $first: Int) {"));
    assert!(
        query("search", r#"{"text":"a"}"#).contains("{ __typename ... on Product { id sku"),
        "{}",
        query("search", r#"{"text":"a"}"#)
    );
    let product = exchange(&all, "product");
    let answered = r#"{"data":{"product":{"id":"1","sku":"a","name":"Cup","unit":null,"maker":null}}}"#;
    let Ok(Answer::Done(done)) = answer(&*product, 200, JSON, answered) else { panic!() };
    assert_eq!(done.get("name"), Some(&Value::from("Cup")));
    assert_eq!((product.effect(), exchange(&all, "order").effect()), (Effect::Safe, Effect::Acts));
}

#[test]
fn errors_refuse_by_their_code() {
    let all = read("").unwrap();
    let refusal = |name: &str, status, media_type, body: &str| match answer(
        &*exchange(&all, name),
        status,
        media_type,
        body,
    ) {
        Ok(Answer::Failed(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let coded = r#"{"errors":[{"message":"none","extensions":{"code":"NOT_FOUND"}},{"message":"x"}],"data":{"product":null}}"#;
    let refused = refusal("product", 200, JSON, coded);
    assert_eq!(
        (refused.name.as_str(), refused.kind, refused.detail.as_str()),
        ("NOT_FOUND", Kind::NotFound, "none")
    );
    assert_eq!(
        (refused.names().collect::<Vec<_>>(), refused.may_have_acted),
        (vec!["NOT_FOUND", "errors"], false)
    );
    let bare = refusal("order", 200, JSON, r#"{"errors":[{"message":"no"}]}"#);
    assert_eq!((bare.name.as_str(), bare.may_have_acted), ("errors", false));
    let begun = refusal("order", 200, JSON, r#"{"errors":[{"message":"no"}],"data":null}"#);
    assert!(begun.may_have_acted);
    let standard = refusal(
        "order",
        400,
        "application/graphql-response+json",
        r#"{"errors":[{"message":"no","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
    );
    assert_eq!(standard.kind, Kind::InvalidArgument);
    assert_eq!(refusal("order", 503, JSON, "{}").name, "503");
}

#[test]
fn what_is_asked_reads_back_as_it_was_given() {
    let all = read("").unwrap();
    let order = exchange(&all, "order");
    let answering = order.answering().unwrap();
    let input = value(r#"{"input":{"sku":"a","quantity":2}}"#);
    assert_eq!(answering.asked(&order.request(&input).unwrap()).unwrap(), input);
    let output = value(r#"{"id":"1","number":7,"lines":[{"sku":"a","product":null}]}"#);
    let received = answering.done(&output).unwrap();
    assert_eq!(order.answer(&received.incoming()).unwrap(), Answer::Done(output));
    let received = answering.refused("CONFLICT", "somebody was faster", None).unwrap();
    let Ok(Answer::Failed(refusal)) = order.answer(&received.incoming()) else { panic!() };
    assert_eq!((refusal.name.as_str(), refusal.kind), ("CONFLICT", Kind::Aborted));
    assert!(answering.done(&value(r#"{"id":"1"}"#)).is_err());
}

#[test]
fn operations_ask_for_what_the_schema_has() {
    for (text, says) in [
        ("query q { prodct(sku: 1) { sku } }", ["1:11", "`Query` has no field `prodct`"]),
        ("query q { product { sku } }", ["1:11", "`Query.product` needs `sku`, which is not given"]),
        ("query q { product(sku: 1, size: 2) { sku } }", ["1:27", "`Query.product` takes no `size`"]),
        ("query q { product(sku: true) { sku } }", ["1:24", "neither a text nor an integer"]),
        ("query q { product(sku: 1) }", ["1:11", "nothing says which fields"]),
        ("query q { total { a } }", ["1:11", "has no fields"]),
        ("query q($a: ID) { product(sku: $a) { sku } }", ["1:32", "`$a` is ID"]),
        ("query q($a: ID!, $b: ID) { product(sku: $a) { sku } }", ["1:19", "`$b` is not used"]),
        ("query q { product(sku: $a) { sku } }", ["1:24", "there is no variable `$a`"]),
        ("query q($a: Product) { product(sku: $a) { sku } }", ["1:13", "nobody can give"]),
        ("query q { product(sku: 1) { ...F } }", ["1:32", "there is no fragment `F`"]),
        (
            "query q { product(sku: 1) { ...F } } fragment F on Maker { name }",
            ["1:52", "no `Product` is `Maker`"],
        ),
        ("query q { product(sku: 1) { ...F } } fragment F on Product { ...F }", ["1:65", "a part of itself"]),
        ("query q { total } fragment F on Product { sku }", ["1:28", "no operation uses"]),
        ("query q { total @only }", ["1:18", "no directive `@only`"]),
        ("query q { a: total a: products(first: 1) { sku } }", ["1:20", "`a` as Float and as"]),
        (
            "query q { p: product(sku: 1) { sku } p: product(sku: 2) { sku } }",
            ["1:38", "twice, of different"],
        ),
        (
            "query q { search(text: \"\") { __typename ... on Product { a: name } ... on Maker { a: products { sku } } } }",
            ["1:83", "`a` as String! and as [Product!]!"],
        ),
        (
            "query q { search(text: \"\") { __typename ... on Product { a: maker { b: name } } ... on Maker { a: products { b: sku } } } }",
            ["1:96", "`a` as Maker and as [Product!]!"],
        ),
        ("query q { products(filter: { price: { to: 1 } }) { sku } }", ["1:37", "required `from`"]),
        ("{ total }", ["1:1", "has no name"]),
        ("query q { total } query q { total }", ["1:25", "defined twice"]),
        ("subscription s { ordered { id } }", ["1:14", "not called"]),
        ("query q { total", ["1:16", "expected"]),
        ("fragment F on Product { sku }", ["1:10", "no operation uses"]),
        ("type A { b: Int }", ["1:1", "expected `query`"]),
    ] {
        let said = read(text).unwrap_err();
        assert!(says.iter().all(|part| said.contains(part)), "{text}\n{said}");
    }
}

#[test]
fn what_is_large_or_deep_is_refused_in_time() {
    let deep = format!("query q {{ product(sku: 1) {} sku {} }}", "{ related ".repeat(500), "}".repeat(500));
    assert!(read(&deep).unwrap_err().contains("nested more than"));
    // Each fragment has the next one twice.
    let mut doubling = "query q { product(sku: 1) { ...F0 } }".to_owned();
    for at in 0..40 {
        let next = at + 1;
        doubling += &format!(
            " fragment F{at} on Product {{ related {{ ...F{next} }} maker {{ products {{ ...F{next} }} }} }}"
        );
    }
    doubling += " fragment F40 on Product { sku }";
    assert!(read(&doubling).unwrap_err().contains("more than 10000"));
}
