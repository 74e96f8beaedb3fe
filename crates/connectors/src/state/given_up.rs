//! What is given up where a part of the state folder is taken as it is found, though it was further before.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::{Report, counted};
use tenon_model::Str;
use tenon_ports::{Claim, ClaimPlace, Parts, Topic};

use super::{FILE, SqliteState, TOPICS, checkpoints, claims};
use crate::{
    embedded::{
        self, EmbeddedTopic,
        disk::{Disk, SystemDisk, refused},
    },
    mark,
    sqlite::{
        connection, failure,
        ledger::{self, Notes},
        once,
    },
};

/// Gives up the replies whose effects in the part `name` of `folder` are gone; returns what else is given up as well.
pub(super) async fn give_up(folder: &Path, name: &str) -> Result<Vec<String>, Report> {
    if !folder.join(FILE).exists() {
        return Ok(Vec::new());
    }
    if name == FILE {
        return own(folder);
    }
    let parts = SqliteState::remembered_in(folder)?;
    let found = match name.strip_prefix(TOPICS) {
        Some(topic) => Found::topic(folder, topic, name, &parts).await,
        None => Found::database(folder, name, &parts),
    };
    let found = match found {
        Ok(found) => found,
        Err(report) => {
            return Ok(vec![format!(
                "`{name}` cannot be read, so nothing that it may still hold is given up: {}",
                report.message()
            )]);
        }
    };
    let mut said = found.said(name);
    let state = SqliteState::open(folder)?;
    let done = give_up_replies(&state, name, &found, &mut said).await;
    state.close().await;
    done.map(|()| said)
}

/// What is there of a part, and what was.
struct Found {
    kind: Kind,
    /// Whether it is the one that was there.
    is_same: bool,
    /// How much it holds: records of a topic, commits of a database.
    count: u64,
    /// How much it has held.
    before: u64,
}

enum Kind {
    Topic(Option<EmbeddedTopic>),
    /// The newest claim that it knows of.
    Database(u64),
}

impl Found {
    async fn topic(folder: &Path, short: &str, name: &str, parts: &Parts) -> Result<Self, Report> {
        let (path, disk): (_, Arc<dyn Disk>) = (folder.join(name), Arc::new(SystemDisk));
        let apart = mark::read_apart(disk.as_ref(), parts.mark_of(name).as_deref())
            .map_err(|error| refused("read the mark that is kept apart from", &path, &error))?;
        let known = parts.known.get(name).filter(|known| !known.identity.is_empty());
        let identity = known.map(|it| it.identity.clone()).or(apart.map(|it| mark::text(it.identity)));
        let before = known.map_or(0, |it| it.count).max(apart.map_or(0, |it| it.end));
        if !embedded::holds_records(&path) {
            return Ok(Self { kind: Kind::Topic(None), is_same: false, count: 0, before });
        }
        let remembered = identity.as_deref().map(mark::number);
        let topic = EmbeddedTopic::open_for_reading(&disk, &path, &Str::from(short), None, remembered)?;
        let status = topic.status().await?;
        let is_same = identity.is_none_or(|identity| identity == status.identity);
        let count = if is_same { status.end } else { 0 };
        Ok(Self { kind: Kind::Topic(Some(topic)), is_same, count, before })
    }

    fn database(folder: &Path, name: &str, parts: &Parts) -> Result<Self, Report> {
        let path = folder.join(name);
        let notes = Notes::read(&path, parts.mark_of(name).as_deref())?;
        let known = parts.known.get(name).filter(|known| !known.identity.is_empty());
        let identity = known.map(|it| mark::number(&it.identity)).or(notes.apart.map(|apart| apart.identity));
        let before = known.map_or(0, |it| it.count).max(notes.acknowledged());
        let gone = Self { kind: Kind::Database(0), is_same: false, count: 0, before };
        if !path.exists() {
            return Ok(gone);
        }
        let connection = connection::inspector(&path)?;
        let Some((found, commits)) = ledger::look(&connection)? else { return Ok(gone) };
        if identity.is_some_and(|identity| identity != found) {
            return Ok(gone);
        }
        let newest = once::newest(&connection)?;
        Ok(Self { kind: Kind::Database(newest), is_same: true, count: commits, before })
    }

