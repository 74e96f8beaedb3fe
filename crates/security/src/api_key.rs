//! API keys: long random texts that each belong to one owner.

use std::{collections::HashMap, fmt};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use tenon_errors::{
    Report, Reports,
    catalogue::security::{BAD_HASH, SHARED_API_KEY, WEAK_SECRET},
};
use tenon_model::Str;

use crate::{Method, Principal, Scopes, SecretText, refusal::refuse};

/// The fewest characters of a key.
pub const MIN_LENGTH: usize = 16;
/// The most bytes of a key; what is longer is none, whoever sends it.
pub const MAX_SIZE: usize = 1024;
/// What stands before the digest in the text of a hash.
const SCHEME: &str = "sha256:";
/// What made keys begin with, so that scanners find those that were published.
const PREFIX: &str = "tenon_";

/// One key, and what it allows.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its name, unique in its API: what it is spoken of as, since it is not shown itself.
    pub name: Str,
    /// Whose it is: the principal's subject. An owner may have several keys, so that they can be rotated.
    pub owner: Str,
    /// The key as it is known here.
    pub hash: KeyHash,
    /// What it allows.
    pub scopes: Scopes,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
}

/// The SHA-256 digest of a key. A key has to be random, and is then infeasible to find from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of `key`, which belongs to `name`.
    ///
    /// # Errors
    /// `S0105` if the key has fewer than [`MIN_LENGTH`] characters, or more than [`MAX_SIZE`] bytes.
    pub fn of(name: &str, key: &SecretText) -> Result<Self, Report> {
        let length = key.expose().chars().count();
        if length < MIN_LENGTH || key.expose().len() > MAX_SIZE {
            return Err(weak(name, length));
        }
        Ok(Self::digest(key.expose()))
    }

    /// Reads `sha256:` and the digest in base64url, as [`KeyHash`] is displayed.
    ///
    /// # Errors
    /// `S0107` if the text is something else. It is not repeated: it may be a key.
    pub fn parse(text: &str) -> Result<Self, Report> {
        let digest = text.strip_prefix(SCHEME).and_then(|digest| URL_SAFE_NO_PAD.decode(digest).ok());
        digest.and_then(|digest| digest.try_into().ok()).map(Self).ok_or_else(|| {
            Report::new(
                &BAD_HASH,
                "this is not the hash of an API key: `sha256:` and 43 letters of base64url",
            )
            .hint("make a key and its hash with `tenon key make`")
        })
    }

    fn digest(key: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key of these random bytes.
#[must_use]
pub fn made_of(random: [u8; 32]) -> SecretText {
    SecretText::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
}

/// The keys of an API. Only their SHA-256 digests are kept.
///
/// Keys are found by digest. How long a look-up takes may tell about the digest of a guess against the digests that are
/// stored, and from that nothing follows about a key: getting from a digest to a key of 16 random characters is infeasible.
#[derive(Debug, Default)]
pub struct ApiKeys {
    keys: HashMap<KeyHash, Held>,
}

/// Whose a key is, and until when.
#[derive(Debug)]
struct Held {
    principal: Principal,
    expires: Option<Timestamp>,
}

impl ApiKeys {
    /// Accepts these keys.
    ///
    /// # Errors
    /// `S0106` for each key that another entry has too.
    pub fn new(keys: Vec<ApiKey>) -> Result<Self, Reports> {
        let mut reports = Reports::new();
        let mut known: HashMap<KeyHash, Held> = HashMap::with_capacity(keys.len());
        for ApiKey { name, owner, hash, scopes, expires } in keys {
            if let Some(other) = known.get(&hash) {
                let other = other.principal.credential.as_deref().unwrap_or_default();
                reports.push(shared(&name, other));
                continue;
            }
            let principal = Principal {
                subject: owner,
                scopes,
                method: Method::ApiKey,
                credential: Some(name),
                ..Principal::anonymous()
            };
            known.insert(hash, Held { principal, expires });
        }
        reports.finish(Self { keys: known })
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What the keys are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Str> {
        self.keys.values().filter_map(|held| held.principal.credential.as_ref())
    }

    /// Whose key `presented` is at `now`.
    ///
    /// # Errors
    /// `S0002` if it is nobody's, or has expired.
    pub fn verify(&self, presented: &str, now: Timestamp) -> Result<Principal, Report> {
        self.find(presented, now).unwrap_or_else(|| Err(refuse("the API key is not one of this API's")))
    }

    /// Whose key `presented` is; `None` if it is nobody's. Text that is longer than a key can be costs nothing.
    ///
    /// # Errors
    /// `S0002` if it has expired.
    pub(crate) fn find(&self, presented: &str, now: Timestamp) -> Option<Result<Principal, Report>> {
        if self.keys.is_empty() || presented.len() > MAX_SIZE {
            return None;
        }
        let hash = KeyHash::digest(presented);
        let (stored, held) = self.keys.get_key_value(&hash)?;
        verify_slices_are_equal(&stored.0, &hash.0).ok()?;
        Some(match held.expires {
            Some(expires) if now >= expires => {
                let name = held.principal.credential.as_deref().unwrap_or_default();
                Err(refuse(format!(
                    "the API key `{name}` of `{}` expired at {expires}",
                    held.principal.subject
                )))
            }
            _ => Ok(held.principal.clone()),
        })
    }
}

fn weak(name: &str, length: usize) -> Report {
    let message = match length < MIN_LENGTH {
        true => format!("the API key `{name}` has {length} characters, fewer than {MIN_LENGTH}"),
        false => format!("the API key `{name}` has more than {MAX_SIZE} bytes"),
    };
    Report::new(&WEAK_SECRET, message).hint("make one with `tenon key make`")
}

fn shared(name: &str, other: &str) -> Report {
    Report::new(&SHARED_API_KEY, format!("the API keys `{other}` and `{name}` are the same"))
        .hint("give each entry a key of its own: `tenon key make`")
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::security::BAD_CREDENTIALS;

    use super::*;

    const KEY: &str = "0123456789abcdef";
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn entry(owner: &str, key: &str) -> ApiKey {
        let hash = KeyHash::of(owner, &SecretText::new(key)).unwrap();
        let (name, owner) = (format!("{owner}-1").into(), owner.into());
        ApiKey { name, owner, hash, scopes: Scopes::parse("orders:read"), expires: None }
    }

    #[test]
    fn a_key_leads_to_its_owner_and_nothing_else_does() {
        let second = ApiKey { name: "ann-2".into(), ..entry("ann", "fedcba9876543210+new") };
        let keys = vec![entry("ann", KEY), second, entry("bob", "b0b-b0b-b0b-b0b-b0b")];
        let keys = ApiKeys::new(keys).unwrap();
        let ann = keys.verify(KEY, NOW).unwrap();
        assert_eq!((ann.subject.as_str(), ann.method), ("ann", Method::ApiKey));
        assert!(ann.scopes.covers(&"orders:read".into()));
        let rotated = keys.verify("fedcba9876543210+new", NOW).unwrap();
        assert_eq!((rotated.subject.as_str(), rotated.credential.as_deref()), ("ann", Some("ann-2")));
        assert_eq!(keys.verify("b0b-b0b-b0b-b0b-b0b", NOW).unwrap().subject, "bob");
        let (long, hash) = ("x".repeat(1 << 20), entry("ann", KEY).hash.to_string());
        for wrong in ["", "0123456789abcde", "0123456789abcdef ", "0123456789ABCDEF", &long, &hash] {
            let report = keys.verify(wrong, NOW).unwrap_err();
            assert_eq!(
                (report.code(), report.message()),
                (&BAD_CREDENTIALS, "the credentials are not valid")
            );
        }
        assert!(ApiKeys::default().verify("", NOW).is_err());
    }

    #[test]
    fn a_key_holds_until_it_expires_and_the_next_one_goes_on() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let old = ApiKey { expires: Some(at(100)), ..entry("ann", KEY) };
        let keys = ApiKeys::new(vec![old, entry("ann", "fedcba9876543210")]).unwrap();
        assert_eq!(keys.verify(KEY, at(99)).unwrap().subject, "ann");
        assert_eq!(keys.verify("fedcba9876543210", at(100)).unwrap().subject, "ann");
        let report = keys.verify(KEY, at(100)).unwrap_err();
        assert_eq!(report.message(), "the credentials are not valid");
        assert_eq!(report.cause(), Some("the API key `ann-1` of `ann` expired at 1970-01-01T00:01:40Z"));
    }

    #[test]
    fn weak_and_shared_keys_are_reported_without_showing_them() {
        for weak in ["short", "123456789012345", &"x".repeat(MAX_SIZE + 1)] {
            let report = KeyHash::of("a", &SecretText::new(weak)).unwrap_err();
            assert_eq!(report.code(), &WEAK_SECRET);
            assert!(!format!("{report} {:?}", report.advice()).contains(&format!("{weak} ")));
        }
        let reports = ApiKeys::new(vec![entry("b", KEY), entry("c", KEY)]).unwrap_err();
        let codes: Vec<_> = reports.iter().map(|report| report.code().id).collect();
        assert_eq!(codes, [SHARED_API_KEY.id]);
        assert!(reports.iter().all(|report| !report.to_string().contains(KEY)));
    }

    #[test]
    fn a_hash_is_read_as_it_is_written_and_nothing_else_is() {
        let hash = entry("ann", KEY).hash;
        assert_eq!(KeyHash::parse(&hash.to_string()).unwrap(), hash);
        assert_eq!(hash.to_string(), "sha256:n59REfeyengfHx3d5evC3St5a_xzZcnCi1SOVkF2kp8");
        for other in ["", KEY, "sha256:", "sha256:abcd", "md5:n59REfeyengfHx3d5evC3St5a_xzZcnCi1SOVkF2kp8"] {
            let report = KeyHash::parse(other).unwrap_err();
            assert_eq!(report.code(), &BAD_HASH);
            assert!(!report.to_string().contains(KEY), "{report}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = ApiKeys::new(vec![entry("ann", KEY)]).unwrap();
        assert!(!format!("{keys:?}").contains(KEY));
        assert!(made_of([7; 32]).expose().starts_with("tenon_"));
    }
}
