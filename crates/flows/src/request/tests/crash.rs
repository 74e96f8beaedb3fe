//! What is left of a keyed request whose process ended at any point, and whose client sends it again until it is replied to.

use std::{sync::Arc, time::Duration};

use tenon_errors::{
    Report,
    catalogue::system::{DATABASE_BUSY, LOG_FULL},
};
use tenon_model::{TraceContext, Value};
use tenon_plan::{Flow, Missing};
use tenon_ports::{Call, Clock, IdempotencyKey, Operation, Reply, operation::Request};
use tenon_security::Principal;

use super::super::{RequestFlow, finish_requests, forget_transactions};
use crate::{
    Hand,
    testing::{Durable, FlowBuilder, TestClock, row},
};

fn call(key: &str, n: i64) -> Call {
    Call {
        request: Request::Send(row("a", n)),
        principal: Arc::new(Principal::anonymous()),
        client: None,
        trace: TraceContext { trace_id: 7, span_id: 8, flags: 1 },
        trace_state: None,
        id: key.into(),
        idempotency_key: Some(IdempotencyKey { caller: "ann".into(), key: key.into() }),
        deadline: TestClock.now() + Duration::from_secs(5),
        fresh: false,
        condition: None,
    }
}

/// Two topics' worth of records, rows that replace and rows that add up, made from a row that changes meanwhile.
fn everything() -> Arc<Flow> {
    FlowBuilder::from_requests()
        .lookup("known", "row.key", "known", Missing::Reject)
        .map("row.key", "row.n + known.n")
        .publish()
        .upsert("rows")
        .aggregate("sums", "row.key", "row.n + known.n")
        .publish()
        .reply("mapped.key", "mapped.n")
        .build()
}

/// What is left: the numbers that were published, the rows and the sums.
fn left(durable: &Durable) -> (Vec<String>, Vec<Value>, Vec<Value>) {
    let records = durable.output.records().into_iter();
    let text = |record: tenon_ports::Record| {
        let id = record.headers.get("ce-id").unwrap_or_default().to_owned();
        format!("{id} {}", String::from_utf8_lossy(&record.value))
    };
    (records.map(text).collect(), durable.database.rows("rows"), durable.database.rows("sums"))
}

