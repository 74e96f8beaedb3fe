//! The topic as its callers see it.

use std::collections::BTreeSet;

use tenon_errors::catalogue::system::{LOG_DAMAGED, LOG_IO, STATE_LOCKED};
use tenon_model::Name;
use tenon_monitoring::{Metrics, metrics::LOG_FSYNC_DURATION};
use tenon_ports::{Broker, Position, Retention, Topic, TopicStatus};

use super::{
    super::{EmbeddedBroker, ObservedBroker},
    *,
};

fn at(offset: u64) -> Position {
    Position { offset, line: 0, tail: 0 }
}

fn broker(state: &Path) -> EmbeddedBroker {
    EmbeddedBroker::open(state, StillClock::new(), Metrics::new(), Arc::default()).unwrap()
}

fn orders(broker: &EmbeddedBroker) -> Arc<EmbeddedTopic> {
    broker.topic(&Name::new("orders").unwrap(), TopicSettings::default()).unwrap()
}

#[tokio::test]
async fn publishers_that_wait_together_share_a_sync() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    let before = fixture.disk.counts();
    fixture.disk.hold_syncs();
    let publish = |value: String| {
        let topic = topic.clone();
        tokio::spawn(async move { topic.publish(vec![record(value)]).await.unwrap() })
    };
    let first = publish("first".to_owned());
    while fixture.disk.counts().syncs_begun == before.syncs_begun {
        tokio::task::yield_now().await;
    }
    let others: Vec<_> = (0..9).map(|n| publish(n.to_string())).collect();
    // On this one thread every task has handed in its call when this one runs again.
    tokio::task::yield_now().await;
    assert_eq!(topic.status().await.unwrap().end, 0, "nothing is visible before it is durable");
    fixture.disk.release_syncs();
    assert_eq!(first.await.unwrap(), 0);
    for (n, other) in others.into_iter().enumerate() {
        assert_eq!(other.await.unwrap(), n as u64 + 1);
    }
    let after = fixture.disk.counts();
    assert_eq!(after.syncs - before.syncs, 2);
    assert_eq!(after.writes - before.writes, 4, "two groups, and after each a note of how far it reaches");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_the_same_time_keep_the_order_within_each_and_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path());
    let topic = orders(&broker);
    let publishers: Vec<_> = (0..8)
        .map(|publisher| {
            let topic = topic.clone();
            tokio::spawn(async move {
                for call in 0..10 {
                    let values = (0..5).map(|n| record(format!("{publisher}/{call}/{n}")));
                    topic.publish(values.collect()).await.unwrap();
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    let found = texts(&topic.records(0, usize::MAX).await.unwrap());
    assert_eq!(found.len(), 8 * 10 * 5);
    let mut seen = BTreeSet::new();
    for call in found.chunks(5) {
        let name = call[0].strip_suffix("/0").unwrap();
        let expected: Vec<String> = (0..5).map(|n| format!("{name}/{n}")).collect();
        assert_eq!(call, expected);
        assert!(seen.insert(name.to_owned()));
    }
}

#[tokio::test]
async fn a_reader_follows_the_writer_across_segments() {
    let disk = SimDisk::default();
    let settings = TopicSettings { segment_size: 5000, ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &StillClock::new()).unwrap();
    let mut reader = Reader::new(writer.log.clone(), 0).unwrap();
    for round in 0..100_u64 {
        let value = format!("{round}{}", "x".repeat(round as usize * 7));
        let waiting = reader.next(10);
        tokio::pin!(waiting);
        assert!(futures_poll(waiting.as_mut()).await.is_none(), "it waits for what is not there");
        writer.publish(&[&[&value, "second"]]).unwrap();
        let records = waiting.await.unwrap();
        assert_eq!(texts(&records), [value, "second".to_owned()]);
        assert_eq!(records[0].0, round * 2);
    }
    assert!(disk.files().len() > 5);
}

/// Polls once.
async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn dropping_a_call_of_next_at_any_point_loses_nothing() {
    let disk = SimDisk::default();
    let settings = TopicSettings { segment_size: 300, ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &StillClock::new()).unwrap();
    let values: Vec<String> = (0..60).map(|n| n.to_string()).collect();
    for value in &values {
        writer.publish(&[&[value]]).unwrap();
    }
    let mut reader = Reader::new(writer.log.clone(), 0).unwrap();
    let mut found = Vec::new();
    let mut polls = 0;
    while found.len() < values.len() {
        let attempt = reader.next(3);
        tokio::pin!(attempt);
        for _ in 0..=polls % 4 {
            if let Some(records) = futures_poll(attempt.as_mut()).await {
                found.extend(texts(&records.unwrap()));
                break;
            }
            tokio::task::yield_now().await;
        }
        polls += 1;
    }
    assert_eq!(found, values);
}

#[tokio::test]
async fn batches_are_bounded_by_count_and_bytes() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    topic.publish((0..100).map(|_| record(vec![b'x'; 100_000])).collect()).await.unwrap();
    let mut source = topic.read_from(at(0)).await.unwrap();
    assert_eq!(source.next(3).await.unwrap().arrivals.len(), 1, "as many as were fetched at once");
    let mut count = 1;
    while count < 100 {
        let batch = source.next(50).await.unwrap();
        let bytes: usize = batch.arrivals.iter().map(|arrival| arrival.bytes.len()).sum();
        assert!(bytes <= 1_200_000 && !batch.end);
        count += batch.arrivals.len();
    }
    assert_eq!(source.lag(), Some(0));
}

#[tokio::test]
async fn any_offset_can_be_read_from() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    let values: Vec<String> = (0..2000).map(|n| format!("{n}{}", "x".repeat(200))).collect();
    for chunk in values.chunks(70) {
        topic.publish(chunk.iter().map(|value| record(value.clone())).collect()).await.unwrap();
    }
    for from in [0, 1, 69, 70, 71, 999, 1500, 1999] {
        let mut source = topic.read_from(at(from)).await.unwrap();
        let batch = source.next(1).await.unwrap();
        assert_eq!(batch.arrivals[0].origin.position, at(from));
        assert_eq!(batch.arrivals[0].next, at(from + 1));
        assert_eq!(batch.arrivals[0].bytes, values[from as usize].as_bytes());
        assert_eq!(source.lag(), Some(1999 - from));
    }
    let report = topic.read_from(at(2001)).await.err().unwrap();
    assert_eq!(report.code(), &LOG_DAMAGED, "records that somebody has seen are gone");
}

#[tokio::test]
async fn a_group_that_has_seen_records_that_are_gone_is_set_back_for_good() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    let identity = topic.status().await.unwrap().identity;
    assert_eq!(identity.len(), 16);
    topic.publish(vec![record("a"), record("b")]).await.unwrap();
    let mut source = topic.subscribe("g").await.unwrap();
    source.next(2).await.unwrap();
    source.commit(at(2)).await.unwrap();
    drop((source, topic));
    let file = format!("{FOLDER}/00000000000000000000.log");
    let content = fixture.disk.get(&file);
    fixture.disk.put(&file, content[..content.len() - 1].to_vec());
    // Nothing says any more that it was acknowledged.
    fixture.disk.remove(&Path::new(FOLDER).join(recovery::MARK)).unwrap();
    drop(fixture.topic());
    let topic = fixture.topic();
    topic.publish(vec![record("c")]).await.unwrap();
    drop(topic);
    let topic = fixture.topic();
    assert_eq!(topic.status().await.unwrap().identity, identity);
    let batch = topic.subscribe("g").await.unwrap().next(9).await.unwrap();
    assert_eq!(batch.arrivals[0].bytes, "c");
}

#[tokio::test]
async fn a_group_resumes_where_it_has_committed_and_never_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let first = broker(folder.path());
    let topic = orders(&first);
    topic.publish((0..10).map(|n| record(n.to_string())).collect()).await.unwrap();
    let mut source = topic.subscribe("g").await.unwrap();
    source.next(100).await.unwrap();
    for (commit, stands) in [(3, 3), (2, 3), (7, 7), (0, 7), (99, 10)] {
        source.commit(at(commit)).await.unwrap();
        assert_eq!(topic.status().await.unwrap().groups, [("g".into(), stands)]);
        if stands == 7 {
            let mut again = topic.subscribe("g").await.unwrap();
            assert_eq!(again.next(1).await.unwrap().arrivals[0].bytes, "7");
        }
    }
    let mut other = topic.subscribe("other").await.unwrap();
    assert_eq!(other.next(1).await.unwrap().arrivals[0].bytes, "0");
    other.commit(at(1)).await.unwrap();
    drop((source, other, topic, first));

    let topic = orders(&broker(folder.path()));
    assert_eq!(topic.status().await.unwrap().groups, [("g".into(), 10), ("other".into(), 1)]);
}

