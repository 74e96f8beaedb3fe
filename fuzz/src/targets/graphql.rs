//! Operations of GraphQL that are called, and the answers to them.

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_contracts::{
    format::{Answer, Exchange, Incoming, NoFiles, Source},
    graphql::{self, Requests},
};
use tenon_errors::Reports;

use super::{asked::asked, outcome, outcome_of_all};
use crate::{Target, seeds};

pub(super) const REQUESTS: Target = Target { name: "graphql-requests", seeds: of_requests, run: requests };
pub(super) const ANSWERS: Target = Target { name: "graphql-answers", seeds: of_answers, run: answers };

const SCHEMA: &str = "type Query { product(sku: ID!, at: DateTime): Product products(filter: Filter = { inStock: true }, first: Int! = 10): [Product!]! search(text: String!): [Found!]! node(id: ID!): Node }
type Mutation { order(input: OrderInput!): Order! }
type Subscription { ordered: Order! }
scalar DateTime
directive @cached(for: Int) on FIELD
input Filter { inStock: Boolean, price: Range, tags: [String!] }
input Range { from: Float!, to: Float }
input OrderInput @oneOf { sku: ID, lines: [ID!] }
enum Unit { PIECE BOX }
interface Node { id: ID! }
type Product implements Node { id: ID! sku: ID! name: String! unit: Unit price(currency: String!): Float maker: Maker related: [Product!] }
type Maker { name: String! products: [Product!]! }
type Order implements Node { id: ID! number: Int! }
union Found = Product | Maker
";

fn read(documents: Option<&str>) -> Result<Requests, Reports> {
    let source = |file, text| Source { file, text, files: &NoFiles };
    let documents = documents.map(|text| source("operations.graphql", text));
    graphql::requests(&source("shop.graphql", SCHEMA), documents.as_ref())
}

fn of_requests() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "query q($sku: ID!, $deep: Boolean = false) { it: product(sku: $sku) { __typename ...Named maker @include(if: $deep) { name } } } fragment Named on Product { name unit }",
        "query s($t: String!) { search(text: $t) { __typename ... on Product { sku related { sku } } ... on Maker { name } } }",
        "query n { node(id: 7) { id ... on Order { number } __typename } products(filter: { price: { from: 1.5 }, tags: [\"a\"] }, first: 3) { sku @cached(for: 3) } }",
        "mutation m($in: OrderInput!) { order(input: $in) { id } a: order(input: { sku: \"a\" }) { id number } }",
        "{ node(id: 1) { id } }",
        "fragment A on Node { id ...B } fragment B on Node { ...A }",
        "query q { products { ... { sku } price(currency: \"EUR\") } }",
    ])
}

/// What is accepted can be asked for, and asks what it was given.
fn requests(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let read = read(Some(text));
    if let Ok(read) = &read {
        for position in 0..read.operations.len() {
            let exchange =
                read.exchanges.exchange(position).expect("it has been checked").expect("it can be asked for");
            asked(
                &*exchange,
                exchange.answering().expect("it has both sides"),
                b"{\"variables\":{\"sku\":\"a\"}}",
            );
        }
    }
    outcome_of_all(&read)
}

static EXCHANGES: LazyLock<Vec<Arc<dyn Exchange>>> = LazyLock::new(|| {
    let read = read(None).expect("the schema is read");
    let made = (0..read.operations.len()).map(|at| read.exchanges.exchange(at).expect("it can be called"));
    made.flatten().collect()
});

const MEDIA_TYPES: [&str; 3] =
    ["application/json; charset=utf-8", "application/graphql-response+json", "text/html"];

fn of_answers() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"data":{"product":{"id":"1","sku":"a","name":"Cup","unit":"BOX","maker":{"name":"M"}}}}"#,
        r#"{"data":{"product":null},"errors":[{"message":"no","extensions":{"code":"NOT_FOUND"}}]}"#,
        r#"{"data":{"search":[{"__typename":"Maker","name":"M"},{"__typename":"Product","id":"1","sku":"a","name":"b","unit":null,"maker":null}]}}"#,
        r#"{"data":{"node":{"__typename":"Order","id":"1","number":7}}}"#,
        r#"{"errors":[{"message":"no"}]}"#,
        r#"{"variables":{"sku":"a","at":"2026-12-01T00:00:00Z"}}"#,
        r#"{"variables":{"input":{"sku":"a"}}}"#,
        "{}",
    ];
    let firsts = (0..5_u8).flat_map(|exchange| [exchange, exchange + 40]);
    firsts
        .flat_map(|first| seeds::texts(&texts).into_iter().map(move |text| [&[first], &text[..]].concat()))
        .collect()
}

/// The first byte chooses the operation, the status, and what the reply says that it is.
fn answers(bytes: &[u8]) -> u64 {
    let Some((first, body)) = bytes.split_first() else { return 2 };
    let first = usize::from(*first);
    let exchange = &EXCHANGES[first % EXCHANGES.len()];
    let answering = exchange.answering().expect("it has both sides");
    let media_type = HeaderValue::from_static(MEDIA_TYPES[(first / 40) % 3]);
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, media_type)]);
    let status = if first < 160 { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let answer = exchange.answer(&Incoming { status, headers: &headers, body, trailers: &HeaderMap::new() });
    if let Ok(Answer::Done(value)) = &answer {
        let again = answering.done(value).expect("what was read is written");
        assert_eq!(exchange.answer(&again.incoming()).expect("and read"), Answer::Done(value.clone()));
    }
    if let Ok(Answer::Failed(refusal)) = &answer {
        assert!(exchange.may_refuse_as(&refusal.name), "{}", refusal.name);
    }
    outcome(&answer) ^ asked(&**exchange, answering, body)
}
