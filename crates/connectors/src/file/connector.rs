//! Files of the project as a kind of system.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use tenon_errors::{
    Report,
    catalogue::{
        data::{BAD_CSV, BAD_ENCODING, TOO_LARGE, WRONG_COLUMN_COUNT, WRONG_HEADER},
        system::FILE_CHANGED,
    },
};
use tenon_model::{Shape, Str};
use tenon_ports::{
    Checkpoint, Connector, ConnectorDescriptor, FileFormat, Files, Opened, OpenedSource, Role, RowFormat,
    Site, folder,
};

use super::{CsvSource, JsonLinesSource};

static DESCRIPTOR: ConnectorDescriptor = ConnectorDescriptor {
    scheme: "file",
    role: Role::Files,
    url: "FOLDER",
    summary: "Files in a folder of the project.",
    page: "\
A file is read up to the size that it had when it was opened, and is then drained. It is recognised by its name and its first
bytes: one that has grown goes on where it was left, another one under the same name is read from its start, unless that would
count again (`F0020`). If it begins as it did but what was read last has changed, as in an export that was made anew, the flow
stops with `Y0301` before it reads a row: give each export a name of its own, or say `--restart-source`, or `--rebuild` where the
flow aggregates.

A last row without a line break is read as it is. If it goes on when the file is opened again, it is read again as a whole,
so that nothing of it is lost; what the first part did stays done, and where it was counted the flow stops with `F0020`. Rows
may have 1 MiB, or what `row` says. Of a larger one the first 64 KiB are kept in its dead letter, which cannot be replayed.",
    guarantees: &[
        "Rows are read in order, each at least once; after a restart reading goes on where it left off.",
        "What cannot be read as a row is a dead letter with its bytes; reading goes on after it.",
    ],
    codes: &[&BAD_CSV, &WRONG_COLUMN_COUNT, &WRONG_HEADER, &TOO_LARGE, &BAD_ENCODING, &FILE_CHANGED],
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
        if let Some(report) = folder::outside(url) {
            return Err(report);
        }
        let folder = url.trim_end_matches('/');
        let folder = folder.strip_prefix("./").unwrap_or(folder);
        Ok(Str::from(if folder == "." { "" } else { folder }))
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

#[async_trait]
impl Files for ProjectFiles {
    async fn open(
        &self,
        path: &str,
        format: &FileFormat,
        shape: &Shape,
        checkpoint: Option<Checkpoint>,
    ) -> Result<OpenedSource, Report> {
        // Reports and origins name files relative to the project, as users see them.
        let name = folder::join(&self.folder, path);
        let path = self.project.join(&name);
        match &format.rows {
            RowFormat::Csv(csv) => {
                let source = CsvSource::open(&path, &name, shape, csv, format.max_row, checkpoint).await?;
                let (fingerprint, context) = (source.fingerprint(), source.header());
                Ok(OpenedSource { source: Box::new(source), fingerprint, context })
            }
            RowFormat::JsonLines => {
                let source = JsonLinesSource::open(&path, &name, shape, format.max_row, checkpoint).await?;
                let fingerprint = source.fingerprint();
                Ok(OpenedSource { source: Box::new(source), fingerprint, context: Bytes::new() })
            }
        }
    }
}
