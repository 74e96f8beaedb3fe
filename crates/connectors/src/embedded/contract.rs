//! Which contract the messages of a topic follow: a file in its folder, so that it goes where they go.
//!
//! It is JSON with the members `contract`, `text`, and `check`, the CRC-32C of both, which an earlier Tenon did not write.

use std::{io, path::Path};

use serde_json::{Value, json};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Followed, Holder};

use super::{
    disk::{Disk, read_chunk, refused},
    log::damaged,
};

pub(crate) const FILE: &str = "contract.json";
/// The most bytes that are read; a contract file of a project has far fewer.
const MAX_SIZE: usize = 64 << 20;

/// What the messages of the topic `name` in `folder` follow; `None` for a topic that an earlier Tenon wrote.
///
/// # Errors
/// `Y0201` if the file is not what was written, `Y0203` if the disk refuses.
pub(crate) fn read(disk: &dyn Disk, folder: &Path, name: &str) -> Result<Option<Followed>, Report> {
    let path = folder.join(FILE);
    let bytes = match disk.open_to_read(&path).and_then(|file| read_chunk(file.as_ref(), 0, MAX_SIZE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused("read", &path, &error)),
    };
    let parsed: Option<Value> = serde_json::from_slice(&bytes).ok();
    let member = |key: &str| parsed.as_ref()?.get(key);
    let text = |key: &str| Some(member(key)?.as_str()?.to_owned());
    let holds = |contract: &str, text: &str| member("check").is_none_or(|it| *it == check(contract, text));
    match (text("contract"), text("text")) {
        (Some(contract), Some(text)) if holds(&contract, &text) => Ok(Some(Followed {
            holder: Holder::Topic,
            name: Str::new(name),
            contract: contract.into(),
            text,
        })),
        _ => Err(damaged(&path, "this is not what was written of the contract that the messages follow").hint(
            "the next start writes it again if `tenon.db` remembers it; if that is refused, restore the state folder from a copy with `tenon state restore`",
        )),
    }
}

fn check(contract: &str, text: &str) -> Value {
    crc32c::crc32c_append(crc32c::crc32c(contract.as_bytes()), text.as_bytes()).into()
}

/// Writes what the messages of the topic in `folder` follow from now on, durably, unless the file says it already.
///
/// # Errors
/// `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn write(disk: &dyn Disk, folder: &Path, followed: &Followed) -> Result<(), Report> {
    if read(disk, folder, &followed.name).is_ok_and(|found| found.as_ref() == Some(followed)) {
        return Ok(());
    }
    let path = folder.join(FILE);
    let (contract, text) = (followed.contract.as_str(), &followed.text);
    let text = json!({ "contract": contract, "text": text, "check": check(contract, text) }).to_string();
    let beside = path.with_extension("new");
    let written = disk.create(&beside).and_then(|file| {
        file.write_at(text.as_bytes(), 0)?;
        file.sync()?;
        disk.rename(&beside, &path)?;
        disk.sync_folder(folder)
    });
    written.map_err(|error| refused("write", &path, &error))
}
