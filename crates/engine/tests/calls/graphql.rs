//! Systems of GraphQL: what is asked, and what becomes of answers and errors.

use crate::{
    server::{Asked, Reply, Server},
    shop::Shop,
};

const GET: &str = "call: { operation: crm.customer, fields: { id: order.customer }, as: answer }";
const SUBMIT: &str = "call: { operation: crm.submit, fields: { id: order.id }, as: answer }";

/// Answers by the operation that is asked for.
fn named(asked: &Asked) -> Reply {
    let asked: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let (name, id) = (asked["operationName"].as_str().unwrap(), &asked["variables"]["id"]);
    let data = serde_json::json!({ "data": { name: { "id": id, "name": format!("{name} {}", id.as_str().unwrap()) } } });
    Reply::Of(200, "application/graphql-response+json", data.to_string())
}

fn errors(code: &str, data: &str) -> Reply {
    let error = format!("{{\"message\":\"it is so\",\"extensions\":{{\"code\":\"{code}\"}}}}");
    Reply::json(200, &format!("{{\"errors\":[{error}]{data}}}"))
}

#[tokio::test]
async fn operations_are_asked_for_with_their_variables() {
    let server = Server::start(named).await;
    let shop = Shop::of_graphql(
        &server,
        "",
        &GET.replace("as: answer }", "as: answer }\n      - filter: answer != null"),
        &["1,ann"],
    );
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 customer ann".to_owned()], 0));
    let asked = server.asked().remove(0);
    assert_eq!(asked.line, "POST /graphql?client=1");
    assert_eq!(asked.header("accept"), Some("application/graphql-response+json, application/json;q=0.9"));
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body["query"], "query customer($id: ID!) { customer(id: $id) { id name } }");
    assert_eq!(body["variables"], serde_json::json!({ "id": "ann" }));
}

#[tokio::test]
async fn errors_are_what_the_project_says_of_them() {
    let given = |failures: &str| SUBMIT.replace(", as:", &format!(", failures: {{ {failures} }}, as:"));
    for (reply, rule, expected) in [
        (errors("NOT_FOUND", ""), SUBMIT.to_owned(), "Y0422"),
        (errors("BAD_USER_INPUT", ""), SUBMIT.to_owned(), "Y0421"),
        // What acts had begun.
        (errors("INTERNAL_SERVER_ERROR", ",\"data\":null"), SUBMIT.to_owned(), "Y0425"),
        (
            errors("OUT_OF_STOCK", ""),
            given("OUT_OF_STOCK: { reject: conflict, message: failure.detail }"),
            "F0043",
        ),
        (errors("OTHER", ""), given("errors: { reject: refused }"), "F0040"),
        (Reply::json(200, "{\"data\":{\"submit\":{\"id\":\"1\"}}}"), SUBMIT.to_owned(), "Y0420"),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let (rows, letters) = Shop::of_graphql(&server, "", &rule, &["1,ann"]).run().await;
        let codes: Vec<_> = letters.iter().map(|letter| letter.code.as_str()).collect();
        assert_eq!((rows.len(), codes), (0, vec![expected]), "{rule} {letters:?}");
        assert_eq!(server.asked().len(), 1);
    }
}
