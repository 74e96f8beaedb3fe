//! No circle between the top modules of a crate: what they use of each other is read from `crate::…` in their text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{files, root};

/// The circles that there still are, each of modules that lead to each other. None may be added, none may grow, and one that is
/// gone leaves the list.
const KNOWN: &[(&str, &[&str])] = &[
    ("api", &["graphql", "grpc", "http", "operation", "protocols", "rest", "soap"]),
    ("cli", &["args", "contract", "output"]),
    ("connectors", &["backup", "state"]),
    ("connectors", &["embedded", "lock", "mark", "parts"]),
    ("contracts", &["avro", "format"]),
    ("contracts", &["compiled", "json", "reading"]),
    ("document", &["builder", "json", "parse", "syntax"]),
    ("engine", &["folder", "systems"]),
    ("flows", &["effects", "moves", "program", "replay", "request", "steps", "watched", "world"]),
    ("mapping", &["check", "evaluate", "fits", "functions", "messages", "scope", "sensitive"]),
    ("mapping", &["mapping", "template"]),
    ("model", &["map", "value"]),
    ("model", &["shape", "types"]),
    ("plan", &["check", "compile", "parse"]),
    ("ports", &["comparison", "database"]),
    ("ports", &["dead_letter", "source"]),
    ("testing", &["case", "clock", "files"]),
];

/// What a module uses of its siblings.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_modules_of_a_crate_lead_to_no_circles_but_those_known() {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        found.extend(
            circles(&uses(&entry.path().join("src"))).into_iter().map(|circle| (name.clone(), circle)),
        );
    }
    let is_within = |(name, circle): &(String, Vec<String>), (of, known): &(&str, &[&str])| {
        name == of && circle.iter().all(|module| known.contains(&module.as_str()))
    };
    let new: Vec<_> =
        found.iter().filter(|circle| !KNOWN.iter().any(|known| is_within(circle, known))).collect();
    assert!(new.is_empty(), "modules that lead to each other: {new:#?}");
    let gone: Vec<_> =
        KNOWN.iter().filter(|known| !found.iter().any(|circle| is_within(circle, known))).collect();
    assert!(gone.is_empty(), "circles that are gone, and may leave the list: {gone:#?}");
}

/// Who uses whom among the top modules of the crate in `source`.
fn uses(source: &Path) -> Uses {
    let main = ["lib.rs", "main.rs"].map(|name| source.join(name)).into_iter().find(|file| file.exists());
    let Some(main) = main else { return Uses::new() };
    let main = without_comments(&fs::read_to_string(main).unwrap());
    let modules = modules(&main);
    let exported = exported(&main, &modules);
    let mut uses: Uses = modules.iter().map(|module| (module.clone(), BTreeSet::new())).collect();
    for file in files(source, &["rs"]) {
        let path = file.strip_prefix(source).unwrap().to_string_lossy().into_owned();
        let first = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let Some(own) = uses.get_mut(first) else { continue };
        if path.contains("tests") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let text = without_comments(text.split("#[cfg(test)]").next().unwrap_or_default());
        for name in named(&text) {
            let module = if modules.contains(&name) { Some(&name) } else { exported.get(&name) };
            own.extend(module.filter(|module| *module != first).cloned());
        }
    }
    uses
}

/// The modules that the root of a crate declares and builds always.
fn modules(main: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    let mut is_test = false;
    for line in main.lines() {
        let name = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ").strip_prefix("mod ");
        if let Some(name) = name.and_then(|name| name.strip_suffix(';')).filter(|_| !is_test) {
            modules.insert(name.to_owned());
        }
        is_test = line.starts_with("#[cfg(") && line.contains("test");
    }
    modules
}

/// The names that the root of a crate hands on, by the modules that they are from.
fn exported(main: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut exported = BTreeMap::new();
    for statement in main.split("use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(it, _)| it) {
        let statement = statement.trim_start_matches("self::");
        for part in parts(statement) {
            let Some((module, names)) = part.split_once("::").filter(|(module, _)| modules.contains(*module))
            else {
                continue;
            };
            let words =
                names.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
            exported.extend(words.map(|word| (word.to_owned(), module.to_owned())));
        }
    }
    exported
}

/// The first names after each `crate::`.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, found) in text.match_indices("crate::") {
        let is_part = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !is_part {
            names.extend(parts(&text[at + found.len()..]).into_iter().map(|part| word(&part).to_owned()));
        }
    }
    names
}

/// The paths that a use of several stands for, up to the first brace within; one, where there is no brace.
fn parts(text: &str) -> Vec<String> {
    let Some(list) = text.strip_prefix('{') else { return vec![text.to_owned()] };
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0);
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            letter => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                part.push(letter);
            }
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The sets of modules that each lead to all of the others.
fn circles(uses: &Uses) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        uses.keys().map(|from| (from, reach(uses, from))).collect();
    let mut circles = BTreeSet::new();
    for (module, others) in &reached {
        let circle: Vec<String> = others
            .iter()
            .filter(|other| reached[**other].contains(module))
            .map(|other| (*other).clone())
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'u>(uses: &'u Uses, from: &'u String) -> BTreeSet<&'u String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        for next in uses.get(module).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

#[test]
fn circles_are_found_through_re_exports_and_braces() {
    let main = "mod a;\npub mod b;\n#[cfg(test)]\nmod tests;\npub use self::{\n    a::{One, Two},\n};\n";
    let modules = modules(main);
    assert_eq!(modules.iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(exported(main, &modules)["Two"], "a");
    let names = named("use crate::{\n    Two,\n    b::{self, x},\n};\nlet it = crate::c::d();");
    assert_eq!(names.iter().collect::<Vec<_>>(), ["Two", "b", "c"]);
    let uses = [("a", "b"), ("b", "a"), ("c", "a")];
    let uses = uses.map(|(from, to)| (from.to_owned(), BTreeSet::from([to.to_owned()])));
    assert_eq!(circles(&Uses::from(uses)), [["a", "b"]]);
}
