//! `tenon contract diff`: what breaks between two versions of contracts, and for whom.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value as Json, json};
use tenon_contracts::{
    format, json as json_text,
    relate::{
        Change, Direction, OpenRecords, Outcome, Relation, Role,
        operations::{self, Difference},
        relate,
    },
};
use tenon_errors::{Place, Report, catalogue::engine::IO_FAILED, counted};

use super::{
    Problems, args,
    args::FailOn,
    open::{Located, Opened, Root, git, open, read},
    sarif,
};
use crate::{
    exit::{Exit, FAILED, SUCCESS},
    output::Output,
};

/// What was asked for.
pub struct Asked {
    pub role: args::Role,
    pub lenient: bool,
    pub fail_on: FailOn,
    pub sarif: bool,
}

/// Something that breaks.
pub struct Break {
    pub direction: Direction,
    /// The rule, by the name that reports and gates use.
    pub rule: &'static str,
    /// The operation that it is about, if it is about one.
    pub operation: Option<String>,
    /// What has changed, as a sentence.
    pub message: String,
    /// Who breaks.
    pub breaks: &'static str,
    pub hint: &'static str,
    /// Where the new contract says it, or the old one where the new one says nothing.
    pub place: Place,
    /// The change of a type that it is or comes from.
    pub change: Option<Change>,
}

impl Break {
    fn of_type(direction: Direction, change: Change, place: Place) -> Self {
        Self {
            direction,
            rule: change.rule.id(),
            operation: None,
            message: sentence(&change),
            breaks: change.breaks,
            hint: change.rule.hint(),
            place,
            change: Some(change),
        }
    }

    fn of_operation(difference: Difference) -> Self {
        Self {
            direction: difference.direction,
            rule: difference.rule,
            message: format!("{}: {}", difference.operation, difference.message),
            operation: Some(difference.operation),
            breaks: difference.breaks,
            hint: difference.hint,
            place: difference.place,
            change: difference.change,
        }
    }
}

/// Two versions of one contract.
struct Compared {
    name: String,
    breaks: Vec<Break>,
}

pub fn run(names: [&str; 2], asked: &Asked, output: &Output) -> Result<Exit, Problems> {
    let compared = match [Located::of(names[0])?, Located::of(names[1])?] {
        [Some(old), Some(new)] if is_folder(&old)? && is_folder(&new)? => folders(&old, &new, asked)?,
        _ => vec![contracts(&open(names[0])?, &open(names[1])?, asked)?],
    };
    let all = || compared.iter().flat_map(|it| &it.breaks);
    let fails = |direction: Direction| all().any(|it| it.direction == direction);
    if asked.sarif {
        output.line(format!("{:#}", sarif::log(all())));
    } else if output.is_json() {
        output.json(&compared.iter().map(machine).collect());
    } else {
        compared.iter().for_each(|it| told(it, output));
    }
    let (backward, forward) = (fails(Direction::Backward), fails(Direction::Forward));
    let failed = match asked.fail_on {
        FailOn::Backward => backward,
        FailOn::Forward => forward,
        FailOn::Full => backward || forward,
        FailOn::None => false,
    };
    Ok(if failed { FAILED } else { SUCCESS })
}

fn contracts(old: &Opened, new: &Opened, asked: &Asked) -> Result<Compared, Problems> {
    let name = if old.file == new.file { new.file.clone() } else { format!("{} to {}", old.file, new.file) };
    let is_description = |opened: &Opened| !opened.operations.is_empty() && !opened.is_named;
    if is_description(old) || is_description(new) {
        let (before, after) = (old.subjects()?, new.subjects()?);
        let found = [Direction::Backward, Direction::Forward]
            .into_iter()
            .flat_map(|direction| operations::compare(&before, &after, direction));
        return Ok(Compared { name, breaks: found.map(Break::of_operation).collect() });
    }
    let role = match asked.role {
        args::Role::Message => Role::Message,
        args::Role::Request => Role::Request,
        args::Role::Reply => Role::Reply,
    };
    let open = if asked.lenient { OpenRecords::Lenient } else { OpenRecords::Strict };
    let mut breaks = Vec::new();
    for direction in [Direction::Backward, Direction::Forward] {
        let found = relate(&old.definition.shape, &new.definition.shape, Relation { direction, role, open });
        breaks.extend(found.changes.into_iter().map(|change| {
            let place = new.place(&change);
            Break::of_type(direction, change, place)
        }));
    }
    Ok(Compared { name, breaks })
}

fn is_folder(located: &Located) -> Result<bool, Report> {
    match &located.root {
        Root::Folder(folder) => Ok(folder.join(&located.path).is_dir()),
        Root::Revision(revision) => {
            let kind = git(&["cat-file", "-t", &format!("{revision}:./{}", located.path)])?;
            Ok(kind.trim_ascii() == b"tree")
        }
    }
}

