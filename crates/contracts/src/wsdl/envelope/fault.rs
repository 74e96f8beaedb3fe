//! Faults: what a message says instead of an answer (SOAP 1.1, section 4.4; SOAP 1.2, section 5.4).

use tenon_model::{Str, Value};

use crate::wsdl::description::{QName, SoapVersion};

/// A fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Whose fault it is, or what kind.
    pub code: FaultCode,
    /// What says more than the code, the broadest first. SOAP 1.1 has them as codes with points (`Client.Authentication`).
    pub subcodes: Vec<QName>,
    /// Why, for people: the same in each language.
    pub reasons: Vec<Reason>,
    /// Who says so, as an address.
    pub actor: Option<Str>,
    /// What is said in the form of the contract.
    pub detail: Option<Detail>,
}

impl Fault {
    /// Why, in English where it is said so.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        let is_english = |reason: &&Reason| {
            let primary = reason.language.as_deref().and_then(|language| language.split('-').next());
            primary.is_some_and(|primary| primary.eq_ignore_ascii_case("en"))
        };
        self.reasons.iter().find(is_english).or_else(|| self.reasons.first())
    }
}

/// A text that says why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// Its language (BCP 47), where it is said.
    pub language: Option<Str>,
    /// The text.
    pub text: Str,
}

/// The details of a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    /// A fault that the operation declares.
    Declared {
        /// What the description calls it.
        name: Str,
        /// What it says.
        value: Value,
    },
    /// Elements that the operation does not declare: records of `name`, `namespace`, `attributes` and `content`.
    Other(Vec<Value>),
}

/// The codes of SOAP 1.2, which those of SOAP 1.1 are as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultCode {
    /// The message is of another version.
    VersionMismatch,
    /// A header has to be understood, and is not.
    MustUnderstand,
    /// The data has an encoding that is not known. SOAP 1.1 says `Client` for it.
    DataEncodingUnknown,
    /// The message is wrong: `Client` in SOAP 1.1.
    Sender,
    /// The message could not be processed: `Server` in SOAP 1.1.
    Receiver,
    /// Another code, which SOAP 1.1 allows.
    Other(QName),
}

/// The codes that are SOAP's own.
pub(in crate::wsdl) const CODES: [FaultCode; 5] = [
    FaultCode::VersionMismatch,
    FaultCode::MustUnderstand,
    FaultCode::DataEncodingUnknown,
    FaultCode::Sender,
    FaultCode::Receiver,
];

impl FaultCode {
    /// The code with this name in a version.
    pub(super) fn of(name: &QName, version: SoapVersion) -> Self {
        // SOAP 1.1 lets a point part a code from what says more.
        let local = match version {
            SoapVersion::V11 => name.local.split('.').next().unwrap_or_default(),
            SoapVersion::V12 => name.local.as_str(),
        };
        // A code without a prefix can only be meant as one of SOAP, if it is called like one.
        let is_bare = name.namespace.is_none() && version == SoapVersion::V11;
        if name.namespace.as_deref() != Some(version.namespace()) && !is_bare {
            return Self::Other(name.clone());
        }
        match local {
            "VersionMismatch" => Self::VersionMismatch,
            "MustUnderstand" => Self::MustUnderstand,
            "DataEncodingUnknown" => Self::DataEncodingUnknown,
            "Sender" | "Client" => Self::Sender,
            "Receiver" | "Server" => Self::Receiver,
            _ => Self::Other(name.clone()),
        }
    }

    /// The name in a version; `None` for a code that is not SOAP's.
    #[must_use]
    pub fn name(&self, version: SoapVersion) -> Option<&'static str> {
        Some(match (self, version) {
            (Self::VersionMismatch, _) => "VersionMismatch",
            (Self::MustUnderstand, _) => "MustUnderstand",
            (Self::DataEncodingUnknown, SoapVersion::V12) => "DataEncodingUnknown",
            (Self::Sender, SoapVersion::V12) => "Sender",
            (Self::Receiver, SoapVersion::V12) => "Receiver",
            (Self::Sender | Self::DataEncodingUnknown, SoapVersion::V11) => "Client",
            (Self::Receiver, SoapVersion::V11) => "Server",
            (Self::Other(_), _) => return None,
        })
    }
}
