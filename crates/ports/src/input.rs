//! What identifies one input, for ever.

use std::fmt;

use tenon_model::Str;

/// One input of a flow. No other input ever has the same, also when a topic is made anew, a file is replaced under its
/// name, or a flow comes to read something else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InputId {
    /// What it is read from: the name of a topic with the topic's identity, or a file's name with what tells its content
    /// from others under that name.
    pub stream: Str,
    /// The part of the stream that it is in; 0 where there is one only.
    pub partition: u32,
    /// Where in that part.
    pub at: At,
}

/// Where an input is in its stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum At {
    /// Bytes of a file, or records of a topic, that lie before it.
    Offset(u64),
    /// What the system calls it, where inputs have no order.
    Id(Str),
}

/// As ids of events and dead letters hold it: a digest of the stream, and the place so that ids sort as inputs do.
impl fmt::Display for InputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-", digest(&self.stream))?;
        if self.partition > 0 {
            write!(f, "{}-", self.partition)?;
        }
        match &self.at {
            At::Offset(offset) => write!(f, "{offset:012}"),
            At::Id(id) => f.write_str(id),
        }
    }
}

/// A stable digest (FNV-1a). It has to be the same in every version of Tenon: streams are known by it between runs, and
/// must never meet in it.
#[must_use]
pub fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
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
        let id = |partition, at| InputId { stream: "orders\n0123".into(), partition, at }.to_string();
        assert_eq!(id(0, At::Offset(42)), format!("{:016x}-000000000042", digest("orders\n0123")));
        assert!(id(0, At::Offset(9)) < id(0, At::Offset(10)));
        assert!(id(3, At::Id("m-1".into())).ends_with("-3-m-1"));
    }
}
