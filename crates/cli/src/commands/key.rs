//! `tenon key`: API keys, hashes of passwords, and who has which.

use std::io::{self, IsTerminal, Read};

use jiff::Timestamp;
use serde_json::json;
use tenon_engine::{
    callers::{self, Credential},
    secrets::random,
};
use tenon_errors::{
    Report, Reports,
    catalogue::engine::{BAD_USAGE, IO_FAILED},
};
use tenon_security::{
    SecretText,
    api_key::{KeyHash, made_of},
    password::PasswordHash,
};

use super::{plan, serving_nothing};
use crate::{
    args::Key,
    exit::{Exit, SUCCESS},
    output::{Output, columns},
};

/// The most bytes of a secret that is read.
const MAX_INPUT: u64 = 64 << 10;

pub fn run(key: Key, output: &Output) -> Result<Exit, Reports> {
    match key {
        Key::Make { stdin } => make(stdin, output)?,
        Key::Password => password(output)?,
        Key::List { project } => return list(project.into(), output),
    }
    Ok(SUCCESS)
}

fn make(stdin: bool, output: &Output) -> Result<(), Report> {
    let key = if stdin { typed("the key", output)? } else { made_of(random()?) };
    let hash = KeyHash::of("read", &key)?.to_string();
    match (output.is_json(), stdin) {
        (true, true) => output.json(&json!({ "hash": hash })),
        (true, false) => output.json(&json!({ "key": key.expose(), "hash": hash })),
        (false, true) => output.line(format!("hash: \"{hash}\"")),
        (false, false) => {
            output.line(format!("key:  {}\nhash: \"{hash}\"", key.expose()));
            output.note("note: the key is shown this once; its hash goes into `auth.api_keys`\n");
        }
    }
    Ok(())
}

fn password(output: &Output) -> Result<(), Report> {
    let hash = PasswordHash::make(&typed("the password", output)?, random()?)?.to_string();
    if output.is_json() {
        output.json(&json!({ "hash": hash }));
    } else {
        output.line(format!("hash: \"{hash}\""));
    }
    Ok(())
}

/// What stands on standard input, without the end of its line.
fn typed(what: &str, output: &Output) -> Result<SecretText, Report> {
    if io::stdin().is_terminal() {
        output.note(format!(
            "note: {what} is read until the end of the input (Ctrl-D), and seen while it is typed\n"
        ));
    }
    let mut text = String::new();
    let read = io::stdin().take(MAX_INPUT).read_to_string(&mut text);
    read.map_err(|error| Report::new(&IO_FAILED, format!("standard input: {error}")))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.contains('\n') {
        let report = Report::new(&BAD_USAGE, format!("{what} has several lines"));
        return Err(report.hint("give it on one line"));
    }
    Ok(SecretText::new(text))
}

fn list(project: crate::args::Project, output: &Output) -> Result<Exit, Reports> {
    let options = serving_nothing(project);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let (credentials, runs) = callers::credentials(&plan, &options)?;
    if output.is_json() {
        output.json(&credentials.iter().map(machine).collect());
        return Ok(SUCCESS);
    }
    let now = Timestamp::now();
    let mut rows =
        vec![["API", "KIND", "NAME", "OWNER", "SCOPES", "EXPIRES", "LAST USED"].map(str::to_owned).to_vec()];
    rows.extend(credentials.iter().map(|it| row(it, runs, now)));
    output.line(columns(&rows));
    if !runs {
        output.note("note: the project does not run, so it is not known when they were used\n");
    }
    Ok(SUCCESS)
}

fn row(it: &Credential, runs: bool, now: Timestamp) -> Vec<String> {
    let expires = match it.expires {
        None => "never".to_owned(),
        Some(at) if now >= at => format!("{at} (expired)"),
        Some(at) => at.to_string(),
    };
    let used = match it.last_used {
        Some(at) => at.to_string(),
        None if runs => "not since the start".to_owned(),
        None => "?".to_owned(),
    };
    let kind = it.kind.name().to_owned();
    vec![
        it.api.to_string(),
        kind,
        it.name.to_string(),
        it.owner.to_string(),
        it.scopes.join(" "),
        expires,
        used,
    ]
}

fn machine(it: &Credential) -> serde_json::Value {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "api": it.api.as_str(),
        "kind": it.kind.name(),
        "name": it.name.as_str(),
        "owner": it.owner.as_str(),
        "scopes": it.scopes.iter().map(tenon_model::Str::as_str).collect::<Vec<_>>(),
        "expires": time(it.expires),
        "last_used": time(it.last_used),
    })
}
