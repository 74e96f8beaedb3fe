//! What files say, which are refused and where, what is on the wire, and what is written.

mod read;
mod refuse;
mod wire;
mod write;

use super::{Read, read as read_source};
use crate::format::{Files, Source, Text};

/// Files by their paths.
struct Given(&'static [(&'static str, &'static str)]);

impl Files for Given {
    fn read(&self, path: &str) -> Result<Text, tenon_errors::Report> {
        match self.0.iter().find(|(known, _)| *known == path) {
            Some((_, text)) => Ok((*text).into()),
            None => crate::format::NoFiles.read(path),
        }
    }
}

fn read_with(
    text: &str,
    files: &'static [(&'static str, &'static str)],
) -> Result<Read, tenon_errors::Reports> {
    read_source(&Source { file: "contracts/order/1.proto", text, files: &Given(files) })
}

fn read(text: &str) -> Read {
    read_with(text, &[]).unwrap()
}
