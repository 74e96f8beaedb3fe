//! Rows that messages are merged into: they follow their contract after each message, or that message fails.

use crate::{NONE, Project};

const BOUNDED: &str = r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false, "properties": {
    "store": { "type": "string", "maxLength": 2 }, "amount": { "type": "integer", "minimum": 0, "maximum": 100 },
    "last": { "type": "integer", "maximum": 60 } } }"#;

const WHOLE: &str = r#"{ "type": "object", "required": ["store"], "additionalProperties": false, "maxProperties": 2, "properties": {
    "store": { "type": "string" }, "amount": { "type": "integer" }, "last": { "type": "integer" } } }"#;

const EITHER: &str = r#"  sums:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - let: { small: sale.amount < 10 }
      - aggregate:
          into: totals
          key: { store: sale.store }
          fields:
            amount: { sum: "small ? optional.of(sale.amount) : optional.none()" }
            last: { last: "small ? optional.none() : optional.of(sale.amount)" }
"#;

#[tokio::test]
async fn a_message_after_which_a_row_as_a_whole_would_break_its_contract_fails_alone() {
    let project = Project::new(EITHER);
    project.file("contracts/total/1.json", WHOLE);
    project.file("day1.csv", "store,amount\nS1,1\nS1,20\nS1,2\nS2,30\n");
    assert_eq!(project.run("day1.csv").await, NONE.unwrap());
    assert_eq!(project.column("amount").await, "S1=3 S2=null");
    assert_eq!(project.column("last").await, "S1=null S2=30");
    assert_eq!(project.letters().await, 1);
}

const FLOW: &str = r#"  sums:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - aggregate:
          into: totals
          key: { store: sale.store }
          fields: { amount: { sum: sale.amount }, last: { last: sale.amount } }
"#;

#[tokio::test]
async fn a_message_after_which_a_row_would_break_its_contract_fails_alone_whatever_comes_with_it() {
    for batched in [true, false] {
        let project = Project::new(FLOW);
        project.file("contracts/total/1.json", BOUNDED);
        // 110 is too much, 61 too much for the last one, -100 too little, and the name of the last store too long.
        let rows = ["S1,60", "S1,50", "S1,30", "S2,61", "S2,7", "S1,-100", "S1,-50", "S123,1"];
        for (at, row) in rows.iter().enumerate().filter(|_| !batched) {
            let name = format!("{at}.csv");
            project.file(&name, &format!("store,amount\n{row}\n"));
            assert!(project.run(&name).await.is_empty());
        }
        if batched {
            project.file("day1.csv", &format!("store,amount\n{}\n", rows.join("\n")));
            assert_eq!(project.run("day1.csv").await, NONE.unwrap());
        }
        assert_eq!(project.totals().await, "S1=40 S2=7", "{batched}");
        assert_eq!(project.column("last").await, "S1=-50 S2=7", "{batched}");
        assert_eq!(project.letters().await, 4, "{batched}");
    }
}
