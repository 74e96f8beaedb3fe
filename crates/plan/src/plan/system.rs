//! The systems that a project connects to.

use std::fmt;

use tenon_model::{Name, Str};
use tenon_ports::{Connector, Role};

/// One system.
#[derive(Clone)]
pub struct System {
    /// Its name.
    pub name: Name,
    /// What opens it.
    pub connector: &'static dyn Connector,
    /// Where it is, as the connector understands it.
    pub location: Str,
}

impl System {
    /// What it is used for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.connector.descriptor().role
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A location may hold credentials.
        f.debug_struct("System")
            .field("name", &self.name)
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}
