//! `tenon contract`: looking at contracts, one file per subcommand.

mod args;
mod beside;
mod bundle;
mod convert;
mod data;
mod diff;
mod import;
mod imported;
mod infer;
mod lint;
mod naming;
mod open;
mod parts;
mod sample;
mod sarif;
mod seen;
pub(crate) mod show;
mod tables;
mod validate;

use std::{fs, path::Path};

use tenon_errors::{Code, Report, Reports, Sources, catalogue::engine::IO_FAILED};

pub use self::args::Contract;
use crate::{
    exit::{self, Exit},
    output::Output,
};

/// Problems together with the texts that they point into.
pub struct Problems {
    reports: Reports,
    sources: Sources,
}

impl Problems {
    /// Whether all of them have this code.
    fn are_of(&self, code: &Code) -> bool {
        self.reports.iter().all(|report| report.code().id == code.id)
    }
}

impl From<Reports> for Problems {
    fn from(reports: Reports) -> Self {
        Self { reports, sources: Sources::new() }
    }
}

impl From<Report> for Problems {
    fn from(report: Report) -> Self {
        Reports::from(report).into()
    }
}

/// Runs the subcommand.
pub fn run(command: Contract, output: &Output) -> Exit {
    let ended = match command {
        Contract::Show { contract } => show::run(&contract, output),
        Contract::Validate { contract, data, data_format } => {
            validate::run(&contract, &data, data_format, output)
        }
        Contract::Convert { contract, to, out } => convert::run(&contract, &to, out.as_deref(), output),
        Contract::Diff { old, new, role, lenient, fail_on, sarif } => {
            diff::run([&old, &new], &diff::Asked { role, lenient, fail_on, sarif }, output)
        }
        Contract::Sample { contract, count, seed, kind } => sample::run(&contract, count, seed, kind, output),
        Contract::Lint { contract } => lint::run(&contract, output),
        Contract::Import(asked) => import::run(&asked, output),
        Contract::Bundle { file, out } => bundle::run(&file, out.as_deref(), output),
        Contract::Infer { files, enums, data_format } => infer::run(&files, enums, data_format, output),
    };
    ended.unwrap_or_else(|Problems { reports, sources }| {
        output.reports(&reports, &sources);
        exit::code_of(&reports)
    })
}

/// Writes a file, and the folders that it lies in.
fn write(path: &Path, text: &str) -> Result<(), Report> {
    let refused = |error: std::io::Error| {
        Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused)?;
    }
    fs::write(path, text).map_err(refused)
}
