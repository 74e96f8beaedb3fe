//! Whatever a crash leaves of a topic, opening it gives what was acknowledged, or says that it is damaged.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;
use tenon_errors::catalogue::system::LOG_DAMAGED;

use super::{
    super::header,
    sim::{Faults, Survival},
    *,
};

const FILE: &str = "/state/topics/t/00000000000000000000.log";

/// A topic of four groups; returns the disk and the length of the file after each group.
fn four_groups() -> (SimDisk, Vec<usize>) {
    let disk = SimDisk::default();
    let mut writer = Writer::open(&disk, TopicSettings::default(), &StillClock::new()).unwrap();
    let groups: [&[&[&str]]; 4] =
        [&[&["a0", "a1"], &["a2"]], &[&["b0"]], &[&["c0", "c1", "c2"]], &[&["d0"], &["d1", ""]]];
    let lengths = groups.iter().map(|group| {
        writer.publish(group).unwrap();
        disk.get(FILE).len()
    });
    (disk.clone(), lengths.collect())
}

const ALL: [&str; 10] = ["a0", "a1", "a2", "b0", "c0", "c1", "c2", "d0", "d1", ""];
const ENDS: [usize; 4] = [3, 4, 7, 10];

fn reopen(content: Vec<u8>) -> Result<Vec<String>, Report> {
    let disk = SimDisk::default();
    disk.put(FILE, content);
    let mut writer = Writer::open(&disk, TopicSettings::default(), &StillClock::new())?;
    let found = texts(&read_all(&writer.log)?);
    // It can be written on.
    writer.publish(&[&["new"]])?;
    let mut longer = found.clone();
    longer.push("new".to_owned());
    assert_eq!(texts(&read_all(&writer.log)?), longer);
    Ok(found)
}

#[test]
fn a_file_cut_at_any_byte_keeps_every_whole_group_before_the_cut() {
    let (disk, lengths) = four_groups();
    let content = disk.get(FILE);
    for cut in 0..=content.len() {
        let found = reopen(content[..cut].to_vec()).unwrap();
        assert_eq!(found, ALL[..found.len()], "cut at {cut}");
        let whole = lengths.iter().rposition(|length| *length <= cut).map_or(0, |group| ENDS[group]);
        assert!(found.len() >= whole, "cut at {cut}: {found:?}");
    }
}

#[test]
fn a_damaged_byte_of_the_last_group_cuts_only_that_group_and_one_before_it_is_reported() {
    let (disk, lengths) = four_groups();
    let content = disk.get(FILE);
    let last_group = lengths[lengths.len() - 2];
    for at in 0..content.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = content.clone();
            damaged[at] ^= flip;
            match reopen(damaged) {
                Ok(found) => {
                    assert!(at >= last_group, "damage at byte {at} went unnoticed");
                    assert_eq!(found, ALL[..found.len()]);
                    assert!(found.len() >= ENDS[2], "damage at byte {at}: {found:?}");
                }
                Err(report) => {
                    assert_eq!(report.code(), &LOG_DAMAGED);
                    assert!(at < last_group, "damage at byte {at}: {report}");
                }
            }
        }
    }
}

#[test]
fn a_value_that_imitates_records_does_not_pass_for_one() {
    let disk = SimDisk::default();
    let mut writer = Writer::open(&disk, TopicSettings::default(), &StillClock::new()).unwrap();
    writer.publish(&[&["first"]]).unwrap();
    let first = disk.get(FILE).len();
    let mut forged = frame::encode(&[record("x")]).unwrap();
    // With another salt, since nobody outside knows the right one.
    forged.number(1, 5, 5);
    writer.appender.commit(&mut vec![frame::encode(&[record(forged.bytes.repeat(20))]).unwrap()]).unwrap();
    let mut content = disk.get(FILE);
    content[first] ^= 1;
    assert_eq!(reopen(content).unwrap(), ["first"]);
}

#[test]
fn garbage_at_the_end_is_cut_off() {
    let (disk, _) = four_groups();
    for garbage in [vec![0; 5000], vec![0xff; 5000], vec![0; 23], (0..=255).cycle().take(70_000).collect()] {
        let mut content = disk.get(FILE);
        content.extend(garbage);
        assert_eq!(reopen(content).unwrap(), ALL);
    }
}