#[tokio::test]
async fn the_file_of_commits_stays_small_and_survives_a_torn_end() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    topic.publish((0..5000).map(|n| record(n.to_string())).collect()).await.unwrap();
    let mut source = topic.subscribe("group").await.unwrap();
    while source.lag() != Some(0) {
        source.next(5000).await.unwrap();
    }
    let path = format!("{FOLDER}/groups.log");
    let mut largest = 0;
    for offset in 1..=5000 {
        source.commit(at(offset)).await.unwrap();
        largest = largest.max(fixture.disk.get(&path).len());
    }
    assert!(largest > 60_000 && largest < 70_000, "{largest}");
    drop((source, topic));
    let content = fixture.disk.get(&path);
    for cut in content.len() - 19..content.len() {
        fixture.disk.put(&path, content[..cut].to_vec());
        let groups = fixture.topic().status().await.unwrap().groups;
        assert_eq!(groups, [("group".into(), 4999)]);
    }
}

#[tokio::test]
async fn a_producer_finds_what_it_has_published_since_an_offset() {
    let fixture = Fixture::new();
    let topic = fixture.topic();
    let records = vec![
        produced_record("a", "one", 10, 0),
        produced_record("b", "one", 20, 0),
        produced_record("c", "two", 20, 0),
        record("d"),
        produced_record("e", "one", 30, 0),
        produced_record("f", "one", 30, 1),
    ];
    topic.publish(records).await.unwrap();
    assert_eq!(topic.produced("one", 1).await.unwrap(), [(20, 0), (30, 0), (30, 1)]);
    assert_eq!(topic.produced("two", 0).await.unwrap(), [(20, 0)]);
    assert_eq!(topic.produced("two", 6).await.unwrap(), []);
    assert_eq!(topic.produced("two", 99).await.unwrap(), []);
}

