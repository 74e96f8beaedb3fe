//! Passwords of people and systems that cannot do better (RFC 7617), known by their bcrypt hashes.
//!
//! Checking one keeps a processor busy for a tenth of a second on purpose. So that this costs a caller once and a stranger
//! little, a password that was right is remembered, and whoever calls this decides where and how many are checked at a time.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use tenon_errors::{
    Report, Reports,
    catalogue::security::{BAD_HASH, WEAK_SECRET},
};
use tenon_model::Str;

use crate::{Method, Principal, Scopes, SecretText, refusal::refuse};

/// The fewest characters of a password that a hash is made of.
pub const MIN_LENGTH: usize = 8;
/// The most bytes of a password: bcrypt reads no more, and what it does not read proves nothing.
pub const MAX_SIZE: usize = 72;
/// The cost that hashes are made with.
pub const COST: u32 = 12;
const LEAST_COST: u32 = 8;
const MOST_COST: u32 = 14;
/// The most bytes of what stands after `Basic`.
const MAX_CREDENTIALS: usize = 1024;

/// A user's password, and what it allows.
#[derive(Debug, Clone)]
pub struct User {
    /// The name that is sent with the password, and the principal's subject.
    pub name: Str,
    /// The password as it is known here.
    pub hash: PasswordHash,
    /// What it allows.
    pub scopes: Scopes,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
}

/// The bcrypt hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    text: Arc<str>,
    cost: u32,
}

impl PasswordHash {
    /// Reads `$2y$12$…` (or `2a`, `2b`, `2x`, which differ in nothing for what is accepted here).
    ///
    /// # Errors
    /// `S0108` if it is no such hash, or its cost is not from 8 to 14. The text is not repeated.
    pub fn parse(text: &str) -> Result<Self, Report> {
        let bad = |what: String| {
            Report::new(&BAD_HASH, what)
                .hint("make one with `tenon key password`, or `htpasswd -nB -C 12 USER` without the name")
        };
        let parts: bcrypt::HashParts = text.parse().map_err(|_| {
            bad("this is not the hash of a password: bcrypt's, which begins with `$2y$`".to_owned())
        })?;
        let cost = parts.get_cost();
        if !(LEAST_COST..=MOST_COST).contains(&cost) {
            return Err(bad(format!(
                "the hash of a password has the cost {cost}, not {LEAST_COST} to {MOST_COST}"
            )));
        }
        Ok(Self { text: text.into(), cost })
    }

    /// The hash of `password` with this random salt, as `htpasswd` writes it.
    ///
    /// # Errors
    /// `S0105` if it is shorter than [`MIN_LENGTH`] characters, longer than [`MAX_SIZE`] bytes, or has a NUL.
    pub fn make(password: &SecretText, salt: [u8; 16]) -> Result<Self, Report> {
        let text = password.expose();
        let weak = |what: String| Report::new(&WEAK_SECRET, what).hint("choose another password");
        if text.chars().count() < MIN_LENGTH {
            return Err(weak(format!("the password has fewer than {MIN_LENGTH} characters")));
        }
        if !is_readable(text) {
            return Err(weak(format!("the password has more than {MAX_SIZE} bytes, or a NUL")));
        }
        let parts = bcrypt::non_truncating_hash_with_salt(text, COST, salt)
            .map_err(|error| weak(format!("the password cannot be hashed: {error}")))?;
        Ok(Self { text: parts.format_for_version(bcrypt::Version::TwoY).into(), cost: COST })
    }

    /// Whether it is the hash of `password`. Takes [`PasswordHash::effort`].
    fn is_of(&self, password: &str) -> bool {
        is_readable(password) && bcrypt::verify(password, &self.text).unwrap_or(false)
    }

    /// About how long a check takes.
    fn effort(&self) -> Duration {
        Duration::from_millis(60) * (1 << self.cost.saturating_sub(10))
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Who reads a log has no use for a hash, unless to guess.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordHash(cost {})", self.cost)
    }
}

/// Whether bcrypt reads all of it.
fn is_readable(password: &str) -> bool {
    password.len() <= MAX_SIZE && !password.contains('\0')
}

/// The users of an API.
pub struct Users {
    users: HashMap<Str, Arc<Known>>,
    /// What passwords that were right are remembered by. Made anew by each process.
    memory: hmac::Key,
}