/// Files of the same path in both folders, and those of the old one that are gone.
fn folders(old: &Located, new: &Located, asked: &Asked) -> Result<Vec<Compared>, Problems> {
    let (before, after) = (files(old)?, files(new)?);
    let file = |folder: &Located, name: &str| Located {
        root: folder.root.clone(),
        path: if folder.path.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.path) },
    };
    let compared = before.iter().map(|name| match after.contains(name) {
        true => contracts(&read(file(old, name))?, &read(file(new, name))?, asked),
        false => Ok(gone(&file(old, name))),
    });
    compared.collect()
}

/// The rule about contracts that are gone: its name, its title, what to do.
pub const REMOVED: (&str, &str, &str) =
    ("contract-removed", "A contract is gone", "keep the contract, and add another version beside it");

/// A contract that the new folder does not have.
fn gone(old: &Located) -> Compared {
    let removed = Break {
        direction: Direction::Backward,
        rule: REMOVED.0,
        operation: None,
        message: "the contract is gone".to_owned(),
        breaks: "whoever has data of it, or uses it",
        hint: REMOVED.2,
        place: Place::file(old.shown()),
        change: None,
    };
    Compared { name: old.shown(), breaks: vec![removed] }
}

/// The contracts in a folder, by their paths from there.
fn files(folder: &Located) -> Result<BTreeSet<String>, Report> {
    let is_contract =
        |path: &str| path.rsplit_once('.').is_some_and(|(_, ending)| format::of_ending(ending).is_some());
    let mut found = BTreeSet::new();
    match &folder.root {
        Root::Folder(root) => list(&root.join(&folder.path), "", &mut found)?,
        Root::Revision(revision) => {
            let listed =
                git(&["ls-tree", "-r", "-z", "--name-only", &format!("{revision}:./{}", folder.path)])?;
            found.extend(String::from_utf8_lossy(&listed).split_terminator('\0').map(str::to_owned));
        }
    }
    found.retain(|path| is_contract(path));
    Ok(found)
}

fn list(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) -> Result<(), Report> {
    let refused = |error: std::io::Error| {
        Report::new(&IO_FAILED, format!("`{}` cannot be read: {error}", folder.display()))
    };
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // Links are not followed, which could lead round in a circle.
        let kind = entry.file_type().map_err(refused)?;
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), found)?;
        } else if kind.is_file() {
            found.insert(name);
        }
    }
    Ok(())
}

fn told(compared: &Compared, output: &Output) {
    for it in &compared.breaks {
        output.line(format!("{}: {} [{}] {}", it.place, word(it.direction), it.rule, it.message));
        output.line(format!("  breaks {}", it.breaks));
        match it.change.as_ref().map(|change| &change.witness) {
            Some(Some(witness)) => {
                output.line(format!("  example {} {}", json_text::to_string(&witness.value), witness.told()));
            }
            Some(None) => output.line("  could not be shown by an example"),
            None => {}
        }
        output.line(format!("  = help: {}", it.hint));
    }
    let count = |direction| compared.breaks.iter().filter(|it| it.direction == direction).count();
    let verdict = |direction| match count(direction) {
        0 => "compatible".to_owned(),
        breaks => counted(breaks, "break"),
    };
    output.line(format!(
        "{}: backward {}, forward {}",
        compared.name,
        verdict(Direction::Backward),
        verdict(Direction::Forward)
    ));
}

/// Which direction does not hold.
pub fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Backward => "backward",
        Direction::Forward => "forward",
    }
}

/// What has changed, as a sentence.
fn sentence(change: &Change) -> String {
    match change.path.as_str() {
        "" => format!("a value {}", change.message),
        path => format!("`{path}` {}", change.message),
    }
}

fn machine(compared: &Compared) -> Json {
    let holds = |direction| !compared.breaks.iter().any(|it| it.direction == direction);
    let (backward, forward) = (holds(Direction::Backward), holds(Direction::Forward));
    json!({
        "contract": compared.name,
        "backward": backward,
        "forward": forward,
        "full": backward && forward,
        "changes": compared.breaks.iter().map(change).collect::<Json>(),
    })
}

fn change(it: &Break) -> Json {
    let of_type = |text: fn(&Change) -> &str| it.change.as_ref().map(text);
    json!({
        "direction": word(it.direction),
        "rule": it.rule,
        "operation": it.operation,
        "path": of_type(|change| &change.path),
        "message": it.message,
        "old": of_type(|change| &change.old),
        "new": of_type(|change| &change.new),
        "breaks": it.breaks,
        "hint": it.hint,
        "place": { "file": it.place.file.as_ref(), "line": it.place.line, "column": it.place.column },
        "witness": it.change.as_ref().and_then(|change| change.witness.as_ref()).map(|witness| json!({
            "value": serde_json::from_str::<Json>(&json_text::to_string(&witness.value)).ok(),
            "outcome": if matches!(witness.outcome, Outcome::Refused(_)) { "refused" } else { "misread" },
            "message": witness.told(),
        })),
    })
}
