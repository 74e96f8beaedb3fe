//! How a project is run: everything that is not in the project itself.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, sync::Arc};

use tenon_connectors::clock::SystemClock;
use tenon_monitoring::Metrics;
use tenon_plan::{DataFiles, Remote};
use tenon_ports::{Clock, Site};

use crate::secrets::ProjectSecrets;

/// Where a project is, where it keeps its state, and what it sees of the machine.
#[derive(Clone)]
pub struct Options {
    /// The project folder.
    pub project: PathBuf,
    /// The folder for everything that a run writes.
    pub state: PathBuf,
    /// Listen here instead of where the project says.
    pub listen: Option<SocketAddr>,
    /// Serve what is internal here instead of where the project says, if it says so.
    pub internal: Option<SocketAddr>,
    /// The flows whose sources are read from their start again.
    pub restart_sources: Vec<String>,
    /// The flows whose tables are made anew.
    pub rebuild: Vec<String>,
    /// The flows that take what they find under a known name for new.
    pub as_new: Vec<String>,
    /// Whether the APIs are served: only then do secrets, certificates and a free port matter.
    pub serves: bool,
    /// Whether the project is looked at and not run: what may be otherwise when it is run, is a warning.
    pub only_looks: bool,
    /// How the files that flows read are looked at before a start.
    pub data: DataFiles,
    /// Make missing secrets and certificates.
    pub development: bool,
    /// Serve without TLS whatever the project says: for tests on loopback.
    pub plain: bool,
    /// The environment variables.
    pub environment: HashMap<String, String>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The project's secrets.
    pub secrets: Arc<ProjectSecrets>,
    /// What stands for the systems that are called; these themselves without it.
    pub remotes: Option<Arc<dyn Remotes>>,
}

/// Stands for the systems that a project calls: in tests, none of them is reached.
pub trait Remotes: Send + Sync {
    /// What stands for this system.
    fn remote(&self, planned: &Remote) -> Arc<dyn tenon_ports::Remote>;
}

impl Options {
    /// The project in `project` as the process sees it, with its state in `.tenon` unless `state` says otherwise.
    #[must_use]
    pub fn new(project: PathBuf, state: Option<PathBuf>, development: bool) -> Self {
        let environment: HashMap<String, String> = std::env::vars().collect();
        let state = state.unwrap_or_else(|| project.join(".tenon"));
        let secrets = Arc::new(ProjectSecrets::new(environment.clone(), &project, &state, development));
        Self {
            project,
            state,
            listen: None,
            internal: None,
            restart_sources: Vec::new(),
            rebuild: Vec::new(),
            as_new: Vec::new(),
            serves: true,
            only_looks: false,
            data: DataFiles::Prove,
            development,
            plain: false,
            environment,
            clock: Arc::new(SystemClock),
            secrets,
            remotes: None,
        }
    }

    /// What connectors are given of this run.
    #[must_use]
    pub fn site(&self, metrics: Metrics) -> Site {
        let (project, state) = (self.project.clone(), self.state.clone());
        Site { project, state, parts: Arc::default(), clock: Arc::clone(&self.clock), metrics }
    }
}
