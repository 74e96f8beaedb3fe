//! A key in a header or in the query.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Uri};
use tenon_errors::{
    Report,
    catalogue::system::{BAD_CLIENT, REQUEST_UNSENDABLE},
};
use tenon_security::SecretText;

use super::escaped;
use crate::{Credentials, secret};

/// A key in a header or in the query. A query stands in the logs of servers and proxies: where there is a choice, it is the header.
pub struct ApiKey(Place);

enum Place {
    Header(HeaderName, HeaderValue),
    /// Name and value, escaped.
    Query(SecretText),
}

impl ApiKey {
    /// The key for `system` in the header `name`.
    ///
    /// # Errors
    /// `Y0410` if that is not the name of a header, or the key has characters that no header may have.
    pub fn header(system: &str, name: &str, key: &SecretText) -> Result<Self, Report> {
        let name = HeaderName::try_from(name).map_err(|_| {
            let message = format!("`{}` is not the name of a header", tenon_errors::clip(name, 100));
            Report::new(&BAD_CLIENT, message)
        })?;
        Ok(Self(Place::Header(name, secret::header(system, key.expose())?)))
    }

    /// The key in the parameter `name` of the query.
    #[must_use]
    pub fn query(name: &str, key: &SecretText) -> Self {
        Self(Place::Query(SecretText::new(format!("{}={}", escaped(name), escaped(key.expose())))))
    }
}

#[async_trait]
impl Credentials for ApiKey {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        match &self.0 {
            Place::Header(name, value) => {
                request.headers_mut().insert(name.clone(), value.clone());
            }
            Place::Query(pair) => {
                let url = request.uri().to_string();
                let mark = if url.contains('?') { '&' } else { '?' };
                let too_long = |_| Report::new(&REQUEST_UNSENDABLE, "the URL is too long with its key");
                *request.uri_mut() =
                    format!("{url}{mark}{}", pair.expose()).parse::<Uri>().map_err(too_long)?;
            }
        }
        Ok(())
    }
}
