//! Ids that a schema registry gives to schemas, and how messages carry them in Confluent's clients: as five bytes before the data
//! (a zero, and the number of the schema with its highest byte first), or as the schema's GUID in a header. Before data of
//! Protobuf, the five bytes are followed by which message of the file it is: a count and so many positions as zigzag varints, where
//! one zero stands for the first message of the file.
//!
//! See "Wire format" in Confluent's documentation of its serializers. In Kafka the header is binary: a one, and the 16 bytes of the
//! GUID. Headers of messages are text here, so that it is the GUID's text; turning one into the other is up to a connector.

use tenon_errors::{
    Report,
    catalogue::data::{BAD_BINARY, UNKNOWN_SCHEMA_ID},
};
use uuid::Uuid;

use super::Said;
use crate::format::MediaType;

/// What the frame of a message begins with.
const MAGIC: u8 = 0;
/// The length of the frame.
const LENGTH: usize = 5;
/// The parameter of a media type that says whether there is a frame, and its value.
pub(crate) const FRAMING: (&str, &str) = ("framing", "confluent");
/// The most positions of a type in its file.
const MOST_POSITIONS: u64 = 64;

/// What a registry calls a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaId {
    /// A number, which stands before the data.
    Number(u32),
    /// A GUID, which is the text of a header.
    Guid(Uuid),
}

impl std::fmt::Display for SchemaId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Guid(guid) => write!(f, "{guid}"),
        }
    }
}

/// Which version of a contract has which id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaIds(Vec<(u32, SchemaId)>);

/// What the frame of a message, or its header, says.
pub(super) struct Framed<'b> {
    pub(super) version: Option<u32>,
    /// The bytes without the frame.
    pub(super) data: &'b [u8],
    pub(super) is_prefixed: bool,
}

impl SchemaIds {
    /// Versions with their ids.
    #[must_use]
    pub fn new(ids: Vec<(u32, SchemaId)>) -> Self {
        Self(ids)
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id of a version.
    #[must_use]
    pub fn of(&self, version: u32) -> Option<SchemaId> {
        self.0.iter().find(|(known, _)| *known == version).map(|(_, id)| *id)
    }

    fn version(&self, id: SchemaId) -> Option<u32> {
        self.0.iter().find(|(_, known)| *known == id).map(|(version, _)| *version)
    }

    /// What the header of a message says, or else its frame. What is published here says whether it has a frame; anything else has
    /// one if it begins like one, where ids are known.
    ///
    /// # Errors
    /// `D0404` for an id that is not known, `D0109` for a frame that is cut off.
    pub(super) fn recognise<'b>(&self, bytes: &'b [u8], said: Said<'_>) -> Result<Framed<'b>, Report> {
        let plain = Framed { version: None, data: bytes, is_prefixed: false };
        if let Some(text) = said.schema_id.filter(|_| !self.is_empty()) {
            let id = text.parse().map(SchemaId::Guid).ok();
            let version = id.and_then(|id| self.version(id)).ok_or_else(|| self.unknown(text))?;
            return Ok(Framed { version: Some(version), ..plain });
        }
        let says_framed = said.content_type.is_some_and(|text| {
            MediaType::parse(text).parameter(FRAMING.0).is_some_and(|it| it.eq_ignore_ascii_case(FRAMING.1))
        });
        let begins_framed = said.contract.is_none() && !self.is_empty() && bytes.first() == Some(&MAGIC);
        if !says_framed && !begins_framed {
            return Ok(plain);
        }
        let Some(([MAGIC, id @ ..], data)) = bytes.split_first_chunk::<LENGTH>() else {
            let message = format!(
                "a frame of a schema registry is a zero and four bytes, and there are {} bytes",
                bytes.len()
            );
            return Err(Report::new(&BAD_BINARY, message));
        };
        let number = u32::from_be_bytes(*id);
        match self.version(SchemaId::Number(number)) {
            Some(version) => Ok(Framed { version: Some(version), data, is_prefixed: true }),
            // What says its version itself is read after the ids were taken out of the project.
            None if self.is_empty() && said.contract.is_some() => {
                Ok(Framed { version: None, data, is_prefixed: true })
            }
            None => Err(self.unknown(&number.to_string())),
        }
    }

    #[cold]
    fn unknown(&self, id: &str) -> Report {
        let known: Vec<String> =
            self.0.iter().map(|(version, id)| format!("{id} (version {version})")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let id = tenon_errors::clip(id, 80);
        let message =
            format!("the message was written with the schema of id {id}, and what is known here is {known}");
        Report::new(&UNKNOWN_SCHEMA_ID, message)
            .hint("add the id and its version to `schema_ids` of the topic")
    }
}

/// What is said twice has to be the same.
#[cold]
pub(super) fn contradicts(said: &str, by_id: &str) -> Report {
    let said = tenon_errors::clip(said, 80);
    let message =
        format!("the message says that it follows `{said}`, and the id of its schema is that of `{by_id}`");
    Report::new(&UNKNOWN_SCHEMA_ID, message).hint("correct the sender, or `schema_ids` of the topic")
}

/// What a message begins with, in the frame of `id`; nothing for an id that stands in a header.
pub(crate) fn write_prefix(id: SchemaId, path: Option<&[u32]>, out: &mut Vec<u8>) {
    let SchemaId::Number(number) = id else { return };
    out.push(MAGIC);
    out.extend_from_slice(&number.to_be_bytes());
    match path {
        None => {}
        Some([0]) => out.push(0),
        Some(path) => {
            zigzag(path.len() as u64, out);
            path.iter().for_each(|position| zigzag(u64::from(*position), out));
        }
    }
}

/// The data after the positions of a type in its file, which have to be `path`.
pub(super) fn after_type_path<'b>(bytes: &'b [u8], path: &[u32]) -> Result<&'b [u8], Report> {
    let mut rest = bytes;
    let found = match positive(&mut rest)? {
        0 => vec![0],
        count if count > MOST_POSITIONS => {
            return Err(Report::new(&BAD_BINARY, format!("the type is {count} levels deep in its file")));
        }
        count => (0..count).map(|_| positive(&mut rest)).collect::<Result<_, _>>()?,
    };
    if found.iter().copied().eq(path.iter().map(|position| u64::from(*position))) {
        return Ok(rest);
    }
    let message = format!(
        "the message is the type at {found:?} of its schema, and the contract is the one at {path:?} of its file"
    );
    Err(Report::new(&UNKNOWN_SCHEMA_ID, message).hint("use the contract of that type for the topic"))
}

fn zigzag(number: u64, out: &mut Vec<u8>) {
    let mut left = number << 1;
    while left > 0x7f {
        out.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}

/// A zigzag varint that is not negative.
fn positive(bytes: &mut &[u8]) -> Result<u64, Report> {
    let mut number: u64 = 0;
    for shift in (0..35).step_by(7) {
        let Some((byte, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            if number & 1 == 0 {
                return Ok(number >> 1);
            }
            break;
        }
    }
    Err(Report::new(&BAD_BINARY, "the frame does not say which type of its schema the message is"))
}
