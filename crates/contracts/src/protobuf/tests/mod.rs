//! What files say, which are refused and where, what is on the wire, and what is written.

mod locate;
mod read;
mod refuse;
mod wire;
mod write;

use super::{Read, read as read_source};
use crate::format::{InMemory, Source};

fn read_with(text: &str, files: &[(&str, &str)]) -> Result<Read, tenon_errors::Reports> {
    read_source(&Source { file: "contracts/order/1.proto", text, files: &InMemory(files) })
}

fn read(text: &str) -> Read {
    read_with(text, &[]).unwrap()
}
