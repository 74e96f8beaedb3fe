//! The resource that requests at a path act on: what a `GET` at the same path reads, and preconditions are held against.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use http::HeaderValue;
use matchit::Params;
use tenon_errors::Report;
use tenon_model::Value;
use tenon_ports::operation::Condition;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::server::{Get, List};
use crate::{
    http::{
        conditional::{Preconditions, unknown},
        exchange::Failure,
    },
    operation::Caller,
};

/// How many resources of one path are kept apart; more share turns by chance.
const TURNS: usize = 64;

/// What reads the resource.
pub(super) enum Current {
    Row(Get),
    Page(List),
}

/// The resources of one path.
pub(super) struct Resource {
    current: Current,
    hasher: RandomState,
    turns: Vec<Arc<RwLock<()>>>,
}

/// The turn of a request that acts, until it is dropped.
pub(super) struct Turn {
    _shared: Option<OwnedRwLockReadGuard<()>>,
    _alone: Option<OwnedRwLockWriteGuard<()>>,
    /// What has to hold when it acts.
    pub(super) condition: Option<Arc<Unchanged>>,
}

/// The preconditions of a request, and the resource that they are held against.
pub(super) struct Unchanged {
    resource: Arc<Resource>,
    /// Of a row.
    key: Option<Vec<Value>>,
    preconditions: Preconditions,
    caller: Caller,
    /// What HTTP says if they do not hold.
    failure: Mutex<Option<Failure>>,
}

impl Resource {
    pub(super) fn new(current: Current) -> Self {
        let turns = (0..TURNS).map(|_| Arc::default()).collect();
        Self { current, hasher: RandomState::new(), turns }
    }

    /// Waits until a request may act: one with preconditions alone, so that what they are held against stays as it is until
    /// the request is done; others side by side.
    async fn turn(&self, parameters: &Params<'_, '_>, condition: Option<Arc<Unchanged>>) -> Turn {
        let hash = self.hasher.hash_one(parameters.iter().map(|(_, raw)| raw).collect::<Vec<_>>());
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let turns = Arc::clone(&self.turns[hash as usize % TURNS]);
        if condition.is_some() {
            Turn { _shared: None, _alone: Some(turns.write_owned().await), condition }
        } else {
            Turn { _shared: Some(turns.read_owned().await), _alone: None, condition }
        }
    }
}

impl Unchanged {
    /// The entity tag that a `GET` would give now, to this caller; `None` if there is no such resource.
    async fn tag(&self) -> Result<Option<HeaderValue>, Failure> {
        match (&self.resource.current, &self.key) {
            (Current::Row(get), Some(key)) => get.tag(key.clone(), &self.caller).await,
            (Current::Row(_), None) => Ok(None),
            (Current::Page(list), _) => list.tag(&self.caller).await.map(Some),
        }
    }

    /// What HTTP says about preconditions that did not hold.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Condition for Unchanged {
    async fn hold(&self) -> Result<(), Report> {
        let held = self.tag().await.and_then(|tag| self.preconditions.hold(tag.as_ref()));
        held.map_err(|failure| {
            let report = failure.report.clone();
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            report
        })
    }
}

impl fmt::Debug for Unchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unchanged({:?})", self.preconditions)
    }
}

/// The turn of a request that acts on `resource`.
///
/// # Errors
/// `A0117` if there is nothing to hold its preconditions against.
pub(super) async fn turn(
    resource: Option<&Arc<Resource>>,
    preconditions: Option<Preconditions>,
    parameters: &Params<'_, '_>,
    caller: &Caller,
) -> Result<Option<Turn>, Failure> {
    let Some(resource) = resource else {
        return match preconditions {
            Some(_) => Err(unknown("no operation reads the resource at this path", "leave the header out")),
            None => Ok(None),
        };
    };
    let condition = match preconditions {
        Some(preconditions) => {
            let key = match &resource.current {
                Current::Row(get) => Some(get.key(parameters)?),
                Current::Page(_) => None,
            };
            let (resource, failure) = (Arc::clone(resource), Mutex::default());
            Some(Arc::new(Unchanged { resource, key, preconditions, caller: caller.freshly(), failure }))
        }
        None => None,
    };
    Ok(Some(resource.turn(parameters, condition).await))
}
