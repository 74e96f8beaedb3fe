//! The engine's own memory in an SQLite file: checkpoints, dead letters, and claims of requests.
//!
//! It runs on the same threads and with the same durability as tables do (see [`crate::sqlite`]), in a file of its own
//! in the state folder, so that no database of the project has to be there for a message to be kept.

mod accept;
mod calls;
mod checkpoints;
pub(crate) mod claims;
mod contracts;
mod dead_letters;
mod given_up;
mod headers;
mod held;
mod migrations;
mod moves;
mod parts;
mod places;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{
    CallId, CallsDone, Cause, Checkpoint, Claim, ClaimId, Commits, DeadLetter, DeadLetterQuery, Followed,
    LetGo, LetterRetention, Moved, Moves, Noted, Part, Parts, Settled, State,
};

use self::held::Held;
use crate::{
    mark,
    sqlite::{
        connection,
        ledger::{self, Missing, Place},
        store::Store,
    },
};

/// The file in the state folder.
const FILE: &str = "tenon.db";

/// What the names of topics in the state folder begin with.
const TOPICS: &str = "topics/";

/// Checkpoints and dead letters in `tenon.db`. Several processes may use it at the same time, so dead letters can be
/// listed and dropped while flows run.
pub struct SqliteState {
    store: Store,
    /// `None` where another process may store claims.
    held: Option<Held>,
    moves: moves::Sizes,
    /// Where the parts of the folder note apart from themselves how far they are.
    marks: Option<PathBuf>,
}