struct Known {
    principal: Principal,
    hash: PasswordHash,
    expires: Option<Timestamp>,
    /// The password that was right last, by its keyed digest.
    right: Mutex<Option<hmac::Tag>>,
}

/// A password that has to be checked, which takes a while.
pub struct PasswordCheck {
    /// `None` for a name that is nobody's: it is checked against the hash of somebody else, so that the time does not tell.
    user: Option<Arc<Known>>,
    hash: PasswordHash,
    password: SecretText,
    remembered: hmac::Tag,
}

/// What the credentials of a user come to.
pub(crate) enum Looked {
    /// The password is the one that was right before.
    Right(Principal),
    /// Nobody knows before it is checked.
    Unchecked(Box<PasswordCheck>),
}

impl Users {
    /// Accepts these users. `random` is what passwords are remembered by, and has to be unforeseeable.
    ///
    /// # Errors
    /// `S0108` for each name with a colon, which could not be sent, or that appears twice.
    pub fn new(users: Vec<User>, random: &[u8; 32]) -> Result<Self, Reports> {
        let mut reports = Reports::new();
        let mut known: HashMap<Str, Arc<Known>> = HashMap::with_capacity(users.len());
        for User { name, hash, scopes, expires } in users {
            if name.contains(':') || known.contains_key(&name) {
                let message = format!("the user `{name}` appears twice, or has a colon in the name");
                reports.push(Report::new(&BAD_HASH, message).hint("give each user a name of its own"));
                continue;
            }
            let principal = Principal {
                subject: name.clone(),
                scopes,
                method: Method::Basic,
                credential: Some(name.clone()),
                ..Principal::anonymous()
            };
            known.insert(name, Arc::new(Known { principal, hash, expires, right: Mutex::default() }));
        }
        reports.finish(Self { users: known, memory: hmac::Key::new(hmac::HMAC_SHA256, random) })
    }

    /// Whether there are no users.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// What the users are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Str> {
        self.users.keys()
    }

    /// Looks at what stands after `Basic` (RFC 7617, section 2), as UTF-8.
    ///
    /// # Errors
    /// `S0002` if it cannot be read, or has expired.
    pub(crate) fn look(&self, credentials: &str, now: Timestamp) -> Result<Looked, Report> {
        if credentials.len() > MAX_CREDENTIALS {
            return Err(refuse("what stands after `Basic` is too long"));
        }
        let decoded = STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let decoded =
            SecretText::new(decoded.ok_or_else(|| refuse("what stands after `Basic` is not base64"))?);
        let (name, password) = decoded
            .expose()
            .split_once(':')
            .ok_or_else(|| refuse("there is no colon in what `Basic` says"))?;
        let user = self.users.get(name);
        if let Some(expires) = user.and_then(|user| user.expires).filter(|expires| now >= *expires) {
            return Err(refuse(format!("the password of `{name}` expired at {expires}")));
        }
        let remembered = hmac::sign(&self.memory, password.as_bytes());
        if let Some(user) = user.filter(|user| user.remembers(&remembered)) {
            return Ok(Looked::Right(user.principal.clone()));
        }
        let Some(hash) = user.or_else(|| self.users.values().next()).map(|known| known.hash.clone()) else {
            return Err(refuse("there are no users"));
        };
        let password = SecretText::new(password);
        Ok(Looked::Unchecked(Box::new(PasswordCheck { user: user.cloned(), hash, password, remembered })))
    }
}

impl Known {
    fn remembers(&self, tag: &hmac::Tag) -> bool {
        let right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        right.as_ref().is_some_and(|right| verify_slices_are_equal(right.as_ref(), tag.as_ref()).is_ok())
    }
}

impl PasswordCheck {
    /// About how long [`PasswordCheck::run`] keeps a processor busy.
    #[must_use]
    pub fn effort(&self) -> Duration {
        self.hash.effort()
    }

    /// Whose password it is.
    ///
    /// # Errors
    /// `S0002` if it is not.
    pub fn run(self) -> Result<Principal, Report> {
        let is_right = self.hash.is_of(self.password.expose());
        match self.user {
            Some(user) if is_right => {
                *user.right.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.remembered);
                Ok(user.principal.clone())
            }
            Some(user) => Err(refuse(format!("the password of `{}` is another one", user.principal.subject))),
            None => Err(refuse("there is no such user")),
        }
    }
}

