//! A wide document of which a few fields are used.

use std::{error::Error, fs, path::Path};

use tenon_contracts::json::Decoder;

use crate::{case, lines, time::best};

/// What a reader of a wide document uses.
const USED: &[&str] = &["id", "status", "customer.email", "total", "created_at"];

/// Measures reading all of a document and reading what is used.
///
/// # Errors
/// What is wrong with the files.
pub(crate) fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let shape = case::schema(&fs::read_to_string(folder.join("wide.json"))?)?;
    let input = fs::read(folder.join("wide.jsonl"))?;
    let documents: Vec<&[u8]> = lines(&input).collect();
    let whole = Decoder::new(&shape)?;
    let paths: Vec<Vec<_>> = USED.iter().map(|path| path.split('.').map(Into::into).collect()).collect();
    let part = Decoder::of_judged_part(&shape, &paths)?;
    for document in &documents {
        let (all, some) = (whole.decode(document)?, part.decode(document)?);
        for path in &paths {
            assert!(all.at(path).is_some() && all.at(path) == some.at(path), "{path:?} is read otherwise");
        }
    }
    best("wide: five fields", &documents, |document| part.decode(document).map(drop))?;
    best("wide: all fields", &documents, |document| whole.decode(document).map(drop))?;
    Ok(())
}
