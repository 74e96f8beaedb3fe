//! What proves to a system who is calling.

use async_trait::async_trait;
use bytes::Bytes;
use tenon_errors::Report;

/// Adds what proves who is calling.
///
/// # Protocol
/// [`apply`](Self::apply) is called for each attempt, with the request as it will be sent: absolute URL, all headers of the caller,
/// the whole body. Calls may run at the same time. After a 401, [`refused`](Self::refused) is asked once for the call; if it says
/// so, the request is made anew and sent once more.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Adds headers or a part of the query. An error ends the call; nothing is sent.
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report>;

    /// Is told that the server does not accept what was added, so that a token that was kept is dropped. Whether trying again
    /// with a new one can help.
    async fn refused(&self) -> bool {
        false
    }
}