    fn said(&self, name: &str) -> Vec<String> {
        let (count, before) = (self.count, self.before);
        if before <= count {
            return Vec::new();
        }
        let gone = before - count;
        let of = match self.kind {
            Kind::Topic(_) => format!("{} of `{name}`, from offset {count} on", counted(gone, "message")),
            Kind::Database(_) => format!("the last {} of `{name}`", counted(gone, "transaction")),
        };
        vec![format!("{of}, of {before} that were acknowledged")]
    }
}

/// Releases the claims whose effects in the part `name` are gone.
async fn give_up_replies(
    state: &SqliteState,
    name: &str,
    found: &Found,
    said: &mut Vec<String>,
) -> Result<(), Report> {
    let part = Str::new(name);
    let held = state.store.read(move |connection| Held::read(connection, &part)).await?;
    said.extend(held.positions(name, found));
    let lost: HashSet<u64> = match &found.kind {
        Kind::Topic(topic) => held.lost_in_topic(topic.as_ref(), found).await?,
        Kind::Database(_) if found.is_same && found.count >= found.before => HashSet::new(),
        Kind::Database(newest) => held.claims.iter().map(|it| it.number).filter(|it| it > newest).collect(),
    };
    let unknown = held.unknown;
    let lost = held.claims.into_iter().filter(|claim| lost.contains(&claim.number));
    let (whole, partly): (Vec<_>, Vec<_>) = lost.partition(|claim| claim.rest.is_empty());
    if let Some(first) = whole.first() {
        said.push(format!(
            "the replies to {} with an idempotency key, since {}: sent again, they take effect",
            counted(whole.len(), "request"),
            Claim::made_at(first.number)
        ));
    }
    if let Some(first) = partly.first() {
        said.push(format!(
            "the part in `{name}` of {} with an idempotency key, since {}: what they have changed elsewhere is there, so their \
             replies stay",
            counted(partly.len(), "request"),
            Claim::made_at(first.number)
        ));
    }
    if !whole.is_empty() || !partly.is_empty() {
        let change = move |connection: &Connection| {
            whole.iter().try_for_each(|claim| claims::release(connection, claim.number))?;
            partly.iter().try_for_each(|claim| claims::keep_places(connection, claim.number, &claim.rest))
        };
        state.store.write(change).await?;
    }
    let is_less = found.before > found.count;
    if unknown > 0 && is_less {
        said.push(format!(
            "nothing of {} that an earlier Tenon has answered: it is not known what they have changed, so their replies stay",
            counted(unknown, "request")
        ));
    }
    Ok(())
}

/// A claim that is complete, with effects in a part.
struct Complete {
    number: u64,
    flow: Str,
    /// In the part.
    place: ClaimPlace,
    /// In others.
    rest: Vec<ClaimPlace>,
}

/// What `tenon.db` holds that may be of a part.
struct Held {
    /// Complete claims with effects in it.
    claims: Vec<Complete>,
    /// Complete claims of which it is not known what they have changed.
    unknown: u64,
    /// Flows, and how far they have come in what.
    positions: Vec<(Str, Str, u64)>,
}

impl Held {
    fn read(connection: &Connection, part: &str) -> Result<Self, Report> {
        let (mut claims, mut unknown) = (Vec::new(), 0);
        claims::complete_ones(connection, |number, flow, places| {
            unknown += u64::from(places.is_empty());
            let (mut here, rest): (Vec<_>, Vec<_>) = places.into_iter().partition(|place| place.part == part);
            claims.extend(here.pop().map(|place| Complete { number, flow: Str::new(flow), place, rest }));
        })?;
        let read = checkpoints::list(connection, None)?.into_iter().filter(|(_, it)| !it.afresh);
        let positions = read.map(|(flow, it)| (flow, it.source, it.position.offset)).collect();
        Ok(Self { claims, unknown, positions })
    }

