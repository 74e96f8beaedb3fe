//! The embedded broker on a disk that is really full: a tmpfs of 1 MiB.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise, and say why they skip"
)]

use std::{path::Path, process::Command, sync::Arc};

use tenon_connectors::{
    clock::SystemClock,
    embedded::{EmbeddedBroker, EmbeddedTopic, TopicSettings},
};
use tenon_errors::{Report, catalogue::system::LOG_FULL};
use tenon_model::{Headers, Name};
use tenon_monitoring::Metrics;
use tenon_ports::{Clock, Position, Record, Topic};

/// A small disk that is there as long as this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("SKIPPED: mounting a tmpfs needs root, so a full disk was only simulated");
        }
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, for a test that failed while it held files.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

fn record(value: Vec<u8>) -> Record {
    let time = SystemClock.now();
    Record { key: None, value: value.into(), headers: Headers::new(), time, producer: None }
}

fn open(state: &Path) -> Arc<EmbeddedTopic> {
    let broker = EmbeddedBroker::open(state, Arc::new(SystemClock), Metrics::new(), Arc::default()).unwrap();
    broker.topic(&Name::new("orders").unwrap(), TopicSettings::default()).unwrap()
}

async fn fill(topic: &EmbeddedTopic) -> (u64, Report) {
    let mut published = 0;
    loop {
        match topic.publish(vec![record(vec![b'x'; 10_000])]).await {
            Ok(_) => published += 1,
            Err(report) => return (published, report),
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_the_disk_was_full_is_there_and_publishing_goes_on_when_there_is_space()
{
    let Some(disk) = SmallDisk::mount() else { return };
    let state = disk.0.path().join("state");
    let ballast = disk.0.path().join("ballast");
    let topic = open(&state);
    let mut source = topic.subscribe("group").await.unwrap();
    topic.publish(vec![record(b"first".to_vec())]).await.unwrap();
    source.next(1).await.unwrap();
    source.commit(Position { offset: 1, line: 0, tail: 0 }).await.unwrap();
    std::fs::write(&ballast, vec![0; 300_000]).unwrap();

    let (published, report) = fill(&topic).await;
    assert_eq!(report.code(), &LOG_FULL, "{report}");
    assert!(report.is_transient() && published > 10);
    let (none, _) = fill(&topic).await;
    assert_eq!(none, 0);
    assert_eq!(topic.status().await.unwrap().end, published + 1);

    drop((source, topic));
    let topic = open(&state);
    assert_eq!(topic.status().await.unwrap().end, published + 1);
    assert_eq!(topic.records(0, usize::MAX).await.unwrap().len() as u64, published + 1);
    std::fs::remove_file(&ballast).unwrap();
    let (more, _) = fill(&topic).await;
    assert!(more > 10, "{more}");
    assert_eq!(topic.status().await.unwrap().groups, [("group".into(), 1)]);
}
