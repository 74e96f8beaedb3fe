//! `tenon contract import`: the types of a description as contracts of the project.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use serde_json::{Value as Json, json};
use tenon_contracts::{
    Format,
    format::{Definition, Loss, Schema, Source},
    graphql, sql,
};
use tenon_errors::{
    Report, Reports, Sources,
    catalogue::{contract::NOT_WRITABLE, engine::BAD_USAGE},
    nearest, render,
};
use tenon_model::Name;

use super::{
    Problems,
    beside::Unwritten,
    bundle::Remembered,
    imported::text,
    naming::contract_name,
    open::{Located, file, format_named, format_of},
    tables,
};
use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

/// What was asked for.
#[derive(Debug, Args)]
pub struct Asked {
    /// The file that describes data.
    file: PathBuf,
    /// The folder of the contracts.
    #[arg(long, default_value = "contracts", value_name = "FOLDER")]
    pub(super) into: PathBuf,
    /// What the contract is called [default: after its type].
    #[arg(long)]
    name: Option<String>,
    /// The types that are wanted, with commas between them [default: all].
    #[arg(long, value_delimiter = ',', value_name = "TYPES")]
    types: Vec<String>,
    /// How the file is to be read, where its ending does not say so; of SQL, the dialect: `postgres`, `mysql`, `sqlite`.
    #[arg(long, value_name = "FORMAT")]
    from: Option<String>,
    /// The format of the contracts [default: that of the file].
    #[arg(long, value_name = "FORMAT")]
    pub(super) to: Option<String>,
    /// Write over contracts that are there.
    #[arg(long)]
    force: bool,
    /// Write nothing, and say what would be written.
    #[arg(long)]
    dry_run: bool,
}

/// The most bytes that are written at once: each contract has all types that its own leads to.
const MOST_BYTES: usize = 64 << 20;
/// After so many, it is foreseen how many there will be.
const FORESEEN: usize = 8 << 20;

/// A file that was read.
pub(super) struct Described {
    pub(super) located: Located,
    pub(super) text: Arc<str>,
    pub(super) format: &'static dyn Format,
    pub(super) schema: Schema,
    /// Of SQL.
    tables: Vec<sql::Table>,
    pub(super) dialect: Option<sql::Dialect>,
    /// Of GraphQL: the names of its input types.
    pub(super) inputs: Vec<String>,
    pub(super) files: Remembered,
}

/// A contract to be written.
struct Placed {
    name: String,
    path: PathBuf,
    format: &'static dyn Format,
    text: String,
    losses: Vec<Loss>,
    /// The files that it refers to, by where they are written.
    others: BTreeMap<String, Arc<str>>,
}

pub fn run(asked: &Asked, output: &Output) -> Result<Exit, Problems> {
    let described = describe(asked)?;
    let wanted = wanted(asked, &described.schema)?;
    let placed = place(asked, &described, &wanted)?;
    if !asked.dry_run {
        for it in &placed {
            super::write(&it.path, &it.text)?;
            for (path, text) in &it.others {
                super::write(Path::new(path), text)?;
            }
        }
    }
    let is_wanted = |table: &&sql::Table| wanted.iter().any(|definition| definition.name == table.name);
    let kept: Vec<_> = described.tables.iter().filter(is_wanted).collect();
    let section = (!kept.is_empty()).then(|| tables::proposed(&kept));
    if output.is_json() {
        output.json(&machine(&placed, &described, section.as_deref()));
        return Ok(SUCCESS);
    }
    told(asked, &placed, &described, section.as_deref(), output);
    Ok(SUCCESS)
}

