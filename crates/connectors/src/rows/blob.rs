//! What a place that holds files gives of one.

use std::{
    io::{self, Read},
    time::Duration,
};

use tenon_errors::{
    Report,
    catalogue::{
        engine::IO_FAILED,
        system::{FILE_AWAITED, FILE_CHANGED},
    },
};
use tenon_model::Str;

use super::{growth::Look, layers::Refused};

/// How often a file that is not there, or has no header yet, is looked for.
pub(crate) const AWAITED: Duration = Duration::from_secs(2);

/// The bytes of a file as they were when it was opened. Reading blocks.
pub trait Blob: Send + 'static {
    /// How reports and origins call it: the path as users see it.
    fn name(&self) -> &Str;

    /// How many bytes it has.
    fn size(&self) -> u64;

    /// The bytes from `offset` on, at least up to the size.
    ///
    /// # Errors
    /// What the place refuses.
    fn read_at(&mut self, offset: u64) -> io::Result<Box<dyn Read + Send>>;

    /// How it is seen whether more is written to it, where that can be seen: what was read before goes on then.
    ///
    /// # Errors
    /// What the place refuses.
    fn growth(&self) -> io::Result<Option<Look>> {
        Ok(None)
    }
}

/// The report for a file that is not given: `Y0302` if it is absent or not permitted, `Y0301` if it became shorter, what a
/// layer has said of it, else `E0003`, which is transient.
pub(crate) fn refused(name: &str, error: &io::Error) -> Report {
    if let Some(Refused(report)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return report.clone();
    }
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
            Report::new(&FILE_AWAITED, format!("cannot read `{name}`: {error}"))
                .hint("correct the path, or the permissions of the file")
        }
        io::ErrorKind::UnexpectedEof => {
            Report::new(&FILE_CHANGED, format!("`{name}` became shorter while it was read"))
                .hint("give a file that changes a new name each time, or only append to it")
        }
        _ => Report::new(&IO_FAILED, format!("cannot read `{name}`: {error}"))
            .hint("look at the disk; the operating system's message is included"),
    }
}
