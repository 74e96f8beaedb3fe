//! Publishing durable messages of 300 bytes: the embedded topic against Redis and NATS `JetStream`, each syncing every
//! acknowledged message to disk. Arguments: the addresses of Redis and NATS.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tenon_bench::{
    Rate, Worker, measure,
    peers::{Nats, Redis},
};
use tenon_connectors::{
    clock::SystemClock,
    embedded::{EmbeddedBroker, TopicSettings},
};
use tenon_model::{Headers, Name};
use tenon_monitoring::Metrics;
use tenon_ports::{Record, Topic};

const LENGTH: Duration = Duration::from_secs(4);
const PAYLOAD: usize = 300;

struct Embedded {
    topic: Arc<dyn Topic>,
    payload: Bytes,
}

impl Worker for Embedded {
    async fn once(&mut self) -> Result<(), String> {
        let (value, time) = (self.payload.clone(), jiff::Timestamp::UNIX_EPOCH);
        let record = Record { key: None, value, headers: Headers::new(), time, producer: None };
        self.topic.publish(vec![record]).await.map(drop).map_err(|report| report.to_string())
    }
}

#[tokio::main]
async fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let redis = arguments.next().ok_or("the address of Redis is missing")?;
    let nats = arguments.next().ok_or("the address of NATS is missing")?;
    let folder = std::env::var("BENCH_DIR").map_or_else(|_| std::env::temp_dir(), Into::into);
    let state = tempfile::tempdir_in(folder).map_err(|error| error.to_string())?;
    let broker = EmbeddedBroker::open(state.path(), Arc::new(SystemClock), Metrics::new(), Arc::default())
        .map_err(|report| report.to_string())?;
    let name = Name::new("bench").ok_or("not a name")?;
    let topic: Arc<dyn Topic> =
        broker.topic(&name, TopicSettings::default()).map_err(|report| report.to_string())?;
    let payload = Bytes::from(vec![b'x'; PAYLOAD]);
    Nats::create_stream(&nats).await?;
    println!(
        "| publishers | embedded/s | Redis/s | NATS/s | embedded : Redis | embedded : NATS | embedded p50 | Redis p50 | NATS p50 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for publishers in [1, 16, 64, 256] {
        let embedded = (0..publishers)
            .map(|_| Embedded { topic: Arc::clone(&topic), payload: payload.clone() })
            .collect();
        let ours = measure(embedded, LENGTH).await?;
        let mut workers = Vec::new();
        for _ in 0..publishers {
            workers.push(Redis::connect(&redis, &payload).await?);
        }
        let redis = measure(workers, LENGTH).await?;
        let mut workers = Vec::new();
        for worker in 0..publishers {
            workers.push(Nats::connect(&nats, worker, &payload).await?);
        }
        let nats = measure(workers, LENGTH).await?;
        row(publishers, ours, redis, nats);
    }
    Ok(())
}

fn row(publishers: usize, ours: Rate, redis: Rate, nats: Rate) {
    println!(
        "| {publishers} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {:.0?} | {:.0?} | {:.0?} |",
        ours.per_second,
        redis.per_second,
        nats.per_second,
        ours.per_second / redis.per_second,
        ours.per_second / nats.per_second,
        ours.p50,
        redis.p50,
        nats.p50,
    );
}
