//! Who is refused at once, whatever the project says: callers, credentials and networks that were named while it runs.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::security::{BANNED, TOO_MANY_BANS},
};
use tenon_model::Str;

use crate::{Principal, firewall::Cidr};

/// The most bans at a time.
pub const MOST: usize = 10_000;

/// Who is banned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Banned {
    /// The callers of this subject, however they prove who they are.
    Principal(Str),
    /// The API key or user of this name, or the token with this `jti`.
    Credential(Str),
    /// Everybody in this network.
    Network(Cidr),
}

impl Banned {
    /// The word for its kind, and what it is.
    #[must_use]
    pub fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Principal(subject) => ("principal", subject.to_string()),
            Self::Credential(name) => ("credential", name.to_string()),
            Self::Network(network) => ("address", network.to_string()),
        }
    }

    /// Of the word for a kind and a text.
    ///
    /// # Errors
    /// `S0107` for what is no network.
    pub fn of_parts(kind: &str, text: &str) -> Result<Option<Self>, Report> {
        Ok(match kind {
            "principal" => Some(Self::Principal(Str::new(text))),
            "credential" => Some(Self::Credential(Str::new(text))),
            "address" => Some(Self::Network(Cidr::parse(text)?)),
            _ => None,
        })
    }
}

impl fmt::Display for Banned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, text) = self.parts();
        write!(f, "{kind} `{text}`")
    }
}

/// Until when somebody is banned, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// From when on it holds no longer; `None` until it is lifted.
    pub until: Option<Timestamp>,
    /// Why, for people.
    pub reason: Str,
}

impl Ban {
    fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Who is banned now. It can be changed while requests are decided.
#[derive(Debug, Default)]
pub struct Bans {
    /// How many there are, to be read without the lock.
    count: AtomicUsize,
    bans: RwLock<HashMap<Banned, Ban>>,
}

impl Bans {
    /// These bans alone from now on.
    ///
    /// # Errors
    /// `S0009` if there are more than [`MOST`]; those that were go on.
    pub fn replace(&self, bans: HashMap<Banned, Ban>) -> Result<(), Report> {
        if bans.len() > MOST {
            let message = format!("there are {} bans, more than {MOST}", bans.len());
            return Err(Report::new(&TOO_MANY_BANS, message)
                .hint("ban networks instead of addresses, or use a firewall before the server"));
        }
        let count = bans.len();
        *self.bans.write().unwrap_or_else(PoisonError::into_inner) = bans;
        self.count.store(count, Relaxed);
        Ok(())
    }

    /// Every ban.
    #[must_use]
    pub fn all(&self) -> HashMap<Banned, Ban> {
        self.bans.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether `address` may ask at `now`.
    ///
    /// # Errors
    /// `S0008` if it may not.
    pub fn admit_address(&self, address: IpAddr, now: Timestamp) -> Result<(), Report> {
        self.refuse(now, |banned| matches!(banned, Banned::Network(network) if network.contains(address)))
    }

    /// Whether `principal` may ask at `now`.
    ///
    /// # Errors
    /// `S0008` if it may not.
    pub fn admit(&self, principal: &Principal, now: Timestamp) -> Result<(), Report> {
        if principal.is_anonymous() {
            return Ok(());
        }
        self.refuse(now, |banned| match banned {
            Banned::Principal(subject) => *subject == principal.subject,
            Banned::Credential(name) => principal.credential.as_ref() == Some(name),
            Banned::Network(_) => false,
        })
    }

    fn refuse(&self, now: Timestamp, is_meant: impl Fn(&Banned) -> bool) -> Result<(), Report> {
        if self.count.load(Relaxed) == 0 {
            return Ok(());
        }
        let bans = self.bans.read().unwrap_or_else(PoisonError::into_inner);
        let found = bans.iter().find(|(banned, ban)| ban.holds(now) && is_meant(banned));
        let Some((banned, ban)) = found else { return Ok(()) };
        // The caller is told no more than that; who runs the server is.
        let report = Report::new(&BANNED, "the caller is not admitted").hint("ask whoever runs the server");
        Err(report.because(format!("the {banned} is banned: {}", ban.reason)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_ban_holds_for_whom_it_names_until_it_ends() {
        let bans = Bans::default();
        let ban = |until| Ban { until, reason: "leaked".into() };
        let named = [("principal", "ann"), ("credential", "bob-1"), ("address", "192.0.2.0/24")];
        let named =
            named.map(|(kind, text)| (Banned::of_parts(kind, text).unwrap().unwrap(), ban(Some(at(100)))));
        bans.replace(HashMap::from(named)).unwrap();
        let caller = |subject: &str, credential: &str| Principal {
            subject: subject.into(),
            credential: Some(credential.into()),
            method: Method::ApiKey,
            ..Principal::anonymous()
        };
        for (subject, credential, banned) in
            [("ann", "x", true), ("bob", "bob-1", true), ("bob", "bob-2", false), ("bob-1", "ann", false)]
        {
            let admitted = |second| bans.admit(&caller(subject, credential), at(second));
            assert_eq!(admitted(99).err().map(|it| it.code().id), banned.then_some("S0008"), "{subject}");
            assert!(admitted(100).is_ok());
        }
        let report = bans.admit(&caller("ann", "x"), at(0)).unwrap_err();
        assert_eq!(
            (report.message(), report.cause()),
            ("the caller is not admitted", Some("the principal `ann` is banned: leaked"))
        );
        assert!(bans.admit_address("192.0.2.9".parse().unwrap(), at(0)).is_err());
        assert!(bans.admit_address("192.0.3.9".parse().unwrap(), at(0)).is_ok());
        assert!(bans.admit(&Principal { subject: "ann".into(), ..Principal::anonymous() }, at(0)).is_ok());
        bans.replace(HashMap::new()).unwrap();
        assert!(bans.admit(&caller("ann", "x"), at(0)).is_ok());
    }

    #[test]
    fn no_more_are_banned_than_may_be() {
        let bans = Bans::default();
        let many = |count: usize| {
            (0..count)
                .map(|n| (Banned::Principal(n.to_string().into()), Ban { until: None, reason: "".into() }))
                .collect()
        };
        bans.replace(many(MOST)).unwrap();
        assert_eq!(bans.replace(many(MOST + 1)).unwrap_err().code().id, "S0009");
        assert_eq!(bans.all().len(), MOST);
    }
}
