//! Parts that are gone or older.

use std::fs;

use tenon_engine::{inspect, load, state};

use crate::shop::{PROJECT, Seen, Shop, ask, copy, ready, remove, sell};

#[tokio::test]
async fn a_folder_that_is_left_alone_goes_on() {
    let shop = Shop::new();
    assert_eq!(shop.run().await, Seen::sound(3, 311));
    assert_eq!(shop.run().await, Seen::sound(3, 311));
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    assert_eq!(shop.run().await, Seen::sound(4, 320));
}

fn lose_tenon_db(shop: &Shop, but: &str) {
    for name in ["tenon.db", "tenon.db-mark", "tenon.db-wal", "tenon.db-shm"] {
        if name != but && shop.state().join(name).exists() {
            remove(&shop.state().join(name));
        }
    }
}

#[tokio::test]
async fn what_topics_and_databases_hold_is_enough_to_go_on_without_tenon_db() {
    for left_of_it in ["tenon.db-mark", ""] {
        let shop = Shop::new();
        shop.run().await;
        lose_tenon_db(&shop, left_of_it);
        for _ in 0..2 {
            assert_eq!(shop.run().await, Seen::sound(3, 311), "what was published is recognised");
        }
        let shop = Shop::new();
        let text = PROJECT.replace("{ publish: sales }]\n  sell", "{ aggregate: { into: totals, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }]\n  sell");
        assert_ne!(text, PROJECT);
        fs::write(shop.0.path().join("tenon.yaml"), text).unwrap();
        assert_eq!(shop.run().await, Seen::sound(0, 311));
        lose_tenon_db(&shop, left_of_it);
        assert_eq!(shop.run().await, Seen::sound(0, 311));
    }
}

#[tokio::test]
async fn a_lost_tenon_db_is_refused_where_a_file_is_not_the_one_that_was_published() {
    for left_of_it in ["tenon.db-mark", ""] {
        let shop = Shop::new();
        shop.run().await;
        lose_tenon_db(&shop, left_of_it);
        let sales = shop.0.path().join("sales.csv");
        let before = fs::read_to_string(&sales).unwrap();
        fs::write(&sales, format!("{before}S3,5\n")).unwrap();
        for _ in 0..3 {
            assert_eq!(shop.run().await, Seen::refused("Y0205"), "beside {left_of_it}");
        }
        fs::write(&sales, before).unwrap();
        assert_eq!(shop.run().await, Seen::sound(3, 311));
        lose_tenon_db(&shop, left_of_it);
        fs::write(&sales, "store,amount\nS3,5\n").unwrap();
        assert_eq!(shop.run().await, Seen::refused("Y0205"));
        state::accept(&shop.options(), "tenon.db").await.unwrap();
        assert_eq!(shop.run().await, Seen::sound(4, 316));
    }
}

#[tokio::test]
async fn a_position_of_a_group_that_was_lost_is_that_of_its_flow_again() {
    let shop = Shop::new();
    let copy = "flows:\n  copy: { from: sales, steps: [{ publish: copies }] }\n";
    let text = PROJECT
        .replace("flows:\n", copy)
        .replace("tables:\n", "  copies: { in: bus, contract: sale, key: sale.store }\ntables:\n");
    fs::write(shop.0.path().join("tenon.yaml"), text).unwrap();
    shop.run().await;
    // The second time everything else that remembers it is gone as well.
    for loses_own in [false, true] {
        remove(&shop.state().join("topics/sales/groups.log"));
        state::accept(&shop.options(), "topics/sales").await.unwrap();
        if loses_own {
            lose_tenon_db(&shop, "");
        }
        for start in 0..2 {
            let running = shop.start().await;
            running.idle().await;
            let topics = &running.world().topics;
            let status =
                topics.iter().find(|(name, _)| name.as_str() == "sales").unwrap().1.status().await.unwrap();
            let group = status.groups.iter().find(|(group, _)| group == "copy");
            assert_eq!(group.map(|(_, at)| *at), Some(3), "own state lost: {loses_own}, start {start}");
            let copies =
                topics.iter().find(|(name, _)| name.as_str() == "copies").unwrap().1.status().await.unwrap();
            assert_eq!(copies.end, 3, "nothing is published twice");
            let progress = running.progress();
            let (_, copy) = progress.iter().find(|(flow, _)| flow.name.as_str() == "copy").unwrap();
            let read = if loses_own && start == 0 { 3 } else { 0 };
            assert_eq!(copy.read(), read, "own state lost: {loses_own}, start {start}");
            running.drain().await;
        }
    }
}

#[tokio::test]
async fn an_older_tenon_db_is_refused_until_it_is_accepted() {
    let shop = Shop::new();
    shop.run().await;
    let older = fs::read(shop.state().join("tenon.db")).unwrap();
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    for mark in [true, false] {
        fs::write(shop.state().join("tenon.db"), &older).unwrap();
        if !mark {
            remove(&shop.state().join("tenon.db-mark"));
        }
        assert_eq!(shop.run().await, Seen::refused("Y0206"), "with its mark: {mark}");
        assert_eq!(shop.run().await, Seen::refused("Y0206"), "again");
    }
    state::accept(&shop.options(), "tenon.db").await.unwrap();
    assert_eq!(shop.run().await, Seen::sound(4, 320));
}

