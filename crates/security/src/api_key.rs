//! API keys: long random texts that each belong to one owner.

use std::collections::HashMap;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use tenon_errors::{
    Report, Reports,
    catalogue::security::{SHARED_API_KEY, WEAK_SECRET},
};
use tenon_model::Str;

use crate::{Method, Principal, Scopes, SecretText, refusal::refuse};

/// The fewest characters of a key.
pub const MIN_LENGTH: usize = 16;

/// The keys of an API. Only their SHA-256 digests are kept.
///
/// Keys are found by digest. How long a look-up takes may tell about the digest of a guess against the digests that are
/// stored, and from that nothing follows about a key: getting from a digest to a key of 16 random characters is infeasible.
#[derive(Debug, Default)]
pub struct ApiKeys {
    owners: HashMap<Digest, Principal>,
    longest: usize,
}

type Digest = [u8; 32];

impl ApiKeys {
    /// Takes keys as owner, key and what it allows. An owner may have several keys, so that they can be rotated.
    ///
    /// # Errors
    /// `S0105` for each key that is too short, `S0106` for each that another entry has too.
    pub fn new(keys: Vec<(Str, SecretText, Scopes)>) -> Result<Self, Reports> {
        let mut reports = Reports::new();
        let mut owners: HashMap<Digest, Principal> = HashMap::with_capacity(keys.len());
        let mut longest = 0;
        for (owner, key, scopes) in keys {
            let length = key.expose().chars().count();
            if length < MIN_LENGTH {
                reports.push(weak(&owner, length));
                continue;
            }
            longest = longest.max(key.expose().len());
            let digest = digest_of(key.expose());
            if let Some(other) = owners.get(&digest) {
                reports.push(shared(&owner, &other.subject));
                continue;
            }
            let principal =
                Principal { subject: owner, scopes, method: Method::ApiKey, ..Principal::anonymous() };
            owners.insert(digest, principal);
        }
        reports.finish(Self { owners, longest })
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// Whose key `presented` is.
    ///
    /// # Errors
    /// `S0002` if it is nobody's.
    pub fn verify(&self, presented: &str) -> Result<Principal, Report> {
        self.find(presented).cloned().ok_or_else(|| refuse("the API key is not one of this API's"))
    }

    /// Whose key `presented` is. Text that is longer than every key costs nothing.
    pub(crate) fn find(&self, presented: &str) -> Option<&Principal> {
        if presented.len() > self.longest {
            return None;
        }
        let digest = digest_of(presented);
        let (stored, owner) = self.owners.get_key_value(&digest)?;
        verify_slices_are_equal(stored, &digest).ok().map(|()| owner)
    }
}

fn digest_of(key: &str) -> Digest {
    let mut bytes = Digest::default();
    bytes.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
    bytes
}

fn weak(owner: &str, length: usize) -> Report {
    let message = format!("the API key of `{owner}` has {length} characters, fewer than {MIN_LENGTH}");
    Report::new(&WEAK_SECRET, message).hint("use a longer one: `openssl rand -hex 24`")
}

fn shared(owner: &str, other: &str) -> Report {
    Report::new(&SHARED_API_KEY, format!("the API keys of `{other}` and `{owner}` are the same"))
        .hint("give each entry a key of its own: `openssl rand -hex 24`")
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::security::BAD_CREDENTIALS;

    use super::*;

    const KEY: &str = "0123456789abcdef";

    fn entry(owner: &str, key: &str) -> (Str, SecretText, Scopes) {
        (owner.into(), SecretText::new(key), Scopes::parse("orders:read"))
    }

    #[test]
    fn a_key_leads_to_its_owner_and_nothing_else_does() {
        let keys = ApiKeys::new(vec![
            entry("ann", KEY),
            entry("ann", "fedcba9876543210+new"),
            entry("bob", "b0b-b0b-b0b-b0b-b0b"),
        ])
        .unwrap();
        let ann = keys.verify(KEY).unwrap();
        assert_eq!((ann.subject.as_str(), ann.method), ("ann", Method::ApiKey));
        assert!(ann.scopes.covers(&"orders:read".into()));
        assert_eq!(keys.verify("fedcba9876543210+new").unwrap().subject, "ann");
        assert_eq!(keys.verify("b0b-b0b-b0b-b0b-b0b").unwrap().subject, "bob");
        let long = "x".repeat(1 << 20);
        for wrong in ["", "0123456789abcde", "0123456789abcdef ", "0123456789ABCDEF", &long] {
            let report = keys.verify(wrong).unwrap_err();
            assert_eq!(
                (report.code(), report.message()),
                (&BAD_CREDENTIALS, "the credentials are not valid")
            );
        }
        assert!(ApiKeys::default().verify("").is_err());
    }

    #[test]
    fn every_weak_or_shared_key_is_reported_without_showing_it() {
        let reports = ApiKeys::new(vec![
            entry("a", "short"),
            entry("b", KEY),
            entry("c", KEY),
            entry("d", "123456789012345"),
        ])
        .unwrap_err();
        let codes: Vec<_> = reports.iter().map(|report| report.code().id).collect();
        assert_eq!(codes, [WEAK_SECRET.id, SHARED_API_KEY.id, WEAK_SECRET.id]);
        assert!(reports.iter().all(|report| !format!("{report} {:?}", report.advice()).contains("short ")));
        assert!(reports.iter().all(|report| !report.to_string().contains(KEY)));
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = ApiKeys::new(vec![entry("ann", KEY)]).unwrap();
        assert!(!format!("{keys:?}").contains(KEY));
    }
}
