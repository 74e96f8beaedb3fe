//! What share of the contracts of the wild is read, and why the others are not: schemas, descriptions of APIs and of messages, and
//! XML, from packages that are pinned so that two runs can be compared.

mod addresses;
mod descriptions;
mod judges;
mod schemas;
pub(crate) mod xml;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use tenon_errors::Reports;

use crate::packages;

/// How many reasons are printed for each collection.
const REASONS: usize = 30;
/// Read by a test of the contracts, where it was fetched.
const GOOGLE_APIS: &str = "googleapis-common-protos==1.76.0";

/// Reads every collection, or only the schemas in `folder`, and prints what was found.
///
/// # Errors
/// What cannot be fetched.
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    if let Some(folder) = folder {
        return schemas::of_folder(&folder, Path::new(&folder));
    }
    packages::wheel(GOOGLE_APIS)?;
    schemas::run()?;
    descriptions::run()?;
    xml::run()
}

/// What is printed of a collection: the shares of what is read, of what is readable at all, and of all.
fn shares(read: usize, readable: usize, all: usize) -> String {
    let share = |of: usize| (read * 1_000).checked_div(of).unwrap_or(0);
    let percent = |of: usize| format!("{}.{} %", share(of) / 10, share(of) % 10);
    format!(
        "{read} of {readable} that are readable at all are read ({}), of {all} in all ({})",
        percent(readable),
        percent(all)
    )
}

/// Why files are refused: how many for each reason, with one of them.
#[derive(Default)]
struct Reasons(BTreeMap<String, (usize, String)>);

impl Reasons {
    /// Counts each reason of a file once.
    fn add(&mut self, file: &str, problems: &Reports) {
        let all: BTreeSet<String> =
            problems.iter().map(|report| reason(report.code().id, report.message())).collect();
        for reason in all {
            self.0.entry(reason).or_insert_with(|| (0, file.to_owned())).0 += 1;
        }
    }

    /// Prints the most frequent ones.
    #[expect(clippy::print_stdout, reason = "a command line tool")]
    fn print(self) {
        let mut reasons: Vec<_> = self.0.into_iter().collect();
        reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (reason, (count, example)) in reasons.iter().take(REASONS) {
            println!("  {count:>4}  {reason}  (as in {example})");
        }
    }
}

/// The message with what differs from schema to schema taken out.
pub(crate) fn reason(code: &str, message: &str) -> String {
    let mut out = String::new();
    for (position, part) in message.split('`').enumerate() {
        let is_keyword = part.len() < 24
            && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'$' || byte == b'-');
        match position % 2 {
            0 => out.push_str(part),
            _ if is_keyword => out.push_str(&format!("`{part}`")),
            _ => out.push_str("`…`"),
        }
    }
    let out: String = out.chars().take(110).collect();
    format!("{code} {out}")
}
