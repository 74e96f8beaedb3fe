//! Copies of a state folder that is in use.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};

use tenon_engine::state;
use tenon_ports::Query;

use crate::shop::{PROJECT, Seen, Shop, ask, remove, sell};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_copy_of_a_running_state_starts_and_neither_loses_nor_doubles() {
    let shop = Shop::new();
    shop.run().await;
    let running = shop.start().await;
    let address = running.address().unwrap();
    let (sold, enough) = (AtomicU32::new(0), AtomicBool::new(false));
    let selling = async {
        while !enough.load(Relaxed) {
            assert!(sell(address, 1).await.starts_with("HTTP/1.1 20"));
            sold.fetch_add(1, Relaxed);
        }
    };
    let mut bounds = Vec::new();
    let copying = async {
        for number in 0..5 {
            let before = sold.load(Relaxed);
            let to = shop.0.path().join(format!("copy-{number}"));
            state::backup(&shop.options(), &to).await.unwrap();
            // One sale may be on its way.
            bounds.push((to, before, sold.load(Relaxed) + 1));
        }
        enough.store(true, Relaxed);
    };
    tokio::join!(selling, copying);
    running.idle().await;
    assert_eq!(state::verify(&shop.options(), None).await.unwrap(), []);
    running.drain().await;
    for (copy, least, most) in bounds {
        assert_eq!(state::verify(&shop.options(), Some(copy.clone())).await.unwrap(), []);
        remove(&shop.state());
        state::restore(&shop.options(), &copy).await.unwrap();
        let seen = shop.run().await;
        let messages = seen.messages.unwrap();
        assert!(
            (u64::from(least) + 3..=u64::from(most) + 3).contains(&messages),
            "{least} to {most}: {seen:?}"
        );
        let total = 311 + i64::try_from(messages).unwrap() - 3;
        assert_eq!(seen, Seen::sound(messages, total));
        assert_eq!(shop.run().await, Seen::sound(messages, total));
    }
}

#[tokio::test]
async fn a_copy_that_was_changed_is_refused_and_a_folder_in_use_is_left_alone() {
    let shop = Shop::new();
    shop.run().await;
    let copy = shop.0.path().join("copy");
    state::backup(&shop.options(), &copy).await.unwrap();
    assert_eq!(state::backup(&shop.options(), &copy).await.unwrap_err().code().id, "E0002");
    assert_eq!(state::restore(&shop.options(), &copy).await.unwrap_err().code().id, "E0002");
    let segment = copy.join("topics/sales/00000000000000000000.log");
    let mut content = fs::read(&segment).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&segment, content).unwrap();
    let problems = state::verify(&shop.options(), Some(copy.clone())).await.unwrap();
    assert_eq!(problems.iter().map(|report| report.code().id).collect::<Vec<_>>(), ["Y0205", "Y0201"]);
    remove(&shop.state());
    assert_eq!(state::restore(&shop.options(), &copy).await.unwrap_err().code().id, "Y0205");
    assert!(!shop.state().exists());
    fs::remove_file(copy.join("backup.json")).unwrap();
    let problems = state::verify(&shop.options(), Some(copy)).await.unwrap();
    assert!(problems[0].message().contains("is not finished"), "{}", problems[0]);
}

#[tokio::test]
async fn a_copy_is_not_put_into_what_is_copied() {
    let shop = Shop::new();
    shop.run().await;
    for name in ["copy", "backups/monday"] {
        let report = state::backup(&shop.options(), &shop.state().join(name)).await.unwrap_err();
        assert_eq!(report.code().id, "E0002", "{report}");
        assert!(!shop.state().join(name).exists());
    }
}

/// A sale that goes to a topic and to the table of another database, under a key.
async fn buy(address: std::net::SocketAddr, number: u32) -> String {
    let body = format!("{{\"store\":\"K{number}\",\"amount\":1}}");
    let length = body.len();
    let head = "POST /v1/sales HTTP/1.1\r\nhost: test\r\ncontent-type: application/json";
    ask(address, &format!("{head}\r\nidempotency-key: k{number}\r\ncontent-length: {length}\r\n\r\n{body}"))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_has_requests_with_a_key_as_a_whole_or_not_at_all() {
    let shop = Shop::new();
    let project = PROJECT
        .replace("  bus:", "  other: { sql: { url: \"sqlite://other.db\" } }\n  bus:")
        .replace("tables:\n", "tables:\n  bought: { in: other, contract: sale, key: store }\n")
        .replace(
            "sell: { steps: [{ publish: sales }]",
            "sell: { steps: [{ publish: sales }, { upsert: bought }]",
        );
    fs::write(shop.0.path().join("tenon.yaml"), project).unwrap();
    shop.run().await;
    let running = shop.start().await;
    let address = running.address().unwrap();
    let (bought, enough) = (AtomicU32::new(0), AtomicBool::new(false));
    let buying = async {
        while !enough.load(Relaxed) {
            let number = bought.fetch_add(1, Relaxed);
            assert!(buy(address, number).await.starts_with("HTTP/1.1 20"));
        }
    };
    let copying = async {
        for number in 0..6 {
            state::backup(&shop.options(), &shop.0.path().join(format!("copy-{number}"))).await.unwrap();
        }
        enough.store(true, Relaxed);
    };
    tokio::join!(buying, copying);
    running.drain().await;
    let bought = bought.load(Relaxed);
    for number in 0..6 {
        let copy = shop.0.path().join(format!("copy-{number}"));
        assert_eq!(state::verify(&shop.options(), Some(copy.clone())).await.unwrap(), []);
        remove(&shop.state());
        state::restore(&shop.options(), &copy).await.unwrap();
        let running = shop.start().await;
        running.idle().await;
        let (topic, table) = effects(&running).await;
        assert_eq!(topic, table, "in copy {number}");
        for number in 0..bought {
            assert!(buy(running.address().unwrap(), number).await.starts_with("HTTP/1.1 20"));
        }
        let (topic, table) = effects(&running).await;
        assert_eq!(topic.len(), bought as usize, "each once, from copy {number}");
        assert_eq!(topic, table);
        running.drain().await;
    }
}

/// The stores of the keys in the topic, and those in the table.
async fn effects(running: &tenon_engine::Running) -> (Vec<String>, Vec<String>) {
    let world = running.world();
    let topic = world.topics.values().next().unwrap();
    let records = topic.records(0, 100_000).await.unwrap();
    let published = records.iter().map(|(_, record)| record.key.as_ref().unwrap().to_string());
    let mut published: Vec<_> = published.filter(|key| key.starts_with('K')).collect();
    published.sort();
    let (_, other) = world.databases.iter().find(|(name, _)| name.as_str() == "other").unwrap();
    let rows = other.list("bought", Query { limit: 100_000, ..Query::default() }).await.unwrap().rows;
    let mut rows: Vec<_> =
        rows.iter().map(|row| row.get("store").unwrap().as_str().unwrap().to_owned()).collect();
    rows.sort();
    (published, rows)
}
