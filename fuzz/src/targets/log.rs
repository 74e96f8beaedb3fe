//! The segment files of the embedded broker: as they stand, and with checks that hold whatever the records are.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use jiff::Timestamp;
use tenon_connectors::{
    embedded::{EmbeddedBroker, TopicSettings},
    memory::ManualClock,
};
use tenon_errors::Report;
use tenon_model::Name;
use tenon_monitoring::Metrics;
use tenon_ports::{Broker, Parts, Topic};
use tokio::runtime::{Builder, Runtime};

use super::outcome;
use crate::Target;

pub(super) const LOG: Target = Target { name: "log", seeds: of_log, run: log };

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("the runtime starts"));

/// A folder in memory where the system has one: nothing has to survive.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    root.join(format!("tenon-fuzz-log-{}", std::process::id()))
});

/// What the checks of heads start from.
const SALT: u32 = 7;

fn header() -> Vec<u8> {
    let mut bytes = [&b"TENONLOG"[..], &1u32.to_le_bytes(), &SALT.to_le_bytes(), &[0; 20]].concat();
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

/// A record with this body whose checks hold.
fn framed(offset: u64, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let head =
        [&length.to_le_bytes()[..], &offset.to_le_bytes(), &[0; 4], &crc32c::crc32c(body).to_le_bytes()]
            .concat();
    [&crc32c::crc32c_append(SALT, &head).to_le_bytes()[..], &head, body].concat()
}

fn body() -> Vec<u8> {
    let text =
        |text: &str| [&u16::try_from(text.len()).unwrap_or(0).to_le_bytes()[..], text.as_bytes()].concat();
    let long =
        |text: &str| [&u32::try_from(text.len()).unwrap_or(0).to_le_bytes()[..], text.as_bytes()].concat();
    let time = [&5i64.to_le_bytes()[..], &7i32.to_le_bytes()].concat();
    let producer = [&text("flow")[..], &3u64.to_le_bytes(), &1u32.to_le_bytes()].concat();
    let headers = [&1u16.to_le_bytes()[..], &text("contract"), &long("order@1")].concat();
    [&time[..], &[3], &long("key"), &producer, &headers, b"{}"].concat()
}

fn of_log() -> Vec<Vec<u8>> {
    let file = [header(), framed(0, &body()), framed(1, &body())].concat();
    vec![[&[0], &file[..]].concat(), [&[1], &body()[..]].concat(), [&[2], &file[..file.len() - 9]].concat()]
}

/// The first byte says whether the rest is a file, or the body of a record whose checks hold.
fn log(bytes: &[u8]) -> u64 {
    let Some((first, rest)) = bytes.split_first() else { return 2 };
    let file =
        if first % 2 == 1 { [header(), framed(0, rest), framed(1, &body())].concat() } else { rest.to_vec() };
    outcome(&opened(&file))
}

/// The topic is opened, and its first records are read.
fn opened(file: &[u8]) -> Result<(), Report> {
    let topic = FOLDER.join("t");
    let _ = fs::remove_dir_all(&*FOLDER);
    fs::create_dir_all(&topic)
        .and_then(|()| fs::write(topic.join(format!("{:020}.log", 0)), file))
        .expect("it is written");
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let broker = EmbeddedBroker::open(&FOLDER, clock, Metrics::new(), Arc::new(Parts::default()))?;
    let name = Name::new("t").expect("it is a name");
    let topic = broker.topic(&name, TopicSettings::default())?;
    RUNTIME.block_on(async {
        let told = topic.records(0, 1_000).await;
        broker.close().await;
        told.map(drop)
    })
}
