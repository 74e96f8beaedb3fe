//! XML Schema and WSDL: what is refused and why, and what is left out of descriptions of services.

use tenon_contracts::format;
use tenon_errors::Reports;

use super::{judges, reason};
use crate::{
    folder::{Folder, files},
    packages,
    xml::XMLSCHEMA,
};

const ZEEP: &str = "zeep==4.3.3";
const XSDATA: &str = "xsdata==26.10";
const STRONG_SOAP: &str = "strong-soap@5.0.10";

/// Reads the schemas and descriptions of all packages, and prints what was found.
///
/// # Errors
/// What cannot be fetched.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run() -> Result<(), String> {
    let mut folders = Vec::new();
    for package in [ZEEP, XMLSCHEMA, XSDATA] {
        folders.push(packages::sources(package)?);
    }
    folders.push(packages::npm(STRONG_SOAP)?);
    for ending in ["wsdl", "xsd"] {
        let (mut count, mut refused, mut operations, mut left_out) = (0, Vec::new(), 0, 0);
        for folder in &folders {
            for path in files(folder, &[ending])? {
                count += 1;
                let read = Folder(folder.clone()).read_file(&path, |source| {
                    format::of_ending(ending)
                        .map_or_else(|| Ok(format::Schema::default()), |format| format.read(source))
                });
                match read {
                    Ok(schema) => {
                        operations += schema.operations.len();
                        left_out += schema.notes.iter().filter(|note| note.code().id == "C0002").count();
                    }
                    Err(problems) => refused.push((path, first(&problems))),
                }
            }
        }
        let paths: Vec<_> = refused.iter().map(|(path, _)| path.clone()).collect();
        let verdicts = judges::verdicts(ending, &paths)?;
        let wrong = verdicts.iter().filter(|verdict| !verdict.is_valid()).count();
        let read = count - refused.len();
        println!("{}: {}", ending.to_uppercase(), super::shares(read, count - wrong, count));
        if ending == "wsdl" {
            println!(
                "  {operations} operations; {left_out} notes of operations and bindings that are left out"
            );
        }
        // First what is ours to explain.
        let mut judged: Vec<_> = refused.iter().zip(&verdicts).collect();
        judged.sort_by_key(|(_, verdict)| !verdict.is_valid());
        for ((path, why), verdict) in judged {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let mark = if verdict.is_valid() { "differs" } else { "invalid" };
            println!("  {mark} {name}: {why} ({verdict})");
        }
    }
    Ok(())
}

/// The first problem, without what differs from file to file.
pub(crate) fn first(problems: &Reports) -> String {
    problems.iter().next().map_or_else(String::new, |report| reason(report.code().id, report.message()))
}
