//! The built-in broker as a kind of system.

use async_trait::async_trait;
use std::sync::Arc;
use tenon_errors::{
    Report,
    catalogue::{
        project::BAD_VALUE,
        system::{
            LOG_DAMAGED, LOG_FULL, LOG_IO, STATE_LOCKED, STATE_MISMATCH, STATE_NEWER, STATE_TAKEN_AWAY,
        },
    },
};
use tenon_model::Str;
use tenon_monitoring::metrics::{LOG_FSYNC_DURATION, TOPIC_SKIPPED};
use tenon_ports::{Connector, ConnectorDescriptor, Followed, Opened, Role, Site};

use super::{EmbeddedBroker, ObservedBroker, contract, disk::SystemDisk};
use crate::{blocking, mark};

/// The folder of the topics in the state folder.
pub(super) const FOLDER: &str = "topics";

static DESCRIPTOR: ConnectorDescriptor = ConnectorDescriptor {
    scheme: "embedded",
    role: Role::Broker,
    url: "embedded",
    summary: "The broker that is built in: durable topics in the state folder.",
    page: "\
A topic is a folder of segment files. One process at a time uses them; `tenon topics` looks at them while it runs.

Publishers that wait together share one sync of the disk. What `keep` lets go goes by whole segments, so a topic may
hold up to twice as long an age, and one segment more than its size. A torn end, which was never confirmed, is cut off
at the next start; anything else that is damaged keeps the topic from opening, and only what uses it from running, until a
copy is restored or `tenon state skip` gives it up.",
    guarantees: &[
        "A message is on disk (fdatasync) when its publishing is confirmed.",
        "Messages are kept in the order in which they were confirmed; those of one key are delivered in order.",
        "After a crash, a flow does not publish again what its topic already holds.",
    ],
    codes: &[&LOG_DAMAGED, &LOG_FULL, &LOG_IO, &STATE_LOCKED, &STATE_MISMATCH, &STATE_TAKEN_AWAY, &STATE_NEWER],
    metrics: &[&LOG_FSYNC_DURATION, &TOPIC_SKIPPED],
    example: "events: { broker: { url: \"${BROKER_URL:embedded}\" } }",
};

/// The built-in broker. There is one in a state folder, so its location is always the same.
pub struct EmbeddedConnector;

#[async_trait]
impl Connector for EmbeddedConnector {
    fn descriptor(&self) -> &'static ConnectorDescriptor {
        &DESCRIPTOR
    }

    fn location(&self, url: &str) -> Result<Str, Report> {
        if url == DESCRIPTOR.url {
            return Ok(Str::from(FOLDER));
        }
        Err(Report::new(&BAD_VALUE, "the embedded broker is in the state folder and has no address")
            .hint("write `embedded`, and choose the state folder with `--state`"))
    }

    fn holds(&self, location: &str, site: &Site, name: &str) -> bool {
        super::holds_records(&site.state.join(location).join(name))
    }

    fn followed(&self, location: &str, site: &Site, name: &str) -> Result<Option<Followed>, Report> {
        let marks = site.state.join(mark::FOLDER);
        let notes = contract::Notes::of(
            &site.state.join(location).join(name),
            &format!("{location}/{name}"),
            Some(&marks),
        );
        notes.read(&SystemDisk, name)
    }

    async fn open(&self, location: &str, site: &Site) -> Result<Opened, Report> {
        let folder = site.state.join(location);
        let (clock, metrics, parts) =
            (Arc::clone(&site.clock), site.metrics.clone(), Arc::clone(&site.parts));
        let broker = blocking::run(move || EmbeddedBroker::open(&folder, clock, metrics, parts)).await??;
        Ok(Opened::Broker(Arc::new(broker)))
    }

    async fn observe(&self, location: &str, site: &Site) -> Result<Opened, Report> {
        let (folder, parts) = (site.state.join(location), Arc::clone(&site.parts));
        Ok(Opened::Broker(Arc::new(ObservedBroker { folder, parts })))
    }
}
