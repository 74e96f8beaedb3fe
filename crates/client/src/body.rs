//! Bodies of answers: bounded, and decompressed as they come.

use std::{io::Write, time::Duration};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// Why a body is not whole.
pub(crate) enum Broken {
    /// It has more bytes than allowed, also once it is decompressed.
    TooLarge,
    /// Nothing came for this time.
    Late(Duration),
    /// The connection ended.
    Ended(hyper::Error),
    /// It is not compressed as its head says.
    Garbled(String),
}

/// Reads a body whole, and the fields after it.
///
/// `most` bounds its bytes, those sent and those they become; `read` bounds the wait for the next ones.
pub(crate) async fn read(
    mut body: Incoming,
    is_gzip: bool,
    most: usize,
    read: Duration,
) -> Result<(Bytes, HeaderMap), Broken> {
    if body.size_hint().lower() > most as u64 {
        return Err(Broken::TooLarge);
    }
    let mut sink = Sink::new(is_gzip, most);
    let mut trailers = HeaderMap::new();
    loop {
        let next = tokio::time::timeout(read, body.frame()).await.map_err(|_| Broken::Late(read))?;
        match next {
            None => return Ok((sink.finish()?, trailers)),
            Some(Err(error)) => return Err(Broken::Ended(error)),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => sink.take(&data)?,
                Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
            },
        }
    }
}

/// Whether the body is compressed by gzip and nothing else.
pub(crate) fn is_gzip(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let first = encodings.next().map(http::HeaderValue::as_bytes);
    encodings.next().is_none()
        && first.is_some_and(|it| it.eq_ignore_ascii_case(b"gzip") || it.eq_ignore_ascii_case(b"x-gzip"))
}

enum Sink {
    Plain(Vec<u8>, usize),
    Gzip { decoder: Box<MultiGzDecoder<Bounded>>, taken: usize },
}

impl Sink {
    fn new(is_gzip: bool, most: usize) -> Self {
        if is_gzip {
            let decoder = Box::new(MultiGzDecoder::new(Bounded { bytes: Vec::new(), most, is_full: false }));
            Self::Gzip { decoder, taken: 0 }
        } else {
            Self::Plain(Vec::new(), most)
        }
    }

    fn take(&mut self, data: &[u8]) -> Result<(), Broken> {
        match self {
            Self::Plain(bytes, most) => {
                if bytes.len().saturating_add(data.len()) > *most {
                    return Err(Broken::TooLarge);
                }
                bytes.extend_from_slice(data);
                Ok(())
            }
            Self::Gzip { decoder, taken } => {
                *taken = taken.saturating_add(data.len());
                if *taken > decoder.get_ref().most {
                    return Err(Broken::TooLarge);
                }
                decoder.write_all(data).map_err(|error| garbled(decoder.get_ref().is_full, &error))
            }
        }
    }

    fn finish(self) -> Result<Bytes, Broken> {
        match self {
            Self::Plain(bytes, _) => Ok(bytes.into()),
            // Nothing at all is the body of an answer without one.
            Self::Gzip { taken: 0, .. } => Ok(Bytes::new()),
            Self::Gzip { mut decoder, .. } => {
                let ended = decoder.try_finish();
                let is_full = decoder.get_ref().is_full;
                ended.map_err(|error| garbled(is_full, &error))?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes).into())
            }
        }
    }
}

fn garbled(is_full: bool, error: &std::io::Error) -> Broken {
    if is_full { Broken::TooLarge } else { Broken::Garbled(error.to_string()) }
}

/// Bytes up to a bound.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len().saturating_add(data.len()) > self.most {
            self.is_full = true;
            return Err(std::io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