impl SqliteState {
    /// Opens the file in `folder`, creating both where they are missing and bringing an older file up to date.
    ///
    /// # Errors
    /// `E0003` if the folder cannot be made, `Y0106` if the file is no database, `Y0208` if it was written by a newer
    /// Tenon, `Y0103` if another process locks it, `Y0205` or `Y0206` if it has lost commits.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Report> {
        let mut held = None;
        let folder = folder.as_ref();
        let (path, marks) = (folder.join(FILE), folder.join(mark::FOLDER));
        let apart = marks.join(FILE);
        let place = Place { path: &path, name: FILE, missing: Missing::Made, apart: Some(&apart) };
        let store = Store::open(place, |connection| {
            migrations::migrate(connection)?;
            held = Some(Held::load(connection)?);
            Ok(())
        })?;
        Ok(Self { store, held, moves: moves::Sizes::default(), marks: Some(marks) })
    }

    /// Opens the file in `folder` to look at it, also while another process uses it and where it cannot be written. Where
    /// there is none, there is nothing to see.
    ///
    /// # Errors
    /// `Y0106` if the file is no database, `Y0208` if it was written by a newer Tenon.
    pub fn observe(folder: impl AsRef<Path>) -> Result<Self, Report> {
        let path = folder.as_ref().join(FILE);
        if !path.exists() {
            return Self::in_memory();
        }
        if migrations::is_older(&connection::inspector(&path)?)? {
            // Looking at it takes what it is to be brought to.
            return Self::open(folder);
        }
        Ok(Self { store: Store::observe(&path)?, held: None, moves: moves::Sizes::default(), marks: None })
    }

    /// What the file in `folder` remembers of its parts, without changing anything. Blocks.
    ///
    /// # Errors
    /// What reading it reports.
    pub(crate) fn remembered_in(folder: &Path) -> Result<Parts, Report> {
        let connection = connection::inspector(&folder.join(FILE))?;
        if migrations::is_older(&connection)? {
            return Ok(Self::unremembered(folder));
        }
        let (identity, commits) = ledger::look(&connection)?.unwrap_or_default();
        let marks = Some(folder.join(mark::FOLDER));
        Ok(Parts { folder: mark::text(identity), commits, marks, ..parts::load(&connection)? })
    }

    /// What is known of the parts in `folder` to who only looks at them: their marks alone, where the file is absent or cannot be
    /// read, which is for who needs it to say. How far it has come itself says nothing, since others may use it. Blocks.
    #[must_use]
    pub fn parts_seen_in(folder: &Path) -> Parts {
        let seen = Self::remembered_in(folder).unwrap_or_else(|_| Self::unremembered(folder));
        Parts { commits: u64::MAX, ..seen }
    }

    /// What is known of the parts in `folder` where nothing is remembered of them: their own marks.
    pub(crate) fn unremembered(folder: &Path) -> Parts {
        Parts { marks: Some(folder.join(mark::FOLDER)), ..Parts::default() }
    }

    /// What the file remembers of the parts of its folder.
    ///
    /// # Errors
    /// What reading it reports.
    pub async fn parts(&self) -> Result<Parts, Report> {
        let mut parts = self.store.read(parts::load).await?;
        parts.marks.clone_from(&self.marks);
        if let Some(ledger) = self.store.ledger() {
            let own = ledger.part();
            (parts.folder, parts.commits) = (own.identity, own.count);
        }
        Ok(parts)
    }

    /// How far flows have come in what they read, as the file in `folder` says: source, fingerprint and offset. Blocks.
    ///
    /// # Errors
    /// What reading it reports.
    pub(crate) fn positions_in(folder: &Path) -> Result<Vec<(Str, Str, u64)>, Report> {
        let connection = connection::inspector(&folder.join(FILE))?;
        if migrations::is_older(&connection)? {
            return Ok(Vec::new());
        }
        let found = checkpoints::list(&connection, None)?.into_iter().filter(|(_, it)| !it.afresh);
        Ok(found.map(|(_, it)| (it.source, it.fingerprint, it.position.offset)).collect())
    }

    /// What the data that is stored follows, as the file in `folder` remembers it; nothing where there is none.
    ///
    /// # Errors
    /// `Y0106` if the file is no database.
    pub fn followed(folder: &Path) -> Result<Vec<Followed>, Report> {
        let path = folder.join(FILE);
        if path.exists() { contracts::load(&path) } else { Ok(Vec::new()) }
    }

    /// How far the flows have come that have run in `folder`, without changing anything, also while another process uses it;
    /// nothing where no run has been, or only one of an earlier Tenon. Blocks.
    ///
    /// # Errors
    /// What reading it reports.
    pub fn checkpoints_in(folder: &Path) -> Result<Vec<(Str, Checkpoint)>, Report> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let connection = connection::inspector(&path)?;
        if migrations::is_older(&connection)? { Ok(Vec::new()) } else { checkpoints::list(&connection, None) }
    }

    /// Remembers what the data follows that is stored from now on.
    ///
    /// # Errors
    /// What writing it reports.
    pub async fn remember_followed(&self, followed: Vec<Followed>) -> Result<(), Report> {
        self.store.write(move |connection| contracts::store(connection, &followed)).await
    }

    /// Finishes what is being written and closes the file. Nothing may be asked of it after that.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// What the file itself is recognised by.
    #[must_use]
    pub fn part(&self) -> Part {
        self.store.ledger().map(ledger::Ledger::part).unwrap_or_default()
    }

    /// How many commits of the file are durable, also later.
    #[must_use]
    pub fn commits(&self) -> Commits {
        self.store.ledger().map(ledger::Ledger::durable).unwrap_or_default()
    }

    /// Remembers these parts of the folder as they are now, and that all are known.
    ///
    /// # Errors
    /// What writing it reports.
    pub async fn remember_parts(&self, found: Vec<(Str, Part)>, synced: bool) -> Result<(), Report> {
        let work = move |connection: &rusqlite::Connection| parts::store(connection, &found);
        if synced { self.store.write(work).await } else { self.store.write_lazily(work).await }
    }

    /// Gives up what cannot be there any more when the part `name` of the state folder is taken as it is found: the replies to
    /// requests whose effects are gone, so that they take effect when they are sent again. Returns what is given up with the part,
    /// each as a sentence. Has to be called before [`SqliteState::accept`], which forgets how far the part was.
    ///
    /// # Errors
    /// What reading and writing the file reports.
    pub async fn give_up(folder: &Path, name: &str) -> Result<Vec<String>, Report> {
        given_up::give_up(folder, name).await
    }

    /// State in memory for tests: the same code on one connection, gone when it is dropped.
    ///
    /// # Errors
    /// `Y0103` if SQLite has no memory for it.
    pub fn in_memory() -> Result<Self, Report> {
        let store = Store::in_memory(migrations::migrate)?;
        Ok(Self { store, held: Some(Held::default()), moves: moves::Sizes::default(), marks: None })
    }
}

#[async_trait]
impl State for SqliteState {
    async fn checkpoint(&self, flow: &str, source: &str) -> Result<Option<Checkpoint>, Report> {
        let (flow, source) = (Str::new(flow), Str::new(source));
        self.store.read(move |connection| checkpoints::load(connection, &flow, &source)).await
    }

    async fn checkpoints(&self, flow: Option<&str>) -> Result<Vec<(Str, Checkpoint)>, Report> {
        let flow = flow.map(Str::new);
        self.store.read(move |connection| checkpoints::list(connection, flow.as_deref())).await
    }

