//! `tenon completions`: a completion script for a shell.

use clap::CommandFactory;
use clap_complete::Shell;
use tenon_errors::Reports;

use crate::{
    args::Args,
    exit::{Exit, SUCCESS},
};

pub fn run(shell: Shell) -> Result<Exit, Reports> {
    clap_complete::generate(shell, &mut Args::command(), "tenon", &mut std::io::stdout());
    Ok(SUCCESS)
}
