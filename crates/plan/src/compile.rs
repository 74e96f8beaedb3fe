//! Compiling a project: from a folder to a plan, or all the reports.

use tenon_errors::{Report, Reports, Sources, catalogue::engine::INTERNAL};
use tenon_model::Str;
use tenon_ports::{Connector, Folder};

use crate::{
    Plan,
    check::{self, Context},
    parse::Project,
};

/// How files that flows read are looked at. They come and go while a project stays what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataFiles {
    /// One that does not fit its contract is a problem.
    #[default]
    Prove,
    /// It is a warning: the flow that reads it will fail, and no other.
    Warn,
    /// They are not looked at.
    Ignore,
}

/// What a check wants to know of the world and a pure crate cannot find out.
pub struct Facts<'a> {
    /// How files that flows read are looked at.
    pub data: DataFiles,
    /// The kinds of systems that can be reached.
    pub connectors: &'a [&'static dyn Connector],
    /// Whether the secret of this name is provided.
    pub secrets: &'a dyn Fn(&str) -> bool,
}

/// What came of compiling a project.
#[derive(Debug)]
pub struct Outcome {
    /// The plan, or every problem, by file and position.
    pub plan: Result<Plan, Reports>,
    /// The text of every file that was read, for rendering reports.
    pub sources: Sources,
    /// What is legal but most likely a mistake, by file and position.
    pub warnings: Vec<Report>,
    /// The names of the secrets that the project refers to, in order.
    pub secrets: Vec<Str>,
}

/// Compiles the project in `folder`. `environment` gives the variables that settings may refer to.
///
/// Every problem of the project is in the outcome, not just the first; a plan that is there can be run as it is.
#[must_use]
pub fn compile(
    folder: &dyn Folder,
    environment: &dyn Fn(&str) -> Option<String>,
    facts: &Facts<'_>,
) -> Outcome {
    let mut context = Context::new(folder, environment, facts);
    let project = Project::read(&mut context);
    // What an unreadable file would have defined is not known, so names are looked up only when all files were read.
    let plan = if context.has_unread() { None } else { check::check(&project, &mut context) };
    let Context { problems, warnings, sources, secrets, .. } = context;
    let plan = match plan {
        Some(plan) => Ok(plan),
        None if problems.is_empty() => {
            // Whatever keeps a plan from being made is reported where it is found; this line says that something was not.
            Err(Report::new(&INTERNAL, "the project could not be compiled, and no check said why").into())
        }
        None => Err(problems.sorted()),
    };
    let warnings = Reports::from_iter(warnings).sorted().into_iter().collect();
    Outcome { plan, sources, warnings, secrets: secrets.into_iter().collect() }
}
