//! The cases of OpenAPITools/openapi-diff, held against `tenon contract diff`: where both find the same, and where not, with the reason.
//! They are no part of the repository: a folder `conformance/openapi-diff` is looked for around the checkout.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tenon_contracts::{
    Format,
    format::{NoFiles, Source},
    openapi::OpenApi,
    relate::{
        Direction,
        operations::{Difference, compare},
    },
};

/// Where we say otherwise on purpose, by the test, with the reason.
const ON_PURPOSE: &[(&str, &str)] = &[
    ("AllOfDiffTest.testDiffDifferent1", SAME_VALUES),
    ("ArrayDiffTest.testArrayDiffDifferent", SAME_VALUES),
    ("ParameterDiffTest.issue458IntegerFormatChanged", SAME_VALUES),
    ("ParameterDiffTest.issue458ExclusiveMinimumRemoved", SAME_VALUES),
    ("ParameterDiffTest.issue458ExclusiveMaximumRemoved", SAME_VALUES),
    ("HeaderBCTest.responseExplodeChanged", LONE_VALUE),
    ("ParameterBCTest.explodeChanged", LONE_VALUE),
    ("OneOfDiffTest.testComposedSchema", NARROWER_REPLY),
    ("HeaderBCTest.responseRequiredIncreased", NARROWER_REPLY),
    ("MinLengthBCTest.responseMinLengthIncreased", NARROWER_REPLY),
    ("SchemaBCTest.responseFormatDecreased", NARROWER_REPLY),
    ("WriteOnlyBCTest.responseWriteOnlyRequiredDecreased", NARROWER_REPLY),
    ("SchemaBCTest.requestFormatIncreased", "a service that takes more integers takes those of old clients"),
    (
        "MinLengthBCTest.responseMinLengthDecreasedButCompatible",
        "a shorter reply is one that old clients refuse",
    ),
    (
        "OneOfDiffTest.testOneOfDiscrimitatorMissingDifferentOrder",
        "alternatives of open objects overlap, and whether others do is not decided: it is told as too complex",
    ),
    (
        "OneOfBCTest.changedButCompatible",
        "`oneOf` refuses what fits two alternatives, and a further one may fit: it is told as too complex",
    ),
    (
        "OneOfBCTest.requestDecreased",
        "alternatives of open objects overlap, and whether others do is not decided: it is told as too complex",
    ),
    ("OperationBCTest.operationIdChangedInCompatibleWithFlagSet", "needs a flag of openapi-diff"),
    ("ParameterBCTest.styleChanged", "the new description is not valid: no query has the style `simple`"),
    ("SchemaDiffTest.addPropertyHandlingTest", "the description is not valid: there is no type `count`"),
    (
        "ReadOnlyBCTest.requestReadOnlyIncreased",
        "an open object takes the field from old clients as any other",
    ),
    ("WriteOnlyBCTest.responseWriteOnlyIncreased", "the field was optional in the reply of an open object"),
    (
        "SecuritySchemeBCTest.bearerFormatChanged",
        "`bearerFormat` says something to people, and nothing is sent by it",
    ),
];

const LONE_VALUE: &str = "a lone value is written the same, exploded or not";
const SAME_VALUES: &str = "both allow the same values";
const NARROWER_REPLY: &str = "what the new service answers, old clients read";

/// What is expected of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Expected {
    Incompatible,
    Compatible,
    Equal,
    Changed,
}

impl Expected {
    fn of(assertion: &str) -> Option<Self> {
        Some(match assertion {
            "assertSpecIncompatible" | "assertOpenApiBackwardIncompatible" => Self::Incompatible,
            "assertSpecChangedButCompatible" | "assertOpenApiBackwardCompatible" => Self::Compatible,
            "assertSpecUnchanged" | "assertOpenApiAreEquals" => Self::Equal,
            "assertOpenApiChangedEndpoints" => Self::Changed,
            _ => return None,
        })
    }

    /// Whether what was found is what is expected.
    fn holds(self, backward: &[Difference], forward: &[Difference]) -> bool {
        match self {
            Self::Incompatible => !backward.is_empty(),
            Self::Compatible => backward.is_empty(),
            Self::Equal => backward.is_empty() && forward.is_empty(),
            Self::Changed => !backward.is_empty() || !forward.is_empty(),
        }
    }
}

/// Runs the cases in `folder`, or in the one that is found around the checkout.
///
/// # Errors
/// Pairs that differ without a known reason.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    let Some(folder) = folder.map(PathBuf::from).or_else(found) else {
        println!(
            "SKIPPED: there is no folder `conformance/openapi-diff` around the checkout, so none of its 145 cases ran"
        );
        return Ok(());
    };
    let path = folder.join("expected.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let cases: Vec<Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut counts: BTreeMap<Expected, (usize, usize)> = BTreeMap::new();
    let mut unexplained = 0;
    for case in &cases {
        let field = |name: &str| case[name].as_str().unwrap_or_default();
        let expected =
            Expected::of(field("assert")).ok_or_else(|| format!("{} is not known", field("assert")))?;
        let (right, total) = counts.entry(expected).or_default();
        *total += 1;
        let verdict = verdict(&folder, field("base"), field("revision"));
        let said = match &verdict {
            Ok((backward, forward)) if expected.holds(backward, forward) => {
                *right += 1;
                continue;
            }
            Ok((backward, forward)) => {
                let first = backward.first().or(forward.first());
                first.map_or("no difference".to_owned(), |it| {
                    format!("{} {}: {}", it.rule, it.operation, it.message)
                })
            }
            Err(refused) => refused.clone(),
        };
        let test = field("test");
        match ON_PURPOSE.iter().find(|(known, _)| *known == test) {
            Some((_, reason)) => println!("  on purpose: {test} ({expected:?}): {reason}"),
            None => {
                unexplained += 1;
                println!("  {test} ({expected:?}; {} to {}): {said}", field("base"), field("revision"));
            }
        }
    }
    for (expected, (right, total)) in counts {
        println!("{expected:?}: {right} of {total} as openapi-diff says");
    }
    if unexplained == 0 { Ok(()) } else { Err(format!("{unexplained} cases differ without a known reason")) }
}

fn found() -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.canonicalize().ok()?;
    let places = ["conformance/openapi-diff", "shared/conformance/openapi-diff"];
    checkout
        .ancestors()
        .flat_map(|folder| places.map(|place| folder.join(place)))
        .find(|folder| folder.join("expected.json").is_file())
}

/// What breaks, backward and forward.
fn verdict(folder: &Path, base: &str, revision: &str) -> Result<(Vec<Difference>, Vec<Difference>), String> {
    let subjects = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let source = Source { file, text: &text, files: &NoFiles };
        OpenApi.subjects(&source).map_err(|reports| {
            let first = reports.iter().next().map_or("", |report| report.message());
            format!("{file} is refused: {first}")
        })
    };
    let (old, new) = (subjects(base)?, subjects(revision)?);
    Ok((compare(&old, &new, Direction::Backward), compare(&old, &new, Direction::Forward)))
}
