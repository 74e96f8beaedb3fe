//! What depends on a mistake is not reported again: one slip in a large project is one report.

use crate::support;

/// One slip in the flights project, and the one code that it gives.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    ("tenon.yaml", "sqlite://flights.db", "mysql://flights", "Y0002"),
    ("tenon.yaml", "${BROKER_URL:embedded}", "${BROKER_URL}", "P0203"),
    ("tenon.yaml", "files: { files: { folder: data } }", "files: { files: { folder: dta } }", "Y0302"),
    (
        "tenon.yaml",
        "airports: { in: db, contract: airport, key: code }",
        "airports: { in: bus, contract: airport, key: code }",
        "P0202",
    ),
    (
        "tenon.yaml",
        "airports: { in: db, contract: airport, key: code }",
        "airports: { in: db, contract: airprt, key: code }",
        "P0201",
    ),
    (
        "tenon.yaml",
        "airports: { in: db, contract: airport, key: code }",
        "airports: { in: db, contract: airport, key: timezone }",
        "C0101",
    ),
    (
        "tenon.yaml",
        "airports: { in: db, contract: airport, key: code }",
        "airports: { in: db, contract: airport }",
        "P0102",
    ),
    (
        "tenon.yaml",
        "contract: flight, key: flight.id, keep",
        "contract: flight, key: flight.idd, keep",
        "M0003",
    ),
    (
        "tenon.yaml",
        "contract: flight, key: flight.id, keep",
        "contract: flight@9, key: flight.id, keep",
        "C0003",
    ),
    ("tenon.yaml", "input: new-flight", "input: new-flihgt", "P0201"),
    ("tenon.yaml", "output: accepted-flight", "output: accepted-fligth", "P0201"),
    ("tenon.yaml", "flow: create-flight", "flow: creat-flight", "P0201"),
    ("tenon.yaml", "expose: { rest: /v1,", "expose: { rest: v1,", "A0003"),
    ("tenon.yaml", "jwks: keys/jwks.json", "jwks: keys/jwk.json", "P0002"),
    ("tenon.yaml", "by: [origin, weather_hour]", "by: [origin, hour]", "P0201"),
    (
        "flows.yaml",
        "lookup: { table: airlines, key: flight_row.carrier",
        "lookup: { table: airlnes, key: flight_row.carrier",
        "P0201",
    ),
    ("flows.yaml", "as: weather, missing: none", "as: weather, missing: nothing", "P0104"),
    (
        "flows.yaml",
        "departure: flight_row.time_hour + duration",
        "departure: flight_row.time_hours + duration",
        "M0003",
    ),
    ("flows.yaml", "          to: flight\n", "          to: flihgt\n", "P0201"),
    ("flows.yaml", "    from: flights\n", "    from: flihgts\n", "P0201"),
    ("flows.yaml", "      - upsert: airlines\n", "      - upsrt: airlines\n", "P0101"),
    ("flows.yaml", "into: delays", "into: delay", "P0201"),
    ("flows.yaml", "contract: flight-row, absent", "contract: flight-rwo, absent", "P0201"),
    ("flows.yaml", "    after: [load-airlines,", "    after: [load-airline,", "P0201"),
    ("contracts/flight/1.json", "\"type\": \"object\"", "\"type\": \"objekt\"", "C0001"),
    ("contracts/airport/1.json", "\"properties\": {", "\"properties\": ", "P0003"),
];

#[test]
fn one_slip_is_one_report() {
    let mut wrong = Vec::new();
    for (file, from, to, code) in SLIPS {
        let mut files = support::files(&support::examples().join("flights"));
        let (_, content) = files.iter_mut().find(|(path, _)| path == file).unwrap();
        let text = String::from_utf8(content.clone()).unwrap();
        assert!(text.contains(from), "{file} does not hold {from}");
        *content = text.replacen(from, to, 1).into_bytes();
        let outcome = support::check(files);
        let problems = outcome.plan.as_ref().err().into_iter().flat_map(|reports| reports.iter());
        let codes: Vec<_> = problems.chain(&outcome.warnings).map(|report| report.code().id).collect();
        if codes != [*code] {
            wrong.push(format!("{from} -> {to}: {code} is expected\n{}", support::rendered(&outcome)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