#[tokio::test]
async fn a_topic_that_is_gone_or_older_keeps_only_its_users_from_running() {
    let shop = Shop::new();
    shop.run().await;
    let topic = shop.state().join("topics/sales");
    let kept = shop.state().join("topics/older");
    copy(&topic, &kept);
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    for older in [false, true] {
        if topic.exists() {
            remove(&topic);
        }
        if older {
            copy(&kept, &topic);
        }
        let running = shop.start().await;
        running.idle().await;
        let address = running.address().unwrap();
        assert!(sell(address, 1).await.starts_with("HTTP/1.1 500"));
        assert!(ready(address).await.contains("Y0205"));
        let totals = ask(address, "GET /v1/totals HTTP/1.1\r\nhost: test\r\n\r\n").await;
        assert!(totals.starts_with("HTTP/1.1 200"), "{totals}");
        let seen = Seen::of(&running).await;
        assert_eq!((seen.failed, seen.total), (vec!["Y0205"; 2], Some(320)), "older: {older}");
        running.drain().await;
    }
}

#[tokio::test]
async fn a_database_that_is_gone_or_older_is_refused() {
    let shop = Shop::new();
    shop.run().await;
    let (database, mark) = (shop.state().join("shop.db"), shop.state().join("shop.db-mark"));
    let older = fs::read(&database).unwrap();
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    running.drain().await;
    for (content, with_mark) in
        [(None, true), (None, false), (Some(older.clone()), true), (Some(older), false)]
    {
        let (saved, saved_mark) = (fs::read(&database).unwrap(), fs::read(&mark).unwrap());
        match &content {
            None => remove(&database),
            Some(content) => fs::write(&database, content).unwrap(),
        }
        if !with_mark {
            remove(&mark);
        }
        let seen = shop.run().await;
        assert_eq!(seen.failed, ["Y0205"], "{} with mark {with_mark}", content.is_some());
        assert_eq!(seen.messages, Some(4));
        fs::write(&database, saved).unwrap();
        fs::write(&mark, saved_mark).unwrap();
        assert_eq!(shop.run().await, Seen::sound(4, 320));
    }
}

#[tokio::test]
async fn a_part_that_is_missing_is_not_shown_as_empty() {
    let shop = Shop::new();
    shop.run().await;
    let options = shop.options();
    let plan = load(&options).plan.unwrap();
    let look = async || {
        let topic = inspect::topic_status(&plan, &plan.topics["sales"], &options).await;
        let rows = match inspect::database(&plan.tables["totals"], &options).await {
            Ok(database) => database.count("totals").await,
            Err(report) => Err(report),
        };
        let shown = topic.map(|status| {
            let damaged = status.damaged.iter().map(inspect::condition).collect::<Vec<_>>();
            (status.end, status.groups.len(), damaged)
        });
        (
            shown.map_err(|report| inspect::condition(&report)),
            rows.map_err(|report| inspect::condition(&report)),
        )
    };
    let missing = || "missing (Y0205)".to_owned();
    assert_eq!(look().await, (Ok((3, 1, vec![])), Ok(2)));
    let running = shop.start().await;
    assert_eq!(look().await, (Ok((3, 1, vec![])), Ok(2)), "while it runs");
    running.drain().await;
    let (topic, database) = (shop.state().join("topics/sales"), shop.state().join("shop.db"));
    let (kept, content) = (shop.0.path().join("kept"), fs::read(&database).unwrap());
    fs::rename(&topic, &kept).unwrap();
    assert_eq!(look().await, (Err(missing()), Ok(2)));
    fs::rename(&kept, &topic).unwrap();
    remove(&database);
    assert_eq!(look().await, (Ok((3, 0, vec![missing()])), Err(missing())));
    fs::write(&database, &content[..content.len() / 2]).unwrap();
    assert_eq!(look().await.1, Err("unusable (Y0205)".to_owned()));
    fs::write(&database, "not a database at all").unwrap();
    assert_eq!(look().await.1, Err("damaged (Y0106)".to_owned()));
}

#[tokio::test]
async fn only_a_part_in_which_something_is_wrong_can_be_accepted() {
    let shop = Shop::new();
    shop.run().await;
    let refused = async |part: &str| {
        let report = state::accept(&shop.options(), part).await.unwrap_err();
        assert_eq!(report.code().id, "E0002", "{report}");
        (report.message().to_owned(), report.advice().unwrap_or_default().to_owned())
    };
    for part in ["tenon.db", "shop.db", "topics/sales"] {
        let (message, _) = refused(part).await;
        assert_eq!(message, format!("`{part}` in the state folder is sound; there is nothing to accept"));
    }
    for (part, hint) in [
        ("sales", "write `topics/sales`"),
        ("topics/sales/", "write `topics/sales`"),
        (".tenon/shop.db", "write `shop.db`"),
        ("topics/sale", "write `topics/sales`"),
        ("elsewhere", "name one of its parts: `shop.db`, `tenon.db`, `topics/sales`"),
    ] {
        assert_eq!(refused(part).await, (format!("the state folder has no part `{part}`"), hint.to_owned()));
    }
    remove(&shop.state().join("topics/sales"));
    assert_eq!(shop.run().await.failed, ["Y0205"; 2], "no consent was given in advance");
    refused("shop.db").await;
    for _ in 0..2 {
        state::accept(&shop.options(), "topics/sales").await.unwrap();
    }
    assert_eq!(
        shop.run().await.failed,
        ["F0020"],
        "it is made anew, and what was counted is not counted again"
    );
    refused("topics/sales").await;
}

