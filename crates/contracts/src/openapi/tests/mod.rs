//! Descriptions, read and refused.

mod compare;
mod hostile;
mod operations;
mod read;
mod schemas;
mod write;

use tenon_errors::{Report, Reports};

use super::{Description, read as read_description};
use crate::format::{InMemory, Source};

fn tried(text: &str, files: &[(&str, &str)]) -> Result<Description, Reports> {
    read_description(&Source { file: "api.yaml", text, files: &InMemory(files) })
}

fn read(text: &str) -> Description {
    tried(text, &[]).unwrap_or_else(|reports| panic!("{text}: {reports:?}"))
}

/// The codes, lines and messages of the problems.
fn refused(text: &str) -> Vec<(&'static str, u32, String)> {
    let reports = tried(text, &[]).err().unwrap_or_default();
    let told = |report: &Report| {
        let line = report.places().first().map_or(0, |place| place.line);
        (report.code().id, line, report.message().to_owned())
    };
    reports.iter().map(told).collect()
}
