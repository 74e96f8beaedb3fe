//! GraphQL as a client sees it, over a socket.

mod scalars;

use std::sync::Arc;

use serde_json::{Value, json};
use tenon_ports::operation::Request;

use crate::testing::{Answer, EDITOR, READER, Server, plan, service, tight};

const JSON: (&str, &str) = ("content-type", "application/json");
const STRICT: (&str, &str) = ("accept", "application/graphql-response+json");

async fn post(server: &Server, headers: &[(&str, &str)], body: &Value) -> Answer {
    server.send("POST", "/graphql", &[headers, &[JSON]].concat(), &body.to_string()).await
}

/// The answer to `query`, asked by the reader.
async fn ask(server: &Server, query: &str) -> Value {
    let answer = post(server, &[("x-api-key", READER)], &json!({ "query": query })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn the_schema_follows_from_the_contracts() {
    let server = Server::start().await;
    let schema = server.send("GET", "/graphql/schema.graphql", &[], "").await;
    assert_eq!((schema.status, schema.header("content-type")), (200, "text/plain; charset=utf-8"));
    for part in [
        "  flight(id: String!): Flight\n",
        "  flights(filter: FlightFilter, sort: [FlightSort!], first: Int, after: String): FlightPage\n",
        "  airline(carrier: String!): Airline\n",
        "  createFlight(input: NewFlightInput!): AcceptedFlight\n",
        "  departure: DateTime!\n",
        "  number: Long!\n",
        "  tail_number: String\n",
        "  airline: Airline\n",
        "enum FlightStatus {\n  scheduled\n  departed\n  cancelled\n}",
        "input NewFlightInput {\n  carrier: String!\n  number: Long!\n  distance_km: Float\n  fare: Decimal\n}",
        "enum FlightSort {\n  departure_asc\n  departure_desc\n  id_asc\n  id_desc\n}",
        "scalar DateTime",
    ] {
        assert!(schema.body.contains(part), "{part}\n{}", schema.body);
    }
}

#[tokio::test]
async fn references_of_one_level_are_one_read() {
    let server = Server::start().await;
    let answer = ask(
        &server,
        "{ flights(first: 4) { items { id airline { name } same: airline { carrier } } next } }",
    )
    .await;
    let items = answer["data"]["flights"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    assert_eq!(items[0], json!({ "id": "f1", "airline": { "name": "United" }, "same": { "carrier": "UA" } }));
    assert_eq!(items[1]["airline"]["name"], "American");
    assert!(answer["data"]["flights"]["next"].is_string());
    assert_eq!((server.backend.count("flights"), server.backend.count("airline")), (1, 1));
    let Request::Get(keys) = server.backend.last().request else { panic!("a get") };
    assert_eq!(keys.len(), 2);
}

#[tokio::test]
async fn what_queries_can_say() {
    let server = Server::start().await;
    for (query, data) in [
        ("{ flight(id: \"f1\") { number } }", json!({ "flight": { "number": 1 } })),
        ("{ flight(id: \"nothing\") { number } }", json!({ "flight": null })),
        (
            "{ a: flight(id: \"f1\") { id } b: flight(id: \"f2\") { id } }",
            json!({ "a": { "id": "f1" }, "b": { "id": "f2" } }),
        ),
        (
            "{ flight(id: \"f1\") { ...F ...F } } fragment F on Flight { id carrier }",
            json!({ "flight": { "id": "f1", "carrier": "UA" } }),
        ),
        (
            "{ flight(id: \"f1\") { ... on Flight { id } id number @skip(if: true) carrier @include(if: false) } }",
            json!({ "flight": { "id": "f1" } }),
        ),
        (
            "{ __typename flight(id: \"f1\") { __typename airline { __typename } } }",
            json!({ "__typename": "Query", "flight": { "__typename": "Flight", "airline": { "__typename": "Airline" } } }),
        ),
        (
            "{ flight(id: \"f1\") { airline { name } airline { carrier } } }",
            json!({ "flight": { "airline": { "name": "United", "carrier": "UA" } } }),
        ),
        (
            "{ flights(filter: { carrier: { eq: \"AA\" } }) { __typename items { id } next } }",
            json!({ "flights": { "__typename": "FlightPage", "items": [{ "id": "f2" }, { "id": "f4" }], "next": null } }),
        ),
        (
            "{ __type(name: \"FlightSort\") { kind enumValues { name } } }",
            json!({ "__type": { "kind": "ENUM", "enumValues": [{ "name": "departure_asc" }, { "name": "departure_desc" }, { "name": "id_asc" }, { "name": "id_desc" }] } }),
        ),
        (
            "{ flight(id: \"f1\") { tail_number departure status } }",
            json!({ "flight": { "tail_number": null, "departure": "2013-01-01T00:00:01Z", "status": "scheduled" } }),
        ),
    ] {
        assert_eq!(ask(&server, query).await, json!({ "data": data }), "{query}");
    }
}

#[tokio::test]
async fn variables_and_operation_names() {
    let server = Server::start().await;
    let query = "query One($id: String!, $with: Boolean = false) { flight(id: $id) { id number @include(if: $with) } } query Two { __typename }";
    let body = |operation: &str, variables: Value| json!({ "query": query, "operationName": operation, "variables": variables });
    let key = [("x-api-key", READER), STRICT];
    let answer = post(&server, &key, &body("One", json!({ "id": "f2", "with": true }))).await;
    assert_eq!(answer.json(), json!({ "data": { "flight": { "id": "f2", "number": 2 } } }));
    for (operation, variables) in [("One", json!({})), ("One", json!({ "id": 7 })), ("Three", json!({}))] {
        let answer = post(&server, &key, &body(operation, variables)).await;
        assert_eq!(
            (answer.status, answer.json()["errors"][0]["extensions"]["code"].as_str()),
            (400, Some("A0201"))
        );
        assert!(answer.json().get("data").is_none());
    }
    let order =
        "query($s: [FlightSort!], $f: FlightFilter) { flights(sort: $s, filter: $f) { items { id } } }";
    let variables = json!({ "s": "id_desc", "f": { "number": { "in": [1, 2] } } });
    let answer = post(&server, &key, &json!({ "query": order, "variables": variables })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let Request::List(asked) = server.backend.last().request else { panic!("a list") };
    assert_eq!(
        (asked.sort[0].column.as_str(), asked.sort[0].descending, asked.filters.len()),
        ("id", true, 1)
    );
}

#[tokio::test]
async fn pages_follow_each_other() {
    let server = Server::start().await;
    let first = ask(&server, "{ flights(first: 2, sort: id_asc) { items { id } next } }").await;
    let next = first["data"]["flights"]["next"].as_str().unwrap();
    let second = ask(
        &server,
        &format!("{{ flights(first: 2, sort: id_asc, after: \"{next}\") {{ items {{ id }} }} }}"),
    )
    .await;
    assert_eq!(second["data"]["flights"]["items"], json!([{ "id": "f3" }, { "id": "f4" }]));
    let other = ask(&server, &format!("{{ flights(after: \"{next}\") {{ next }} }}")).await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "A0105");
    assert_eq!(other["errors"][0]["path"], json!(["flights"]));
}

#[tokio::test]
async fn mutations_run_in_order_and_have_ids_of_their_own() {
    let server = Server::start().await;
    let query = "mutation($input: NewFlightInput!) { a: createFlight(input: $input) { id status } b: createFlight(input: { carrier: \"AA\", number: 2, distance_km: null }) { id } }";
    let body = json!({ "query": query, "variables": { "input": { "carrier": "UA", "number": 1 } } });
    let answer = post(&server, &[("x-api-key", EDITOR), ("idempotency-key", "k")], &body).await;
    assert_eq!(
        answer.json(),
        json!({ "data": { "a": { "id": "UA", "status": "scheduled" }, "b": { "id": "AA" } } })
    );
    let ids: Vec<_> =
        server.backend.calls.lock().unwrap().iter().map(|(_, call)| call.id.to_string()).collect();
    assert_eq!(ids, ["api-key:0::6:editor:k", "api-key:0::6:editor:k 1"]);
}

#[tokio::test]
async fn what_fails_is_null_with_an_error() {
    let server = Server::start().await;
    for (key, query, data, path, code) in [
        (
            READER,
            "mutation { createFlight(input: { carrier: \"UA\", number: 1 }) { id } }",
            json!({ "createFlight": null }),
            json!(["createFlight"]),
            "S0003",
        ),
        (
            EDITOR,
            "{ a: flight(id: \"broken\") { id } flight(id: \"f1\") { id } }",
            json!({ "a": null, "flight": { "id": "f1" } }),
            json!(["a"]),
            "Y0102",
        ),
        (EDITOR, "{ flight(id: \"limited\") { id } }", json!({ "flight": null }), json!(["flight"]), "A0110"),
        (EDITOR, "{ flights(first: 5) { next } }", json!({ "flights": null }), json!(["flights"]), "A0104"),
        (EDITOR, "{ flights(first: -7) { next } }", json!({ "flights": null }), json!(["flights"]), "A0104"),
    ] {
        let answer = post(&server, &[("x-api-key", key), STRICT], &json!({ "query": query })).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["data"], &body["errors"][0]["path"]),
            (200, &data, &path),
            "{query}"
        );
        assert_eq!(body["errors"][0]["extensions"]["code"], code);
        let number =
            query.split("first: ").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or_default();
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(number), "{body}");
        assert!(body["errors"][0]["locations"][0]["line"].is_number(), "{body}");
        assert!(!answer.body.contains("secret.db"));
    }
    let anonymous = post(
        &server,
        &[],
        &json!({ "query": "{ flight(id: \"f1\") { id } airline(carrier: \"UA\") { name } }" }),
    )
    .await;
    assert_eq!(anonymous.json()["data"], json!({ "flight": null, "airline": { "name": "United" } }));
    assert_eq!(anonymous.json()["errors"][0]["extensions"]["code"], "S0001");
    let wrong = post(&server, &[("x-api-key", "wrong")], &json!({ "query": "{ __typename }" })).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "S0002"));
}

