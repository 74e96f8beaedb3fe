//! Files of the project as a kind of system.

use std::{io, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use tenon_errors::{
    Report,
    catalogue::{
        data::{
            BAD_COMPRESSION, BAD_CSV, BAD_ENCODING, BAD_JSON, BAD_XML, NO_ITEMS, TOO_LARGE,
            WRONG_COLUMN_COUNT, WRONG_HEADER,
        },
        project::FILE_OUTSIDE_PROJECT,
        system::{FILE_AWAITED, FILE_CHANGED},
    },
};
use tenon_model::{Shape, Str};
use tenon_ports::{
    Checkpoint, Connector, ConnectorDescriptor, FileFormat, Files, Opened, OpenedSource, Role, Site, folder,
};

use super::DiskFile;
use crate::{
    blocking,
    rows::{self, AWAITED},
};

static DESCRIPTOR: ConnectorDescriptor = ConnectorDescriptor {
    scheme: "file",
    role: Role::Files,
    url: "FOLDER",
    summary: "Files in a folder of the project.",
    page: "\
A file is read up to the size that it had when it was opened, and is then drained. It is recognised by its name and its first
bytes: one that has grown goes on where it was left, another one under the same name is read from its start, unless that would
count again (`F0020`). If it begins as it did but anything else that was read has changed, as in an export that was made again
or where a row was corrected, the flow stops with `Y0301` before it reads a row: give each export a name of its own, or use
`--restart-source`, or `--rebuild` where the
flow aggregates.

A file that is not there yet, or that is empty or blank, is waited for (`Y0302`): only its flow waits. Since
a file is read when it appears, a large one is best written under another name and renamed.

A last row without a line break is read as it is. If it goes on when the file is opened again, it is read again as a whole,
so that nothing of it is lost; what the first part did stays done, and where it was counted the flow stops with `F0020`. Rows
may have 1 MiB, or what `row` says. Of a larger one the first 64 KiB are kept in its dead letter, which cannot be replayed.

A file that is compressed, in another encoding than UTF-8, or one document in JSON or XML is read from its start when reading goes on, without
decoding what was read before. Its positions, and the bytes of its dead letters, are those of its text in UTF-8. What becomes more
than 500 times as large as the file is refused; windows of Zstandard may have 100 MiB.

The rows of an XML document are kept as dead letters with the namespaces that are declared around them, so that each can be read alone. Outside
of rows, tags have to match, and a tag around rows may have 64 KiB. A `DOCTYPE` is refused wherever it stands.

An Avro file is read block by block, each of at most 32 MiB. Its rows are counted, and their dead letters have the schema that the file was
written with. A damaged block is one dead letter, after which reading goes on at the next mark of the file; the flow stops where there is none.",
    guarantees: &[
        "Rows are read in order, each at least once; after a restart reading goes on where it left off.",
        "What cannot be read as a row is a dead letter with its bytes; reading goes on after it.",
    ],
    codes: &[&BAD_JSON, &BAD_XML, &NO_ITEMS, &BAD_CSV, &WRONG_COLUMN_COUNT, &WRONG_HEADER, &TOO_LARGE, &BAD_ENCODING, &BAD_COMPRESSION, &FILE_CHANGED, &FILE_AWAITED],
    metrics: &[],
    example: "exports: { files: { folder: exports } }",
};

/// Files in a folder of the project. A location is that folder; the empty one is the project itself.
pub struct FileConnector;

#[async_trait]
impl Connector for FileConnector {
    fn descriptor(&self) -> &'static ConnectorDescriptor {
        &DESCRIPTOR
    }

    fn location(&self, url: &str) -> Result<Str, Report> {
        let folder = folder::normal(url)?;
        let folder = folder.trim_end_matches('/');
        let folder = folder.strip_prefix("./").unwrap_or(folder);
        Ok(Str::from(if folder == "." { "" } else { folder }))
    }

    fn preview(&self, head: &[u8], name: &str, format: &FileFormat) -> Result<Vec<u8>, Report> {
        rows::preview(head, name, format)
    }

    async fn open(&self, location: &str, site: &Site) -> Result<Opened, Report> {
        let (project, folder) = (site.project.clone(), Str::from(location));
        Ok(Opened::Files(Arc::new(ProjectFiles { project, folder })))
    }

    async fn observe(&self, location: &str, site: &Site) -> Result<Opened, Report> {
        self.open(location, site).await
    }
}

struct ProjectFiles {
    project: PathBuf,
    folder: Str,
}

impl ProjectFiles {
    async fn file(&self, path: &str) -> Result<DiskFile, Report> {
        // Reports and origins name files relative to the project, as users see them.
        let name = folder::join(&self.folder, path);
        let path = self.found(&name)?;
        blocking::run(move || DiskFile::open(&path, &name)).await?
    }

    /// Where the file `name` is, which may have come after the project was checked.
    fn found(&self, name: &str) -> Result<PathBuf, Report> {
        let project = self.project.canonicalize().map_err(|error| awaited(name, &error))?;
        let path = project.join(name).canonicalize().map_err(|error| awaited(name, &error))?;
        if !path.starts_with(&project) {
            return Err(Report::new(
                &FILE_OUTSIDE_PROJECT,
                format!("`{name}` is outside the project folder"),
            )
            .hint("move the file into the project folder"));
        }
        // Opening a pipe would wait for its writer.
        match path.metadata() {
            Ok(found) if !found.is_file() => Err(awaited(name, &io::ErrorKind::IsADirectory.into())),
            _ => Ok(path),
        }
    }
}

fn awaited(name: &str, error: &io::Error) -> Report {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("`{name}` does not exist in the project folder"),
        io::ErrorKind::IsADirectory => format!("`{name}` is not a file"),
        _ => format!("`{name}` cannot be read: {error}"),
    };
    Report::new(&FILE_AWAITED, message).hint("put the file there, or correct the path").retry_after(AWAITED)
}

#[async_trait]
impl Files for ProjectFiles {
    async fn open(
        &self,
        path: &str,
        format: &FileFormat,
        shape: &Shape,
        checkpoint: Option<Checkpoint>,
    ) -> Result<OpenedSource, Report> {
        rows::open(Box::new(self.file(path).await?), format, shape, checkpoint).await
    }

    async fn fingerprint(
        &self,
        path: &str,
        format: &FileFormat,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Str, Report> {
        rows::fingerprint(Box::new(self.file(path).await?), format, checkpoint).await
    }
}
