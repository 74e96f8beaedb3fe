//! In what forms an operation answers: JSON, and what the contract of its answer has besides (RFC 9110, section 12).

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use tenon_contracts::{
    Contract,
    format::{Codec, Encoding, encoding::JSON},
    json,
    text::CsvCodec,
};
use tenon_errors::{Report, catalogue::delivery::BAD_REPLY};
use tenon_model::{Shape, Value};

use crate::http::{
    accept::{self, Choice},
    exchange::Failure,
    media::VERSION,
};

/// How an answer is written.
#[derive(Clone)]
pub(super) enum Form {
    Json,
    /// In another encoding of its contract.
    Coded(Arc<dyn Codec>),
    /// Rows under a header.
    Rows(Arc<CsvCodec>),
}

impl Form {
    /// Appends `value`.
    ///
    /// # Errors
    /// `F0009` for what the encoding cannot write.
    pub(super) fn write(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        match self {
            Self::Json => {
                json::encode(value, out);
                Ok(())
            }
            Self::Coded(codec) => codec.encode(value, out).map_err(unwritable),
            Self::Rows(rows) => rows.encode(value, out).map_err(unwritable),
        }
    }
}

/// The answer of an operation that cannot be written is a fault of the project.
pub(super) fn unwritable(report: Report) -> Report {
    let message = "the answer cannot be written in the encoding that the client asks for";
    Report::new(&BAD_REPLY, message).hint("ask for `application/json`").with_details([report])
}

/// The forms of an operation's answers, JSON first, by each of their media types.
pub(super) struct Forms {
    /// The version of the contract.
    version: u32,
    types: Vec<&'static str>,
    /// In the same order.
    forms: Vec<Form>,
}

impl Forms {
    /// Those of values of `contract`.
    pub(super) fn of(contract: &Contract) -> Self {
        let coded = |codec: &Arc<dyn Codec>| (codec.encoding(), Form::Coded(Arc::clone(codec)));
        Self::with(contract, contract.codecs.iter().map(coded))
    }

    /// Those of pages of rows of `contract`.
    pub(super) fn of_rows(contract: &Contract) -> Self {
        let rows = CsvCodec::new(&Shape::list(contract.shape.clone()));
        Self::with(contract, rows.into_iter().map(|rows| (rows.encoding(), Form::Rows(Arc::new(rows)))))
    }

    fn with(contract: &Contract, others: impl Iterator<Item = (&'static Encoding, Form)>) -> Self {
        let version = contract.reference.version;
        let mut these = Self { version, types: vec![JSON.media_types[0]], forms: vec![Form::Json] };
        for (encoding, form) in others {
            these.types.extend(encoding.media_types);
            these.forms.extend(std::iter::repeat_n(form, encoding.media_types.len()));
        }
        these
    }

    /// Whether there are several, so that caches have to tell them apart.
    pub(super) fn are_several(&self) -> bool {
        self.forms.len() > 1
    }

    /// What the client wants most.
    ///
    /// # Errors
    /// `A0109` if it accepts none.
    pub(super) fn choose(&self, headers: &HeaderMap) -> Result<Chosen<'_>, Failure> {
        let Choice { position, names_version } = accept::choose_of(headers, &self.types, Some(self.version))?;
        let version = names_version.then_some(self.version);
        Ok(Chosen { media_type: self.types[position], version, form: &self.forms[position] })
    }
}

/// The form of one answer.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'f> {
    media_type: &'static str,
    /// The version, where the client has named it.
    version: Option<u32>,
    pub(super) form: &'f Form,
}

impl Chosen<'_> {
    /// The media type, as an answer says it.
    pub(super) fn content_type(&self) -> HeaderValue {
        let media_type = match self.media_type {
            // Else it would be read as ASCII (RFC 4180, section 3).
            "text/csv" => "text/csv; charset=utf-8",
            other => other,
        };
        let named = self.version.map(|version| format!("{media_type}; {VERSION}={version}"));
        let named = named.and_then(|named| HeaderValue::try_from(named).ok());
        named.unwrap_or(HeaderValue::from_static(media_type))
    }
}
