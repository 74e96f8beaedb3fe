//! Files in the project folder, and the project folder on disk.

mod connector;
mod disk_file;
mod folder;

pub use self::{connector::FileConnector, disk_file::DiskFile, folder::DiskFolder};
