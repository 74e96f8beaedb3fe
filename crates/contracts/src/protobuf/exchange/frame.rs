//! Messages in the body of a request or a reply, each after a byte that says whether it is compressed, and its length in four
//! (<https://grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html>, Length-Prefixed-Message).

use std::{borrow::Cow, io::Read};

use flate2::read::MultiGzDecoder;

/// What stands before each message.
const HEAD: usize = 5;
/// The most bytes of a message, also once it is decompressed: what the codec reads.
const MOST: usize = crate::protobuf::codec::MAX_BYTES;
/// The most messages of a reply that has many.
const MOST_MESSAGES: usize = 100_000;

/// The messages of `body`, decompressed where they are compressed by `encoding`; or what is wrong with it.
pub(super) fn messages<'b>(body: &'b [u8], encoding: Option<&str>) -> Result<Vec<Cow<'b, [u8]>>, String> {
    let mut messages = Vec::new();
    let mut rest = body;
    let mut left = MOST;
    while !rest.is_empty() {
        if messages.len() == MOST_MESSAGES {
            return Err(format!("it has more than {MOST_MESSAGES} messages"));
        }
        let Some((head, after)) = rest.split_first_chunk::<HEAD>() else {
            return Err(format!("it ends within the {HEAD} bytes before a message"));
        };
        let [flag, length @ ..] = *head;
        if flag > 1 {
            return Err(format!("it is not made of messages of gRPC: one begins with the byte {flag}"));
        }
        let length = u32::from_be_bytes(length) as usize;
        if length > MOST {
            return Err(format!("a message of it has {length} bytes, and {MOST} are allowed"));
        }
        let Some((message, after)) = after.split_at_checked(length) else {
            return Err(format!("it is cut off: {} of the {length} bytes of a message came", after.len()));
        };
        let message = match flag {
            0 => Cow::Borrowed(message),
            _ => Cow::Owned(decompressed(message, encoding, left)?),
        };
        left = left
            .checked_sub(message.len())
            .ok_or_else(|| format!("its messages have more than {MOST} bytes together"))?;
        messages.push(message);
        rest = after;
    }
    Ok(messages)
}

fn decompressed(message: &[u8], encoding: Option<&str>, most: usize) -> Result<Vec<u8>, String> {
    let encoding = encoding.unwrap_or("identity");
    if !encoding.eq_ignore_ascii_case("gzip") {
        return Err(format!(
            "a message of it is compressed by `{encoding}`, which is not what was asked for"
        ));
    }
    let mut out = Vec::new();
    let read = MultiGzDecoder::new(message).take(most as u64 + 1).read_to_end(&mut out);
    read.map_err(|error| format!("a message of it is not compressed by gzip as it says ({error})"))?;
    if out.len() > most {
        return Err(format!("it decompresses to more than {MOST} bytes"));
    }
    Ok(out)
}

/// Appends the message that `write` appends, with what stands before it.
pub(super) fn write<E>(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    if let Err(error) = write(out) {
        out.truncate(start);
        return Err(error);
    }
    // What is longer than that is no message of Protobuf, either, and refused by whoever reads it.
    let length = u32::try_from(out.len() - start - HEAD).unwrap_or(u32::MAX);
    out[start + 1..start + HEAD].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[flag][..], &length, message].concat()
    }

    #[test]
    fn messages_are_found_and_decompressed() {
        let mut body = Vec::new();
        write(&mut body, |out| out.write_all(b"abc")).unwrap();
        body.extend(framed(0, b""));
        body.extend(framed(1, &gzip(b"more")));
        assert_eq!(messages(&body, Some("gzip")).unwrap(), [&b"abc"[..], b"", b"more"]);
        assert!(messages(b"", None).unwrap().is_empty());
        let failed = write(&mut body, |out| {
            out.push(1);
            Err(())
        });
        assert!(failed.is_err() && messages(&body, Some("gzip")).unwrap().len() == 3);
    }

    #[test]
    fn what_is_no_message_is_refused_in_words() {
        let bomb = framed(1, &gzip(&vec![0; MOST + 1]));
        let all: Vec<u8> = (0..3).flat_map(|_| framed(1, &gzip(&vec![0; MOST / 2]))).collect();
        for (body, encoding, part) in [
            (b"\0\0".to_vec(), None, "within the 5 bytes"),
            (b"\0\0\0\0\x05ab".to_vec(), None, "cut off: 2 of the 5 bytes"),
            (b"\0\xff\xff\xff\xff".to_vec(), None, "4294967295 bytes"),
            (b"<html>".to_vec(), None, "begins with the byte 60"),
            (framed(1, b"abc"), None, "compressed by `identity`"),
            (framed(1, b"abc"), Some("snappy"), "compressed by `snappy`"),
            (framed(1, b"abc"), Some("gzip"), "not compressed by gzip"),
            (framed(1, &gzip(b"abcdef")[..9]), Some("gzip"), "not compressed by gzip"),
            (bomb, Some("gzip"), "decompresses to more than"),
            (all, Some("gzip"), "more than"),
            (vec![0; HEAD * (MOST_MESSAGES + 1)], None, "more than 100000 messages"),
        ] {
            let says = messages(&body, encoding).unwrap_err();
            assert!(says.contains(part), "{says}");
        }
    }
}
