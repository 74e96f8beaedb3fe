//! The transformation of the flights as a careful programmer writes it by hand: typed by serde, each rule of the contract a line.

use serde::{Deserialize, Serialize};

use crate::Outcome;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    year: i64,
    month: i64,
    day: i64,
    dep_time: Option<i64>,
    sched_dep_time: i64,
    dep_delay: Option<i64>,
    arr_time: Option<i64>,
    sched_arr_time: i64,
    arr_delay: Option<i64>,
    carrier: String,
    flight: i64,
    tailnum: Option<String>,
    origin: String,
    dest: String,
    air_time: Option<i64>,
    distance: i64,
    hour: i64,
    minute: i64,
    time_hour: jiff::Timestamp,
}

#[derive(Serialize)]
struct Movement {
    id: String,
    carrier: String,
    number: i64,
    route: Route,
    distance_km: f64,
    status: &'static str,
    delay_minutes: i64,
    late: bool,
}

#[derive(Serialize)]
struct Route {
    from: String,
    to: String,
}

fn check(row: &Row) -> Result<(), String> {
    let within = |name: &str, n: i64, min: i64, max: i64| {
        if (min..=max).contains(&n) { Ok(()) } else { Err(format!("{name} is {n}, outside {min} to {max}")) }
    };
    let code = |name: &str, text: &str, length: usize| {
        let fits = text.len() == length && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if fits { Ok(()) } else { Err(format!("{name} is {text:?}, which is no code of {length} letters")) }
    };
    within("month", row.month, 1, 12)?;
    within("day", row.day, 1, 31)?;
    within("dep_time", row.dep_time.unwrap_or(0), 0, 2400)?;
    within("sched_dep_time", row.sched_dep_time, 0, 2400)?;
    within("arr_time", row.arr_time.unwrap_or(0), 0, 2400)?;
    within("sched_arr_time", row.sched_arr_time, 0, 2400)?;
    code("carrier", &row.carrier, 2)?;
    within("flight", row.flight, 1, 9999)?;
    code("origin", &row.origin, 3)?;
    code("dest", &row.dest, 3)?;
    within("air_time", row.air_time.unwrap_or(0), 0, i64::MAX)?;
    within("distance", row.distance, 0, i64::MAX)?;
    within("hour", row.hour, 0, 24)?;
    within("minute", row.minute, 0, 59)
}

pub(crate) fn transform(row: &[u8], out: &mut Vec<u8>) -> Outcome {
    let row: Row = serde_json::from_slice(row)?;
    check(&row)?;
    // What the mapping does not use is read all the same: it is a part of the message.
    std::hint::black_box((row.year, row.arr_delay, &row.tailnum, row.time_hour));
    let delay = row.dep_delay.unwrap_or(0);
    let movement = Movement {
        id: format!("{}{}-{}", row.carrier, row.flight, row.origin),
        carrier: row.carrier,
        number: row.flight,
        route: Route { from: row.origin, to: row.dest },
        distance_km: row.distance as f64 * 1.609344,
        status: if row.dep_time.is_some() { "departed" } else { "cancelled" },
        delay_minutes: delay,
        late: delay > 15,
    };
    Ok(serde_json::to_writer(out, &movement)?)
}
