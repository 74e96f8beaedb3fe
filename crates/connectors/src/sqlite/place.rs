//! Where a database is: which file of the state folder a URL names.
//!
//! One file has one name, so that two systems of one database are recognised, and the name is of no file that is somebody
//! else's: Tenon's own, or one that SQLite or Tenon keeps beside a database.

use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_model::Str;
use tenon_ports::folder;

use crate::lock;

/// What the engine keeps in the state folder; a database there would be taken for it.
const OWN_STATE: &[&str] = &["tenon.db", ".probe", "topics", "marks", "secrets", "tls"];
/// What the engine keeps there only while it runs: copies of the state are made without files of these names, wherever they are.
pub(crate) const PASSING: &[&str] = &[lock::NAME, "control.sock"];
/// How the files beside a database are called: its name and this. Copies are made without them, too.
pub(crate) const BESIDE: &[&str] = &["-wal", "-shm", "-journal", "-mark"];

/// The path of the file in the state folder, without what stands for nothing (`./`, `//`, `a/..`).
///
/// # Errors
/// `P0104` if it is no file or somebody else's, `P0005` if it is outside of the state folder.
pub(super) fn of(url: &str) -> Result<Str, Report> {
    let path = url.strip_prefix("sqlite://").unwrap_or_default();
    let normal = folder::normal(path).map_err(|report| {
        report.hint("write a path relative to the state folder, for example `sqlite://shop.db`")
    })?;
    let parts: Vec<_> = normal.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let Some(file) = parts.last().filter(|_| !is_folder && !path.contains(is_no_part)) else {
        let report = Report::new(&BAD_VALUE, format!("`{}` names no file", url.escape_debug()));
        return Err(report.hint("write `sqlite://NAME.db`"));
    };
    let (in_it, anywhere) = (OWN_STATE.iter().filter(|own| is(own, parts[0])), PASSING.iter());
    if let Some(own) = in_it.chain(anywhere.filter(|own| is(own, parts[0]) || is(own, file))).next() {
        let message = format!("Tenon keeps its own state in `{own}`, beside the database");
        let report = Report::new(&BAD_VALUE, message);
        return Err(report.hint("choose another name, for example `sqlite://shop.db`"));
    }
    let beside = parts.iter().find_map(|part| Some((part, BESIDE.iter().find(|end| ends_with(part, end))?)));
    if let Some((part, end)) = beside {
        let message = format!(
            "`{part}` is the name of a file beside the database `{}`",
            &part[..part.len() - end.len()]
        );
        return Err(
            Report::new(&BAD_VALUE, message).hint(format!("choose a name that does not end with `{end}`"))
        );
    }
    Ok(Str::from(parts.join("/")))
}

fn is_no_part(c: char) -> bool {
    matches!(c, '?' | ':') || c.is_control()
}

/// Some file systems do not tell capitals from small letters.
fn is(own: &str, part: &str) -> bool {
    own.eq_ignore_ascii_case(part)
}

fn ends_with(part: &str, end: &str) -> bool {
    part.to_ascii_lowercase().ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name() {
        for (url, expected) in [
            ("sqlite://shop.db", "shop.db"),
            ("sqlite://./shop.db", "shop.db"),
            ("sqlite://.//shop.db", "shop.db"),
            ("sqlite://x//shop.db", "x/shop.db"),
            ("sqlite://x/./shop.db", "x/shop.db"),
            ("sqlite://x/../shop.db", "shop.db"),
            ("sqlite://x/tenon.db", "x/tenon.db"),
            ("sqlite://shop-mark.db", "shop-mark.db"),
        ] {
            assert_eq!(of(url).unwrap(), expected, "{url}");
        }
    }

    #[test]
    fn what_is_no_file_or_somebody_elses_is_refused() {
        for (url, expected) in [
            ("sqlite://", "names no file"),
            ("sqlite://.", "names no file"),
            ("sqlite://./", "names no file"),
            ("sqlite://shop.db/", "names no file"),
            ("sqlite://shop.db/.", "names no file"),
            ("sqlite://shop.db?mode=ro", "names no file"),
            ("sqlite://shop\0.db", "names no file"),
            ("sqlite:///shop.db", "outside"),
            ("sqlite://../shop.db", "outside"),
            ("sqlite://x/../../shop.db", "outside"),
            ("sqlite://x/../tenon.db", "own state in `tenon.db`"),
            ("sqlite://tenon.db", "own state in `tenon.db`"),
            ("sqlite://././Tenon.db", "own state in `tenon.db`"),
            ("sqlite://.probe", "own state in `.probe`"),
            ("sqlite://topics/shop.db", "own state in `topics`"),
            ("sqlite://x/.lock", "own state in `.lock`"),
            ("sqlite://tenon.db-journal", "beside the database `tenon.db`"),
            ("sqlite://shop.db-WAL", "beside the database `shop.db`"),
            ("sqlite://shop.db-shm", "beside"),
            ("sqlite://shop.db-mark", "beside"),
            ("sqlite://shop.db-mark/x.db", "beside"),
        ] {
            let report = of(url).unwrap_err();
            assert!(report.message().contains(expected), "{url}: {report}");
        }
    }
}
