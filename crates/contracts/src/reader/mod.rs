//! Reading messages, whatever version and encoding they are of: each is decoded as what it says that it is, and then lifted to the
//! version that the plan works with.
//!
//! What a message says comes from its headers ([`Said`]) or from a frame around it ([`SchemaIds`]); where it says nothing, it is of
//! the version and the encoding that are configured.

mod lift;
mod part;
pub(crate) mod said;
pub(crate) mod schema_id;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use tenon_errors::{
    Report,
    catalogue::data::{UNKNOWN_ENCODING, UNKNOWN_VERSION},
};
use tenon_model::{ContractRef, Str, Value};

pub use self::{
    part::Part,
    said::Said,
    schema_id::{SchemaId, SchemaIds},
};
use crate::{
    Contract,
    format::{Codec, Encoding, MediaType, encoding::JSON},
    json::{self, Decoder},
};

/// Reads messages of all versions of a contract into values of one of them. Made once per plan.
#[derive(Debug)]
pub struct Reader {
    contract: Arc<Contract>,
    /// Its name and version, as messages say it.
    said: Str,
    json: Decoder,
    others: Vec<Other>,
    encoding: &'static Encoding,
    ids: SchemaIds,
}

/// Another version of the contract. Most are never met.
#[derive(Debug)]
struct Other {
    contract: Arc<Contract>,
    json: OnceLock<Result<Decoder, Report>>,
}

/// What a message was recognised as.
struct Recognised<'r, 'b> {
    version: Version<'r>,
    encoding: &'static Encoding,
    data: &'b [u8],
}

/// A version of the contract that messages may be of.
#[derive(Clone, Copy)]
enum Version<'r> {
    /// The one that the plan works with.
    Target,
    Other(&'r Other),
}

impl Reader {
    /// Reads into values of `contract`. `versions` are all versions of it that the project has, itself or not. What says nothing is
    /// JSON of that version.
    ///
    /// # Errors
    /// As for [`Decoder::new`].
    pub fn new(contract: &Arc<Contract>, versions: &[Arc<Contract>]) -> Result<Self, Report> {
        let is_other = |other: &&Arc<Contract>| {
            let (one, other) = (&contract.reference, &other.reference);
            one.name == other.name && one.version != other.version
        };
        let other =
            |contract: &Arc<Contract>| Other { contract: Arc::clone(contract), json: OnceLock::new() };
        Ok(Self {
            contract: Arc::clone(contract),
            said: contract.reference.to_string().into(),
            json: Decoder::new(&contract.shape)?,
            others: versions.iter().filter(is_other).map(other).collect(),
            encoding: &JSON,
            ids: SchemaIds::default(),
        })
    }

    /// The same reader, for which messages that say nothing are in `encoding`.
    #[must_use]
    pub fn with_encoding(mut self, encoding: &'static Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The same reader, which recognises these ids of schemas.
    #[must_use]
    pub fn with_schema_ids(mut self, ids: SchemaIds) -> Self {
        self.ids = ids;
        self
    }

    /// What its values follow.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// Every version that it reads, that of its values first.
    pub fn versions(&self) -> impl Iterator<Item = &Contract> {
        let others = self.others.iter().map(|other| other.contract.as_ref());
        std::iter::once(self.contract.as_ref()).chain(others)
    }

    /// The encoding of what says nothing.
    #[must_use]
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// The value that `bytes` are, lifted to the version of this reader.
    ///
    /// # Errors
    /// `D0401` for a version that the project does not have, `D0402` where the value cannot be lifted, `D0403` for an encoding that
    /// the version does not have, `D0404` for an id of no schema; what decoding reports.
    pub fn read(&self, bytes: &[u8], said: Said<'_>) -> Result<Value, Report> {
        self.read_part(bytes, said, None)
    }

    /// Reads of messages the fields that `paths` lead to, and what is in them: a path is the names of fields from the outside in, and
    /// lists on the way are passed through.
    ///
    /// # Errors
    /// As for [`Reader::new`].
    pub fn part(&self, paths: &[Vec<Str>]) -> Result<Part, Report> {
        Part::new(&self.contract, paths)
    }

    /// As [`read`](Self::read), where what nobody wants may be left out of messages of the version of this reader. It is held against
    /// the contract all the same.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_part(&self, bytes: &[u8], said: Said<'_>, part: Option<&Part>) -> Result<Value, Report> {
        // Most messages are JSON of today, which costs nothing more than to see that.
        if self.is_plain(said) {
            return part.map_or(&self.json, |part| &part.json).decode(bytes);
        }
        let recognised = self.recognise(bytes, said)?;
        if let (Version::Target, Some(part)) = (recognised.version, part)
            && let Some(decoded) = part.decode(recognised.encoding, recognised.data)
        {
            return decoded;
        }
        let value = self.decode(&recognised)?;
        match recognised.version {
            Version::Target => Ok(value),
            Version::Other(from) => lift::lift(&value, &from.contract.reference, self),
        }
    }

