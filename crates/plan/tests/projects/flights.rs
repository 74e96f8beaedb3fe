//! The flights example is accepted, and no mutation of it makes the compiler panic or hide why it refuses.

use proptest::prelude::*;
use tenon_plan::{Effects, Input, OperationKind};

use crate::support;

#[test]
fn the_flights_project_is_accepted_without_a_word() {
    let outcome = support::check(support::files(&support::examples().join("flights")));
    assert!(outcome.plan.is_ok() && outcome.warnings.is_empty(), "{}", support::rendered(&outcome));
    assert_eq!(outcome.secrets, ["EDITOR_KEY", "READER_KEY"]);
    let plan = outcome.plan.unwrap();
    let names: Vec<_> = plan.flows.iter().map(|flow| flow.name.as_str()).collect();
    let expected = [
        "load-airlines",
        "load-airports",
        "load-planes",
        "load-weather",
        "ingest-flights",
        "create-flight",
        "keep-flights",
        "delay-statistics",
    ];
    assert_eq!(names, expected);
    let ingest = plan.flow("ingest-flights").unwrap();
    assert!(matches!(ingest.effects, Effects::Mixed));
    assert!(matches!(&ingest.input, Input::File(file) if file.shown() == "data/flights.csv"));
    let variables: Vec<_> = ingest.variables.iter().map(smol_str::SmolStr::as_str).collect();
    let expected =
        ["flight_row", "airline", "origin", "destination", "plane", "weather", "departure", "day", "flight"];
    assert_eq!(variables, expected);
    assert!(matches!(plan.flow("delay-statistics").unwrap().effects, Effects::Database(_)));
    assert!(matches!(plan.flow("create-flight").unwrap().input, Input::Request(_)));
    let kinds: Vec<_> = plan.apis[0].operations.iter().map(|it| kind(&it.kind)).collect();
    assert_eq!(kinds, ["list", "get", "send", "list", "get", "list"]);
}

fn kind(kind: &OperationKind) -> &'static str {
    match kind {
        OperationKind::Get { .. } => "get",
        OperationKind::List { .. } => "list",
        OperationKind::Send { .. } => "send",
    }
}

#[test]
fn the_fingerprint_of_a_flow_follows_its_contracts() {
    let files = || support::files(&support::examples().join("flights"));
    let fingerprints = |files| {
        let plan = support::check(files).plan.unwrap();
        plan.flows.iter().map(|flow| (flow.name.clone(), flow.fingerprint.clone())).collect::<Vec<_>>()
    };
    let mut changed = files();
    for (path, content) in &mut changed {
        if path == "contracts/delay/1.json" {
            *content = String::from_utf8(content.clone())
                .unwrap()
                .replace("All flights.", "Each flight.")
                .into_bytes();
        }
    }
    let differing: Vec<_> = fingerprints(files())
        .into_iter()
        .zip(fingerprints(changed))
        .filter(|(before, after)| before != after)
        .map(|((name, _), _)| name.to_string())
        .collect();
    assert_eq!(differing, ["delay-statistics"]);
}

/// What is done to one line of one file.
#[derive(Debug, Clone)]
enum Mutation {
    Delete,
    Duplicate,
    Replace(String),
    Indent,
    Cut(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        Just(Mutation::Delete),
        Just(Mutation::Duplicate),
        Just(Mutation::Indent),
        (0_usize..60).prop_map(Mutation::Cut),
        prop_oneof![
            Just("  key: [".to_owned()),
            Just("flows:".to_owned()),
            Just("      - map: null".to_owned()),
            Just("    in: files".to_owned()),
            Just("    type: 7".to_owned()),
            ".{0,40}",
        ]
        .prop_map(Mutation::Replace),
    ]
}

fn mutated(text: &str, line: usize, mutation: &Mutation) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = line % lines.len();
    match mutation {
        Mutation::Delete => drop(lines.remove(at)),
        Mutation::Duplicate => lines.insert(at, lines[at].clone()),
        Mutation::Replace(other) => lines[at].clone_from(other),
        Mutation::Indent => lines[at].insert_str(0, "  "),
        Mutation::Cut(length) => lines[at] = lines[at].chars().take(*length).collect(),
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_mutation_is_accepted_or_explained(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<usize>(), mutation()), 1..4)
    ) {
        let mut files = support::files(&support::examples().join("flights"));
        files.retain(|(path, _)| !path.ends_with("flights.csv"));
        files.push(("data/flights.csv".to_owned(), b"year\n".to_vec()));
        let texts: Vec<usize> = (0..files.len())
            .filter(|at| files[*at].0.ends_with(".yaml") || files[*at].0.ends_with(".json"))
            .collect();
        for (file, line, mutation) in changes {
            let content = &mut files[*file.get(&texts)].1;
            *content = mutated(&String::from_utf8_lossy(content), line, &mutation).into_bytes();
        }
        let outcome = support::check(files);
        if let Err(reports) = &outcome.plan {
            prop_assert!(!reports.is_empty());
            prop_assert!(reports.iter().all(|report| report.code().id != "E0001"), "{}", support::rendered(&outcome));
            support::rendered(&outcome);
        }
    }
}
