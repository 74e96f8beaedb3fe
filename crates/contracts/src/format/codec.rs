//! Bytes of a format as values, and values as its bytes.

use tenon_errors::Report;
use tenon_model::Value;

/// Reads and writes the bytes of one type. Made once per plan.
pub trait Codec: Send + Sync {
    /// The media type of the bytes: `application/xml`.
    fn media_type(&self) -> &'static str;

    /// The value that `bytes` hold. It follows its contract.
    ///
    /// # Errors
    /// `D0001` with a detail for each violation of the contract, each with its path; what the format has for bytes that are none of
    /// its own.
    fn decode(&self, bytes: &[u8]) -> Result<Value, Report>;

    /// Writes `value` in one way, behind what `out` holds.
    ///
    /// # Errors
    /// `D0001` with a detail for each violation of the contract; `out` may then end anywhere.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report>;
}
