//! The specification of `ports::State` as tests that run on every implementation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use tenon_connectors::state::SqliteState;
use tenon_model::{Headers, Str};
use tenon_ports::{
    Checkpoint, Claim, ClaimId, ClaimPlace, DeadLetter, DeadLetterQuery, LetterRetention, Origin, Position,
    State, WhenFull,
};
use tokio::{runtime::Runtime, task::JoinSet};

/// Runs a test on every implementation.
fn each<F: Future<Output = ()>>(test: impl Fn(Arc<dyn State>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let implementations: [Arc<dyn State>; 2] = [
        Arc::new(SqliteState::open(folder.path().join(".tenon")).unwrap()),
        Arc::new(SqliteState::in_memory().unwrap()),
    ];
    for state in implementations {
        Runtime::new().unwrap().block_on(test(state));
    }
}

fn letter(id: &str, flow: &str, code: &str) -> DeadLetter {
    let mut headers = Headers::new();
    headers.set("ce-type", "flight \"1\"");
    headers.set("traceparent", "00-ab");
    DeadLetter {
        id: id.into(),
        flow: flow.into(),
        step: "2:lookup".into(),
        origin: Origin {
            source: "data/flights.csv".into(),
            position: Position { offset: 4711, line: 42, tail: 0 },
        },
        bytes: Bytes::from_static(b"UA,\xff\0,1545\n"),
        context: Bytes::from_static(b"carrier,tail,flight\n"),
        clipped: id.starts_with('a'),
        key: id.starts_with('a').then(|| "N14228".into()),
        headers,
        time: id.starts_with('a').then(|| "2013-01-01T05:17:00Z".parse().unwrap()),
        contract: "flight-row@1".into(),
        mapping: "a1b2".into(),
        code: code.into(),
        message: "no airport `XYZ`".into(),
        report: "{\"code\":\"F0001\"}".into(),
        attempts: 1,
        first_failed: "2013-01-01T10:00:00.123456789Z".parse().unwrap(),
        last_failed: "2013-01-01T10:00:00.123456789Z".parse().unwrap(),
        taken: if id.starts_with('a') { vec!["system:db".into(), "topic:sales".into()] } else { Vec::new() },
    }
}

fn checkpoint(offset: u64) -> Checkpoint {
    Checkpoint {
        source: "data/flights.csv".into(),
        position: Position { offset, line: offset / 10, tail: u64::MAX - offset },
        fingerprint: "c0ffee".into(),
        marks: vec![("flights".into(), 17), ("audit".into(), 0)],
        tables: vec!["db.delays".into()],
        afresh: offset == 900,
    }
}

async fn ids(state: &Arc<dyn State>, query: DeadLetterQuery) -> Vec<String> {
    state.dead_letters(query).await.unwrap().into_iter().map(|letter| letter.id.to_string()).collect()
}

fn all() -> DeadLetterQuery {
    DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() }
}

#[test]
fn dead_letters_and_checkpoint_come_back_as_they_were_recorded() {
    each(|state| async move {
        assert_eq!(state.checkpoint("ingest", "data/flights.csv").await.unwrap(), None);
        state.record("ingest", vec![letter("a-1", "ingest", "F0001")], Some(checkpoint(500))).await.unwrap();
        assert_eq!(state.checkpoint("ingest", "data/flights.csv").await.unwrap(), Some(checkpoint(500)));
        assert_eq!(state.checkpoint("other", "data/flights.csv").await.unwrap(), None);
        let position = state.checkpoint("ingest", "data/flights.csv").await.unwrap().unwrap().position;
        assert_eq!((position.line, position.tail), (50, u64::MAX - 500), "which comparing does not look at");
        assert_eq!(state.dead_letters(all()).await.unwrap(), [letter("a-1", "ingest", "F0001")]);
        state.record("ingest", vec![], Some(checkpoint(900))).await.unwrap();
        state.record("ingest", vec![letter("a-2", "ingest", "F0001")], None).await.unwrap();
        assert_eq!(state.checkpoint("ingest", "data/flights.csv").await.unwrap(), Some(checkpoint(900)));
    });
}