#[tokio::test]
async fn a_name_that_is_not_in_the_schema_is_answered_with_the_one_that_was_meant() {
    let server = Server::start().await;
    for (query, hint) in [
        ("{ flght(id: \"f1\") { id } }", json!("write `flight`")),
        ("{ flight(id: \"f1\") { carier } }", json!("write `carrier`")),
        ("{ flights(frist: 1) { next } }", json!("write `first`")),
        ("{ zzzzzzzzzzzz }", json!(null)),
    ] {
        let answer = post(&server, &[("x-api-key", READER)], &json!({ "query": query })).await;
        let hints: Vec<_> = answer.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["extensions"].get("hint").cloned().unwrap_or_default())
            .collect();
        assert!(hints.contains(&hint), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_status_depends_on_what_the_client_accepts() {
    let server = Server::start().await;
    for (body, plain, strict) in [
        (json!({ "query": "{ __typename }" }), 200, 200),
        (json!({ "query": "{" }), 200, 400),
        (json!({ "query": "{ nothing }" }), 200, 400),
        (json!({ "query": 1 }), 400, 400),
        (json!({ "query": "{ __typename }", "variables": [] }), 400, 400),
        (json!({ "query": "{ __typename }", "extensions": 1 }), 400, 400),
        (json!({ "query": "{ __typename }", "operationName": {} }), 400, 400),
        (json!({}), 400, 400),
        (json!([]), 400, 400),
    ] {
        let lenient = post(&server, &[], &body).await;
        assert_eq!((lenient.status, lenient.header("content-type")), (plain, "application/json"), "{body}");
        let answer = post(&server, &[STRICT], &body).await;
        assert_eq!(answer.status, strict, "{body}");
        assert_eq!(answer.header("content-type"), "application/graphql-response+json");
        assert_eq!(answer.json()["errors"].is_array(), strict == 400);
    }
    let get = server.send("GET", "/graphql?query=%7B__typename%7D&variables=%7B%7D", &[], "").await;
    assert_eq!((get.status, get.json()), (200, json!({ "data": { "__typename": "Query" } })));
    let mutation = "/graphql?query=mutation%7B__typename%7D";
    let refused = server.send("GET", mutation, &[], "").await;
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
    let text = server.send("POST", "/graphql", &[("content-type", "text/plain")], "{ __typename }").await;
    assert_eq!((text.status, text.code().as_str()), (415, "A0107"));
    assert_eq!(server.send("PUT", "/graphql", &[], "").await.header("allow"), "GET, HEAD, POST, OPTIONS");
}

#[tokio::test]
async fn excess_is_refused_before_anything_is_read() {
    let server = Server::start().await;
    let many = |count: usize, field: &str| (0..count).map(|n| format!("a{n}: {field} ")).collect::<String>();
    let aliases = format!("{{ flight(id: \"f1\") {{ {} }} }}", many(3000, "id"));
    let roots = format!("{{ {} }}", many(51, "flight(id: \"f1\") { id }"));
    let costly = format!("{{ flights(first: 40) {{ items {{ {} }} }} }}", many(600, "airline { name }"));
    let fragments =
        (0..20).map(|n| format!("fragment F{n} on Flight {{ a: id ...F{} }} ", n + 1)).collect::<String>();
    let spread = format!(
        "{{ {} }} {fragments} fragment F20 on Flight {{ id }}",
        many(45, "flights { items { ...F0 } x: items { ...F0 } y: items { ...F0 } }")
    );
    let nested = format!("{}{}", "{ a ".repeat(5000), "}".repeat(5000));
    let introspection = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    let within = "{ __schema { types { fields { type { fields { type { name } } } } } } }";
    let twice =
        format!("{{ __schema {{ {} }} }}", many(400, "types { fields { type { fields { name } } } }"));
    for query in [&aliases, &roots, &costly, &spread, &nested, introspection, &twice, &" ".repeat(70_000)] {
        let answer = post(&server, &[("x-api-key", READER), STRICT], &json!({ "query": query })).await;
        assert_eq!(answer.status, 400, "{} {answer:?}", &query[..60]);
        assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "A0201");
    }
    assert!(server.backend.calls.lock().unwrap().is_empty());
    assert!(ask(&server, within).await["data"]["__schema"]["types"].is_array());
}

#[tokio::test]
async fn a_condition_that_is_null_is_an_error_and_one_that_is_absent_none() {
    let server = Server::start().await;
    let flights = |filter: &str| {
        let known = [("$x", "String"), ("$f", "FlightFilter"), ("$c", "StringFilter")];
        let used = known.iter().filter(|(name, _)| filter.contains(name));
        let used: Vec<_> = used.map(|(name, of)| format!("{name}: {of}")).collect();
        let variables = if used.is_empty() { String::new() } else { format!("({})", used.join(", ")) };
        format!("query{variables} {{ flights(filter: {filter}) {{ items {{ id }} }} }}")
    };
    for (filter, variables) in [
        ("{ carrier: { in: null } }", json!({})),
        ("{ carrier: { eq: null } }", json!({})),
        ("{ carrier: { ne: null } }", json!({})),
        ("{ carrier: { eq: $x } }", json!({ "x": null })),
        ("{ carrier: null }", json!({})),
        ("{ carrier: $c }", json!({ "c": null })),
        ("{ carrier: $c }", json!({ "c": { "in": null } })),
        ("$f", json!({ "f": { "carrier": { "lt": null } } })),
        ("$f", json!({ "f": { "carrier": null } })),
        ("$f", json!({ "f": null })),
        ("null", json!({})),
        ("{ carrier: { null: null } }", json!({})),
    ] {
        let body = json!({ "query": flights(filter), "variables": variables });
        let answer = post(&server, &[("x-api-key", READER)], &body).await.json();
        assert_eq!(answer["data"], json!({ "flights": null }), "{filter}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "A0104", "{filter}");
    }
    for filter in ["$f", "{ carrier: $c }", "{ carrier: { eq: $x } }", "{}"] {
        let answer = post(&server, &[("x-api-key", READER)], &json!({ "query": flights(filter) })).await;
        assert_eq!(answer.json()["data"]["flights"]["items"].as_array().map(Vec::len), Some(2), "{filter}");
    }
}

#[tokio::test]
async fn a_field_that_is_given_twice_is_refused() {
    let server = Server::start().await;
    let send = async |body: &str| server.send("POST", "/graphql", &[("x-api-key", EDITOR), JSON], body).await;
    let query = r#""query": "mutation($i: NewFlightInput!) { createFlight(input: $i) { id } }""#;
    for body in [
        r#"{ "query": "{ __typename }", "query": "{ __typename }" }"#.to_owned(),
        format!(r#"{{ {query}, "variables": {{ "i": {{ "carrier": "UA", "number": 1, "number": 2 }} }} }}"#),
        format!(r#"{{ {query}, "variables": {{ "i": 1, "i": {{ "carrier": "UA", "number": 1 }} }} }}"#),
    ] {
        let answer = send(&body).await;
        assert_eq!(
            (answer.status, answer.json()["errors"][0]["extensions"]["code"].as_str()),
            (400, Some("D0102")),
            "{body}"
        );
    }
    let twice = server.send("GET", "/graphql?query=%7B__typename%7D&query=%7B__typename%7D", &[], "").await;
    assert_eq!(
        (twice.status, twice.json()["errors"][0]["extensions"]["code"].as_str()),
        (400, Some("A0201"))
    );
    assert!(server.backend.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn numbers_reach_operations_with_all_their_digits() {
    let server = Server::start().await;
    let sent = async |body: Value| {
        let answer = post(&server, &[("x-api-key", EDITOR)], &body).await;
        assert!(answer.json().get("errors").is_none(), "{answer:?}");
        let Request::Send(message) = server.backend.last().request else { panic!("a message") };
        tenon_contracts::json::to_string(message.get("fare").unwrap())
    };
    for fare in ["12345678901234567.89", "1.10", "100000000000000000000000000000.01", "0.00", "7"] {
        let literal = format!(
            "mutation {{ createFlight(input: {{ carrier: \"UA\", number: 1, fare: {fare} }}) {{ id }} }}"
        );
        assert_eq!(sent(json!({ "query": literal })).await, fare);
        let default = format!(
            "mutation($f: Decimal = {fare}) {{ createFlight(input: {{ carrier: \"UA\", number: 1, fare: $f }}) {{ id }} }}"
        );
        assert_eq!(sent(json!({ "query": default })).await, fare);
        let body = format!(
            r#"{{ "query": "mutation($i: NewFlightInput!) {{ createFlight(input: $i) {{ id }} }}", "variables": {{ "i": {{ "carrier": "UA", "number": 1, "fare": {fare} }} }} }}"#
        );
        let answer = server.send("POST", "/graphql", &[("x-api-key", EDITOR), JSON], &body).await;
        assert!(answer.json().get("errors").is_none(), "{answer:?}");
        let Request::Send(message) = server.backend.last().request else { panic!("a message") };
        assert_eq!(tenon_contracts::json::to_string(message.get("fare").unwrap()), fare);
    }
}

#[tokio::test]
async fn an_answer_is_no_larger_than_the_plan_says() {
    let server = Server::start().await;
    let mut small = plan(tenon_plan::Limits::default());
    let mut api = Arc::into_inner(small.apis.remove(0)).unwrap();
    api.graphql.as_mut().unwrap().max_answer = 2_000;
    small.apis.push(Arc::new(api));
    server.services.store(Arc::new(service(&small, &server.backend, Vec::new())));
    let many = |count: usize| {
        let fields: String = (0..count).map(|n| format!("a{n}: departure ")).collect();
        format!("{{ flights(first: 4) {{ items {{ {fields} }} }} }}")
    };
    assert_eq!(ask(&server, &many(10)).await["data"]["flights"]["items"].as_array().map(Vec::len), Some(4));
    let refused = ask(&server, &many(40)).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "A0202");
    assert!(refused.get("data").is_none());
    let introspection = ask(&server, "{ __schema { types { name fields { name } } } }").await;
    assert_eq!(introspection["errors"][0]["extensions"]["code"], "A0202");
    let rows: String = (0..40).map(|n| format!("r{n}: flights(first: 4) {{ next }} ")).collect();
    let refused = ask(&server, &format!("{{ {rows} }}")).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "A0202");
    assert!(server.backend.count("flights") < 30, "the rest was not read");
}

#[tokio::test]
async fn a_selection_may_be_as_deep_as_the_plan_says() {
    let server = Server::start().await;
    let mut shallow = plan(tight());
    let mut api = Arc::into_inner(shallow.apis.remove(0)).unwrap();
    api.graphql.as_mut().unwrap().max_depth = 3;
    shallow.apis.push(Arc::new(api));
    server.services.store(Arc::new(service(&shallow, &server.backend, Vec::new())));
    ask(&server, "{ flight(id: \"f1\") { airline { name } } }").await;
    let deep = ask(&server, "{ flights { items { airline { name } } } }").await;
    assert_eq!(deep["errors"][0]["message"], "the selection is deeper than 3");
}

#[tokio::test]
async fn a_variable_of_another_type_is_named_wherever_it_stands() {
    let server = Server::start().await;
    let expected = "Variable \"$x\" of type \"Int\" used in position expecting type \"Long\".";
    let query = "query($x: Int) { flights(filter: { number: { eq: $x } }) { next } }";
    assert_eq!(ask(&server, query).await["errors"][0]["message"], expected);
    let list = "query($x: Int) { flights(filter: { number: { in: [$x] } }) { next } }";
    let message = ask(&server, list).await["errors"][0]["message"].clone();
    assert!(message.as_str().unwrap().starts_with("Variable \"$x\" of type \"Int\" used in"), "{message}");
}

#[tokio::test]
async fn an_api_that_does_not_tell_its_schema_names_nothing_of_it() {
    let server = Server::start().await;
    let mut silent = plan(tight());
    let mut api = Arc::into_inner(silent.apis.remove(0)).unwrap();
    api.graphql.as_mut().unwrap().introspection = false;
    silent.apis.push(Arc::new(api));
    server.services.store(Arc::new(service(&silent, &server.backend, Vec::new())));
    for (query, variables) in [
        ("{ fligths { next } }", json!({})),
        ("{ flight(idd: \"a\") { carier } }", json!({})),
        ("{ flight { id } }", json!({})),
        ("{ flights }", json!({})),
        ("{ flights { next { x } } }", json!({})),
        ("{ flights(sort: departur_asc) { next } }", json!({})),
        ("{ flights(filter: { number: { eq: \"a\" }, carier: {} }) { next } }", json!({})),
        ("query($x: Int) { flights(filter: { number: { eq: $x } }) { next } }", json!({})),
        ("query($x: Int) { flight(id: $x) { id } }", json!({ "x": 1 })),
        ("mutation { createFlight(input: {}) { id } }", json!({})),
        ("mutation($x: NewFlightInput!) { createFlight(input: $x) { id } }", json!({ "x": { "a": 1 } })),
        ("mutation($x: NewFlightInput!) { createFlight(input: $x) { id } }", json!({ "x": {} })),
        (
            "mutation($x: NewFlightInput!) { createFlight(input: $x) { id } }",
            json!({ "x": { "carrier": [] } }),
        ),
    ] {
        let body = json!({ "query": query, "variables": variables });
        let errors = post(&server, &[("x-api-key", EDITOR)], &body).await.json()["errors"].clone();
        assert!(errors[0]["message"].is_string(), "{query}: {errors}");
        let names = "Query Mutation Flight FlightPage FlightFilter FlightSort Long LongFilter String NewFlightInput \
            flights flight id carrier number distance_km departure departure_asc items next";
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
        };
        let sent = words(&body.to_string());
        for error in errors.as_array().unwrap() {
            let said = words(&format!("{} {}", error["message"], error["extensions"]["hint"]));
            for name in names.split_whitespace().filter(|name| !sent.iter().any(|word| word == name)) {
                assert!(!said.iter().any(|word| word == name), "{query}: {error} names {name}");
            }
        }
    }
}
