//! One file per subcommand.

mod ban;
mod call;
mod check;
mod completions;
mod dead;
mod docs;
mod explain;
mod init;
mod key;
mod run;
mod schema;
mod signals;
mod state;
mod tables;
mod test;
mod token;
mod topics;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tenon_engine::{Loaded, Options};
use tenon_errors::{
    Report, Reports,
    catalogue::engine::{BAD_USAGE, IO_FAILED},
    counted,
};
use tenon_plan::{DataFiles, Plan};
use tokio::runtime::Runtime;

use crate::{
    args::{Args, Command, Format, Project},
    exit::Exit,
    output::Output,
};

/// Runs the subcommand.
pub fn dispatch(args: Args, output: &Output) -> Result<Exit, Reports> {
    if args.format == Format::Csv && !matches!(args.command, Command::Tables { table: Some(_), .. }) {
        let report = Report::new(&BAD_USAGE, "only the rows of a table are written as CSV");
        return Err(report
            .hint("write `--format json`, or name a table: `tenon tables TABLE --format csv`")
            .into());
    }
    match args.command {
        Command::Init { folder } => init::run(&folder, output),
        Command::Check(project) => check::run(project, output),
        Command::Run(run) => run::run(&run, output),
        Command::Test(test) => test::run(test, output),
        Command::Dead(dead) => dead::run(dead, output),
        Command::Topics { topic, from, limit, project } => {
            topics::run(topic.as_deref(), from, limit, project.into(), output)
        }
        Command::Tables { table: Some(table), conditions, limit, project } => {
            tables::rows(&table, &conditions, limit, project.into(), output)
        }
        Command::Tables { table: None, project, .. } => tables::run(project.into(), output),
        Command::Call(args) => call::run(args, output),
        Command::Contract(command) => Ok(crate::contract::run(command, output)),
        Command::Ban(ban) => ban::run(ban, output),
        Command::Token(args) => token::run(args, output),
        Command::Key(key) => key::run(key, output),
        Command::State(state) => state::run(state, output),
        Command::Explain { code, list } => explain::run(code.as_deref(), list, output),
        Command::Schema => schema::run(output),
        Command::Docs(docs) => docs::run(docs, output),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// The options for a project named on the command line.
fn options(project: Project) -> Options {
    let Project { folder, option } = project;
    let named = folder.or(option.project).map(folder_of);
    Options::new(named.unwrap_or_else(around), option.state, option.dev)
}

/// The folder that is meant by the path of its `tenon.yaml`.
fn folder_of(path: PathBuf) -> PathBuf {
    match path.parent() {
        Some(folder) if path.ends_with("tenon.yaml") && path.is_file() => {
            if folder.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                folder.to_owned()
            }
        }
        _ => path,
    }
}

/// The same for a command that serves nothing and moves nothing: the secrets of callers, whether the project's ports are
/// free, and what its flows would read, do not matter to it.
fn serving_nothing(project: Project) -> Options {
    Options { serves: false, data: DataFiles::Ignore, ..options(project) }
}

/// The project that a command was typed in: the current folder, or the nearest one around it that holds a project.
fn around() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let project = here.ancestors().find(|folder| folder.join("tenon.yaml").is_file());
    project.filter(|folder| *folder != here).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Reads and checks the project, writing its warnings; its problems are the error.
fn plan(options: &Options, output: &Output) -> Result<Arc<Plan>, Failed> {
    // What a check warns of is not said again by whatever else reads the project.
    let Loaded { plan, unset, sources, .. } = tenon_engine::load(options);
    if !output.is_json() && !unset.is_empty() {
        let (are, names) = (if unset.len() == 1 { "is" } else { "are" }, unset.join("`, `"));
        output.note(format!("note: `{names}` {are} not set here; `tenon run` needs every secret\n"));
    }
    plan.map_err(|reports| Failed { reports, sources: Box::new(sources) })
}

/// Problems of a project together with the texts that they point into.
struct Failed {
    reports: Reports,
    sources: Box<tenon_errors::Sources>,
}

impl Failed {
    /// Writes the problems and says how to go on.
    fn show(&self, output: &Output) -> Exit {
        output.reports(&self.reports, &self.sources);
        if !output.is_json() {
            let problems = counted(self.reports.len(), "problem");
            output.note(format!("{problems}; `tenon explain CODE` says more about each"));
        }
        crate::exit::code_of(&self.reports)
    }
}

/// A runtime for commands that wait for something.
fn runtime() -> Result<Runtime, Report> {
    Runtime::new().map_err(|error| Report::new(&IO_FAILED, format!("no threads can be started: {error}")))
}
