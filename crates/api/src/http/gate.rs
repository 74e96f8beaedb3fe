//! Who asks, and whether they may: the credentials of a request against what an operation requires.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use tenon_errors::{Kind, Report, catalogue::security::BAD_CREDENTIALS};
use tenon_security::{
    Principal,
    authenticate::{Authenticator, Credentials},
    authorize::{Access, authorize},
};

use super::exchange::Failure;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Decides for the operations of one API.
pub(crate) struct Gate {
    authenticator: Arc<Authenticator>,
    anonymous: Arc<Principal>,
}

impl Gate {
    pub(crate) fn new(authenticator: Arc<Authenticator>) -> Self {
        Self { authenticator, anonymous: Arc::new(Principal::anonymous()) }
    }

    /// Who sent these headers; nobody in particular if they carry no credentials. Credentials that do not hold are an
    /// error even where none are needed.
    pub(crate) fn identify(&self, headers: &HeaderMap, now: Timestamp) -> Result<Arc<Principal>, Failure> {
        let authorization = text(headers, &header::AUTHORIZATION);
        let api_key = text(headers, &API_KEY);
        let credentials = match (authorization, api_key) {
            (Ok(None), Ok(None)) => return Ok(Arc::clone(&self.anonymous)),
            (Ok(authorization), Ok(api_key)) => Credentials { authorization, api_key },
            _ => {
                let report = Report::new(&BAD_CREDENTIALS, "the credentials are not valid");
                return Err(self.refuse(report, &Access::Open));
            }
        };
        match self.authenticator.authenticate(credentials, now) {
            Ok(principal) => Ok(Arc::new(principal)),
            Err(report) => Err(self.refuse(report, &Access::Open)),
        }
    }

    /// Whether `principal` may do what requires `access`.
    pub(crate) fn permit(&self, principal: &Principal, access: &Access) -> Result<(), Failure> {
        authorize(principal, access).map_err(|report| self.refuse(report, access))
    }

    /// A refusal with the challenges of RFC 9110, section 11.6.1, where the caller could do better.
    fn refuse(&self, report: Report, access: &Access) -> Failure {
        let challenge = matches!(report.kind(), Kind::Unauthenticated | Kind::PermissionDenied);
        let mut failure = Failure::from(report);
        if challenge {
            for challenge in self.authenticator.challenges(&failure.report, access) {
                if let Ok(value) = HeaderValue::from_str(&challenge) {
                    failure.headers.push((header::WWW_AUTHENTICATE, value));
                }
            }
        }
        failure
    }
}

/// The only value of a header; an error if it is not text or there are several.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}
