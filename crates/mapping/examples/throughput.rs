//! How long the mapping of a flight takes: 20 fields out of a row of 19, four of them computed with times.
//!
//! `cargo run --release -p tenon-mapping --example throughput`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program for people who measure; its input is its own"
)]

use std::{hint::black_box, time::Instant};

use jiff::Timestamp;
use tenon_errors::Place;
use tenon_mapping::{Frame, Inline, Located, Mapping, Scope, Source, Template, Type};
use tenon_model::{Field, Shape, Value};

const RUNS: u32 = 300_000;

const FIELDS: &[(&str, &str)] = &[
    ("id", "row.carrier + string(row.flight) + '-' + row.origin + '-' + string(date(row.time_hour))"),
    ("carrier", "row.carrier"),
    ("number", "row.flight"),
    ("origin", "row.origin"),
    ("destination", "row.dest"),
    ("tail_number", "row.?tailnum"),
    ("day", "date(row.time_hour)"),
    ("scheduled_departure", "row.time_hour + duration(string(row.minute) + 'm')"),
    ("departure", "row.?dep_delay.optMap(late, row.time_hour + duration(string(row.minute + late) + 'm'))"),
    ("departure_delay_minutes", "row.?dep_delay"),
    ("arrival_delay_minutes", "row.?arr_delay"),
    ("air_time_minutes", "row.?air_time"),
    ("distance_km", "math.round(double(row.distance) * 1.609344)"),
    ("status", "has(row.dep_time) ? 'departed' : 'cancelled'"),
    ("weather_hour", "row.time_hour"),
    ("month", "row.month"),
    ("year", "row.year"),
    ("hour", "row.hour"),
    ("late", "row.?dep_delay.orValue(0) > 15"),
    ("on_time", "row.?dep_delay.orValue(0) <= 15 && row.?arr_delay.orValue(0) <= 15"),
];

const INTEGERS: &[&str] = &[
    "year",
    "month",
    "day",
    "sched_dep_time",
    "sched_arr_time",
    "flight",
    "distance",
    "hour",
    "minute",
    "dep_time",
    "dep_delay",
    "arr_time",
    "arr_delay",
    "air_time",
];

fn main() {
    let frame = Frame::new(vec![value()], Timestamp::UNIX_EPOCH);
    for field in FIELDS {
        println!("{:>6.0} ns  {}: {}", nanoseconds(std::slice::from_ref(field), &frame), field.0, field.1);
    }
    println!("{:>6.0} ns  all {} fields", nanoseconds(FIELDS, &frame), FIELDS.len());
}

/// What one run of a mapping with these fields takes.
fn nanoseconds(fields: &[(&str, &str)], frame: &Frame) -> f64 {
    let place = Place::file("flows.yaml");
    let fields = fields.iter().map(|(name, text)| {
        let source = Source::new(*text, Inline::new("flows.yaml", *text));
        (Located::new((*name).into(), place.clone()), Template::Expression(source))
    });
    let template = Template::Record { fields: fields.collect(), remaining: None, place: place.clone() };
    let scope = Scope::new().with("row", Type::of(row()));
    let mapping = Mapping::compile(&template, &Shape::ANY, &scope).unwrap();
    let started = Instant::now();
    for _ in 0..RUNS {
        black_box(mapping.run(black_box(frame)).unwrap());
    }
    started.elapsed().as_nanos() as f64 / f64::from(RUNS)
}

fn row() -> Shape {
    let optional = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"];
    let mut fields: Vec<Field> = INTEGERS
        .iter()
        .map(|name| {
            if optional.contains(name) {
                Field::optional(*name, Shape::INT)
            } else {
                Field::required(*name, Shape::INT)
            }
        })
        .collect();
    fields.extend(["carrier", "origin", "dest"].map(|name| Field::required(name, Shape::string())));
    fields.push(Field::optional("tailnum", Shape::string()));
    fields.push(Field::required("time_hour", Shape::TIMESTAMP));
    Shape::record(fields)
}

fn value() -> Value {
    let mut fields: Vec<(&str, Value)> = INTEGERS.iter().map(|name| (*name, Value::Int(17))).collect();
    fields.extend(
        [("carrier", "UA"), ("origin", "EWR"), ("dest", "IAH"), ("tailnum", "N14228")]
            .map(|(name, text)| (name, Value::from(text))),
    );
    fields.push(("time_hour", Value::Timestamp("2013-01-01T10:00:00Z".parse().unwrap())));
    Value::record(fields)
}
