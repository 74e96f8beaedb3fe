//! What turns the bytes of a format into values and back.

use tenon_errors::Report;
use tenon_model::Value;

/// The encoding of the data of one type. Values that come out follow its shape, and need not be validated again.
pub trait Codec: Send + Sync {
    /// The media type of the bytes (RFC 2046): `avro/binary`.
    fn media_type(&self) -> &'static str;

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
}
