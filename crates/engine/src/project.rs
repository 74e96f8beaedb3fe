//! From a folder to a checked plan.

use std::sync::Arc;

use tenon_connectors::file::DiskFolder;
use tenon_errors::{
    Report, Reports, Sources,
    catalogue::{
        engine::IO_FAILED,
        project::{BAD_ADDRESS, PORT_IN_USE},
    },
};
use tenon_model::Str;
use tenon_plan::{Facts, Plan};
use tenon_ports::Secrets;

use crate::{Options, preflight};

/// What came of reading and checking a project.
pub struct Loaded {
    /// The plan, or every problem.
    pub plan: Result<Arc<Plan>, Reports>,
    /// What is legal but most likely a mistake.
    pub warnings: Vec<Report>,
    /// The secrets that are not set here. Only who looks at a project gets a plan without them.
    pub unset: Vec<Str>,
    /// The secrets that the project refers to, in order.
    pub secrets: Vec<Str>,
    /// The text of every file that was read, for rendering.
    pub sources: Sources,
}

/// Reads and checks the project, including what only the machine can tell: files, secrets, existing tables.
#[must_use]
pub fn load(options: &Options) -> Loaded {
    let folder = match DiskFolder::open(&options.project) {
        Ok(folder) => folder,
        Err(report) => return Loaded::refused(report),
    };
    if options.development
        && let Err(error) = std::fs::create_dir_all(options.state.join("secrets"))
    {
        let report =
            Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", options.state.display()));
        let report = report.hint("name a folder that can be written with `--state`");
        return Loaded::refused(report);
    }
    let is_set = |name: &str| !options.serves || options.secrets.get(name).is_some();
    let secret = |name: &str| options.only_looks || is_set(name);
    let variable = |name: &str| options.environment.get(name).cloned();
    let outcome = tenon_plan::compile(
        &folder,
        &variable,
        &Facts { data: options.data, connectors: tenon_connectors::ALL, secrets: &secret },
    );
    let secrets = outcome.secrets;
    let unset = secrets.iter().filter(|name| options.only_looks && !is_set(name)).cloned().collect();
    let mut warnings = outcome.warnings;
    let plan = outcome.plan.and_then(|plan| {
        let mut plan = plan;
        if let Some(listen) = options.listen {
            plan.server.listen = listen;
            plan.server.listen_is_given = true;
        }
        if plan.server.internal.is_some() && options.internal.is_some() {
            plan.server.internal = options.internal;
        }
        if options.plain {
            plan.server.tls = None;
        }
        let passing = |report: &Report| options.only_looks && report.code() == &PORT_IN_USE;
        let (passing, mut problems): (Vec<_>, Vec<_>) =
            preflight::check(&plan, options, &outcome.sources, &mut warnings).into_iter().partition(passing);
        warnings.extend(passing);
        problems.extend(listens_once(&plan).err());
        let problems: Reports = problems.into_iter().collect();
        problems.finish(Arc::new(plan))
    });
    Loaded { plan, warnings, unset, secrets, sources: outcome.sources }
}

impl Loaded {
    fn refused(report: Report) -> Self {
        Self {
            plan: Err(report.into()),
            warnings: Vec::new(),
            unset: Vec::new(),
            secrets: Vec::new(),
            sources: Sources::new(),
        }
    }
}

/// Where the project says so itself, `check` has refused it with its place; here it is told to listen elsewhere.
fn listens_once(plan: &Plan) -> Result<(), Report> {
    if !plan.server.listens_twice() {
        return Ok(());
    }
    let message = format!("`--listen` and `server.internal` are both `{}`", plan.server.listen);
    Err(Report::new(&BAD_ADDRESS, message).hint("choose another port"))
}
