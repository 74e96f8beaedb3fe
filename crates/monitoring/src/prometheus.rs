//! The metrics in Prometheus' text format, version 0.0.4.

use std::fmt::{self, Write as _};

use tenon_model::Str;

use crate::{
    Metrics,
    histogram::Distribution,
    snapshot::{self, FamilySnapshot, Series, Value},
};

/// Every metric in use, ordered by name and label values.
#[must_use]
pub fn encode(metrics: &Metrics) -> String {
    let mut text = String::with_capacity(8 << 10);
    for family in snapshot::take(metrics) {
        // Writing into a String does not fail.
        let _ = write_family(&mut text, &family);
    }
    text
}

fn write_family(out: &mut String, snapshot: &FamilySnapshot) -> fmt::Result {
    let family = snapshot.family;
    writeln!(out, "# HELP {} {}", family.name, Escaped { text: family.help, quotes: false })?;
    writeln!(out, "# TYPE {} {}", family.name, family.kind.name())?;
    for Series { labels, value } in &snapshot.series {
        let labels = Labels { names: family.labels, values: labels, bound: None };
        match value {
            Value::Counter(count) => writeln!(out, "{}{labels} {count}", family.name)?,
            Value::Gauge(number) => writeln!(out, "{}{labels} {number}", family.name)?,
            Value::Histogram(held) => write_histogram(out, family.name, labels, held)?,
        }
    }
    Ok(())
}

fn write_histogram(out: &mut String, name: &str, labels: Labels<'_>, held: &Distribution) -> fmt::Result {
    for (bound, count) in &held.cumulative {
        writeln!(out, "{name}_bucket{} {count}", Labels { bound: Some(Bound::Seconds(*bound)), ..labels })?;
    }
    writeln!(out, "{name}_bucket{} {}", Labels { bound: Some(Bound::Infinite), ..labels }, held.count)?;
    writeln!(out, "{name}_sum{labels} {}", held.sum.as_secs_f64())?;
    writeln!(out, "{name}_count{labels} {}", held.count)
}

/// `{name="value",le="0.5"}`, or nothing where there are none.
#[derive(Clone, Copy)]
struct Labels<'a> {
    names: &'a [&'a str],
    values: &'a [Str],
    bound: Option<Bound>,
}

#[derive(Clone, Copy)]
enum Bound {
    Seconds(f64),
    Infinite,
}

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = '{';
        for (name, value) in self.names.iter().zip(self.values) {
            write!(f, "{separator}{name}=\"{}\"", Escaped { text: value, quotes: true })?;
            separator = ',';
        }
        match self.bound {
            Some(Bound::Seconds(bound)) => write!(f, "{separator}le=\"{bound}\"}}"),
            Some(Bound::Infinite) => write!(f, "{separator}le=\"+Inf\"}}"),
            None if separator == ',' => f.write_char('}'),
            None => Ok(()),
        }
    }
}

/// Text with backslashes and line feeds escaped, and in label values quotes too.
struct Escaped<'a> {
    text: &'a str,
    quotes: bool,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.text.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' if self.quotes => f.write_str("\\\"")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Family, Kind};

    static ROWS: Family = Family {
        name: "rows_total",
        help: "Rows read.",
        unit: "{row}",
        labels: &["flow"],
        kind: Kind::Counter,
    };
    static OPEN: Family = Family {
        name: "open",
        help: "A \"help\" with \\ and\nlines.",
        unit: "1",
        labels: &[],
        kind: Kind::Gauge,
    };
    static TOOK: Family = Family {
        name: "took_seconds",
        help: "How long it took.",
        unit: "s",
        labels: &["step"],
        kind: Kind::Histogram(&[0.000_001, 0.25, 10.0]),
    };

    #[test]
    fn the_text_is_the_same_for_the_same_metrics() {
        let metrics = Metrics::new();
        metrics.counter(&ROWS, &["b"]).add(7);
        metrics.gauge(&OPEN, &[]).set(-2);
        metrics.counter(&ROWS, &["a"]).inc();
        let took = metrics.histogram(&TOOK, &["1:map"]);
        took.record(Duration::from_nanos(900));
        took.record_each(Duration::from_millis(125), 2);
        took.record(Duration::from_secs(11));
        let expected = r#"# HELP open A "help" with \\ and\nlines.
# TYPE open gauge
open -2
# HELP rows_total Rows read.
# TYPE rows_total counter
rows_total{flow="a"} 1
rows_total{flow="b"} 7
# HELP took_seconds How long it took.
# TYPE took_seconds histogram
took_seconds_bucket{step="1:map",le="0.000001"} 1
took_seconds_bucket{step="1:map",le="0.25"} 3
took_seconds_bucket{step="1:map",le="10"} 3
took_seconds_bucket{step="1:map",le="+Inf"} 4
took_seconds_sum{step="1:map"} 11.2500009
took_seconds_count{step="1:map"} 4
"#;
        assert_eq!(encode(&metrics), expected);
        assert_eq!(encode(&Metrics::new()), "");
    }

    #[test]
    fn label_values_cannot_break_out_of_their_quotes() {
        let metrics = Metrics::new();
        metrics.counter(&ROWS, &["a\"} 9\nevil{x=\"\\"]).inc();
        let text = encode(&metrics);
        assert_eq!(text.lines().count(), 3);
        assert!(text.ends_with("rows_total{flow=\"a\\\"} 9\\nevil{x=\\\"\\\\\"} 1\n"), "{text}");
    }
}
