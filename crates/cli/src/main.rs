//! The `tenon` command. Each subcommand is one file in [`commands`]; [`args`] says what may be typed.

#![allow(unreachable_pub, reason = "a binary has no outside; `pub` marks what other files use")]

mod args;
mod commands;
mod contract;
mod exit;
mod grid;
mod logging;
mod output;
mod progress;
mod summary;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { exit::USAGE.into() } else { exit::SUCCESS.into() };
        }
    };
    let output = output::Output::new(args.format, args.colour);
    match commands::dispatch(args, &output) {
        Ok(code) => code.into(),
        Err(reports) => {
            output.reports(&reports, &tenon_errors::Sources::new());
            exit::code_of(&reports).into()
        }
    }
}
