//! What keeps a project from being ready: each cause once, from the start and while it runs.

use std::{fs, net::SocketAddr, time::Duration};

use crate::shop::{PROJECT, Shop, codes, ready, remove, sell, sell_with_key};

/// Waits until nothing keeps the project from being ready: a flow that stalled tries again after its backoff.
async fn becomes_ready(address: SocketAddr) {
    let ready = async {
        while !ready(address).await.starts_with("HTTP/1.1 200") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ready).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_is_pulled_away_under_a_running_process_is_noticed_at_once() {
    let shop = Shop::new();
    shop.run().await;
    let running = shop.start().await;
    running.idle().await;
    let address = running.address().unwrap();
    let elsewhere = shop.0.path().join("elsewhere");
    fs::rename(shop.state(), &elsewhere).unwrap();
    let answer = sell(address, 1).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let answer = ready(address).await;
    let told = "\"parts\":[\"the state folder\",\"sales\"";
    assert!(answer.contains(told) && answer.matches("\"parts\"").count() == 1, "{answer}");
    fs::create_dir(shop.state()).unwrap();
    assert!(sell(address, 1).await.starts_with("HTTP/1.1 503"), "another folder lies in its place");
    let put: Vec<_> = fs::read_dir(shop.state()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(put.is_empty(), "nothing is written to it: {put:?}");
    fs::remove_dir(shop.state()).unwrap();
    fs::rename(&elsewhere, shop.state()).unwrap();
    assert!(sell(address, 9).await.starts_with("HTTP/1.1 20"));
    // The flow that could not read meanwhile goes on, too.
    becomes_ready(address).await;
    for lock in [".lock", "topics/.lock"] {
        remove(&shop.state().join(lock));
    }
    assert_eq!(shop.try_start().await.err().map(|reports| codes(&reports)), Some(vec!["Y0204"]));
    running.drain().await;
}

#[tokio::test]
async fn readiness_shows_what_requests_meet() {
    let shop = Shop::new();
    shop.run().await;
    let running = shop.start().await;
    running.idle().await;
    let address = running.address().unwrap();
    let (topic, elsewhere) = (shop.state().join("topics/sales"), shop.0.path().join("elsewhere"));
    fs::rename(&topic, &elsewhere).unwrap();
    for _ in 0..2 {
        let answer = ready(address).await;
        assert!(answer.starts_with("HTTP/1.1 503"), "before anybody writes, too: {answer}");
        assert_eq!(answer.matches("Y0207").count(), 1, "{answer}");
        assert!(sell(address, 1).await.starts_with("HTTP/1.1 503"));
    }
    fs::rename(&elsewhere, &topic).unwrap();
    assert!(sell(address, 9).await.starts_with("HTTP/1.1 20"));
    // The flow that could not read meanwhile goes on, too.
    becomes_ready(address).await;
    running.drain().await;
}

/// What keeps the project from being ready: code, parts and flows.
async fn causes(address: SocketAddr) -> Vec<(String, Vec<String>, Vec<String>)> {
    let answer = ready(address).await;
    let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let names = |names: &serde_json::Value| {
        let names = names.as_array().into_iter().flatten();
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let checks = body["checks"]["readiness"].as_array().into_iter().flatten();
    checks
        .map(|it| (it["code"].as_str().unwrap().to_owned(), names(&it["parts"]), names(&it["flows"])))
        .collect()
}

#[tokio::test]
async fn readiness_names_what_is_missing_once_from_the_start() {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let unread = PROJECT.split_once("  load:\n").unwrap().0;
    let unread = format!(
        "{unread}  sell: {{ steps: [{{ publish: sales }}], reply: {{ store: sale.store, amount: sale.amount }} }}\n"
    );
    for (project, part, called, flows) in [
        (PROJECT, "topics/sales", "sales", &["load", "sum"][..]),
        (PROJECT, "shop.db", "db", &["sum"][..]),
        (unread.as_str(), "topics/sales", "sales", &[][..]),
    ] {
        let shop = Shop::new();
        shop.run().await;
        fs::write(shop.0.path().join("tenon.yaml"), project).unwrap();
        remove(&shop.state().join(part));
        let running = shop.start().await;
        running.idle().await;
        let expected = vec![("Y0205".to_owned(), owned(&[called]), owned(flows))];
        assert_eq!(causes(running.address().unwrap()).await, expected, "{part}");
        running.drain().await;
    }
}

#[tokio::test]
async fn flows_that_wait_for_files_are_one_entry() {
    let shop = Shop::new();
    let more = "  more:\n    from: { file: { in: files, path: more.csv, format: csv, contract: sale } }\n    steps: [{ publish: sales }]\n";
    fs::write(shop.0.path().join("tenon.yaml"), format!("{PROJECT}{more}")).unwrap();
    fs::remove_file(shop.0.path().join("sales.csv")).unwrap();
    let running = shop.start().await;
    running.idle().await;
    let flows = vec!["load".to_owned(), "more".to_owned()];
    assert_eq!(causes(running.address().unwrap()).await, [("Y0302".to_owned(), vec![], flows)]);
    running.drain().await;
}

#[tokio::test]
async fn readiness_shows_that_the_engines_own_state_cannot_be_written() {
    let shop = Shop::new();
    shop.run().await;
    let running = shop.start().await;
    running.idle().await;
    let address = running.address().unwrap();
    assert!(sell_with_key(address, "before").await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    assert!(ready(address).await.starts_with("HTTP/1.1 200"));
    let other = rusqlite::Connection::open(shop.state().join("tenon.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Only requests come, and no flow has anything to write.
    let answer = sell_with_key(address, "locked").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let answer = ready(address).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("Y0103"), "{answer}");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(sell_with_key(address, "locked").await.starts_with("HTTP/1.1 20"));
    let answer = ready(address).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "at once: {answer}");
    running.drain().await;
}
