//! A damaged record stops what uses its topic, until somebody says that it is to be skipped; then nobody stops at it.

use std::{fs, path::PathBuf};

use tenon_engine::state;

use crate::shop::{Seen, Shop, ask, ready, remove, sell};

fn segment(shop: &Shop) -> PathBuf {
    shop.state().join("topics/sales/00000000000000000000.log")
}

/// Where the records of a segment begin.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let mut at = 40;
    let mut starts = Vec::new();
    while let Some(length) = bytes.get(at + 4..at + 8) {
        starts.push(at);
        at += 24 + u32::from_le_bytes(length.try_into().unwrap()) as usize;
    }
    starts
}

/// Changes a byte of the record with offset `offset`, or cuts the file there.
fn damage(shop: &Shop, offset: usize, cut: bool) {
    let mut bytes = fs::read(segment(shop)).unwrap();
    let at = starts(&bytes)[offset] + 30;
    if cut {
        bytes.truncate(at);
    } else {
        bytes[at] ^= 1;
    }
    fs::write(segment(shop), bytes).unwrap();
}

/// Sells for 1, 2, 4 and so on, so that the total says what was counted.
async fn sells(shop: &Shop, amounts: &[u32]) {
    let running = shop.start().await;
    for amount in amounts {
        let answer = sell(running.address().unwrap(), *amount).await;
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }
    running.idle().await;
    running.drain().await;
}

#[tokio::test]
async fn a_damaged_record_is_skipped_by_order_and_every_consumer_says_so() {
    // The file has three rows of 311 in all; then come the sales.
    for (offset, cut, lost) in [(4, false, 2), (6, false, 8), (6, true, 8), (5, true, 4 + 8)] {
        let shop = Shop::new();
        shop.run().await;
        sells(&shop, &[1, 2, 4, 8]).await;
        damage(&shop, offset, cut);
        let seen = shop.run().await;
        assert!(seen.failed.iter().all(|code| *code == "Y0201") && !seen.failed.is_empty(), "{seen:?}");
        let reports = state::skip(&shop.options(), "topics/sales").await.unwrap();
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert!(
            reports[0]
                .message()
                .contains(&format!("offset{}", if cut && offset == 5 { "s 5 to 6" } else { " " }))
        );
        assert!(state::skip(&shop.options(), "topics/sales").await.unwrap().is_empty());
        assert!(
            state::verify(&shop.options(), None).await.unwrap().is_empty(),
            "what is skipped is no damage"
        );

        // The database has counted all of it before, and goes on.
        let seen = shop.run().await;
        assert_eq!(seen, Seen::sound(7, 311 + 15), "{offset} {cut}");
        sells(&shop, &[16]).await;
        assert_eq!(shop.run().await, Seen::sound(8, 311 + 31), "{offset} {cut}");

        // A consumer that reads from the start goes across.
        let running = {
            let mut options = shop.options();
            options.rebuild = vec!["sum".to_owned()];
            let plan = tenon_engine::load(&options).plan.unwrap();
            tenon_engine::Running::start(plan, options).await.unwrap()
        };
        running.idle().await;
        let address = running.address().unwrap();
        assert!(ready(address).await.starts_with("HTTP/1.1 200"));
        let seen = Seen::of(&running).await;
        assert_eq!((seen.total, seen.messages), (Some(311 + 31 - lost), Some(8)), "{offset} {cut}");
        let skipped = if cut && offset == 5 { 2 } else { 1 };
        let sum = running.summary().flows.into_iter().find(|flow| flow.flow == "sum").unwrap();
        assert_eq!(sum.skipped, skipped, "it says so");
        let metrics = ask(address, "GET /metrics HTTP/1.1\r\nhost: test\r\n\r\n").await;
        let gauge = format!("tenon_topic_skipped_messages{{topic=\"sales\"}} {skipped}");
        assert!(metrics.contains(&gauge), "{metrics}");
        running.drain().await;

        // A copy takes with it what is skipped.
        let copy = shop.0.path().join("copy");
        state::backup(&shop.options(), &copy).await.unwrap();
        remove(&shop.state());
        state::restore(&shop.options(), &copy).await.unwrap();
        assert_eq!(shop.run().await, Seen::sound(8, 311 + 31 - lost), "{offset} {cut}");
    }
}

#[tokio::test]
async fn a_consumer_that_comes_to_a_skipped_end_is_through() {
    let shop = Shop::new();
    shop.run().await;
    sells(&shop, &[1, 2]).await;
    damage(&shop, 4, true);
    state::skip(&shop.options(), "topics/sales").await.unwrap();
    let mut options = shop.options();
    options.rebuild = vec!["sum".to_owned()];
    let plan = tenon_engine::load(&options).plan.unwrap();
    let running = tenon_engine::Running::start(plan, options).await.unwrap();
    running.idle().await;
    assert_eq!(Seen::of(&running).await, Seen::sound(5, 311 + 1));
    running.drain().await;
}

#[tokio::test]
async fn only_a_topic_that_is_there_is_skipped_and_not_while_it_is_used() {
    let shop = Shop::new();
    shop.run().await;
    for part in ["sales", "topics/nothing", "topics/../sales", "shop.db"] {
        let report = state::skip(&shop.options(), part).await.unwrap_err();
        assert_eq!(report.code().id, "E0002", "{part}");
    }
    let running = shop.start().await;
    let report = state::skip(&shop.options(), "topics/sales").await.unwrap_err();
    assert_eq!(report.code().id, "Y0204");
    running.drain().await;
}
