//! Packages of npm and PyPI, fetched by the registries' own clients into `target/wild` and kept there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with the content of a package of npm.
pub(crate) fn npm(package: &str) -> Result<PathBuf, String> {
    fetched(package, |folder| {
        command(Command::new("npm").args(["pack", "--silent", package]).current_dir(folder))?;
        unpacked(folder, "tgz", |archive| {
            command(Command::new("tar").arg("xzf").arg(archive).current_dir(folder))
        })
    })
}

/// The folder with the sources of a package of Python.
pub(crate) fn sources(package: &str) -> Result<PathBuf, String> {
    fetched(package, |folder| {
        let name = package.split('=').next().unwrap_or(package);
        let args = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name, package];
        command(Command::new("python3").args(args).current_dir(folder))?;
        unpacked(folder, "gz", |archive| {
            command(Command::new("tar").arg("xzf").arg(archive).current_dir(folder))
        })
    })
}

/// The folder with the content of a package of Python, as it is installed.
pub(crate) fn wheel(package: &str) -> Result<PathBuf, String> {
    fetched(package, |folder| {
        let args = ["-m", "pip", "download", "--quiet", "--no-deps", package];
        command(Command::new("python3").args(args).current_dir(folder))?;
        unpacked(folder, "whl", |archive| {
            command(
                Command::new("python3")
                    .args(["-m", "zipfile", "-e"])
                    .arg(archive)
                    .arg(".")
                    .current_dir(folder),
            )
        })
    })
}

/// The interpreter of an environment `name` of Python that has the packages.
pub(crate) fn python(name: &str, wanted: &[&str]) -> Result<PathBuf, String> {
    let folder = fetched(&format!("{name}-{}", wanted.join("-")), |folder| {
        command(Command::new("python3").args(["-m", "venv", "env"]).current_dir(folder))?;
        let pip = ["-m", "pip", "install", "--quiet"];
        command(Command::new("env/bin/python").args(pip).args(wanted).current_dir(folder))
    })?;
    Ok(folder.join("env/bin/python"))
}

/// The folder of a package, which is fetched if it is not there.
fn fetched(package: &str, fetch: impl Fn(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/wild");
    let folder = cache.join(package.replace(['@', '/', '='], "-"));
    let done = folder.join("fetched");
    if !done.exists() {
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        fetch(&folder)?;
        fs::write(done, package).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

fn unpacked(folder: &Path, ending: &str, unpack: impl Fn(&Path) -> Result<(), String>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let archive = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|it| it == ending));
    unpack(&archive.ok_or_else(|| format!("no .{ending} was fetched into {}", folder.display()))?)
}

fn command(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed with {status}")) }
}
