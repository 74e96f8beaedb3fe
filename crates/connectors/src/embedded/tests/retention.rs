//! Old records go, by age and by size, and the topic stays whole.

use std::time::Duration;

use tenon_ports::Gone;

use super::{
    sim::{Faults, Survival},
    *,
};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn old_segments_are_removed_and_the_start_moves() {
    let disk = SimDisk::default();
    let clock = StillClock::new();
    let settings = TopicSettings { keep: Some(2 * HOUR), segment_size: 1, ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &clock).unwrap();
    for value in ["a", "b", "c", "d", "e"] {
        writer.publish(&[&[value]]).unwrap();
        clock.advance(HOUR);
    }
    // "a" became full when "b" came, at 1:00; that was 2:00 ago when "d" came, and 3:00 when "e" came.
    assert_eq!(texts(&read_all(&writer.log).unwrap()), ["b", "c", "d", "e"]);
    clock.advance(Duration::from_secs(1));
    writer.publish(&[&["f"]]).unwrap();
    assert_eq!(writer.log.start(), 3);
    assert_eq!(texts(&read_all(&writer.log).unwrap()), ["d", "e", "f"]);
    drop(writer);
    let writer = Writer::open(&disk, settings, &clock).unwrap();
    assert_eq!((writer.log.start(), writer.log.end()), (3, 6));
}

#[test]
fn a_topic_that_nobody_writes_to_lets_go_of_old_records_too() {
    let disk = SimDisk::default();
    let clock = StillClock::new();
    let settings = TopicSettings { keep: Some(HOUR), ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &clock).unwrap();
    writer.publish(&[&["a", "b"]]).unwrap();
    for _ in 0..3 {
        clock.advance(HOUR + Duration::from_secs(1));
        writer.appender.idle();
    }
    assert_eq!((writer.log.start(), writer.log.end()), (2, 2));
    assert_eq!(writer.publish(&[&["c"]]).unwrap(), [2]);
    drop(writer);
    assert_eq!(texts(&read_all(&Writer::open(&disk, settings, &clock).unwrap().log).unwrap()), ["c"]);
}

#[test]
fn a_large_topic_is_kept_below_its_size() {
    let disk = SimDisk::default();
    let settings = TopicSettings { keep_size: Some(20_000), ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &StillClock::new()).unwrap();
    let value = "x".repeat(500);
    for _ in 0..500 {
        writer.publish(&[&[&value]]).unwrap();
        assert!(writer.log.bytes() <= 26_000, "{}", writer.log.bytes());
    }
    assert!(writer.log.end() - writer.log.start() > 20);
}

#[test]
fn removal_that_fails_or_is_interrupted_leaves_no_gap() {
    let clock = StillClock::new();
    let settings = TopicSettings { keep: Some(HOUR), segment_size: 1, ..TopicSettings::default() };
    for removals in 0..6 {
        let disk = SimDisk::default();
        let mut writer = Writer::open(&disk, settings, &clock).unwrap();
        for value in ["a", "b", "c", "d"] {
            writer.publish(&[&[value]]).unwrap();
        }
        clock.advance(2 * HOUR);
        disk.inject(Faults { removals, ..Faults::default() });
        writer.appender.idle();
        disk.inject(Faults::default());
        for names in [false, true] {
            let after = disk.crash(&Survival { pieces: vec![false], names });
            let mut writer = Writer::open(&after, settings, &clock).unwrap();
            assert_eq!(writer.publish(&[&["e"]]).unwrap(), [4]);
        }
    }
}

#[tokio::test]
async fn a_reader_behind_the_start_goes_on_at_the_start() {
    let disk = SimDisk::default();
    let clock = StillClock::new();
    let settings = TopicSettings { keep: Some(HOUR), segment_size: 1, ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &clock).unwrap();
    for value in ["a", "b", "c"] {
        writer.publish(&[&[value]]).unwrap();
    }
    let mut behind = Reader::new(writer.log.clone(), 0).unwrap();
    let mut inside = Reader::new(writer.log.clone(), 0).unwrap();
    assert_eq!(texts(&inside.next(1).await.unwrap()), ["a"]);
    for _ in 0..2 {
        clock.advance(2 * HOUR);
        writer.appender.idle();
    }
    assert_eq!(writer.log.start(), 3);
    writer.publish(&[&["d"]]).unwrap();
    assert_eq!(behind.next(1).await.unwrap()[0].0, 3);
    let removed = |offsets| Some(Gone { offsets, damaged: false });
    assert_eq!((behind.take_gone(), behind.take_gone()), (removed(0..3), None), "what was lost is told once");
    assert_eq!(inside.next(1).await.unwrap()[0].0, 3);
    assert_eq!(inside.take_gone(), removed(1..3));
}
