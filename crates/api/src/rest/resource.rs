//! The resource that requests at a path act on: what a `GET` at the same path reads, and preconditions are held against.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use http::HeaderValue;
use matchit::Params;
use tenon_errors::Report;
use tenon_model::{Name, Value};
use tenon_ports::operation::Condition;

use super::server::{Get, List};
use crate::{
    http::{
        conditional::{Preconditions, unknown},
        exchange::Failure,
    },
    operation::Caller,
};

/// What reads the resource.
pub(super) enum Current {
    Row(Get),
    Page(List),
}

/// The preconditions of a request, and the resource that they are held against.
pub(super) struct Unchanged {
    current: Arc<Current>,
    /// Of a row.
    key: Option<Vec<Value>>,
    preconditions: Preconditions,
    caller: Caller,
    /// What HTTP says if they do not hold.
    failure: Mutex<Option<Failure>>,
}

impl Unchanged {
    /// The entity tag that a `GET` would give now, to this caller; `None` if there is no such resource.
    async fn tag(&self) -> Result<Option<HeaderValue>, Failure> {
        match (self.current.as_ref(), &self.key) {
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
    fn table(&self) -> &Name {
        match self.current.as_ref() {
            Current::Row(get) => &get.table,
            Current::Page(list) => &list.table,
        }
    }

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

/// The preconditions of a request, as they are held against `current`.
///
/// # Errors
/// `A0117` if there is nothing to hold them against.
pub(super) fn unchanged(
    current: Option<&Arc<Current>>,
    preconditions: Option<Preconditions>,
    parameters: &Params<'_, '_>,
    caller: &Caller,
) -> Result<Option<Arc<Unchanged>>, Failure> {
    let Some(preconditions) = preconditions else { return Ok(None) };
    let Some(current) = current else {
        return Err(unknown("no operation reads the resource at this path", "leave the header out"));
    };
    let key = match current.as_ref() {
        Current::Row(get) => Some(get.key(parameters)?),
        Current::Page(_) => None,
    };
    let (current, failure) = (Arc::clone(current), Mutex::default());
    Ok(Some(Arc::new(Unchanged { current, key, preconditions, caller: caller.freshly(), failure })))
}
