//! Copies of a state folder that is in use.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};

use tenon_engine::state;

use crate::shop::{Seen, Shop, remove, sell};

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
}