#[tokio::test]
async fn a_state_folder_belongs_to_one_broker_until_its_last_topic_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let open = || EmbeddedBroker::open(folder.path(), StillClock::new(), Metrics::new(), Arc::default());
    let first = open().unwrap();
    let topic = orders(&first);
    drop(first);
    assert_eq!(open().err().unwrap().code(), &STATE_LOCKED);
    let source = topic.subscribe("g").await.unwrap();
    drop(topic);
    assert!(open().is_err());
    drop(source);
    open().unwrap();
}

#[tokio::test]
async fn a_topic_that_is_opened_again_is_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path());
    orders(&broker).publish(vec![record("a")]).await.unwrap();
    assert_eq!(orders(&broker).publish(vec![record("b")]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_running_broker_can_be_looked_at_without_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let name = Name::new("orders").unwrap();
    let observed = ObservedBroker { folder: folder.path().to_owned(), parts: Arc::default() };
    let look = || async { observed.topic(&name, Retention::default()).await.unwrap() };
    assert_eq!(look().await.status().await.unwrap(), TopicStatus::default());
    assert!(look().await.records(0, 10).await.unwrap().is_empty());
    assert!(!folder.path().join("orders").exists());
    let running = broker(folder.path());
    let topic = orders(&running);
    topic.publish(vec![record("a"), record("b"), record("c")]).await.unwrap();
    let mut source = topic.subscribe("g").await.unwrap();
    source.next(1).await.unwrap();
    source.commit(at(1)).await.unwrap();

    assert_eq!(look().await.status().await.unwrap(), topic.status().await.unwrap());
    let seen = look().await.records(1, 1).await.unwrap();
    assert!(look().await.publish(vec![record("x")]).await.is_err());
    assert_eq!((seen[0].0, texts(&seen)), (1, vec!["b".to_owned()]));
    assert_eq!(topic.publish(vec![record("d")]).await.unwrap(), 3);
}

#[tokio::test]
async fn a_torn_end_is_left_alone_by_who_only_looks() {
    let fixture = Fixture::new();
    fixture.topic().publish(vec![record("a"), record("b")]).await.unwrap();
    let file = format!("{FOLDER}/00000000000000000000.log");
    let content = fixture.disk.get(&file);
    fixture.disk.put(&file, content[..content.len() - 1].to_vec());
    let disk: Arc<dyn Disk> = Arc::new(fixture.disk.clone());
    let view =
        EmbeddedTopic::open_for_reading(&disk, Path::new(FOLDER), &Str::from("t"), None, None).unwrap();
    assert_eq!(texts(&view.records(0, 10).await.unwrap()), ["a"]);
    assert_eq!(view.publish(vec![record("c")]).await.unwrap_err().code(), &LOG_IO);
    assert_eq!(fixture.disk.get(&file).len(), content.len() - 1);
}

#[tokio::test]
async fn syncs_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let metrics = Metrics::new();
    let broker =
        EmbeddedBroker::open(folder.path(), StillClock::new(), metrics.clone(), Arc::default()).unwrap();
    orders(&broker).publish(vec![record("a")]).await.unwrap();
    assert_eq!(metrics.histogram(&LOG_FSYNC_DURATION, &["orders"]).count(), 1);
}