fn describe(asked: &Asked) -> Result<Described, Problems> {
    let located = file(&asked.file)?;
    let text = located.root.text(&located.path)?;
    let told = asked.from.as_deref().and_then(sql::Dialect::named);
    let format = match (&asked.from, told) {
        (_, Some(_)) => format_named("sql")?,
        (Some(from), None) => format_named(from)?,
        (None, None) => format_of(&located.path, &text)?,
    };
    let files = Remembered::new(located.root.clone());
    let source = Source { file: &located.path, text: &text, files: &files };
    let mut sources = Sources::new();
    sources.insert(located.path.as_str(), Arc::clone(&text));
    let fail = |reports: Reports| Problems { reports, sources };
    let (mut tables, mut dialect, mut inputs) = (Vec::new(), None, Vec::new());
    let schema = match format.name() {
        "SQL" => {
            let read = sql::read_file(&located.path, &text, told).map_err(fail)?;
            dialect = Some(read.dialect);
            let schema = sql::schema(&read);
            tables = read.tables;
            schema
        }
        "GraphQL" => {
            let read = graphql::read(&source, graphql::Rules::Checked).map_err(fail)?;
            inputs = read.inputs.iter().map(ToString::to_string).collect();
            read.schema
        }
        _ => format.read(&source).map_err(fail)?,
    };
    Ok(Described { text, format, schema, tables, dialect, inputs, files, located })
}

/// The types that were asked for.
fn wanted<'s>(asked: &Asked, schema: &'s Schema) -> Result<Vec<&'s Definition>, Problems> {
    if schema.types.is_empty() {
        let report = Report::new(&BAD_USAGE, format!("`{}` describes no type", asked.file.display()));
        return Err(report.hint("name a file that describes data").into());
    }
    if asked.types.is_empty() {
        return Ok(schema.types.iter().collect());
    }
    let mut reports = Reports::new();
    let mut wanted = Vec::new();
    for name in asked.types.iter().map(|name| name.trim()) {
        let is_it = |it: &&Definition| it.name == name || contract_name(&it.name) == contract_name(name);
        match schema.types.iter().find(is_it) {
            Some(definition) => wanted.push(definition),
            None => {
                let known = nearest(name, schema.types.iter().map(|it| it.name.as_str()));
                let all: Vec<_> = schema.types.iter().take(20).map(|it| it.name.as_str()).collect();
                let hint = known
                    .map_or_else(|| format!("there are {}", all.join(", ")), |it| format!("write `{it}`"));
                reports.push(Report::new(&BAD_USAGE, format!("the file has no type `{name}`")).hint(hint));
            }
        }
    }
    Ok(reports.finish(wanted)?)
}

/// What is written where. Nothing is written if one of them cannot be.
fn place(asked: &Asked, described: &Described, wanted: &[&Definition]) -> Result<Vec<Placed>, Problems> {
    let mut reports = Reports::new();
    if asked.name.is_some() && wanted.len() > 1 {
        let report = Report::new(&BAD_USAGE, format!("{} types cannot have one name", wanted.len()));
        return Err(report.hint("choose one with `--types`, or leave out `--name`").into());
    }
    let mut taken: HashMap<String, &str> = HashMap::new();
    let (mut placed, mut bytes) = (Vec::new(), 0);
    for (at, definition) in wanted.iter().enumerate() {
        let own = if definition.name.is_empty() {
            super::open::contract_name(&described.located.path)
        } else {
            contract_name(&definition.name)
        };
        let name = asked.name.clone().unwrap_or(own);
        if Name::new(&name).is_none() {
            let report = Report::new(&BAD_USAGE, format!("`{name}` is not a name of a contract"));
            reports.push(report.hint("say `--name` with letters, digits, `-` and `_`"));
            continue;
        }
        if let Some(other) = taken.insert(name.clone(), &definition.name) {
            let message = format!("`{other}` and `{}` would both be the contract `{name}`", definition.name);
            reports.push(
                Report::new(&BAD_USAGE, message).hint("import them one by one with `--types` and `--name`"),
            );
            continue;
        }
        let (format, written, others) = text(asked, described, definition, &name)?;
        bytes += written.text.len();
        if bytes > FORESEEN && bytes / (at + 1) * wanted.len() > MOST_BYTES {
            let message = format!(
                "{} contracts would have more than {} MiB together, as each has all types that its own leads to",
                wanted.len(),
                MOST_BYTES >> 20
            );
            return Err(Report::new(&BAD_USAGE, message).hint("choose some with `--types`").into());
        }
        let ending = format.endings().first().copied().unwrap_or("json");
        let folder = asked.into.join(&name);
        let path = folder.join(format!("1.{ending}"));
        if let Some(report) = in_the_way(&folder, &path, asked.force) {
            reports.push(report);
        }
        for (path, text) in others.iter().filter(|_| !asked.force) {
            if fs::read_to_string(path).is_ok_and(|there| *there != **text) {
                let report = Report::new(&BAD_USAGE, format!("there is another `{path}` already"));
                reports.push(report.hint("say `--force` to write over it, or move it"));
            }
        }
        if let Some(report) = unreadable(format, &path, &written.text, &others, &name) {
            reports.push(report);
        }
        placed.push(Placed { name, path, format, text: written.text, losses: written.losses, others });
    }
    Ok(reports.finish(placed)?)
}

