//! What a protected resource says about itself: who vouches for its callers, and which scopes there are (RFC 9728).

use bytes::Bytes;
use serde_json::json;
use tenon_plan::Api;
use tenon_security::authorize::Access;

use super::pages::StaticPage;

/// The metadata of `api`, if the project says what it is called.
pub(super) fn page(api: &Api) -> Option<StaticPage> {
    let ((_, path), resource) = (api.auth.metadata()?, api.auth.resource.as_ref()?);
    let jwt = api.auth.jwt.iter().map(|jwt| jwt.issuer.as_str());
    let issuers: Vec<&str> = jwt.chain(api.auth.introspection.iter().map(|it| it.issuer.as_str())).collect();
    let mut scopes: Vec<&str> = api
        .operations
        .iter()
        .filter_map(|operation| match &operation.access {
            Access::Scope(scope) => Some(scope.as_str()),
            Access::Open => None,
        })
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    let mut metadata = json!({
        "resource": resource.as_str(),
        "resource_name": api.name.as_str(),
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
    });
    // A list without entries is left out (section 3.2).
    if !issuers.is_empty() {
        metadata["authorization_servers"] = json!(issuers);
    }
    Some(StaticPage::new(path, "application/json", Bytes::from(metadata.to_string())))
}
