//! Running one case: the project is started on a free port with a state folder of its own, the fences take effect in
//! order, and everything is drained.

use std::{fs, ops::Range, path::Path, sync::Arc, time::Duration};

use tempfile::TempDir;
use tenon_connectors::memory::ManualClock;
use tenon_engine::{Loaded, Options, Running, inspect};
use tenon_errors::{Report, Reports, Sources, render};
use tenon_model::Str;
use tenon_plan::Plan;
use tenon_ports::Secrets;

use crate::{
    answers::{self, Answers},
    clock,
    difference::difference,
    document::{Case, Fence, Kind},
    expect, files, request, world,
};

/// The longest wait for a project to become idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// Something that did not hold.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// The line of the fence, or in it.
    pub line: usize,
    /// The column, where it is known.
    pub column: Option<usize>,
    /// The fence's content in the document, and what it would have to be to hold. `None` where no rewriting can help.
    pub replacement: Option<(Range<usize>, String)>,
    /// What happened, for people.
    pub message: String,
}

impl Mismatch {
    pub(crate) fn hopeless(line: usize, message: impl Into<String>) -> Self {
        Self { line, column: None, replacement: None, message: message.into() }
    }

    /// What a report says about something in `fence` at byte `at` of its text.
    fn reported(fence: &Fence, at: usize, report: &Report) -> Self {
        let (line, column) = position(&fence.text, at);
        let told = Self::told(fence.line + line, report);
        Self { column: (at > 0).then_some(column), ..told }
    }

    /// What a report says about a fence that begins at `line`.
    fn told(line: usize, report: &Report) -> Self {
        let hint = report.advice().map(|hint| format!("\n= help: {hint}")).unwrap_or_default();
        Self::hopeless(line, format!("{report}{hint}"))
    }

    fn expected(fence: &Fence, seen: String) -> Self {
        let told = match expect::unreadable(&fence.kind, &fence.text, &seen) {
            Some((at, report)) => Self::reported(fence, at, &report),
            None => Self::hopeless(fence.line, difference(&fence.kind, &fence.text, &seen)),
        };
        Self { replacement: Some((fence.range.clone(), seen)), ..told }
    }

    /// What `UPDATE=1` writes.
    #[must_use]
    pub fn change(&self) -> Option<(Range<usize>, String)> {
        self.replacement.clone()
    }

    /// The mismatch with its place.
    #[must_use]
    pub fn text(&self, document: &str) -> String {
        let column = self.column.map(|column| format!(":{column}")).unwrap_or_default();
        format!("  {document}:{}{column}\n{}", self.line, indent(&self.message))
    }
}

/// The line of byte `at`, from 0, and its column, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count(), before[start..].chars().count() + 1)
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// Runs the case on a copy of `project`; an empty answer means that everything held.
pub async fn run(case: &Case, project: &Path) -> Vec<Mismatch> {
    if let Some(mismatch) = misunderstood(case) {
        return vec![mismatch];
    }
    let folder = match prepare(case, project) {
        Ok(folder) => folder,
        Err(error) => {
            return vec![Mismatch::hopeless(case.line, format!("the project cannot be copied: {error}"))];
        }
    };
    let (mut options, clock) = match options(case, folder.path()) {
        Ok(options) => options,
        Err(mismatch) => return vec![mismatch],
    };
    let answers = match Answers::of(case) {
        Ok(answers) => answers,
        Err((line, report)) => return vec![Mismatch::told(line, &report)],
    };
    // No test calls a system that others run.
    options.remotes = Some(Arc::new(answers.clone()));
    if let Err(mismatch) = files::write_as_read(case, &options) {
        return vec![mismatch];
    }
    let Loaded { plan, sources, secrets, .. } = tenon_engine::load(&options);
    let reports = case.fences.iter().find(|fence| fence.kind == Kind::Reports);
    let plan = match (plan, reports) {
        (Ok(plan), None) => plan,
        (Ok(_), Some(fence)) => return compare_text(fence, "").into_iter().collect(),
        (Err(problems), Some(fence)) => {
            return compare_text(fence, &rendered(&problems, &sources)).into_iter().collect();
        }
        (Err(problems), None) => return vec![Mismatch::hopeless(case.line, rendered(&problems, &sources))],
    };
    if let Some(mismatch) = unanswerable(case, &plan) {
        return vec![mismatch];
    }
    match Running::start(plan, options.clone()).await {
        Ok(running) => {
            let mismatches = fences(case, &running, (&options, &secrets), clock, &answers).await;
            running.drain().await;
            mismatches
        }
        Err(problems) => vec![Mismatch::hopeless(case.line, rendered(&problems, &sources))],
    }
}

/// A fence about a system that the project does not call, or an answer that it cannot give.
fn unanswerable(case: &Case, plan: &Plan) -> Option<Mismatch> {
    case.fences.iter().find_map(|fence| {
        let (Kind::Answer(system) | Kind::Calls(system)) = &fence.kind else { return None };
        let remote = inspect::find(&plan.remotes, system, "called system");
        let is_answer = matches!(fence.kind, Kind::Answer(_));
        let checked = remote.and_then(|remote| match is_answer {
            true => answers::check(remote, &fence.text),
            false => Ok(()),
        });
        Some(Mismatch::told(fence.line, &checked.err()?))
    })
}

/// What makes a case say less than its author thinks: a fence that is none, a request whose answer nobody looks at.
fn misunderstood(case: &Case) -> Option<Mismatch> {
    let mut unanswered = None;
    for fence in &case.fences {
        match &fence.kind {
            Kind::Wrong(message) => return Some(Mismatch::hopeless(fence.line, message)),
            Kind::Request if unanswered.is_some() => break,
            Kind::Request => unanswered = Some(fence.line),
            Kind::Response => unanswered = None,
            _ => {}
        }
    }
    unanswered
        .map(|line| Mismatch::hopeless(line, "no `response` says what has to come back for this request"))
}

