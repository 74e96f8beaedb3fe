//! `tenon token`: tokens of the development issuer.

use serde_json::{Value, json};
use tenon_engine::development::{self, Wanted};
use tenon_errors::{Report, Reports, catalogue::engine::BAD_USAGE};
use tenon_model::units;

use super::{plan, serving_nothing};
use crate::{
    args::TokenArgs,
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(args: TokenArgs, output: &Output) -> Result<Exit, Reports> {
    let options = serving_nothing(args.project.into());
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let holds = units::duration(&args.expires).ok_or_else(|| {
        Report::new(&BAD_USAGE, format!("`{}` is not a duration", args.expires)).hint("write `1h` or `30m`")
    })?;
    let claims = args.claims.iter().map(|text| claim(text)).collect::<Result<_, Report>>()?;
    let wanted = Wanted {
        api: args.api,
        issuer: args.issuer,
        subject: args.subject,
        scopes: args.scopes,
        holds,
        claims,
    };
    let token = development::mint(&plan, &options, &wanted)?;
    if output.is_json() {
        output.json(&json!({ "token": token }));
    } else {
        output.line(token);
    }
    Ok(SUCCESS)
}

/// A claim written as `NAME=VALUE`; the value is JSON, or text where it is none.
fn claim(text: &str) -> Result<(String, Value), Report> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
        Report::new(&BAD_USAGE, format!("`{text}` is not a claim")).hint("write it as `NAME=VALUE`")
    })?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
}