#[test]
fn a_segment_that_is_gone_or_cut_is_reported() {
    let disk = SimDisk::default();
    let settings = TopicSettings { segment_size: 1, ..TopicSettings::default() };
    let clock = StillClock::new();
    let mut writer = Writer::open(&disk, settings, &clock).unwrap();
    for value in ["a", "b", "c"] {
        writer.publish(&[&[value]]).unwrap();
    }
    let second = format!("{FOLDER}/00000000000000000001.log");
    let content = disk.get(&second);

    disk.put(&second, content[..content.len() - 1].to_vec());
    let report = Writer::open(&disk, settings, &clock).err().unwrap();
    assert_eq!(report.code(), &LOG_DAMAGED, "{report}");

    disk.remove(Path::new(&second)).unwrap();
    let report = Writer::open(&disk, settings, &clock).err().unwrap();
    assert!(report.message().contains("offsets 1 to 1"), "{report}");
}

#[test]
fn a_segment_of_a_later_format_is_refused_and_left_alone() {
    let (disk, _) = four_groups();
    let mut content = disk.get(FILE);
    content[8] = 2;
    let check = crc32c::crc32c(&content[..header::LENGTH - 4]).to_le_bytes();
    content[header::LENGTH - 4..header::LENGTH].copy_from_slice(&check);
    disk.put(FILE, content.clone());
    let report = Writer::open(&disk, TopicSettings::default(), &StillClock::new()).err().unwrap();
    assert!(report.message().contains("format 2"), "{report}");
    assert_eq!(disk.get(FILE), content);
}

#[test]
fn what_a_new_process_finds_after_a_kill_survives_the_loss_of_power() {
    for sync_failed in [false, true] {
        let disk = SimDisk::default();
        let clock = StillClock::new();
        let mut writer = Writer::open(&disk, TopicSettings::default(), &clock).unwrap();
        writer.publish(&[&["a"]]).unwrap();
        writer.dies_writing(&disk, &["b", "c"], sync_failed);
        let writer = Writer::open(&disk, TopicSettings::default(), &clock).unwrap();
        assert_eq!(texts(&read_all(&writer.log).unwrap()), ["a", "b", "c"]);
        let after = disk.crash(&Survival { pieces: vec![false], names: false });
        let writer = Writer::open(&after, TopicSettings::default(), &clock).unwrap();
        assert_eq!(texts(&read_all(&writer.log).unwrap()), ["a", "b", "c"], "a failed sync: {sync_failed}");
    }
}

#[tokio::test]
async fn sound_records_before_a_damaged_one_are_read_first() {
    let disk = SimDisk::default();
    let mut writer = Writer::open(&disk, TopicSettings::default(), &StillClock::new()).unwrap();
    writer.publish(&[&["a", "b", "c"]]).unwrap();
    let log = writer.log.clone();
    let mut content = disk.get(FILE);
    let last = content.len() - 1;
    content[last] ^= 1;
    disk.put(FILE, content);
    let mut reader = Reader::new(log, 0).unwrap();
    assert_eq!(texts(&reader.next(10).await.unwrap()), ["a", "b"]);
    for _ in 0..2 {
        assert_eq!(reader.next(10).await.unwrap_err().code(), &LOG_DAMAGED);
    }
}

#[derive(Debug, Clone)]
enum Action {
    Publish(Vec<usize>),
    Fail(Fault),
    Crash(Survival),
    /// The process is killed after it has written so many records, before or after a sync that fails. The machine goes on.
    Kill(usize, bool),
}

#[derive(Debug, Clone)]
enum Fault {
    Sync,
    Write,
    Full,
    Creation,
    FolderSync,
    Removal,
}

