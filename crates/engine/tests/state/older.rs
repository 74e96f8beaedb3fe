//! Older parts that are put back right after a process was killed: before anything but the parts themselves has noted how far
//! they had come.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tenon_engine::{Options, state};

use crate::shop::{Seen, Shop, ask, codes, copy, ready, remove, sell, sell_with_key};

/// Sales go to a topic that nobody reads, or to a table, and each into one place.
const UNREAD: &str = "project: shop
server: { listen: 127.0.0.1:0 }
systems:
  db: { sql: { url: \"sqlite://shop.db\" } }
  bus: { broker: { url: embedded } }
topics: { sales: { in: bus, contract: sale } }
tables: { bought: { in: db, contract: sale, key: store } }
apis:
  shop:
    auth: none
    expose: { rest: /v1 }
    operations:
      sell: { rest: POST /sales, input: sale, output: sale, flow: sell }
      buy: { rest: POST /bought, input: sale, output: sale, flow: buy }
      both: { rest: POST /both, input: sale, output: sale, flow: both }
flows:
  sell: { steps: [publish: sales], reply: sale }
  buy: { steps: [upsert: bought], reply: sale }
  both: { steps: [upsert: bought, publish: sales], reply: sale }
";

pub const OWN: &[&str] = &["tenon.db", "tenon.db-wal", "tenon.db-shm", "tenon.db-mark"];
pub const DATABASE: &[&str] = &["shop.db", "shop.db-wal", "shop.db-shm", "shop.db-mark"];

fn unread() -> Shop {
    let shop = Shop::new();
    fs::write(shop.0.path().join("tenon.yaml"), UNREAD).unwrap();
    shop
}

/// Puts what lies in `from` under these names in the place of what lies in `to`.
pub fn put_back(names: &[&str], from: &Path, to: &Path) {
    for name in names {
        let (source, target) = (from.join(name), to.join(name));
        if target.exists() {
            remove(&target);
        }
        if source.is_dir() {
            copy(&source, &target);
        } else if source.exists() {
            fs::copy(source, target).unwrap();
        }
    }
}

async fn buy(address: SocketAddr, store: &str) -> String {
    let body = format!("{{\"store\":\"{store}\",\"amount\":1}}");
    let head = "POST /v1/bought HTTP/1.1\r\nhost: test\r\ncontent-type: application/json";
    ask(address, &format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await
}

async fn verified(options: &Options) -> Vec<&'static str> {
    let problems = state::verify(options, None).await.unwrap();
    problems.iter().map(|report| report.code().id).collect()
}

/// Three sales to a topic and one to a table, in a process that is killed before `tenon.db` remembers any of them: the older
/// state folder, and what the kill leaves.
async fn killed_at_once(shop: &Shop) -> (PathBuf, PathBuf) {
    let (old, killed) = (shop.0.path().join("old"), shop.0.path().join("killed"));
    shop.start().await.drain().await;
    copy(&shop.state(), &old);
    let running = shop.start().await;
    running.idle().await;
    let before = shop.0.path().join("before");
    let address = running.address().unwrap();
    let own = Path::new("marks/tenon.db");
    loop {
        copy(&shop.state(), &before);
        for _ in 0..3 {
            assert!(sell(address, 3).await.starts_with("HTTP/1.1 20"));
        }
        assert!(buy(address, "S1").await.starts_with("HTTP/1.1 20"));
        copy(&shop.state(), &killed);
        if fs::read(before.join(own)).unwrap() == fs::read(killed.join(own)).unwrap() {
            break;
        }
        // Meanwhile it was remembered.
        remove(&before);
        remove(&killed);
    }
    running.drain().await;
    put_back(OWN, &before, &killed);
    (old, killed)
}

#[tokio::test]
async fn an_older_part_is_refused_before_anything_else_remembers_how_far_it_was() {
    let shop = unread();
    let (old, killed) = killed_at_once(&shop).await;
    remove(&shop.state());
    copy(&killed, &shop.state());
    assert_eq!(verified(&shop.options()).await, [""; 0], "the kill alone");
    shop.start().await.drain().await;
    let cases: &[(&[&str], &str)] =
        &[(&["topics"], "topics/sales"), (&["topics/sales"], "topics/sales"), (DATABASE, "shop.db")];
    for (names, part) in cases {
        remove(&shop.state());
        copy(&killed, &shop.state());
        put_back(names, &old, &shop.state());
        assert_eq!(verified(&shop.options()).await, ["Y0205"], "{names:?}");
        let copied = state::backup(&shop.options(), &shop.0.path().join("copy")).await;
        assert_eq!(copied.unwrap_err().code().id, "Y0205", "{names:?}: a copy would make it the truth");
        remove(&shop.0.path().join("copy"));
        for _ in 0..2 {
            let running = shop.start().await;
            let address = running.address().unwrap();
            let answers = [sell(address, 1).await, buy(address, "S2").await];
            let refused = usize::from(*part == "shop.db");
            assert!(answers[refused].starts_with("HTTP/1.1 500"), "{names:?}: {answers:?}");
            assert!(answers[1 - refused].starts_with("HTTP/1.1 20"), "{names:?}: {answers:?}");
            assert!(ready(address).await.contains("Y0205"), "{names:?}");
            running.drain().await;
        }
        state::accept(&shop.options(), part).await.unwrap();
        let running = shop.start().await;
        assert!(sell(running.address().unwrap(), 1).await.starts_with("HTTP/1.1 20"), "{names:?}");
        assert!(buy(running.address().unwrap(), "S3").await.starts_with("HTTP/1.1 20"), "{names:?}");
        running.drain().await;
        shop.start().await.drain().await;
    }
}

#[tokio::test]
async fn parts_that_are_gone_are_missed_before_anything_else_remembers_them() {
    let shop = unread();
    let (_, killed) = killed_at_once(&shop).await;
    for (names, part) in [(&["topics"] as &[&str], "topics/sales"), (DATABASE, "shop.db")] {
        remove(&shop.state());
        copy(&killed, &shop.state());
        put_back(names, Path::new("/nowhere"), &shop.state());
        assert_eq!(verified(&shop.options()).await, ["Y0205"], "{names:?}");
        let running = shop.start().await;
        let address = running.address().unwrap();
        let answers = [sell(address, 1).await, buy(address, "S2").await];
        assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 500")), "{names:?}: {answers:?}");
        assert!(ready(address).await.contains("Y0205"), "{names:?}");
        running.drain().await;
        state::accept(&shop.options(), part).await.unwrap();
        let running = shop.start().await;
        assert!(sell(running.address().unwrap(), 1).await.starts_with("HTTP/1.1 20"), "{names:?}");
        running.drain().await;
    }
}

#[tokio::test]
async fn what_was_noted_apart_may_be_lost() {
    let shop = unread();
    let (_, killed) = killed_at_once(&shop).await;
    remove(&shop.state());
    copy(&killed, &shop.state());
    remove(&shop.state().join("marks"));
    assert_eq!(verified(&shop.options()).await, [""; 0]);
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 1).await.starts_with("HTTP/1.1 20"));
    running.drain().await;
    assert!(shop.state().join("marks/topics/sales").exists());
}

