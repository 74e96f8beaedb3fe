//! What proves to a system who is calling, from what a plan says.

use std::sync::Arc;

use tenon_client::{
    Credentials, Settings,
    credentials::{
        ApiKey, Assertion, Authentication, Basic, Bearer, Grant, HmacSignature, MessageSignature, OAuth,
        PasswordForm, SigV4, SigningKey, TokenEndpoint, UsernameToken, WsSecurity,
    },
};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{
    Secrets, Site,
    remote::{self, ClientProof, Credential},
};

use super::{identity, refresh, secret, uri};

/// The credentials of the system `name`.
///
/// # Errors
/// `S0102` for a secret that is not set, `Y0410` for one that no request can carry.
pub(super) fn of(
    name: &str,
    credential: &Credential,
    settings: &Settings,
    site: &Site,
    secrets: &dyn Secrets,
) -> Result<Arc<dyn Credentials>, Report> {
    let project = &site.project;
    let clock = || Arc::clone(&settings.clock);
    Ok(match credential {
        Credential::Basic { user, password } => {
            Arc::new(Basic::new(name, user, &secret(password, secrets)?)?)
        }
        Credential::Bearer { token } => Arc::new(Bearer::new(name, &secret(token, secrets)?)?),
        Credential::Header { name: header, key } => {
            Arc::new(ApiKey::header(name, header, &secret(key, secrets)?)?)
        }
        Credential::Query { name, key } => Arc::new(ApiKey::query(name, &secret(key, secrets)?)),
        Credential::Aws { region, service, key_id, key } => Arc::new(SigV4 {
            system: Str::new(name),
            region: region.clone(),
            service: service.clone(),
            key_id: key_id.clone(),
            key: secret(key, secrets)?,
            session: None,
            clock: clock(),
        }),
        Credential::WsSecurity { user, timestamp, signature } => {
            let token = |it: &remote::UsernameToken| {
                let form = if it.is_digest { PasswordForm::Digest } else { PasswordForm::Text };
                Ok(UsernameToken { user: it.user.clone(), password: secret(&it.password, secrets)?, form })
            };
            let user = user.as_ref().map(token).transpose()?;
            let identity = identity(signature.as_ref(), project, secrets)?;
            let signature = identity.map(|identity| MessageSignature::new(name, &identity)).transpose()?;
            Arc::new(WsSecurity::new(name, user, *timestamp, signature, clock())?)
        }
        Credential::Hmac(signature) => Arc::new(HmacSignature {
            system: Str::new(name),
            key: secret(&signature.key, secrets)?,
            hash: signature.hash,
            signed: signature.signed.clone(),
            header: signature.header.clone(),
            prefix: signature.prefix.clone(),
            encoding: signature.encoding,
            date: signature.date.clone(),
            clock: clock(),
        }),
        Credential::OAuth2 { token_url, client, proof, grant, scopes, audience } => {
            let id = client.clone();
            let authentication = match proof {
                ClientProof::SecretInHeader(it) => Authentication::Basic { id, secret: secret(it, secrets)? },
                ClientProof::SecretInForm(it) => Authentication::Post { id, secret: secret(it, secrets)? },
                ClientProof::Certificate => Authentication::Certificate { id },
                ClientProof::Key(it) => Authentication::Assertion(Assertion {
                    client: id,
                    audience: token_url.clone(),
                    key_id: None,
                    key: SigningKey::from_pem(name, &secret(it, secrets)?)?,
                    clock: clock(),
                }),
            };
            let grant = match grant {
                remote::Grant::ClientCredentials => Grant::ClientCredentials,
                remote::Grant::Refresh(token) => {
                    Grant::Refresh(refresh::of(name, secret(token, secrets)?, site))
                }
            };
            let endpoint = TokenEndpoint {
                url: uri(name, token_url)?,
                authentication,
                scope: (!scopes.is_empty()).then(|| scopes.join(" ").into()),
                parameters: audience.iter().map(|it| (Str::new_static("audience"), it.clone())).collect(),
            };
            Arc::new(OAuth::new(settings.clone(), endpoint, grant)?)
        }
    })
}
