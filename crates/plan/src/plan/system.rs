//! The systems that a project connects to.

use tenon_model::{Name, Str};

/// One system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its name.
    pub name: Name,
    /// What it is and where.
    pub kind: SystemKind,
}

/// What a system is and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemKind {
    /// Files in a folder of the project.
    Files {
        /// The folder, relative to the project; empty for the project folder itself.
        folder: Str,
    },
    /// An embedded SQLite database.
    Sqlite {
        /// The file, relative to the state folder.
        path: Str,
    },
    /// The broker that is built in, in the state folder.
    EmbeddedBroker,
}

impl System {
    /// The word that the project uses for this kind.
    #[must_use]
    pub fn kind_word(&self) -> &'static str {
        match self.kind {
            SystemKind::Files { .. } => "files",
            SystemKind::Sqlite { .. } => "sql",
            SystemKind::EmbeddedBroker => "broker",
        }
    }
}