/// Nothing of what was sent.
impl fmt::Debug for PasswordCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordCheck").field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// The names alone.
impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.users.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::security::BAD_CREDENTIALS;

    use super::*;

    fn hash(password: &str) -> PasswordHash {
        let parts = bcrypt::hash_with_salt(password, LEAST_COST, [7; 16]).unwrap();
        PasswordHash::parse(&parts.format_for_version(bcrypt::Version::TwoY)).unwrap()
    }

    fn users(expires: Option<Timestamp>) -> Users {
        let user = |name: &str, password: &str, expires| User {
            name: name.into(),
            hash: hash(password),
            scopes: Scopes::parse("read"),
            expires,
        };
        Users::new(vec![user("ann", "correct horse", expires), user("bob", "pass:word", None)], &[1; 32])
            .unwrap()
    }

    fn sent(users: &Users, text: &str, now: i64) -> Result<(Principal, bool), Report> {
        match users.look(&STANDARD.encode(text), Timestamp::from_second(now).unwrap())? {
            Looked::Right(principal) => Ok((principal, true)),
            Looked::Unchecked(check) => check.run().map(|principal| (principal, false)),
        }
    }

    #[test]
    fn a_password_is_checked_once_and_remembered_until_another_one_comes() {
        let users = users(None);
        let (ann, remembered) = sent(&users, "ann:correct horse", 0).unwrap();
        assert_eq!((ann.subject.as_str(), ann.method, remembered), ("ann", Method::Basic, false));
        assert!(sent(&users, "ann:correct horse", 0).unwrap().1);
        for wrong in ["ann:correct horsE", "ann:", "ann", "eve:correct horse", "bob:correct horse", ":", ""] {
            assert_eq!(sent(&users, wrong, 0).unwrap_err().code(), &BAD_CREDENTIALS, "{wrong}");
        }
        assert!(sent(&users, "ann:correct horse", 0).unwrap().1);
        assert_eq!(sent(&users, "bob:pass:word", 0).unwrap().0.subject, "bob");
    }

    #[test]
    fn a_password_that_was_right_is_not_so_after_it_has_expired() {
        let users = users(Some(Timestamp::from_second(100).unwrap()));
        sent(&users, "ann:correct horse", 99).unwrap();
        let report = sent(&users, "ann:correct horse", 100).unwrap_err();
        assert_eq!(report.cause(), Some("the password of `ann` expired at 1970-01-01T00:01:40Z"));
    }

    #[test]
    fn what_bcrypt_would_not_read_is_no_password() {
        let long = "x".repeat(MAX_SIZE);
        assert!(hash(&long).is_of(&long));
        assert!(!hash(&long).is_of(&format!("{long}y")), "what comes after 72 bytes counts");
        assert!(!hash("secret").is_of("secret\0more"));
        for weak in ["short", &format!("{long}y"), "long enough\0"] {
            assert_eq!(PasswordHash::make(&SecretText::new(weak), [1; 16]).unwrap_err().code(), &WEAK_SECRET);
        }
    }

    #[test]
    fn hashes_of_other_tools_are_read_and_weak_dear_and_other_ones_are_not() {
        // What crypt(3) of libxcrypt 4.4 makes of it.
        let foreign =
            PasswordHash::parse("$2y$08$abcdefghijklmnopqrstuubAvJmxpQuyV3jn7x.SUSPxe.DearCPe").unwrap();
        assert!(foreign.is_of("correct horse") && !foreign.is_of("correct horsE"));
        let salt = "abcdefghijklmnopqrstuubAvJmxpQuyV3jn7x.SUSPxe.DearCPe";
        for (text, accepted) in [
            (format!("$2y$12${salt}"), true),
            (format!("$2b$08${salt}"), true),
            (format!("$2y$07${salt}"), false),
            (format!("$2y$15${salt}"), false),
            ("$apr1$x$y".to_owned(), false),
            ("plain".to_owned(), false),
            (String::new(), false),
        ] {
            let read = PasswordHash::parse(&text);
            assert_eq!(read.is_ok(), accepted, "{text}");
            if let Err(report) = read {
                assert_eq!(report.code(), &BAD_HASH);
                assert!(!report.to_string().contains(salt));
            }
        }
        assert!(!format!("{:?}", hash("correct horse")).contains("$2y$"));
    }
}
