//! A fault in each file of a state folder in turn: whatever it is, nothing counts twice, and nothing that was acknowledged is
//! lost without a report.
//!
//! Parts that are put back as they were before are refused as well, in whatever combination.
//!
//! `FAULTS=all` tries more places (`make faults`). Run with `--nocapture` to see the table of outcomes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    older::{DATABASE, OWN, put_back},
    shop::{Seen, Shop, copy, remove, sell},
};

/// What is done to a file.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Removed,
    Emptied,
    /// To so many eighths of its length.
    Cut(u64),
    /// The last byte is gone.
    Shortened,
    /// A bit after so many sixteenths of its length.
    Flipped(u64),
}

use Fault::{Cut, Emptied, Flipped, Removed, Shortened};

const SHORT: &[Fault] = &[Removed, Emptied, Shortened, Flipped(8)];
const ALL: &[Fault] = &[
    Removed,
    Emptied,
    Shortened,
    Cut(1),
    Cut(4),
    Cut(7),
    Flipped(0),
    Flipped(1),
    Flipped(3),
    Flipped(5),
    Flipped(8),
    Flipped(11),
    Flipped(13),
    Flipped(15),
    Flipped(16),
];

impl Fault {
    fn happens_to(self, path: &Path) {
        let mut content = fs::read(path).unwrap();
        let length = content.len() as u64;
        match self {
            Removed => return remove(path),
            Emptied => content.clear(),
            Cut(eighths) => content.truncate(usize::try_from(length * eighths / 8).unwrap()),
            Shortened => drop(content.pop()),
            Flipped(sixteenths) => {
                let at = usize::try_from((length * sixteenths / 16).min(length.saturating_sub(1))).unwrap();
                if let Some(byte) = content.get_mut(at) {
                    *byte ^= 0x10;
                }
            }
        }
        fs::write(path, content).unwrap();
    }

    /// SQLite has no checks in the pages of a database, so that a bit in one can change a value or go unnoticed; `tenon state
    /// verify` finds what breaks its structure.
    fn is_beyond_notice(self, name: &str) -> bool {
        matches!(self, Flipped(_)) && name.ends_with(".db")
    }
}

/// The files in a state folder, by their path in it.
fn files(folder: &Path, inner: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder.join(inner)).unwrap().map(Result::unwrap) {
        let name = inner.join(entry.file_name());
        if entry.path().is_dir() {
            files(folder, &name, found);
        } else if entry.path().is_file() {
            found.push(name);
        }
    }
    found.sort();
}

const SOUND: (u64, i64) = (4, 320);

/// What came of a fault, in a word; panics at what must not be.
fn outcome(seen: &Seen, what: &str, tolerated: bool) -> String {
    let codes: Vec<_> = seen.refused.iter().chain(&seen.failed).copied().collect();
    let (messages, total) = (seen.messages.unwrap_or(0), seen.total.unwrap_or(0));
    if !tolerated {
        assert!(messages <= SOUND.0 && total <= SOUND.1, "{what}: something counts twice: {seen:?}");
        assert!(
            !codes.is_empty() || (messages, total) == SOUND,
            "{what}: something is lost in silence: {seen:?}"
        );
    }
    match (codes.first(), (messages, total) == SOUND) {
        (Some(code), _) => format!("refused with {code}"),
        (None, true) => "sound".to_owned(),
        (None, false) => format!("not noticed: {messages} messages, total {total}"),
    }
}

/// A state folder in which everything was acknowledged, as the end of the process leaves it, and an older one.
async fn prepared(shop: &Shop, killed: bool) -> (PathBuf, PathBuf) {
    shop.run().await;
    let older = shop.0.path().join("older");
    copy(&shop.state(), &older);
    let running = shop.start().await;
    assert!(sell(running.address().unwrap(), 9).await.starts_with("HTTP/1.1 20"));
    running.idle().await;
    let kept = shop.0.path().join("kept");
    if killed {
        copy(&shop.state(), &kept);
        running.drain().await;
    } else {
        running.drain().await;
        copy(&shop.state(), &kept);
    }
    (kept, older)
}

async fn run(faults: &[Fault], killed: bool) {
    let shop = Shop::new();
    let (kept, older) = prepared(&shop, killed).await;
    let mut names = Vec::new();
    files(&kept, Path::new(""), &mut names);
    let mut table: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for name in names {
        for fault in faults {
            remove(&shop.state());
            copy(&kept, &shop.state());
            fault.happens_to(&shop.state().join(&name));
            let name = name.display().to_string();
            let what = format!("{name} {fault:?}, killed: {killed}");
            let tolerated = fault.is_beyond_notice(&name);
            let first = outcome(&shop.run().await, &what, tolerated);
            let second = outcome(&shop.run().await, &format!("{what}, again"), tolerated);
            if first.starts_with("refused") && !tolerated {
                assert!(second.starts_with("refused"), "{what}: {first}, then {second}");
            }
            table.entry((name, first)).or_default().push(format!("{fault:?}"));
        }
    }
    for names in older_parts(killed) {
        remove(&shop.state());
        copy(&kept, &shop.state());
        put_back(&names, &older, &shop.state());
        let what = format!("{names:?} put back, killed: {killed}");
        let first = outcome(&shop.run().await, &what, false);
        let second = outcome(&shop.run().await, &format!("{what}, again"), false);
        let goes_back = !names.contains(&"marks");
        assert!(first.starts_with("refused") || !goes_back, "{what}: {first}");
        assert!(second.starts_with("refused") || first == "sound", "{what}: {first}, then {second}");
        table.entry((names.join(" "), first)).or_default().push("PutBack".to_owned());
    }
    for ((name, outcome), faults) in table {
        println!("| {name} | {} | {outcome} |", faults.join(", "));
    }
}

/// Each choice of parts, but for all of them: those that are put back as they were together are a folder as it was. What is put
/// back with its marks is told by what `tenon.db` remembers, which after a kill is of a little before.
fn older_parts(killed: bool) -> Vec<Vec<&'static str>> {
    let parts: [&[&str]; 4] = [&["topics"], DATABASE, OWN, &["marks"]];
    let chosen = |choice: usize| {
        let chosen = parts.iter().enumerate().filter(move |(at, _)| choice & (1 << at) != 0);
        chosen.flat_map(|(_, names)| names.iter().copied()).collect()
    };
    (1..=if killed { 8 } else { 14 }).map(chosen).collect()
}

fn faults() -> &'static [Fault] {
    if std::env::var("FAULTS").is_ok_and(|wanted| wanted == "all") { ALL } else { SHORT }
}

#[tokio::test]
async fn no_fault_in_the_state_of_a_process_that_was_killed_goes_by_in_silence() {
    run(faults(), true).await;
}

#[tokio::test]
async fn no_fault_in_the_state_of_a_process_that_was_stopped_goes_by_in_silence() {
    run(faults(), false).await;
}