    /// The flows that had come further in a topic than it goes.
    fn positions(&self, name: &str, found: &Found) -> Vec<String> {
        let Some(topic) = name.strip_prefix(TOPICS) else { return Vec::new() };
        let further =
            self.positions.iter().filter(|(_, source, offset)| source == topic && *offset > found.count);
        let say = |(flow, _, offset): &(Str, Str, u64)| {
            format!("the position of `{flow}`, which had come to offset {offset}")
        };
        further.map(say).collect()
    }

    /// The claims whose records are not in the topic. Where it has let go of the messages among which they would be, they are taken
    /// for done.
    async fn lost_in_topic(
        &self,
        topic: Option<&EmbeddedTopic>,
        found: &Found,
    ) -> Result<HashSet<u64>, Report> {
        let Some(topic) = topic.filter(|_| found.is_same) else {
            return Ok(self.claims.iter().map(|claim| claim.number).collect());
        };
        let status = topic.status().await?;
        let mut marks: HashMap<&Str, u64> = HashMap::new();
        for claim in &self.claims {
            if let Some((_, mark)) = claim.place.topic.as_ref().filter(|(_, mark)| *mark < status.end) {
                marks.entry(&claim.flow).and_modify(|held| *held = (*held).min(*mark)).or_insert(*mark);
            }
        }
        let mut published: HashSet<(&Str, u64)> = HashSet::new();
        for (flow, mark) in marks {
            let producer = tenon_ports::topic::requests(flow);
            let found = topic.produced(&producer, mark.max(status.start)).await?;
            published.extend(found.into_iter().map(|(number, _)| (flow, number)));
        }
        let is_lost = |claim: &&Complete| {
            let Some((identity, mark)) = &claim.place.topic else { return false };
            let may_be_gone = *mark < status.start;
            *identity != status.identity
                || (!may_be_gone && !published.contains(&(&claim.flow, claim.number)))
        };
        Ok(self.claims.iter().filter(is_lost).map(|claim| claim.number).collect())
    }
}

/// What is given up with the engine's own state.
fn own(folder: &Path) -> Result<Vec<String>, Report> {
    let path = folder.join(FILE);
    let marks = folder.join(mark::FOLDER);
    let connection = connection::inspector(&path)?;
    let commits = ledger::look(&connection)?.map_or(0, |(_, commits)| commits);
    let mut before = Notes::read(&path, Some(&marks.join(FILE)))?.acknowledged();
    let parts = SqliteState::remembered_in(folder).unwrap_or_else(|_| SqliteState::unremembered(folder));
    for name in parts.known.keys() {
        let apart = parts.mark_of(name);
        let apart = mark::read_apart(&SystemDisk, apart.as_deref()).map_err(|error| {
            refused("read the mark that is kept apart from", &folder.join(name.as_str()), &error)
        })?;
        before = before.max(apart.map_or(0, |it| it.seen));
    }
    let mut said =
        vec!["what `tenon.db` remembers of the other parts: each is taken as it is found".to_owned()];
    if before > commits {
        let since = last_written(&connection)?;
        let since = since.map_or_else(String::new, |at| format!(", since {at}"));
        said.insert(0, format!(
            "the last {} of `tenon.db`, of {before} that were acknowledged{since}: the replies to requests with an idempotency key, \
             dead letters, and positions that no topic and no database holds",
            counted(before - commits, "change")
        ));
    }
    Ok(said)
}

/// When the newest thing in `tenon.db` was written, as far as that can be seen: it may be empty.
fn last_written(connection: &Connection) -> Result<Option<jiff::Timestamp>, Report> {
    let newest = |table: &str, column: &str| -> rusqlite::Result<Option<i64>> {
        let has = "SELECT 1 FROM sqlite_schema WHERE name = ?";
        if connection.query_row(has, [table], |_| Ok(())).optional()?.is_none() {
            return Ok(None);
        }
        connection.query_row(&format!("SELECT max({column}) FROM {table}"), [], |row| row.get(0))
    };
    let read = || Ok::<_, rusqlite::Error>((newest("sources", "used")?, newest("claims", "number")?));
    let (used, number) =
        read().map_err(|error| failure::report("reading when `tenon.db` was written", &error))?;
    let used = used.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    Ok(used.max(number.map(|number| Claim::made_at(number.unsigned_abs()))))
}
