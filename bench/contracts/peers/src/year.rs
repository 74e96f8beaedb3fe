//! What `ingest-flights` of the flights example does, by hand: rows are read, validated, looked up five times in memory, mapped and
//! appended to a file of JSON lines, which is on disk after each thousand. In one thread, as one would write it first.

use std::{
    collections::HashMap,
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    time::Instant,
};

use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use crate::Outcome;

/// How many rows are on disk at a time.
const BATCH: usize = 1_000;

#[derive(Deserialize)]
struct Row {
    month: i64,
    day: i64,
    #[serde(deserialize_with = "absent")]
    dep_time: Option<i64>,
    sched_dep_time: i64,
    #[serde(deserialize_with = "absent")]
    dep_delay: Option<i64>,
    #[serde(deserialize_with = "absent")]
    arr_time: Option<i64>,
    sched_arr_time: i64,
    #[serde(deserialize_with = "absent")]
    arr_delay: Option<i64>,
    carrier: String,
    flight: i64,
    #[serde(deserialize_with = "absent")]
    tailnum: Option<String>,
    origin: String,
    dest: String,
    #[serde(deserialize_with = "absent")]
    air_time: Option<i64>,
    distance: i64,
    hour: i64,
    minute: i64,
    time_hour: Timestamp,
}

#[derive(Deserialize)]
struct Airline {
    carrier: String,
    name: String,
}

#[derive(Deserialize)]
struct Airport {
    faa: String,
    name: String,
    tzone: String,
}

#[derive(Deserialize)]
struct Plane {
    tailnum: String,
    model: String,
}

#[derive(Deserialize)]
struct Weather {
    origin: String,
    time_hour: Timestamp,
    #[serde(deserialize_with = "absent")]
    temp: Option<f64>,
    #[serde(deserialize_with = "absent")]
    wind_speed: Option<f64>,
}

#[derive(Serialize)]
struct Flight<'r> {
    id: String,
    carrier: &'r str,
    airline: &'r str,
    number: i64,
    origin: &'r str,
    origin_name: &'r str,
    destination: &'r str,
    destination_name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tail_number: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aircraft: Option<&'r str>,
    day: jiff::civil::Date,
    scheduled_departure: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    departure: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    departure_delay_minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_arrival: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival_delay_minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    air_time_minutes: Option<i64>,
    distance_km: f64,
    status: &'static str,
    weather_hour: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature_c: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wind_speed_ms: Option<f64>,
}

/// `NA` and nothing are no value.
fn absent<'de, D: Deserializer<'de>, T: std::str::FromStr>(from: D) -> Result<Option<T>, D::Error> {
    let text = <&str>::deserialize(from)?;
    if text.is_empty() || text == "NA" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| serde::de::Error::custom(format!("{text:?} is not valid")))
}

fn table<T: DeserializeOwned, K: std::hash::Hash + Eq>(
    file: &Path,
    key: impl Fn(&T) -> K,
) -> Result<HashMap<K, T>, Box<dyn Error>> {
    let mut rows = csv::Reader::from_path(file)?;
    rows.deserialize().map(|row| row.map(|row: T| (key(&row), row)).map_err(Into::into)).collect()
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

/// The first time after `after` at which clocks of the zone show `clock` (HHMM).
fn next_local(after: Timestamp, clock: i64, zone: &TimeZone) -> Option<Timestamp> {
    let time = Time::new(i8::try_from(clock / 100 % 24).ok()?, i8::try_from(clock % 100).ok()?, 0, 0).ok()?;
    let start = zone.to_datetime(after).date();
    let at = |date: jiff::civil::Date| zone.to_timestamp(date.to_datetime(time)).ok();
    at(start).filter(|at| *at >= after).or_else(|| at(start.tomorrow().ok()?))
}

pub(crate) fn run(folder: &Path, out: &Path) -> Outcome {
    let airlines = table(&folder.join("airlines.csv"), |row: &Airline| row.carrier.clone())?;
    let airports = table(&folder.join("airports.csv"), |row: &Airport| row.faa.clone())?;
    let planes = table(&folder.join("planes.csv"), |row: &Plane| row.tailnum.clone())?;
    let weather = table(&folder.join("weather.csv"), |row: &Weather| (row.origin.clone(), row.time_hour))?;
    let mut zones: HashMap<&str, TimeZone> = HashMap::new();
    for airport in airports.values().filter(|airport| airport.tzone != "NA") {
        zones.entry(&airport.tzone).or_insert(TimeZone::get(&airport.tzone)?);
    }

    let started = Instant::now();
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out)?);
    let (mut count, mut written, mut refused) = (0, 0, 0);
    for row in csv::Reader::from_path(folder.join("flights.csv"))?.deserialize() {
        let row: Row = row?;
        count += 1;
        check(&row)?;
        let found = (airlines.get(&row.carrier), airports.get(&row.origin), airports.get(&row.dest));
        let (Some(airline), Some(origin), Some(destination)) = found else {
            refused += 1;
            continue;
        };
        let plane = row.tailnum.as_ref().and_then(|tail| planes.get(tail));
        let weather = weather.get(&(row.origin.clone(), row.time_hour));
        let minutes = |minutes: i64| SignedDuration::from_mins(minutes);
        let departure = row.time_hour + minutes(row.minute);
        let day = zones.get(&*origin.tzone).unwrap_or(&TimeZone::UTC).to_datetime(row.time_hour).date();
        let scheduled_arrival =
            zones.get(&*destination.tzone).and_then(|zone| next_local(departure, row.sched_arr_time, zone));
        let flight = Flight {
            id: format!("{}{}-{}-{day}", row.carrier, row.flight, row.origin),
            carrier: &row.carrier,
            airline: &airline.name,
            number: row.flight,
            origin: &row.origin,
            origin_name: &origin.name,
            destination: &row.dest,
            destination_name: &destination.name,
            tail_number: row.tailnum.as_deref(),
            aircraft: plane.map(|plane| &*plane.model),
            day,
            scheduled_departure: departure,
            departure: row.dep_delay.map(|late| departure + minutes(late)),
            departure_delay_minutes: row.dep_delay,
            scheduled_arrival,
            arrival: row.arr_delay.and_then(|late| Some(scheduled_arrival? + minutes(late))),
            arrival_delay_minutes: row.arr_delay,
            air_time_minutes: row.air_time,
            distance_km: (row.distance as f64 * 1.609344).round(),
            status: if row.dep_time.is_some() { "departed" } else { "cancelled" },
            weather_hour: row.time_hour,
            temperature_c: weather.and_then(|it| it.temp).map(|f| ((f - 32.0) / 1.8 * 10.0).round() / 10.0),
            wind_speed_ms: weather
                .and_then(|it| it.wind_speed)
                .map(|mph| (mph * 0.44704 * 10.0).round() / 10.0),
        };
        serde_json::to_writer(&mut file, &flight)?;
        file.write_all(b"\n")?;
        written += 1;
        if count % BATCH == 0 {
            file.flush()?;
            file.get_ref().sync_data()?;
        }
    }
    file.flush()?;
    file.get_ref().sync_data()?;
    let seconds = started.elapsed().as_secs_f64();
    println!("{count}\t{seconds:.3}\t{written}\t{refused}");
    Ok(())
}
