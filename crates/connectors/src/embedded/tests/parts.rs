//! What was acknowledged is never taken for torn, and a topic that does not belong to its folder is refused.

use tenon_errors::catalogue::system::{LOG_DAMAGED, STATE_MISMATCH, STATE_OUTDATED, STATE_TAKEN_AWAY};
use tenon_ports::{Part, Parts, Topic};

use super::{sim::Survival, *};

const FILE: &str = "/state/topics/t/00000000000000000000.log";

/// Where the mark of the topic lies apart from it.
const APART: &str = "/state/marks/topics/t";

fn open(disk: &SimDisk, settings: TopicSettings) -> Result<Writer, Report> {
    Writer::open(disk, settings, &StillClock::new())
}

/// A topic of two groups, the last of which is one record.
fn published() -> SimDisk {
    let disk = SimDisk::default();
    let mut writer = open(&disk, TopicSettings::default()).unwrap();
    writer.publish(&[&["a", "b"]]).unwrap();
    writer.publish(&[&["c"]]).unwrap();
    disk
}

fn code(opened: Result<Writer, Report>) -> &'static str {
    opened.err().map_or("opened", |report| report.code().id)
}

#[test]
fn any_damage_of_an_acknowledged_record_is_refused_and_left_as_it_is() {
    let content = published().get(FILE);
    for at in 0..content.len() {
        for flip in [0x01, 0x80] {
            let disk = published();
            let mut damaged = content.clone();
            damaged[at] ^= flip;
            disk.put(FILE, damaged.clone());
            assert_eq!(code(open(&disk, TopicSettings::default())), LOG_DAMAGED.id, "byte {at}");
            assert_eq!(disk.get(FILE), damaged, "byte {at}");
        }
        let disk = published();
        disk.put(FILE, content[..at].to_vec());
        assert_eq!(code(open(&disk, TopicSettings::default())), LOG_DAMAGED.id, "cut at {at}");
        assert_eq!(disk.get(FILE).len(), at);
    }
}

#[test]
fn a_torn_end_that_was_never_acknowledged_is_still_cut_off() {
    let disk = published();
    let mut content = disk.get(FILE);
    content.extend([7; 30]);
    disk.put(FILE, content);
    let writer = open(&disk, TopicSettings::default()).unwrap();
    assert_eq!(texts(&read_all(&writer.log).unwrap()), ["a", "b", "c"]);
}

#[test]
fn segments_that_are_gone_at_the_start_or_altogether_are_missed() {
    let settings = TopicSettings { segment_size: 1, ..TopicSettings::default() };
    let disk = SimDisk::default();
    let mut writer = open(&disk, settings).unwrap();
    for value in ["a", "b", "c"] {
        writer.publish(&[&[value]]).unwrap();
    }
    drop(writer);
    disk.remove(Path::new(FILE)).unwrap();
    let report = open(&disk, settings).err().unwrap();
    assert_eq!(report.code(), &LOG_DAMAGED);
    assert!(report.message().contains("offsets 0 to 0 are not there"), "{report}");
    for name in disk.files().into_iter().filter(|name| name.ends_with(".log")) {
        disk.remove(&Path::new(FOLDER).join(name)).unwrap();
    }
    let report = open(&disk, settings).err().unwrap();
    assert!(report.message().contains("all segments are missing"), "{report}");
}

#[test]
fn old_records_that_were_let_go_are_not_missed() {
    let settings = TopicSettings { segment_size: 1, keep_size: Some(8), ..TopicSettings::default() };
    let disk = SimDisk::default();
    let mut writer = open(&disk, settings).unwrap();
    for value in ["a", "b", "c"] {
        writer.publish(&[&[value]]).unwrap();
    }
    let start = writer.log.start();
    assert!(start > 0);
    drop(writer);
    assert_eq!(open(&disk, settings).unwrap().log.start(), start);
}

#[test]
fn an_identity_that_was_lost_or_changed_is_brought_back_by_the_mark() {
    let disk = published();
    let identity = format!("{FOLDER}/identity");
    let before = disk.get(&identity);
    for damage in [None, Some(Vec::new()), Some(b"short".to_vec())] {
        match damage {
            None => disk.remove(Path::new(&identity)).unwrap(),
            Some(content) => disk.put(&identity, content),
        }
        let writer = open(&disk, TopicSettings::default()).unwrap();
        assert_eq!(writer.log.identity.as_bytes(), before);
        assert_eq!(disk.get(&identity), before);
    }
    // Two say the same.
    disk.put(&identity, b"0123456789abcdef".to_vec());
    assert_eq!(open(&disk, TopicSettings::default()).unwrap().log.identity.as_bytes(), before);
    // Nobody says which of the two is right.
    disk.remove(Path::new(APART)).unwrap();
    disk.put(&identity, b"0123456789abcdef".to_vec());
    assert_eq!(code(open(&disk, TopicSettings::default())), LOG_DAMAGED.id);
}

/// The topic as it is, to be put back later.
fn copied(disk: &SimDisk) -> Vec<(String, Vec<u8>)> {
    let names = disk.list(Path::new(FOLDER)).unwrap();
    names.into_iter().map(|name| (name.clone(), disk.get(format!("{FOLDER}/{name}")))).collect()
}

fn put_back(disk: &SimDisk, older: &[(String, Vec<u8>)]) {
    for name in disk.list(Path::new(FOLDER)).unwrap() {
        disk.remove(&Path::new(FOLDER).join(name)).unwrap();
    }
    for (name, content) in older {
        disk.put(format!("{FOLDER}/{name}"), content.clone());
    }
}

