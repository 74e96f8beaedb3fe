//! What proves to a system who is calling.

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use tenon_errors::Report;
use tenon_security::SecretText;

/// Adds what proves who is calling.
///
/// # Protocol
/// [`apply`](Self::apply) is called each time that a request is sent, with the request as it will be: absolute URL, all headers of
/// the caller, the whole body. Calls may run at the same time. After a 401, [`refused`](Self::refused) is asked; if it says so, the
/// request is made anew and sent once more.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Adds headers, a part of the query, or a part of the body. An error ends the call; nothing is sent.
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report>;

    /// Is told that the server does not accept what was added to `sent`, so that a token that was kept is dropped. Whether trying
    /// again can help, because there are, or may be, other credentials.
    async fn refused(&self, sent: &HeaderMap) -> bool {
        let _ = sent;
        false
    }
}

/// The token of whoever a request is made for: one of the extensions of the request that [`Credentials::apply`] gets.
#[derive(Debug, Clone)]
pub struct Subject(pub SecretText);
