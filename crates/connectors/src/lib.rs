//! Implementations of the ports: one folder per system.
//!
//! Nothing here knows a project, a flow or an API; what it needs is passed in. A connector is one folder and one line in
//! [`ALL`]. Start reading at the port of the thing you look for (`tenon_ports`), then at the folder of the system.

pub mod backup;
mod blocking;
pub mod clock;
pub mod embedded;
pub mod file;
pub mod http;
pub mod lock;
mod mark;
pub mod memory;
pub mod parts;
pub mod private;
pub mod rows;
pub mod sqlite;
pub mod state;

use tenon_ports::Connector;

/// Every connector, in the order of the reference.
pub static ALL: &[&dyn Connector] =
    &[&file::FileConnector, &sqlite::SqliteConnector, &embedded::EmbeddedConnector];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tenon_monitoring::metrics;

    use super::ALL;

    #[test]
    fn every_connector_is_described() {
        let mut schemes = HashSet::new();
        for connector in ALL {
            let it = connector.descriptor();
            assert!(schemes.insert(it.scheme), "{} twice", it.scheme);
            for text in [it.summary, it.page].into_iter().chain(it.guarantees.iter().copied()) {
                assert!(text.ends_with('.'), "{}: {text}", it.scheme);
            }
            assert!(!it.guarantees.is_empty() && it.example.contains(it.role.word()), "{}", it.scheme);
            for family in it.metrics {
                assert!(metrics::ALL.iter().any(|known| known.name == family.name), "{}", family.name);
            }
        }
    }
}
