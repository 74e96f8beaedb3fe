//! Descriptions, read and refused.

mod compare;
mod hostile;
mod operations;
mod read;
mod schemas;
mod write;

use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT_FILE};

use super::{Description, read as read_description};
use crate::format::{Files, Source, Text};

/// Files beside the description.
struct Beside(&'static [(&'static str, &'static str)]);

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Text, Report> {
        let found = self.0.iter().find(|(name, _)| *name == path).map(|(_, text)| Text::from(*text));
        found.ok_or_else(|| Report::new(&BAD_CONTRACT_FILE, format!("there is no file `{path}`")))
    }
}

fn tried(text: &str, files: &'static [(&'static str, &'static str)]) -> Result<Description, Reports> {
    read_description(&Source { file: "api.yaml", text, files: &Beside(files) })
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
