//! `tenon contract lint`: what a contract leaves open.

use serde_json::{Value as Json, json};
use tenon_contracts::parts::walk;
use tenon_errors::render;
use tenon_model::{Kind, Shape};

use super::{Problems, open::open_one};
use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

/// A piece of advice.
struct Advice {
    rule: &'static str,
    path: String,
    message: String,
}

pub fn run(contract: &str, output: &Output) -> Result<Exit, Problems> {
    let opened = open_one(contract)?;
    let mut advice = Vec::new();
    if opened.definition.doc.is_none() && opened.definition.title.is_none() {
        advice.push(Advice {
            rule: "no-description",
            path: String::new(),
            message: "has neither a title nor a description".to_owned(),
        });
    }
    of_parts(&opened.definition.shape, &mut advice);
    of_names(&opened.definition.shape, &mut advice);
    let sources = opened.sources();
    if output.is_json() {
        let one = |it: &Advice| {
            let place = opened.place_of(&it.path);
            json!({ "rule": it.rule, "path": it.path, "message": it.message, "line": place.line, "column": place.column })
        };
        let notes = opened.notes.iter().map(render::json).collect::<Json>();
        output.json(&json!({ "file": opened.file, "advice": advice.iter().map(one).collect::<Json>(), "notes": notes }));
        return Ok(SUCCESS);
    }
    for it in &advice {
        let subject = if it.path.is_empty() { "the contract".to_owned() } else { format!("`{}`", it.path) };
        output.line(format!("{}: [{}] {subject} {}", opened.place_of(&it.path), it.rule, it.message));
    }
    opened.notes.iter().for_each(|note| output.warning(note, &sources));
    if advice.is_empty() && opened.notes.is_empty() {
        output.line(format!("{}: nothing to say", opened.file));
    }
    Ok(SUCCESS)
}

fn of_parts(shape: &Shape, advice: &mut Vec<Advice>) {
    walk(shape, &mut |part| {
        let mut say = |rule, message: &str| {
            advice.push(Advice { rule, path: part.path.clone(), message: message.to_owned() });
        };
        if part.field.is_some_and(|field| field.doc.is_none()) {
            say("no-description", "has no description");
        }
        match &part.shape.resolved().kind {
            Kind::String(text)
                if text.length.max.is_none() && text.format.is_none() && text.pattern.is_none() =>
            {
                say(
                    "unbounded-text",
                    "is text of any length; give it a greatest length, a pattern or a format",
                );
            }
            Kind::List(list) if list.length.max.is_none() => {
                say("unbounded-list", "may have any number of items; give it a greatest number");
            }
            Kind::Any => say("open-value", "may be anything; say what it is"),
            Kind::Record(record) if record.rest.is_some() && part.field.is_none() && part.path.is_empty() => {
                say(
                    "open-record",
                    "allows fields that it does not list; close it, or new fields can break readers",
                );
            }
            _ => {}
        }
    });
}

/// The form that most names have, and the names that have another.
fn of_names(shape: &Shape, advice: &mut Vec<Advice>) {
    let mut names = Vec::new();
    walk(shape, &mut |part| {
        names.extend(part.field.map(|field| (part.path.clone(), field.name.to_string())));
    });
    let has_underscore = |name: &str| name.contains('_');
    let has_capital = |name: &str| name.chars().any(char::is_uppercase) && !has_underscore(name);
    let snake = names.iter().filter(|(_, name)| has_underscore(name)).count();
    let camel = names.iter().filter(|(_, name)| has_capital(name)).count();
    if snake == 0 || camel == 0 {
        return;
    }
    for (path, name) in &names {
        let (differs, usual) = if snake >= camel {
            (has_capital(name), "snake_case")
        } else {
            (has_underscore(name), "camelCase")
        };
        if differs {
            let message = format!("has a name of another form than most, which are in {usual}");
            advice.push(Advice { rule: "mixed-names", path: path.clone(), message });
        }
    }
}
