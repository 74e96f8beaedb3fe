//! What turns the bytes of a format into values and back.

use std::{fmt::Debug, sync::Arc};

use tenon_errors::{Report, Reports};
use tenon_model::{Str, Value};

use super::Encoding;
use crate::avro;

/// The encoding of the data of one type. Values that come out follow its shape, and need not be validated again.
pub trait Codec: Send + Sync + Debug {
    /// How the bytes lie.
    fn encoding(&self) -> &'static Encoding;

    /// The value that `bytes` are.
    ///
    /// # Errors
    /// `D0101` and above for what is not of the encoding or beyond its limits; `D0001` with a detail for each violation of the
    /// contract that was found, each with its path.
    fn decode(&self, bytes: &[u8]) -> Result<Value, Report>;

    /// Appends the bytes of `value`; after an error, `out` is as it was.
    ///
    /// # Errors
    /// `D0001` for what the type does not allow, with its path.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report>;

    /// The same codec, which builds of records the fields that `paths` lead to, and what is in them: a path is the names of fields from the
    /// outside in, and lists on the way are passed through. The other fields are held against the contract as if they were
    /// read, so that what the whole codec refuses is refused, in the same words. `None` where it always builds all.
    fn part(&self, _paths: &[Vec<Str>]) -> Option<Arc<dyn Codec>> {
        None
    }

    /// Which type of its file it is, where a file holds several and data in a frame says which (Confluent's message indexes of
    /// Protobuf): its position among the types of the file, then among those inside of that one, and so on.
    fn type_path(&self) -> Option<&[u32]> {
        None
    }

    /// The schema of data in Avro, by which what was written with others is read; `None` in every other encoding.
    fn avro_schema(&self) -> Option<&Arc<avro::Schema>> {
        None
    }
}

/// Makes the codecs of the types of a file, in the encoding that the format itself has. They are made when they are asked for:
/// most types of a large file are only parts of others.
pub trait Codecs: Send + Sync + Debug {
    /// The codec of the type at this position of [`Schema::types`](super::Schema::types); `None` where data of that type never
    /// stands alone, such as an enumeration of Protobuf.
    ///
    /// # Errors
    /// Why the type has no data.
    fn codec(&self, position: usize) -> Result<Option<Arc<dyn Codec>>, Reports>;
}
