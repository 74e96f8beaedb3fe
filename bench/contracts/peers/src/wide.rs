//! A wide document: all of it by `serde_json`, and five fields of it by types that name no others.

use std::{error::Error, fs, path::Path};

use serde::Deserialize;
use serde_json::Value;

use crate::{best, lines};

#[derive(Deserialize)]
#[allow(dead_code, reason = "it is read, which is what is measured")]
struct Used {
    id: String,
    status: String,
    customer: Customer,
    total: f64,
    created_at: jiff::Timestamp,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "it is read, which is what is measured")]
struct Customer {
    email: String,
}

pub(crate) fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let input = fs::read(folder.join("wide.jsonl"))?;
    let documents: Vec<&[u8]> = lines(&input).collect();
    best("wide: all fields", &documents, |document| serde_json::from_slice::<Value>(document).map(drop))?;
    best("wide: five fields", &documents, |document| serde_json::from_slice::<Used>(document).map(drop))?;
    Ok(())
}
