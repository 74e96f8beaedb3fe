//! Which contract the messages of a topic follow: a file in its folder, so that it goes where they go.
//!
//! It is JSON with the members `contract`, `text`, and `check`, the CRC-32C of both, which an earlier Tenon did not write. It is
//! kept once more apart from the topic, in the folder of the [`marks`](crate::mark), and stands in from there where it is missing
//! or damaged.

use std::{
    io,
    path::{Path, PathBuf},
};

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

/// What the apart note of the topic `part` is called among the marks. No part is: names of topics have no dot.
const NOTE: &str = ".contract";

/// Where it is written which contract the messages of a topic follow.
#[derive(Debug, Clone)]
pub(crate) struct Notes {
    own: PathBuf,
    /// Apart from the topic; nothing outside of a state folder.
    apart: Option<PathBuf>,
}

impl Notes {
    /// Those of the topic in `folder`, which is `part` of the folder whose marks are in `marks`.
    pub(crate) fn of(folder: &Path, part: &str, marks: Option<&Path>) -> Self {
        let apart = marks.map(|marks| marks.join(format!("{part}{NOTE}")));
        Self { own: folder.join(FILE), apart }
    }

    /// What the messages of the topic `name` follow; `None` for a topic that an earlier Tenon wrote.
    ///
    /// # Errors
    /// `Y0201` if it is not what was written and nothing stands in, `Y0203` if the disk refuses.
    pub(crate) fn read(&self, disk: &dyn Disk, name: &str) -> Result<Option<Followed>, Report> {
        let own = read(disk, &self.own, name);
        match (&own, &self.apart) {
            (Ok(Some(_)), _) | (_, None) => own,
            (_, Some(apart)) => match read(disk, apart, name) {
                Ok(Some(apart)) => Ok(Some(apart)),
                other => own.and(other),
            },
        }
    }

    /// That what is with the messages is there and sound.
    ///
    /// # Errors
    /// `Y0201` if it is not, `Y0203` if the disk refuses.
    pub(crate) fn check(&self, disk: &dyn Disk, name: &str) -> Result<(), Report> {
        if read(disk, &self.own, name)?.is_some() {
            return Ok(());
        }
        match self.apart.as_deref().map(|apart| read(disk, apart, name)) {
            None | Some(Ok(None)) => Ok(()),
            Some(Ok(Some(_))) => {
                Err(damaged(&self.own, "it is missing, and says which contract the messages follow")
                    .hint("the next start writes it again: it is kept in the folder `marks` as well"))
            }
            Some(Err(report)) => Err(report),
        }
    }

    /// Writes what the messages follow from now on, durably, unless it is there already.
    ///
    /// # Errors
    /// `Y0202` or `Y0203` if the disk refuses.
    pub(crate) fn write(&self, disk: &dyn Disk, followed: &Followed) -> Result<(), Report> {
        let stands =
            |path: &Path| matches!(read(disk, path, &followed.name), Ok(Some(it)) if it == *followed);
        if let Err(report) = self.check(disk, &followed.name) {
            tracing::warn!(topic = %followed.name, %report, "writing again which contract the messages of a topic follow");
        }
        if let Some(apart) = self.apart.as_deref().filter(|apart| !stands(apart)) {
            let folder = apart.parent().map_or(Ok(()), |folder| disk.create_folder(folder));
            folder.map_err(|error| refused("write", apart, &error))?;
            write(disk, apart, followed)?;
        }
        if stands(&self.own) { Ok(()) } else { write(disk, &self.own, followed) }
    }

    /// The file to copy where the topic `name` is copied: a sound one, or else one that is there.
    pub(crate) fn found(&self, disk: &dyn Disk, name: &str) -> Option<&Path> {
        let files = || [Some(self.own.as_path()), self.apart.as_deref()].into_iter().flatten();
        let sound = files().find(|path| matches!(read(disk, path, name), Ok(Some(_))));
        sound.or_else(|| files().find(|path| path.exists()))
    }

    /// Where the note is that is kept apart.
    pub(crate) fn apart(&self) -> Option<&Path> {
        self.apart.as_deref()
    }
}

/// Whether a file among the marks is such a note.
pub(crate) fn is_note(name: &str) -> bool {
    name.starts_with("topics/") && name.ends_with(NOTE)
}

/// What the file at `path` says; `None` where there is none.
///
/// # Errors
/// `Y0201` if the file is not what was written, `Y0203` if the disk refuses.
fn read(disk: &dyn Disk, path: &Path, name: &str) -> Result<Option<Followed>, Report> {
    let bytes = match disk.open_to_read(path).and_then(|file| read_chunk(file.as_ref(), 0, MAX_SIZE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused("read", path, &error)),
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
        _ => Err(damaged(path, "this is not what was written of the contract that the messages follow").hint(
            "the next start writes it again if `tenon.db` remembers it; if that is refused, restore the state folder from a copy with `tenon state restore`",
        )),
    }
}

fn check(contract: &str, text: &str) -> Value {
    crc32c::crc32c_append(crc32c::crc32c(contract.as_bytes()), text.as_bytes()).into()
}

fn write(disk: &dyn Disk, path: &Path, followed: &Followed) -> Result<(), Report> {
    let (contract, text) = (followed.contract.as_str(), &followed.text);
    let text = json!({ "contract": contract, "text": text, "check": check(contract, text) }).to_string();
    // Among the marks it is a note as well, so that it is taken for no part if a crash leaves it there.
    let beside = path.with_file_name(format!("new.{}", path.file_name().unwrap_or_default().display()));
    let written = disk.create(&beside).and_then(|file| {
        file.write_at(text.as_bytes(), 0)?;
        file.sync()?;
        disk.rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| disk.sync_folder(folder))
    });
    written.map_err(|error| refused("write", path, &error))
}
