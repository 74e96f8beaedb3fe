//! How an API is served as SOAP: the messages of its description, and what makes of them what its operations take and answer.

use std::sync::Arc;

use tenon_contracts::{
    validate::Validator,
    wsdl::{Envelope, Published},
};
use tenon_errors::Kind;
use tenon_mapping::Mapping;
use tenon_model::Str;

/// How an API is served as SOAP.
#[derive(Debug)]
pub struct SoapExposure {
    /// The path.
    pub path: Str,
    /// Where clients reach it, where that is not where they have asked.
    pub url: Option<Str>,
    /// What describes it to whoever asks; `None` if that is nobody's business.
    pub described: Option<Published>,
    /// Whether callers may prove who they are by a name and a key in the message (WS-Security, UsernameToken).
    pub takes_tokens: bool,
    /// Each operation in each version that it has.
    pub operations: Vec<SoapOperation>,
    /// Changes whenever the project says something else of it.
    pub fingerprint: Str,
}

/// Two are equal if whoever uses them cannot tell them apart.
impl PartialEq for SoapExposure {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.url, &self.described, &self.fingerprint)
            == (&other.path, &other.url, &other.described, &other.fingerprint)
    }
}

/// An operation of a description, in one version of SOAP.
#[derive(Debug)]
pub struct SoapOperation {
    /// How its messages look.
    pub envelope: Envelope,
    /// What serves it; `None` where nothing does.
    pub serves: Option<SoapServing>,
}

/// What stands between the messages of SOAP and an operation.
#[derive(Debug, Clone)]
pub struct SoapServing {
    /// The position of the operation among those of its API.
    pub operation: usize,
    /// Makes of the request (slot 0) what the operation takes: its input; the key of a row; what a list may be asked.
    pub request: Mapping,
    /// Checks what types cannot prove of it.
    pub rules: Arc<Validator>,
    /// Makes the answer of the request (slot 0) and of what the operation answers (slot 1): its output, the row, or a page as `items` and
    /// `next`. `None` where nothing is answered.
    pub reply: Option<Mapping>,
    /// The declared faults that reports become; the first that fits counts.
    pub faults: Vec<SoapFaultRule>,
}

/// Which reports become a declared fault.
#[derive(Debug, Clone)]
pub struct SoapFaultRule {
    /// The name of the fault.
    pub name: Str,
    /// Those of these kinds, if the caller can mend them.
    pub on: Vec<Kind>,
    /// Makes its detail of the request (slot 0) and of `failure` (slot 1): a record of `code`, `title` and `detail`.
    pub detail: Mapping,
}
