//! The files that a contract refers to.

use tenon_errors::Report;

use super::Text;

/// Reads files of the project.
pub trait Files {
    /// The text of the file at `path`, which is from the top of the project.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, path: &str) -> Result<Text, Report>;

    /// The copy that the project keeps of the document with this absolute address (`https://…`). Nothing is ever fetched.
    fn kept(&self, address: &str) -> Option<Text> {
        let _ = address;
        None
    }
}

/// No files at all: for texts that refer to nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Text, Report> {
        let message = format!("there is no file `{path}` here");
        Err(Report::new(&tenon_errors::catalogue::contract::BAD_CONTRACT_FILE, message))
    }
}

/// Files in memory by their paths, for tests.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct InMemory<'f>(pub(crate) &'f [(&'f str, &'f str)]);

#[cfg(test)]
impl Files for InMemory<'_> {
    fn read(&self, path: &str) -> Result<Text, Report> {
        match self.0.iter().find(|(known, _)| *known == path) {
            Some((_, text)) => Ok((*text).into()),
            None => NoFiles.read(path),
        }
    }
}

/// The path of the file that `reference` means in the file `from`; `None` if it leaves the project, is absolute, or is an address
/// of the network.
#[must_use]
pub fn join(from: &str, reference: &str) -> Option<String> {
    if reference.starts_with('/') || reference.contains(['\\', ':']) {
        return None;
    }
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop()?;
            }
            name => path.push(name),
        }
    }
    (!path.is_empty()).then(|| path.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stay_in_the_project() {
        let cases = [
            ("contracts/order/1.json", "2.json", Some("contracts/order/2.json")),
            ("contracts/order/1.json", "../money/1.json", Some("contracts/money/1.json")),
            ("contracts/order/1.json", "./a/./b.json", Some("contracts/order/a/b.json")),
            ("contracts/order/1.json", "../../../etc/passwd", None),
            ("contracts/order/1.json", "/etc/passwd", None),
            ("contracts/order/1.json", "https://example.com/a.json", None),
            ("contracts/order/1.json", "../..", None),
        ];
        for (from, reference, expected) in cases {
            assert_eq!(join(from, reference).as_deref(), expected, "{from} {reference}");
        }
    }
}
