//! The newest refresh token of a system, in the state folder.

use std::{io, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use tenon_client::credentials::{Keeps, Refresh};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tenon_ports::Site;
use tenon_security::SecretText;
use uuid::Uuid;

use crate::private;

/// The namespace of what refresh tokens are recognised by.
const TOKENS: Uuid = Uuid::from_u128(0x2b1d_9c0e_55f4_4f0a_8d0b_7c1e_9f63_40aa);

/// The folder of the tokens, in the state folder.
const FOLDER: &str = "tokens";

/// A file with the newest token of a system, and what the token of the project was that it came of.
struct Kept {
    file: PathBuf,
    /// What the token of the project is recognised by.
    origin: String,
}

/// The refresh token of the system `name`: `token`, or the newest one that came of it.
pub(super) fn of(name: &str, token: SecretText, site: &Site) -> Refresh {
    let origin = Uuid::new_v5(&TOKENS, token.expose().as_bytes()).to_string();
    Refresh::new(token, Some(Arc::new(Kept { file: site.state.join(FOLDER).join(name), origin })))
}

impl Kept {
    fn failed(&self, what: &str, error: &io::Error) -> Report {
        let message = format!("the refresh token in {} cannot be {what}: {error}", self.file.display());
        Report::new(&IO_FAILED, message)
    }
}

#[async_trait]
impl Keeps for Kept {
    /// Nothing if what is kept came of another token than the project has now.
    async fn newest(&self) -> Result<Option<SecretText>, Report> {
        let text = match tokio::fs::read_to_string(&self.file).await {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", &error)),
        };
        let newest = text.split_once('\n').filter(|(origin, _)| *origin == self.origin);
        Ok(newest.map(|(_, token)| SecretText::new(token.to_owned())))
    }

    async fn keep(&self, token: &SecretText) -> Result<(), Report> {
        let (file, text) = (self.file.clone(), format!("{}\n{}", self.origin, token.expose()));
        let written = tokio::task::spawn_blocking(move || private::write(&file, text.as_bytes())).await;
        written.map_err(io::Error::other).flatten().map_err(|error| self.failed("written", &error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn the_newest_token_is_kept_until_the_project_has_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |origin: &str| Kept { file: folder.path().join("tokens/crm"), origin: origin.to_owned() };
        assert!(kept("a").newest().await.unwrap().is_none());
        kept("a").keep(&SecretText::new("second")).await.unwrap();
        kept("a").keep(&SecretText::new("third")).await.unwrap();
        assert_eq!(kept("a").newest().await.unwrap().unwrap().expose(), "third");
        assert!(kept("b").newest().await.unwrap().is_none());
        fs::remove_file(folder.path().join("tokens/crm")).unwrap();
        fs::create_dir(folder.path().join("tokens/crm")).unwrap();
        assert_eq!(kept("a").newest().await.unwrap_err().code().id, "E0003");
        assert_eq!(kept("a").keep(&SecretText::new("x")).await.unwrap_err().code().id, "E0003");
    }
}
