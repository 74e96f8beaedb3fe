//! What publishers are told when the disk fails, and what is in the topic then.

use tenon_errors::catalogue::system::{LOG_FULL, LOG_IO};

use super::{
    sim::{Faults, Survival},
    *,
};

const NOTHING: Survival = Survival { pieces: Vec::new(), names: false };

fn open(disk: &SimDisk) -> Writer {
    Writer::open(disk, TopicSettings::default(), &StillClock::new()).unwrap()
}

fn reopened(disk: &SimDisk) -> Vec<String> {
    texts(&read_all(&open(&disk.crash(&NOTHING)).log).unwrap())
}

#[test]
fn a_full_disk_is_reported_and_publishing_goes_on_when_there_is_space() {
    let disk = SimDisk::default();
    let mut writer = open(&disk);
    writer.publish(&[&["a"]]).unwrap();
    let used = disk.get(format!("{FOLDER}/00000000000000000000.log")).len();
    disk.inject(Faults { capacity: Some(used + 10), ..Faults::default() });
    for _ in 0..3 {
        let report = writer.publish(&[&["b"], &["c"]]).unwrap_err();
        assert_eq!(report.code(), &LOG_FULL);
        assert!(report.is_transient());
        assert_eq!(
            disk.get(format!("{FOLDER}/00000000000000000000.log")).len(),
            used,
            "the torn end is cut off"
        );
    }
    disk.inject(Faults::default());
    assert_eq!(writer.publish(&[&["d"]]).unwrap(), [1]);
    assert_eq!(texts(&read_all(&writer.log).unwrap()), ["a", "d"]);
    assert_eq!(reopened(&disk), ["a", "d"]);
}

#[test]
fn a_short_write_is_not_part_of_the_topic() {
    let disk = SimDisk::default();
    let mut writer = open(&disk);
    writer.publish(&[&["a"]]).unwrap();
    disk.inject(Faults { writes: 1, ..Faults::default() });
    let report = writer.publish(&[&["b", "c"], &["d"]]).unwrap_err();
    assert_eq!(report.code(), &LOG_IO);
    writer.publish(&[&["e"]]).unwrap();
    assert_eq!(reopened(&disk), ["a", "e"]);
}

#[test]
fn after_a_failed_sync_nothing_relies_on_the_pages_that_it_dropped() {
    // A writer that synced again and believed it would acknowledge bytes that are only in the cache.
    for failures in 1..=4 {
        let disk = SimDisk::default();
        let mut writer = open(&disk);
        writer.publish(&[&["a"]]).unwrap();
        disk.inject(Faults { syncs: failures, ..Faults::default() });
        let mut refused = 0;
        while writer.publish(&[&["b"]]).is_err() {
            refused += 1;
        }
        assert!(refused >= 1);
        assert_eq!(reopened(&disk), ["a", "b"], "after {failures} failed syncs");
    }
}

#[test]
fn a_block_that_a_failed_sync_destroyed_is_written_anew() {
    let disk = SimDisk::default();
    let mut writer = open(&disk);
    writer.publish(&[&["a"], &[&"x".repeat(5000)]]).unwrap();
    disk.inject(Faults { syncs: 1, tear_block: true, ..Faults::default() });
    writer.publish(&[&["b"]]).unwrap_err();
    disk.inject(Faults::default());
    assert_eq!(reopened(&disk).len(), 2);
    writer.publish(&[&["c"]]).unwrap();
    assert_eq!(reopened(&disk).last().unwrap(), "c");
}

#[test]
fn a_segment_that_cannot_be_made_leaves_the_old_one_in_use() {
    let disk = SimDisk::default();
    let settings = TopicSettings { segment_size: 1, ..TopicSettings::default() };
    let clock = StillClock::new();
    for faults in [
        Faults { creations: 2, ..Faults::default() },
        Faults { folder_syncs: 1, ..Faults::default() },
        Faults { folder_syncs: 1, removals: 1, ..Faults::default() },
        Faults { writes: 2, removals: 1, ..Faults::default() },
    ] {
        let mut writer = Writer::open(&disk, settings, &clock).unwrap();
        let before = read_all(&writer.log).unwrap().len();
        writer.publish(&[&["a"]]).unwrap();
        disk.inject(faults);
        writer.publish(&[&["b"]]).unwrap_err();
        disk.inject(Faults::default());
        assert_eq!(read_all(&Writer::open(&disk, settings, &clock).unwrap().log).unwrap().len(), before + 1);
    }
}

#[tokio::test]
async fn callers_of_one_group_share_its_failure_and_the_topic_stays_usable() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    use tenon_ports::Topic;
    fixture.disk.inject(Faults { syncs: 1, ..Faults::default() });
    let report = topic.publish(vec![record("a")]).await.unwrap_err();
    assert_eq!(report.code(), &LOG_IO);
    assert_eq!(topic.publish(vec![record("b")]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_commit_that_failed_is_not_believed_later() {
    use tenon_ports::{Position, Topic};
    let fixture = Fixture::new();
    let topic = fixture.topic();
    topic.publish(vec![record("a"), record("b"), record("c")]).await.unwrap();
    let mut source = topic.subscribe("g").await.unwrap();
    source.next(10).await.unwrap();
    source.commit(Position { offset: 1, line: 0, tail: 0 }).await.unwrap();
    fixture.disk.inject(Faults { syncs: 1, ..Faults::default() });
    source.commit(Position { offset: 2, line: 0, tail: 0 }).await.unwrap_err();
    assert_eq!(topic.status().await.unwrap().groups, [("g".into(), 1)]);
    source.commit(Position { offset: 2, line: 0, tail: 0 }).await.unwrap();
    drop((source, topic));

    let after = Fixture { disk: fixture.disk.crash(&NOTHING), ..fixture };
    assert_eq!(after.topic().status().await.unwrap().groups, [("g".into(), 2)]);
}
