//! What identifies one input, for ever.

use tenon_model::{Short, Str};

/// The id of an input: a digest of the stream that it is read from, and what lies before it there (bytes of a file, or records of a
/// topic), so that ids sort as inputs do. There is room for nine characters more.
///
/// No other input ever has the same, also when a topic is made anew, a file is replaced under its name, or a flow comes to read
/// something else: a stream is the name of a topic with the topic's identity, or a file's name with what tells its content from
/// others under that name.
#[must_use]
pub fn input_id(stream: u64, offset: u64) -> Short<46> {
    Short::default().hex(stream.into(), 16).text("-").decimal(offset, 12)
}

/// A stable digest (FNV-1a). It has to be the same in every version of Tenon: streams are known by it between runs, and
/// must never meet in it.
#[must_use]
pub fn digest(text: &str) -> u64 {
    digest_of(&[text])
}

/// The digest of the text that `parts` are together.
#[must_use]
pub fn digest_of(parts: &[&str]) -> u64 {
    parts.iter().flat_map(|part| part.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The name of a stream, as input ids have it: what the project calls its source, and what tells its content from others
/// under that name.
#[must_use]
pub fn stream_name(source: &str, fingerprint: &str) -> Str {
    Str::from(format!("{source}\n{fingerprint}"))
}

/// By what databases and topics know `flow` as a reader of a stream: positions and offsets in one stream say nothing about
/// another.
#[must_use]
pub fn consumer(flow: &str, stream: &str) -> Str {
    Str::from(format!("{flow}@{:016x}", digest(stream)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_stream_sort_as_its_inputs_do() {
        let stream = digest("orders\n0123");
        let id = |offset| input_id(stream, offset).as_str().to_owned();
        assert_eq!(id(42), format!("{stream:016x}-000000000042"));
        assert!(id(9) < id(10));
        assert_eq!(input_id(u64::MAX, u64::MAX).text("-").hex(u128::MAX, 8).as_str().len(), 46);
    }
}
