//! Where `${secret:NAME}` comes from: the environment, the project's `secrets/` folder, or one made for development.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tenon_connectors::private;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_ports::Secrets;
use tenon_security::SecretText;

/// The secrets of a project, in this order: the environment variable `NAME`, the file `secrets/NAME` in the project,
/// and the file `secrets/NAME` in the state folder, which `--dev` makes at first use.
pub struct ProjectSecrets {
    environment: HashMap<String, String>,
    folder: PathBuf,
    development: PathBuf,
    makes: bool,
}

impl ProjectSecrets {
    /// Secrets of the project in `folder`, whose state folder is `state`; `makes` says whether missing ones are made.
    #[must_use]
    pub fn new(environment: HashMap<String, String>, folder: &Path, state: &Path, makes: bool) -> Self {
        Self { environment, folder: folder.join("secrets"), development: state.join("secrets"), makes }
    }

    /// Whether the secret is set, without making one.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.environment.contains_key(name) || self.file_of(name).is_some()
    }

    /// The file that holds the secret, where it is a file: for showing how to use it without showing it.
    #[must_use]
    pub fn file_of(&self, name: &str) -> Option<PathBuf> {
        if self.environment.contains_key(name) {
            return None;
        }
        [&self.folder, &self.development]
            .map(|folder| folder.join(name))
            .into_iter()
            .find(|file| file.is_file())
    }

    fn make(&self, name: &str) -> Option<SecretText> {
        if !self.makes {
            return None;
        }
        let text = URL_SAFE_NO_PAD.encode(random::<24>().ok()?);
        private::write(&self.development.join(name), text.as_bytes()).ok()?;
        Some(SecretText::new(text))
    }
}

impl Secrets for ProjectSecrets {
    fn get(&self, name: &str) -> Option<SecretText> {
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return None;
        }
        if let Some(text) = self.environment.get(name) {
            return Some(SecretText::new(text.clone()));
        }
        match self.file_of(name) {
            Some(file) => fs::read_to_string(file).ok().map(|text| SecretText::new(text.trim().to_owned())),
            None => self.make(name),
        }
    }
}

/// What nobody can guess.
///
/// # Errors
/// `E0001` if the system has no random numbers.
pub fn random<const N: usize>() -> Result<[u8; N], Report> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Report::new(&INTERNAL, "the system has no random numbers"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_environment_comes_before_the_project_and_both_before_development() {
        let project = tempfile::tempdir().unwrap();
        let state = project.path().join("state");
        fs::create_dir(project.path().join("secrets")).unwrap();
        fs::write(project.path().join("secrets/B"), "from-file\n").unwrap();
        let environment = HashMap::from([("A".to_owned(), "from-env".to_owned())]);
        let secrets = ProjectSecrets::new(environment, project.path(), &state, true);
        assert_eq!(secrets.get("A").unwrap().expose(), "from-env");
        assert_eq!(secrets.get("B").unwrap().expose(), "from-file");
        let made = secrets.get("C").unwrap();
        assert!(made.expose().len() >= 32);
        assert_eq!(secrets.get("C").unwrap().expose(), made.expose(), "made once");
        let mode = fs::metadata(state.join("secrets/C")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let later = ProjectSecrets::new(HashMap::new(), project.path(), &state, false);
        assert_eq!(later.get("C").unwrap().expose(), made.expose(), "found without --dev once it is made");
    }

    #[test]
    fn without_development_a_missing_secret_is_missing() {
        let project = tempfile::tempdir().unwrap();
        let secrets = ProjectSecrets::new(HashMap::new(), project.path(), project.path(), false);
        assert!(secrets.get("A").is_none());
        assert!(secrets.get("../etc/passwd").is_none());
    }
}