fn action() -> impl Strategy<Value = Action> {
    let fault = prop_oneof![
        Just(Fault::Sync),
        Just(Fault::Write),
        Just(Fault::Full),
        Just(Fault::Creation),
        Just(Fault::FolderSync),
        Just(Fault::Removal)
    ];
    let survival = (prop::collection::vec(any::<bool>(), 1..20), any::<bool>())
        .prop_map(|(pieces, names)| Survival { pieces, names });
    prop_oneof![
        6 => prop::collection::vec(1_usize..5, 1..4).prop_map(Action::Publish),
        2 => fault.prop_map(Action::Fail),
        1 => survival.prop_map(Action::Crash),
        1 => (0_usize..5, any::<bool>()).prop_map(|(count, failed)| Action::Kill(count, failed)),
    ]
}

/// What was published, by offset where it was acknowledged.
#[derive(Default)]
struct Model {
    acknowledged: BTreeMap<u64, String>,
    attempted: u64,
}

impl Model {
    fn publish(&mut self, writer: &mut Writer, calls: &[usize]) {
        let values: Vec<Vec<String>> =
            calls.iter().map(|count| (0..*count).map(|_| self.value()).collect()).collect();
        let borrowed: Vec<Vec<&str>> =
            values.iter().map(|call| call.iter().map(String::as_str).collect()).collect();
        let borrowed: Vec<&[&str]> = borrowed.iter().map(Vec::as_slice).collect();
        let Ok(firsts) = writer.publish(&borrowed) else { return };
        for (first, call) in firsts.into_iter().zip(values) {
            self.acknowledged.extend((first..).zip(call));
        }
    }

    /// What a new process finds was seen by its readers, so it has to stay.
    fn sees(&mut self, log: &Arc<Log>) {
        let found = read_all(log).unwrap();
        let texts = texts(&found);
        self.acknowledged.extend(found.into_iter().map(|(offset, _)| offset).zip(texts));
    }

    fn value(&mut self) -> String {
        self.attempted += 1;
        format!("{}{}", self.attempted, ".".repeat(self.attempted as usize % 40))
    }

    fn check(&self, log: &Arc<Log>) {
        let found = read_all(log).unwrap();
        let offsets: Vec<u64> = found.iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, (log.start()..log.end()).collect::<Vec<_>>());
        assert_eq!(log.start(), 0);
        let found: BTreeMap<u64, String> = offsets.into_iter().zip(texts(&found)).collect();
        for (offset, value) in &self.acknowledged {
            assert_eq!(found.get(offset), Some(value), "offset {offset}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn nothing_acknowledged_is_lost_by_failures_and_crashes(actions in prop::collection::vec(action(), 1..40)) {
        let settings = TopicSettings { segment_size: 400, ..TopicSettings::default() };
        let clock = StillClock::new();
        let mut disk = SimDisk::default();
        let mut model = Model::default();
        let mut writer = Writer::open(&disk, settings, &clock).unwrap();
        for action in actions {
            match action {
                Action::Publish(calls) => {
                    model.publish(&mut writer, &calls);
                    disk.inject(Faults::default());
                }
                Action::Fail(fault) => {
                    let mut faults = Faults::default();
                    match fault {
                        Fault::Sync => faults.syncs = 1,
                        Fault::Write => faults.writes = 1,
                        Fault::Full => faults.capacity = Some(100),
                        Fault::Creation => faults.creations = 2,
                        Fault::FolderSync => faults.folder_syncs = 1,
                        Fault::Removal => (faults.folder_syncs, faults.removals) = (1, 1),
                    }
                    disk.inject(faults);
                }
                Action::Crash(survival) => {
                    disk = disk.crash(&survival);
                    writer = Writer::open(&disk, settings, &clock).unwrap();
                    model.check(&writer.log);
                    model.sees(&writer.log);
                }
                Action::Kill(count, failed) => {
                    let values: Vec<String> = (0..count).map(|_| model.value()).collect();
                    let values: Vec<&str> = values.iter().map(String::as_str).collect();
                    disk.inject(Faults::default());
                    writer.dies_writing(&disk, &values, failed);
                    writer = Writer::open(&disk, settings, &clock).unwrap();
                    model.check(&writer.log);
                    model.sees(&writer.log);
                }
            }
        }
        model.check(&writer.log);
        let survival = Survival { pieces: vec![false], names: false };
        model.check(&Writer::open(&disk.crash(&survival), settings, &clock).unwrap().log);
    }
}
