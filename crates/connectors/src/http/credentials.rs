//! What proves to a system who is calling, from what a plan says.

use std::sync::Arc;

use tenon_client::{
    Credentials,
    credentials::{ApiKey, Basic, Bearer},
};
use tenon_errors::Report;
use tenon_ports::{Secrets, remote::Credential};

use super::secret;

/// The credentials of the system `name`.
///
/// # Errors
/// `S0102` for a secret that is not set, `Y0410` for one that no request can carry.
pub(super) fn of(
    name: &str,
    credential: &Credential,
    secrets: &dyn Secrets,
) -> Result<Arc<dyn Credentials>, Report> {
    Ok(match credential {
        Credential::Basic { user, password } => {
            Arc::new(Basic::new(name, user, &secret(password, secrets)?)?)
        }
        Credential::Bearer { token } => Arc::new(Bearer::new(name, &secret(token, secrets)?)?),
        Credential::Header { name: header, key } => {
            Arc::new(ApiKey::header(name, header, &secret(key, secrets)?)?)
        }
        Credential::Query { name, key } => Arc::new(ApiKey::query(name, &secret(key, secrets)?)),
    })
}
