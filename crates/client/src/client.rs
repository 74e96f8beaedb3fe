//! The client of one system.

use std::{fmt, sync::Arc};

use tenon_errors::Report;

use crate::{EndpointStatus, Failure, Request, Response, Settings, call, health, system::System};

/// The client of one system. Clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<System>);

impl Client {
    /// Nothing is connected yet, and nobody is asked whether it is well before the first call.
    ///
    /// # Errors
    /// `Y0410` if the settings contradict themselves, `S0104` if a certificate or key is not usable.
    pub fn new(settings: Settings) -> Result<Self, Report> {
        Ok(Self(Arc::new(System::new(settings)?)))
    }

    /// Sends `request`, and gives the answer whatever its status: of several attempts, that of the last one.
    ///
    /// Dropping the future ends the call: its connection is closed (HTTP/1.1) or its stream reset (HTTP/2).
    ///
    /// # Errors
    /// Why there is no answer, and whether the request may have been carried out all the same.
    pub async fn send(&self, request: Request) -> Result<Response, Failure> {
        if let Some(check) = &self.0.settings.health {
            self.0.watched.call_once(|| health::watch(&self.0, check));
        }
        call::call(&self.0, &request).await
    }

    /// How its endpoints are.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointStatus> {
        self.0.endpoints.status()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", &self.0.settings.name).finish_non_exhaustive()
    }
}
