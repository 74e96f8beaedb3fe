//! A disk that takes its time holds up nobody but those who wait for it.

use std::{
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
};

use tenon_model::Name;
use tenon_monitoring::Metrics;
use tenon_ports::{Broker as _, Retention};

use super::{super::EmbeddedBroker, *};

/// Holds the syncs of a disk until another task of the same thread comes to run, and tells whether it did. A thread that is
/// blocked would wait for ever, so somebody else lets it go then.
async fn another_task_runs(disk: &SimDisk, work: impl Future<Output = ()>) -> bool {
    let ran = Arc::new(AtomicBool::new(false));
    disk.hold_syncs();
    let other = tokio::spawn({
        let (ran, disk) = (Arc::clone(&ran), disk.clone());
        async move {
            ran.store(true, SeqCst);
            disk.release_syncs();
        }
    });
    let rescued = Arc::new(AtomicBool::new(false));
    let rescue = thread::spawn({
        let (ran, rescued, disk) = (Arc::clone(&ran), Arc::clone(&rescued), disk.clone());
        move || {
            thread::park_timeout(Duration::from_secs(5));
            if !ran.load(SeqCst) {
                rescued.store(true, SeqCst);
                disk.release_syncs();
            }
        }
    });
    work.await;
    other.await.unwrap();
    rescue.thread().unpark();
    rescue.join().unwrap();
    !rescued.load(SeqCst)
}

fn broker(disk: &SimDisk, folder: &Path) -> EmbeddedBroker {
    let disk = Arc::new(disk.clone());
    EmbeddedBroker::on(disk, folder, StillClock::new(), Metrics::new(), Arc::default()).unwrap()
}

#[tokio::test]
async fn opening_a_topic_on_a_slow_disk_holds_up_nobody() {
    let (disk, folder) = (SimDisk::default(), tempfile::tempdir().unwrap());
    let broker = broker(&disk, folder.path());
    let name = Name::new("t").unwrap();
    let open =
        async { drop(tenon_ports::Broker::topic(&broker, &name, Retention::default()).await.unwrap()) };
    assert!(another_task_runs(&disk, open).await);
}

#[tokio::test]
async fn letting_go_of_a_topic_that_is_written_on_a_slow_disk_holds_up_nobody() {
    for closes in [true, false] {
        let (disk, folder) = (SimDisk::default(), tempfile::tempdir().unwrap());
        let broker = broker(&disk, folder.path());
        let name = Name::new("t").unwrap();
        let topic = tenon_ports::Broker::topic(&broker, &name, Retention::default()).await.unwrap();
        let before = disk.counts().syncs_begun;
        let let_go = async {
            let mut publish = topic.publish(vec![record("a")]);
            tokio::select! {
                biased;
                published = &mut publish => panic!("it is not durable yet: {published:?}"),
                () = std::future::ready(()) => {}
            }
            while disk.counts().syncs_begun == before {
                thread::yield_now();
            }
            drop(publish);
            if closes {
                broker.close().await;
            }
            drop((topic, broker));
        };
        assert!(another_task_runs(&disk, let_go).await, "closes: {closes}");
    }
}
