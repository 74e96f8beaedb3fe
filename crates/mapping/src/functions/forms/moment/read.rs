//! Reading a text by its form.

use jiff::{
    civil::{Date, Time},
    tz::Offset,
};
use tenon_model::rfc3339::{NoDate, is_date_of_data};

use super::{MomentForm, Part, named, repeated};

/// The first two-digit year of the twentieth century: `69` is 1969, and `68` is 2068 (POSIX `strptime`).
const PIVOT: i16 = 69;
/// The months, in English.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The days of the week, in English.
pub(super) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// How many letters of a name stand for it.
pub(super) const SHORT: usize = 3;

/// What a text says.
#[derive(Debug, Clone, Default)]
pub(in crate::functions) struct Fields {
    year: i16,
    month: i8,
    day: i8,
    day_of_year: Option<i16>,
    /// Counted from Monday.
    weekday: Option<usize>,
    hour: i8,
    /// Whether the hours after noon are meant, where hours are counted to 12.
    afternoon: Option<bool>,
    minute: i8,
    second: i8,
    nanosecond: i32,
    offset: Option<Offset>,
}

impl MomentForm {
    /// What a text of this form says.
    ///
    /// # Errors
    /// Why the text does not have the form.
    pub(in crate::functions) fn read(&self, text: &str) -> Result<Fields, String> {
        let mut rest = text;
        let mut fields = Fields::default();
        for part in &self.parts {
            match *part {
                Part::Literal(c) => {
                    rest = rest.strip_prefix(c).ok_or_else(|| missing(rest, &format!("`{c}`")))?;
                }
                Part::Letters(letter, count) => {
                    let before = rest;
                    fields.read(letter, count, &mut rest).ok_or_else(|| {
                        missing(before, &format!("the {} (`{}`)", named(letter), repeated(letter, count)))
                    })?;
                }
            }
        }
        if rest.is_empty() { Ok(fields) } else { Err(format!("`{rest}` is left over")) }
    }
}

fn missing(rest: &str, what: &str) -> String {
    if rest.is_empty() {
        format!("it ends where {what} should be")
    } else {
        format!("`{rest}` does not begin with {what}")
    }
}

impl Fields {
    fn read(&mut self, letter: char, count: usize, rest: &mut &str) -> Option<()> {
        let small = |n: i32| i8::try_from(n).ok();
        match (letter, count) {
            ('y', 2) => {
                let year = i16::try_from(number(rest, 2, 2)?).ok()?;
                self.year = year + if year < PIVOT { 2000 } else { 1900 };
            }
            ('y', _) => self.year = i16::try_from(number(rest, 4, 4)?).ok()?,
            ('M', 3..) => self.month = small(name(rest, &MONTHS, count)? as i32 + 1)?,
            ('E', _) => self.weekday = Some(name(rest, &WEEKDAYS, count)?),
            ('D', _) => self.day_of_year = Some(i16::try_from(number(rest, 3, 3)?).ok()?),
            ('M', _) => self.month = small(number(rest, count, 2)?)?,
            ('d', _) => self.day = small(number(rest, count, 2)?)?,
            ('H' | 'h', _) => self.hour = small(number(rest, count, 2)?)?,
            ('m', _) => self.minute = small(number(rest, count, 2)?)?,
            ('s', _) => self.second = small(number(rest, count, 2)?)?,
            ('S', _) => {
                let digits = u32::try_from(count).ok()?;
                self.nanosecond = number(rest, count, count)? * 10i32.pow(9 - digits);
            }
            ('a', _) => self.afternoon = Some(name(rest, &["AM", "PM"], usize::MAX)? == 1),
            _ => self.offset = Some(offset(rest, letter == 'X', count)?),
        }
        Some(())
    }

    /// The date that they say.
    ///
    /// # Errors
    /// Where there is no such day, or it is another day of the week.
    pub(in crate::functions) fn date(&self) -> Result<Date, String> {
        let Self { year, month, day, .. } = self;
        let date = match self.day_of_year {
            Some(day) => Date::new(*year, 1, 1)
                .and_then(|first| first.with().day_of_year(day).build())
                .map_err(|_| format!("the year {year} has no day {day}"))?,
            None => Date::new(*year, *month, *day)
                .map_err(|_| format!("{year:04}-{month:02}-{day:02} is not a date"))?,
        };
        if !is_date_of_data(date) {
            return Err(format!("{date} {}", NoDate::Range));
        }
        let weekday = date.weekday().to_monday_zero_offset().unsigned_abs() as usize;
        match self.weekday {
            Some(said) if said != weekday => {
                Err(format!("{date} is a {}, not a {}", WEEKDAYS[weekday], WEEKDAYS[said]))
            }
            _ => Ok(date),
        }
    }

    /// The time of day that they say.
    ///
    /// # Errors
    /// Where clocks do not show it.
    pub(in crate::functions) fn time(&self) -> Result<Time, String> {
        let Self { minute, second, .. } = *self;
        let hour = match self.afternoon {
            None => Some(self.hour),
            Some(_) if !(1..=12).contains(&self.hour) => None,
            Some(afternoon) => Some(self.hour % 12 + if afternoon { 12 } else { 0 }),
        };
        hour.and_then(|hour| Time::new(hour, minute, second, self.nanosecond).ok())
            .ok_or_else(|| format!("{:02}:{minute:02}:{second:02} is not a time of day", self.hour))
    }

    /// The offset that they say.
    pub(in crate::functions) fn offset(&self) -> Option<Offset> {
        self.offset
    }
}

/// A number of `least` to `most` digits.
fn number(rest: &mut &str, least: usize, most: usize) -> Option<i32> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (taken, tail) = rest.split_at(digits);
    *rest = tail;
    if digits < least { None } else { taken.parse().ok() }
}

/// Which of `names`, in any case, stands there in full or, where `count` is 3, by its first letters.
fn name(rest: &mut &str, names: &[&str], count: usize) -> Option<usize> {
    let starts = |name: &&str| {
        let name = if count == SHORT { &name[..SHORT] } else { name };
        rest.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(str::len)
    };
    let (position, length) = names
        .iter()
        .enumerate()
        .find_map(|(position, name)| starts(name).map(|length| (position, length)))?;
    *rest = &rest[length..];
    Some(position)
}

/// An offset: `+01` or `+0130` (`x`), `+0100` (`xx`), `+01:00` (`xxx`); or `Z`, where it is allowed.
fn offset(rest: &mut &str, zulu: bool, count: usize) -> Option<Offset> {
    if let (true, Some(tail)) = (zulu, rest.strip_prefix(['Z', 'z'])) {
        *rest = tail;
        return Some(Offset::UTC);
    }
    let sign = match rest.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    *rest = &rest[1..];
    let hours = number(rest, 2, 2)?;
    if count == 3 {
        *rest = rest.strip_prefix(':')?;
    }
    let has_minutes = count > 1 || rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let minutes = if has_minutes { number(rest, 2, 2)? } else { 0 };
    let inside = hours < 24 && minutes < 60;
    inside.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}