#[test]
fn what_cannot_be_recorded_as_a_whole_is_not_recorded_at_all() {
    each(|state| async move {
        let too_far = checkpoint(u64::MAX);
        let result = state.record("ingest", vec![letter("a-1", "ingest", "F0001")], Some(too_far)).await;
        assert_eq!(result.unwrap_err().code().id, "D0005");
        assert_eq!(state.dead_letters(all()).await.unwrap(), []);
        assert_eq!(state.checkpoint("ingest", "data/flights.csv").await.unwrap(), None);
    });
}

#[test]
fn the_same_input_dead_lettered_again_replaces_itself() {
    each(|state| async move {
        state.record("ingest", vec![letter("a-1", "ingest", "F0001")], None).await.unwrap();
        let later: Timestamp = "2014-01-01T00:00:00Z".parse().unwrap();
        let again = DeadLetter {
            attempts: 2,
            first_failed: later,
            last_failed: later,
            message: "another reason".into(),
            ..letter("a-1", "ingest", "D0001")
        };
        state.record("ingest", vec![again.clone()], None).await.unwrap();
        let first_failed = letter("a-1", "ingest", "F0001").first_failed;
        let expected = DeadLetter { attempts: 3, first_failed, ..again };
        assert_eq!(state.dead_letters(all()).await.unwrap(), [expected]);
    });
}

#[test]
fn dead_letters_are_listed_in_order_of_id_by_flow_code_prefix_and_page() {
    each(|state| async move {
        let letters = ["b-2", "a-10", "a-1", "b-1", "a-2", "é-1"].map(|id| {
            let flow = if id.starts_with('a') { "ingest" } else { "statistics" };
            letter(id, flow, if id.ends_with('1') { "F0001" } else { "D0001" })
        });
        state.record("ingest", letters.to_vec(), None).await.unwrap();
        let text = |text: &str| Some(Str::new(text));
        let check = |query: DeadLetterQuery, expected: &'static [&'static str]| {
            let state = Arc::clone(&state);
            async move { assert_eq!(ids(&state, query.clone()).await, expected, "{query:?}") }
        };
        check(all(), &["a-1", "a-10", "a-2", "b-1", "b-2", "é-1"]).await;
        check(DeadLetterQuery { flow: text("ingest"), ..all() }, &["a-1", "a-10", "a-2"]).await;
        check(DeadLetterQuery { code: text("F0001"), ..all() }, &["a-1", "b-1", "é-1"]).await;
        check(DeadLetterQuery { id: text("a-1"), ..all() }, &["a-1", "a-10"]).await;
        check(DeadLetterQuery { id: text("é"), ..all() }, &["é-1"]).await;
        check(DeadLetterQuery { id: text("%"), ..all() }, &[]).await;
        check(DeadLetterQuery { limit: 2, ..all() }, &["a-1", "a-10"]).await;
        check(DeadLetterQuery { limit: 2, after: text("a-10"), ..all() }, &["a-2", "b-1"]).await;
        check(DeadLetterQuery { after: text("é-1"), ..all() }, &[]).await;
        let counts = state.dead_letter_counts().await.unwrap();
        let counts: Vec<_> =
            counts.iter().map(|(flow, code, n)| (flow.as_str(), code.as_str(), *n)).collect();
        let expected = [
            ("ingest", "D0001", 2),
            ("ingest", "F0001", 1),
            ("statistics", "D0001", 1),
            ("statistics", "F0001", 2),
        ];
        assert_eq!(counts, expected);
        let causes = state.dead_letter_causes().await.unwrap();
        let causes: Vec<_> = causes.iter().map(|it| (it.step.as_str(), it.code.as_str(), it.count)).collect();
        let step = "2:lookup";
        assert_eq!(causes, [(step, "D0001", 2), (step, "F0001", 1), (step, "D0001", 1), (step, "F0001", 2)]);
    });
}

#[test]
fn a_page_of_large_dead_letters_ends_early_and_goes_on() {
    each(|state| async move {
        for id in ["a", "b", "c"] {
            let large = DeadLetter { bytes: vec![b'x'; 5 << 20].into(), ..letter(id, "ingest", "F0001") };
            state.record("ingest", vec![large], None).await.unwrap();
        }
        assert_eq!(ids(&state, all()).await, ["a", "b"]);
        assert_eq!(ids(&state, DeadLetterQuery { after: Some("b".into()), ..all() }).await, ["c"]);
    });
}