    /// The value that `given` is, which is data of no contract or of another one, as if it were a message in JSON of the version
    /// `contract`; of that of this reader where none is said.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_value(&self, given: &Value, contract: Option<&str>) -> Result<Value, Report> {
        match contract.map_or(Ok(Version::Target), |contract| self.version_of(contract))? {
            Version::Target => self.json.decode_value(given),
            Version::Other(other) => {
                let from = &other.contract.reference;
                let value = other.json()?.decode_value(given).map_err(|report| as_version(&report, from))?;
                lift::lift(&value, from, self)
            }
        }
    }

    /// A message as people read it: JSON as it came, anything else as the JSON of its value, as it was written.
    ///
    /// # Errors
    /// As for [`read`](Self::read), where it is not JSON; without `D0402`.
    pub fn show<'b>(&self, bytes: &'b [u8], said: Said<'_>) -> Result<Cow<'b, str>, Report> {
        if self.is_plain(said) {
            return Ok(String::from_utf8_lossy(bytes));
        }
        match self.recognise(bytes, said) {
            Ok(recognised) if *recognised.encoding != JSON => {
                Ok(json::to_string(&self.decode(&recognised)?).into())
            }
            Ok(recognised) => Ok(String::from_utf8_lossy(recognised.data)),
            // JSON can be read whatever version it is of.
            Err(report) => match std::str::from_utf8(bytes) {
                Ok(text) if self.encoding_of(said) == Some(&JSON) => Ok(text.into()),
                _ => Err(report),
            },
        }
    }

    /// What is said of a message that says nothing itself, so that it is read alike when another encoding is configured.
    #[must_use]
    pub fn media_type_unsaid(&self, said: Said<'_>) -> Option<&'static str> {
        let says_nothing = said.contract.is_none() && said.content_type.is_none();
        says_nothing.then(|| self.encoding.media_types[0])
    }

    fn is_plain(&self, said: Said<'_>) -> bool {
        let Said { contract, content_type, .. } = said;
        self.ids.is_empty()
            && contract.is_none_or(|contract| contract == self.said)
            && match content_type {
                Some(content_type) => content_type == JSON.media_types[0],
                None => contract.is_some() || *self.encoding == JSON,
            }
    }

    fn recognise<'b>(&self, bytes: &'b [u8], said: Said<'_>) -> Result<Recognised<'_, 'b>, Report> {
        let framed = self.ids.recognise(bytes, said)?;
        let named = said.contract.map(|contract| self.version_of(contract)).transpose()?;
        let version = match (framed.version, named) {
            (Some(number), Some(named)) if number != self.contract_of(named).reference.version => {
                let by_id = self.named(number);
                return Err(schema_id::contradicts(said.contract.unwrap_or_default(), &by_id));
            }
            (_, Some(named)) => named,
            (Some(number), None) => {
                self.numbered(number).ok_or_else(|| self.unknown_version(&self.named(number)))?
            }
            (None, None) => Version::Target,
        };
        let encoding = self.encoding_of(said).ok_or_else(|| {
            self.unknown_encoding(&format!("in `{}`", said.content_type.unwrap_or_default()), version)
        })?;
        let data = framed.data;
        let data = match self.codec(version, encoding)?.and_then(|codec| codec.type_path()) {
            Some(path) if framed.is_prefixed => schema_id::after_type_path(data, path)?,
            _ => data,
        };
        Ok(Recognised { version, encoding, data })
    }

    /// The encoding that a message says, or is meant; `None` for one that nobody knows.
    fn encoding_of(&self, said: Said<'_>) -> Option<&'static Encoding> {
        match said.content_type {
            Some(content_type) => MediaType::parse(content_type).encoding(),
            // What is published here says what it is, unless it is JSON.
            None if said.contract.is_some() => Some(&JSON),
            None => Some(self.encoding),
        }
    }

    fn decode(&self, recognised: &Recognised<'_, '_>) -> Result<Value, Report> {
        let Recognised { version, encoding, data } = *recognised;
        let decoded = match (self.codec(version, encoding)?, version) {
            (Some(codec), _) => codec.decode(data),
            (None, Version::Target) => self.json.decode(data),
            (None, Version::Other(other)) => other.json()?.decode(data),
        };
        match version {
            Version::Target => decoded,
            Version::Other(other) => decoded.map_err(|report| as_version(&report, &other.contract.reference)),
        }
    }

    /// The codec of a version; `None` for JSON.
    fn codec<'r>(
        &'r self,
        version: Version<'r>,
        encoding: &Encoding,
    ) -> Result<Option<&'r Arc<dyn Codec>>, Report> {
        if *encoding == JSON {
            return Ok(None);
        }
        let codec = self.contract_of(version).codec(encoding);
        codec.map(Some).ok_or_else(|| self.unknown_encoding(&format!("in {}", encoding.name), version))
    }

    fn contract_of<'r>(&'r self, version: Version<'r>) -> &'r Arc<Contract> {
        match version {
            Version::Target => &self.contract,
            Version::Other(other) => &other.contract,
        }
    }

    fn version_of(&self, said: &str) -> Result<Version<'_>, Report> {
        if said == self.said {
            return Ok(Version::Target);
        }
        let own = self.contract.reference.name.as_str();
        let number = said.split_once('@').filter(|(name, _)| *name == own).map(|(_, number)| number);
        let found = number.and_then(|number| number.parse().ok()).and_then(|number| self.numbered(number));
        found.ok_or_else(|| self.unknown_version(said))
    }

    /// A version of this contract, as messages say it.
    fn named(&self, number: u32) -> String {
        format!("{}@{number}", self.contract.reference.name)
    }

    fn numbered(&self, number: u32) -> Option<Version<'_>> {
        if number == self.contract.reference.version {
            return Some(Version::Target);
        }
        let found = self.others.iter().find(|other| other.contract.reference.version == number);
        found.map(Version::Other)
    }

    #[cold]
    fn unknown_version(&self, said: &str) -> Report {
        let mut known: Vec<&ContractRef> =
            self.others.iter().map(|other| &other.contract.reference).collect();
        known.push(&self.contract.reference);
        known.sort();
        let known: Vec<String> = known.into_iter().map(|it| format!("`{it}`")).collect();
        let said = tenon_errors::clip(said, 80);
        let message = format!(
            "the message says that it follows `{said}`, and what is known here is {}",
            known.join(", ")
        );
        Report::new(&UNKNOWN_VERSION, message)
            .hint("add the file of that version to `contracts/`, or correct the sender")
    }

    #[cold]
    fn unknown_encoding(&self, said: &str, version: Version<'_>) -> Report {
        let contract = self.contract_of(version);
        let known: Vec<&str> = contract.encodings().map(|encoding| encoding.media_types[0]).collect();
        let said = tenon_errors::clip(said, 80);
        let message = format!("the message is {said}, and `{}` has {}", contract.reference, known.join(", "));
        Report::new(&UNKNOWN_ENCODING, message)
            .hint("have the sender use one of these, and say it as `content-type`")
    }
}

impl Other {
    fn json(&self) -> Result<&Decoder, Report> {
        self.json.get_or_init(|| Decoder::new(&self.contract.shape)).as_ref().map_err(Clone::clone)
    }
}

/// A report that says which version was asked.
fn as_version(report: &Report, version: &ContractRef) -> Report {
    let message = format!("read as `{version}`, which it says it follows: {}", report.message());
    let mut told = Report::new(report.code(), message).with_details(report.details().to_vec());
    if let Some(path) = report.data_path() {
        told = told.path(path);
    }
    match report.advice() {
        Some(hint) => told.hint(hint),
        None => told,
    }
}
