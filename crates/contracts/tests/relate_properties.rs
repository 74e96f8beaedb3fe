//! What holds for every pair of contracts: what is called compatible is read, and what is called incompatible is shown.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod generated;

use generated::{pair, shape, value};
use proptest::{collection::vec, prelude::*};
use tenon_contracts::{
    json::{self, Decoder},
    json_schema,
    relate::{Direction, OpenRecords, Outcome, Relation, Role, exclude_each_other, relate},
    sample::{self, Samples, Sort},
    validate::Validator,
};
use tenon_model::{Shape, Value};

/// How many pairs: `RELATE_CASES` for a long run.
fn cases() -> ProptestConfig {
    let wanted = std::env::var("RELATE_CASES").ok().and_then(|count| count.parse().ok());
    ProptestConfig::with_cases(wanted.unwrap_or(2_000))
}

fn any_relation() -> impl Strategy<Value = Relation> {
    let direction = prop_oneof![Just(Direction::Backward), Just(Direction::Forward)];
    let role = prop_oneof![Just(Role::Stored), Just(Role::Message), Just(Role::Request), Just(Role::Reply)];
    let open = prop_oneof![3 => Just(OpenRecords::Strict), 1 => Just(OpenRecords::Lenient)];
    (direction, role, open).prop_map(|(direction, role, open)| Relation { direction, role, open })
}

/// The contracts of the writer and of the reader.
fn ordered<'s>(how: Relation, old: &'s Shape, new: &'s Shape) -> (&'s Shape, &'s Shape) {
    let is_old = (how.direction == Direction::Backward) != (how.role == Role::Reply);
    if is_old { (old, new) } else { (new, old) }
}

/// The witness is valid for the writer, by its decoder and by its validator, and refused or misread by the reader.
fn is_confirmed(
    writer: &Shape,
    reader: &Shape,
    value: &Value,
    outcome: &Outcome,
) -> Result<(), TestCaseError> {
    let text = json::to_string(value);
    let written = Decoder::new(writer).unwrap().decode(text.as_bytes());
    prop_assert!(written.is_ok(), "{text} is not valid for the writer: {written:?}");
    let checked = Validator::new(writer).unwrap().check(&written.unwrap());
    prop_assert!(checked.is_ok(), "{text}: {checked:?}");
    let read = Decoder::new(reader).unwrap().decode(text.as_bytes());
    match outcome {
        Outcome::Refused(_) => prop_assert!(read.is_err(), "{text} is read"),
        Outcome::Misread { read: told, .. } => prop_assert_eq!(read.unwrap(), told.clone()),
    }
    Ok(())
}

/// Texts that `shape` allows, made from what it says: at its bounds and by chance.
fn allowed(shape: &Shape) -> Vec<String> {
    let sorts = [(Sort::Boundary, 12), (Sort::Valid, 8)];
    sorts
        .into_iter()
        .flat_map(|(sort, count)| Samples::new(shape, sort, 1).take(count))
        .map(|it| it.value.to_string())
        .collect()
}

fn reads(decoder: &Decoder, text: &str) -> bool {
    decoder.decode(text.as_bytes()).is_ok()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_called_compatible_reads_all_that_was_valid((old, new) in pair(), values in vec(value(), 24)) {
        if !relate(&old, &new, Relation::STORED).holds() {
            return Ok(());
        }
        let (before, after) = (Decoder::new(&old).unwrap(), Decoder::new(&new).unwrap());
        for value in values {
            // What is stored has been written from what was read.
            if let Ok(stored) = before.decode(json::to_string(&value).as_bytes()) {
                let stored = json::to_string(&stored);
                let read = after.decode(stored.as_bytes());
                prop_assert!(read.is_ok(), "{stored} of {} is refused: {read:?}", json_schema::write(&old));
            }
        }
    }

    #[test]
    fn what_is_called_compatible_reads_what_its_contract_describes((old, new) in pair()) {
        if !relate(&old, &new, Relation::STORED).holds() {
            return Ok(());
        }
        let (before, after) = (Decoder::new(&old).unwrap(), Decoder::new(&new).unwrap());
        for text in allowed(&old).iter().filter(|text| reads(&before, text)) {
            prop_assert!(reads(&after, text), "{text} of {} is refused", json_schema::write(&old));
        }
    }

    #[test]
    fn no_value_follows_both_of_two_that_exclude_each_other(
        (one, other) in prop_oneof![pair(), (shape(), shape())], values in vec(value(), 12),
    ) {
        if !exclude_each_other(&[&one, &other]) {
            return Ok(());
        }
        prop_assert!(exclude_each_other(&[&other, &one]));
        let (first, second) = (Decoder::new(&one).unwrap(), Decoder::new(&other).unwrap());
        let texts = values.iter().map(json::to_string).chain(allowed(&one)).chain(allowed(&other));
        for text in texts {
            prop_assert!(!(reads(&first, &text) && reads(&second, &text)), "{text} follows {one:?} and {other:?}");
        }
    }

    #[test]
    fn every_witness_is_confirmed_by_both_contracts((old, new) in pair(), how in any_relation()) {
        let (writer, reader) = ordered(how, &old, &new);
        for change in relate(&old, &new, how).changes {
            if let Some(witness) = &change.witness {
                is_confirmed(writer, reader, &witness.value, &witness.outcome)?;
            }
        }
    }

    #[test]
    fn every_contract_reads_what_it_allows(shape in shape(), how in any_relation()) {
        let found = relate(&shape, &shape, how).changes;
        prop_assert!(found.is_empty(), "{found:?}");
    }
}

/// Most of what is called incompatible is shown, so that a report without an example is the exception.
#[test]
fn most_changes_are_shown_by_a_value() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let (mut shown, mut all) = (0, 0);
    for _ in 0..1_000 {
        let (old, new) = pair().new_tree(&mut runner).unwrap().current();
        // What no value follows is read by everything, and shown by nothing.
        if sample::made(&old).is_none() {
            continue;
        }
        let changes = relate(&old, &new, Relation::STORED).changes;
        all += changes.len();
        shown += changes.iter().filter(|change| change.witness.is_some()).count();
    }
    assert!(shown * 100 >= all * 90, "{shown} of {all}");
}

/// Two shapes of which values are of different types are told apart, so that "exclude each other" is no empty promise.
#[test]
fn alternatives_of_different_types_exclude_each_other() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let apart = (0..1_000)
        .map(|_| (shape(), shape()).new_tree(&mut runner).unwrap().current())
        .filter(|(one, other)| exclude_each_other(&[one, other]))
        .count();
    assert!(apart > 300, "{apart} of 1000");
}
