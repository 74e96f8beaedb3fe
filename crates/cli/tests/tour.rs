//! The tour of the README, typed as it stands there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// The section of the README.
fn tour() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let (_, section) = text.split_once("\n## A tour").expect("the README has a tour");
    section.split("\n## ").next().unwrap().to_owned()
}

/// Somebody who takes the tour.
struct Visitor {
    tour: String,
    project: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Visitor {
    fn command(&self, line: &str) -> Command {
        assert!(self.tour.contains(&format!("`{line}")), "the tour does not say `{line}`");
        let mut words = line.split(' ').peekable();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
        command.env_remove("READER_KEY").env_remove("UPDATE").current_dir(&self.project);
        while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
            command.env(name, value);
            words.next();
        }
        assert_eq!(words.next(), Some("tenon"));
        command.args(words);
        command
    }

    /// Types a line of the tour, with `more` behind it that the tour does not need.
    #[track_caller]
    fn types(&self, line: &str, more: &[&str], code: i32, contains: &str) {
        let output = self.command(line).args(more).output().unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{line}: {text}");
        assert!(text.contains(contains), "{line} does not say `{contains}`: {text}");
    }

    /// Replaces text of `tenon.yaml`.
    #[track_caller]
    fn edits(&self, old: &str, new: &str) {
        let file = self.project.join("tenon.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "`{old}` is not in the project: {text}");
        std::fs::write(file, text.replace(old, new)).unwrap();
    }

    /// The only block of this language in the tour, without its indentation.
    fn block(&self, language: &str) -> String {
        let (_, rest) = self.tour.split_once(&format!("```{language}\n")).expect("the tour has this block");
        let (block, _) = rest.split_once("```").unwrap();
        block.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}

#[test]
fn the_tour_of_the_readme_works_step_by_step() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_tenon")).current_dir(&folder).args(["init", "shop"]).output();
    assert!(output.unwrap().status.success());
    let visitor = Visitor { tour: tour(), project: folder.path().join("shop"), _folder: folder };
    let anywhere = ["--listen", "127.0.0.1:0"];

    // 1. A project that runs.
    assert!(visitor.tour.contains("`tenon init shop && cd shop`"));
    let until_idle = [&anywhere[..], &["--until-idle"]].concat();
    visitor.types("tenon run --dev", &until_idle, 0, "documentation");

    // 2. A mistake.
    assert!(visitor.tour.contains("write `customer_row.nmae` for `customer_row.name`"));
    visitor.edits("customer_row.name", "customer_row.nmae");
    let said = visitor.block("text");
    let (message, place) = said.split_once('\n').unwrap();
    visitor.types("tenon check", &[], 1, message);
    visitor.types("tenon check", &[], 1, place);
    visitor.types("tenon explain M0003", &[], 0, "M0003");
    visitor.edits("customer_row.nmae", "customer_row.name");

    // 3. A breaking change.
    visitor.edits("            name: customer_row.name.trim()\n", "");
    visitor.types("tenon check", &[], 1, "`name`");
    visitor.edits(
        "            id: customer_row.id\n",
        "            id: customer_row.id\n            name: customer_row.name.trim()\n",
    );
    visitor.types("tenon check", &[], 0, ": ok (");

    // 4. A message that fails.
    visitor.types("tenon dead list", &[], 0, "/email");
    visitor.types("tenon dead show", &[], 0, "3,Alan Turing,***");
    visitor.types("tenon dead show --reveal", &[], 0, "3,Alan Turing,not an address");
    visitor.edits("email: customer_row.?email.optMap(e, e.lowerAscii())", &visitor.block("yaml"));
    visitor.types("tenon dead replay --dry-run", &[], 0, "1 would pass, 0 failed");
    visitor.types("tenon dead replay", &[], 0, "1 passed and was removed, 0 failed");
    visitor.types("tenon tables customers", &[], 0, "Alan Turing");

    // 5. A test.
    visitor.types("tenon test", &[], 1, "load-customers D0001 1  (nothing)");
    visitor.types("UPDATE=1 tenon test", &[], 0, "updated");
    visitor.types("tenon test", &[], 0, "2 passed, 0 failed");

    // 6. A change without a restart.
    let mut run = visitor
        .command("tenon run --dev --watch")
        .args(anywhere)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, said) = mpsc::channel();
    let lines = BufReader::new(run.stderr.take().unwrap()).lines();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    // The first edits may come before anybody looks.
    let reloaded = (0..100).any(|edit| {
        visitor.edits("project: shop", &format!("# Edit {edit}.\nproject: shop"));
        let waited = Instant::now();
        let left = || Duration::from_millis(500).saturating_sub(waited.elapsed());
        std::iter::from_fn(|| said.recv_timeout(left()).ok()).any(|line| line.contains("reloaded"))
    });
    assert!(reloaded, "an edit is noticed");
    run.kill().unwrap();
    run.wait().unwrap();
}
