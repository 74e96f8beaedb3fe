//! Where a row ends.

use memchr::{memchr, memchr2, memchr3};

use super::{Dialect, Fault, Form, Stop, Walk};

/// Where a row ends.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// After so many bytes, line break included.
    Row(usize, Form),
    /// It is no row, as its first bytes show.
    Bad {
        /// So many of them.
        seen: usize,
        /// What is wrong.
        fault: Fault,
    },
    /// Further than can be seen.
    Unknown,
}

/// The end of the row at the start of `bytes`. `is_whole` says that nothing comes after them; `within_line` that the
/// row must end with its line.
#[must_use]
pub fn end_of_row(bytes: &[u8], dialect: Dialect, is_whole: bool, within_line: bool) -> End {
    let found = match (dialect.quote, dialect.escape) {
        (None, None) => memchr(b'\n', bytes),
        (Some(other), None) | (None, Some(other)) => memchr2(b'\n', other, bytes),
        (Some(quote), Some(escape)) => memchr3(b'\n', quote, escape, bytes),
    };
    match found {
        Some(at) if bytes[at] == b'\n' => End::Row(at + 1, Form::Plain),
        None if is_whole => End::Row(bytes.len(), Form::Plain),
        None => End::Unknown,
        Some(_) => {
            let mut walk = Walk::new(dialect, within_line);
            match (walk.over(bytes), walk.fault_at_end()) {
                (Some(Stop::Row(length)), _) => End::Row(length, Form::Quoted),
                (Some(Stop::Bad(seen, fault)), _) => End::Bad { seen, fault },
                (None, _) if !is_whole => End::Unknown,
                (None, Some(fault)) => End::Bad { seen: bytes.len(), fault },
                (None, None) => End::Row(bytes.len(), Form::Quoted),
            }
        }
    }
}