#[test]
fn an_older_topic_that_is_put_back_after_a_kill_is_refused_whatever_is_remembered_of_it() {
    for segment_size in [1, 64 << 20] {
        let settings = TopicSettings { segment_size, ..TopicSettings::default() };
        let disk = SimDisk::default();
        let mut writer = open(&disk, settings).unwrap();
        writer.publish(&[&["a", "b"]]).unwrap();
        let older = copied(&disk);
        writer.publish(&[&["c"]]).unwrap();
        drop(writer);
        let newer = copied(&disk);
        put_back(&disk, &older);
        let report = open(&disk, settings).err().unwrap();
        assert_eq!(report.code(), &STATE_MISMATCH, "{report}");
        assert!(report.message().contains("holds 2 of the 3"), "{report}");
        assert_eq!(copied(&disk), older, "it is left as it is");
        put_back(&disk, &[]);
        assert_eq!(code(open(&disk, settings)), STATE_MISMATCH.id, "it is missing");
        put_back(&disk, &newer);
        drop(open(&disk, settings).unwrap());
        put_back(&disk, &older);
        // Somebody has accepted it.
        disk.remove(Path::new(APART)).unwrap();
        assert_eq!(texts(&read_all(&open(&disk, settings).unwrap().log).unwrap()), ["a", "b"]);
    }
}

#[test]
fn no_loss_of_power_makes_a_topic_look_older_than_it_is() {
    for pieces in 0_u32..256 {
        for names in [false, true] {
            let disk = SimDisk::default();
            let mut writer = open(&disk, TopicSettings::default()).unwrap();
            for value in ["a", "b", "c"] {
                writer.publish(&[&[value]]).unwrap();
            }
            let pieces: Vec<bool> = (0..8).map(|at| pieces & (1 << at) != 0).collect();
            let after = disk.crash(&Survival { pieces, names });
            let writer = open(&after, TopicSettings::default()).unwrap();
            assert_eq!(texts(&read_all(&writer.log).unwrap()), ["a", "b", "c"]);
        }
    }
}

#[test]
fn a_mark_that_was_lost_is_made_again() {
    let disk = published();
    disk.put(format!("{FOLDER}/mark"), b"garbage".to_vec());
    disk.put(APART, b"garbage".to_vec());
    drop(open(&disk, TopicSettings::default()).unwrap());
    let content = disk.get(FILE);
    disk.put(FILE, content[..content.len() - 1].to_vec());
    assert_eq!(code(open(&disk, TopicSettings::default())), LOG_DAMAGED.id);
}

/// A state folder on the real disk, with one topic that holds two records.
async fn folder() -> (tempfile::TempDir, Part) {
    let folder = tempfile::tempdir().unwrap();
    let topic = topic(folder.path(), Parts::default()).unwrap();
    topic.publish(vec![record("a"), record("b")]).await.unwrap();
    let seven = tenon_ports::Commits::default();
    seven.reach(7);
    let part = topic.part("00000000000000f0", &seven).unwrap();
    (folder, part)
}

fn topic(folder: &Path, parts: Parts) -> Result<Arc<EmbeddedTopic>, Report> {
    let metrics = tenon_monitoring::Metrics::new();
    let broker = super::super::EmbeddedBroker::open(folder, StillClock::new(), metrics, Arc::new(parts))?;
    broker.topic(&tenon_model::Name::new("t").unwrap(), TopicSettings::default())
}

fn parts(known: Option<Part>) -> Parts {
    let known = known.into_iter().map(|part| (Str::from("topics/t"), part)).collect();
    Parts { folder: "00000000000000f0".into(), commits: 7, settled: true, known, ..Parts::default() }
}

#[tokio::test]
async fn a_topic_belongs_to_the_folder_that_remembers_it() {
    let (folder, part) = folder().await;
    let refused = |parts: Parts| topic(folder.path(), parts).err().map(|report| report.code().id);
    assert_eq!(refused(parts(Some(part.clone()))), None);
    assert_eq!(refused(parts(None)), None, "a run that was killed before it remembered the topic");
    let more = Part { count: 3, ..part.clone() };
    assert_eq!(refused(parts(Some(more))), Some(STATE_MISMATCH.id), "an older copy");
    let other = Part { identity: "0000000000000001".into(), ..part.clone() };
    assert_eq!(refused(parts(Some(other))), Some(STATE_MISMATCH.id));
    let elsewhere = Parts { folder: "00000000000000f1".into(), ..parts(Some(part.clone())) };
    assert_eq!(refused(elsewhere.clone()), Some(STATE_MISMATCH.id));
    let older = Parts { commits: 6, ..parts(Some(part.clone())) };
    assert_eq!(refused(older), Some(STATE_OUTDATED.id));
    assert_eq!(refused(Parts { settled: false, ..elsewhere }), None);
    std::fs::remove_dir_all(folder.path().join("t")).unwrap();
    assert_eq!(refused(parts(Some(part))), Some(STATE_MISMATCH.id), "it is missing");
    assert!(!folder.path().join("t").exists(), "nothing is made in its place");
    assert_eq!(refused(parts(Some(Part::default()))), None, "it was accepted");
}

#[tokio::test]
async fn nothing_is_acknowledged_once_the_files_are_taken_away() {
    let (folder, _) = folder().await;
    let topic = topic(folder.path(), Parts::default()).unwrap();
    let (here, there) = (folder.path().join("t"), folder.path().join("elsewhere"));
    std::fs::rename(&here, &there).unwrap();
    let refused = topic.publish(vec![record("c")]).await.unwrap_err();
    assert_eq!(refused.code(), &STATE_TAKEN_AWAY);
    std::fs::rename(&there, &here).unwrap();
    topic.publish(vec![record("d")]).await.unwrap();
}