#[test]
fn dropping_says_how_many_there_were() {
    each(|state| async move {
        let letters = ["a", "b", "c"].map(|id| letter(id, "ingest", "F0001"));
        state.record("ingest", letters.to_vec(), None).await.unwrap();
        assert_eq!(state.drop_dead_letters(vec!["a".into(), "c".into(), "z".into()]).await.unwrap(), 2);
        assert_eq!(ids(&state, all()).await, ["b"]);
    });
}

#[test]
fn a_reset_forgets_the_checkpoint_and_keeps_the_dead_letters() {
    each(|state| async move {
        state.record("ingest", vec![letter("a", "ingest", "F0001")], Some(checkpoint(5))).await.unwrap();
        state.reset("ingest").await.unwrap();
        state.reset("never seen").await.unwrap();
        assert_eq!(state.checkpoint("ingest", "data/flights.csv").await.unwrap(), None);
        assert_eq!(ids(&state, all()).await, ["a"]);
    });
}

#[test]
fn each_source_of_a_flow_has_its_checkpoint_and_one_that_names_none_goes_with_the_first_that_does() {
    each(|state| async move {
        let named = |source: &str, offset| Checkpoint { source: source.into(), ..checkpoint(offset) };
        state.record("ingest", vec![], Some(named("", 1))).await.unwrap();
        assert_eq!(state.checkpoint("ingest", "").await.unwrap(), Some(named("", 1)));
        state.record("ingest", vec![], Some(named("a.csv", 2))).await.unwrap();
        state.record("ingest", vec![], Some(named("b.csv", 3))).await.unwrap();
        state.record("other", vec![], Some(named("a.csv", 4))).await.unwrap();
        assert_eq!(state.checkpoint("ingest", "").await.unwrap(), None);
        assert_eq!(state.checkpoint("ingest", "a.csv").await.unwrap(), Some(named("a.csv", 2)));
        let mut all = state.checkpoints(None).await.unwrap();
        all.sort_by_key(|(_, checkpoint)| checkpoint.position);
        let names: Vec<_> = all.iter().map(|(flow, it)| (flow.as_str(), it.source.as_str())).collect();
        assert_eq!(names, [("ingest", "a.csv"), ("ingest", "b.csv"), ("other", "a.csv")]);
        assert_eq!(state.checkpoints(Some("other")).await.unwrap(), [("other".into(), named("a.csv", 4))]);
    });
}

#[test]
fn flows_record_at_the_same_time_without_losing_anything() {
    each(|state| async move {
        let mut flows = JoinSet::new();
        for flow in 0..8 {
            let state = Arc::clone(&state);
            flows.spawn(async move {
                let flow = format!("flow-{flow}");
                for n in 0..20 {
                    let dead = vec![letter(&format!("{flow}-{n}"), &flow, "F0001")];
                    state.record(&flow, dead, Some(checkpoint(n))).await.unwrap();
                    assert_eq!(
                        state.checkpoint(&flow, "data/flights.csv").await.unwrap(),
                        Some(checkpoint(n))
                    );
                }
            });
        }
        while let Some(result) = flows.join_next().await {
            result.unwrap();
        }
        assert_eq!(state.dead_letter_counts().await.unwrap().iter().map(|(_, _, n)| n).sum::<u64>(), 160);
    });
}

#[tokio::test]
async fn state_on_disk_survives_and_two_processes_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = SqliteState::open(folder.path()).unwrap();
    first.record("ingest", vec![letter("a", "ingest", "F0001")], Some(checkpoint(5))).await.unwrap();
    let second = SqliteState::open(folder.path()).unwrap();
    assert_eq!(second.checkpoint("ingest", "data/flights.csv").await.unwrap(), Some(checkpoint(5)));
    assert_eq!(second.drop_dead_letters(vec!["a".into()]).await.unwrap(), 1);
    assert_eq!(first.dead_letters(all()).await.unwrap(), []);
    drop((first, second));
    let third = SqliteState::open(folder.path()).unwrap();
    assert_eq!(third.checkpoint("ingest", "data/flights.csv").await.unwrap(), Some(checkpoint(5)));
}

