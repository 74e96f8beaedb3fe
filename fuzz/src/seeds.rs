//! What the targets begin with: the files of the examples, and what is written by hand beside each target.

use std::{fs, path::Path};

/// Texts as bytes.
pub(crate) fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The files with this ending under a folder of the repository, of up to 8 KiB each, in the order of their paths.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), ending, &mut found);
    found.sort();
    found.into_iter().map(|(_, bytes)| bytes).collect()
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.extension().is_some_and(|it| it == ending)
            && let Ok(mut bytes) = fs::read(&path)
        {
            bytes.truncate(8 << 10);
            found.push((path.to_string_lossy().into_owned(), bytes));
        }
    }
}
