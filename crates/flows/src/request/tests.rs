//! Requests in a world in memory.

mod crash;

use std::{sync::Arc, time::Duration};

use tenon_errors::{
    Kind, Report,
    catalogue::system::{DATABASE_BUSY, LOG_FULL},
};
use tenon_model::{TraceContext, Value};
use tenon_plan::{Flow, Missing};
use tenon_ports::{Call, Clock, IdempotencyKey, Operation, Query, Reply, operation::Request};
use tenon_security::Principal;

use super::RequestFlow;
use crate::testing::{Durable, FlowBuilder, Logged, TestClock, row};

fn call(request: Request) -> Call {
    Call {
        request,
        principal: Arc::new(Principal::anonymous()),
        client: None,
        trace: TraceContext { trace_id: 7, span_id: 8, flags: 1 },
        trace_state: Some("congo=t61".into()),
        id: "request-1".into(),
        idempotency_key: None,
        deadline: TestClock.now() + Duration::from_secs(5),
        fresh: false,
        condition: None,
    }
}

async fn send(durable: &Durable, flow: Arc<Flow>, value: Value) -> Result<Value, Report> {
    match RequestFlow::new(flow, &durable.world()).call(call(Request::Send(value))).await? {
        Reply::Sent(value) => Ok(value),
        other => panic!("{other:?}"),
    }
}

fn enriched() -> FlowBuilder {
    FlowBuilder::from_requests()
        .filter("row.n > 0")
        .lookup("known", "row.key", "known", Missing::Reject)
        .map("row.key", "row.n + known.n")
        .publish()
        .upsert("rows")
        .reply("mapped.key", "mapped.n")
}

#[tokio::test(start_paused = true)]
async fn a_request_takes_effect_and_is_replied_to() {
    let durable = Durable::new();
    durable.database.put("known", row("a", 40));
    assert_eq!(send(&durable, enriched().build(), row("a", 2)).await.unwrap(), row("a", 42));
    assert_eq!(durable.database.rows("rows"), [row("a", 42)]);
    let record = durable.output.records().pop().unwrap();
    assert_eq!(&*record.value, b"{\"key\":\"a\",\"n\":42}");
    assert_eq!(record.headers.get("ce-id"), Some("request-1"));
    let trace = TraceContext::parse(record.headers.get("traceparent").unwrap()).unwrap();
    assert!(trace.trace_id == 7 && trace.span_id != 8);
    assert_eq!(record.headers.get("tracestate"), Some("congo=t61"));
}