/// A copy of the project in a temporary folder, with the files that the case brings.
fn prepare(case: &Case, project: &Path) -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    if project.join("tenon.yaml").is_file() {
        copy(project, folder.path())?;
    }
    for fence in &case.fences {
        if let Kind::File(path) = &fence.kind {
            let target = folder.path().join(path);
            fs::create_dir_all(target.parent().unwrap_or(&target))?;
            fs::write(target, &fence.text)?;
        }
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == ".tenon" || name == ".git" || name == "target" || name == "secrets" {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn options(case: &Case, folder: &Path) -> Result<(Options, Option<ManualClock>), Mismatch> {
    let mut options = Options::new(folder.to_owned(), None, true);
    options.listen = Some(([127, 0, 0, 1], 0).into());
    options.internal = options.listen;
    options.plain = true;
    let clock = clock::of(case)?;
    if let Some(clock) = &clock {
        options.clock = Arc::new(clock.clone());
    }
    Ok((options, clock))
}

async fn fences(
    case: &Case,
    running: &Running,
    secrets: (&Options, &[Str]),
    clock: Option<ManualClock>,
    answers: &Answers,
) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let mut response = None;
    if let Err(mismatch) = idle(case.line, running).await {
        return vec![mismatch];
    }
    for (position, fence) in case.fences.iter().enumerate() {
        let result = match &fence.kind {
            Kind::Request => match exchange(fence, running, secrets).await {
                Ok(seen) => {
                    response = Some(seen);
                    Ok(())
                }
                Err(mismatch) => Err(mismatch),
            },
            Kind::Response => compare_response(fence, response.as_ref()),
            Kind::Message(topic) => world::publish(running, topic, &fence.text)
                .await
                .map_err(|(at, report)| Mismatch::reported(fence, at, &report)),
            Kind::Answer(_) if Answers::is_from_start(case, position) => Ok(()),
            Kind::Answer(system) => {
                answers.add(system, &fence.text).map_err(|report| Mismatch::told(fence.line, &report))
            }
            Kind::Calls(system) => settled(fence, running, async { Ok(answers.asked(system)) }).await,
            Kind::Topic(name) => settled(fence, running, world::topic(running, name)).await,
            Kind::Table(name) => settled(fence, running, world::table(running, name)).await,
            Kind::Dead => settled(fence, running, world::dead(running, &fence.text)).await,
            Kind::Clock => clock::take_effect(case, fence, clock.as_ref()),
            Kind::File(_) | Kind::Reports | Kind::Wrong(_) => Ok(()),
        };
        let failed = result.is_err();
        mismatches.extend(result.err());
        if failed && fence.kind.acts() {
            // What follows was written for what did not happen.
            break;
        }
    }
    if mismatches.is_empty() {
        mismatches.extend(answers.unused().iter().map(|report| Mismatch::told(case.line, report)));
    } else {
        // Where something else came out, this is most likely why.
        mismatches.extend(answers.missing().iter().map(|report| Mismatch::told(case.line, report)));
    }
    mismatches
}

/// Waits until everything that was set off has come to its end.
async fn idle(line: usize, running: &Running) -> Result<(), Mismatch> {
    tokio::time::timeout(IDLE_TIMEOUT, running.idle())
        .await
        .map_err(|_| Mismatch::hopeless(line, format!("the project is not idle after {IDLE_TIMEOUT:?}")))
}

/// Sends a request once what stands before it has taken effect.
async fn exchange(
    fence: &Fence,
    running: &Running,
    (options, known): (&Options, &[Str]),
) -> Result<request::Response, Mismatch> {
    idle(fence.line, running).await?;
    for (at, name) in request::secrets(&fence.text) {
        // Where nobody refers to it, a secret would be made that nothing knows.
        if !known.iter().any(|it| it == name) && !options.secrets.is_set(name) {
            return Err(Mismatch::reported(fence, at, &request::unknown_secret(name, known)));
        }
    }
    let secret = |name: &str| options.secrets.get(name).map(|secret| secret.expose().to_owned());
    let Some(address) = running.address() else {
        return Err(Mismatch::hopeless(fence.line, "the project serves no API"));
    };
    request::send(&fence.text, address, &secret).await.map_err(|report| Mismatch::reported(fence, 0, &report))
}

fn compare_response(fence: &Fence, seen: Option<&request::Response>) -> Result<(), Mismatch> {
    let Some(seen) = seen else {
        return Err(Mismatch::hopeless(fence.line, "no request was sent before this response"));
    };
    request::compare(&fence.text, seen).map_err(|text| Mismatch::expected(fence, text))
}

/// Waits until everything that was sent has arrived, then compares what `look` sees, line by line.
async fn settled(
    fence: &Fence,
    running: &Running,
    look: impl Future<Output = Result<Vec<String>, Report>>,
) -> Result<(), Mismatch> {
    idle(fence.line, running).await?;
    let seen = look.await.map_err(|report| Mismatch::reported(fence, 0, &report))?;
    expect::lines(&fence.text, &seen).map_err(|text| Mismatch::expected(fence, text))
}

fn compare_text(fence: &Fence, seen: &str) -> Option<Mismatch> {
    (fence.text.trim() != seen.trim()).then(|| Mismatch::expected(fence, format!("{}\n", seen.trim())))
}

fn rendered(problems: &Reports, sources: &Sources) -> String {
    let texts: Vec<_> =
        problems.iter().map(|report| render::text(report, sources, render::Colour::Never)).collect();
    texts.join("\n\n")
}
