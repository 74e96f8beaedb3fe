//! Implementations of the ports: one folder per system.
//!
//! Nothing here knows a project, a flow or an API; what it needs is passed in. Start reading at the port of the thing
//! you look for (`tenon_ports`), then at the folder of the system.

mod blocking;
pub mod clock;
pub mod embedded;
pub mod file;
pub mod memory;
pub mod sqlite;
pub mod state;