/// A version that is there already.
fn in_the_way(folder: &Path, path: &Path, force: bool) -> Option<Report> {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut versions = files.filter(|file| file.file_stem().is_some_and(|stem| stem == "1"));
    let other = versions.find(|file| !force || file != path)?;
    let report = Report::new(&BAD_USAGE, format!("there is `{}` already", other.display()));
    Some(if other == path {
        report.hint("say `--force` to write over it, or `--name` for another contract")
    } else {
        report.hint("remove it, or say `--name` for another contract")
    })
}

/// Why the text that is to be written would not be read as the contract `name`.
fn unreadable(
    format: &dyn Format,
    path: &Path,
    text: &str,
    others: &BTreeMap<String, Arc<str>>,
    name: &str,
) -> Option<Report> {
    let file = path.to_string_lossy().replace('\\', "/");
    let why = match format.read(&Source { file: &file, text, files: &Unwritten(others) }) {
        Ok(schema) => match schema.of_name(name) {
            Ok(_) => return None,
            Err(names) => format!("it has {}, and none of this name", names.join(", ")),
        },
        Err(reports) => reports.iter().next().map(|it| it.message().to_owned()).unwrap_or_default(),
    };
    let report = Report::new(&NOT_WRITABLE, format!("`{}` would not be read: {why}", path.display()));
    Some(report.hint("name the contract after its type, or say `--to json`"))
}

fn told(asked: &Asked, placed: &[Placed], described: &Described, section: Option<&str>, output: &Output) {
    let mut sources = Sources::new();
    sources.insert(described.located.path.as_str(), Arc::clone(&described.text));
    for note in &described.schema.notes {
        output.warning(note, &sources);
    }
    let verb = if asked.dry_run { "would write" } else { "wrote" };
    for it in placed {
        output.note(format!("{verb} {} ({})", it.path.display(), it.format.name()));
        for path in it.others.keys() {
            output.note(format!("  {verb} {path}, which it refers to"));
        }
        for loss in &it.losses {
            let path = if loss.path.is_empty() { "the whole" } else { &loss.path };
            output.note(format!("  lost: {path} {}", loss.message));
        }
    }
    if let Some(section) = section {
        output.line(section.trim_end());
    }
}

fn machine(placed: &[Placed], described: &Described, section: Option<&str>) -> Json {
    let loss = |it: &Loss| json!({ "path": it.path, "message": it.message });
    let one = |it: &Placed| {
        json!({
            "contract": it.name,
            "file": it.path.display().to_string(),
            "format": it.format.name(),
            "others": it.others.keys().collect::<Vec<_>>(),
            "losses": it.losses.iter().map(loss).collect::<Json>(),
        })
    };
    json!({
        "contracts": placed.iter().map(one).collect::<Json>(),
        "notes": described.schema.notes.iter().map(render::json).collect::<Json>(),
        "tables": section,
    })
}
