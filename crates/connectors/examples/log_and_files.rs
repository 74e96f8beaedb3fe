//! What publishing, following and reading files cost:
//! `cargo run --release -p tenon-connectors --example log_and_files [FILE.csv]`.
//!
//! Without a file, one in the form of the flights of January 2013 is made up: 27,004 rows of 19 columns.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people to run")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tenon_connectors::{
    clock::SystemClock,
    embedded::{EmbeddedBroker, EmbeddedTopic, TopicSettings},
    file::DiskFile,
    rows,
};
use tenon_contracts::text::RowRules;
use tenon_model::{Field, Headers, Name, Shape};
use tenon_monitoring::Metrics;
use tenon_ports::{Clock, CsvFormat, FileFormat, Position, Record, RowFormat, Topic};
use tokio::task::JoinSet;

const HEADER: &str = "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,\
    tailnum,origin,dest,air_time,distance,hour,minute,time_hour";
const TEXTS: [&str; 5] = ["carrier", "tailnum", "origin", "dest", "time_hour"];

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let topic = open(folder.path());
    for publishers in [1, 4, 16, 64] {
        publish(&topic, publishers, 2_000 / publishers.min(4) * publishers).await;
    }
    publish_batches(&topic).await;
    follow(&topic).await;
    match std::env::args().nth(1) {
        Some(file) => read_csv(Path::new(&file)).await,
        None => read_csv(&made_up(folder.path())).await,
    }
}

fn open(state: &Path) -> Arc<EmbeddedTopic> {
    let broker = EmbeddedBroker::open(state, Arc::new(SystemClock), Metrics::new(), Arc::default()).unwrap();
    broker.topic(&Name::new("flights").unwrap(), TopicSettings::default()).unwrap()
}

fn record() -> Record {
    let time = SystemClock.now();
    Record {
        key: Some("key".into()),
        value: vec![b'x'; 500].into(),
        headers: Headers::new(),
        time,
        producer: None,
    }
}

async fn publish(topic: &Arc<EmbeddedTopic>, publishers: usize, count: usize) {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..publishers {
        let topic = Arc::clone(topic);
        tasks.spawn(async move {
            for _ in 0..count / publishers {
                topic.publish(vec![record()]).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    report(&format!("publish one record at a time, {publishers} at once"), count, began.elapsed());
}

async fn publish_batches(topic: &EmbeddedTopic) {
    let began = Instant::now();
    for _ in 0..200 {
        topic.publish((0..500).map(|_| record()).collect()).await.unwrap();
    }
    report("publish 500 records at a time", 200 * 500, began.elapsed());
}

async fn follow(topic: &EmbeddedTopic) {
    let mut source = topic.read_from(Position::default()).await.unwrap();
    let (began, mut count) = (Instant::now(), 0);
    while source.lag() != Some(0) {
        count += source.next(512).await.unwrap().arrivals.len();
    }
    report("read records", count, began.elapsed());
}

async fn read_csv(path: &Path) {
    let number = |name: &str| Field::optional(name, Shape::INT);
    let text = |name: &str| Field::optional(name, Shape::string());
    let fields = HEADER.split(',').map(|name| if TEXTS.contains(&name) { text(name) } else { number(name) });
    let rules = RowRules { absent: vec!["NA".into()], ..RowRules::default() };
    let format = CsvFormat { rules, ..CsvFormat::default() };
    let shape = Shape::record(fields.collect());
    let format = FileFormat::of(RowFormat::Csv(format));
    let file = DiskFile::open(path, "flights.csv").unwrap();
    let mut source = rows::open(Box::new(file), &format, &shape, None).await.unwrap().source;
    let (began, mut count) = (Instant::now(), 0);
    loop {
        let batch = source.next(512).await.unwrap();
        count += batch.arrivals.iter().filter(|arrival| arrival.payload.is_ok()).count();
        if batch.end {
            break;
        }
    }
    report("read and decode rows", count, began.elapsed());
}

fn made_up(folder: &Path) -> PathBuf {
    let row = "2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z\n";
    let path = folder.join("flights.csv");
    std::fs::write(&path, format!("{HEADER}\n{}", row.repeat(27_004))).unwrap();
    path
}

fn report(what: &str, count: usize, took: Duration) {
    let per_second = count as f64 / took.as_secs_f64();
    println!("{what:<50} {count:>8} in {:>7.1} ms  {per_second:>10.0}/s", took.as_secs_f64() * 1e3);
}
