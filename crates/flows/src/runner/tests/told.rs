//! What the log says of a flow: which one, where, and why.

use tenon_errors::{
    Report,
    catalogue::{data::CONTRACT_VIOLATION, system::DATABASE_BUSY},
};
use tenon_plan::Missing;
use tokio_util::sync::CancellationToken;

use super::runner;
use crate::testing::{Durable, FlowBuilder, Logged, Rows, arrival, broken, row};

#[tokio::test(start_paused = true)]
async fn the_log_says_which_flow_stalls_at_which_step_and_when_it_goes_on() {
    let (durable, logged) = (Durable::new(), Logged::start());
    let busy = || Report::new(&DATABASE_BUSY, "`db` is locked");
    durable.database.get_failures.lock().unwrap().extend([busy(), busy()]);
    let flow = FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::None).publish().build();
    let rows = Rows::new(&durable.gate, vec![arrival(0, row("a", 1))]);
    runner(&durable, &flow, &rows, (3, 1)).run(CancellationToken::new()).await.unwrap();
    let lines = logged.lines("a flow ");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("message=a flow is stalled flow=flow step=1:lookup code=Y0103"), "{lines:?}");
    assert!(lines[1].contains("message=a flow that was stalled goes on flow=flow"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn the_line_about_a_dead_letter_says_why_and_where_in_the_data() {
    let (durable, logged) = (Durable::new(), Logged::start());
    let details = ["/lines/0/sku", "/lines/1/sku", "/lines/2/sku", "/lines/3/sku"]
        .map(|path| Report::new(&CONTRACT_VIOLATION, "expected a text").path(path));
    let report = Report::new(&CONTRACT_VIOLATION, "the data does not follow its contract in 4 places")
        .with_details(details);
    let mut broken = broken(0);
    broken.payload = Err(report);
    let flow = FlowBuilder::from_rows().publish().build();
    let rows = Rows::new(&durable.gate, vec![broken]);
    runner(&durable, &flow, &rows, (3, 1)).run(CancellationToken::new()).await.unwrap();
    let lines = logged.lines("a message became a dead letter");
    let told = "in 4 places; expected a text (at /lines/0/sku); expected a text (at /lines/1/sku); \
                expected a text (at /lines/2/sku); and 1 more";
    assert!(lines[0].contains(told), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_was_taken_for_whole_and_goes_on_is_named_and_processed_again() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().upsert("rows").build();
    let mut cut = arrival(1, row("a", 1));
    cut.next.offset -= 5;
    let rows = Rows::new(&durable.gate, vec![arrival(0, row("b", 2)), cut]);
    runner(&durable, &flow, &rows, (3, 1)).run(CancellationToken::new()).await.unwrap();
    let logged = Logged::start();
    let mut rows = Rows::new(&durable.gate, vec![arrival(1, row("a", 12))]);
    // The source goes on before the checkpoint.
    rows.restarts_when_shorter = true;
    runner(&durable, &flow, &rows, (3, 1)).run(CancellationToken::new()).await.unwrap();
    let lines =
        logged.lines("the last row of `rows.csv` had no line break and was processed, and now it goes on");
    assert!(matches!(lines.as_slice(), [line] if line.contains("code=F0026 origin=rows.csv:3")), "{lines:?}");
    assert_eq!(durable.database.rows("rows"), [row("a", 12), row("b", 2)]);
}
