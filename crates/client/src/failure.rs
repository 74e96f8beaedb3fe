//! Why there is no answer.

use std::{error::Error, fmt};

use tenon_errors::Report;

/// A call without an answer.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What happened.
    pub report: Report,
    /// Whether the server may have carried the request out. If not, it certainly has not.
    pub may_have_acted: bool,
}

impl Failure {
    /// A failure before anything was sent.
    pub(crate) fn unsent(report: Report) -> Self {
        Self { report, may_have_acted: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.report, f)
    }
}

impl Error for Failure {}

/// Why one attempt failed.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) report: Report,
    /// Whether the server may have carried the request out.
    pub(crate) may_have_acted: bool,
    /// Where another attempt can have another outcome.
    pub(crate) passes: Passes,
    /// Whether it speaks against the server.
    pub(crate) is_servers: bool,
}

/// Where another attempt can have another outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passes {
    Anywhere,
    /// At another endpoint: not at this one as long as a call takes.
    Elsewhere,
    Nowhere,
}

impl Trouble {
    /// Nothing was sent, and another attempt may do better.
    pub(crate) fn unsent(report: Report) -> Self {
        Self { report, may_have_acted: false, passes: Passes::Anywhere, is_servers: true }
    }

    /// The request was sent, at least in part.
    pub(crate) fn sent(report: Report) -> Self {
        Self { may_have_acted: true, ..Self::unsent(report) }
    }

    /// Nothing was sent, and nothing will be, whatever the server does.
    pub(crate) fn own(report: Report) -> Self {
        Self { report, may_have_acted: false, passes: Passes::Nowhere, is_servers: false }
    }

    /// The same, of what every attempt at this endpoint would meet.
    pub(crate) fn here(mut self) -> Self {
        self.passes = Passes::Elsewhere;
        self
    }

    /// The same, of what every attempt would meet.
    pub(crate) fn lasting(mut self) -> Self {
        self.passes = Passes::Nowhere;
        self
    }

    /// The same, of a server that does what it should.
    pub(crate) fn innocent(mut self) -> Self {
        self.is_servers = false;
        self
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { report: trouble.report, may_have_acted: trouble.may_have_acted }
    }
}

/// An error with what it came from, which is where the reason stands; a reason that is part of the text before is said once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
        cause = error.source();
    }
    text
}

/// The first error of the type in a chain, also inside of an [`std::io::Error`].
pub(crate) fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}
