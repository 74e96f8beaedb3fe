//! Why somebody is not let in: for good, or until somebody has found out what cannot be told here.

use tenon_errors::Report;
use tenon_model::Str;

use crate::{password::PasswordCheck, refusal::refuse};

/// Why somebody is not let in, be it for now.
#[derive(Debug)]
pub enum Refusal {
    /// The same credentials are refused again.
    Final(Report),
    /// A token is signed by a key that is not there: it may be one of the issuer's newer keys.
    UnknownKey {
        /// Whose key it would be.
        issuer: Str,
        /// The answer if it is not.
        report: Report,
    },
    /// Only an issuer knows whether the token holds: one of these, by their positions, which are asked in this order.
    Opaque(Vec<usize>),
    /// A password has to be checked first, which keeps a processor busy.
    Password(Box<PasswordCheck>),
}

impl Refusal {
    /// What callers are answered.
    #[must_use]
    pub fn into_report(self) -> Report {
        match self {
            Self::Final(report) | Self::UnknownKey { report, .. } => report,
            Self::Opaque(_) => refuse("no issuer was asked about the token"),
            Self::Password(_) => refuse("the password was not checked"),
        }
    }
}

impl From<Report> for Refusal {
    fn from(report: Report) -> Self {
        Self::Final(report)
    }
}
