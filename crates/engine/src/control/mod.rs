//! Talking to a running project through a socket in its state folder, so that dead letters can be replayed and callers banned
//! while it runs. One line of JSON is sent and one comes back; only the owner of the state folder can connect.

pub(crate) mod guarding;
mod replaying;

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    os::{
        fd::AsRawFd,
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tenon_errors::{Report, catalogue, catalogue::engine::INTERNAL, catalogue::engine::IO_FAILED, render};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream as AsyncStream},
    task::JoinSet,
};

pub(crate) use guarding::Guarding;
pub(crate) use replaying::{ReplayRequest, outcomes, replay};

/// The longest line in either direction.
const MAX_LINE: u64 = 64 << 20;

/// How long a connection may take to say what it wants.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What can be asked of a running project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To replay dead letters.
    Replay(ReplayRequest),
    /// About callers.
    Guarding(Guarding),
}

/// The name of the socket.
const SOCKET: &str = "control.sock";

/// A path of the socket that is short enough for one (108 bytes), however deep the state folder lies: through the open
/// folder, which has to stay open while the path is used.
fn socket(state: &Path) -> std::io::Result<(File, PathBuf)> {
    let folder = File::open(state)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(SOCKET);
    Ok((folder, path))
}

/// Answers requests until dropped.
///
/// # Errors
/// `E0003` if the socket cannot be made.
pub(crate) fn listen<F, A>(state: &Path, answer: F) -> Result<tokio::task::JoinHandle<()>, Report>
where
    F: Fn(Asked) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Value, Report>> + Send + 'static,
{
    let failed = |error: std::io::Error| {
        Report::new(&IO_FAILED, format!("`{}`: {error}", state.join(SOCKET).display()))
    };
    let (_folder, path) = socket(state).map_err(failed)?;
    // The state folder is locked by this process, so a socket that is there was left behind by a crash.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(failed)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    let answer = Arc::new(answer);
    Ok(tokio::spawn(async move {
        // Conversations end with this task.
        let mut conversations = JoinSet::new();
        loop {
            while conversations.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, _)) => {
                    let answer = Arc::clone(&answer);
                    conversations.spawn(async move {
                        if let Err(error) = converse(stream, answer.as_ref()).await {
                            tracing::warn!(%error, "a control connection broke off");
                        }
                    });
                }
                Err(error) => {
                    // Most often too many open files: wait instead of spinning, and go on.
                    tracing::warn!(%error, "a control connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }))
}

async fn converse<F, A>(stream: AsyncStream, answer: &F) -> std::io::Result<()>
where
    F: Fn(Asked) -> A,
    A: Future<Output = Result<Value, Report>>,
{
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(read.take(MAX_LINE));
    tokio::time::timeout(REQUEST_TIMEOUT, reader.read_line(&mut line)).await??;
    let reply = match parse(&line) {
        Some(request) => match answer(request).await {
            Ok(value) => json!({ "answer": value }),
            Err(report) => json!({ "error": render::json(&report) }),
        },
        None => {
            json!({ "error": render::json(&Report::new(&INTERNAL, "the control request is not understood")) })
        }
    };
    write.write_all(format!("{reply}\n").as_bytes()).await
}

fn parse(line: &str) -> Option<Asked> {
    let value: Value = serde_json::from_str(line).ok()?;
    let replay = || value.get("replay").and_then(ReplayRequest::of_json).map(Asked::Replay);
    let guarding = || value.get("guarding").and_then(Guarding::of_json).map(Asked::Guarding);
    replay().or_else(guarding)
}

/// Asks the running project; `None` if none is running.
///
/// # Errors
/// What the running project reports, or `E0003` if the connection breaks off.
pub(crate) fn ask(state: &Path, asked: &Asked) -> Result<Option<Value>, Report> {
    let connect = || UnixStream::connect(socket(state)?.1);
    let Ok(mut stream) = connect() else { return Ok(None) };
    let line = match asked {
        Asked::Replay(request) => json!({ "replay": request.json() }),
        Asked::Guarding(request) => json!({ "guarding": request.json() }),
    };
    writeln!(stream, "{line}").map_err(|error| broken(&error))?;
    let mut reply = String::new();
    BufReader::new(stream.take(MAX_LINE)).read_line(&mut reply).map_err(|error| broken(&error))?;
    let reply: Value = serde_json::from_str(&reply).map_err(|error| broken(&error))?;
    match (reply.get("error"), reply.get("answer")) {
        (Some(error), _) => Err(report(error)),
        (None, Some(answer)) => Ok(Some(answer.clone())),
        (None, None) => Err(broken(&"the answer is not understood")),
    }
}

fn broken(error: &dyn std::fmt::Display) -> Report {
    Report::new(&IO_FAILED, format!("the running project did not answer: {error}"))
}

/// A report from its JSON form, as far as it says.
fn report(value: &Value) -> Report {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let code = text("code").and_then(catalogue::find).unwrap_or(&INTERNAL);
    let mut report = Report::new(code, text("message").unwrap_or_default());
    if let Some(hint) = text("hint") {
        report = report.hint(hint);
    }
    if let Some(path) = text("path") {
        report = report.path(path);
    }
    let details = value.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    report.with_details(details.iter().map(self::report))
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::delivery::LOOKUP_MISSED;
    use tenon_flows::{ReplayOutcome, replay::Newer};

    use super::*;

    #[tokio::test]
    async fn a_running_project_answers_and_an_absent_one_does_not() {
        let state = tempfile::tempdir().unwrap();
        let request =
            ReplayRequest { ids: vec!["a-1".into(), "a-2".into()], dry_run: true, newer: Newer::Keep };
        assert!(replay(state.path(), &request).unwrap().is_none());
        let task = listen(state.path(), |asked: Asked| async move {
            let Asked::Replay(request) = asked else { panic!() };
            let failure = Report::new(&LOOKUP_MISSED, "no such airport").hint("load it");
            let outcome = |(n, id)| ReplayOutcome { id, failure: (n == 1).then(|| failure.clone()) };
            Ok(outcomes(&request.ids.into_iter().enumerate().map(outcome).collect::<Vec<_>>()))
        })
        .unwrap();
        let path = state.path().to_owned();
        let seen =
            tokio::task::spawn_blocking(move || replay(&path, &request)).await.unwrap().unwrap().unwrap();
        assert_eq!(seen.len(), 2);
        assert!(seen[0].failure.is_none());
        let failure = seen[1].failure.as_ref().unwrap();
        assert_eq!((failure.code().id, failure.advice()), ("F0001", Some("load it")));
        task.abort();
    }

    #[tokio::test]
    async fn a_silent_connection_keeps_nobody_waiting_and_a_long_path_is_no_obstacle() {
        let outer = tempfile::tempdir().unwrap();
        let state = outer.path().join("a-folder-with-a-long-name".repeat(8));
        std::fs::create_dir(&state).unwrap();
        let task = listen(&state, |_| async { Ok(json!([])) }).unwrap();
        let (_folder, path) = socket(&state).unwrap();
        let _silent = UnixStream::connect(path).unwrap();
        let request = ReplayRequest { ids: Vec::new(), dry_run: true, newer: Newer::Ask };
        let seen = tokio::task::spawn_blocking(move || replay(&state, &request)).await.unwrap().unwrap();
        assert!(seen.unwrap().is_empty());
        task.abort();
    }
}