/// A new process, in which the row that the flow looks up is another one; it ends at point `end`. Returns what the client
/// was replied, if it was.
async fn process(durable: &mut Durable, flow: &Arc<Flow>, known: i64, end: Option<u64>) -> Option<Reply> {
    durable.hand = Hand::default();
    durable.database.put("known", row("a", known));
    durable.gate.restart(end);
    let world = durable.world();
    let work = async {
        finish_requests(flow, &world).await.unwrap();
        RequestFlow::new(Arc::clone(flow), &world).call(call("k", 1)).await.unwrap()
    };
    let replied = tokio::select! {
        biased;
        () = durable.gate.ended() => None,
        reply = work => Some(reply),
    };
    // What the process has begun in the background ends with it, or goes on as far as it comes.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    replied
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_process_ends_at_any_two_points_has_one_effect_that_fits_its_reply() {
    let flow = everything();
    let mut first = 1;
    loop {
        let mut second = 1;
        let ended_first = loop {
            let mut durable = Durable::new();
            let one = process(&mut durable, &flow, 10, Some(first)).await;
            let two = process(&mut durable, &flow, 20, Some(second)).await;
            let three = process(&mut durable, &flow, 30, None).await.unwrap();
            let again = process(&mut durable, &flow, 40, None).await.unwrap();
            assert_eq!(three, again, "every repeat has the same reply");
            for reply in [&one, &two].into_iter().flatten() {
                assert_eq!(*reply, three, "as has the first one, ended at {first} and {second}");
            }
            let Reply::Sent(value) = three else { panic!("no reply") };
            let n = value.get("n").cloned();
            let (records, rows, sums) = left(&durable);
            let text = tenon_contracts::json::to_string(&value);
            let context = format!("ended at point {first}, then at point {second}");
            assert_eq!(records, [format!("k {text}"), format!("k.1 {text}")], "{context}");
            assert_eq!((rows.len(), rows[0].get("n").cloned()), (1, n.clone()), "{context}");
            assert_eq!((sums.len(), sums[0].get("n").cloned()), (1, n), "{context}");
            if two.is_some() {
                break one.is_none();
            }
            second += 1;
        };
        if !ended_first {
            assert!(first > 10, "the points were passed: {first}");
            return;
        }
        first += 1;
    }
}

/// A new process that ends at point `end`: it finishes what was begun, and then does `work`.
async fn unkeyed(durable: &mut Durable, flow: &Arc<Flow>, sends: bool, end: Option<u64>) -> Option<Reply> {
    durable.hand = Hand::default();
    durable.database.put("known", row("a", 10));
    durable.gate.restart(end);
    let world = durable.world();
    let work = async {
        finish_requests(flow, &world).await.unwrap();
        if !sends {
            return None;
        }
        let call = Call { idempotency_key: None, ..call("request", 1) };
        Some(RequestFlow::new(Arc::clone(flow), &world).call(call).await.unwrap())
    };
    let replied = tokio::select! {
        biased;
        () = durable.gate.ended() => None,
        reply = work => reply,
    };
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    replied
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_key_is_done_as_a_whole_or_not_at_all_wherever_its_process_ends() {
    let flow = everything();
    let mut first = 1;
    loop {
        let mut second = 1;
        let replied = loop {
            let mut durable = Durable::new();
            let reply = unkeyed(&mut durable, &flow, true, Some(first)).await;
            unkeyed(&mut durable, &flow, false, Some(second)).await;
            let before = durable.gate.points();
            unkeyed(&mut durable, &flow, false, None).await;
            let (records, rows, sums) = left(&durable);
            let context = format!("ended at point {first}, then at point {second}");
            let whole = ["request", "request.1"].map(|id| format!("{id} {{\"key\":\"a\",\"n\":11}}"));
            if reply.is_some() || !rows.is_empty() || !records.is_empty() || !sums.is_empty() {
                assert_eq!((records.as_slice(), rows.len(), sums.len()), (&whole[..], 1, 1), "{context}");
                assert_eq!(sums[0], row("a", 11), "{context}");
            }
            assert!(durable.state.claims.lock().unwrap().is_empty(), "nothing is kept of it: {context}");
            if before < second {
                break reply.is_some();
            }
            second += 1;
        };
        if replied {
            assert!(first > 10, "the points were passed: {first}");
            return;
        }
        first += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn what_databases_keep_of_requests_is_forgotten_with_later_ones() {
    for has_key in [false, true] {
        let durable = Durable::new();
        let flow = FlowBuilder::from_requests().upsert("rows").publish().build();
        let request = RequestFlow::new(flow, &durable.world());
        for n in 0..20 {
            let mut call = call(&format!("request-{n}"), n);
            call.idempotency_key = call.idempotency_key.filter(|_| has_key);
            request.call(call).await.unwrap();
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let noted = durable.database.transactions().len();
            assert!(noted <= 2, "{noted} after {n}");
            let replies = durable.state.claims.lock().unwrap().len();
            assert_eq!(replies as i64, if has_key { n + 1 } else { 0 });
        }
        // Those that the database has forgotten get their reply, and no other effect.
        if has_key {
            request.call(call("request-0", 0)).await.unwrap();
        }
        assert_eq!(durable.output.records().len(), 20);
    }
    let durable = Durable::new();
    // With effects in one place, there is nothing to finish.
    let single = FlowBuilder::from_requests().publish().build();
    let request = RequestFlow::new(single, &durable.world());
    durable.state.failures.lock().unwrap().extend([Report::new(&DATABASE_BUSY, "locked")]);
    request.call(Call { idempotency_key: None, ..call("single", 1) }).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn effects_that_failed_in_the_middle_are_finished_by_a_repeat() {
    let full = || Report::new(&LOG_FULL, "full");
    for (durable_records, database) in [(0, false), (1, false), (2, false), (0, true)] {
        let mut durable = Durable::new();
        durable.database.put("known", row("a", 10));
        if database {
            durable.database.failures.lock().unwrap().extend([Report::new(&DATABASE_BUSY, "locked")]);
        } else {
            durable.output.failures.lock().unwrap().extend([(full(), durable_records)]);
        }
        let flow = everything();
        let request = RequestFlow::new(Arc::clone(&flow), &durable.world());
        let first = request.call(call("k", 1)).await;
        // Everything was durable though the topic reported a failure.
        assert_eq!(first.is_ok(), durable_records == 2);
        let reply = process(&mut durable, &flow, 10, None).await.unwrap();
        assert_eq!(reply, Reply::Sent(row("a", 11)));
        let (records, rows, sums) = left(&durable);
        assert_eq!(records, ["k {\"key\":\"a\",\"n\":11}", "k.1 {\"key\":\"a\",\"n\":11}"]);
        assert_eq!((rows, sums), (vec![row("a", 11)], vec![row("a", 11)]));
    }
}

#[tokio::test(start_paused = true)]
async fn what_had_happened_in_part_is_finished_at_the_start_and_what_had_not_is_forgotten() {
    let mut durable = Durable::new();
    durable.database.put("known", row("a", 10));
    let full = || (Report::new(&LOG_FULL, "full"), 0);
    durable.output.failures.lock().unwrap().extend([full(), full()]);
    let request = RequestFlow::new(everything(), &durable.world());
    request.call(call("in part", 1)).await.unwrap_err();
    let publishing = FlowBuilder::from_requests().publish().build();
    let request = RequestFlow::new(publishing, &durable.world());
    request.call(call("not at all", 5)).await.unwrap_err();
    assert_eq!(durable.state.claims.lock().unwrap().len(), 2);
    durable.hand = Hand::default();
    finish_requests(&everything(), &durable.world()).await.unwrap();
    assert_eq!(durable.output.records().len(), 2);
    assert_eq!(durable.database.rows("sums"), [row("a", 11)]);
    let claims = durable.state.claims.lock().unwrap();
    let held: Vec<_> = claims.iter().map(|(id, claim)| (id.key.as_str(), claim.due.is_some())).collect();
    assert_eq!(held, [("in part", false)]);
}

#[tokio::test(start_paused = true)]
async fn what_a_system_refuses_for_good_leaves_the_key_free() {
    for (flow, n) in [
        (FlowBuilder::from_requests().upsert("rows").publish().build(), 666),
        (FlowBuilder::from_requests().publish().build(), 999),
    ] {
        let durable = Durable::new();
        let request = RequestFlow::new(flow, &durable.world());
        request.call(call("k", n)).await.unwrap_err();
        assert!(durable.state.claims.lock().unwrap().is_empty());
        request.call(call("k", 1)).await.unwrap();
        assert_eq!(durable.output.records().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_done_or_not_is_refused_and_not_done_again() {
    let begun = async || {
        let durable = Durable::new();
        durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_FULL, "full"), 0)]);
        let flow = FlowBuilder::from_requests().upsert("rows").publish().build();
        RequestFlow::new(flow, &durable.world()).call(call("k", 1)).await.unwrap_err();
        durable
    };
    let again = async |durable: &Durable, flow: Arc<Flow>| {
        finish_requests(&flow, &durable.world()).await.unwrap();
        let report = RequestFlow::new(flow, &durable.world()).call(call("k", 1)).await.unwrap_err();
        assert!(durable.output.records().is_empty());
        report.code().id
    };
    let flow = || FlowBuilder::from_requests().upsert("rows").publish().build();
    let durable = begun().await;
    durable.output.replace("another");
    assert_eq!(again(&durable, flow()).await, "F0030", "the topic was made anew");
    let durable = begun().await;
    durable.output.remove_before(1);
    assert_eq!(again(&durable, flow()).await, "F0030", "the topic has removed what may be of it");
    let durable = begun().await;
    let other = FlowBuilder::from_requests().upsert("others").publish().build();
    assert_eq!(again(&durable, other).await, "F0030", "the flow writes another table");
}

#[tokio::test(start_paused = true)]
async fn the_same_content_in_another_spelling_is_the_same_request() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_requests().publish().reply("row.key", "row.n").build();
    let request = RequestFlow::new(flow, &durable.world());
    let first = request.call(call("k", 1)).await.unwrap();
    let swapped = Value::record([("n", Value::Int(1)), ("key", Value::from("a"))]);
    let other = Call { request: Request::Send(swapped), ..call("k", 1) };
    assert_eq!(request.call(other).await.unwrap(), first);
    assert_eq!(durable.output.records().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn transactions_that_a_process_left_are_forgotten_by_the_next_one_but_for_the_newest() {
    let mut durable = Durable::new();
    durable.database.put("known", row("a", 10));
    let upserting = FlowBuilder::from_requests().upsert("rows").build();
    let both = FlowBuilder::from_requests().upsert("rows").publish().build();
    for (key, flow) in [
        ("a", &upserting),
        ("b", &upserting),
        ("with a space", &upserting),
        ("open", &both),
        ("last", &upserting),
    ] {
        // Each in a process of its own, so that nothing is told to be forgotten with a later one.
        durable.hand = Hand::default();
        if key == "open" {
            durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_FULL, "full"), 0)]);
        }
        let done = RequestFlow::new(Arc::clone(flow), &durable.world()).call(call(key, 1)).await;
        assert_eq!(done.is_ok(), key != "open");
        durable.world().clock.sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(durable.database.transactions().len(), 5);
    durable.hand = Hand::default();
    forget_transactions(&durable.world()).await.unwrap();
    let keys: Vec<_> = durable
        .database
        .transactions()
        .iter()
        .map(|id| id.splitn(3, ' ').nth(2).unwrap().to_owned())
        .collect();
    assert_eq!(keys, ["open", "last"]);
    forget_transactions(&durable.world()).await.unwrap();
    assert_eq!(durable.database.transactions().len(), 2);
}
