//! Results in the JUnit XML form that CI systems read.

use std::{fmt::Write as _, time::Duration};

use crate::Outcome;

/// The results as one `testsuites` document, a suite per test document.
#[must_use]
pub fn xml(outcomes: &[Outcome]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites{}>", totals(outcomes));
    for suite in outcomes.chunk_by(|a, b| a.document == b.document) {
        let name = escape(&suite[0].document);
        let _ = writeln!(out, "  <testsuite name=\"{name}\"{}>", totals(suite));
        for outcome in suite {
            let case = escape(&outcome.case);
            let seconds = outcome.duration.as_secs_f64();
            let _ = write!(out, "    <testcase classname=\"{name}\" name=\"{case}\" time=\"{seconds:.3}\"");
            match &outcome.failure {
                None => out.push_str("/>\n"),
                Some(failure) => {
                    // Most viewers show only the message; line breaks survive in it only as references.
                    let text = escape(failure.trim_end());
                    let message = text.replace('\n', "&#10;");
                    let _ = writeln!(out, "><failure message=\"{message}\">{text}</failure></testcase>");
                }
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn totals(outcomes: &[Outcome]) -> String {
    let failures = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let seconds = outcomes.iter().map(|outcome| outcome.duration).sum::<Duration>().as_secs_f64();
    format!(" tests=\"{}\" failures=\"{failures}\" time=\"{seconds:.3}\"", outcomes.len())
}

/// XML text; control characters that XML 1.0 does not allow are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_its_difference_and_a_suite_its_time() {
        let outcome = |case: &str, failure: Option<&str>| Outcome {
            document: "t.md".to_owned(),
            case: case.to_owned(),
            line: 1,
            duration: Duration::from_millis(250),
            failure: failure.map(str::to_owned),
            updated: false,
        };
        let text = xml(&[outcome("a", None), outcome("b", Some("  t.md:9\n    -<1>\n    +2\n"))]);
        assert!(
            text.contains("<testsuite name=\"t.md\" tests=\"2\" failures=\"1\" time=\"0.500\">"),
            "{text}"
        );
        assert!(text.contains("message=\"  t.md:9&#10;    -&lt;1&gt;&#10;    +2\">"), "{text}");
    }
}