#[tokio::test(start_paused = true)]
async fn what_a_request_writes_is_kept_for_flows_whose_dead_letters_would_write_there() {
    let from = FlowBuilder::from_requests;
    // A removal has a key of its own beside that of the row.
    for (flow, keys) in [(from().upsert("rows"), 1), (from().delete("rows", "row.key"), 2)] {
        let durable = Durable::new();
        durable.watched.begins("keep", ["db.rows".into()]);
        durable.watched.begins("other", ["db.others".into()]);
        send(&durable, flow.build(), row("a", 1)).await.unwrap();
        let moves = durable.state.moves.lock().unwrap().clone();
        let [(holder, moves)] = moves.as_slice() else { panic!("{moves:?}") };
        assert_eq!((holder.as_str(), moves.keys.len(), moves.at), ("keep", keys, TestClock.now()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_of_the_log_says_which_request_it_is_about() {
    let (durable, logged) = (Durable::new(), Logged::start());
    let flow = FlowBuilder::from_requests().log("'seen'").publish().build();
    send(&durable, flow, row("a", 1)).await.unwrap();
    let lines = logged.lines("seen");
    assert!(matches!(lines.as_slice(), [line] if line.contains("origin=request request-1 ")), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn what_fails_goes_to_the_caller_and_nowhere_else() {
    for (key, n, code) in [("x", 1, "F0001"), ("a", 0, "F0006")] {
        let durable = Durable::new();
        durable.database.put("known", row("a", 40));
        let report = send(&durable, enriched().build(), row(key, n)).await.unwrap_err();
        assert_eq!(report.code().id, code);
        assert!(durable.output.records().is_empty() && durable.state.letters().is_empty());
    }
    let durable = Durable::new();
    durable.database.put("known", row("a", 40));
    durable.database.failures.lock().unwrap().extend([Report::new(&DATABASE_BUSY, "locked")]);
    let report = send(&durable, enriched().build(), row("a", 1)).await.unwrap_err();
    assert!(report.code().id == "Y0103" && durable.output.records().is_empty());
    durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_FULL, "full"), 0)]);
    let flow = FlowBuilder::from_requests().publish().build();
    assert_eq!(send(&durable, flow, row("a", 1)).await.unwrap_err().code().id, "Y0202");
    let rows = RequestFlow::new(FlowBuilder::from_requests().publish().build(), &durable.world());
    let report = rows.call(call(Request::List(Query::default()))).await.unwrap_err();
    assert_eq!(report.kind(), Kind::Internal);
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_a_row_until_its_attempts_or_its_time_are_over() {
    let flow = || {
        let from = FlowBuilder::from_requests().lookup("known", "row.key", "known", Missing::Retry);
        from.publish().reply("row.key", "row.n").build()
    };
    let durable = Durable::new();
    let report = send(&durable, flow(), row("a", 1)).await.unwrap_err();
    assert_eq!((report.code().id, report.details()[0].code().id), ("F0002", "F0001"));
    let request = RequestFlow::new(flow(), &durable.world());
    let waiting = tokio::spawn(async move { request.call(call(Request::Send(row("a", 1)))).await });
    while durable.database.asked.lock().unwrap().len() < 5 {
        tokio::task::yield_now().await;
    }
    durable.database.put("known", row("a", 0));
    assert_eq!(waiting.await.unwrap().unwrap(), Reply::Sent(row("a", 1)));
    assert_eq!(durable.output.records().len(), 1, "the attempts before have left no effect");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_too_late_has_no_effect() {
    let durable = Durable::new();
    let request = RequestFlow::new(FlowBuilder::from_requests().publish().build(), &durable.world());
    let late = Call { deadline: TestClock.now(), ..call(Request::Send(row("a", 1))) };
    assert_eq!(request.call(late).await.unwrap_err().code().id, "A0108");
    assert!(durable.output.records().is_empty());
}

#[tokio::test(start_paused = true)]
async fn effects_that_have_started_are_finished_though_the_caller_has_gone() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_requests().upsert("rows").publish().build();
    let request = RequestFlow::new(flow, &durable.world());
    let mut calling = request.call(call(Request::Send(row("a", 1))));
    assert!(futures_util::poll!(&mut calling).is_pending());
    drop(calling);
    while durable.output.records().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(durable.database.rows("rows"), [row("a", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_replied_to_has_no_effect() {
    for (flow, code) in [
        (FlowBuilder::from_requests().publish().upsert("rows").reply("row.key", "100 / row.n"), "M0007"),
        (FlowBuilder::from_requests().publish().upsert("rows").reply("\"\"", "row.n"), "F0009"),
    ] {
        let durable = Durable::new();
        let report = send(&durable, flow.build(), row("a", 0)).await.unwrap_err();
        assert_eq!(report.code().id, code, "{report}");
        assert!(durable.output.records().is_empty() && durable.database.rows("rows").is_empty());
    }
}

fn keyed(key: &str, value: Value) -> Call {
    let caller = key.split('/').next().unwrap_or_default().into();
    let key = IdempotencyKey { caller, key: key.into() };
    Call { id: key.key.clone(), idempotency_key: Some(key), ..call(Request::Send(value)) }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_sent_again_with_its_key_gets_the_first_reply_and_has_no_second_effect() {
    let durable = Durable::new();
    let flow = || FlowBuilder::from_requests().publish().reply("row.key", "row.n + 1").build();
    let request = RequestFlow::new(flow(), &durable.world());
    let first = request.call(keyed("a/1", row("a", 1))).await.unwrap();
    assert_eq!(first, Reply::Sent(row("a", 2)));
    // Also in a new process.
    for request in [request, RequestFlow::new(flow(), &durable.world())] {
        assert_eq!(request.call(keyed("a/1", row("a", 1))).await.unwrap(), first);
        assert_eq!(durable.output.records().len(), 1);
        let report = request.call(keyed("a/1", row("a", 7))).await.unwrap_err();
        assert_eq!(report.code().id, "F0011", "another content");
    }
    let request = RequestFlow::new(flow(), &durable.world());
    request.call(keyed("b/1", row("a", 7))).await.unwrap();
    request.call(call(Request::Send(row("a", 1)))).await.unwrap();
    request.call(call(Request::Send(row("a", 1)))).await.unwrap();
    assert_eq!(durable.output.records().len(), 4, "another caller, and requests without a key");
    tokio::time::advance(Duration::from_secs(25 * 3600)).await;
    let later = Call { deadline: TestClock.now() + Duration::from_secs(5), ..keyed("a/1", row("a", 1)) };
    request.call(later).await.unwrap();
    assert_eq!(durable.output.records().len(), 5, "a day later it is another request");
}

#[tokio::test(start_paused = true)]
async fn a_key_is_in_hand_until_its_request_has_ended_in_whatever_way() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_requests().publish().reply("row.key", "row.n").build();
    let request = RequestFlow::new(flow, &durable.world());
    let mut first = request.call(keyed("a/1", row("a", 1)));
    assert!(futures_util::poll!(&mut first).is_pending());
    // Also by another operation of the flow, and after a reload.
    let other = RequestFlow::new(FlowBuilder::from_requests().publish().build(), &durable.world());
    for request in [&request, &other] {
        let report = request.call(keyed("a/1", row("a", 1))).await.unwrap_err();
        assert_eq!((report.code().id, report.kind(), report.is_transient()), ("F0010", Kind::Aborted, true));
    }
    first.await.unwrap();
    assert_eq!(durable.output.records().len(), 1);

    // One that failed may be sent again.
    durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_FULL, "full"), 0)]);
    assert_eq!(request.call(keyed("a/2", row("a", 2))).await.unwrap_err().code().id, "Y0202");
    request.call(keyed("a/2", row("a", 2))).await.unwrap();
    assert_eq!(durable.output.records().len(), 2);
    // One whose claim could not be stored had no effect.
    durable.state.failures.lock().unwrap().extend([Report::new(&DATABASE_BUSY, "locked")]);
    assert_eq!(request.call(keyed("a/3", row("a", 3))).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(durable.output.records().len(), 2);
    request.call(keyed("a/3", row("a", 3))).await.unwrap();
    assert_eq!(durable.output.records().len(), 3);
}