#[tokio::test]
async fn a_log_of_tenon_db_that_is_lost_is_noticed_even_if_nothing_was_copied_from_it_yet() {
    let shop = Shop::new();
    let killed = shop.0.path().join("killed");
    let running = shop.start().await;
    running.idle().await;
    assert!(sell_with_key(running.address().unwrap(), "once").await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    copy(&shop.state(), &killed);
    running.drain().await;
    assert!(fs::metadata(killed.join("tenon.db")).unwrap().len() <= 4096, "nothing but a header");
    let cases: [&[&str]; 3] =
        [&["tenon.db-wal"], &["tenon.db-wal", "tenon.db-mark"], &["tenon.db-wal", "marks"]];
    for lost in cases {
        remove(&shop.state());
        copy(&killed, &shop.state());
        lost.iter().for_each(|name| remove(&shop.state().join(name)));
        assert_eq!(verified(&shop.options()).await.first(), Some(&"Y0206"), "{lost:?}");
        for _ in 0..2 {
            assert_eq!(shop.run().await, Seen::refused("Y0206"), "{lost:?}");
        }
        state::accept(&shop.options(), "tenon.db").await.unwrap();
        assert_eq!(shop.run().await, Seen::sound(4, 312), "{lost:?}");
        assert_eq!(shop.run().await, Seen::sound(4, 312), "{lost:?}");
    }
}

#[tokio::test]
async fn a_repeat_is_not_answered_from_memory_while_what_it_did_is_refused() {
    let shop = Shop::new();
    shop.run().await;
    let old = shop.0.path().join("old");
    copy(&shop.state().join("topics"), &old);
    let running = shop.start().await;
    let address = running.address().unwrap();
    let first = sell_with_key(address, "once").await;
    assert!(first.starts_with("HTTP/1.1 20"), "{first}");
    running.idle().await;
    running.drain().await;
    let (topics, newer) = (shop.state().join("topics"), shop.0.path().join("newer"));
    fs::rename(&topics, &newer).unwrap();
    copy(&old, &topics);
    let running = shop.start().await;
    for key in ["once", "another"] {
        let answer = sell_with_key(running.address().unwrap(), key).await;
        assert!(answer.starts_with("HTTP/1.1 500"), "{key}: {answer}");
    }
    running.drain().await;
    remove(&topics);
    fs::rename(&newer, &topics).unwrap();
    let running = shop.start().await;
    assert!(sell_with_key(running.address().unwrap(), "once").await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    assert_eq!(Seen::of(&running).await, Seen::sound(4, 312));
    running.drain().await;
}

#[tokio::test]
async fn an_older_tenon_db_is_refused_with_the_mark_beside_it() {
    let shop = unread();
    shop.start().await.drain().await;
    let old = shop.0.path().join("old");
    copy(&shop.state(), &old);
    let running = shop.start().await;
    // What only `tenon.db` holds, and no other part has seen.
    assert!(sell_with_key(running.address().unwrap(), "once").await.starts_with("HTTP/1.1 20"));
    running.drain().await;
    put_back(OWN, &old, &shop.state());
    put_back(&["topics"], &old, &shop.state());
    let refused = shop.try_start().await.err().map(|reports| codes(&reports));
    assert_eq!(refused, Some(vec!["Y0206"]));
}

/// A flow that publishes again what it reads, so that its group commits.
const PASSING: &str = "  pass: { from: sales, steps: [{ publish: passed }] }\n";

#[tokio::test]
async fn older_offsets_of_groups_that_are_put_back_alone_are_noticed() {
    let shop = unread();
    let text =
        UNREAD.replace("topics: { sales: {", "topics: { passed: { in: bus, contract: sale }, sales: {");
    fs::write(shop.0.path().join("tenon.yaml"), format!("{text}{PASSING}")).unwrap();
    let (log, old) = (shop.state().join("topics/sales/groups.log"), shop.0.path().join("groups.log"));
    for round in 0..2 {
        let running = shop.start().await;
        assert!(sell(running.address().unwrap(), 1).await.starts_with("HTTP/1.1 20"));
        running.idle().await;
        running.drain().await;
        assert_eq!(verified(&shop.options()).await, [""; 0]);
        if round == 0 {
            fs::copy(&log, &old).unwrap();
        }
    }
    for put_back in [true, false] {
        if put_back {
            fs::copy(&old, &log).unwrap();
        } else {
            remove(&log);
        }
        assert_eq!(verified(&shop.options()).await, ["Y0205"]);
        let copied = state::backup(&shop.options(), &shop.0.path().join("copy")).await;
        assert_eq!(copied.unwrap_err().code().id, "Y0205");
        remove(&shop.0.path().join("copy"));
        let running = shop.start().await;
        assert!(ready(running.address().unwrap()).await.contains("Y0205"));
        running.drain().await;
        state::accept(&shop.options(), "topics/sales").await.unwrap();
        assert_eq!(verified(&shop.options()).await, [""; 0]);
        let running = shop.start().await;
        assert!(sell(running.address().unwrap(), 1).await.starts_with("HTTP/1.1 20"));
        running.idle().await;
        let world = running.world();
        let passed = world.topics.iter().find(|(name, _)| name.as_str() == "passed").unwrap().1;
        let ends = (passed.status().await.unwrap().end, if put_back { 3 } else { 4 });
        assert_eq!(ends.0, ends.1, "nothing is passed on twice");
        running.drain().await;
    }
}

async fn buy_with_key(address: SocketAddr, key: &str, store: &str) -> String {
    send_with_key(address, "bought", key, store).await
}

async fn send_with_key(address: SocketAddr, route: &str, key: &str, store: &str) -> String {
    let body = format!("{{\"store\":\"{store}\",\"amount\":1}}");
    let head = format!(
        "POST /v1/{route} HTTP/1.1\r\nhost: test\r\nidempotency-key: {key}\r\ncontent-type: application/json"
    );
    ask(address, &format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await
}

async fn sales(running: &tenon_engine::Running) -> u64 {
    running.world().topics.values().next().unwrap().status().await.unwrap().end
}

async fn bought(running: &tenon_engine::Running) -> u64 {
    running.world().databases.values().next().unwrap().count("bought").await.unwrap()
}

#[tokio::test]
async fn a_repeat_of_a_request_takes_effect_again_after_what_it_did_was_given_up() {
    let shop = unread();
    let old = shop.0.path().join("old");
    let running = shop.start().await;
    let address = running.address().unwrap();
    assert!(sell_with_key(address, "before").await.starts_with("HTTP/1.1 20"));
    assert!(buy_with_key(address, "first", "S1").await.starts_with("HTTP/1.1 20"));
    running.drain().await;
    copy(&shop.state(), &old);
    let running = shop.start().await;
    let address = running.address().unwrap();
    assert!(sell_with_key(address, "after").await.starts_with("HTTP/1.1 20"));
    assert!(buy_with_key(address, "second", "S2").await.starts_with("HTTP/1.1 20"));
    running.drain().await;
    let newest = shop.0.path().join("newest");
    copy(&shop.state(), &newest);

    // Each part older, and missing.
    let parts: [(&[&str], &str); 2] = [(&["topics"], "topics/sales"), (DATABASE, "shop.db")];
    for (names, part) in parts {
        for missing in [false, true] {
            remove(&shop.state());
            copy(&newest, &shop.state());
            let from = if missing { Path::new("/nowhere") } else { &old };
            put_back(names, from, &shop.state());
            let said = state::accept(&shop.options(), part).await.unwrap().join("\n");
            let lost = if missing { "2 requests" } else { "1 request " };
            assert!(said.contains(&format!("the replies to {lost}")), "{part}: {said}");
            assert!(said.contains(&format!("of `{part}`")), "{part}: {said}");
            let running = shop.start().await;
            let address = running.address().unwrap();
            for key in ["before", "after"] {
                assert!(sell_with_key(address, key).await.starts_with("HTTP/1.1 20"), "{part}: {key}");
            }
            for (key, store) in [("first", "S1"), ("second", "S2")] {
                assert!(buy_with_key(address, key, store).await.starts_with("HTTP/1.1 20"), "{part}: {key}");
            }
            assert_eq!((sales(&running).await, bought(&running).await), (2, 2), "{part}, missing: {missing}");
            running.drain().await;
        }
    }
    // What is sound is not given up.
    for part in ["topics/sales", "shop.db"] {
        assert_eq!(state::accept(&shop.options(), part).await.unwrap_err().code().id, "E0002", "{part}");
    }
    // Nor is it silent that replies are gone with `tenon.db`.
    remove(&shop.state());
    copy(&newest, &shop.state());
    put_back(OWN, &old, &shop.state());
    let said = state::accept(&shop.options(), "tenon.db").await.unwrap().join("\n");
    assert!(said.contains("the replies to requests with an idempotency key, dead letters"), "{said}");
}

#[tokio::test]
async fn a_request_of_which_a_part_is_there_is_not_done_again() {
    let shop = unread();
    let old = shop.0.path().join("old");
    shop.start().await.drain().await;
    copy(&shop.state(), &old);
    let running = shop.start().await;
    assert!(send_with_key(running.address().unwrap(), "both", "k", "S1").await.starts_with("HTTP/1.1 20"));
    running.drain().await;
    let topics: &[&str] = &["topics"];
    let parts = [
        (topics, "topics/sales", "the part in `topics/sales` of 1 request ", (0, 1)),
        (DATABASE, "shop.db", "the replies to 1 request ", (1, 1)),
    ];
    for (names, part, says, left) in parts {
        put_back(names, &old, &shop.state());
        let said = state::accept(&shop.options(), part).await.unwrap().join("\n");
        assert!(said.contains(says), "{part}: {said}");
        let running = shop.start().await;
        let answer = send_with_key(running.address().unwrap(), "both", "k", "S1").await;
        assert!(answer.starts_with("HTTP/1.1 20"), "{part}: {answer}");
        assert_eq!((sales(&running).await, bought(&running).await), left, "{part}");
        running.drain().await;
    }
}