fn claim(number: u64, until: i64) -> Claim {
    let mut said = Headers::new();
    said.set("contract", "receipt@1");
    Claim {
        caller: "api-key:0::3:ann".into(),
        request: "d1".into(),
        reply: format!("{{\"id\":{number}}}"),
        said,
        number,
        due: Some(Bytes::from_static(b"{\0\xff")),
        until: Timestamp::from_second(until).unwrap(),
        places: vec![
            ClaimPlace { part: "topics/sales".into(), topic: Some(("00ff".into(), number)) },
            ClaimPlace { part: "shop.db".into(), topic: None },
        ],
    }
}

fn claim_id(flow: &str, key: &str) -> ClaimId {
    ClaimId { flow: flow.into(), key: key.into() }
}

fn failed_at(id: &str, second: i64) -> DeadLetter {
    let last_failed = Timestamp::from_second(second).unwrap();
    DeadLetter { last_failed, ..letter(id, "ingest", "F0001") }
}

const FEW: LetterRetention =
    LetterRetention { age: None, size: 1 << 20, count: 2, full: WhenFull::DropOldest };

#[test]
fn a_flow_that_has_as_many_dead_letters_as_are_kept_stores_nothing_more() {
    each(|state| async move {
        let now = Timestamp::UNIX_EPOCH;
        let stall = LetterRetention { full: WhenFull::Stall, ..FEW };
        let add = async |ids: &[&str], checkpoint, keep| {
            let letters = ids.iter().map(|id| failed_at(id, 1)).collect();
            state.record_within("ingest", letters, checkpoint, keep, now).await
        };
        assert_eq!(add(&["a", "b"], Some(checkpoint(100)), stall).await.unwrap().count, 0);
        let report = add(&["c"], Some(checkpoint(200)), stall).await.unwrap_err();
        assert_eq!((report.code().id, report.is_transient()), ("F0023", true));
        assert!(report.message().contains("`ingest` would have 3 dead letters"), "{report}");
        let kept = state.checkpoint("ingest", "data/flights.csv").await.unwrap().unwrap();
        assert_eq!((kept.position.offset, ids(&state, all()).await), (100, vec!["a".into(), "b".into()]));
        add(&["b"], None, stall).await.unwrap();
        add(&[], Some(checkpoint(150)), stall).await.unwrap();
        state.record("other", vec![letter("z", "other", "F0001")], None).await.unwrap();
        let small = LetterRetention { size: 1_000, ..stall };
        assert_eq!(add(&["b"], None, small).await.unwrap_err().code().id, "F0023", "bytes count as well");
        state.drop_dead_letters(vec!["a".into()]).await.unwrap();
        add(&["c"], None, stall).await.unwrap();
        assert_eq!(ids(&state, all()).await, ["b", "c", "z"]);
        // What fails together is stored together, so that no message waits for room that cannot be made.
        state.drop_dead_letters(vec!["b".into()]).await.unwrap();
        add(&["d", "e", "f"], None, stall).await.unwrap();
        assert_eq!(ids(&state, all()).await, ["c", "d", "e", "f", "z"]);
        assert_eq!(add(&["g"], None, stall).await.unwrap_err().code().id, "F0023");
    });
}

#[test]
fn the_letters_that_failed_longest_ago_go_and_are_named() {
    each(|state| async move {
        let at = |second| Timestamp::from_second(second).unwrap();
        let add = async |letters: Vec<DeadLetter>, keep, now| {
            let gone = state.record_within("ingest", letters, None, keep, at(now)).await.unwrap();
            (gone.count, gone.to_string())
        };
        let three = vec![failed_at("c", 1), failed_at("b", 3), failed_at("a", 2)];
        assert_eq!(add(three, FEW, 3).await, (1, "c".to_owned()));
        assert_eq!(add(vec![failed_at("a", 9)], FEW, 9).await, (0, String::new()), "it is there already");
        assert_eq!(
            add(vec![failed_at("d", 10)], FEW, 10).await,
            (1, "b".to_owned()),
            "`a` has failed again since"
        );
        let tiny = LetterRetention { size: 1, ..FEW };
        assert_eq!(
            add(vec![failed_at("e", 11)], tiny, 11).await,
            (2, "a, d".to_owned()),
            "the last one stays"
        );
        let aged = LetterRetention { age: Some(Duration::from_secs(5)), full: WhenFull::Stall, ..FEW };
        assert_eq!(add(vec![failed_at("f", 17)], aged, 17).await, (1, "e".to_owned()));
        assert_eq!(state.expire_dead_letters("ingest", at(17)).await.unwrap().count, 0);
        assert_eq!(state.expire_dead_letters("other", at(99)).await.unwrap().count, 0);
        assert_eq!(state.expire_dead_letters("ingest", at(18)).await.unwrap().ids, ["f"]);
        let many = (0..14).map(|n| failed_at(&format!("m{n:02}"), 20)).collect();
        let (count, named) = add(many, FEW, 20).await;
        assert_eq!(count, 12);
        assert!(named.starts_with("m00, m01, ") && named.ends_with(", m09 and 2 more"), "{named}");
    });
}

