//! What literals and variables may stand where a scalar is expected (GraphQL, section 3.5).

use super::*;

/// What is wrong with this query and these variables: nothing, or the message and the place of the first error.
async fn refused(server: &Server, query: &str, variables: &str) -> Option<(String, String)> {
    let body = format!("{{\"query\":{},\"variables\":{variables}}}", json!(query));
    let answer = server.send("POST", "/graphql", &[("x-api-key", EDITOR), JSON], &body).await.json();
    let error = answer.get("errors")?[0].clone();
    let code = error["extensions"]["code"].as_str().unwrap();
    assert_eq!(code, "A0201", "{query} {variables}: {error}");
    assert!(answer.get("data").is_none(), "nothing was done: {query}");
    let place = match &error["locations"][0] {
        Value::Null => String::new(),
        place => format!("{}:{}", place["line"], place["column"]),
    };
    Some((error["message"].as_str().unwrap().to_owned(), place))
}

/// A literal at this place of a query.
fn at(place: &str, value: &str) -> String {
    match place {
        "Long" => format!("{{ flights(filter: {{ number: {{ eq: {value} }} }}) {{ next }} }}"),
        "[Long]" => format!("{{ flights(filter: {{ number: {{ in: {value} }} }}) {{ next }} }}"),
        "Int" => format!("{{ flights(first: {value}) {{ next }} }}"),
        "String" => format!("{{ flight(id: {value}) {{ id }} }}"),
        "Boolean" => format!("{{ flights {{ next @skip(if: {value}) __typename }} }}"),
        "FlightSort" => format!("{{ flights(sort: {value}) {{ next }} }}"),
        "Decimal" => new_flight(&format!("fare: {value}")),
        "Float" => new_flight(&format!("distance_km: {value}")),
        "input" => new_flight(value),
        other => panic!("{other}"),
    }
}

fn new_flight(field: &str) -> String {
    let number = if field.contains("number") { "" } else { ", number: 1" };
    format!("mutation {{ createFlight(input: {{ carrier: \"UA\"{number}, {field} }}) {{ id }} }}")
}

#[tokio::test]
async fn a_literal_is_what_it_is_written_as() {
    let server = Server::start().await;
    for (place, taken, refused_ones) in [
        ("Int", &["1", "null"][..], &["1.0", "1e0", "\"1\"", "true", "[1]", "a"][..]),
        ("Long", &["1", "-1"], &["1.0", "1e0", "\"1\"", "true", "[1]", "a", "{}"]),
        ("[Long]", &["1", "[1, 2]", "[]"], &["1e0", "[1, 2.0]", "[\"1\"]"]),
        ("Decimal", &["1", "1.0", "1e0", "null"], &["\"1\"", "true", "[1]", "a"]),
        ("Float", &["1", "1.0", "1e0"], &["\"1\"", "true", "[1]"]),
        ("String", &["\"f1\"", "\"\"\"f1\"\"\""], &["f1", "1", "true"]),
        ("Boolean", &["true", "false"], &["\"true\"", "1", "yes"]),
        ("FlightSort", &["id_asc", "[id_asc]"], &["\"id_asc\"", "1", "id"]),
        ("input", &["number: 7"], &["number: 7.0", "number: \"7\"", "number: 7e0"]),
    ] {
        for value in taken {
            assert_eq!(refused(&server, &at(place, value), "{}").await, None, "{place}: {value}");
        }
        for value in refused_ones {
            assert!(refused(&server, &at(place, value), "{}").await.is_some(), "{place}: {value}");
        }
    }
    let told = refused(&server, "query {\n flights(filter: { number: { eq: 1e0 } }) { next } }", "{}").await;
    assert_eq!(told, Some(("expected an integer, found the number 1e0".into(), "2:34".into())));
    // Wherever it stands in the document.
    for query in [
        "query($x: Long = 1.0) { flights(filter: { number: { eq: $x } }) { next } }",
        "{ ...f } fragment f on Query { flights(filter: { number: { eq: 1.0 } }) { next } }",
        "{ ... @skip(if: true) { flights(filter: { number: { eq: 1.0 } }) { next } } __typename }",
    ] {
        let told = refused(&server, query, "{}").await.unwrap();
        assert_eq!(told.0, "expected an integer, found the number 1.0", "{query}");
    }
}

#[tokio::test]
async fn a_variable_is_what_json_has() {
    let server = Server::start().await;
    for (ty, taken, refused_ones) in [
        ("Int", &["1", "1.0", "1e0", "null"][..], &["1.5", "\"1\"", "true", "[1]", "3e9"][..]),
        ("Long", &["1", "1.0", "10e-1", "9007199254740993"], &["1.5", "\"1\"", "true", "[1]", "{}"]),
        ("[Long!]", &["1", "[1, 2.0]"], &["[1.5]", "[\"1\"]"]),
        ("Decimal", &["1", "1.0", "1e0", "12345678901234567.89"], &["\"1\"", "true", "[1]"]),
        ("Float", &["1", "1.0", "1.5"], &["\"1\"", "true"]),
        ("String", &["\"f1\""], &["1", "true"]),
        ("Boolean", &["true"], &["\"true\"", "1"]),
        ("[FlightSort!]", &["\"id_asc\""], &["1", "\"id\""]),
    ] {
        let place = match ty {
            "[Long!]" => "[Long]",
            "[FlightSort!]" => "FlightSort",
            ty => ty,
        };
        let query = at(place, "$x");
        let mark = if matches!(ty, "String" | "Boolean") { "!" } else { "" };
        let declared = match query.strip_prefix("mutation") {
            Some(rest) => format!("mutation($x: {ty}){rest}"),
            None => format!("query($x: {ty}{mark}) {query}"),
        };
        for value in taken {
            let told = refused(&server, &declared, &format!("{{\"x\":{value}}}")).await;
            assert!(told.is_none() || *value == "null", "{ty}: {value}: {told:?}");
        }
        for value in refused_ones {
            let told = refused(&server, &declared, &format!("{{\"x\":{value}}}")).await;
            assert!(told.is_some(), "{ty}: {value}");
        }
    }
    let query = "mutation($i: NewFlightInput!) { createFlight(input: $i) { id } }";
    let told = refused(&server, query, r#"{"i":{"carrier":"UA","number":"7"}}"#).await;
    assert_eq!(told.unwrap().0, "variable `$i` at `/number`: expected an integer, found text");
    assert_eq!(refused(&server, query, r#"{"i":{"carrier":"UA","number":7.0}}"#).await, None);
    let Request::Send(message) = server.backend.last().request else { panic!("a message") };
    assert_eq!(message.get("number"), Some(&tenon_model::Value::Int(7)));
    // What asks for no more than two rows gets no more, however the two is written.
    let first = "query($n: Int) { flights(first: $n) { items { id } } }";
    let body = format!("{{\"query\":{},\"variables\":{{\"n\":1.0}}}}", json!(first));
    let answer = server.send("POST", "/graphql", &[("x-api-key", EDITOR), JSON], &body).await.json();
    assert_eq!(answer["data"]["flights"]["items"].as_array().map(Vec::len), Some(1));
}