#[tokio::test]
async fn a_damaged_identity_is_sound_where_the_mark_bears_it_out_and_is_taken_from_it() {
    let shop = Shop::new();
    shop.run().await;
    let identity = shop.state().join("topics/sales/identity");
    let before = fs::read_to_string(&identity).unwrap();
    for damage in ["", "0123456789abcdef", "no identity"] {
        fs::write(&identity, damage).unwrap();
        assert_eq!(state::verify(&shop.options(), None).await.unwrap(), [], "{damage}");
        let report = state::accept(&shop.options(), "topics/sales").await.unwrap_err();
        assert!(report.message().contains("is sound"), "{report}");
    }
    assert_eq!(shop.run().await.failed, Vec::<String>::new());
    assert_eq!(fs::read_to_string(&identity).unwrap(), before);
    // What somebody has accepted is taken, whatever its files say of it.
    let sales = shop.state().join("topics/sales");
    for segment in fs::read_dir(&sales).unwrap().map(|entry| entry.unwrap().path()) {
        if segment.extension().is_some_and(|it| it == "log") {
            fs::remove_file(segment).unwrap();
        }
    }
    fs::write(&identity, "0123456789abcdef").unwrap();
    fs::write(sales.join("mark"), "").unwrap();
    state::accept(&shop.options(), "topics/sales").await.unwrap();
    assert_ne!(shop.run().await.failed, ["Y0201"; 2]);
}

#[tokio::test]
async fn the_state_folder_is_verified_as_such_under_its_path() {
    let shop = Shop::new();
    shop.run().await;
    assert_eq!(state::verify(&shop.options(), Some(shop.state())).await.unwrap(), []);
    // That of another project, too.
    let other = shop.0.path().join("other");
    copy(&shop.state(), &other);
    assert_eq!(state::verify(&shop.options(), Some(other)).await.unwrap(), []);
}

/// The bytes of all files in a folder.
fn content(folder: &std::path::Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            found.extend(content(&path));
        } else if path.is_file() {
            found.push((entry.file_name(), fs::read(path).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn older_parts_are_refused_however_soon_after_a_kill_they_are_put_back() {
    let shop = Shop::new();
    shop.run().await;
    let (old, killed) = (shop.0.path().join("old"), shop.0.path().join("killed"));
    copy(&shop.state(), &old);
    let running = shop.start().await;
    for _ in 0..3 {
        assert!(sell(running.address().unwrap(), 3).await.starts_with("HTTP/1.1 20"));
    }
    running.idle().await;
    // As the end of the process leaves it: at a moment when nothing is written.
    loop {
        copy(&shop.state(), &killed);
        if content(&killed) == content(&shop.state()) {
            break;
        }
        remove(&killed);
    }
    running.drain().await;
    let verified = async || {
        let problems = state::verify(&shop.options(), None).await.unwrap();
        problems.iter().map(|report| report.code().id).collect::<Vec<_>>()
    };
    for (topics, own, expected) in [
        (false, false, None),
        (true, true, Some("Y0206")),
        (true, false, Some("Y0205")),
        (false, true, Some("Y0206")),
    ] {
        remove(&shop.state());
        copy(&killed, &shop.state());
        if topics {
            remove(&shop.state().join("topics"));
            copy(&old.join("topics"), &shop.state().join("topics"));
        }
        if own {
            lose_tenon_db(&shop, "");
            for name in ["tenon.db", "tenon.db-mark"] {
                fs::copy(old.join(name), shop.state().join(name)).unwrap();
            }
        }
        let what = format!("topics {topics}, tenon.db {own}");
        let found = verified().await;
        assert_eq!(found.first().copied(), expected, "{what}: {found:?}");
        let seen = shop.run().await;
        match expected {
            None => assert_eq!(seen, Seen::sound(6, 320), "{what}"),
            Some("Y0205") => {
                assert_eq!((&seen.failed, seen.total), (&vec!["Y0205"; 2], Some(320)), "{what}: {seen:?}");
                // Taken as it is, it is gone on with from its end, and nothing counts again.
                state::accept(&shop.options(), "topics/sales").await.unwrap();
                assert_eq!(shop.run().await, Seen::sound(3, 320));
            }
            Some(code) => assert_eq!(seen, Seen::refused(code), "{what}"),
        }
    }
}
