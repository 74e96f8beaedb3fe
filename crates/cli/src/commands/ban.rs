//! `tenon ban`: who is refused at once.

use jiff::Timestamp;
use serde_json::json;
use tenon_engine::{
    Options,
    bans::{self, Change},
};
use tenon_errors::{Report, Reports, catalogue::engine::BAD_USAGE};
use tenon_model::units;
use tenon_security::ban::{Ban as Held, Banned};

use super::serving_nothing;
use crate::{
    args::{Ban, Whom},
    exit::{Exit, FAILED, SUCCESS},
    output::{Output, columns},
};

pub fn run(ban: Ban, output: &Output) -> Result<Exit, Reports> {
    match ban {
        Ban::Add { whom, duration, reason, project } => {
            let until = duration.map(|text| until(&text)).transpose()?;
            let banned = banned(&whom)?;
            let change = Change::Add(banned, Held { until, reason: reason.into() });
            make(&serving_nothing(project.into()), &change, output)
        }
        Ban::Lift { whom, project } => {
            make(&serving_nothing(project.into()), &Change::Lift(banned(&whom)?), output)
        }
        Ban::List { project } => list(&serving_nothing(project.into()), output),
    }
}

fn make(options: &Options, change: &Change, output: &Output) -> Result<Exit, Reports> {
    let (is_change, runs) = bans::change(options, change)?;
    let (banned, done) = match change {
        Change::Add(banned, _) => (banned, "banned"),
        Change::Lift(banned) => (banned, "admitted again"),
    };
    if output.is_json() {
        let (kind, name) = banned.parts();
        output.json(&json!({ "kind": kind, "name": name, "changed": is_change, "running": runs }));
    } else if is_change {
        output.line(format!("{banned}: {done}"));
        if !runs {
            output.note("note: the project does not run; this counts from its next start on\n");
        }
    } else {
        output.line(format!("{banned}: as before"));
    }
    // Who lifts a ban that is not there has most likely mistyped it.
    Ok(if matches!(change, Change::Lift(_)) && !is_change { FAILED } else { SUCCESS })
}

fn list(options: &Options, output: &Output) -> Result<Exit, Reports> {
    let all = bans::all(options)?;
    if output.is_json() {
        let entry = |(banned, ban): &(Banned, Held)| {
            let (kind, name) = banned.parts();
            let until = ban.until.map(|until| until.to_string());
            json!({ "kind": kind, "name": name, "until": until, "reason": ban.reason.as_str() })
        };
        output.json(&all.iter().map(entry).collect());
        return Ok(SUCCESS);
    }
    if all.is_empty() {
        output.line("nobody is banned");
        return Ok(SUCCESS);
    }
    let now = Timestamp::now();
    let mut rows = vec![["KIND", "NAME", "UNTIL", "REASON"].map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|(banned, ban)| {
        let (kind, name) = banned.parts();
        let until = match ban.until {
            None => "lifted".to_owned(),
            Some(until) if now >= until => format!("{until} (over)"),
            Some(until) => until.to_string(),
        };
        vec![kind.to_owned(), name, until, ban.reason.to_string()]
    }));
    output.line(columns(&rows));
    Ok(SUCCESS)
}

fn banned(whom: &Whom) -> Result<Banned, Report> {
    let given =
        [("principal", &whom.principal), ("credential", &whom.credential), ("address", &whom.address)];
    let given = given.into_iter().find_map(|(kind, text)| Some((kind, text.as_deref()?)));
    let found = given.map(|(kind, text)| Banned::of_parts(kind, text)).transpose()?.flatten();
    found.ok_or_else(|| {
        Report::new(&BAD_USAGE, "it is not said who is meant").hint("write `--principal NAME`")
    })
}

fn until(text: &str) -> Result<Timestamp, Report> {
    let bad = || Report::new(&BAD_USAGE, format!("`{text}` is not a duration")).hint("write `1h` or `30d`");
    let length = units::duration(text).ok_or_else(bad)?;
    Timestamp::now().checked_add(length).map_err(|_| bad())
}