    async fn record(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Report> {
        let flow = Str::new(flow);
        let work = move |connection: &rusqlite::Connection| {
            dead.iter().try_for_each(|letter| dead_letters::store(connection, letter))?;
            checkpoint.iter().try_for_each(|checkpoint| checkpoints::store(connection, &flow, checkpoint))
        };
        self.store.write(work).await
    }

    async fn record_within(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
        keep: LetterRetention,
        now: Timestamp,
    ) -> Result<LetGo, Report> {
        let flow = Str::new(flow);
        let work = move |connection: &rusqlite::Connection| {
            let gone = match dead.as_slice() {
                [] => LetGo::default(),
                letters => dead_letters::store_within(connection, &flow, letters, keep, now)?,
            };
            checkpoint.iter().try_for_each(|checkpoint| checkpoints::store(connection, &flow, checkpoint))?;
            Ok(gone)
        };
        self.store.write(work).await
    }

    async fn expire_dead_letters(&self, flow: &str, before: Timestamp) -> Result<LetGo, Report> {
        let flow = Str::new(flow);
        let work = move |connection: &rusqlite::Connection| {
            let mut gone = LetGo::default();
            dead_letters::expire(connection, &flow, before, &mut gone).map(|_| gone)
        };
        self.store.write(work).await
    }

    async fn note_moves(&self, flow: &str, moves: Moves) -> Result<(), Report> {
        let (flow, sizes) = (Str::new(flow), self.moves.clone());
        let work = move |connection: &rusqlite::Connection| {
            moves::store(connection, &sizes, &flow, &moves, moves::MOST)
        };
        self.store.write(work).await
    }

    async fn moves(&self, flow: &str, keys: Vec<u64>) -> Result<Moved, Report> {
        let flow = Str::new(flow);
        self.store.read(move |connection| moves::find(connection, &flow, &keys)).await
    }

    async fn forget_moves(&self, flow: &str) -> Result<(), Report> {
        let (flow, sizes) = (Str::new(flow), self.moves.clone());
        let work = move |connection: &rusqlite::Connection| {
            sizes.forget(&flow);
            moves::remove(connection, &flow)
        };
        self.store.write(work).await
    }

    async fn begin_call(&self, id: CallId, again: bool) -> Result<Option<Noted>, Report> {
        self.store.write(move |connection| calls::begin(connection, &id, again)).await
    }

    async fn settle_call(&self, id: CallId, settled: Settled) -> Result<(), Report> {
        self.store.write(move |connection| calls::settle(connection, &id, &settled)).await
    }

    async fn forget_calls(&self, done: CallsDone) -> Result<(), Report> {
        self.store.write_lazily(move |connection| calls::forget(connection, &done)).await
    }

    async fn reset(&self, flow: &str) -> Result<(), Report> {
        let flow = Str::new(flow);
        self.store.write(move |connection| checkpoints::remove(connection, &flow)).await
    }

    async fn dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Report> {
        self.store.read(move |connection| dead_letters::list(connection, &query)).await
    }

    async fn dead_letter_counts(&self) -> Result<Vec<(Str, Str, u64)>, Report> {
        self.store.read(dead_letters::counts).await
    }

    async fn dead_letter_causes(&self) -> Result<Vec<Cause>, Report> {
        self.store.read(dead_letters::causes).await
    }

    async fn drop_dead_letters(&self, ids: Vec<Str>) -> Result<u64, Report> {
        self.store.write(move |connection| dead_letters::remove(connection, &ids)).await
    }

    async fn claimed(&self, id: &ClaimId, now: Timestamp) -> Result<Option<Claim>, Report> {
        if self.held.as_ref().is_some_and(|held| !held.may_have(id)) {
            return Ok(None);
        }
        let id = id.clone();
        self.store.read(move |connection| claims::load(connection, &id, now)).await
    }

    async fn claim(&self, id: ClaimId, claim: Claim, now: Timestamp) -> Result<Option<Claim>, Report> {
        let held = self.held.clone();
        let work = move |connection: &rusqlite::Connection| {
            held.iter().try_for_each(|held| held.add(connection, &id))?;
            claims::store(connection, &id, &claim, now)
        };
        self.store.write(work).await
    }

    async fn complete(&self, number: u64) -> Result<bool, Report> {
        self.store.write_lazily(move |connection| claims::complete(connection, number)).await
    }

    async fn release(&self, number: u64) -> Result<(), Report> {
        self.store.write(move |connection| claims::release(connection, number)).await
    }

    async fn forget(&self, number: u64) -> Result<bool, Report> {
        self.store.write_lazily(move |connection| claims::forget(connection, number)).await
    }

    async fn over(&self, numbers: Vec<u64>) -> Result<Vec<u64>, Report> {
        self.store.read(move |connection| claims::over(connection, &numbers)).await
    }

    async fn open_claims(
        &self,
        flow: &str,
        after: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(ClaimId, Claim)>, Report> {
        let flow = Str::new(flow);
        self.store.read(move |connection| claims::open(connection, &flow, after, limit, now)).await
    }
}

/// A number as SQLite stores it. Offsets and counts stay far below the bound; a number beyond it is a mistake that
/// must not wrap around.
fn stored(n: u64) -> Result<i64, Report> {
    i64::try_from(n).map_err(|_| {
        Report::new(
            &tenon_errors::catalogue::data::OUT_OF_BOUNDS,
            format!("{n} is larger than the {} that can be stored", i64::MAX),
        )
    })
}

/// The report of a row of the state that does not hold what was once written.
fn damaged(what: &str) -> Report {
    Report::new(
        &tenon_errors::catalogue::system::DATABASE_FAILED,
        format!("{what} in `{FILE}` cannot be understood"),
    )
    .hint(format!("restore `{FILE}` from a copy, or see what else writes to it"))
}
