//! Descriptions that are made to harm.

use super::{refused, tried};

fn with_schemas(schemas: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{ title: a, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

#[test]
fn references_that_lead_in_circles_are_refused() {
    let found = refused(
        r##"openapi: 3.1.0
info: { title: a, version: "1" }
paths: { /a: { get: { parameters: [ { $ref: "#/components/parameters/a" } ], responses: {} } } }
components:
  parameters: { a: { $ref: "#/components/parameters/b" }, b: { $ref: "#/components/parameters/a" } }
  schemas: { a: { $ref: "#/components/schemas/b" }, b: { $ref: "#/components/schemas/a" } }
"##,
    );
    assert_eq!(found.len(), 2, "{found:?}");
    let places: Vec<_> = found.iter().map(|(code, line, _)| (*code, *line)).collect();
    assert_eq!(places, [("C0001", 5), ("C0001", 6)], "{found:?}");
}

#[test]
fn nothing_is_fetched_from_the_network() {
    let text = r##"openapi: 3.1.0
info: { title: a, version: "1" }
paths: { /a: { $ref: "https://example.com/paths.yaml#/a" }, /b: { $ref: "../../etc/passwd" } }
components: { schemas: { A: { $ref: "https://example.com/a.json" } } }
"##;
    let reports = tried(text, &[]).unwrap_err();
    assert_eq!(reports.len(), 3, "{reports:?}");
    let codes: Vec<_> = reports.iter().map(|report| report.code().id).collect();
    assert_eq!(codes, ["C0001", "C0001", "C0002"]);
    let first = reports.iter().next().unwrap();
    assert!(first.advice().is_some_and(|advice| advice.contains("nothing is fetched")), "{first:?}");
}

#[test]
fn too_deep_and_too_large_texts_are_refused_at_once() {
    let deep = format!("openapi: 3.1.0\nx: {}", "[".repeat(100_000));
    // The parser of YAML has a bound of its own.
    assert_eq!(refused(&deep)[0].0, "P0003");
    let large = format!("openapi: 3.1.0\nx: {}", "a".repeat(50 << 20));
    assert_eq!(refused(&large)[0].0, "P0107");
}

#[test]
fn keys_that_appear_twice_are_refused() {
    assert_eq!(refused("openapi: 3.1.0\nopenapi: 3.0.0\n")[0].0, "P0004");
}

#[test]
fn types_that_double_at_each_level_stay_small() {
    // Written out, the last would have two to the power of forty parts.
    let mut schemas = String::from("    T0: { type: object, properties: { a: { type: string } } }\n");
    for level in 1..40 {
        let below = level - 1;
        schemas.push_str(&format!(
            "    T{level}: {{ type: object, properties: {{ a: {{ $ref: '#/components/schemas/T{below}' }}, b: {{ $ref: '#/components/schemas/T{below}' }} }} }}\n"
        ));
    }
    assert_eq!(tried(&with_schemas(&schemas), &[]).unwrap().types.len(), 40);
}

#[test]
fn callbacks_in_callbacks_come_to_an_end() {
    let text = r##"openapi: 3.1.0
info: { title: a, version: "1" }
paths: { /a: { $ref: "#/components/pathItems/a" } }
components:
  pathItems:
    a: { post: { responses: {}, callbacks: { again: { "{$url}": { $ref: "#/components/pathItems/a" } } } } }
"##;
    let description = tried(text, &[]).unwrap();
    assert!(description.notes.iter().any(|note| note.message().contains("callbacks of callbacks")));
}

#[test]
fn versions_that_are_not_known_are_refused() {
    for version in ["openapi: 4.0.0", "swagger: '1.2'", "openapi: { a: 1 }", "openapi: 3.10.0"] {
        let found = refused(&format!("{version}\ninfo: {{ title: a, version: '1' }}\npaths: {{}}\n"));
        assert_eq!(found[0].0, "C0002", "{version}: {found:?}");
    }
}

#[test]
fn wrong_kinds_are_reported_and_nothing_panics() {
    let valid = r##"{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"/a/{b}":{"get":{"operationId":"x","tags":["t"],"parameters":[{"name":"b","in":"path","required":true,"schema":{"type":"string"}}],"requestBody":{"content":{"application/json":{"schema":{"type":"object"},"encoding":{"a":{"contentType":"x"}}}}},"responses":{"200":{"description":"ok","headers":{"H":{"schema":{}}},"content":{"application/json":{}},"links":{"l":{"operationId":"x"}}}},"callbacks":{"c":{"{$u}":{}}},"security":[{"s":[]}],"servers":[{"url":"/"}]}}},"components":{"schemas":{"A":{"type":"object"}},"securitySchemes":{"s":{"type":"http","scheme":"basic"}}}}"##;
    // Every value is replaced by one of another kind.
    let mut count = 0;
    for (at, _) in valid.match_indices(':') {
        let rest = &valid[at + 1..];
        let end = match rest.as_bytes()[0] {
            b'"' => rest[1..].find('"').map(|end| end + 2),
            b'[' | b'{' => (1..=rest.len()).find(|end| {
                let part = &rest[..*end];
                part.matches(['[', '{']).count() == part.matches([']', '}']).count()
            }),
            _ => None,
        };
        let Some(end) = end.filter(|_| !valid[..at].ends_with("https")) else { continue };
        for other in ["null", "7", "[]", "{}", "\"a\"", "[[]]", "{\"$ref\":7}", "{\"$ref\":\"#\"}"] {
            let text = format!("{}{other}{}", &valid[..=at], &rest[end..]);
            let _ = tried(&text, &[]);
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
    assert!(tried(valid, &[]).is_ok());
}