#[test]
fn a_key_is_claimed_once_within_its_flow_and_time() {
    each(|state| async move {
        let at = |second| Timestamp::from_second(second).unwrap();
        let id = claim_id("orders", "k");
        assert_eq!(state.claimed(&id, at(0)).await.unwrap(), None);
        assert_eq!(state.claim(id.clone(), claim(1, 100), at(0)).await.unwrap(), None);
        assert_eq!(state.claim(claim_id("orders", "other"), claim(2, 50), at(0)).await.unwrap(), None);
        assert_eq!(state.claimed(&id, at(99)).await.unwrap(), Some(claim(1, 100)));
        assert_eq!(state.claim(id.clone(), claim(3, 100), at(99)).await.unwrap(), Some(claim(1, 100)));
        assert_eq!(state.claimed(&claim_id("refunds", "k"), at(0)).await.unwrap(), None);
        assert_eq!(state.claimed(&id, at(100)).await.unwrap(), None);
        assert_eq!(state.claim(id.clone(), claim(16, 300), at(200)).await.unwrap(), None);
        assert_eq!(state.claimed(&id, at(200)).await.unwrap(), Some(claim(16, 300)));
        let gone = state.claimed(&claim_id("orders", "other"), at(0)).await.unwrap();
        assert_eq!(gone, None, "it is gone for good");
    });
}

#[test]
fn two_claims_never_share_a_number() {
    each(|state| async move {
        let now = Timestamp::UNIX_EPOCH;
        state.claim(claim_id("orders", "a"), claim(1, 100), now).await.unwrap();
        let report = state.claim(claim_id("orders", "b"), claim(1, 100), now).await.unwrap_err();
        assert_eq!(report.code().id, "Y0104", "refused, before anything took effect");
        assert_eq!(state.claimed(&claim_id("orders", "b"), now).await.unwrap(), None);
    });
}

#[test]
fn a_claim_is_open_until_it_is_complete_or_released() {
    each(|state| async move {
        let now = Timestamp::UNIX_EPOCH;
        for (key, number) in [("a", 3), ("b", 1), ("c", 2), ("d", 4)] {
            state.claim(claim_id("orders", key), claim(number, 100), now).await.unwrap();
        }
        state.claim(claim_id("refunds", "a"), claim(9, 100), now).await.unwrap();
        let state = &state;
        let open = async |after, limit, now| -> Vec<u64> {
            let open = state.open_claims("orders", after, limit, now).await.unwrap();
            open.iter().map(|(_, claim)| claim.number).collect()
        };
        assert_eq!(open(None, 3, now).await, [1, 2, 3]);
        assert_eq!(open(Some(3), 3, now).await, [4]);
        state.complete(1).await.unwrap();
        state.complete(1).await.unwrap();
        state.release(2).await.unwrap();
        assert_eq!(open(None, 9, now).await, [3, 4]);
        let later = open(None, 9, Timestamp::from_second(100).unwrap()).await;
        assert!(later.is_empty(), "their time is over");
        let complete = state.claimed(&claim_id("orders", "b"), now).await.unwrap();
        assert_eq!(complete, Some(Claim { due: None, ..claim(1, 100) }));
        assert_eq!(state.claimed(&claim_id("orders", "c"), now).await.unwrap(), None);
        let seen = state.open_claims("orders", None, 1, now).await.unwrap();
        assert_eq!(seen, [(claim_id("orders", "a"), claim(3, 100))]);
    });
}
