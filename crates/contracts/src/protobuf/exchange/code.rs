//! The codes of statuses (<https://grpc.github.io/grpc/core/md_doc_statuscodes.html>), and what they mean to whoever asked.

use http::StatusCode;
use tenon_errors::Kind;

/// Every code but the one that says that all is well, in the order of their numbers from 1.
pub(super) const CODES: [(&str, Kind); 16] = [
    ("CANCELLED", Kind::Cancelled),
    ("UNKNOWN", Kind::Unknown),
    ("INVALID_ARGUMENT", Kind::InvalidArgument),
    ("DEADLINE_EXCEEDED", Kind::DeadlineExceeded),
    ("NOT_FOUND", Kind::NotFound),
    ("ALREADY_EXISTS", Kind::AlreadyExists),
    ("PERMISSION_DENIED", Kind::PermissionDenied),
    ("RESOURCE_EXHAUSTED", Kind::ResourceExhausted),
    ("FAILED_PRECONDITION", Kind::FailedPrecondition),
    ("ABORTED", Kind::Aborted),
    ("OUT_OF_RANGE", Kind::OutOfRange),
    ("UNIMPLEMENTED", Kind::Unimplemented),
    ("INTERNAL", Kind::Internal),
    ("UNAVAILABLE", Kind::Unavailable),
    ("DATA_LOSS", Kind::DataLoss),
    ("UNAUTHENTICATED", Kind::Unauthenticated),
];

/// The names of [`CODES`].
pub(super) const NAMES: [&str; 16] = {
    let mut names = [""; 16];
    let mut at = 0;
    while at < names.len() {
        names[at] = CODES[at].0;
        at += 1;
    }
    names
};

/// The code that a call ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(Kind);

impl Code {
    /// The code of this number; `None` for the one that says that all is well. Numbers that nobody has defined are `UNKNOWN`.
    pub(super) fn of_number(number: u32) -> Option<Self> {
        let position = usize::try_from(number).ok()?.checked_sub(1)?;
        Some(Self(CODES.get(position).map_or(Kind::Unknown, |(_, kind)| *kind)))
    }

    /// The code of this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        CODES.iter().find(|(known, _)| *known == name).map(|(_, kind)| Self(*kind))
    }

    /// What a reply of something that does not speak gRPC stands for
    /// (<https://grpc.github.io/grpc/core/md_doc_http-grpc-status-mapping.html>).
    pub(super) fn of_http(status: StatusCode) -> Self {
        Self(match status.as_u16() {
            400 => Kind::Internal,
            401 => Kind::Unauthenticated,
            403 => Kind::PermissionDenied,
            404 => Kind::Unimplemented,
            429 | 502..=504 => Kind::Unavailable,
            _ => Kind::Unknown,
        })
    }

    pub(super) fn name(self) -> &'static str {
        self.0.name()
    }

    pub(super) fn number(self) -> usize {
        CODES.iter().position(|(_, kind)| *kind == self.0).map_or(2, |position| position + 1)
    }

    /// What it means to whoever asked. What a server fails with that says nothing else of it is a failure of the server.
    pub(super) fn kind(self) -> Kind {
        if self.0 == Kind::Unknown { Kind::Internal } else { self.0 }
    }

    /// The status of HTTP that it stands for (google/rpc/code.proto).
    pub(super) fn http(self) -> StatusCode {
        match self.0 {
            Kind::InvalidArgument | Kind::FailedPrecondition | Kind::OutOfRange => StatusCode::BAD_REQUEST,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::PermissionDenied => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Aborted | Kind::AlreadyExists => StatusCode::CONFLICT,
            Kind::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            // 499 has no name, and says the same of whoever asked as a connection that was given up.
            Kind::Cancelled => StatusCode::REQUEST_TIMEOUT,
            Kind::Unimplemented => StatusCode::NOT_IMPLEMENTED,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Kind::Unknown | Kind::Internal | Kind::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether a server that ends so, and does not say when to come again, may have done what it was asked. `RESOURCE_EXHAUSTED` is also what
    /// servers say whose answer has become too large.
    pub(super) fn may_have_acted(self) -> bool {
        matches!(
            self.0,
            Kind::Cancelled
                | Kind::Unknown
                | Kind::DeadlineExceeded
                | Kind::ResourceExhausted
                | Kind::Internal
                | Kind::Unavailable
                | Kind::DataLoss
        )
    }

    /// Whether it can say that the call was turned away before it began.
    pub(super) fn can_turn_away(self) -> bool {
        matches!(self.0, Kind::ResourceExhausted | Kind::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_number_and_its_name() {
        for (position, (name, kind)) in CODES.iter().enumerate() {
            assert_eq!(*name, kind.name());
            let code = Code::of_name(name).unwrap();
            assert_eq!((code.name(), code.number()), (*name, position + 1));
            assert_eq!(Code::of_number(u32::try_from(position + 1).unwrap()), Some(code));
        }
        assert_eq!(Code::of_number(0), None);
        assert_eq!(Code::of_number(4_000_000_000).unwrap().name(), "UNKNOWN");
        assert_eq!(Code::of_name("OK"), None);
    }
}
