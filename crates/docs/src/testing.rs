//! Plans for the tests of this crate.

use std::path::Path;

use tenon_connectors::file::DiskFolder;
use tenon_plan::{DataFiles, Facts, Plan, compile};
use tenon_ports::{Folder, folder::MemoryFolder};

/// The plan of the example of flights.
pub(crate) fn flights() -> Plan {
    plan(&DiskFolder::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights")).unwrap())
}

/// The plan of a project of these files.
pub(crate) fn project(files: &[(&str, &str)]) -> Plan {
    plan(&MemoryFolder::new(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))))
}

fn plan(folder: &dyn Folder) -> Plan {
    let facts = Facts { data: DataFiles::Ignore, connectors: tenon_connectors::ALL, secrets: &|_| true };
    compile(folder, &|_| None, &facts).plan.unwrap_or_else(|reports| panic!("{reports:?}"))
}
