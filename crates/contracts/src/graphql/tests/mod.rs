//! What files say, which are refused and where, what is written, and what no input does.

mod hostile;
mod read;
mod refuse;
mod write;

use tenon_errors::Reports;

use super::{Read, Rules, read as read_source};
use crate::format::{NoFiles, Source};

fn try_read(text: &str) -> Result<Read, Reports> {
    read_source(&Source { file: "contracts/order/1.graphql", text, files: &NoFiles }, Rules::Checked)
}

#[track_caller]
fn read(text: &str) -> Read {
    try_read(text).unwrap_or_else(|reports| panic!("{text}: {reports:?}"))
}
