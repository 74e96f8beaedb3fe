//! The resource that requests at a path act on: what a `GET` at the same path reads, and preconditions are held against.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use http::HeaderValue;
use matchit::Params;
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
}

impl Resource {
    pub(super) fn new(current: Current) -> Self {
        let turns = (0..TURNS).map(|_| Arc::default()).collect();
        Self { current, hasher: RandomState::new(), turns }
    }

    /// Waits until a request may act: one with preconditions alone, so that what they were held against stays as it is until
    /// the request is done; others side by side.
    async fn turn(&self, parameters: &Params<'_, '_>, alone: bool) -> Turn {
        let hash = self.hasher.hash_one(parameters.iter().map(|(_, raw)| raw).collect::<Vec<_>>());
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let turns = Arc::clone(&self.turns[hash as usize % TURNS]);
        if alone {
            Turn { _shared: None, _alone: Some(turns.write_owned().await) }
        } else {
            Turn { _shared: Some(turns.read_owned().await), _alone: None }
        }
    }

    /// The entity tag that a `GET` would give now, to this caller; `None` if there is no such resource.
    async fn tag(
        &self,
        parameters: &Params<'_, '_>,
        caller: &Caller,
    ) -> Result<Option<HeaderValue>, Failure> {
        let caller = caller.freshly();
        match &self.current {
            Current::Row(get) => get.tag(parameters, &caller).await,
            Current::Page(list) => list.tag(&caller).await.map(Some),
        }
    }
}

/// The turn of a request that acts on `resource`, whose preconditions hold.
///
/// # Errors
/// `A0116` if they do not, `A0117` if that cannot be known, and whatever keeps the caller from reading the resource.
pub(super) async fn turn(
    resource: Option<&Resource>,
    preconditions: Option<&Preconditions>,
    parameters: &Params<'_, '_>,
    caller: &Caller,
) -> Result<Option<Turn>, Failure> {
    let Some(resource) = resource else {
        return match preconditions {
            Some(_) => Err(unknown("no operation reads the resource at this path", "leave the header out")),
            None => Ok(None),
        };
    };
    let turn = resource.turn(parameters, preconditions.is_some()).await;
    if let Some(preconditions) = preconditions {
        preconditions.hold(resource.tag(parameters, caller).await?.as_ref())?;
    }
    Ok(Some(turn))
}
